"""Why this item: a score, split by modality and by what the user liked."""

from dataclasses import dataclass

import narwhals.stable.v2 as nw
import numpy as np
from sklearn.utils.validation import check_is_fitted

from skmmrec._quote import quoted
from skmmrec._vectors import paired, repeat
from skmmrec.data import FeatureTable, Interactions
from skmmrec.data._tables import as_array, check_id_list, is_frame
from skmmrec.inspection._by_item import by_item, likes_of, member_factors
from skmmrec.inspection._content import (
    CONTENT_ALONE,
    EVENTS_ALONE,
    Encoded,
    Items,
    masked,
    nothing,
    reads_content,
    steps_of,
)
from skmmrec.inspection._shapley import MAX_PLAYERS, coalitions, shapley_values
from skmmrec.metrics._evaluation import find_recommender
from skmmrec.recommenders import (
    ALSRecommender,
    BPRRecommender,
    ContentRecommender,
    EASERecommender,
    FeatureFactorizationRecommender,
    ItemGraphRecommender,
    LightFMRecommender,
    PopularityRecommender,
    SVDRecommender,
)
from skmmrec.recommenders._meta import (
    BaseMetaRecommender,
    known_ids,
    known_params,
    through_steps,
)

# Sums over the modalities, whatever fusion has made of these.
ALWAYS = ItemGraphRecommender, PopularityRecommender

# Vectors of items are affine in their features, with events as without.
LINEAR = (
    ALSRecommender,
    BPRRecommender,
    FeatureFactorizationRecommender,
    LightFMRecommender,
    SVDRecommender,
)

# Liked items that are printed, as the others together say less.
N_PRINTED = 5


@dataclass(frozen=True)
class Explanation:
    """What a score is made of; returned by `explain`.

    Parameters
    ----------
    user, item : id
    score : float
        That of `predict`.
    baseline : float
        What an item would score of which neither content nor events are known.
    modalities : dict of {str: float}
        Contribution of each modality, and of the events, under `"events"`. With the
        baseline they sum to the score.
    items : list of (id, float)
        Contributions of the liked items, the largest first; empty where the model is no
        sum over them.
    method : {"additive", "shapley"}
        Whether the score is a sum over the modalities, or was shared among them.

    Examples
    --------
    >>> from skmmrec import Interactions, ItemKNNRecommender, explain
    >>> X = Interactions({"user": ["ann", "bob", "bob"], "item": ["tea", "tea", "jam"]})
    >>> found = explain(ItemKNNRecommender().fit(X), "ann", "jam")
    >>> found.method, found.items[0][0]
    ('additive', 'tea')
    """

    user: object
    item: object
    score: float
    baseline: float
    modalities: dict
    items: list
    method: str

    def __str__(self):
        head = f"{self.item} for {self.user}: {self.score:.4g} ({self.method})"
        lines = [(name, value) for name, value in self.modalities.items()]
        lines.append(("baseline", self.baseline))
        liked = [(f"liked {item}", value) for item, value in self.items]
        if len(liked) > N_PRINTED + 1:
            rest = liked[N_PRINTED:]
            total = sum(value for _, value in rest)
            liked = [*liked[:N_PRINTED], (f"liked {len(rest)} others", total)]
        width = max(len(name) for name, _ in lines + liked)
        rows = [f"  {name:{width}}  {value:+.4f}" for name, value in lines + liked]
        return "\n".join([head, *rows])


# -- the question --------------------------------------------------------------------


def rows_of_table(table, rows):
    """Rows of a table of any kind, as the same kind."""
    if isinstance(table, FeatureTable):
        return table.take(rows)
    if is_frame(table):
        return nw.from_native(table)[rows.tolist()].to_native()
    return {name: as_array(values)[rows] for name, values in table.items()}


def described(X, on, one):
    """The row that the table of X has for one id, as a table; None without."""
    if X is None or X.table(on) is None:
        return None
    row = X.coded(on)[0].codes([one])
    if not 0 <= row[0] < X.n_described(on):
        return None
    return rows_of_table(X.table(on), row)


def one_event(X, user, item, tables):
    """An Interactions of this event, with these tables of one row."""
    is_named = isinstance(X, Interactions)
    names = [X.names[on] if is_named else on for on in ("user", "item")]
    ids = dict(zip(names, ([user], [item])))
    known = {
        on: {name: ids[name]}
        for on, name in zip(("users", "items"), names)
        if tables[on] is not None
    }
    event = Interactions(ids, **known, user=names[0], item=names[1])
    for on in known:
        event = event.with_table(on, tables[on])
    return event


