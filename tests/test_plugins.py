"""Components by name: whose they are, what they can do, and what is wrong with them."""

import configparser
import re
from inspect import signature
from itertools import chain
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV

import skmmrec
from skmmrec import (
    Interactions,
    LeaveLastOut,
    MultimodalFusion,
    PopularityRecommender,
    RankFusionRecommender,
    SparseTextEncoder,
    StackingRecommender,
    TokenSequenceEncoder,
    VotingRecommender,
    make_pipeline,
    plugins,
)
from skmmrec.__main__ import main
from skmmrec.datasets import make_multimodal_shop
from skmmrec.testing import colours, hidden_modules, painted
from tests.recommenders.test_recommenders import ALL

# not the one that is made for the tests
NAMED = [model for model in ALL if type(model).__module__.startswith("skmmrec.")]

ROOT = Path(__file__).parents[1]


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a package of one module on the path: its code and its entry points."""
    monkeypatch.syspath_prepend(tmp_path)

    def install(name, code, **groups):
        (tmp_path / f"{name}.py").write_text(code)
        info = tmp_path / f"{name}-1.5.dist-info"
        info.mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.5\n"
        (info / "METADATA").write_text(metadata)
        lines = [f"[skmmrec.{group}]\n{entry}\n" for group, entry in groups.items()]
        (info / "entry_points.txt").write_text("".join(lines))
        plugins._group.cache_clear()

    yield install
    monkeypatch.undo()
    plugins._group.cache_clear()


SHOUT = """
from skmmrec import BaseEncoder, PopularityRecommender

class ShoutEncoder(BaseEncoder):
    def _width(self):
        return 1
    def _encode(self, batch):
        return [[text.count("!")] for text in batch]

class Failing(ShoutEncoder):
    def __init__(self):
        raise RuntimeError("no microphone")

class LeastPopular(PopularityRecommender):
    def __init__(self, k):
        self.k = k
