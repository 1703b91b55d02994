"""The items as people see them: titles, pictures and sounds of the model's items."""

import json
from functools import lru_cache
from pathlib import Path

import narwhals.stable.v2 as nw
import numpy as np

from skmmrec.data._tables import (
    as_object_array,
    check_table,
    column,
    column_names,
    is_missing,
)
from skmmrec.data._vocabulary import Vocabulary
from skmmrec.inspection._data_uris import picture_jpeg, sound_vorbis
from skmmrec.inspection._recommendation import UNREADABLE

READERS = {".csv": nw.read_csv, ".parquet": nw.read_parquet}
TITLES = ("title", "name")  # columns that need no naming
N_CACHED = 2000  # thumbnails, some 10 kB each
SECONDS = 8.0  # of a sound


def read_items(path):
    """A table of items from a file.

    Parameters
    ----------
    path : str or Path
        CSV with a header, Parquet, or JSON: a list of objects, one for each item.

    Returns
    -------
    table : Arrow table or dict of {str: array}

    Raises
    ------
    ValueError
        If the file is of another kind, or holds no table.
    """
    path = Path(path)
    kind = path.suffix.lower()
    if kind == ".json":
        return _from_records(json.loads(path.read_text(encoding="utf-8")), path)
    if kind not in READERS:
        raise ValueError(
            f"The table of items must be a .csv, .parquet or .json file; got {path}; "
            f"save it as one of these."
        )
    return READERS[kind](str(path), backend="pyarrow").to_native()


def _from_records(records, path):
    is_list = isinstance(records, list) and records
    if not is_list or not all(isinstance(record, dict) for record in records):
        raise ValueError(
            f"{path} must hold a list of objects, one for each item; got "
            f"{type(records).__name__}; write it with to_json(orient='records')."
        )
    names = dict.fromkeys(name for record in records for name in record)
    return {
        name: as_object_array([record.get(name) for record in records])
        for name in names
    }


def _plain(value):
    """As text that can be sent: half a character becomes a question mark."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def _cells(values, rows):
    """What each item has in a column, None where it has nothing: a list."""
    missing = is_missing(values) if values.ndim == 1 else np.zeros(len(values), bool)
    known = (rows >= 0) & ~missing[rows]
    cells = [values[row] if has else None for row, has in zip(rows, known)]
    # so an empty field of a CSV file arrives
    return [None if isinstance(c, str) and not c.strip() else c for c in cells]


class Catalogue:
    """Titles, pictures and sounds of items, found by their codes in the model.

    Parameters
    ----------
    vocabulary : Vocabulary
        Of the items of the model.
    table : table or None
        Without one, items are called by their ids.
    item : str
        Column of the ids.
    title, image, audio : str or None
        Columns. Without one, a title is found under "title" or "name".
    root : str, Path or None
        Folder in which all media must lie.

    Raises
    ------
    ValueError
        If a column is missing, or the table holds no item of the model.
    """

    def __init__(
        self, vocabulary, table=None, item="item", *, title, image, audio, root
    ):
        self.vocabulary, self.table, self.root = vocabulary, table, root
        self._cells = dict.fromkeys(("title", "image", "audio"))
        if table is not None:
            what = "the table of items"
            check_table(table, what)
            if title is None:
                title = next((n for n in column_names(table) if n in TITLES), None)
            rows = self._rows_of(column(table, item, what))
            for role, name in (("title", title), ("image", image), ("audio", audio)):
                if name is not None:
                    self._cells[role] = _cells(column(table, name, what), rows)
        self.has = {role: cells is not None for role, cells in self._cells.items()}
        self.picture = lru_cache(N_CACHED)(self._picture)
        self.sound = lru_cache(N_CACHED // 10)(self._sound)

    def _rows_of(self, ids):
        """Row of the table for each item of the model, -1 where there is none."""
        rows = Vocabulary(ids, "items").codes(self.vocabulary.ids)
        if (rows < 0).all():
            raise ValueError(
                f"The table of items must describe the items of the model, such as "
                f"{self.vocabulary.ids.tolist()[0]!r}; got "
                f"{ids.tolist()[:1]}, of which it knows none; pass the table of fit, "
                f"with ids of the same type."
            )
        return rows

    def __len__(self):
        return len(self.vocabulary)

    def _cell(self, role, code):
        """What the table holds for an item; None where it holds nothing."""
        cells = self._cells[role]
        return None if cells is None else cells[code]

    def title(self, code):
        """What an item is called; its id, where it has no title."""
        title = self._cell("title", code)
        return _plain(self.vocabulary.ids[code] if title is None else title)

    def has_media(self, role, code):
        """Whether the table names a picture ("image") or a sound ("audio")."""
        return self._cell(role, code) is not None

    def _picture(self, code):
        """A small JPEG, None where there is none that can be read."""
        return self._media("image", code, lambda v: picture_jpeg(v, code, self.root))

    def _sound(self, code):
        """The first seconds in Vorbis, None where there are none."""
        read = sound_vorbis
        return self._media("audio", code, lambda v: read(v, code, SECONDS, self.root))

    def _media(self, role, code, read):
        value = self._cell(role, code)
        try:
            return None if value is None else read(value)
        except UNREADABLE:
            return None

    @property
    def _names(self):
        return (self.title(code) for code in range(len(self)))

    def find(self, text, n):
        """Codes of the first n items whose title, or id, contains a text."""
        return _containing(self._names, text, n)


def find_ids(vocabulary, text, n):
    """Codes of the first n ids that contain a text."""
    return _containing(map(str, vocabulary.ids), text, n)


def _containing(names, text, n):
    """Places of names; those that begin with the text come first."""
    text, first, then = text.casefold(), [], []
    for place, name in enumerate(names):
        name = name.casefold()
        if text in name:
            (first if name.startswith(text) else then).append(place)
            if len(first) >= n:
                break
    return np.array([*first, *then][:n], dtype=int)
