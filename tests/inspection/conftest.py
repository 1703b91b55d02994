"""Pages, opened in a browser."""

import pytest

from tests._browser import requests_of


@pytest.fixture
def requested(browser):
    """Opens a page: the addresses that it asked for, itself first."""

    def open_page(path):
        requests_of(browser)  # those of the page before
        browser.get(path.as_uri())
        return requests_of(browser)

    return open_page