def ask(model, user, item, X, codes, history=None):
    """The event in question, checked: known to the model, or described by X.

    A user with a history needs no description. `codes` are those of fit, or -1.
    """
    if X is not None and not isinstance(X, Interactions):
        X = model._check(X, reset=False)
    tables = {
        "users": described(X, "users", user),
        "items": described(X, "items", item),
    }
    for one, on, code in zip((user, item), tables, codes):
        if on == "users" and history is not None:
            continue
        if code < 0 and tables[on] is None:
            raise ValueError(
                f"{on[:-1]} must be known from fit, or have a row in the table of {on} "
                f"of X; got {quoted(one)}; pass such an X, or add it with partial_fit."
            )
    return one_event(X, user, item, tables)


class Question:
    """One user and one item, as they reach a fitted recommender.

    Parameters
    ----------
    estimator : recommender, or pipeline or search that holds one
    user, item : id
    X : Interactions, data frame or array, or None
    history, modality_weights
        As `recommend` takes them.

    Attributes
    ----------
    event : Interactions
    user : int
        Code, -1 for a new one.
    U : vectors of one row
        Of the user.
    items : Items
        The item.
    """

    def __init__(self, estimator, user, item, X, history=None, modality_weights=None):
        estimator = getattr(estimator, "best_estimator_", estimator)
        self.model = model = find_recommender(estimator)
        check_is_fitted(model)
        users = known_ids(estimator, check_id_list([user], "users"), "users")
        items = known_ids(estimator, check_id_list([item], "items"), "items")
        self.user = int(model.user_vocabulary_.codes(users)[0])
        code = model.item_vocabulary_.codes(items)
        self.event = event = ask(model, user, item, X, (self.user, code[0]), history)
        is_known = self.user >= 0 or history is not None
        if is_known and code[0] >= 0:  # nothing has to be encoded
            event = one_event(X, user, item, dict.fromkeys(("users", "items")))
        (self.U, _), (V, _) = model._sides(through_steps(estimator, event))
        if history is not None or modality_weights is not None:
            history = known_params(estimator, {"history": history})["history"]
            self.U, _ = model._tastes(users, history, modality_weights)
        encoded = Encoded(self.event, steps_of(estimator))
        self.items = Items(model, encoded, code, V, np.zeros(1, dtype=int))

    def scores(self, vectors):
        """Of the user for vectors (n, d) of the item, (n,)."""
        U = repeat(self.U, vectors.shape[0])
        return np.asarray(self.model._similarity(U, vectors, paired), dtype=np.float64)


# -- by modality ---------------------------------------------------------------------


def _is_additive(items, U):
    """Whether the score is a sum over the modalities of the item."""
    model = items.model
    if isinstance(model, BaseMetaRecommender):
        if member_factors(model, U, items.vectors) is None:
            return False
        return all(map(_is_additive, items.members, U.parts))
    if not items.names or isinstance(model, ALWAYS):
        return True
    if isinstance(model, EVENTS_ALONE) and items.is_warm.all():
        return True
    if isinstance(model, EASERecommender):
        return reads_content(model)
    if isinstance(model, ContentRecommender):
        return model.metric == "cosine" and items.is_apart
    return isinstance(model, LINEAR) and items.is_apart


def _contributions(question, is_additive):
    """Of each modality, {str: float}."""
    items, names = question.items, question.items.names
    if is_additive:  # what the score is less without each
        keep = np.vstack([np.ones((1, len(names))), 1 - np.eye(len(names))]) > 0
    else:
        if len(names) > MAX_PLAYERS:
            raise ValueError(
                f"Shapley values must be of {MAX_PLAYERS} modalities at most; got "
                f"{len(names)}, {2 ** len(names)} coalitions; encode several columns "
                f"together."
            )
        keep = coalitions(len(names))
    changed = items.repeated(len(keep), dict(zip(names, keep.T)))
    values = question.scores(masked(question.model, changed))
    shares = values[0] - values[1:] if is_additive else shapley_values(values)
    return dict(zip(names, shares.tolist()))


def _knows_events(items):
    """Whether anything of the item's vector comes from its events."""
    if isinstance(items.model, BaseMetaRecommender):
        return any(map(_knows_events, items.members))
    return bool(items.is_warm.all()) and not isinstance(items.model, CONTENT_ALONE)


def _liked(question):
    """Liked items by id and what they contribute, the largest first."""
    model, user = question.model, question.user
    if user < 0 or not (likes := likes_of(model, user)).nnz:
        return []
    parts = by_item(model, user, question.U, question.items.vectors)
    if parts is None:
        return []
    order = np.argsort(-parts, kind="stable")
    ids = model.item_vocabulary_.decode(likes.indices[order]).tolist()
    return list(zip(ids, parts[order].tolist()))


