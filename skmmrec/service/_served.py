"""What is served at a time: one fitted model with its catalogue, never changed."""

import secrets
import time
from typing import NamedTuple

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.utils.validation import check_is_fitted

from skmmrec._queries import as_queries
from skmmrec.data import Interactions
from skmmrec.data._tables import as_object_array, column_names
from skmmrec.encoders._base import BaseEncoder
from skmmrec.encoders._pictures import open_image
from skmmrec.encoders._sound import open_sound
from skmmrec.inspection._content import is_of_items, steps_of
from skmmrec.inspection._data_uris import RATE
from skmmrec.inspection._explain import explain
from skmmrec.inspection._recommendation import UNREADABLE
from skmmrec.metrics._evaluation import find_recommender
from skmmrec.recommenders._meta import (
    BaseMetaRecommender,
    refuse_renaming,
    through_steps,
)
from skmmrec.recommenders._voting import weighable
from skmmrec.service._catalogue import Catalogue, find_ids


class NotFound(Exception):
    """An id that the model does not know; the message names it."""


class Refused(Exception):
    """A request that is well formed, but not for this model."""


class Unreadable(Exception):
    """An upload that no encoder can read."""


def _picture(content):
    """An uploaded picture, decoded: not a path, whatever it says."""
    try:
        return open_image(content, 0)
    except UNREADABLE as error:
        raise Unreadable(
            "The file must be a picture that can be read, within the limits of "
            "set_config; got one that is not; convert it, or make it smaller."
        ) from error


def _sound(content):
    """An uploaded sound, as it is, once its beginning has been read."""
    try:
        open_sound(content, 0, rate=RATE, duration=1.0)
    except UNREADABLE as error:
        raise Unreadable(
            "The file must be a sound that can be read, within the limits of "
            "set_config; got one that is not; convert it, or make it shorter."
        ) from error
    return content


# what encoders call a value, and people can send; others, such as paths, they cannot
READ = {"text": str, "picture": _picture, "sound": _sound}


class Query(NamedTuple):
    """One user to whom items are to be recommended.

    Parameters
    ----------
    user : int, str or None
        None, and whom the model does not know, is a new user.
    k : int
    items : tuple of ids
        What the user has had since the fit, or in this session.
    candidates : tuple of ids or None
    exclude_seen : bool
    modality_weights : dict or None
    """

    user: object
    k: int
    items: tuple = ()
    candidates: tuple | None = None
    exclude_seen: bool = True
    modality_weights: dict | None = None

    @property
    def is_plain(self):
        """Whether it can be answered along with others."""
        alone = self.candidates is not None or self.modality_weights is not None
        return not alone and (self.user is None or not self.items)


class Offer(NamedTuple):
    """Items, best first.

    Parameters
    ----------
    items : list of ids
    scores : list of float
    is_known : bool
        Whether the model knows the user.
    """

    items: list
    scores: list
    is_known: bool = True


class _New:
    """The id of a user whom nobody knows."""


def check_ids(vocabulary, what):
    """Refuse ids that JSON has no type for."""
    ids = vocabulary.ids
    is_plain = ids.dtype.kind in "iuU" or all(
        isinstance(one, (int, str)) and not isinstance(one, bool)
        for one in ids.tolist()
    )
    if not is_plain:
        raise ValueError(
            f"The ids of {what} must be whole numbers or texts to be served; got "
            f"{ids.tolist()[0]!r}; convert them, and fit again."
        )


def _fusions(estimator):
    """All fitted fusions of the item table, those of the members included."""
    yield from filter(is_of_items, steps_of(estimator))
    model = find_recommender(estimator)
    if isinstance(model, BaseMetaRecommender):
        for member in model.estimators_:
            yield from _fusions(member)


def _noun(encoder):
    """What an encoder calls its values; None for what is no encoder of one column."""
    encoder = encoder[0] if isinstance(encoder, Pipeline) else encoder
    return encoder._noun if isinstance(encoder, BaseEncoder) else None


