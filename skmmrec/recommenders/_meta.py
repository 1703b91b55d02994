"""What recommenders that combine others share.

A combination, too, is two matrices and a similarity: the matrices of its members side
by side, then columns of its own, such as the weights of the members for each item: its
factors are `Blocks`. Its similarity asks each member for that of its columns, and
combines the answers. So new users and items, candidates and lists are as with any other
recommender.
"""

from collections.abc import Sequence
from contextlib import contextmanager
from copy import copy
from numbers import Integral, Real
from typing import Self

import numpy as np
from joblib import effective_n_jobs
from sklearn import clone
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch
from sklearn.utils.parallel import Parallel, delayed
from threadpoolctl import threadpool_limits

from skmmrec import plugins
from skmmrec._base import BaseRecommender
from skmmrec._quote import quoted
from skmmrec._sklearn import BaseComposition
from skmmrec._updates import VOCABULARIES
from skmmrec._vectors import Blocks, for_products, outer, put
from skmmrec.fusion import MultimodalFusion
from skmmrec.ranking import blocks_of_rows

# So many items, evenly spaced in the catalogue, tell a user's mean score and its spread
# to a few percent.
CALIBRATION_ITEMS = 2048


def last_step(member):
    """The recommender at the end of a pipeline, or the member itself.

    Of a search, that of the best candidate.
    """
    if hasattr(member, "best_estimator_"):
        return last_step(member.best_estimator_)
    return last_step(member[-1]) if isinstance(member, Pipeline) else member


def _renaming(member):
    """Steps of a fitted pipeline that give ids other names: a `Pseudonymizer`."""
    if hasattr(member, "best_estimator_"):
        return _renaming(member.best_estimator_)
    if not isinstance(member, Pipeline):
        return []
    steps = [step for _, step in member.steps[:-1] if hasattr(step, "pseudonyms")]
    return steps + _renaming(member[-1])


def known_ids(member, ids, on):
    """Ids of "users" or "items" as the recommender at the end of a pipeline has them.

    What a table of events goes through in the steps, ids that stand alone do not.
    """
    for step in _renaming(member):
        if on in step.on:
            ids = step.pseudonyms(ids, on)
    return ids


def known_events(member, X):
    """Events by ids as the recommender at the end of a pipeline has them."""
    for step in _renaming(member):
        X = step.transform(X)
    return X


def known_params(member, params):
    """Parameters of `recommend`, by ids as the recommender at the end has them."""
    params = dict(params)
    if params.get("candidates") is not None:
        params["candidates"] = known_ids(member, params["candidates"], "items")
    if params.get("history") is not None and _renaming(member):
        events = last_step(member)._check_pairs(params["history"])
        params["history"] = known_events(member, events)
    return params


def without_renaming(member):
    """A fitted pipeline that is asked by the ids that its recommender has."""
    if hasattr(member, "best_estimator_"):
        return without_renaming(member.best_estimator_)
    if not _renaming(member):
        return member
    member, (*steps, (name, last)) = copy(member), member.steps
    steps = [(n, step) for n, step in steps if not hasattr(step, "pseudonyms")]
    member.steps = [*steps, (name, without_renaming(last))]
    return member


def refuse_renaming(member):
    """Refuse a fitted pipeline of which only the recommender would be asked."""
    if _renaming(member):
        raise ValueError(
            "The model must be asked here by the ids that its recommender has; got a "
            "pipeline with a Pseudonymizer; pass pipe[1:], and what pipe[0] makes of "
            "ids and tables."
        )


def through_steps(member, X, gaps=False):
    """Events as they reach the recommender at the end of a fitted pipeline.

    With `gaps`, they are questions: tables without ids, which may lack columns that a
    fusion reads.
    """
    if hasattr(member, "best_estimator_"):
        return through_steps(member.best_estimator_, X, gaps)
    if not isinstance(member, Pipeline):
        return X
    for _, step in member.steps[:-1]:
        if step in (None, "passthrough") or (gaps and hasattr(step, "pseudonyms")):
            continue
        fuses = gaps and isinstance(step, MultimodalFusion)
        X = step._transform_given(X) if fuses else step.transform(X)
    return through_steps(member[-1], X, gaps)


@contextmanager
def _naming(name, owner):
    """Add the member to an error of it."""
    try:
        yield
    except Exception as error:
        error.add_note(f"This was member {name!r} of {type(owner).__name__}.")
        raise


def _made(name, member, owner):
    """The recommender of a member, which may be given by its name."""
    if not isinstance(member, str):
        return member
    with _naming(name, owner):
        return plugins.make("recommenders", member)


