"""The kinds of column that `TabularEncoder` tells apart, and how each becomes numbers.

A column is read into one of four kinds, each with one way to say that an entry is
missing: "number" (float64, NaN), "date" (datetime64, NaT), "text" and "labels"
(objects, None). The encoders below learn from it and turn it into a block of numbers,
zero where the entry is missing.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from numbers import Real

import narwhals.stable.v2 as nw
import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from skmmrec.data._tables import as_array, is_missing

DAYS_IN_YEAR = 365.2425
ISO_DATE = re.compile(r"\d{4}-[01]\d-[0-3]\d([ T][0-2]\d:[0-5]\d(:[0-5]\d(\.\d+)?)?)?$")
LARGE = 1e100  # above, squares could overflow in float64
FURTHEST = 1e15  # standard deviations; further, squares would overflow in float32
TYPES = {
    "number": (Real, Decimal, np.bool_),
    "date": (date, np.datetime64),
    "text": (str,),
    "labels": (list, tuple, set, frozenset, np.ndarray),
}


def read_column(values, name):
    """A column as an array of one of the four kinds.

    Parameters
    ----------
    values : Series, list or 1-D array
    name : str
        Of the column, for messages.

    Returns
    -------
    kind : {"number", "date", "text", "labels"}
    values : ndarray of shape (n,)
    present : ndarray of bool of shape (n,)

    Raises
    ------
    TypeError
        If the column holds values of two kinds, or of none that is known.
    ValueError
        If a number is infinite, or the column is not 1-D.
    """
    values = _categories_as_text(values)
    if values.ndim != 1:
        raise ValueError(
            f"Column {name!r} must be 1-D; got an array of shape {values.shape}; pass "
            f"blocks of numbers through 'passthrough' instead."
        )
    if values.dtype.kind in "OU":
        return _read_objects(values.astype(object), name)
    if values.dtype.kind == "M":
        return "date", values, ~np.isnat(values)
    if values.dtype.kind == "m":
        values = values / np.timedelta64(1, "D")
    if values.dtype.kind not in "biuf":
        raise TypeError(
            f"Column {name!r} must hold numbers, dates or text; got {values.dtype}; "
            f"convert it."
        )
    return _read_numbers(values, name)


def _categories_as_text(values):
    """A column as an array; a categorical one is text, even where it holds numbers."""
    if not nw.dependencies.is_into_series(values):
        return as_array(values)
    series = nw.from_native(values, series_only=True)
    if series.dtype in (nw.Categorical, nw.Enum):
        # without the gaps first: beside one, pandas would write 10 as "10.0"
        present = ~series.is_null().to_numpy()
        text = np.full(len(present), None, dtype=object)
        text[present] = series.drop_nulls().cast(nw.String).to_numpy()
        return text
    return series.to_numpy()


def _read_numbers(values, name):
    values = values.astype(np.float64)
    if np.isinf(values).any():
        raise ValueError(
            f"Column {name!r} must hold finite numbers; got inf (infinity) in row "
            f"{np.flatnonzero(np.isinf(values))[0]}; replace it by NaN or a bound."
        )
    return "number", values, ~np.isnan(values)


def _read_objects(values, name):
    """The kind of a column of objects is that of its entries."""
    present = ~is_missing(values)
    present[present] = [not _is_blank(value) for value in values[present]]
    kinds = {}
    for row in np.flatnonzero(present):
        kinds.setdefault(_kind(values[row]), row)
    if len(kinds) > 1 or None in kinds:
        found = " and ".join(
            f"{type(values[row]).__name__} in row {row}" for row in kinds.values()
        )
        raise TypeError(
            f"Column {name!r} must hold numbers, dates, text or lists of labels, one "
            f"of these throughout; got {found}; convert the column."
        )
    kind = next(iter(kinds), "number")  # a column without a value is any kind
    if kind == "text" and all(map(ISO_DATE.match, values[present])):
        kind = "date"  # as read from a file
    if kind == "number":
        numbers = np.full(len(values), np.nan)
        numbers[present] = values[present].astype(np.float64)
        return _read_numbers(numbers, name)
    if kind == "date":
        dates = np.full(len(values), "NaT", dtype="datetime64[us]")
        dates[present] = [_without_zone(value) for value in values[present]]
        return kind, dates, present
    if kind == "labels" and isinstance(
        next(iter(values[present][0])), (float, np.floating)
    ):
        raise TypeError(
            f"Column {name!r} must hold labels in its lists; got numbers, "
            f"{values[present][0]!r}; a vector goes through 'passthrough'."
        )
    return kind, np.where(present, values, None), present


def _kind(value):
    return next(
        (kind for kind, types in TYPES.items() if isinstance(value, types)), None
    )


def _is_blank(value):
    if isinstance(value, str):
        return not value.strip()
    return isinstance(value, TYPES["labels"]) and len(value) == 0


def _without_zone(value):
    """A date or time in UTC, as numpy takes it."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(value, "us")


