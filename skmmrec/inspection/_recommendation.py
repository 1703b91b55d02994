"""What users liked beside what they are offered, as people look at it."""

import warnings
from pathlib import Path

import numpy as np

from skmmrec._checks import check_count, check_flag
from skmmrec.data import FeatureTable
from skmmrec.data._interactions import check_interactions
from skmmrec.data._tables import check_id_list, column, is_missing
from skmmrec.encoders._sound import check_duration
from skmmrec.inspection._data_uris import picture_uri, sound_uri
from skmmrec.inspection._explain import explain
from skmmrec.inspection._page import PAGE, STYLE, Card, section_html, strongest_likes
from skmmrec.metrics._evaluation import find_recommender
from skmmrec.recommenders._meta import (
    known_events,
    known_ids,
    known_params,
    without_renaming,
)

UNREADABLE = OSError, ValueError, TypeError  # what a picture or a sound raises


def _last_likes(X, user, n):
    """Ids of the last n items that a user (a code of X) liked, the latest first."""
    mine = X[(X.user_codes == user) & (X.weights > 0)]
    if mine.has_time:
        mine = mine[np.argsort(mine.time, kind="stable")]
    return list(dict.fromkeys(mine.item_ids[::-1].tolist()))[:n]


def _cells(X, name, rows):
    """Values of a column of the raw item table in some rows; None where there is none.

    Parameters
    ----------
    X : Interactions
    name : str or None
    rows : list of int
        -1 is no row.
    """
    if name is None:
        return [None] * len(rows)
    table = X.table("items")
    if table is None or isinstance(table, FeatureTable):
        raise ValueError(
            f"X must have its item table as it was before encoding; got none, where a "
            f"column {name!r} is to be shown; pass what the pipeline was fitted on."
        )
    values = column(table, name, "items")
    missing = is_missing(values) if values.ndim == 1 else np.zeros(len(values), bool)
    known = [0 <= row < len(values) and not missing[row] for row in rows]
    return [values[row] if has else None for row, has in zip(rows, known)]


def _uris(values, rows, read, noun):
    """Media as data URIs, None for what is missing or cannot be read."""
    uris, errors = [], []
    for value, row in zip(values, rows):
        try:
            uris.append(None if value is None else read(value, row))
        except UNREADABLE as error:
            uris.append(None)
            errors.append(error)
    if errors:
        warnings.warn(
            f"Every {noun} that is shown must be readable; got {len(errors)} that is "
            f"not, and is left out: {errors[0]}",
            stacklevel=4,
        )
    return uris


def _cards(X, items, title, image, audio, duration, root):
    """Card of each item, by id."""
    rows = X.item_vocabulary.codes(items).tolist()
    titles = _cells(X, title, rows)
    images = _uris(
        _cells(X, image, rows),
        rows,
        lambda v, row: picture_uri(v, row, root),
        "picture",
    )
    sounds = _uris(
        _cells(X, audio, rows),
        rows,
        lambda v, row: sound_uri(v, row, duration, root),
        "sound",
    )
    return {
        item: Card(str(item), str(item if name is None else name), *media)
        for item, name, *media in zip(items, titles, images, sounds)
    }


def _reason(estimator, user, item, X, **asked):
    """Why an item is offered; None where there is no telling, as for a new user."""
    try:
        return explain(estimator, user, item, X, **asked)
    except ValueError:
        return None


