"""Reader of the MovieLens releases of GroupLens, from a folder on disk.

GroupLens has published them in three layouts. They come out as one thing here: the same
names of columns, kinds of values and marks of what is unknown, so that what was tried
on a small release runs on a large one unchanged.
"""

import os
import re
import warnings
from pathlib import Path

import numpy as np

from skmmrec._checks import check_path
from skmmrec._quote import quoted, reason
from skmmrec.data import Interactions
from skmmrec.data._tables import as_object_array
from skmmrec.datasets._lines import (
    malformed,
    named_fields,
    numbered_lines,
    whole_number,
)
from skmmrec.datasets._movielens_content import join_content

_EVENT = [
    ("userId", np.int64),
    ("movieId", np.int64),
    ("rating", np.float32),
    ("timestamp", np.int64),
]

# Flags at the end of a line of u.item, after the flag "unknown" that stands for none.
_GENRES_100K = """
Action|Adventure|Animation|Children's|Comedy|Crime|Documentary|Drama|Fantasy|Film-Noir
Horror|Musical|Mystery|Romance|Sci-Fi|Thriller|War|Western
"""
_GENRES_100K = re.split(r"[|\n]", _GENRES_100K.strip())

# What the codes 0 to 20 of users.dat stand for, by the README of ml-1m.
_OCCUPATIONS_1M = """
other|academic/educator|artist|clerical/admin|college/grad student|customer service
doctor/health care|executive/managerial|farmer|homemaker|K-12 student|lawyer|programmer
retired|sales/marketing|scientist|self-employed|technician/engineer
tradesman/craftsman|unemployed|writer
"""
_OCCUPATIONS_1M = re.split(r"[|\n]", _OCCUPATIONS_1M.strip())


# -- events ------------------------------------------------------------------------


def _read_events(path, separator, columns=range(4), skiprows=0):
    """Columns of the events.

    numpy's C parser: 20 million lines in some seconds, and in one array of 28 bytes
    for each.
    """
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "loadtxt: input contained no data")
            events = np.loadtxt(
                path,
                dtype=_EVENT,
                delimiter=separator,
                usecols=columns,
                skiprows=skiprows,
                comments=None,
                encoding="latin-1",
                ndmin=1,
            )
    except ValueError as error:
        raise _first_malformed(path, separator, columns, skiprows, error) from None
    return {name: events[name].copy() for name, _ in _EVENT}


def _first_malformed(path, separator, columns, skiprows, error):
    """The error of the first line that is no event, found by a slow second look."""
    expected = "a user, a movie, a rating and a time as numbers"
    for line, content in numbered_lines(path):
        fields = content.split(separator)
        try:
            for column, kind in zip(columns, (int, int, float, int)):
                kind(fields[column])
        except (ValueError, IndexError):
            if line > skiprows and content:
                return malformed(path, line, expected, content)
    return ValueError(
        f"{path} must hold {expected}; got {reason(error)}; unpack it again."
    )


# -- movies, tags, users -------------------------------------------------------------


def _year(title):
    """The year in "Heat (1995)", the first one in "Fawlty Towers (1975-1979)".

    Something may come after it: "Ernest Goes to School (1994) (V)".
    """
    found = re.findall(r"\((\d{4})(?:[-\u2013]\d*)?\)", title)
    return float(found[-1]) if found else np.nan


def _item_table(identifiers, titles, genres):
    return {
        "movieId": np.array(identifiers, dtype=np.int64),
        "title": as_object_array(titles),
        "year": np.array([_year(title) for title in titles], dtype=np.float64),
        "genres": as_object_array(genres),
    }


def _read_movies(path, separator):
    identifiers, titles, genres = [], [], []
    for line, row in named_fields(path, separator, ["movieId", "title", "genres"]):
        identifiers.append(whole_number(row, "movieId", path, line))
        titles.append(row["title"])
        known = row["genres"] not in ("", "(no genres listed)")
        genres.append(row["genres"] if known else None)
    return _item_table(identifiers, titles, genres)


def _read_movies_100k(path):
    names = ["movieId", "title", "released", "video", "link", "unknown", *_GENRES_100K]
    identifiers, titles, genres = [], [], []
    for line, row in named_fields(path, "|", names):
        identifiers.append(whole_number(row, "movieId", path, line))
        titles.append(row["title"])
        flagged = [genre for genre in _GENRES_100K if row[genre] == "1"]
        genres.append("|".join(flagged) or None)
    return _item_table(identifiers, titles, genres)


def _read_tags(path, separator, movies):
    """All tags of each movie in one text, None for a movie without."""
    tags = {movie: [] for movie in movies.tolist()}
    names = ["userId", "movieId", "tag", "timestamp"]
    for line, row in named_fields(path, separator, names):
        movie = whole_number(row, "movieId", path, line)
        if movie in tags and row["tag"]:
            tags[movie].append(row["tag"])
    return as_object_array([", ".join(words) or None for words in tags.values()])


def _occupation(fields, path, line):
    """The occupation in words: ml-100k has the words, ml-1m their codes."""
    occupation = fields["occupation"]
    if not (occupation.isascii() and occupation.isdigit()):
        return occupation
    if len(occupation) > 2 or int(occupation) >= len(_OCCUPATIONS_1M):
        expected = "a line with an occupation from 0 to 20"
        raise malformed(path, line, expected, occupation)
    return _OCCUPATIONS_1M[int(occupation)]


def _read_users(path, separator, names):
    identifiers, genders, ages, occupations = [], [], [], []
    for line, row in named_fields(path, separator, names):
        identifiers.append(whole_number(row, "userId", path, line))
        genders.append(row["gender"])
        ages.append(whole_number(row, "age", path, line))
        occupations.append(_occupation(row, path, line))
    return {
        "userId": np.array(identifiers, dtype=np.int64),
        "gender": as_object_array(genders),
        "age": np.array(ages, dtype=np.int64),
        "occupation": as_object_array(occupations),
    }


