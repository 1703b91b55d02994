"""A browser, to see pages as people do."""

import json
import shutil

import pytest


def _found(*names):
    path = next(filter(None, map(shutil.which, names)), None)
    return path or pytest.skip(f"{names[0]} is not installed: Debian's chromium-driver")


@pytest.fixture(scope="session")
def browser():
    """Chromium without a window; skips the test where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver")
    options = webdriver.ChromeOptions()
    options.binary_location = _found("chromium", "chromium-browser", "google-chrome")
    logged = {"performance": "ALL", "browser": "ALL"}
    options.set_capability("goog:loggingPrefs", logged)
    # whatever a page asks for is logged, and none of it is reached
    rules = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", rules):
        options.add_argument(argument)
    service = webdriver.ChromeService(_found("chromedriver"))
    driver = webdriver.Chrome(options=options, service=service)
    yield driver
    driver.quit()


def requests_of(browser):
    """The addresses that were asked for since this was called before."""
    messages = (
        json.loads(entry["message"])["message"]
        for entry in browser.get_log("performance")
    )
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
