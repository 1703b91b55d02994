"""The page of recommendations: read as text, and opened in a browser."""

import io
import re
from html import escape

import numpy as np
import pytest
from PIL import Image
from sklearn.pipeline import make_pipeline as sklearn_pipeline

from skmmrec import (
    ContentRecommender,
    Interactions,
    MultimodalFusion,
    PopularityRecommender,
    RecommendationDisplay,
    make_pipeline,
)
from skmmrec.inspection._data_uris import picture_uri, sound_uri
from skmmrec.inspection._explain import explain

SCRIPT = "<script>alert(1)</script>"
BREAKOUT = "\"><img src='https://example.org/a.png' onerror='alert(2)'>"
RED = np.full((40, 60, 3), (200, 30, 30), dtype=np.uint8)


def png(array):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "PNG")
    return file.getvalue()


def tone(seconds=0.2, rate=8000):
    return np.sin(np.arange(int(seconds * rate)) / 4), rate


def world(**columns):
    """Four items; ann liked a and then b, bob d, c, b."""
    items = {
        "item": list("abcd"),
        "name": [SCRIPT, BREAKOUT, "Jam & honey", "Tea"],
        "photo": [RED, png(RED), None, np.swapaxes(RED, 0, 1)],
        "clip": [tone(), None, tone(30), None],
        "sweet": [1.0, 0.9, 0.8, 0.1],
        "fruit": [0.9, 0.3, 0.9, -0.8],
        **columns,
    }
    events = {
        "user": ["ann", "ann", "bob", "bob", "bob"],
        "item": list("badcb"),
        "day": [2, 1, 1, 2, 3],
    }
    return Interactions(events, items=items, time="day")


def pipeline(X):
    branches = [
        ("sweet", "passthrough", ["sweet"]),
        ("fruit", "passthrough", ["fruit"]),
    ]
    return make_pipeline(MultimodalFusion(branches), ContentRecommender()).fit(X)


COLUMNS = {"title": "name", "image": "photo", "audio": "clip"}


@pytest.fixture(scope="module")
def display():
    X = world()
    return RecommendationDisplay.from_estimator(
        pipeline(X), X, ["ann", "bob"], **{"k": 2} | COLUMNS
    )


def test_likes_stand_beside_what_is_offered(display):
    """The latest like first; nothing is offered that the user had."""
    assert display.users == ["ann", "bob"]
    assert display.liked == [["b", "a"], ["b", "c", "d"]]
    assert display.offered == [["c", "d"], ["a"]]
    html = display._repr_html_()
    assert html.index("User ann") < html.index("Liked") < html.index("Offered")


def test_media_is_in_the_page_and_small(display):
    """A thumbnail of each picture, some seconds of each sound."""
    assert display.cards["a"].image.startswith("data:image/jpeg;base64,")
    assert display.cards["c"].image is None
    assert display.cards["b"].audio is None
    assert display.cards["a"].audio.startswith("data:audio/ogg;base64,")
    assert len(display.cards["c"].audio) < 120_000
    large = np.random.default_rng(0).integers(0, 256, (2000, 3000, 3), dtype=np.uint8)
    assert len(picture_uri(large, 0)) < 200_000


@pytest.mark.parametrize("seconds", [0.01, 3.0, 40.0])
def test_sounds_are_shortened(seconds):
    """To the duration, whatever their length and rate; read back as they are."""
    import base64

    import soundfile

    uri = sound_uri(tone(seconds, 44_100), 0, 5.0)
    samples, rate = soundfile.read(io.BytesIO(base64.b64decode(uri.split(",")[1])))
    assert len(samples) / rate == pytest.approx(min(seconds, 5.0), abs=0.01)


def test_all_data_is_escaped(display):
    """Titles, ids, users; also where they stand in an attribute."""
    html = display._repr_html_()
    assert "<script" not in html
    assert "onerror='" not in html
    assert html.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2
    assert "Jam &amp; honey" in html
    X = Interactions({"user": [BREAKOUT, "x"], "item": [SCRIPT, BREAKOUT]})
    model = PopularityRecommender().fit(X)
    html = RecommendationDisplay.from_estimator(model, X, [BREAKOUT], k=1)._repr_html_()
    assert "<script" not in html
    assert "<img" not in html


