"""A score as a sum over what the user liked, where the algorithm makes it one."""

from functools import singledispatch

import numpy as np
import scipy.sparse as sp

from skmmrec._sparse import kept
from skmmrec._vectors import outer
from skmmrec.recommenders import (
    ALSRecommender,
    ContentRecommender,
    FeatureFactorizationRecommender,
    ItemGraphRecommender,
    StackingRecommender,
    SwitchingRecommender,
    UserKNNRecommender,
    VotingRecommender,
)
from skmmrec.recommenders._item_item import ItemItemRecommender
from skmmrec.recommenders._meta import CalibratedRecommender, own


def likes_of(model, user):
    """What the user of a code likes, csr (1, n_items)."""
    return model._likes(model.seen_[[user]])


def member_factors(model, U, V):
    """By how much the score of each member is multiplied, (M,); None if it is not.

    For one user and one item, (1, d) each.
    """
    if not isinstance(model, CalibratedRecommender):
        return None
    M = len(model.estimators_)
    scales = own(U)[0, M : 2 * M].astype(np.float64)
    if isinstance(model, VotingRecommender):
        return scales * own(V)[0]
    if isinstance(model, SwitchingRecommender):
        n_likes = own(V)[0, 0] if model.by == "items" else own(U)[0, -1]
        return scales * (np.arange(2) == (n_likes >= model.threshold))
    if isinstance(model, StackingRecommender):
        judge = model.final_estimator_
        if judge is None:
            return scales
        if hasattr(judge, "decision_function") and hasattr(judge, "coef_"):
            return scales * np.ravel(judge.coef_)[:M]
    return None


@singledispatch
def by_item(model, user, U, V):
    """Contributions of the liked items to a score, in the order of `likes_of`, or None.

    Parameters
    ----------
    model : recommender
    user : int
        Code.
    U, V : vectors of one row
        Of the user and of the item.
    """
    return None


def _one_by_one(data, columns, n):
    """A history taken apart, one event a row: csr (n_likes, n)."""
    rows = np.arange(len(data))
    shape = len(data), n
    return sp.csr_array((data.astype(np.float64), (rows, columns)), shape=shape)


@by_item.register
def _(model: ItemItemRecommender, user, U, V):
    """score = Σ_j h_uj w_ji."""
    H = likes_of(model, user)
    profiles = _one_by_one(H.data, H.indices, H.shape[1]) @ model.stand_ins_
    return outer(sp.csr_array(profiles), V)[:, 0]


@by_item.register
def _(model: ItemGraphRecommender, user, U, V):
    """The same, with weights that decay, and what the spectral filter sees of them."""
    H, seen = likes_of(model, user), model.seen_[[user]]
    if model.decay < 1:
        times = kept(model.times_[[user]], seen.data > 0)
        H = model._decayed(H, times)
    profiles = _one_by_one(H.data, H.indices, H.shape[1]) @ model.stand_ins_
    return outer(model._with_smooth(sp.csr_array(profiles)), V)[:, 0]


@by_item.register
def _(model: UserKNNRecommender, user, U, V):
    """score = Σ_v s(u, v) r_vi, where s is an inner product of weighted histories."""
    if model.metric == "euclidean":
        return None
    H, n = likes_of(model, user), model.histories_.shape[1]
    weighted = model.weights_(H[:, :n])
    had = V.toarray()[0, U.indices]  # r_vi of the neighbours
    parts = weighted.data * (had @ model.histories_[U.indices])[weighted.indices]
    return np.append(parts, np.zeros(H.nnz - len(parts)))  # none of later items


@by_item.register
def _(model: ContentRecommender, user, U, V):
    """x·y / (‖x‖‖y‖), with each block of x a mean over the liked items that have it."""
    H = likes_of(model, user)
    present = model.present_[H.indices]  # (n_likes, n_modalities)
    weights = H.data.astype(np.float64) @ present
    if model.metric == "euclidean" or not weights.any():
        return None
    weight = H.data * model.lengths_[H.indices]
    rows = weight[:, None] * model.item_factors_[H.indices]
    for columns, weight in zip(model.blocks_["items"].values(), weights):
        rows[:, columns] /= weight or 1
    length = np.linalg.norm(rows.sum(axis=0))
    return rows @ V[0].astype(np.float64) / (length or 1)


@by_item.register
def _(model: FeatureFactorizationRecommender, user, U, V):
    """R_u = A⁻¹ (λ r + Σ_j a_uj F_j): the rest is what suits all users."""
    H = likes_of(model, user)
    F, d = model.item_factors_[H.indices].astype(np.float64), model.alpha * H.data
    G = F @ model.inverse_
    K = G @ F.T
    right = K @ (1 + d) + F @ model.solved_shared_
    a = 1 + d - np.linalg.solve(K + np.diag(1 / d), right)
    return a * (G @ V[0])


@by_item.register
def _(model: ALSRecommender, user, U, V):
    """y_i'A_u⁻¹ y_j c_uj (Hu, Koren, Volinsky 2008, section 5), A_u = Y'C_u Y + λI."""
    H = likes_of(model, user)
    Y, c = model.item_factors_[H.indices].astype(np.float64), model.alpha * H.data
    A = model.item_gram_ + Y.T @ ((c - 1)[:, None] * Y)
    A += model.regularization * np.eye(len(A))
    return c * (Y @ np.linalg.solve(A, V[0].astype(np.float64)))


@by_item.register
def _(model: CalibratedRecommender, user, U, V):
    """Of the members that can say it, each times what its score counts."""
    factors = member_factors(model, U, V)
    if factors is None:
        return None
    total = None
    for factor, (member, u, v) in zip(factors, model._parts(U, V)):
        part = by_item(member, user, u, v)
        if part is not None:
            total = factor * part + (0 if total is None else total)
    return total
