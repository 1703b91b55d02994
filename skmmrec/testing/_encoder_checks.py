"""What holds for every encoder of one column, whatever the modality."""

import pickle
from tempfile import TemporaryDirectory

import numpy as np
from sklearn import clone
from sklearn.exceptions import NotFittedError
from sklearn.utils import get_tags

from skmmrec.data import Interactions
from skmmrec.encoders import BaseEncoder, EmbeddingStore
from skmmrec.fusion import MultimodalFusion
from skmmrec.persistence import load, save
from skmmrec.testing._errors import refused


def _rows(column):
    """Rows of which the first and the third are equal."""
    return [column[0], column[1], column[0], column[2]]


def check_features(name, encoder, column):
    """A float32 matrix in rows, with a name for each column."""
    features = encoder.fit_transform(_rows(column))
    assert features.dtype == np.float32
    assert features.flags.c_contiguous
    assert features.shape == (4, len(encoder.get_feature_names_out()))
    np.testing.assert_array_equal(features, encoder.transform(_rows(column)))


def check_missing_values(name, encoder, column):
    """A row of NaN, that moves nobody else."""
    column = _rows(column)
    complete = encoder.fit_transform(column)
    for missing in (None, np.nan, "", " \n\t"):
        rows = [missing, *column[:2], missing, *column[2:]]
        features = encoder.transform(rows)
        assert np.isnan(features[[0, 3]]).all()
        np.testing.assert_array_equal(features[[1, 2, 4, 5]], complete)
    assert np.isnan(encoder.transform([None, None])).all()


def check_no_rows(name, encoder, column):
    """A column without rows gives none."""
    encoder.fit(column)
    width = len(encoder.get_feature_names_out())
    assert encoder.transform([]).shape == (0, width)


def check_features_follow_values(name, encoder, column):
    """Equal values have equal features, others not, in whatever order they come."""
    column = _rows(column)
    features = encoder.fit_transform(column)
    np.testing.assert_array_equal(features[0], features[2])
    for row in (1, 3):
        assert not np.allclose(features[0], features[row])
    backwards = encoder.transform(column[::-1])[::-1]
    np.testing.assert_allclose(backwards, features, atol=1e-6)


def check_kinds_of_columns(name, encoder, column):
    """Lists, arrays of one and two dimensions, mappings, and series of pandas."""
    column = [*_rows(column), None]
    expected = encoder.fit_transform(column)
    array = np.empty(len(column), dtype=object)
    array[:] = column
    for same in (tuple(column), array, array[:, None], {"title": column}):
        np.testing.assert_array_equal(encoder.transform(same), expected)


def check_several_columns(name, encoder, column):
    """They are refused."""
    table = {"a": list(column), "b": list(column)}
    assert "got 2 columns" in refused(encoder.fit, table)


def check_must_be_fitted(name, encoder, column):
    """What is not fitted says so."""
    try:
        encoder.transform(column)
    except NotFittedError:
        return
    raise AssertionError("transform before fit must raise NotFittedError")


def check_copies(name, encoder, column):
    """Clones and pickles give the same features."""
    expected = encoder.fit_transform(column)
    for other in (pickle.loads(pickle.dumps(encoder)), clone(encoder).fit(column)):
        np.testing.assert_allclose(other.transform(column), expected, atol=1e-6)


def check_save_and_load(name, encoder, column):
    """In files that hold no code; the type of a plug-in must be trusted."""
    expected = encoder.fit_transform(column)
    with TemporaryDirectory() as folder:
        save(encoder, f"{folder}/encoder")
        loaded = load(f"{folder}/encoder", trusted=[type(encoder)])
    np.testing.assert_array_equal(loaded.transform(column), expected)


def check_tags(name, encoder, column):
    """One column, of which values may be missing."""
    tags = get_tags(encoder)
    assert tags.input_tags.one_d_array
    assert tags.input_tags.allow_nan
    assert not tags.input_tags.two_d_array
    assert tags.transformer_tags.preserves_dtype == ["float32"]


def check_modality(name, encoder, column):
    """A branch of a fusion: what is missing there is known to be missing."""
    items = {"item": np.arange(4), "content": [*column[:3], None]}
    X = Interactions({"user": [1, 2], "item": [0, 3]}, items=items)
    fusion = MultimodalFusion([("it", encoder, "content")])
    table = fusion.fit_transform(X).items
    assert table.present[:, 0].tolist() == [True, True, True, False]
    assert len(fusion.get_feature_names_out()) == table.shape[1]


def check_store(name, encoder, column):
    """What was encoded once is read from a store the next time."""
    if not isinstance(encoder, BaseEncoder) or "store" not in encoder.get_params():
        return
    expected = clone(encoder).set_params(store=None).fit_transform(column)
    with TemporaryDirectory() as folder:
        store = EmbeddingStore(folder)
        first = encoder.set_params(store=store).fit_transform(column)
        n_vectors = store.info()["n_vectors"]
        again = clone(encoder).fit_transform(column)
        assert n_vectors == store.info()["n_vectors"] == len(set(map(str, column)))
    for features in (first, again):
        np.testing.assert_allclose(features, expected, atol=1e-6)
