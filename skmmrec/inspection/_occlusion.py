"""Which words, and which parts of a picture, speak for an item."""

import re
from io import BytesIO
from itertools import pairwise
from numbers import Integral

import narwhals.stable.v2 as nw
import numpy as np
from PIL import Image

from skmmrec._quote import quoted
from skmmrec.data import FeatureTable, Interactions
from skmmrec.data._tables import as_object_array, column, is_frame, is_missing
from skmmrec.encoders._pictures import open_image
from skmmrec.inspection._content import Encoded, Items, is_of_items, revised, steps_of
from skmmrec.inspection._explain import Question, rows_of_table
from skmmrec.recommenders._meta import BaseMetaRecommender, last_step

WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")


# -- what is taken away --------------------------------------------------------------


def _words(text):
    """The distinct words, in order, and the text without each."""
    spans = {}
    for match in WORD.finditer(text):
        spans.setdefault(match[0].casefold(), []).append(match.span())
    texts = []
    for places in spans.values():
        starts, ends = zip(*places)
        kept = zip((0, *ends), (*starts, len(text)))
        texts.append("".join(text[start:end] for start, end in kept))
    return [text[places[0][0] : places[0][1]] for places in spans.values()], texts


def _as_bytes(pixels):
    """A picture as a file: what columns of all kinds of tables can hold."""
    file = BytesIO()
    Image.fromarray(pixels).save(file, "BMP")
    return file.getvalue()


def _squares(picture, grid):
    """The picture, and with each square of the grid in its mean colour, by rows."""
    pixels = np.asarray(picture)
    grey = pixels.mean(axis=(0, 1)).round().astype(np.uint8)
    rows, columns = (
        np.linspace(0, length, n + 1).round().astype(int)
        for length, n in zip(pixels.shape, grid)
    )
    files = []
    for top, bottom in pairwise(rows):
        for left, right in pairwise(columns):
            altered = pixels.copy()
            altered[top:bottom, left:right] = grey
            files.append(_as_bytes(altered))
    return _as_bytes(pixels), files


# -- the estimator's side ------------------------------------------------------------


def _fusions(estimator):
    """All fusions of item tables, also of the members of combinations."""
    yield from filter(is_of_items, steps_of(estimator))
    last = last_step(estimator)
    if isinstance(last, BaseMetaRecommender):
        for member in last.estimators_:
            yield from _fusions(member)


def _encoders(estimator, name):
    """The encoders that take a column."""
    found = [
        encoder
        for fusion in _fusions(estimator)
        for _, encoder, columns in fusion.transformers_
        if isinstance(name, str) and name in np.ravel(columns).tolist()
    ]
    if not found:
        raise ValueError(
            f"column must be one that a MultimodalFusion of the pipeline encodes; got "
            f"{quoted(name)}; name one of its columns."
        )
    return found


def _reader_of(nouns, encoders):
    """The first of the encoders that reads such media, if any."""
    matching = (e for e in encoders if getattr(e, "_noun", "") in np.ravel(nouns))
    return next(matching, None)


def _content(question, item, name):
    """What the item has in a column."""
    table = question.event.table("items")
    if table is None or isinstance(table, FeatureTable):
        got = "no row for it" if table is None else "an encoded table"
        raise ValueError(
            f"X must have an item table with a row for {item!r}, not encoded; got "
            f"{got}; pass the Interactions of fit."
        )
    values = column(table, name)
    if is_missing(values)[0]:
        raise ValueError(
            f"The item must have something in {name!r}; got none for {item!r}; ask of "
            f"another column."
        )
    return values[0]


def _check_grid(grid, shape):
    """Refuse what does not divide a picture of this shape into squares."""
    whole = np.shape(grid) == (2,) and all(isinstance(n, Integral) for n in grid)
    if not whole or not all(1 <= n <= length for n, length in zip(grid, shape)):
        raise ValueError(
            f"grid must be two whole numbers from 1 to the pixels of the picture, "
            f"{shape}; got {quoted(grid)}; write (7, 7)."
        )
    return grid


