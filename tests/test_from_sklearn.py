"""from_sklearn: scripts of scikit-learn that become recommenders, and at what price."""

import difflib
import re

import numpy as np
import pytest

from tests._docs import DOCS

FOLDER = DOCS / "from_sklearn"
NAMES = ("neighbours", "search", "factors")


def code(script):
    return [line for line in script.splitlines() if line]


def changed_lines(before, after):
    """Lines of code that go and that come, as a diff counts them."""
    diff = list(difflib.ndiff(code(before), code(after)))
    return [sum(line.startswith(sign) for line in diff) for sign in ("- ", "+ ")]


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """events.csv and items.csv: users like the texts of one camp, odd or even."""
    pandas = pytest.importorskip("pandas")
    user, item = np.divmod(np.arange(20 * 40), 40)
    random = np.random.default_rng(0)
    had = ((user + item) % 2 == 0) & (random.random(len(user)) < 0.6)
    events = {
        "user": [f"u{u}" for u in user[had]],
        "item": [f"i{i}" for i in item[had]],
    }
    events |= {"stars": 3 + random.integers(3, size=had.sum()), "day": range(had.sum())}
    words = [["warm sweet tea", "bright steel saw"], ["loaf jam", "nail board"]]
    texts = [
        f"{words[0][i % 2]} {words[1][i % 2]} no{i} kind{i // 8}" for i in range(40)
    ]
    items = {"item": [f"i{i}" for i in range(40)], "text": texts}
    items["category"] = [f"shelf {i % 5}" for i in range(40)]
    pandas.DataFrame(events).to_csv(tmp_path / "events.csv", index=False)
    pandas.DataFrame(items).to_csv(tmp_path / "items.csv", index=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_both_run_and_the_page_counts_the_lines(name, tables, capsys):
    """What is recommended is of the camp of the user, or of the item."""
    paths = [FOLDER / f"{name}_{when}.py" for when in ("before", "after")]
    scripts = [path.read_text() for path in paths]
    results = []
    for script in scripts:
        results.append({})
        exec(compile(script, name, "exec"), results[-1])
    gone, come = changed_lines(*scripts)
    total = len(code(scripts[0]))
    page = (DOCS / "from_sklearn.rst").read_text()
    row = re.search(rf"^``{name}``.* (\d+) +(\d+) +(\d+)$", page, flags=re.M)
    assert [int(number) for number in row.groups()] == [total, gone, come]
    if name == "neighbours":
        for result in results:
            assert all(int(item[1:]) % 2 == 0 for item in result["near"][0])
    elif name == "factors":
        users = np.array(sorted(f"u{number}" for number in range(20)))
        for result in results:
            odd = [[int(i[1:]) % 2 for i in row] for row in result["best"]]
            camps = np.array([int(user[1:]) % 2 for user in users])
            assert (np.array(odd) == camps[:, None]).mean() > 0.85
    else:
        best = results[1]["search"].best_estimator_[-1].recommend(["u1"], k=5)
        assert all(int(item[1:]) % 2 for item in best[0])
