"""What every encoder of one column shares: reading it, its gaps, and encoding once.

A missing value becomes a row of NaN here and nowhere else, so that no encoder can hand
an item without content a zero, or the vector of another item.
"""

import warnings
from abc import ABC, abstractmethod
from collections.abc import Mapping
from itertools import islice
from pathlib import PurePath
from typing import Any, Self

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
)
from sklearn.utils.validation import check_is_fitted

from skmmrec._callbacks import CallbackMixin
from skmmrec._config import get_config
from skmmrec._docs import DocLinkMixin
from skmmrec._progress import progress
from skmmrec.data._tables import (
    as_object_array,
    check_table,
    column_names,
    is_missing,
    is_table,
)
from skmmrec.encoders._checks import check_choice, check_count
from skmmrec.encoders._files import check_root
from skmmrec.encoders._fingerprint import fingerprint, learned
from skmmrec.encoders._recall import Recall
from skmmrec.encoders._store import as_store
from skmmrec.encoders._streams import side_by_side


def as_column(X):
    """The values of one column as a list, whatever holds them.

    Parameters
    ----------
    X : Series, list, 1-D array, or anything of shape (n, 1)
        An array of three and more dimensions counts as a column of pictures.

    Returns
    -------
    values : list of length n

    Raises
    ------
    ValueError
        If there are several columns, or none.
    TypeError
        If `X` is not a column at all.
    """
    if is_table(X):
        X = _only_column(check_table(X, "X"))
    if nw.dependencies.is_into_series(X):
        return nw.from_native(X, series_only=True).to_list()
    if isinstance(X, (list, tuple)):
        # [["a"], ["b"]] is of shape (n, 1) as well
        nested = X and all(isinstance(v, (list, tuple)) and len(v) == 1 for v in X)
        return [value for (value,) in X] if nested else list(X)
    if hasattr(X, "__array__"):
        return _from_array(np.asarray(X))
    raise TypeError(
        f"X must be a column of values; got {type(X).__name__}; pass a Series, a list "
        f"or an array, also for a single value."
    )


def _only_column(table):
    """The one column of a table."""
    names = column_names(table)
    if len(names) != 1:
        raise ValueError(
            f"X must be one column; got {len(names)} columns, {names}; select the one "
            f"that this encoder is for."
        )
    if isinstance(table, Mapping):
        return table[names[0]]
    return nw.from_native(table).get_column(names[0]).to_native()


def _from_array(array):
    """The entries of an array along its first axis."""
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 3 and array.shape[2] in (3, 4):
        raise ValueError(
            f"X must be a column of pictures; got one picture, of shape "
            f"{array.shape}; pass a list, also for a single one."
        )
    if array.ndim in (0, 2):
        raise ValueError(
            f"X must be one column; got an array of shape {array.shape}; pass the "
            f"column that this encoder is for."
        )
    return list(array)


def distinct(values):
    """Where each distinct value comes first, and which of them each row holds.

    Text, bytes and paths are compared by value, anything else (arrays, pictures) by
    identity: comparing those would cost as much as encoding them.

    Parameters
    ----------
    values : list of length n

    Returns
    -------
    first_rows : list of int of length n_distinct
    codes : ndarray of int of shape (n,)
        Position in `first_rows` of the value of each row; -1 where it is missing:
        None, NaN, NA, or text that is empty or only white space.
    """
    codes = np.full(len(values), -1, dtype=np.intp)
    first_rows, known = [], {}
    missing = is_missing(as_object_array(values))
    for row in np.flatnonzero(~missing).tolist():
        value = values[row]
        by_value = isinstance(value, (str, bytes, PurePath))
        if isinstance(value, (str, bytes)) and not value.strip():
            continue
        key = value if by_value else id(value)
        if key not in known:
            known[key] = len(first_rows)
            first_rows.append(row)
        codes[row] = known[key]
    return first_rows, codes


def _batches(items, size):
    """Lists of at most `size` items, taken as they are needed."""
    items = iter(items)
    while batch := list(islice(items, size)):
        yield batch


def check_texts(values, rows):
    """Refuse what is not text, naming its row.

    Parameters
    ----------
    values : list
    rows : list of int
        Row of each value.

    Raises
    ------
    TypeError
    """
    for value, row in zip(values, rows):
        if not isinstance(value, str):
            raise TypeError(
                f"Texts must be str; got {type(value).__name__} in row {row}; convert "
                f"the column to text, and leave out what is missing as None."
            )


def _redacted_text(text, row, redact):
    """What `redact` makes of a text; its error may quote it, and is not passed on."""
    try:
        redacted = redact(text)
    except Exception as error:
        raise ValueError(
            f"redact must take every text; got {type(error).__name__} in row {row}; "
            f"call it on that text alone, to see why."
        ) from None
    if not isinstance(redacted, str):
        raise TypeError(
            f"redact must return a text; got {type(redacted).__name__} in row {row}; "
            f"return an empty one for a missing value."
        )
    return redacted


