"""Files, data sets, names, settings, callbacks and commands under hostile input."""

import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from skmmrec import (
    ALSRecommender,
    ConcatFusion,
    Interactions,
    ModelFileError,
    Pipeline,
    PopularityRecommender,
    get_config,
    load,
    make_pipeline,
    plugins,
    save,
    set_config,
)
from skmmrec.__main__ import _parser
from skmmrec.callback import EarlyStopping
from skmmrec.datasets import load_movielens, make_multimodal_shop
from tests.hostile._judge import judge
from tests.hostile._strategies import HOSTILE, columns, junk, matrices, tables, world

COVERS = [
    *("save", "load", "ModelFileError", "make_multimodal_shop", "load_movielens"),
    *("ShopTruth", "get_config", "set_config", "make_pipeline", "EarlyStopping"),
    *(
        "plugins.load",
        "plugins.names",
        "plugins.make",
        "plugins.table",
        "plugins.KINDS",
    ),
]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder that holds a model."""
    path = tmp_path_factory.mktemp("models") / "popular"
    save(PopularityRecommender().fit(world()), path)
    return path


@HOSTILE
@given(model=st.one_of(st.none(), junk), ids=columns(good=True))
def test_models_of_any_ids_come_back(model, ids):
    """What was saved gives the same lists; what cannot be is refused, and no file."""
    X, refusal = judge(lambda: Interactions({"user": ids, "item": ids}))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model")
        if model is not None or refusal is not None or not len(X):
            _, refusal = judge(lambda: save(model, path))
            assert path.exists() == (refusal is None)
            return
        model = PopularityRecommender().fit(X)
        _, refusal = judge(lambda: save(model, path))
        if refusal is None:
            again, refusal = judge(lambda: load(path))
            assert refusal is None, refusal
            users = model.user_vocabulary_.ids[:1]
            offered = model.recommend(users, 1).tolist()
            assert again.recommend(users, 1).tolist() == offered


def paths(value):
    """Whether this names something inside of a new folder, so that it may be tried."""
    return not isinstance(value, (str, bytes, int)) or isinstance(value, bool)


@HOSTILE
@given(
    data=st.data(),
    path=junk.filter(paths),
    name=st.sampled_from(["mmap", "trusted", "check", "include_encoders"]),
)
def test_files_of_any_name(saved, data, path, name):
    """A model, or a sentence; None is no path."""
    judge(lambda: load(path))
    judge(lambda: save(PopularityRecommender().fit(world()), path))
    params = {name: data.draw(junk)}
    if name == "include_encoders":
        model = PopularityRecommender().fit(world())
        with tempfile.TemporaryDirectory() as folder:
            judge(lambda: save(model, Path(folder, "model"), **params))
    else:
        judge(lambda: load(saved, **params))


@HOSTILE
@given(text=st.text(max_size=5))
def test_texts_as_paths(text):
    """Names of folders that are not there."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "nothing", text.replace("/", ""))
        for read in (load, load_movielens):
            _, refusal = judge(lambda read=read: read(path))
            assert isinstance(refusal, ValueError)
            assert isinstance(refusal, ModelFileError) == (read is load)


SHOP = ["n_users", "n_items", "n_events", "shares", "n_styles", "noise", "popularity"]
SHOP += ["missing", "random_state", "return_truth"]


@HOSTILE
@given(data=st.data(), name=st.sampled_from(SHOP))
def test_shops_of_any_size(data, name):
    """Events of a shop, or a sentence."""
    value = data.draw(
        st.one_of(junk, st.dictionaries(st.sampled_from(["text", "tabular", 3]), junk))
    )
    if isinstance(value, (int, np.integer)) and value > 1000:
        return  # as many as asked for
    params = {"n_users": 3, "n_items": 4, "shares": {"tabular": 1}, name: value}
    X, refusal = judge(lambda: make_multimodal_shop(**params))
    if refusal is None and not (name == "return_truth" and isinstance(X, tuple)):
        assert len(X)