def _with_last_step(member, last):
    """A fitted pipeline with another recommender at its end, or that recommender."""
    if not isinstance(member, Pipeline):
        return last
    member, (name, step) = copy(member), member.steps[-1]
    member.steps = [*member.steps[:-1], (name, _with_last_step(step, last))]
    return member


def _check_member(name, member):
    """Refuse members that do not have the ids of the combination."""
    if _renaming(member):
        raise ValueError(
            f"Member {name!r} must take users and items by the ids of X; got a "
            f"pipeline with a Pseudonymizer; put it before the combination."
        )
    if not last_step(member)._keeps_users:
        raise ValueError(
            f"Member {name!r} must know the users of X; got "
            f"{type(last_step(member)).__name__}, which is private and knows nobody; "
            f"use it alone."
        )


def _fit_member(name, member, X, owner, task):
    member = clone(member)
    with _naming(name, owner), owner._subtask(task, member):
        return member.fit(X)


def own(matrix):
    """The columns after those of the members: the combination's own."""
    return matrix.parts[-1]


def numbers_by_member(values, names, what, least=0.0):
    """One number for each member as a dict; a name left out of a dict counts 1.

    Parameters
    ----------
    values : dict of {str: float}, sequence of float or None
    names : list of str
    what : str
        Name of the parameter, for errors.
    least : float
        0 allows zeros, as long as not all of them are.
    """
    if values is None:
        return dict.fromkeys(names, 1.0)
    listed = isinstance(values, Sequence) and not isinstance(values, str)
    listed |= isinstance(values, np.ndarray) and values.ndim == 1
    if listed and len(values) == len(names):
        values = dict(zip(names, values))
    # a dok matrix is a dict, whose rows are no names
    by_name = isinstance(values, dict) and all(isinstance(n, str) for n in list(values))
    if not by_name or set(values) - set(names):
        raise ValueError(
            f"{what} must be a list of a number for each of the members {names}, or a "
            f"dict of name to number; got {quoted(values)}; correct it."
        )
    for name, value in values.items():
        if not isinstance(value, Real) or not least <= value < float("inf"):
            raise ValueError(
                f"{what} must be finite numbers of {least:g} or more; got "
                f"{quoted(value)} for {name!r}; set a member to 'drop' to leave it out."
            )
    numbers = {name: float(values.get(name, 1.0)) for name in names}
    if not any(numbers.values()):
        raise ValueError(
            f"{what} must not all be zero; got {numbers}; give a member more."
        )
    return numbers


def standardized(scores):
    """Scores (n, m) with mean 0 and variance 1 in each row; constant rows become 0."""
    means, scales = _spread(scores)
    return (scores - means[:, None]) * scales[:, None]


def _spread(scores):
    """Mean of each row, and one over its standard deviation, 0 where that is nil."""
    means = scores.mean(axis=1, dtype=np.float64)
    spread = scores.std(axis=1, dtype=np.float64)
    # a constant score differs by rounding, and means nothing
    says_something = spread > 1e-6 * np.abs(means)
    scales = np.divide(1, spread, out=np.zeros_like(spread), where=says_something)
    return means, scales


