"""coming_from.rst: the programs of other libraries, and ours, on the same tables."""

import re

import numpy as np
import pytest

from tests._docs import DOCS, blocks

PROGRAMS = blocks(DOCS / "coming_from.rst", "python")


def tables():
    """Two camps, each of which has nearly all items of its own."""
    pandas = pytest.importorskip("pandas")
    random = np.random.default_rng(0)
    user, item = np.divmod(np.arange(24 * 40), 40)
    had = ((user + item) % 2 == 0) & (random.random(len(user)) < 0.7)
    ids = [f"i{number}" for number in range(40)]
    genre = [["odd", "even"][number % 2 == 0] for number in range(40)]
    vectors = random.normal(size=(40, 16)).astype(np.float32)
    vectors[::2, 0] += 4
    return {
        "events": pandas.DataFrame(
            {"user": [f"u{u}" for u in user[had]], "item": [ids[i] for i in item[had]]}
        ),
        "items": pandas.DataFrame({"item": ids, "genre": genre}),
        "vectors": vectors,
    }


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
@pytest.mark.filterwarnings("ignore")  # of other libraries
def test_a_program_recommends_what_the_user_is_after(number):
    """Where its library is installed: items of the camp of u1 that u1 has not had."""
    code = PROGRAMS[number]
    for module in set(re.findall(r"^(?:from|import) (\w+)", code, flags=re.M)):
        pytest.importorskip(module)
    if re.search("VBPR|FREEDOM", code):
        pytest.importorskip("torch_geometric")
    names = tables()
    exec(compile(code, "coming_from.rst", "exec"), names)
    had = names["events"].loc[names["events"]["user"] == "u1", "item"]
    best = list(names["best"])
    assert len(best) == 5
    # Cornac may only be told of training events, and may offer one that was held out
    if "RatioSplit" not in code and "RandomHoldout" not in code:
        assert not set(best) & set(had)
    odd = [int(item[1:]) % 2 == 1 for item in best]
    assert sum(odd) >= 4