def test_broken_text_is_no_reason_to_fail(tmp_path):
    """Half a character becomes a question mark."""
    X = Interactions({"user": [1, 1, 2], "item": ["a\ud800", "b", "b"]})
    model = PopularityRecommender().fit(X)
    display = RecommendationDisplay.from_estimator(model, X, [2], k=1)
    page = display.save(tmp_path / "page.html").read_text(encoding="utf-8")
    assert '<p class="title">a?</p>' in page


def test_the_page_names_no_other_place(display, tmp_path):
    """Every source is in it, and the policy says so."""
    page = display.save(tmp_path / "page.html").read_text(encoding="utf-8")
    assert "default-src 'none'; img-src data:; media-src data:" in page
    assert all(uri.startswith("data:") for uri in re.findall(r'src="([^"]*)"', page))
    assert not re.search(r"https?:", page.replace(BREAKOUT.split("'")[1], ""))
    assert "@import" not in page
    assert "url(" not in page


def test_a_browser_shows_all_and_fetches_nothing(display, browser, requested, tmp_path):
    """Pictures and sounds load, a script in a title is text."""
    from selenium.webdriver.support.ui import WebDriverWait

    addresses = requested(display.save(tmp_path / "page.html"))
    assert addresses[0].startswith("file:")
    assert {address.split(":")[0] for address in addresses[1:]} == {"data"}
    widths = browser.execute_script(
        "return [...document.images].map(i => i.naturalWidth)"
    )
    assert len(widths) == 6
    assert min(widths) > 0
    script = "return [...document.querySelectorAll('audio')].map(a => a.duration)"
    WebDriverWait(browser, 10).until(lambda b: all(b.execute_script(script)))
    durations = browser.execute_script(script)
    assert len(durations) == 4
    assert max(durations) == pytest.approx(8, abs=0.1)
    assert browser.execute_script("return document.scripts.length") == 0
    titles = [e.text for e in browser.find_elements("class name", "title")]
    assert {SCRIPT, BREAKOUT, "Jam & honey"} <= set(titles)
    images = browser.find_elements("tag name", "img")
    assert {f"Picture of {BREAKOUT}", f"Picture of {SCRIPT}", "Picture of Tea"} == {
        image.get_attribute("alt") for image in images
    }


