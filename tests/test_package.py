"""What a person meets first: the import, the command line, the README."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import skmmrec
from skmmrec.__main__ import main
from tests._shared import shared

ROOT = Path(__file__).parents[1]


def run_python(code):
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()


def test_import_is_light():
    """Neither torch nor pandas nor matplotlib, until something needs them."""
    loaded = run_python("import sys, skmmrec; print(*sys.modules)")
    heavy = {"torch", "pandas", "matplotlib", "polars", "sentence_transformers", "timm"}
    assert not heavy & set(loaded)


def test_core_works_where_no_extra_is_installed():
    """The whole way without torch, pandas and the rest."""
    code = """
from skmmrec.testing import hidden_modules
hidden_modules("torch", "pandas", "polars", "pyarrow", "matplotlib", "timm", "lightfm",
               "sentence_transformers").__enter__()
from skmmrec import *
from skmmrec.datasets import make_multimodal_shop
X = make_multimodal_shop(30, 40, random_state=0)
fusion = MultimodalFusion([
    ("text", SparseTextEncoder(n_components=4), "description"),
    ("image", ImageStatisticsEncoder(), "picture"),
    ("tabular", TabularEncoder(), ["category", "price"]),
])
pipe = make_pipeline(fusion, ALSRecommender(4)).fit(X)
print(*pipe.recommend([1], k=3)[0])
"""
    assert len(run_python(code)) == 3


def test_every_public_name_is_there():
    """Also those that are imported when first used."""
    for name in skmmrec.__all__:
        assert getattr(skmmrec, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'ALSrecommender'"):
        _ = skmmrec.ALSrecommender


def python_blocks(text):
    return re.findall(r"```python\n(.*?)```", text, flags=re.S)


def test_the_examples_of_the_readme_run(tmp_path, monkeypatch, capsys):
    """On files like those it names."""
    pandas = pytest.importorskip("pandas")
    from skmmrec.datasets import make_multimodal_shop

    X = make_multimodal_shop(80, 60, folder=tmp_path / "media", random_state=0)
    stars = np.random.default_rng(0).integers(3, 6, len(X))
    pandas.DataFrame(
        {"userId": X.user_ids, "movieId": X.item_codes, "rating": stars}
        | {"timestamp": X.time}
    ).to_csv(tmp_path / "ratings.csv", index=False)
    pandas.DataFrame(
        {
            "movieId": np.arange(60),
            "plot": X.items["description"],
            "poster": X.items["picture"],
            "genres": X.items["tags"],
            "year": X.items["price"].round(),
        }
    ).to_csv(tmp_path / "movies.csv", index=False)
    monkeypatch.chdir(tmp_path)
    names = {}
    for example in python_blocks((ROOT / "README.md").read_text()):
        exec(example, names)
    printed = capsys.readouterr().out
    assert "multimodalfusion__method" in printed
    assert skmmrec.load("model").recommend([12]).shape == (1, 10)


def test_the_commands_of_the_readme_are_those_of_ci():
    """One line each; CI runs the second one as it stands."""
    readme = (ROOT / "README.md").read_text()
    install, check, docs = re.findall(r"```sh\n(.*?)\n```", readme, flags=re.S)
    assert "skmmrec demo" in install
    assert "make -C docs html" in docs
    assert check.startswith("python3 -m venv .venv-test")
    assert "^python3 -m venv .venv-test" in (ROOT / ".ci/run").read_text()


def test_command_line_explains_itself(capsys):
    """Help, version, and what is missing."""
    for arguments in (["--help"], ["demo", "--help"], ["--version"]):
        with pytest.raises(SystemExit) as status:
            main(arguments)
        assert status.value.code == 0
    printed = capsys.readouterr().out
    assert "--movielens FOLDER" in printed
    assert skmmrec.__version__ in printed


def test_the_module_is_the_command():
    """python -m skmmrec, for those whose PATH lacks the script."""
    command = [sys.executable, "-m", "skmmrec", "--version"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == skmmrec.__version__


def test_demo_names_a_folder_that_is_none(capsys, tmp_path):
    """One line, and a status of 1."""
    pytest.importorskip("matplotlib")
    output = str(tmp_path / "page.html")
    assert main(["demo", "--movielens", "nowhere", "--output", output]) == 1
    assert re.search(r"skmmrec: .*nowhere", capsys.readouterr().err)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """The demo on the shop, run once."""
    pytest.importorskip("matplotlib")
    path = tmp_path_factory.mktemp("demo") / "page.html"
    assert main(["demo", "--output", str(path), "--n-jobs", "1"]) == 0
    return path.read_text(encoding="utf-8")


def test_demo_compares_on_known_and_new_items(page):
    """Every recommender, every group."""
    for text in (
        *("popularity", "ALS without content", "content only", "best hybrid"),
        *(
            "known items",
            "new items",
            "all items",
            "ndcg@10",
            "recall@10",
            "coverage@10",
        ),
    ):
        assert text in page


def test_demo_page_is_self_contained(page):
    """Every picture is in it, nothing comes from elsewhere."""
    sources = re.findall(r'src="([^"]*)"', page)
    assert len(sources) > 20
    assert all(source.startswith("data:image/") for source in sources)
    assert "http:" not in re.sub(r'src="[^"]*"', "", page)
    assert "<script" not in page


def test_demo_page_escapes_titles():
    """A title is text, whatever it holds."""
    from skmmrec.demo._page import item_figure

    items = {"title": ["<script>alert(1)</script>"], "picture": [None]}
    figure = item_figure(items, 0, "title", "picture")
    assert "<script>" not in figure
    assert "&lt;script&gt;" in figure
    assert "no picture" in figure


def test_demo_reads_movielens():
    """The world of the demo on real data: likes, content, shuffled rows."""
    from skmmrec.demo._worlds import movielens_world

    world = movielens_world(shared("data/movielens-small"))
    assert len(world.X) == 51568
    assert set(name for _, _, name in world.branches[:2]) == {"plot", "cast"}
    assert world.X.items["movieId"][0] != 1
    assert "tags" not in str(world.branches)


def test_a_store_is_looked_after_from_the_command_line(tmp_path, capsys):
    """Info, verify, prune; and what is wrong is said in one line."""
    from skmmrec import EmbeddingStore

    store = EmbeddingStore(tmp_path / "store")
    vectors = np.ones((2000, 64), dtype=np.float32)
    names = [number.to_bytes(16) for number in range(2000)]
    store.put(("fingerprint", '{"encoder": "TextEncoder"}'), names, vectors)
    assert main(["store", "info", store.folder]) == 0
    printed = capsys.readouterr().out
    assert "2,000 vectors" in printed
    assert "2,000 x 64 (512 kB, last used 2" in printed
    assert "TextEncoder" in printed
    assert main(["store", "verify", store.folder]) == 0
    assert "2,000 vectors, 0 damaged; database: ok" in capsys.readouterr().out
    assert main(["store", "prune", store.folder, "--max-bytes", "0.4M"]) == 0
    assert "vectors removed" in capsys.readouterr().out
    assert store.info()["n_bytes"] <= 400_000
    assert main(["store", "info", str(tmp_path)]) == 1
    assert "which has none" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["store", "prune", store.folder, "--max-bytes", "much"])
    assert "must be a size such as 500M or 2G; got 'much'" in capsys.readouterr().err


def test_damage_in_a_store_is_the_status_of_the_command(tmp_path, capsys):
    """For scripts that verify stores."""
    import sqlite3

    from skmmrec import EmbeddingStore

    store = EmbeddingStore(tmp_path)
    store.put(("fingerprint", ""), [b"1"], np.ones((1, 4)))
    (file,) = tmp_path.glob("*.sqlite3")
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE vectors SET checksum = checksum + 1")
    connection.close()
    assert main(["store", "verify", str(tmp_path)]) == 1
    assert "1 vectors, 1 damaged" in capsys.readouterr().out