class LabelSplitter:
    """Labels of an entry: of "Comedy|Drama", or of a list; none of None."""

    def __init__(self, separator):
        self.separator = separator

    def __call__(self, value):
        if value is None:
            return []
        if isinstance(value, str):
            whole = self.separator is None
            parts = [value] if whole else value.split(self.separator)
        else:
            parts = map(str, value)
        return [part for part in map(str.strip, parts) if part]


class NumberColumn:
    """A number, standardised; a missing one is the mean, zero."""

    accepts = ("number",)

    def fit(self, values, present):
        known = values[present] if present.any() else np.zeros(1)
        largest = np.abs(known).max()
        self.unit_ = largest if largest > LARGE else 1.0
        self.scaler_ = StandardScaler().fit(known[:, None] / self.unit_)
        return self

    def transform(self, values, present):
        with np.errstate(over="ignore"):
            scaled = self.scaler_.transform(values[:, None] / self.unit_)
        return np.nan_to_num(scaled).clip(-FURTHEST, FURTHEST)

    def names(self, name):
        return [name]


class DateColumn:
    """A date: its year, standardised, and its place in the year and in the week."""

    accepts = ("date",)

    def fit(self, values, present):
        self.years_ = NumberColumn().fit(_days(values) / DAYS_IN_YEAR, present)
        return self

    def transform(self, values, present):
        days = _days(values)
        years = days / DAYS_IN_YEAR
        weeks = (np.floor(days) + 3) / 7  # day 0, 1970-01-01, was a Thursday
        turns = [2 * np.pi * years, 2 * np.pi * weeks]
        cycles = [wave(turn) for turn in turns for wave in (np.sin, np.cos)]
        trend = self.years_.transform(years, present)
        return np.hstack([trend, np.nan_to_num(np.column_stack(cycles))])

    def names(self, name):
        parts = ("year", "season_sin", "season_cos", "weekday_sin", "weekday_cos")
        return [f"{name}_{part}" for part in parts]


def _days(dates):
    """Days since 1970, NaN where missing."""
    return (dates - np.datetime64(0, "D")) / np.timedelta64(1, "D")


class CategoryColumn:
    """One indicator for each category, the rare ones together; zeros if missing."""

    accepts = ("text",)

    def __init__(self, max_categories):
        self.max_categories = max_categories

    def fit(self, values, present):
        self.encoder_ = OneHotEncoder(
            max_categories=self.max_categories,
            handle_unknown="infrequent_if_exist",
            sparse_output=False,
            dtype=np.float32,
        ).fit(values[present, None])
        return self

    def transform(self, values, present):
        block = np.zeros((len(values), len(self.names(""))), dtype=np.float32)
        block[present] = self.encoder_.transform(values[present, None])
        return block

    def names(self, name):
        return self.encoder_.get_feature_names_out([name]).tolist()


class LabelColumn:
    """One indicator for each of the most frequent labels; a row may have several."""

    accepts = ("text", "labels")

    def __init__(self, separator, max_categories):
        self.separator = separator
        self.max_categories = max_categories

    def fit(self, values, present):
        self.counter_ = CountVectorizer(
            analyzer=LabelSplitter(self.separator),
            binary=True,
            max_features=self.max_categories,
            dtype=np.float32,
        ).fit(values)
        return self

    def transform(self, values, present):
        return self.counter_.transform(values).toarray()

    def names(self, name):
        return [f"{name}_{label}" for label in self.counter_.get_feature_names_out()]


def fit_column(kind, values, present, *, separator, max_categories):
    """The fitted encoder that suits a column, as `read_column` returned it.

    Parameters
    ----------
    kind : {"number", "date", "text", "labels"}
    values : ndarray of shape (n,)
    present : ndarray of bool of shape (n,)
    separator : str or None
        Text in which it occurs holds several labels.
    max_categories : int or None
        Most indicators for one column.

    Returns
    -------
    column : NumberColumn, DateColumn, CategoryColumn or LabelColumn
    """
    if kind == "number":
        column = NumberColumn()
    elif kind == "date":
        column = DateColumn()
    elif kind == "labels" or (
        separator is not None and any(separator in text for text in values[present])
    ):
        column = LabelColumn(separator, max_categories)
    else:
        column = CategoryColumn(max_categories)
    return column.fit(values, present)