# -- the three layouts -----------------------------------------------------------------


def _read_csv_layout(folder):
    events = _read_events(folder / "ratings.csv", ",", skiprows=1)
    items = _read_movies(folder / "movies.csv", ",")
    if (folder / "tags.csv").is_file():
        items["tags"] = _read_tags(folder / "tags.csv", ",", items["movieId"])
    return events, items, None


def _read_dat_layout(folder):
    # numpy splits at one character, so that "::" is two colons around an empty column
    events = _read_events(folder / "ratings.dat", ":", columns=(0, 2, 4, 6))
    items = _read_movies(folder / "movies.dat", "::")
    if (folder / "tags.dat").is_file():
        items["tags"] = _read_tags(folder / "tags.dat", "::", items["movieId"])
    users = None
    if (folder / "users.dat").is_file():
        names = ["userId", "gender", "age", "occupation", "zip"]
        users = _read_users(folder / "users.dat", "::", names)
    return events, items, users


def _read_100k_layout(folder):
    events = _read_events(folder / "u.data", "\t")
    items = _read_movies_100k(folder / "u.item")
    names = ["userId", "age", "gender", "occupation", "zip"]
    return events, items, _read_users(folder / "u.user", "|", names)


# By the file of ratings: how to read the folder, and which files it must have.
_LAYOUTS = {
    "ratings.csv": (_read_csv_layout, ["movies.csv"]),
    "ratings.dat": (_read_dat_layout, ["movies.dat"]),
    "u.data": (_read_100k_layout, ["u.item", "u.user"]),
}


def _find_layout(folder):
    found = [name for name in _LAYOUTS if (folder / name).is_file()]
    if not found:
        raise ValueError(
            f"A MovieLens folder must have one of the files {list(_LAYOUTS)}; got none "
            f"of them in {folder}; pass the folder in which the release was unpacked."
        )
    read, needed = _LAYOUTS[found[0]]
    missing = [name for name in needed if not (folder / name).is_file()]
    if missing:
        raise ValueError(
            f"A folder with {found[0]} must also have {needed}; got no {missing[0]} "
            f"in {folder}; unpack the whole release there."
        )
    return read


def load_movielens(folder):
    """Ratings and movies of a MovieLens release, from the folder it was unpacked in.

    Reads every layout GroupLens has published: ml-latest, ml-latest-small, ml-20m,
    ml-25m and ml-32m (comma-separated), ml-10M100K and ml-1m (``::``), and ml-100k.
    Nothing is downloaded. The releases are at https://grouplens.org/datasets/movielens,
    free for research under the terms in each README.

    A file ``content.csv`` beside the ratings brings content of your own: a column
    ``movieId`` and any of ``plot``, ``director``, ``cast``, ``year``, ``runtime``
    ("81 min"), ``language``, ``country``, ``certificate`` and ``poster`` (a path from
    the folder).

    Parameters
    ----------
    folder : str or path
        Folder with ``ratings.csv``, ``ratings.dat`` or ``u.data``.

    Returns
    -------
    X : Interactions
        One event for each rating, with the columns ``userId`` and ``movieId`` (int64),
        ``rating`` (float32) and ``timestamp`` (int64, seconds since 1970).

        ``X.items`` is a mapping of name to column, one row for each movie in the order
        of the file: ``movieId`` (int64), ``title`` (as published, with the year),
        ``year`` (float64, of ``content.csv`` where it has one, else of the title),
        ``genres`` ("Comedy|Drama"), ``tags`` where the release has tags (all of the
        movie, separated by commas), and the columns of ``content.csv``, ``runtime``
        as minutes (float64) and ``poster`` as an absolute path. Unknown texts, and
        posters whose file is not there, are None; unknown numbers are NaN.

        ``X.users`` is the same for users where the release tells about them (ml-1m,
        ml-100k), else None: ``userId``, ``gender``, ``age`` (int64; in ml-1m the lowest
        of an age group) and ``occupation``.

    Raises
    ------
    ValueError
        If the folder does not exist, has no known file of ratings, or a line in one of
        its files is malformed.

    References
    ----------
    F. M. Harper and J. A. Konstan, "The MovieLens Datasets: History and Context", ACM
    Transactions on Interactive Intelligent Systems 5(4), 2015.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from skmmrec.datasets import load_movielens
    >>> with TemporaryDirectory() as folder:
    ...     ratings = "userId,movieId,rating,timestamp\\n7,1,4.5,978300760\\n"
    ...     movies = "movieId,title,genres\\n1,Toy Story (1995),Animation|Comedy\\n"
    ...     _ = Path(folder, "ratings.csv").write_text(ratings)
    ...     _ = Path(folder, "movies.csv").write_text(movies)
    ...     X = load_movielens(folder)
    >>> X
    Interactions of 1 events, 1 users, 1 items; table of 1 items
    >>> X.items["title"][0], float(X.items["year"][0])
    ('Toy Story (1995)', 1995.0)
    """
    check_path(folder, "folder")
    folder = Path(folder).absolute()
    if not os.path.isdir(folder):
        raise ValueError(
            f"folder must be an existing folder; got {quoted(str(folder))}; unpack the "
            f"release and pass the folder with its files."
        )
    read = _find_layout(folder)
    events, items, users = read(folder)
    if (folder / "content.csv").is_file():
        items = join_content(items, folder / "content.csv")
    return Interactions(
        events,
        items=items,
        users=users,
        user="userId",
        item="movieId",
        rating="rating",
        time="timestamp",
    )