class Served:
    """A fitted model and its catalogue, behind the questions of the service.

    Parameters
    ----------
    estimator : recommender, or pipeline or search that holds one
        Fitted.
    items : table, default=None
        Titles and media of the items, and their content for `explain`.
    title, image, audio : str, default=None
        Columns of it.
    root : str or Path, default=None
        Folder in which media must lie.
    retriever : str or retriever, default="exact"
        As `recommend` takes it.
    """

    def __init__(
        self,
        estimator,
        items=None,
        *,
        title=None,
        image=None,
        audio=None,
        root=None,
        retriever="exact",
    ):
        refuse_renaming(estimator)
        self.estimator = getattr(estimator, "best_estimator_", estimator)
        self.model = find_recommender(self.estimator)
        check_is_fitted(self.model)
        self.users, self.items = (
            self.model.user_vocabulary_,
            self.model.item_vocabulary_,
        )
        check_ids(self.users, "users")
        check_ids(self.items, "items")
        names = self.model.columns_ or {}
        self._names = {on: names.get(on, on) for on in ("user", "item")}
        self.queries = self._find_queries()
        if items is not None:
            image = image or self._column_of("picture", items)
            audio = audio or self._column_of("sound", items)
        columns = {"title": title, "image": image, "audio": audio}
        self.catalogue = Catalogue(
            self.items, items, self._names["item"], root=root, **columns
        )
        self.X = None if items is None else self._events([], [], items)
        self.modalities = list(dict.fromkeys(weighable(self.model)))
        self.retriever = retriever
        self.version, self.since = secrets.token_hex(4), time.time()

    def _events(self, users, items, table=None):
        """Events as the model takes them."""
        columns = dict(zip(self._names.values(), map(as_object_array, (users, items))))
        return Interactions(columns, table, **self._names)

    def about(self):
        """What the model is, and what can be asked of it."""
        has = self.catalogue.has
        return {
            "model": type(self.model).__name__,
            "version": self.version,
            "n_users": len(self.users),
            "n_items": len(self.items),
            "modalities": self.modalities,
            "queries": self.queries,
            "pictures": has["image"],
            "sounds": has["audio"],
        }

    # -- people ----------------------------------------------------------------------

    def known(self, vocabulary, ids, what):
        """Codes of ids.

        Raises
        ------
        NotFound
            If one is unknown.
        """
        codes = vocabulary.codes(as_object_array(ids))
        if (codes < 0).any():
            raise NotFound(
                f"{what} must be known to the model; got "
                f"{ids[int(np.argmax(codes < 0))]!r}, which it does not know."
            )
        return codes

    def find_users(self, text, n):
        """Ids of the first n users whose id contains a text."""
        return self.users.decode(find_ids(self.users, text, n)).tolist()

    def find_items(self, text, n):
        """Ids of the first n items whose title contains a text."""
        return self.items.decode(self.catalogue.find(text, n)).tolist()

    def likes(self, user, n):
        """Ids of n items that a user liked, the latest first where times are known."""
        code = self.known(self.users, [user], "user")[0]
        row = self.model.seen_[[code]]
        order = np.argsort(-row.data, kind="stable")
        if hasattr(self.model, "times_"):
            order = np.argsort(-self.model.times_[[code]].data, kind="stable")
        order = order[row.data[order] > 0]
        return self.items.decode(row.indices[order[:n]]).tolist()

    # -- ranking ---------------------------------------------------------------------

    def recommend(self, queries):
        """Offers for queries, all plain, or one of any kind.

        Parameters
        ----------
        queries : list of Query
            With the same `exclude_seen`.

        Returns
        -------
        offers : list of Offer

        Raises
        ------
        NotFound
            If a candidate is unknown.
        Refused
            If the model has no such modalities to weigh.
        """
        first = queries[0]
        options = {"exclude_seen": first.exclude_seen, "return_scores": True}
        options["retriever"] = self.retriever
        if first.candidates is not None:
            self.known(self.items, first.candidates, "candidates")
            options["candidates"] = as_object_array(first.candidates)
        if first.modality_weights is not None:
            options["modality_weights"] = self._checked(first.modality_weights)
        asked = [query.user for query in queries]
        is_known = self.users.codes(as_object_array(asked)) >= 0
        users = [u if known else _New() for u, known in zip(asked, is_known)]
        k = min(max(query.k for query in queries), len(self.items))
        items, scores = self.model.recommend(
            as_object_array(users), k, history=self._history(users, queries), **options
        )
        rows = zip(items.tolist(), scores.tolist(), is_known.tolist(), queries)
        return [_offer(*row) for row in rows]

    def _history(self, users, queries):
        pairs = [(u, item) for u, query in zip(users, queries) for item in query.items]
        return self._events(*zip(*pairs)) if pairs else self._events([], [])

    def _checked(self, weights):
        try:
            self.model._reweighted(self.model.user_factors_[:1], weights)
        except ValueError as error:
            raise Refused(str(error)) from error
        return weights

    def similar(self, item, k):
        """The k items most similar to one of the catalogue."""
        self.known(self.items, [item], "item")
        k = min(k, len(self.items) - 1)
        if k < 1:
            return Offer([], [])
        rows = self.model.similar_items(as_object_array([item]), k, return_scores=True)
        return _offer(*(row[0].tolist() for row in rows))

    # -- search by content -----------------------------------------------------------

    def _find_queries(self):
        """Columns that can be searched by, {column: "text", "picture" or "sound"}."""
        branches = [
            b for fusion in _fusions(self.estimator) for b in fusion.transformers_
        ]
        named = [
            (c, _noun(encoder)) for _, encoder, c in branches if isinstance(c, str)
        ]
        return {column: noun for column, noun in named if noun in READ}

    def _column_of(self, noun, table):
        """A column of the table that the model reads pictures (sounds) from."""
        found = [name for name, kind in self.queries.items() if kind == noun]
        return next((name for name in found if name in column_names(table)), None)

    def query_column(self, noun, column=None):
        """The column to search by for a text, a picture or a sound.

        Raises
        ------
        Refused
            If the model reads no such column.
        """
        found = [name for name, kind in self.queries.items() if kind == noun]
        if column is None and found:
            return found[0]
        if column not in found:
            raise Refused(
                f"column must be one that the model reads a {noun} from; got "
                f"{column!r}; it has {found or 'none'}."
            )
        return column

    def search(self, column, value, k):
        """The k items whose content is most similar to a text, picture or sound.

        Raises
        ------
        Unreadable
            If a picture or a sound cannot be read.
        Refused
            If there is nothing in it that the model has learned from.
        """
        noun = self.queries[column]
        value = READ[noun](value)
        asked = as_queries({column: as_object_array([value])}, self.model.columns_)
        asked = through_steps(self.estimator, asked, gaps=True)
        k = min(k, len(self.items))
        try:
            rows = self.model.similar_items_to(asked, k, return_scores=True)
        except ValueError as error:
            raise Refused(
                f"The {noun} must hold something that the model has learned from, such "
                f"as words of its items; got nothing of it; try another."
            ) from error
        return _offer(*(row[0].tolist() for row in rows))

    def medium(self, role, code):
        """A picture ("image") or a sound ("audio") made small, or None."""
        read = self.catalogue.picture if role == "image" else self.catalogue.sound
        return read(code)

    # -- reasons ---------------------------------------------------------------------

    def explain(self, query, items):
        """Why items are offered, a list of Explanation.

        Raises
        ------
        NotFound, Refused
            If an item is unknown, or the model cannot tell.
        """
        self.known(self.items, items, "items")
        weights = query.modality_weights
        weights = None if weights is None else self._checked(weights)
        is_known = self.users.codes(as_object_array([query.user]))[0] >= 0
        user = query.user if is_known else _New()
        history = None
        if query.items or not is_known:
            history = self._history([user], [query])
        options = {"history": history, "modality_weights": weights}
        try:
            return [explain(self.estimator, user, i, self.X, **options) for i in items]
        except ValueError as error:
            raise Refused(str(error)) from error


def _offer(items, scores, is_known=True, query=None):
    """Without the places that nothing was found for."""
    n = len(items) if query is None else query.k
    pairs = [(i, s) for i, s in zip(items[:n], scores[:n]) if i is not None]
    return Offer([i for i, _ in pairs], [s for _, s in pairs], is_known)
