"""The step that turns the columns of the item table into one table of features."""

from collections.abc import Mapping
from contextlib import contextmanager
from functools import partial
from numbers import Integral
from typing import Self

import numpy as np
from joblib import effective_n_jobs
from sklearn import clone, config_context
from sklearn.base import TransformerMixin
from sklearn.pipeline import Pipeline
from sklearn.utils import InputTags, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import check_array, check_is_fitted, validate_data
from threadpoolctl import threadpool_limits

from skmmrec import plugins
from skmmrec._callbacks import CallbackMixin
from skmmrec._docs import DocLinkMixin
from skmmrec._quote import quoted, reason
from skmmrec._sklearn import BaseComposition, ContainerOutputMixin, safe_indexing
from skmmrec.data import FeatureTable, Interactions
from skmmrec.data._tables import (
    as_array,
    check_table,
    column,
    column_names,
    is_frame,
    is_table,
    n_rows,
    select,
    with_missing,
)
from skmmrec.fusion._base import BaseFusionMethod, check_weights, had_by

MOST_JOBS = 2**15  # joblib writes them into an expression of limited length


def _listed(columns):
    """Columns of a branch as a list; None where they are none."""
    if isinstance(columns, (str, Integral)) and not isinstance(columns, bool):
        return [columns]
    if isinstance(columns, np.ndarray) and columns.ndim == 1:
        columns = columns.tolist()
    if not isinstance(columns, (list, tuple)):
        return None
    names = all(isinstance(name, str) for name in columns)
    return list(columns) if names or all(map(_is_position, columns)) else None


def _is_position(column):
    return isinstance(column, Integral) and not isinstance(column, bool)


def _check_columns(table, columns):
    """Refuse names of an array, positions in a mapping, and positions beyond."""
    positions = [column for column in _listed(columns) if _is_position(column)]
    if isinstance(table, np.ndarray) and not positions:
        raise ValueError(
            f"X must be a table with the columns {quoted(columns)}; got an array; pass "
            f"a data frame, or give the modalities positions of columns."
        )
    if isinstance(table, Mapping) and positions:
        raise ValueError(
            f"Columns of a mapping must be given by name; got {positions}; name some "
            f"of {quoted(column_names(table))}."
        )
    n = np.shape(table)[1] if positions else 0
    if beyond := [p for p in positions if not -n <= p < n]:
        raise ValueError(
            f"X must have a column for each position that is asked for; got {n} "
            f"columns, and none at {beyond}; correct the positions."
        )


def _take(table, columns, transformer):
    """The columns of one branch, as its transformer takes them.

    A list of names is handed over as a table, one name as a 1-D column, or as a table
    to a transformer that takes no column.
    """
    _check_columns(table, columns)
    tags = _input_tags(transformer)
    if isinstance(columns, str) and tags.two_d_array and not tags.one_d_array:
        columns = [columns]
    if isinstance(columns, Integral):
        return safe_indexing(table, columns, axis=1)
    columns = _listed(columns) if not isinstance(columns, str) else columns
    if isinstance(transformer, str) and len(columns) == 1:  # "passthrough"
        (columns,) = columns  # it may hold vectors
    if isinstance(columns, str):
        return column(table, columns)
    if isinstance(table, np.ndarray) or not all(isinstance(n, str) for n in columns):
        return safe_indexing(table, columns, axis=1)
    part = select(table, columns)
    if isinstance(part, dict) and not tags.dict:
        return np.column_stack([as_array(values) for values in part.values()])
    return part


def _input_tags(transformer):
    """What a transformer says of its input; without a word, it takes a column."""
    steps = [step for _, step in getattr(transformer, "steps", ())]
    if steps and hasattr(steps[0], "fit"):  # a pipeline does not say it for its steps
        return _input_tags(steps[0])
    if hasattr(transformer, "__sklearn_tags__"):
        return get_tags(transformer).input_tags
    return InputTags(one_d_array=True)