@HOSTILE
@given(
    lines=st.lists(st.text(max_size=20), max_size=3),
    file=st.sampled_from(["ratings.csv", "movies.csv", "content.csv"]),
)
def test_movielens_of_any_text(lines, file):
    """Films and ratings, or a sentence that names the file."""
    texts = {
        "ratings.csv": "userId,movieId,rating,timestamp\n7,1,4.5,978300760\n",
        "movies.csv": "movieId,title,genres\n1,Toy Story (1995),Animation\n",
        "content.csv": "movieId,plot,year\n1,a toy,1995\n",
    }
    texts[file] += "\n".join(lines)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in texts.items():
            Path(folder, name).write_bytes(text.encode("utf-8", "surrogatepass"))
        judge(lambda: load_movielens(folder))


@HOSTILE
@given(kind=st.one_of(st.sampled_from(["metrics", "fusions"]), junk), name=junk)
def test_names_of_plugins(kind, name):
    """A component, or a sentence."""
    judge(lambda: plugins.names(kind))
    judge(lambda: plugins.load(kind, name))
    judge(lambda: plugins.load("metrics", name))
    judge(lambda: plugins.make(kind, name))
    judge(lambda: plugins.table(kind))


@HOSTILE
@given(
    name=st.sampled_from(["max_bytes", "max_pixels", "max_seconds", "store", "a\x00"]),
    value=junk,
)
def test_settings(name, value):
    """A setting that can be read again, or a sentence and the settings as they were."""
    before = dict(os.environ)
    try:
        _, refusal = judge(lambda: set_config(**{name: value}))
        if refusal is not None:
            assert dict(os.environ) == before
        _, refusal = judge(get_config)
        assert refusal is None
    finally:
        os.environ.clear()
        os.environ.update(before)


def is_no_function(value):
    """What a user's own function says is told as it is."""
    return not callable(value)


@HOSTILE
@given(
    data=st.data(),
    name=st.sampled_from([None, "scoring", "n_iter_no_change", "tol"]),
    X=st.one_of(st.none(), tables(), matrices, junk),
)
def test_early_stopping(data, name, X):
    """A fit, or a sentence before or in it."""
    params = {} if name is None else {name: data.draw(junk.filter(is_no_function))}
    X = world()[1::2] if X is None else X
    stop, refusal = judge(lambda: EarlyStopping(X, **params))
    if refusal is None:
        model = ALSRecommender(2, max_iter=3, random_state=0)
        judge(lambda: model.set_callbacks(stop).fit(world()[::2]))


@HOSTILE
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "a__b", "steps", ""]),
            st.sampled_from(
                [None, "passthrough", "drop", 3, PopularityRecommender, ConcatFusion()]
            ),
        ),
        max_size=2,
    ),
    last=st.booleans(),
)
def test_pipelines_of_anything(steps, last):
    """scikit-learn's own sentences about steps."""
    if last:
        steps = [*steps, ("als", PopularityRecommender())]
    pipe, refusal = judge(lambda: Pipeline(steps))
    if refusal is None:
        judge(lambda: pipe.fit(world()))
    judge(lambda: make_pipeline(*(step for _, step in steps)).fit(world()))


OPTIONS = ["--timeout", "--port", "--max-bytes", "--max-k", "--threads", "--max-joined"]


@HOSTILE
@given(
    option=st.sampled_from(OPTIONS),
    text=st.one_of(
        st.sampled_from(["-1", "0", "nan", "inf", "1e999", "٣", "", "99999", "1_0"]),
        st.text(max_size=4),
    ),
)
def test_options_of_the_command(option, text):
    """A number that can be used, or a message of argparse."""
    try:
        found = vars(_parser().parse_args(["serve", "m", f"{option}={text}"]))
    except SystemExit:
        return
    names = {"--threads": "n_threads"}
    value = found[names.get(option, option[2:].replace("-", "_"))]
    assert 0 <= value < float("inf")
    assert value or option in ("--port", "--max-bytes")
    assert option != "--port" or value < 2**16