class BaseMetaRecommender(BaseComposition, BaseRecommender):
    """Members, their matrices side by side; subclasses write `_similarity`.

    They may write `_learn_rule(X, likes)`, which runs once the members are fitted, with
    `_learns_rule` to say whether events have a say in it,
    `_user_own(parts, counts)`, the columns of their own for users, from the members'
    vectors (a list of (n, d_m)) and numbers of liked items, and `_item_own(counts)`,
    those for items, from the numbers of users who liked them.
    """

    _why_not_additive = "whose members are not weighed by modality"
    _parameter_constraints = {"n_jobs": [Integral, None]}
    _learns_rule = False

    @property
    def closed_form(self):
        """Whether the members are in closed form, and their combination is given."""
        members = [last_step(member) for _, member in self._kept()]
        return not self._learns_rule and all(m.closed_form for m in members)

    # -- what a combination may replace -----------------------------------------------

    def _learn_rule(self, X, likes):
        """Learn how to combine, from the events."""

    def _user_own(self, parts, counts):
        return np.empty((len(counts), 0), dtype=np.float32)

    def _item_own(self, counts):
        return np.empty((len(counts), 0), dtype=np.float32)

    def _item_similarity(self, U, V):
        parts = self._member_item_similarity(U, V)
        return sum(map(standardized, parts)) / len(self.estimators_)

    # -- nested parameters, as VotingClassifier has them ------------------------------

    def get_params(self, deep=True):
        """Parameters of this estimator and, if `deep`, of its members.

        Parameters
        ----------
        deep : bool, default=True

        Returns
        -------
        params : dict
        """
        return self._get_params("estimators", deep=deep)

    def set_params(self, **params):
        """Set parameters, those of members as ``name__parameter``.

        Parameters
        ----------
        **params : dict
            A member may be set to ``"drop"``, or to the name of another.

        Returns
        -------
        self : estimator
        """
        self._set_params("estimators", **params)
        return self

    def _kept(self):
        """The members that are not dropped, those by name made, [(name, estimator)]."""
        try:
            names = [name for name, _ in self.estimators]
        except (TypeError, ValueError):
            raise TypeError(
                f"estimators must be a list of (name, recommender); got "
                f"{quoted(self.estimators)}; give each member such a pair."
            ) from None
        if not all(isinstance(name, str) for name in names):
            raise TypeError(
                f"The names of members must be texts; got {quoted(names)}; write "
                f"[('als', ALSRecommender()), ...]."
            )
        self._validate_names(names)
        kept = [
            (name, _made(name, member, self))
            for name, member in self.estimators
            if member != "drop"
        ]
        for name, member in kept:
            if not isinstance(last_step(member), BaseRecommender):
                raise TypeError(
                    f"Member {name!r} must be a recommender, a pipeline that ends in "
                    f"one, the name of one, or 'drop'; got {quoted(member)}; pass an "
                    f"instance."
                )
        if not kept:
            raise ValueError(
                f"estimators must hold a member that is not dropped; got {names}; "
                f"give one of them a recommender."
            )
        return kept

    def _numbers(self, values, what, least=0.0):
        """Numbers of all members by name, checked; those of the kept ones (M,)."""
        numbers = numbers_by_member(
            values, [n for n, _ in self.estimators], what, least
        )
        return np.array([numbers[name] for name in self.named_estimators_])

    # -- fit --------------------------------------------------------------------------

    def _n_tasks(self):
        return len(self._kept())

    def _learn(self, X, likes):
        kept = self._kept()
        for name, member in kept:
            _check_member(name, member)
        tasks = [self._callback_fit_ctx.subcontext(f"fit-{name}") for name, _ in kept]
        # the threads of several members would set the number of BLAS' for each other
        alone = effective_n_jobs(self.n_jobs) == 1
        with threadpool_limits(None if alone else 1, "blas"):
            self.estimators_ = Parallel(n_jobs=self.n_jobs, prefer="threads")(
                delayed(_fit_member)(name, member, X, self, task)
                for (name, member), task in zip(kept, tasks)
            )
        self.named_estimators_ = Bunch(**dict(zip(dict(kept), self.estimators_)))
        for name, member in zip(self.named_estimators_, self._members):
            self._check_vocabularies(name, member)
        self._learn_rule(X, likes)
        self.item_counts_ = likes.count_nonzero(axis=0)
        self._join(likes.count_nonzero(axis=1))

    def _check_vocabularies(self, name, member):
        for on in ("user_vocabulary_", "item_vocabulary_"):
            if getattr(member, on) != getattr(self, on):
                raise ValueError(
                    f"Member {name!r} must know the users and items of X; got a "
                    f"{on} of {len(getattr(member, on))} ids instead of "
                    f"{len(getattr(self, on))}; take the step that drops or adds rows "
                    f"out of its pipeline."
                )

    def _join(self, user_counts):
        """Put the members' factors side by side, and the own columns after them."""
        users = [member.user_factors_ for member in self._members]
        items = [member.item_factors_ for member in self._members]
        self.user_factors_ = self._with_own(users, user_counts)
        self.item_factors_ = Blocks([*items, self._item_own(self.item_counts_)])
        self.mean_user_ = self._mean_user(None)

    def partial_fit(self, X, y=None) -> Self:
        """Learn from further events, without another fit: every member does.

        The rule of the combination stays.

        Parameters
        ----------
        X : Interactions, data frame or array
            As in `fit`.
        y : ignored

        Returns
        -------
        self : estimator
        """
        return super().partial_fit(X)

    def _news(self, X):
        return X, [last_step(m)._news(through_steps(m, X)) for m in self.estimators_]

    def _learn_news(self, news):
        X, by_member = news
        members = [copy(member) for member in self._members]
        for member, theirs in zip(members, by_member):
            member._learn_news(theirs)
        self._set_members(members)
        for name in VOCABULARIES.values():
            setattr(self, name, getattr(self._members[0], name))
        self._listed = self._members[0]._listed
        self._record(X)
        self._join_anew()

    def _settle(self, masks):
        self._set_members([member._reduced(masks) for member in self._members])
        self._join_anew()

    def _set_members(self, members):
        """Put other recommenders at the ends of the fitted members."""
        pairs = zip(self.estimators_, members)
        self.estimators_ = [_with_last_step(*pair) for pair in pairs]
        names = list(self.named_estimators_)
        self.named_estimators_ = Bunch(**dict(zip(names, self.estimators_)))

    def _join_anew(self):
        likes = self._likes(self.seen_)
        self.item_counts_ = likes.count_nonzero(axis=0)
        self._join(likes.count_nonzero(axis=1))

    # -- vectors ----------------------------------------------------------------------

    @property
    def _members(self):
        """The recommenders at the ends of the fitted members."""
        return [last_step(member) for member in self.estimators_]

    @property
    def _ordered(self):
        return any(last_step(member)._ordered for _, member in self._kept())

    def _with_own(self, parts, counts):
        return Blocks([*parts, self._user_own(parts, counts)])

    def _vectors_of_histories(self, seen, times):
        parts = [member._vectors_of_histories(seen, times) for member in self._members]
        return self._with_own(parts, self._likes(seen).count_nonzero(axis=1))

    def _mean_user(self, R):
        parts = [member.mean_user_ for member in self._members]
        return self._with_own(parts, np.zeros(1, dtype=int))

    def _sides(self, X):
        known = [self._distinct(X, on)[1] for on in ("users", "items")]
        # only what is new needs content, and the steps that encode it
        new = [(codes < 0).any() for codes in known]
        sides = [
            last_step(member)._sides(through_steps(member, X) if any(new) else X)
            for member in self.estimators_
        ]
        users, items = ([part for part, _ in side] for side in zip(*sides))
        (_, user_rows), (_, item_rows) = sides[0]
        U = Blocks([*users, own(self.user_factors_)[known[0]]])
        if new[0]:
            fresh = np.flatnonzero(known[0] < 0)
            parts = [part[fresh] for part in users]
            U = put(U, fresh, self._with_own(parts, np.zeros(len(fresh), dtype=int)))
        counts = np.where(known[1] < 0, 0, self.item_counts_[known[1]])
        V = Blocks([*items, self._item_own(counts)])
        return (U, user_rows), (V, item_rows)

    def _placed(self, X):
        placed = [
            last_step(m)._placed(through_steps(m, X, gaps=True))
            for m in self.estimators_
        ]
        vectors, described = zip(*placed)
        nobody = np.zeros(len(described[0]), dtype=int)
        return Blocks([*vectors, self._item_own(nobody)]), np.any(described, axis=0)

    def _parts(self, U, V):
        """Each member with its columns: (member, (n, d_m), (m, d_m))."""
        return zip(self._members, U.parts, V.parts)

    def _member_item_similarity(self, U, V):
        for member, u, v in self._parts(U, V):
            yield member._item_similarity(u, v)


