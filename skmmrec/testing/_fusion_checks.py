"""What holds for every fusion method."""

import pickle
from tempfile import TemporaryDirectory

import numpy as np
from sklearn import clone

from skmmrec.data import FeatureTable, Interactions
from skmmrec.fusion import MultimodalFusion
from skmmrec.persistence import load, save
from skmmrec.testing._data import painted
from skmmrec.testing._errors import refused


def _blocks(n=60):
    """Two modalities that tell the same, one loud; the first row lacks both."""
    rng = np.random.default_rng(0)
    taste = rng.standard_normal((n, 2))
    loud = 100 * taste @ rng.standard_normal((2, 8)) + rng.standard_normal((n, 8)) + 50
    quiet = 0.01 * taste @ rng.standard_normal((2, 4))
    loud[::7], quiet[::5] = np.nan, np.nan
    return {"loud": loud, "quiet": quiet}


def _table():
    return FeatureTable.from_blocks(_blocks())


def _events():
    """Some users had the rows with more of the first column."""
    likes = np.flatnonzero(np.nan_to_num(_blocks()["loud"][:, 0]) > 50)
    return {"user": np.arange(len(likes)) % 8, "item": likes}


def _world():
    X = Interactions(_events(), items={"item": np.arange(60)})
    return X.with_table("items", _table())


def check_table_in_table_out(name, method):
    """A finite float32 matrix in rows, of named blocks, a row for each."""
    fused = method.fit(_world()).transform(_table())
    assert isinstance(fused, FeatureTable)
    assert len(fused) == 60
    assert fused.values.dtype == np.float32
    assert np.isfinite(fused.values).all()
    assert fused.values.any()


def check_events_ride_along(name, method):
    """Interactions come back with another table, events without one as they are."""
    X = _world()
    fused = method.fit(X).transform(X)
    assert fused.item_ids.tolist() == X.item_ids.tolist()
    np.testing.assert_array_equal(fused.items.values, method.transform(_table()).values)
    bare = Interactions(_events())
    assert method.transform(bare) is bare


def check_rows_do_not_depend_on_others(name, method):
    """A row is fused in the same way alone and among others."""
    method.fit(_world())
    whole, some = method.transform(_table()).values, np.array([3, 5, 10])
    part = method.transform(_table().take(some)).values
    np.testing.assert_allclose(part, whole[some], rtol=1e-4, atol=1e-5)


def check_same_seed_same_fusion(name, method):
    fused = [clone(method).fit(_world()).transform(_table()).values for _ in range(2)]
    np.testing.assert_array_equal(*fused)


def check_other_blocks_are_refused(name, method):
    """The same encoders must have made them."""
    method.fit(_world())
    other = FeatureTable.from_blocks({"loud": [[1.0]]})
    assert "blocks must be those of fit" in refused(method.transform, other)


def check_fit_leaves_tables_alone(name, method):
    """Also read-only ones, as workers get them."""
    table = _table()
    for array in (table.values, table.present):
        array.flags.writeable = False
    X = Interactions(_events(), items={"item": np.arange(60)})
    method.fit(X.with_table("items", table)).transform(table)


def check_copies(name, method):
    """Pickles and files fuse in the same way."""
    expected = method.fit(_world()).transform(_table()).values
    with TemporaryDirectory() as folder:
        save(method, f"{folder}/method")
        loaded = load(f"{folder}/method", trusted=[type(method)])
    for other in (pickle.loads(pickle.dumps(method)), loaded):
        np.testing.assert_array_equal(other.transform(_table()).values, expected)


def check_method_of_a_fusion(name, method):
    """It is a method of `MultimodalFusion`, of one modality too."""
    train, _ = painted()
    items = {"item": np.arange(30), "colour": train.items.values}
    X = Interactions({"user": train.user_ids, "item": train.item_ids}, items=items)
    branch = ("colour", "passthrough", "colour")
    fused = MultimodalFusion([branch], method=method).fit_transform(X)
    assert len(fused.items) == 30
    assert np.isfinite(fused.items.values).all()
