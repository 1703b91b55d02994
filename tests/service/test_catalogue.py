"""The table of items: where it comes from, and what is shown of it."""

import json

import numpy as np
import pytest

from skmmrec import Interactions, PopularityRecommender
from skmmrec.service._catalogue import read_items
from skmmrec.service._served import Served

from .conftest import RED, png


@pytest.fixture
def model():
    events = {"user": [1, 1, 2], "item": [10, 20, 30]}
    return PopularityRecommender().fit(Interactions(events))


def titles(served):
    return [served.catalogue.title(code) for code in range(len(served.items))]


@pytest.mark.parametrize("kind", ["csv", "parquet", "json"])
def test_tables_are_read_from_files(model, kind, tmp_path):
    """With numbers as numbers; what has no title is called by its id."""
    pandas = pytest.importorskip("pandas")
    path = tmp_path / f"items.{kind}"
    table = pandas.DataFrame({"item": [30, 10], "name": [None, "Tea"]})
    if kind == "csv":
        table.to_csv(path, index=False)
    elif kind == "parquet":
        table.to_parquet(path)
    else:
        table.to_json(path, orient="records")
    assert titles(Served(model, read_items(path))) == ["Tea", "20", "30"]


@pytest.mark.parametrize(
    ("name", "content", "match"),
    [
        ("items.txt", "item\n1", "must be a .csv, .parquet or .json file"),
        ("items.json", json.dumps({"item": [1]}), "must hold a list of objects"),
        ("items.json", "[1, 2]", "must hold a list of objects"),
    ],
)
def test_other_files_are_refused(name, content, match, tmp_path):
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(ValueError, match=match):
        read_items(path)


def test_a_table_of_other_items_is_refused(model):
    """As one whose ids are of another type is."""
    with pytest.raises(ValueError, match="such as 10; got \\['10'\\]"):
        Served(model, {"item": ["10", "20"], "title": ["Tea", "Jam"]})
    with pytest.raises(ValueError, match="must have a column 'label'"):
        Served(model, {"item": [10]}, title="label")


def test_media_lie_in_the_root(model, tmp_path):
    """A path that leads out of it, or to no picture, is an item without one."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "tea.png").write_bytes(png(RED))
    (tmp_path / "secret.png").write_bytes(png(RED))
    (root / "text.png").write_text("no picture")
    for other in (
        "../secret.png",
        str(tmp_path / "secret.png"),
        "text.png",
        "none.png",
    ):
        items = {"item": [10, 20], "photo": ["tea.png", other]}
        catalogue = Served(model, items, image="photo", root=root).catalogue
        assert catalogue.picture(0).startswith(b"\xff\xd8")
        assert catalogue.picture(1) is None, other
        assert catalogue.picture(2) is None


def test_broken_text_can_be_sent(model):
    """Half a character becomes a question mark."""
    served = Served(model, {"item": [10, 20], "title": np.array(["a\ud800", 5], "O")})
    assert titles(served) == ["a?", "5", "30"]
