"""Recommending by a graph of items, from events and from every modality."""

from numbers import Integral, Real

import numpy as np
import scipy.sparse as sp
from sklearn.utils.extmath import randomized_svd

from skmmrec._quote import quoted
from skmmrec._sklearn import Interval, StrOptions
from skmmrec._sparse import kept, largest_of_rows
from skmmrec._threads import one_blas_thread
from skmmrec._vectors import Blocks
from skmmrec.recommenders._ease import EASERecommender
from skmmrec.recommenders._graph import (
    CoConsumption,
    ContentGraph,
    LearnedEdges,
    Successions,
    pruned_product,
    ranks_back,
    scaled,
)
from skmmrec.recommenders._graph_settings import (
    DEFAULTS,
    N_STEPS,
    HeldOutRanks,
    hold_out_likes,
    learned_settings,
)
from skmmrec.recommenders._item_item import ItemItemRecommender

# Edges of an item that a further step may take: the time of a fit is n_items times
# `n_edges` times this, and more change little.
N_STEP_EDGES = 100

# An item that came a step later in a history counts so much less, and an edge back so
# much of one forward.
GAP_DECAY, BACKWARD = 0.7, 0.5

# The spectral filter: how much of what paths of two steps say is taken from P, how much
# of a step that all leading singular vectors pass alike is added, and their number.
SHARPNESS, LOW_PASS, N_VECTORS = 0.7, 0.2, 256