class RecommendationDisplay:
    """What users liked beside what they are offered, with pictures, sounds and reasons.

    For a look at single users before any metric is believed: are the lists sensible,
    and for the reason that one would think? In a notebook it shows itself; `save`
    writes one file that needs no network. All media is in it, made small: some 10 kB
    for each picture and 40 kB for each sound, so that it is for tens of users. Use
    `from_estimator`.

    Parameters
    ----------
    users : list of ids
    liked : list of list of ids
        What each of them liked last, the latest first.
    offered : list of list of ids
        What each of them is offered, best first.
    reasons : list of list of Explanation or None
        Why, for each item that is offered.
    cards : dict of {id: Card}
        Name, title, picture and sound of each item, the last two as data URIs; of
        items that come up in reasons alone, no media.

    See Also
    --------
    skmmrec.explain : The reasons.

    Notes
    -----
    Pictures, sounds and titles are untrusted input: media is decoded within the limits
    of `set_config` and encoded anew, all data is escaped, there is no script, and the
    policy of the page forbids whatever is not in it.

    Examples
    --------
    >>> from skmmrec import Interactions, PopularityRecommender, RecommendationDisplay
    >>> items = {"item": [1, 2, 3], "title": ["Tea", "Jam & honey", "Bread"]}
    >>> X = Interactions({"user": [7, 8, 8], "item": [1, 1, 2]}, items=items)
    >>> display = RecommendationDisplay.from_estimator(
    ...     PopularityRecommender().fit(X), X, [7], k=1, title="title"
    ... )
    >>> display.liked, display.offered
    ([[1]], [[2]])
    >>> "Jam &amp; honey" in display._repr_html_()
    True
    """

    def __init__(self, *, users, liked, offered, reasons, cards) -> None:
        self.users = users
        self.liked = liked
        self.offered = offered
        self.reasons = reasons
        self.cards = cards

    @classmethod
    def from_estimator(
        cls,
        estimator,
        X,
        users,
        *,
        k=6,
        n_liked=6,
        title=None,
        image=None,
        audio=None,
        duration=8.0,
        root=None,
        reasons=True,
        **params,
    ):
        """Recommend to some users, and gather what is to be shown.

        Parameters
        ----------
        estimator : recommender, or pipeline or search that holds one
            Fitted.
        X : Interactions
            What it was fitted on: the likes come from its events, what is shown of
            items from its table.
        users : array-like of shape (n_users,)
            Ids.
        k : int, default=6
            Number of items that are offered to each.
        n_liked : int, default=6
            Number of liked items that are shown of each, the latest.
        title, image, audio : str, default=None
            Columns of the item table: what an item is called, by default its id; a
            picture; a sound. Media are paths, bytes and so on, as encoders take them;
            what cannot be read is left out with a warning.
        duration : float, default=8.0
            Seconds of each sound.
        root : str or Path, default=None
            Folder in which all files must lie, where paths come from others. Relative
            paths start here.
        reasons : bool, default=True
            Whether to say why each item is offered, by `explain`, where it can.
        **params : dict
            Of `recommend`, such as `candidates`.

        Returns
        -------
        display : RecommendationDisplay

        Raises
        ------
        ValueError
            If a column is missing, the item table is encoded already, or a number is
            less than 1.
        """
        check_duration(duration)
        check_count(n_liked, "n_liked", 1)
        check_flag(reasons, "reasons")
        X = known_events(estimator, check_interactions(X))
        users = check_id_list(users, "users")
        known = known_ids(estimator, users, "users")
        params = known_params(estimator, params)
        estimator = without_renaming(estimator)
        lists = find_recommender(estimator).recommend(known, k, **params).tolist()
        offered = [[item for item in row if item is not None] for row in lists]
        codes = X.user_vocabulary.codes(known)
        liked = [_last_likes(X, code, n_liked) for code in codes]
        users = users.tolist()
        shown = list(dict.fromkeys(item for row in [*liked, *offered] for item in row))
        cards = _cards(X, shown, title, image, audio, duration, root)
        asked = {n: params.get(n) for n in ("history", "modality_weights")}

        def reason(user, item):
            return _reason(estimator, user, item, X, **asked)

        why = [
            [reason(user, item) if reasons else None for item in row]
            for user, row in zip(known.tolist(), offered)
        ]
        # what is named in a reason needs a title only
        named = [item for row in why for r in row if r for item in strongest_likes(r)]
        named = [item for item in dict.fromkeys(named) if item not in cards]
        cards |= _cards(X, named, title, None, None, duration, root)
        return cls(users=users, liked=liked, offered=offered, reasons=why, cards=cards)

    def _repr_html_(self):
        """A part of a page, with a style of its own, as notebooks show it."""
        rows = zip(self.users, self.liked, self.offered, self.reasons)
        sections = "\n".join(section_html(*row, self.cards) for row in rows)
        return f'{STYLE}\n<div class="skmmrec-look">\n{sections}\n</div>'

    def save(self, path):
        """Write a page that needs nothing else: no network, no other file.

        Parameters
        ----------
        path : str or Path

        Returns
        -------
        path : Path
            Where it is.
        """
        path = Path(path)
        page = PAGE.format(fragment=self._repr_html_())
        # half a surrogate pair, as broken data has it, is no character
        path.write_text(page, encoding="utf-8", errors="replace")
        return path