class CalibratedRecommender(BaseMetaRecommender):
    """A combination of scores, those of each member brought to one scale for each user.

    A user's scores by one member have mean 0 and variance 1 over the catalogue, or an
    even sample of it (Montague & Aslam 2001). Means and scales are the users' own
    columns.
    """

    def _samples(self):
        """Codes of the items that each member is calibrated over."""
        sample = evenly(np.arange(len(self.item_vocabulary_)))
        return [sample] * len(self._members)

    def _user_own(self, parts, counts):
        M = len(parts)
        moments = np.empty((len(counts), 2 * M), dtype=np.float32)
        members = zip(self._members, parts, self._samples())
        for m, (member, part, items) in enumerate(members):
            V = for_products(member.item_factors_[items])
            for rows in blocks_of_rows(part.shape[0], V.shape[0]):
                scores = member._similarity(part[rows], V, outer)
                moments[rows, m], moments[rows, M + m] = _spread(scores)
        return moments

    def _calibrated(self, U, V, product):
        """Calibrated scores of each member, (n, m) or (n,), one after another."""
        moments = own(U)
        for m, (member, part_U, part_V) in enumerate(self._parts(U, V)):
            scores = member._similarity(part_U, part_V, product)
            shape = -1, *[1] * (scores.ndim - 1)
            means, scales = moments[:, m], moments[:, len(self._members) + m]
            yield (scores - means.reshape(shape)) * scales.reshape(shape)


def evenly(codes, n=CALIBRATION_ITEMS):
    """At most n of the codes, evenly spaced."""
    if len(codes) <= n:
        return codes
    return codes[np.linspace(0, len(codes) - 1, n).astype(int)]
