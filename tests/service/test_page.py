"""The page for people, as a browser shows it."""

import pytest

ui = pytest.importorskip("selenium.webdriver.support.ui")

from selenium.webdriver.common.keys import Keys  # noqa: E402

from skmmrec import ALSRecommender, Interactions  # noqa: E402
from skmmrec.service import create_app  # noqa: E402
from tests._browser import requests_of  # noqa: E402
from tests.service.conftest import ITEMS, RED, fitted, png, served, shop  # noqa: E402

SCRIPT = "<script>document.title = 'owned'</script>"
LONG, REVERSED = "endless" * 700, "a \u202egnp.exe"
TITLES = [SCRIPT, "Herring", LONG, "Cod", REVERSED, "Eel", "Plum", " "]
UNNAMED = ITEMS[-1]  # has no title, and is called by its id


@pytest.fixture(scope="module")
def address(browser):
    X = shop()
    X.items["title"] = TITLES
    # the eel is described as an apple, the plum as a fish; they look as they should
    texts = list(X.items["about"])
    X.items["about"] = [*texts[:5], texts[6], texts[5], texts[7]]
    with served(create_app(fitted(X), X.items)) as address:
        yield address


class Page:
    """What a person sees and does."""

    def __init__(self, browser):
        self.browser = browser

    def open(self, address, width=1280, scheme="light"):
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1}
        browser, features = (
            self.browser,
            [
                {"name": "prefers-color-scheme", "value": scheme},
                {"name": "prefers-reduced-motion", "value": "reduce"},
            ],
        )
        self.run(
            "Emulation.setDeviceMetricsOverride", metrics | {"mobile": width < 600}
        )
        self.run("Emulation.setEmulatedMedia", {"features": features})
        requests_of(browser), browser.get_log("browser")  # those of the page before
        browser.get(address)
        return self

    def run(self, command, options):
        self.browser.execute_cdp_cmd(command, options)

    def all(self, selector):
        return self.browser.find_elements("css selector", selector)

    def one(self, selector):
        return self.until(lambda: self.all(selector))[0]

    def until(self, true):
        return ui.WebDriverWait(self.browser, 10, 0.05).until(lambda _: true())

    def script(self, text):
        return self.browser.execute_script(f"return {text}")

    def texts(self, selector):
        return self.script(
            f"[...document.querySelectorAll({selector!r})].map(e => e.textContent)"
        )

    def slide(self, place, key):
        self.one(f"#weight-{place}").send_keys(key)

    def wait_for(self, selector, text):
        self.until(lambda: text in " ".join(self.texts(selector)))

    def fits(self):
        """Whether nothing has to be scrolled to sideways, lists included."""
        return self.script(
            "[document.documentElement, ...document.querySelectorAll('#found, .card')]"
            ".every(e => e.scrollWidth <= e.clientWidth)"
        )

    def complaints(self):
        return [entry["message"] for entry in self.browser.get_log("browser")]


@pytest.fixture
def page(browser):
    page = Page(browser)
    yield page
    page.run("Emulation.clearDeviceMetricsOverride", {})
    page.run("Emulation.setEmulatedMedia", {"features": []})


def test_an_offer_has_pictures_and_reasons_and_comes_from_here_alone(page, address):
    """Each item with a picture shows it; nothing else is asked for, no complaint."""
    page.open(address).until(lambda: len(page.all(".card .reasons")) == 6)
    assert page.texts("#heading") == ["For user ann"]
    assert set(page.texts(".card:first-child .reason .name")) == {
        "text",
        "image",
        "sound",
    }
    # of the six that ann did not have, one has no picture
    page.until(lambda: len(page.all(".card img")) == 5)
    widths = page.script(
        "[...document.querySelectorAll('.card img')].map(i => i.naturalWidth)"
    )
    assert min(widths) > 0
    fetched = page.script("performance.getEntriesByType('resource').map(e => e.name)")
    asked = {*fetched, *requests_of(page.browser)}
    assert address + "model" in asked
    assert all(a.startswith((address, f"blob:{address}", "data:")) for a in asked)
    assert page.complaints() == []