def explain(estimator, user, item, X=None, *, history=None, modality_weights=None):
    """Split the score of one item for one user by modality and by liked item.

    Answers what it is about the item that the model goes by, and which of the things
    that the user liked speak for it. It tells what the model does, not what the user
    thinks; for what a modality does for all lists, see `modality_importance`.

    The user stays as he is, with a taste that was learned from all modalities. A
    modality contributes what is known of *this item* by it, a coalition of modalities
    is worth the score of the item if all others were missing of it, and events count
    first: ``"events"`` is what an item with these events and no content scores, above
    the baseline of one of which nothing at all is known. So a modality is given what it
    adds to events, and nothing for what these say already.

    Where the score is a sum over modalities, that is exact, the order does not matter,
    and `method` is ``"additive"``: `ContentRecommender` (cosine, fused by methods that
    keep the modalities apart), `FeatureFactorizationRecommender`, `ALSRecommender` and
    `LightFMRecommender` (by the prior of the factors), `EASERecommender` (by its rows
    of features), `ItemGraphRecommender` (by the last edge of the paths to the item,
    those between other items being as they are), all models that place items with
    events by these alone, and weighted sums of all of them: `VotingRecommender`,
    `SwitchingRecommender`, and `StackingRecommender` with a linear judge, each member's
    split times its weight. Else a modality gets its Shapley value, from all coalitions.

    Parameters
    ----------
    estimator : recommender, or pipeline or search that holds one
        Fitted.
    user, item : id
        Known from `fit`, or with a row in the tables of `X`; of a pipeline with a
        `Pseudonymizer`, those that it takes.
    X : Interactions, data frame or array, default=None
        Like that of `fit`; only its tables count. Needed for what is new, and by models
        that keep no content of items, such as factorisations and networks.
    history : Interactions, data frame or array, default=None
        Events of the user since `fit`, as in `recommend`; a new user needs no more.
        There is then no split by liked item.
    modality_weights : dict of {str: float}, default=None
        Those that `recommend` was given. The liked items stay as they are without.

    Returns
    -------
    explanation : Explanation
        ``print`` it. ``baseline + sum(modalities.values())`` is the score.

    Raises
    ------
    ValueError
        If the user or the item is unknown, `X` lacks the content of the item where it
        is needed, or a game has more than 12 modalities.

    Notes
    -----
    The liked items sum to the score in item-item models, in `UserKNNRecommender` (but
    with distances), and in `ContentRecommender`. In `FeatureFactorizationRecommender`
    the rest is what suits all users; in `ALSRecommender` it is the prior of the user,
    and what the last sweep of `fit` has left to do; in combinations, what members say
    that are no sum over liked items, and the means of the calibration. Elsewhere, and
    for users without likes, `items` is empty.

    Where fusion mixes modalities, they are taken away before it, and it fuses what is
    left. In an item graph, or EASE, such a mixture counts as one modality.

    For items with events, what the model would make of the item with less content is
    what it makes of its content in `partial_fit`, as a change of the fitted vector.

    See Also
    --------
    modality_importance : For all users and items together.
    occlusion : By words of a text, or parts of a picture.

    References
    ----------
    Shapley. "A Value for n-Person Games", Contributions to the Theory of Games II,
    1953. Lundberg, Lee. "A Unified Approach to Interpreting Model Predictions", NIPS
    2017, equation 8. Frye, Rowat, Feige. "Asymmetric Shapley Values", NeurIPS 2020
    (events first). Hu, Koren, Volinsky. "Collaborative Filtering for Implicit Feedback
    Datasets", ICDM 2008, section 5 (by liked item).

    Examples
    --------
    >>> from skmmrec import ContentRecommender, Interactions, MultimodalFusion
    >>> from skmmrec import explain, make_pipeline
    >>> items = {"item": ["tea", "jam", "bread"], "sweet": [0.1, 0.9, 0.8],
    ...          "drink": [0.9, 0.1, 0.0]}
    >>> X = Interactions({"user": ["ann", "ann"], "item": ["jam", "tea"]}, items=items)
    >>> fusion = MultimodalFusion([("taste", "passthrough", ["sweet"]),
    ...                            ("use", "passthrough", ["drink"])])
    >>> pipe = make_pipeline(fusion, ContentRecommender()).fit(X)
    >>> print(explain(pipe, "ann", "bread"))
    bread for ann: -1 (additive)
      taste      -0.3156
      use        -0.6844
      baseline   +0.0000
      liked jam  +0.9524
      liked tea  -1.9524
    """
    question = Question(estimator, user, item, X, history, modality_weights)
    items, model = question.items, question.model
    score = float(question.scores(items.vectors)[0])
    is_additive = _is_additive(items, question.U)
    modalities = _contributions(question, is_additive)
    baseline = score - sum(modalities.values())
    if _knows_events(items):
        rest = baseline
        baseline = float(question.scores(nothing(model, items.vectors))[0])
        modalities["events"] = modalities.get("events", 0.0) + rest - baseline
    return Explanation(
        user=user,
        item=item,
        score=score,
        baseline=baseline,
        modalities=modalities,
        items=_liked(question) if history is None else [],
        method="additive" if is_additive else "shapley",
    )
