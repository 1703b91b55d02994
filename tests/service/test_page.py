"""The page for people, as they use it: in Chromium."""

import pytest

from skmmrec import ALSRecommender
from skmmrec.service import create_app

from .conftest import BLUE, Running, fitted, png

TOKEN = "open sesame"


@pytest.fixture(scope="module")
def url(model, X):
    with Running(create_app(model, X.items)) as url:
        yield url


class Page:
    """What is seen, and what is done."""

    def __init__(self, browser):
        self.browser = browser

    def wait(self, what, seconds=20):
        from selenium.webdriver.support.ui import WebDriverWait

        return WebDriverWait(self.browser, seconds).until(lambda _: what())

    def one(self, selector):
        return self.browser.find_element("css selector", selector)

    def run(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def titles(self):
        return self.run(
            "return [...document.querySelectorAll('#cards .title')]"
            ".map(e => e.textContent)"
        )

    def shows(self, first):
        self.wait(lambda: self.titles()[:1] == [first])

    def set_weight(self, name, value):
        self.run(
            "const label = [...document.querySelectorAll('.weight label')]"
            ".find(l => l.textContent === arguments[0]);"
            "const input = document.getElementById(label.htmlFor);"
            "input.value = arguments[1];"
            "input.dispatchEvent(new Event('input'));",
            name,
            value,
        )


@pytest.fixture
def page(browser):
    browser.set_window_size(1280, 900)
    yield Page(browser)
    browser.execute_script("sessionStorage.clear()")


def test_an_offer_with_pictures_and_reasons(page, requested, url):
    """Nothing is fetched from elsewhere, and a title is text, whatever is in it."""
    addresses = requested(url)
    page.wait(lambda: len(page.titles()) == 6)
    page.wait(lambda: page.run("return document.querySelectorAll('.bar').length") > 6)
    page.wait(
        lambda: min(
            page.run(
                "return [0, ...[...document.querySelectorAll('#cards img')]"
                ".map(i => i.naturalWidth)].slice(1)"
            ),
            default=0,
        )
    )
    assert all(address.startswith((url, "blob:", "data:")) for address in addresses)
    titles = page.titles()
    assert titles[0].startswith("Apple")
    assert "<img src=x onerror=alert(2)>" in titles
    assert page.run("return document.querySelectorAll('[onerror]').length") == 0
    assert "As you liked" in page.one("#cards").text
    loud = [e for e in page.browser.get_log("browser") if e["level"] == "SEVERE"]
    assert loud == []


def test_sliders_change_the_ranking(page, requested, url):
    """4 has no picture, and comes first where its text alone counts."""
    requested(url)
    page.wait(lambda: len(page.titles()) == 6)
    before = page.titles()
    page.set_weight("image", 0)
    page.set_weight("sound", 0)
    page.wait(lambda: page.titles()[:2] == before[1::-1])
    moved = "return [...document.querySelectorAll('.moved')].map(e => e.textContent)"
    assert page.run(moved) == ["▲ 1", "▼ 1"]
    page.one("#reset").click()
    page.wait(lambda: page.titles() == before)


def test_somebody_who_likes_these(page, requested, url):
    """Items that are picked make a session."""
    requested(url)
    page.wait(page.titles)
    page.one("#tab-items").click()
    page.one("#item").send_keys("Fish 1")
    page.wait(
        lambda: (
            page.run(
                "return [...document.querySelectorAll('#found .name')]"
                ".map(e => e.textContent).join()"
            )
            == "Fish 1"
        )
    )
    page.one("#found button").click()
    page.wait(lambda: page.one("#heading").text == "For somebody who likes these")
    page.wait(lambda: page.titles() and page.titles()[0].startswith("Fish"))
    assert "Fish 1" not in page.titles()


def test_search_by_text_and_by_picture(page, requested, url, tmp_path):
    requested(url)
    page.wait(page.titles)
    page.one("#tab-search").click()
    page.one("#text").send_keys("a fish of the sea")
    page.one("#by-text button").click()
    page.wait(lambda: page.one("#heading").text == "Like your text")
    page.wait(lambda: page.titles() and page.titles()[0].startswith("Fish"))
    file = tmp_path / "blue.png"
    file.write_bytes(png(BLUE))
    page.one("#file").send_keys(str(file))
    page.wait(lambda: page.one("#heading").text == "Like your picture")
    page.wait(lambda: page.titles() and page.titles()[0].startswith("Fish"))


def test_it_asks_for_a_token(page, requested, model, X):
    """And is told that it is wrong by being asked again."""
    with Running(create_app(model, X.items, token=TOKEN)) as url:
        requested(url)
        for token in ("wrong", TOKEN):
            page.wait(lambda: page.one("#ask").is_displayed())
            page.one("#token").clear()
            page.one("#token").send_keys(token)
            page.one("#ask button").click()
        page.wait(lambda: len(page.titles()) == 6)


def test_a_model_without_media_or_weights(page, requested, X):
    """What it cannot do is not offered."""
    model = fitted(X, ALSRecommender(2, random_state=0))
    with Running(create_app(model)) as url:
        requested(url)
        page.wait(page.titles)
        assert (
            page.run("return document.querySelectorAll('#sliders input').length") == 0
        )
        assert not page.one("#reset").is_displayed()


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_wider_than_the_window(page, requested, url, width):
    page.browser.set_window_size(width, 900)
    requested(url)
    page.wait(page.titles)
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")