class ItemGraphRecommender(ItemItemRecommender):
    """Recommend items that are near to the history in a graph of items.

    score(u, i) = Σ_j h_uj s_ji with

        S = (W + walk · W² + walk² · W³ + ...) D^popularity,
        W = P + Σ_m w_m A_m.

    P joins items that the same users had, D_i^-b R' D_u^-2a R D_i^-b for the degrees D
    of users and items; A_m joins each item to those nearest to it by modality m; h_u is
    the history, recent events first where `decay` says so. In closed form and sparse:
    60,000 items take up to a minute and less than 1 GB. An item that nobody has had
    hangs in the graph by its content alone; an item without a modality has no edges of
    it.

    Where the items are few and the histories long, as in ratings of films,
    `EASERecommender` or `filter="ridge"` may be better.

    Parameters
    ----------
    weights : "learned" or dict of {str: float}, default="learned"
        w_m of each modality; P has weight 1, and one left out 0. Learned are those with
        which likes of a fifth of the users, held out of a first graph, are ranked
        highest, as far as that is more than chance; none is 0, so that new items are
        found by all that is known of them.
    popularity : "learned" or float, default="learned"
        Exponent of the popularity of items; less recommends rarer ones.
    walk : "learned" or float, default="learned"
        How much a path of one step more counts, up to four steps; more than 0 reaches
        further where events are few.
    n_neighbors : int, default=10
        Edges of an item in the graph of a modality.
    user_exponent, item_exponent : float, default=0.5, 0.5
        a and b: how much users with long histories, and popular items, are weighed down
        in P.
    decay : float, default=1.0
        Weight of an event in a history against the one after it.
    window : int, default=None
        Join each item to those that came up to so many events later in a history, the
        sooner the stronger, and half as much back, instead of to all of the history.
        For purchases or plays in order; ratings are often entered in any.
    filter : {None, "spectral", "ridge"}, default=None
        "spectral" adds 0.2 V V' - 0.7 P² to P, by its 256 leading singular vectors V:
        what many events of one kind say many times over counts less, and weak common
        tastes more, which helps where users have long histories. "ridge" takes the
        weights of `EASERecommender` (without content) for P: better where each item has
        many events, dense, and refused above `max_items`. Neither goes with a `window`.
    regularization : float, default=100.0
        λ of that filter.
    max_items : int, default=20000
        Largest catalogue for that filter.
    n_edges : int, default=300
        Edges kept of each item: memory is n_items times this times some 30 bytes.
    random_state : int, RandomState instance or None, default=None
        Draws the likes that are held out.

    Attributes
    ----------
    weights_ : dict of {str: float}
    popularity_, walk_ : float
        As given or learned.
    graph_ : csr_array of float32 of shape (n_items, n_items)
        The strongest edges of W.
    graphs_ : dict of {str: ContentGraph}
        The graph of each modality, in `edges`.
    item_factors_ : csr_array of float32 of shape (n_items, n_items)
        S transposed.
    user_factors_ : csr_array of float32 of shape (n_users, n_items)
        Histories. With filter="spectral" both are `Blocks` of these and 256 columns.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    Raises
    ------
    ValueError
        In fit, for filter="ridge", if there are more items than `max_items`.

    See Also
    --------
    ItemKNNRecommender : By who had the items alone.
    EASERecommender : Weights of least squares, for small catalogues.

    References
    ----------
    Shen et al. "How Powerful is Graph Convolution for Recommendation?", CIKM 2021 (the
    linear filter R̃'R̃). Zhang et al. "Mining Latent Structures for Multimedia
    Recommendation", MM 2021, section 3.1 (graphs of modalities). Choi et al.
    "Blurring-Sharpening Process Models for Collaborative Filtering", SIGIR 2023
    (spectral). Christoffel et al. "Blockbusters and Wallflowers", RecSys 2015 (longer
    walks, popularity). Steck. "Embarrassingly Shallow Autoencoders for Sparse Data",
    WWW 2019 (ridge).

    Examples
    --------
    >>> from skmmrec import Interactions, ItemGraphRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> ItemGraphRecommender().fit(X).recommend([3], k=1).tolist()
    [['b']]
    """

    closed_form = True
    _ordered = True
    _why_not_additive = "whose walks mix them"
    _parameter_constraints = {
        "weights": [StrOptions({"learned"}), dict],
        "popularity": [
            StrOptions({"learned"}),
            Interval(Real, None, None, closed="neither"),
        ],
        "walk": [StrOptions({"learned"}), Interval(Real, 0, None, closed="left")],
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "user_exponent": [Interval(Real, 0, None, closed="left")],
        "item_exponent": [Interval(Real, 0, None, closed="left")],
        "decay": [Interval(Real, 0, 1, closed="right")],
        "window": [Interval(Integral, 1, None, closed="left"), None],
        "filter": [StrOptions({"spectral", "ridge"}), None],
        "regularization": [Interval(Real, 0, None, closed="neither")],
        "max_items": [Interval(Integral, 1, None, closed="left")],
        "n_edges": [Interval(Integral, 1, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        weights="learned",
        popularity="learned",
        walk="learned",
        *,
        n_neighbors=10,
        user_exponent=0.5,
        item_exponent=0.5,
        decay=1.0,
        window=None,
        filter=None,
        regularization=100.0,
        max_items=20_000,
        n_edges=300,
        random_state=None,
    ) -> None:
        self.weights = weights
        self.popularity = popularity
        self.walk = walk
        self.n_neighbors = n_neighbors
        self.user_exponent = user_exponent
        self.item_exponent = item_exponent
        self.decay = decay
        self.window = window
        self.filter = filter
        self.regularization = regularization
        self.max_items = max_items
        self.n_edges = n_edges
        self.random_state = random_state

    def _fit(self, R, items, users):
        if self.filter is not None and self.window is not None:
            raise ValueError(
                f"filter must be None where there is a window; got "
                f"{quoted(self.filter)} and window={self.window}; set one to None."
            )
        super()._fit(R, items, users)
        self.vectors_ = None
        if self.filter == "spectral":
            self._filter(R)
        self.user_factors_ = self._fold_in_ordered(R, self.likes_times_)

    @one_blas_thread
    def _filter(self, R):
        """Add V (LOW_PASS - SHARPNESS s⁴) V' to S: dense, beside what is sparse."""
        B = self._events_graph(R, None).B
        n = min(N_VECTORS, *B.shape)
        _, s, Vt = randomized_svd(B, n, random_state=self.random_state)
        self.vectors_ = np.ascontiguousarray(Vt.T, dtype=np.float32)  # (n_items, n)
        self.eigenvalues_ = (s**2).astype(np.float32)  # of P
        gains = np.float32(LOW_PASS) - np.float32(SHARPNESS) * self.eigenvalues_**2
        fame = self._fame(R.sum(axis=0))
        added = self.vectors_ * gains * fame[:, None]
        self.item_factors_ = Blocks([self.item_factors_, added])

    def _fame(self, degrees):
        return ((1 + degrees) ** np.float32(self.popularity_)).astype(np.float32)

    def _with_smooth(self, profiles):
        """Profiles of users, and what leading singular vectors see of them."""
        if self.vectors_ is None:
            return profiles
        return Blocks([profiles, profiles @ self.vectors_])

    def _weights(self, R, items):
        """S, csr (n_items, n_items)."""
        degrees = R.sum(axis=0)
        self.graphs_ = {
            name: ContentGraph(items, name, degrees > 0, self.n_neighbors)
            for name in (() if items is None else items.blocks)
        }
        contents = {
            name: sp.csr_array(graph.edges.T) for name, graph in self.graphs_.items()
        }
        settings = self._settings(R, contents)
        self.weights_, self.popularity_, self.walk_ = settings
        W = self._events_graph(R, self.likes_times_).edges(self.n_edges)
        for name, edges in contents.items():
            W = W + np.float32(self.weights_[name]) * edges
        W = sp.csr_array(W)
        self.graph_ = largest_of_rows(W, N_STEP_EDGES)
        S = self._walked(W)
        S = scaled(S, np.ones(S.shape[0], dtype=np.float32), self._fame(degrees))
        return largest_of_rows(S, self.n_edges)

    def _walked(self, W):
        """W + walk · W² + walk² · W³ + ..., of each row the largest entries."""
        S = W
        for _ in range(N_STEPS - 1 if self.walk_ else 0):
            further = pruned_product(S, self.graph_, self.n_edges)
            S = sp.csr_array(W + np.float32(self.walk_) * further)
        return S

    def _events_graph(self, R, times):
        if self.filter == "ridge":
            return self._ridge(R)
        if self.window is None:
            return CoConsumption(R, self.user_exponent, self.item_exponent)
        return Successions(
            R, times, self.window, GAP_DECAY, BACKWARD, self.item_exponent
        )

    def _ridge(self, R):
        ease = EASERecommender(self.regularization, 0, max_items=self.max_items)
        return LearnedEdges(ease._weights(R, None))

    def _settings(self, R, contents):
        """Weights, popularity and walk: as given, or learned from held-out likes."""
        given = {
            "weights": self._given_weights(list(contents)),
            "popularity": None if self.popularity == "learned" else self.popularity,
            "walk": None if self.walk == "learned" else self.walk,
        }
        if (np.diff(R.indptr) > 1).any() and None in given.values():
            given = self._learned(given, R, contents)
        weights = dict.fromkeys(contents, DEFAULTS["weight"])
        defaults = {**DEFAULTS, "weights": weights}
        return [
            defaults[name] if value is None else value for name, value in given.items()
        ]

    def _given_weights(self, names):
        if self.weights == "learned":
            return None
        if unknown := set(self.weights) - set(names):
            raise ValueError(
                f"weights must name modalities of the items, {names}; got "
                f"{sorted(unknown)}; use the names of the fusion."
            )
        return {name: float(self.weights.get(name, 0)) for name in names}

    def _learned(self, given, R, contents):
        times = self.likes_times_ if self._has_times else None
        users, out = hold_out_likes(R, times, self.random_state)
        train, held = kept(R, ~out), kept(R, out)
        times = kept(self.likes_times_, ~out)
        return learned_settings(
            given,
            self._events_graph(train, times),
            contents,
            self._decayed(train[users], times[users]),
            HeldOutRanks(train[users], held[users]),
            train.sum(axis=0),
        )

    def _decayed(self, H, times):
        weights = H.data * self.decay ** ranks_back(H, times)
        shape = H.shape
        return sp.csr_array((weights.astype("f4"), H.indices, H.indptr), shape=shape)

    def _profiles(self, H, times):
        if self.decay < 1:
            H = self._decayed(H, times)
        return sp.csr_array(H @ self.stand_ins_)

    def _fold_in_ordered(self, H, times):
        return self._with_smooth(self._profiles(H, times))

    def _mean_user(self, R):
        return self._with_smooth(super()._mean_user(R))

    def _user_vectors(self, users):
        return self._with_smooth(super()._user_vectors(users))

    def _item_vectors(self, items):
        a = sp.csr_array((len(items), self.graph_.shape[0]), dtype=np.float32)
        for name, graph in self.graphs_.items():
            a = a + np.float32(self.weights_[name]) * graph(items)
        paths, less = self._paths_over(a), self._filtered(a)
        return paths if less is None else Blocks([paths, less])

    def _paths_over(self, a):
        """Paths whose last edge is in a, (n, n_items): a + walk · a W' + walk² · ..."""
        paths = total = sp.csr_array(a)
        for t in range(1, N_STEPS if self.walk_ else 1):
            paths = pruned_product(paths, self.graph_.T, self.n_edges)
            total = sp.csr_array(total + np.float32(self.walk_**t) * paths)
        return total

    def _filtered(self, a):
        """What the spectral filter takes from edges a of new items; None without it."""
        if self.vectors_ is None:
            return None
        return a @ self.vectors_ * self.eigenvalues_ * -np.float32(SHARPNESS)