def _redacted(values, redact):
    """Values whose texts have gone through `redact`, equal ones once."""
    rows = {}
    for row, value in enumerate(values):
        if isinstance(value, str):
            rows.setdefault(value, row)
    texts = {text: _redacted_text(text, row, redact) for text, row in rows.items()}
    return [texts[value] if isinstance(value, str) else value for value in values]


class BaseEncoder(
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    CallbackMixin,
    DocLinkMixin,
    BaseEstimator,
    ABC,
):
    """Base of the encoders of one column: text, media, and what plug-ins add.

    A subclass writes `_width()`, the number of features, and `_encode(batch)`, which
    returns a row of numbers for each entry of a list. If there is something to learn
    from the column, it also writes `_fit(values, rows)`; if a value has to be read,
    such as a file, `_read(value, row)`, whose results make up a batch. All see the
    distinct values that are present, and the row at which each comes first, for
    messages. Everything else is done here: reading the column, the rows of NaN for
    missing values, batches side by side on all cores, the progress bar, and the store.

    Parameters
    ----------
    None of its own; those of a subclass are listed there. A subclass that has them in
    `__init__` is obeyed in `batch_size`, `on_error`, `redact`, `show_progress` and
    `store`.

    Attributes
    ----------
    n_features_in_ : int
        Always 1, the column.

    See Also
    --------
    EmbeddingStore : Remembers what was encoded.
    TabularEncoder : For several columns of numbers, dates and categories.

    Notes
    -----
    `_encode` runs in several threads at once. What should be in memory before, such as
    a model, is loaded by `_load()`. Where `_read` opens files, set ``_in_files = True``
    in the class: then texts are paths, and a store goes by the content.

    A store tells encoders apart by their class (those of your own by the code and the
    attributes of the class), parameters, and what `fit` learned: every attribute with a
    name like ``mean_``. Of the module around it, it sees the constants and functions
    that the methods name, and not what these use in turn: return that, and what other
    attributes hold, in a dictionary from `_depends_on()`, or count ``_revision`` up
    when it changes.

    Examples
    --------
    >>> from skmmrec.encoders import BaseEncoder
    >>> class LengthEncoder(BaseEncoder):
    ...     def _width(self):
    ...         return 1
    ...     def _encode(self, batch):
    ...         return [[len(text)] for text in batch]
    >>> LengthEncoder().fit_transform(["four", None, "three"])
    array([[ 4.],
           [nan],
           [ 5.]], dtype=float32)
    """

    _noun = "value"  # what a value is called in messages
    _in_files = None  # whether a text is the path of a file
    _in_streams = True  # whether `_encode` may run in several threads
    _libraries = ()  # whose versions may change the result
    _revision = 1  # to be raised when the same content gets another vector

    def fit(self, X: Any, y: Any = None) -> Self:
        """Learn what the encoder needs from a column.

        Parameters
        ----------
        X : Series, list, 1-D array, or anything of shape (n, 1)
        y : None
            Ignored.

        Returns
        -------
        self : object
        """
        self._check_common()
        values = self._values(X)
        rows, _ = distinct(values)
        with self._fit_task(X):
            self._fit([values[row] for row in rows], rows)
            store = self._used_store()
            # what the store knows need not be asked of a model that takes long to load
            known = None if store is None else store.width(fingerprint(self))
            self._n_features_out = known or self._width()
            self.n_features_in_ = 1
        return self

    def transform(self, X: Any) -> NDArray[np.float32]:
        """Encode a column, equal values once.

        Parameters
        ----------
        X : Series, list, 1-D array, or anything of shape (n, 1)

        Returns
        -------
        features : ndarray of float32 of shape (n, n_features_out), C-contiguous
            A row of NaN where the value is missing.
        """
        check_is_fitted(self)
        values = self._values(X)
        rows, codes = distinct(values)
        shape = len(values), self._n_features_out
        features = np.full(shape, np.nan, dtype=np.float32)
        if rows:
            encoded = self._encode_distinct([values[row] for row in rows], rows)
            if len(rows) == len(values):
                return encoded
            present = codes >= 0
            features[present] = encoded[codes[present]]
        return features

    def get_feature_names_out(self, input_features=None):
        """Names of the features, which do not depend on the column.

        Parameters
        ----------
        input_features : None
            Ignored.

        Returns
        -------
        names : ndarray of str objects of shape (n_features_out,)
        """
        check_is_fitted(self)
        names = self._names()
        if names is None:
            return super().get_feature_names_out(input_features)
        return np.array(names, dtype=object)

    def _values(self, X):
        """The values of a column, from which on nothing has seen a text unredacted."""
        values, redact = as_column(X), getattr(self, "redact", None)
        return values if redact is None else _redacted(values, redact)

    def _check_common(self):
        """Those that the base obeys, as far as the encoder has them."""
        if hasattr(self, "batch_size"):
            check_count("batch_size", self.batch_size)
        redact = getattr(self, "redact", None)
        if not (redact is None or callable(redact)):
            raise TypeError(
                f"redact must be a function of a text; got {type(redact).__name__}; "
                f"pass one, such as skmmrec.privacy.redact_personal_data, or None."
            )
        if hasattr(self, "on_error"):
            check_choice("on_error", self.on_error, ("raise", "missing"))
        if getattr(self, "root", None) is not None:
            check_root(self.root)

    def _encode_distinct(self, values, rows):
        """Vectors of distinct values, of shape (len(values), n_features_out)."""
        self._check(values, rows)
        store = self._used_store()
        show = getattr(self, "show_progress", False)
        with progress(f"{self._noun.capitalize()}s", len(values), show) as advance:
            if store is None:
                features, failures = self._encode_all(values, rows, advance)
            else:
                recall = Recall(store, self, values, rows)
                recall.run(advance)
                features, failures = recall.features, recall.failures
        if failures:
            warnings.warn(
                f"{len(failures)} of {len(values)} {self._noun}s could not be read and "
                f"count as missing. The first: {failures[0]}",
                stacklevel=4,
            )
        return features

    def _encode_all(self, values, rows, advance):
        """Without a store: vectors, and the errors of what has none."""
        features = np.full((len(values), self._n_features_out), np.nan, np.float32)
        failures = []
        places = self._in_order(values, range(len(values)))
        for done, vectors, errors in self._encoded(values, rows, places, len(values)):
            features[done] = vectors
            failures += errors.items()
            advance(len(done) + len(errors))
        return features, [error for _, error in sorted(failures, key=lambda f: f[0])]

    def _encoded(self, values, rows, places, n_places):
        """Read and encode the values at some places, batch by batch.

        Yields
        ------
        done : list of int
            Places.
        vectors : array of shape (len(done), n_features_out)
        errors : dict of int to Exception
            Of places that could not be read.
        """

        def encode(batch):
            done, inputs, errors = [], [], {}
            for place in batch:
                try:
                    inputs.append(self._read(values[place], rows[place]))
                    done.append(place)
                except (OSError, ValueError, TypeError) as error:
                    if self._raises:
                        raise
                    errors[place] = error
            return done, self._vectors(inputs) if done else np.empty((0, 1)), errors

        self._load()
        batches = _batches(places, self._n_in_batch)
        if self._in_streams:
            n_batches = -(-n_places // self._n_in_batch)
            yield from side_by_side(encode, batches, n_batches)
        else:
            yield from map(encode, batches)

    def _vectors(self, inputs):
        """What `_encode` makes of a batch, of the right shape."""
        vectors = np.asarray(self._encode(inputs), dtype=np.float32)
        if vectors.shape != (len(inputs), self._n_features_out):
            raise ValueError(
                f"{type(self).__name__} must return a row for each of {len(inputs)} "
                f"{self._noun}s and a number for each of {self._n_features_out} "
                f"features; got an array of shape {vectors.shape}; correct _encode, or "
                f"_width."
            )
        return vectors

    def _in_order(self, values, places):
        """Places such that values of like length are neighbours, the longest first."""
        return sorted(places, key=lambda place: -self._length(values[place]))

    @property
    def _n_in_batch(self):
        return getattr(self, "batch_size", 256)

    @property
    def _raises(self):
        return getattr(self, "on_error", "raise") == "raise"

    def _used_store(self):
        """The encoder's own store, or the one for all; None where there is none.

        What an encoder learned from a column makes vectors that another column, or
        another seed, never meets again: so these need a store of their own.
        """
        store = getattr(self, "store", None)
        if type(self)._read is not BaseEncoder._read and self._in_files is None:
            if store is not None:
                raise TypeError(
                    f"{type(self).__name__} must say whether a text is the path of a "
                    f"file, so that a store notices when that changes; got no "
                    f"_in_files; set it to True or False in the class."
                )
            return None
        if store is None and not learned(self):
            store = get_config()["store"]
        return as_store(store)

    def _fit(self, values, rows):
        """Check the parameters, learn from the values."""

    def _check(self, values, rows):
        """Refuse values of a wrong kind, before the first is encoded."""

    def _names(self):
        """Names of the features; None numbers them, after the class."""
        return None

    def _load(self):
        """Bring into memory what `_encode` needs."""

    def _read(self, value, row):
        """What a batch holds for a value; errors must name the row."""
        return value

    def _length(self, value):
        """By which values are sorted, where a batch takes as long as its longest."""
        return 0

    def _stamp(self):
        """What changes when the weights of a local model do; None for others."""
        return None

    def _depends_on(self):
        """What the result depends on, besides class and parameters, for JSON.

        A key that is the name of a parameter takes its place.
        """
        return {}

    @abstractmethod
    def _width(self):
        """Number of features, once fitted."""

    @abstractmethod
    def _encode(self, batch):
        """One row of numbers for each entry, of shape (len(batch), n_features_out)."""

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.one_d_array = True
        # several columns are refused, (n, 1) is not: as in IsotonicRegression
        tags.input_tags.two_d_array = False
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
