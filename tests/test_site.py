"""The documentation as it is built: links, search, small screens, all of it offline."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests._browser import requests_of
from tests._docs import DOCS
from tests.test_doc_links import ESTIMATORS


class Links(HTMLParser):
    """The ids of a page, where it links to, and what it loads."""

    def __init__(self, page):
        super().__init__()
        self.ids, self.links, self.loads = {""}, set(), set()
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.ids.add(attributes.get("id"))
        if tag == "a" and "href" in attributes:
            self.links.add(attributes["href"])
        elif "src" in attributes:
            self.loads.add(attributes["src"])
        elif tag == "link" and attributes.get("rel") == "stylesheet":
            self.loads.add(attributes["href"])


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Built once, as by make html-noplot, with warnings as errors."""
    for needed in ("sphinx_design", "sphinx_gallery", "pydata_sphinx_theme"):
        pytest.importorskip(needed)
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-n", "-q"]
    command += ["-D", "plot_gallery=0"]
    built = subprocess.run(
        [*command, "-b", "html", str(DOCS), str(folder)], capture_output=True, text=True
    )
    assert built.returncode == 0, built.stderr[-5000:]
    return folder


@pytest.fixture(scope="module")
def pages(site):
    found = [page for page in site.rglob("*.html") if "_static" not in page.parts]
    return {page.resolve(): Links(page) for page in found}


def test_no_link_leads_nowhere(pages):
    """The file is there, and the anchor in it."""
    broken = []
    for page, found in pages.items():
        for link in found.links | found.loads:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            path = unquote(parts.path)
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (
                target in pages and unquote(parts.fragment) not in pages[target].ids
            ):
                broken.append(f"{page.name}: {link}")
    assert broken == []


def test_no_page_loads_anything_from_elsewhere(pages):
    """So that the documentation works offline."""
    assert len(pages) > 100
    for found in pages.values():
        assert not [link for link in found.loads if urlsplit(link).netloc]


@pytest.mark.parametrize("cls", ESTIMATORS, ids=lambda cls: cls.__name__)
def test_an_estimator_has_the_page_that_its_diagram_links_to(cls, site):
    link = cls._get_doc_link(object.__new__(cls))
    assert (site / "generated" / Path(link).name).exists()


def test_the_search_finds_a_term_offline(site, browser):
    """From files, without a server."""
    from selenium.webdriver.common.by import By
    from selenium.webdriver.support.ui import WebDriverWait

    requests_of(browser)
    browser.get(f"{(site / 'search.html').as_uri()}?q=leave-last-out")
    found = (By.CSS_SELECTOR, "#search-results li a")
    WebDriverWait(browser, 20).until(lambda driver: driver.find_elements(*found))
    titles = [link.text for link in browser.find_elements(*found)]
    assert "Glossary" in titles
    assert "skmmrec.LeaveLastOut" in titles
    assert not [link for link in requests_of(browser) if link.startswith("http")]


@pytest.mark.parametrize("page", ["index", "choosing", "guide/metrics", "api"])
def test_a_page_fits_a_telephone(page, site, browser):
    """No sideways scrolling of the page at 390 pixels, though tables may scroll."""
    size = {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        browser.get((site / f"{page}.html").as_uri())
        width = browser.execute_script("return document.documentElement.scrollWidth")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert width <= 390