def _as_block(values, name):
    """Output of an encoder, or a passed-through column, as a float32 matrix."""
    if hasattr(values, "toarray"):
        values = values.toarray()
    if isinstance(values, np.ndarray) and values.dtype.kind == "O":
        values = _stacked(values)
    try:
        values = np.asarray(values)
        if values.dtype.kind == "c":
            raise TypeError("complex numbers")
        with np.errstate(over="ignore"):  # too large is infinite, and refused
            block = np.asarray(values, dtype=np.float32)
    except (TypeError, ValueError, OverflowError) as error:
        raise TypeError(
            f"Modality {name!r} must come out as numbers; got something else "
            f"({reason(error)}); give it an encoder instead of 'passthrough'."
        ) from error
    if block.ndim > 2:
        raise ValueError(
            f"Modality {name!r} must be a matrix; got an array of shape {block.shape}; "
            f"flatten or pool it first."
        )
    return block[:, None] if block.ndim == 1 else block


def _is_vector(value):
    return hasattr(value, "__len__") and getattr(value, "ndim", 1) > 0


def _stacked(values):
    """A column of vectors as a matrix, a row of NaN where there is none."""
    vectors = [value for value in values.ravel() if _is_vector(value)]
    if not vectors or isinstance(vectors[0], str):
        return values
    values = values.ravel()
    nothing = np.full(len(vectors[0]), np.nan)
    return [value if _is_vector(value) else nothing for value in values]


def _made(name, transformer):
    """The encoder of a branch, which may be given by its name."""
    if not isinstance(transformer, str) or transformer == "passthrough":
        return transformer
    with _naming(name):
        return plugins.make("encoders", transformer)


def _fit_branch(fusion, tasks, name, transformer, values):
    """Fit one branch; returns the fitted transformer and the block."""
    if transformer == "passthrough":
        with fusion._subtask(tasks[name]):
            return transformer, _as_block(values, name)
    transformer = clone(transformer)
    with _naming(name), fusion._subtask(tasks[name], transformer):
        return transformer, _as_block(transformer.fit_transform(values), name)


def _apply_branch(name, transformer, values):
    if transformer == "passthrough":
        return _as_block(values, name)
    with _naming(name):
        return _as_block(transformer.transform(values), name)


@contextmanager
def _naming(name):
    """Add the modality to an error of its encoder."""
    try:
        yield
    except Exception as error:
        error.add_note(f"This was modality {name!r} of MultimodalFusion.")
        raise


def _check_rows(branches, blocks, table):
    """Refuse blocks of another number of rows than the table."""
    n = len(table) if isinstance(table, np.ndarray) else n_rows(table)
    for (name, _, _), block in zip(branches, blocks):
        if len(block) != n:
            raise ValueError(
                f"Modality {name!r} must have a row for each of the {n} of the table; "
                f"got {len(block)}; name its column as 'title' and not as ['title'], "
                f"if the encoder takes a column."
            )


def _joined(branches, blocks):
    """The blocks of the branches as one table, under their names."""
    names = (name for name, _, _ in branches)
    return FeatureTable.from_blocks(dict(zip(names, blocks)))


def _widened(block, width):
    """A column without any vector does not know how wide the vectors were in fit."""
    if block.shape[1] == width or not np.isnan(block).all():
        return block
    return np.full((len(block), width), np.nan, dtype=np.float32)


def _nothing(table):
    """The block of a modality that no row of a table has."""
    return np.full((n_rows(table), 1), np.nan, dtype=np.float32)


def _is_named(self):
    """Whether every fitted branch can name its features."""
    return all(
        transformer == "passthrough" or hasattr(transformer, "get_feature_names_out")
        for _, transformer, _ in getattr(self, "transformers_", ())
    )