def _varied(table, values):
    """The one row of a table again and again, with other values in some columns."""
    (n,) = {len(column) for column in values.values()}
    table = rows_of_table(table, np.zeros(n, dtype=int))
    if not is_frame(table):
        return table | {name: as_object_array(v) for name, v in values.items()}
    frame = nw.from_native(table)
    backend = nw.get_native_namespace(frame)
    series = [nw.new_series(name, v, backend=backend) for name, v in values.items()]
    return frame.with_columns(*series).to_native()


def _scores(question, estimator, name, contents):
    """Score of the item with each of the contents in a column, encoded at once."""
    rows, names = np.arange(len(contents)), question.event.names
    item = names["item"]
    table = question.event.table("items")
    table = _varied(table, {item: rows.tolist(), name: contents})
    event = {names["user"]: [0], item: [0]}
    X = Interactions(event, items=table, user=names["user"], item=item)
    encoded = Encoded(X, steps_of(estimator))
    items, first = question.items, np.zeros_like(rows)
    altered = Items(
        items.model,
        encoded,
        items.codes[first],
        items.vectors[first],
        rows,
        origin=first,
    )
    return question.scores(revised(items.model, altered))


def occlusion(estimator, user, item, column, X, *, grid=(7, 7)):
    """Which words of a text, or squares of a picture, speak for an item.

    Each is taken away in turn, the rest is encoded by the encoders of the pipeline, and
    what the score of the item for the user is less then is the effect of that part:
    above 0, it speaks for the item. All are encoded in one call. It costs as many
    encodings as there are parts, and says little of parts that say the same: either
    makes up for the other.

    A word is taken out of all its places. A square is painted in the mean colour of the
    picture. As in `explain`, all else is as it was: a model that places items with
    events by these alone shows no effect.

    Parameters
    ----------
    estimator : pipeline or search that holds one
        Fitted, with a `MultimodalFusion` that encodes the column.
    user, item : id
        Known from `fit`, or with a row in the tables of `X`.
    column : str
        Of texts, or of pictures, in the item table.
    X : Interactions
        With an item table that has a row for the item, not encoded.
    grid : tuple of int, default=(7, 7)
        Rows and columns of squares of a picture.

    Returns
    -------
    effects : list of (str, float), or ndarray of float64 of shape `grid`
        Words, the largest effect first; or the squares of the picture, as it is seen.

    Raises
    ------
    ValueError
        If the column is not encoded, or the item has nothing in it.
    TypeError
        If it holds neither a text nor a picture.

    See Also
    --------
    explain : By modality, and by liked item.

    References
    ----------
    Zeiler, Fergus. "Visualizing and Understanding Convolutional Networks", ECCV 2014,
    section 4.2 (pictures). Li, Monroe, Jurafsky. "Understanding Neural Networks through
    Representation Erasure", arXiv:1612.08220, 2016 (words).

    Examples
    --------
    >>> from skmmrec import ContentRecommender, Interactions, MultimodalFusion
    >>> from skmmrec import SparseTextEncoder, make_pipeline, occlusion
    >>> items = {"item": [1, 2, 3], "title": ["green tea", "black tea", "red jam"]}
    >>> X = Interactions({"user": ["ann", "ann"], "item": [1, 2]}, items=items)
    >>> fusion = MultimodalFusion([("text", SparseTextEncoder(), "title")])
    >>> pipe = make_pipeline(fusion, ContentRecommender()).fit(X)
    >>> [word for word, _ in occlusion(pipe, "ann", 2, "title", X)]
    ['tea', 'black']
    """
    estimator = getattr(estimator, "best_estimator_", estimator)
    question = Question(estimator, user, item, X)
    encoders = _encoders(estimator, column)
    content = _content(question, item, column)
    if picture_encoder := _reader_of("picture", encoders):
        root = getattr(picture_encoder, "root", None)
        picture = open_image(content, 0, root=root)
        whole, parts = _squares(picture, _check_grid(grid, picture.size[::-1]))
    elif isinstance(content, str) and not _reader_of(("sound", "video"), encoders):
        whole = content
        words, parts = _words(content)
    else:
        raise TypeError(
            f"column must hold texts or pictures; got {type(content).__name__} in "
            f"{column!r}; name another one."
        )
    scores = _scores(question, estimator, column, [whole, *parts])
    effects = scores[0] - scores[1:]
    if picture_encoder:
        return effects.reshape(grid)
    order = np.argsort(-effects, kind="stable")
    return [(words[place], float(effects[place])) for place in order]