def test_the_policy_stops_what_would_leave(page, address):
    """An image, a script and a request to elsewhere, as markup might bring them."""
    page.open(address).one(".card")
    page.browser.execute_script(
        """window.stopped = [];
        addEventListener('securitypolicyviolation',
          event => stopped.push(event.effectiveDirective));
        const image = new Image(); image.src = 'http://example.org/a.png';
        const script = document.createElement('script'); script.textContent = '0';
        document.body.append(image, script);
        fetch('http://example.org/').catch(() => 0);"""
    )
    stopped = {"img-src", "script-src-elem", "connect-src"}
    page.until(lambda: set(page.script("stopped")) == stopped)


@pytest.mark.parametrize("width", [390, 1280])
def test_titles_are_text_and_fit(page, address, width):
    """Markup, thousands of letters, letters that turn the direction, nothing at all."""
    page.open(address, width).until(lambda: len(page.all(".card .reasons")) == 6)
    offered = {"Herring", "Cod", REVERSED, "Eel", "Plum", UNNAMED}
    assert set(page.texts(".card .title")) == offered
    page.one("#tab-items").click()
    page.one("#item").send_keys("e")
    page.until(lambda: len(page.all("#found .row")) == 6)
    assert page.fits()
    for row in page.all("#found .row"):
        page.browser.execute_script("arguments[0].click()", row)
    page.until(lambda: len(page.all("#picked .row")) == 6)
    page.until(lambda: len(page.all(".card .reasons")) == 2)
    assert page.fits()
    picked = {SCRIPT, LONG, REVERSED, "Herring", "Eel", UNNAMED}
    assert set(page.texts("#picked .name")) == picked
    assert set(page.texts(".card .title")) == {"Cod", "Plum"}
    assert page.script("document.title") == "Recommendations"
    page.one("#picked .row").click()
    page.until(lambda: len(page.all(".card")) == 3)
    page.one("#tab-user").click()
    page.one(f"[aria-label='More like {LONG}']").click()
    page.wait_for("#heading", f"More like {LONG}")
    assert page.fits()
    assert page.one("#heading").size["height"] < 80


def test_a_slider_changes_the_ranking(page, address):
    """By keyboard: by texts the eel is an apple, by pictures the plum is red."""
    page.open(address).until(lambda: len(page.all(".card .reasons")) == 6)
    plain = page.texts(".card .title")

    def is_before(first, second):
        titles = page.texts(".card .title")
        return titles.index(first) < titles.index(second)

    page.slide(2, Keys.HOME)
    page.slide(1, Keys.HOME)
    page.until(lambda: page.texts(".moved") and is_before("Eel", "Plum"))
    shown = [one.get_attribute("aria-valuetext") for one in page.all("#sliders input")]
    assert shown == ["times 1", "times 0", "times 0"]
    page.one("#reset").click()
    page.until(lambda: page.texts(".card .title") == plain and not page.all(".moved"))
    assert page.script("document.activeElement.id") == "weight-0"
    page.slide(2, Keys.HOME)
    page.slide(0, Keys.HOME)
    page.until(lambda: is_before("Plum", "Eel"))
    page.until(lambda: page.texts(".card:first-child .value")[::2] == ["0.00", "0.00"])


def test_texts_and_pictures_are_searched_by(page, address, tmp_path):
    """Fish for a text about the sea, red things for a red picture."""
    page.open(address).one(".card")
    page.one("#tab-search").click()
    page.one("#text").send_keys("fish of the sea")
    page.one("#by-text button").click()
    page.wait_for("#heading", "Like your text")
    assert set(page.texts(".card .title")[:4]) == {"Herring", "Cod", "Plum", UNNAMED}
    (tmp_path / "red.png").write_bytes(png(RED))
    page.one("#file").send_keys(str(tmp_path / "red.png"))
    page.wait_for("#heading", "Like your picture")
    assert set(page.texts(".card .title")[:3]) == {SCRIPT, LONG, "Plum"}
    assert page.complaints() == []


