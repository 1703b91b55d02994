"""Events and tables with other ids, or with fewer rows, whatever holds them."""

from collections.abc import Mapping

import narwhals.stable.v2 as nw

from skmmrec.data import FeatureTable, Interactions
from skmmrec.data._tables import as_array


def take_rows(table, rows):
    """Some rows of a frame, a mapping, a FeatureTable or an array, as its own kind."""
    if isinstance(table, FeatureTable):
        return table.take(rows)
    if isinstance(table, Mapping):
        return {name: as_array(values)[rows] for name, values in table.items()}
    if nw.dependencies.is_into_dataframe(table):
        return nw.from_native(table)[rows.tolist()].to_native()
    return table[rows]


def with_column(table, name, values):
    """A frame or mapping whose column of that name has other values."""
    if isinstance(table, Mapping):
        return {**table, name: values}
    frame = nw.from_native(table)
    backend = nw.get_native_namespace(frame)
    column = nw.new_series(name, values.tolist(), backend=backend)
    return frame.with_columns(column).to_native()


def tables_of(X):
    """Ids of the rows and the table, {"users", "items": (ids, table)}, where it is."""
    return {
        on: (X.coded(on)[0].ids[: X.n_described(on)], X.table(on))
        for on in ("users", "items")
        if X.table(on) is not None
    }


def rebuilt(X, ids, tables):
    """The same events by other ids and tables: nothing else of `X` is in the result.

    A slice shares its vocabularies with the whole, and tells all ids.

    Parameters
    ----------
    X : Interactions
    ids : dict of {str: ndarray of shape (n_events,)}
        Of the `"users"` and the `"items"` of the events.
    tables : dict of {str: tuple}
        As of `tables_of`, raw or encoded.

    Returns
    -------
    other : Interactions
    """
    names = {"users": X.names["user"], "items": X.names["item"]}
    events = {names[on]: ids[on] for on in names}
    events |= {name: X[name] for name in X.columns[2:]}
    rows = {on: {names[on]: listed} for on, (listed, _) in tables.items()}
    other = Interactions(events, **rows, **X.names)
    for on, (_, table) in tables.items():
        other = other.with_table(on, table)
    return other