def test_a_page_that_asks_for_more_is_found_out(requested, tmp_path):
    """The log of the browser shows what ours must not do."""
    page = tmp_path / "page.html"
    page.write_text("<img src='http://example.org/a.png'>")
    assert "http://example.org/a.png" in requested(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(display, browser, requested, tmp_path, scheme):
    """By day and by night: a contrast of 4.5 to 1 and more (WCAG 2.1, 1.4.3)."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    requested(display.save(tmp_path / "page.html"))
    colors = browser.execute_script(
        """const back = e => {
          for (; e; e = e.parentElement) {
            const color = getComputedStyle(e).backgroundColor;
            if (!color.endsWith(', 0)')) return color; }};
        return [...document.querySelectorAll('p, h2, h3, li span')]
          .filter(e => e.textContent).map(e => [getComputedStyle(e).color, back(e)])"""
    )
    assert len(colors) > 20
    assert min(contrast(*pair) for pair in colors) > 4.5
    dark = luminance(colors[0][1]) < 0.1
    assert dark == (scheme == "dark")


def luminance(color):
    """Relative luminance of "rgb(r, g, b)" (WCAG 2.1)."""
    channels = np.array(re.findall(r"[\d.]+", color)[:3], float) / 255
    low = channels / 12.92
    linear = np.where(channels <= 0.04045, low, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(first, second):
    dark, light = sorted([luminance(first), luminance(second)])
    return (light + 0.05) / (dark + 0.05)


def test_reasons_are_those_of_explain(display):
    """A bar for each modality, and what it is like of what the user liked."""
    X = world()
    pipe = pipeline(X)
    for user, offered, reasons in zip(display.users, display.offered, display.reasons):
        assert reasons == [explain(pipe, user, item, X) for item in offered]
    html = display._repr_html_()
    largest = max(map(abs, display.reasons[1][0].modalities.values()))
    for name, value in display.reasons[1][0].modalities.items():
        width = f"{100 * abs(value) / largest:.0f}%"
        assert re.search(rf"<span>{name}</span><span[^>]*><span[^>]*{width}", html)
    best, _ = max(display.reasons[1][0].items, key=lambda like: like[1])
    name = {"b": BREAKOUT, "c": "Jam & honey", "d": "Tea"}[best]
    assert f"As you liked “{escape(name)}”" in html


def test_reasons_can_be_left_out():
    X = world()
    shown = RecommendationDisplay.from_estimator(
        pipeline(X), X, ["bob"], k=1, reasons=False
    )
    assert shown.reasons == [[None]]
    assert 'class="reasons"' not in shown._repr_html_()


def test_a_damaged_picture_is_left_out_with_a_warning():
    """One sentence for all of them; the page is there all the same."""
    X = world(photo=[b"no picture", "nowhere.png", png(RED), None])
    with pytest.warns(UserWarning, match="picture that is shown .* got 2 that is not"):
        display = RecommendationDisplay.from_estimator(
            pipeline(X), X, ["ann"], k=2, image="photo"
        )
    assert [display.cards[item].image is None for item in "abc"] == [True, True, False]
    assert "no picture" in display._repr_html_()


def test_files_stay_in_their_root(tmp_path):
    """A path of a stranger embeds no other picture of this machine."""
    (tmp_path / "in").mkdir()
    for name in ("in/mine.png", "secret.png"):
        (tmp_path / name).write_bytes(png(RED))
    X = world(photo=["mine.png", "../secret.png", None, None])
    with pytest.warns(UserWarning, match="must lie in the root"):
        display = RecommendationDisplay.from_estimator(
            pipeline(X), X, ["ann"], k=1, image="photo", root=tmp_path / "in"
        )
    assert display.cards["a"].image is not None
    assert display.cards["b"].image is None


def test_tables_of_any_library(frame):
    """Bytes and paths in a frame are read as in a mapping."""
    columns = {"item": ["a", "b", "c"], "name": ["A", None, "C"]}
    columns["photo"] = [png(RED), None, png(RED)]
    events = {"user": [1, 2, 2], "item": ["a", "a", "b"]}
    X = Interactions(events, items=frame(columns))
    display = RecommendationDisplay.from_estimator(
        PopularityRecommender().fit(X), X, [1, 2], k=2, title="name", image="photo"
    )
    assert [display.cards[i].title for i in "abc"] == ["A", "b", "C"]
    assert [bool(display.cards[i].image) for i in "abc"] == [True, False, True]


def test_new_users_and_ids_alone_will_do():
    """Without a table, in a pipeline of scikit-learn, for one who has liked nothing."""
    X = Interactions({"user": [1, 1, 2], "item": [10, 20, 10]})
    pipe = sklearn_pipeline(PopularityRecommender()).fit(X)
    display = RecommendationDisplay.from_estimator(pipe, X, [99], k=2, candidates=[20])
    assert display.liked == [[]]
    assert display.offered == [[20]]
    html = display._repr_html_()
    assert "no likes are known" in html
    assert 'class="picture"' not in html


def test_long_titles_are_cut_and_what_turns_text_around_is_left_out():
    titles = ["z" * 5000, "a\u202eb\x00c"]
    X = Interactions(
        {"user": [1, 2], "item": [1, 1]}, items={"item": [1, 2], "title": titles}
    )
    model = PopularityRecommender().fit(X)
    html = RecommendationDisplay.from_estimator(
        model, X, [1], k=1, title="title"
    )._repr_html_()
    assert "z" * 199 + "…<" in html
    assert ">abc<" in html


def test_numbers_of_what_is_shown_are_checked():
    X = world()
    with pytest.raises(ValueError, match="n_liked must be a whole number of 1 or more"):
        RecommendationDisplay.from_estimator(pipeline(X), X, X.user_ids[:1], n_liked=-1)


def test_an_encoded_table_cannot_be_shown():
    """Features are nothing to look at; a column that is not there is named."""
    X = world()
    pipe = pipeline(X)
    with pytest.raises(ValueError, match="item table as it was before encoding; got"):
        RecommendationDisplay.from_estimator(
            pipe[-1], pipe[0].transform(X), ["ann"], k=1, title="name"
        )
    with pytest.raises(ValueError, match="must have a column 'titel'"):
        RecommendationDisplay.from_estimator(pipe, X, ["ann"], k=1, title="titel")
    with pytest.raises(TypeError, match="users must be a list of ids"):
        RecommendationDisplay.from_estimator(pipe, X, "ann")