def test_what_goes_wrong_is_a_sentence(page, address, tmp_path):
    """A file that is no picture, words nobody is called by, a service that is gone."""
    page.open(address).one(".card")
    page.one("#user").send_keys("zoe")
    page.wait_for("#no-users", "No user is called so.")
    page.one("#user").send_keys(Keys.ENTER)
    page.wait_for("#note", "The model does not know this user")
    assert page.texts("#heading") == ["For user zoe"]
    page.one("#tab-items").click()
    page.wait_for(".empty", "Pick an item or two")
    page.one("#item").send_keys("zebra")
    page.wait_for("#no-items", "No item is called so.")
    page.one("#tab-search").click()
    (tmp_path / "no.png").write_bytes(b"no picture")
    page.one("#file").send_keys(str(tmp_path / "no.png"))
    page.wait_for("#note", "The file must be a picture that can be read")
    page.run("Network.enable", {})
    gone = {"latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
    page.run("Network.emulateNetworkConditions", gone | {"offline": True})
    page.one("#tab-user").click()
    page.wait_for("#note", "The service cannot be reached.")
    page.run("Network.emulateNetworkConditions", gone | {"offline": False})


def test_nothing_left_is_said(page, browser):
    """To a user who had everything."""
    X = Interactions({"user": [1, 1], "item": ["tea", "jam"]})
    with served(create_app(ALSRecommender(2, random_state=0).fit(X))) as address:
        page.open(address).wait_for(".empty", "Nothing is left to offer.")
        # no content: no pictures, nothing to weigh, nothing to search by
        assert page.texts("#likes .name") == ["jam", "tea"]
        assert not page.all("#likes .tile")
        assert not page.one("#weights").is_displayed()
        assert not page.one("#tab-search").is_displayed()
        assert page.complaints() == []


def test_the_token_is_asked_for_until_it_is_right(page, model):
    """Once for all requests; who gives none reads how to."""
    with served(create_app(model, token="open sesame")) as address:
        page.open(address).until(lambda: page.one("#token").is_displayed())
        page.one("#token").send_keys(Keys.ESCAPE)
        page.wait_for("#note", "The service answers only with its token")
        page.open(address).until(lambda: page.one("#token").is_displayed())
        page.one("#token").send_keys("sesame", Keys.ENTER)
        page.wait_for("#token-note", "The service does not take this token.")
        page.one("#token").send_keys("open sesame", Keys.ENTER)
        page.one(".card")
        assert not page.one("#token").is_displayed()
        page.open(address).one(".card")  # kept for as long as the tab is open


def test_the_keyboard_goes_everywhere(page, address):
    """All that can be focused has a name; arrows go through the tabs."""
    page.open(address).until(lambda: len(page.all(".card .reasons")) == 6)
    page.one("#tab-user").send_keys(Keys.ARROW_RIGHT)
    assert page.script("document.activeElement.id") == "tab-items"
    assert page.one("#tab-items").get_attribute("aria-selected") == "true"
    assert page.one("#item").is_displayed()
    controls = page.all("button, input, textarea, summary")
    names = [one.accessible_name for one in controls if one.is_displayed()]
    assert len(names) > 10
    assert all(names)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(page, address, scheme):
    """By day and by night: a contrast of 4.5 to 1 and more (WCAG 2.1, 1.4.3)."""
    page.open(address, scheme=scheme).until(
        lambda: len(page.all(".card .reasons")) == 6
    )
    page.slide(2, Keys.HOME)
    page.slide(1, Keys.HOME)
    page.one(".moved")
    ratios = page.browser.execute_script(CONTRASTS)
    assert len(ratios) > 40
    assert min(ratios) >= 4.5


CONTRASTS = r"""
const channels = color => color.match(/[\d.]+/g).map(Number);
const light = color => channels(color).slice(0, 3)
  .map(c => c / 255).map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
  .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
const back = e => {
  for (; e; e = e.parentElement) {
    const color = getComputedStyle(e).backgroundColor;
    if (channels(color)[3] !== 0) return color;
  }
};
return [...document.querySelectorAll('p, h1, h2, button, span, label, output, summary')]
  .filter(e => e.checkVisibility() && [...e.childNodes].some(n => n.nodeType === 3))
  .map(e => [light(getComputedStyle(e).color), light(back(e))].sort((a, b) => b - a))
  .map(([a, b]) => (a + 0.05) / (b + 0.05));
"""