"""


def films(n=30):
    train, _ = painted()
    words = [["ghost ship", "red tea"][i % 2] + "!" * (i % 3) for i in range(n)]
    items = {"item": np.arange(n), "plot": words, "colour": colours().values}
    return Interactions({"user": train.user_ids, "item": train.item_ids}, items=items)


# -- names -------------------------------------------------------------------------


def test_all_of_ours_have_a_name():
    """Those that one asks for: whatever is public and no base class."""
    declared = configparser.ConfigParser()
    declared.read(ROOT / "setup.cfg")
    for kind, module in [
        ("encoders", skmmrec.encoders),
        ("recommenders", skmmrec.recommenders),
        ("fusions", skmmrec.fusion),
        ("retrievers", skmmrec.ranking),
    ]:
        entries = declared["options.entry_points"][f"skmmrec.{kind}"]
        ours = {name for name in module.__all__ if re.fullmatch(r"[A-Z]\w+er", name)}
        ours |= {name for name in module.__all__ if name.endswith("Fusion")}
        ours -= {"MultimodalFusion", "NetworkRecommender"}  # no method, and a base
        assert {n for n in ours if not n.startswith("Base")} <= set(
            re.findall(r":(\w+)", entries)
        )
        assert plugins.names(kind) == sorted(re.findall(r"(\w+) =", entries))


def test_a_name_stands_for_the_defaults():
    for kind in ("encoders", "fusions", "retrievers"):
        for name in plugins.names(kind):
            made = plugins.make(kind, name)
            assert repr(made) == repr(type(made)())


def test_an_encoder_by_name_is_the_encoder():
    """The name is looked up in fit: parameters stay what they were."""
    X = films()
    branches = [("text", "token_sequence", "plot"), ("colour", "passthrough", "colour")]
    fusion = MultimodalFusion(branches)
    named = fusion.fit_transform(X).items.values
    own = [("text", TokenSequenceEncoder(), "plot"), branches[1]]
    np.testing.assert_array_equal(
        named, MultimodalFusion(own).fit_transform(X).items.values
    )
    assert fusion.transformers is branches
    assert fusion.get_params()["text"] == "token_sequence"
    assert "'token_sequence'" in repr(clone(fusion))
    assert type(fusion.transformers_[0][1]) is TokenSequenceEncoder


@pytest.mark.parametrize("combination", [VotingRecommender, RankFusionRecommender])
def test_a_member_by_name_is_the_recommender(combination):
    X, _ = painted()
    named = combination([("p", "popularity"), ("e", "ease")]).fit(X)
    p, e = PopularityRecommender(), plugins.make("recommenders", "ease")
    given = combination([("p", p), ("e", e)]).fit(X)
    np.testing.assert_array_equal(named.predict(X), given.predict(X))
    assert named.closed_form
    assert named.get_params()["p"] == "popularity"


def test_members_by_name_are_saved(tmp_path):
    X, _ = painted()
    model = StackingRecommender(
        [("p", "popularity"), ("c", "content")], random_state=0
    ).fit(X)
    skmmrec.save(model, tmp_path / "model")
    loaded = skmmrec.load(tmp_path / "model")
    assert repr(loaded) == repr(model)
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))


def test_a_grid_of_names():
    """Of encoders, methods and members, in one search."""
    fusion = MultimodalFusion([("text", "sparse_text", "plot")])
    members = VotingRecommender([("one", "popularity"), ("two", "content")])
    grid = {
        "multimodalfusion__text": ["sparse_text", "token_sequence"],
        "multimodalfusion__method": ["concat", "mean"],
        "votingrecommender__one": ["popularity", "ease", "drop"],
    }
    search = GridSearchCV(make_pipeline(fusion, members), grid, cv=LeaveLastOut())
    results = search.fit(films()).cv_results_
    assert len(results["mean_test_score"]) == 12
    assert np.isfinite(results["mean_test_score"]).all()


@pytest.mark.parametrize(
    ("fit", "match"),
    [
        (
            lambda X: MultimodalFusion([("t", "spare_text", "plot")]).fit(X),
            "installed encoders, .*'sparse_text'.*; got 'spare_text'; correct it, or",
        ),
        (
            lambda X: VotingRecommender([("a", "ALS")]).fit(X),
            "installed recommenders, .*'als'.*; got 'ALS'",
        ),
        (
            lambda X: VotingRecommender([("a", "voting")]).fit(X),
            r"got 'voting', which must be given \['estimators'\]; pass an",
        ),
    ],
)
def test_what_has_no_such_name(fit, match):
    with pytest.raises(ValueError, match=match) as caught:
        fit(films())
    assert "This was m" in caught.value.__notes__[0]


# -- packages of others ------------------------------------------------------------


def test_a_plug_in_is_used_by_name(install):
    install("shouting", SHOUT, encoders="shout = shouting:ShoutEncoder")
    fusion = MultimodalFusion([("text", "shout", "plot")], method="sum")
    table = fusion.fit_transform(films()).items
    assert len(np.unique(table.values)) == 3
    shown = plugins.table("encoders")
    row = {name: column[shown["name"].index("shout")] for name, column in shown.items()}
    assert (row["package"], row["version"]) == ("shouting", "1.5")
    assert row["can"] == ["column", "missing"]
    assert row["problem"] is None


BROKEN = {
    "lacks": ("no_such_module:Encoder", "got ModuleNotFoundError: No module named"),
    "typo": ("shouting:ShoutEncodr", "got AttributeError: .*; repair or uninstall"),
    "wrong": ("shouting:LeastPopular", "must be a subclass of TransformerMixin"),
    "start": ("shouting:Failing", "no microphone"),
    "value": (
        "shouting:__name__",
        "must be a subclass of TransformerMixin.*'shouting'",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_plug_in_is_said_when_it_is_asked_for(install, name, capsys):
    """By `skmmrec plugins`, and where its name is used; all else goes on."""
    value, match = BROKEN[name]
    install("shouting", SHOUT, encoders=f"{name} = {value}")
    with pytest.raises((ImportError, TypeError, RuntimeError), match=match) as caught:
        MultimodalFusion([("t", name, "plot")]).fit(films())
    assert f"'{name}' of shouting 1.5 ({value})" in str(caught.value) or name == "start"
    MultimodalFusion([("t", "sparse_text", "plot")]).fit(films())
    assert main(["plugins", "encoders"]) == 1
    printed = capsys.readouterr().out
    assert re.search(f"PROBLEM: .*{match}", printed)
    assert printed.count("PROBLEM") == 1
    assert main(["plugins", "fusions"]) == 0


def test_two_packages_of_one_name_are_told_apart(install, capsys):
    """Neither is taken; the others, and instances, are as they were."""
    install("shouting", SHOUT, encoders="sparse_text = shouting:ShoutEncoder")
    with pytest.raises(ValueError, match="that of one package") as caught:
        MultimodalFusion([("t", "sparse_text", "plot")]).fit(films())
    for origin in ("shouting 1.5 (shouting:ShoutEncoder)", "SparseTextEncoder)"):
        assert origin in str(caught.value)
    MultimodalFusion([("t", SparseTextEncoder(), "plot")]).fit(films())
    assert main(["plugins"]) == 1
    assert capsys.readouterr().out.count("PROBLEM") == 2


# -- what they can do --------------------------------------------------------------


def test_the_command_lists_all(capsys):
    """A line for each, with the extra and the capabilities."""
    assert main(["plugins"]) == 0
    printed = capsys.readouterr().out
    for kind in plugins.KINDS:
        assert f"{kind}\n" in printed
        assert all(f"  {name} " in printed for name in plugins.names(kind))
    assert re.search(r"lightfm +LightFMRecommender of skmmrec\[lightfm\] \d", printed)
    assert re.search("ease .*: new users, new items, .*closed form\n", printed)
    assert main(["plugins", "encoder"]) == 1
    assert "kind must be one of" in capsys.readouterr().err


def test_the_table_makes_a_data_frame():
    pd = pytest.importorskip("pandas")
    table = pd.DataFrame(plugins.table())
    assert set(table["kind"]) == set(plugins.KINDS)
    assert not table["problem"].any()


def _can(model):
    table = plugins.table("recommenders")
    return table["can"][table["component"].index(type(model).__name__)]


@pytest.mark.parametrize(
    "model",
    {type(model): model for model in NAMED}.values(),
    ids=lambda m: repr(m)[:20],
)
def test_recommenders_can_what_the_table_says(model):
    """And nothing else: seen from outside."""
    can = _can(model)
    if "max_iter" in model.get_params():
        model = clone(model).set_params(max_iter=2)
    X, _ = painted()
    model.fit(X)

    def differ(*asked):
        lists = [model.recommend(["new"], k=5, **a, return_scores=True) for a in asked]
        return not np.allclose(lists[0][1], lists[1][1])

    histories = [
        {"user": ["new"] * 3, "item": items} for items in ([0, 2, 4], [1, 3, 5])
    ]
    settings = {"exclude_seen": False}
    assert differ(*({"history": h} | settings for h in histories)) == (
        "new users" in can
    )
    news = Interactions({"user": [0, 0], "item": [98, 99]}, items={"item": [98, 99]})
    scores = model.predict(news.with_table("items", colours(2)))
    assert (scores[0] != scores[1]) == ("new items" in can)
    if "closed form" in can:
        assert model.closed_form
    try:
        model.recommend([0], k=2, modality_weights={"colour": 2})
    except ValueError:
        # in a combination it is up to its members, and in others to the metric
        assert "modality weights" not in can or model.get_params().keys() & {
            "estimators",
            "metric",
        }
    else:
        assert "modality weights" in can


HIDDEN = {
    "audio": ["torch", "torchaudio"],
    "image": ["torch", "timm"],
    "text": ["sentence_transformers"],
    "video": ["av"],
    "lightfm": ["lightfm"],
    "neural": ["torch", "torch_geometric"],
    "ann": ["faiss", "usearch"],
    "spark": ["pyspark"],
}


SOUNDS = {"audio", "mel_frames", "mel_statistics"}
PICTURES = {"image", "image_statistics", "pixels"}


def _column(name):
    """What an encoder takes, from the shop."""
    items = make_multimodal_shop(20, 12, n_events=100, random_state=0).items
    if name == "tabular":
        return {"price": items["price"]}
    if name.startswith("video"):
        return [b"no film"]
    names = {"sound": SOUNDS, "picture": PICTURES}
    return items[next((n for n in names if name in names[n]), "description")]


def _used(kind, name):
    """An attempt to use a component."""
    X, _ = painted()
    component = plugins.load(kind, name)
    if kind == "encoders":
        return component().fit_transform(_column(name))
    if kind == "retrievers":
        return component().fit(np.eye(3)).search(np.eye(3), 1)
    if "estimators" in signature(component).parameters:
        return component([("a", "popularity"), ("b", "content")]).fit(X)
    return component().fit(X)


def _components():
    for kind in ("encoders", "fusions", "recommenders", "retrievers"):
        table = plugins.table(kind)
        for name, extra in zip(table["name"], table["extra"]):
            yield pytest.param(kind, name, extra, id=f"{kind}-{name}")


@pytest.mark.filterwarnings("ignore:All factors are zero")  # of few events
@pytest.mark.parametrize(("kind", "name", "extra"), [*_components()])
def test_the_extra_in_the_table_is_needed(kind, name, extra):
    """Without it a component says so; without any extra the others work."""
    if extra:
        first = extra.partition(", ")[0]
        needed = pytest.raises(ImportError, match=rf"skmmrec\[{first}\]")
        with hidden_modules(*HIDDEN[first]), needed:
            _used(kind, name)
        return
    with hidden_modules(*chain.from_iterable(HIDDEN.values())):
        _used(kind, name)