class MultimodalFusion(
    ContainerOutputMixin,
    TransformerMixin,
    CallbackMixin,
    DocLinkMixin,
    BaseComposition,
    auto_wrap_output_keys=None,
):
    """Encode each modality of the item table and fuse the results.

    Works like scikit-learn's `ColumnTransformer`, on the table of items (or users) of
    an `Interactions` instead of its rows: an item that occurs in a thousand events is
    encoded once. Given a plain data frame or array, it is an ordinary transformer that
    returns a matrix.

    Parameters
    ----------
    transformers : list of (name, transformer, columns)
        One modality each. `transformer` is a transformer whose output has one row for
        each input, the name of an installed encoder
        (``skmmrec.plugins.names("encoders")``) for one with its defaults,
        `"passthrough"` for numbers and precomputed embeddings (a matrix in
        a mapping, or a column of vectors), or `"drop"`. `columns` is the name of a
        column, or a list of names, handed over as a table; for arrays, positions. A row
        of NaN in the output says that the item lacks the modality, as does a NaN in a
        row of numbers that are passed through: impute these first, or use a
        `TabularEncoder`.
    method : str or fusion method, default="concat"
        How the blocks are fused: the name of an installed method
        (``skmmrec.plugins.names("fusions")``) or an instance such as
        ``ConcatFusion(scaling="l2")``, which takes a `random_state` where chance plays
        a part; or a pipeline of them.
    weights : dict of {str: float}, sequence of float, "learned" or None, default=None
        Weights of the modalities, handed to the method; one left out of a dict is 1.
        "learned" is for "concat", "mean" and "sum"; None leaves the method's own.
    on : {"items", "users"}, default="items"
        Which table of an `Interactions` is encoded.
    n_jobs : int, default=None
        Number of modalities encoded side by side, in threads.

    Attributes
    ----------
    transformers_ : list of (name, fitted transformer, columns)
        Without the dropped ones.
    presence_ : ndarray of bool of shape (n, n_modalities)
        Which of them each row of the table of `fit` had, before it was fused.
    method_ : fusion method
        The fitted method.

    Raises
    ------
    ValueError
        If a column is missing, all modalities are dropped, names repeat, weights do
        not fit the names or sum to zero, or there is no table to encode.

    See Also
    --------
    skmmrec.fusion.ConcatFusion, skmmrec.fusion.WeightedMeanFusion : The methods.

    Notes
    -----
    `fit` sees the whole table, also the items without events in a training fold: the
    content of a new item is known before anyone has had it. No event of a test fold is
    seen.

    Examples
    --------
    >>> from skmmrec import Interactions, MultimodalFusion
    >>> from skmmrec.encoders import SparseTextEncoder
    >>> X = Interactions(
    ...     {"user": ["ann", "bob"], "item": [7, 8]},
    ...     items={"item": [7, 8, 9], "title": ["red tea", "tea", None],
    ...            "price": [1.0, 2.0, 3.0]},
    ... )
    >>> fusion = MultimodalFusion([
    ...     ("text", SparseTextEncoder(n_components=2), "title"),
    ...     ("price", "passthrough", ["price"]),
    ... ])
    >>> fusion.fit_transform(X).items
    FeatureTable of 3 rows (text: 2 columns, 67% of rows,
    price: 1 columns, 100% of rows)
    """

    def __init__(
        self, transformers, *, method="concat", weights=None, on="items", n_jobs=None
    ) -> None:
        self.transformers = transformers
        self.method = method
        self.weights = weights
        self.on = on
        self.n_jobs = n_jobs

    # -- nested parameters, as ColumnTransformer has them ----------------------------

    @property
    def _named(self):
        try:
            return [(name, transformer) for name, transformer, _ in self.transformers]
        except (TypeError, ValueError):  # ill-formed transformers are reported by fit
            return self.transformers

    @_named.setter
    def _named(self, pairs):
        self.transformers = [
            (name, transformer, columns)
            for (name, transformer), (_, _, columns) in zip(pairs, self.transformers)
        ]

    def get_params(self, deep=True):
        """Parameters of this estimator and, if `deep`, of its transformers.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        params : dict
        """
        return self._get_params("_named", deep=deep)

    def set_params(self, **params):
        """Set parameters, those of transformers as ``name__parameter``.

        Parameters
        ----------
        **params : dict

        Returns
        -------
        self : estimator
        """
        if "transformers" in params:
            self.transformers = params.pop("transformers")
        return self._set_params("_named", **params)

    # -- fit and transform ----------------------------------------------------------

    def _check_parameters(self):
        try:
            names = [name for name, _, _ in self.transformers]
        except (TypeError, ValueError):
            raise TypeError(
                f"transformers must be a list of (name, transformer, columns); got "
                f"{quoted(self.transformers)}; give each modality such a triple."
            ) from None
        if other := [name for name in names if not isinstance(name, str)]:
            raise TypeError(
                f"Names of modalities must be str; got {quoted(other[0])}; name them."
            )
        self._validate_names(names)
        if not isinstance(self.on, str) or self.on not in ("items", "users"):
            raise ValueError(
                f"on must be 'items' or 'users'; got {quoted(self.on)}; choose the "
                f"table."
            )
        n_jobs = 1 if self.n_jobs is None else self.n_jobs
        if not _is_position(n_jobs) or not 0 < abs(n_jobs) <= MOST_JOBS:
            raise ValueError(
                f"n_jobs must be None or an integer other than 0; got "
                f"{quoted(self.n_jobs)}; -1 uses all cores."
            )
        for name, transformer, columns in self.transformers:
            if not isinstance(transformer, str) and not hasattr(
                transformer, "transform"
            ):
                raise TypeError(
                    f"Modality {name!r} must have a transformer, the name of one, "
                    f"'passthrough' or 'drop'; got {quoted(transformer)}; pass an "
                    f"encoder instance."
                )
            if _listed(columns) is None:
                raise TypeError(
                    f"Modality {name!r} must have a column or a list of columns, all "
                    f"by name or all by position; got {quoted(columns)}; name them."
                )
            if not _listed(columns):
                raise ValueError(
                    f"Modality {name!r} must have columns; got none; name them, or "
                    f"use 'drop'."
                )
        kept = [
            (name, _made(name, transformer), columns)
            for name, transformer, columns in self.transformers
            if transformer != "drop"
        ]
        if not kept:
            raise ValueError(
                f"At least one modality must be kept; got only 'drop' among {names}; "
                f"give one of them a transformer."
            )
        return kept

    def _n_tasks(self):
        return len(self._check_parameters()) + 1

    def _make_method(self, kept):
        method = self.method
        if isinstance(method, str):
            method = plugins.make("fusions", method)
        last = method[-1] if isinstance(method, Pipeline) else method
        if not isinstance(last, BaseFusionMethod):
            raise TypeError(
                f"method must be a fusion method, such as 'concat' or SVDFusion(); got "
                f"{method!r}; pass one of skmmrec.plugins.names('fusions')."
            )
        method = clone(method)
        weights = self.weights
        if weights is not None and not isinstance(weights, str):  # "learned"
            weights = check_weights(weights, [n for n, _, _ in self.transformers])
            weights = {name: weights[name] for name, _, _ in kept}
        if weights is not None and "weights" not in method.get_params():
            raise ValueError(
                f"weights must go with a method that takes them, such as 'concat'; got "
                f"{method!r}; leave them out, or weigh inside of the method."
            )
        if weights is not None:
            method.set_params(weights=weights)
        return method

    def _table(self, X, reset):
        """The table to encode: that of the container, or `X` itself."""
        if isinstance(X, Interactions):
            table = X.table(self.on)
            if table is None or isinstance(table, FeatureTable):
                got = "none" if table is None else "one that is already encoded"
                raise ValueError(
                    f"MultimodalFusion(on={self.on!r}) must find a table of {self.on} "
                    f"to encode; got {got}; pass {self.on}= to Interactions."
                )
            return table
        if is_table(X) or hasattr(X, "collect"):
            check_table(X, "X")
            if not is_frame(X):
                return X
        else:
            X = check_array(
                X, dtype=None, ensure_all_finite="allow-nan", estimator=self
            )
        if not reset and not hasattr(self, "n_features_in_"):
            return X  # fitted on the table of a container
        return validate_data(self, X, reset=reset, skip_check_array=True)

    def _run(self, function, branches, table):
        """Run every branch, side by side if asked to."""
        # threads would set the number of BLAS' for each other, as in combinations
        limit = None if effective_n_jobs(self.n_jobs) == 1 else 1
        default = config_context(transform_output="default")
        with default, threadpool_limits(limit, "blas"):
            return Parallel(n_jobs=self.n_jobs, prefer="threads")(
                delayed(function)(name, transformer, _take(table, columns, transformer))
                for name, transformer, columns in branches
            )

    def fit(self, X, y=None) -> Self:
        """Fit the encoders and the method.

        Parameters
        ----------
        X : Interactions, data frame, mapping or array
        y : array-like, default=None
            Handed to the method for a plain table; with an `Interactions` the method
            gets the events instead.

        Returns
        -------
        self : estimator
        """
        self.fit_transform(X, y)
        return self

    def fit_transform(self, X, y=None):
        """Fit, and return what `transform` would, without encoding twice.

        Parameters
        ----------
        X : Interactions, data frame, mapping or array
        y : array-like, default=None

        Returns
        -------
        Xt : Interactions, or matrix of shape (n, d)
        """
        kept = self._check_parameters()
        method = self._make_method(kept)
        table = self._table(X, reset=True)
        with self._fit_task(X, y) as task:
            tasks = {n: task.subcontext(f"fit-transform-{n}") for n, _, _ in kept}
            results = self._run(partial(_fit_branch, self, tasks), kept, table)
            fitted, blocks = zip(*results)
            _check_rows(kept, blocks, table)
            encoded = _joined(kept, blocks)
            events = had_by(X, self.on) if isinstance(X, Interactions) else y
            with self._subtask(task.subcontext("fit-method"), method):
                method.fit(encoded, events)
            fused = method.transform(encoded)  # without what is done in training alone
        self.transformers_ = [
            (name, transformer, columns)
            for (name, _, columns), transformer in zip(kept, fitted)
        ]
        self.presence_ = encoded.present
        self._widths = [block.shape[1] for block in blocks]
        if isinstance(X, Interactions):
            for of_plain_table in ("n_features_in_", "feature_names_in_"):
                vars(self).pop(of_plain_table, None)
        self.method_ = method
        return self._result(fused, X)

    def transform(self, X):
        """Encode and fuse.

        Parameters
        ----------
        X : Interactions, data frame, mapping or array

        Returns
        -------
        Xt : Interactions, or matrix of shape (n, d)
            The same events with a `FeatureTable` as item (or user) table, or as they
            are if they have no table; for a plain table the float32 matrix, zero where
            a modality is missing.
        """
        check_is_fitted(self, "method_")
        if isinstance(X, Interactions) and X.table(self.on) is None:
            return X  # events of known items need no content
        return self._fused(self._table(X, reset=False), self.transformers_, X)

    def _transform_given(self, X):
        """`transform` of an Interactions whose table has some of the columns alone."""
        if X.table(self.on) is None:
            return X
        table = self._table(X, reset=False)
        given, asked = column_names(table), {}
        for name, _, columns in self.transformers_:
            asked[name] = np.ravel(columns).tolist()
        branches = [b for b in self.transformers_ if set(asked[b[0]]) & set(given)]
        wanted = {column for name, _, _ in branches for column in asked[name]}
        table = with_missing(table, sorted(wanted - set(given)))
        return self._fused(table, branches, X)

    def _fused(self, table, branches, X):
        """The result for X of its table; modalities of other branches are missing."""
        encoded = self._run(_apply_branch, branches, table)
        encoded = {name: block for (name, _, _), block in zip(branches, encoded)}
        nothing = None if len(encoded) == len(self._widths) else _nothing(table)
        blocks = [
            _widened(encoded.get(name, nothing), width)
            for (name, _, _), width in zip(self.transformers_, self._widths)
        ]
        table = _joined(self.transformers_, blocks)
        return self._result(self.method_.transform(table), X)

    def _result(self, fused, X):
        if isinstance(X, Interactions):
            return X.with_table(self.on, fused)
        return self._wrap_matrix(fused.values, X)

    @available_if(_is_named)
    def get_feature_names_out(self, input_features=None):
        """Names of the fused columns, ``modality__feature`` if the method keeps them.

        Parameters
        ----------
        input_features : ignored

        Returns
        -------
        names : ndarray of str of shape (d,)
        """
        check_is_fitted(self, "method_")
        names = []
        for (name, transformer, columns), width in zip(
            self.transformers_, self._widths
        ):
            if transformer == "passthrough":
                listed = np.ravel(columns)
                own = listed if len(listed) == width else range(width)
            else:
                own = transformer.get_feature_names_out()
            names += [f"{name}__{feature}" for feature in own]
        return self.method_.get_feature_names_out(np.asarray(names, dtype=object))

    def __sklearn_tags__(self):
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = ["float32"]
        return tags
