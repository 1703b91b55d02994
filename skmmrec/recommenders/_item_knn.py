"""Collaborative filtering by the nearest items."""

from numbers import Integral

import scipy.sparse as sp

from skmmrec._sklearn import Interval, StrOptions
from skmmrec.recommenders._item_item import ItemItemRecommender
from skmmrec.recommenders._neighbor_weights import METRICS, NeighborWeights


class ItemKNNRecommender(ItemItemRecommender):
    """Recommend items that the same users had as what the user had.

    score(u, i) = Σ_j h_uj s(i, j), over the items j of the history whose `n_neighbors`
    nearest hold i. Fits in seconds, explains itself, and is hard to beat where events
    are few; of the items that nobody has had it knows only what their content says.

    Parameters
    ----------
    n_neighbors : int, default=50
        Number of nearest items that count for each item.
    metric : {"cosine", "tfidf", "bm25", "euclidean"}, default="cosine"
        How items are compared by who had them: the cosine of their rows of events; the
        same after users with long histories were weighed down (TF-IDF); inner products
        with the weights of BM25; or 1 / (1 + d) for the Euclidean distance d among
        items with common users, which favours rare items.
    n_jobs : int, default=None
        Number of threads; the result does not depend on it.

    Attributes
    ----------
    item_factors_ : csr_array of float32 of shape (n_items, n_items)
        Similarities of each item to those of which it is a neighbour.
    user_factors_ : csr_array of float32 of shape (n_users, n_items)
        Histories.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    See Also
    --------
    ItemGraphRecommender : Neighbours by events and content together.
    UserKNNRecommender : By the nearest users.
    EASERecommender : Learns the weights instead, on small catalogues.

    References
    ----------
    Deshpande, Karypis. "Item-Based Top-N Recommendation Algorithms", TOIS 2004,
    section 4. Robertson, Zaragoza. "The Probabilistic Relevance Framework: BM25 and
    Beyond", 2009, equation 3.15.

    Examples
    --------
    >>> from skmmrec import Interactions, ItemKNNRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> ItemKNNRecommender().fit(X).recommend([3], k=1).tolist()
    [['b']]
    """

    closed_form = True
    _parameter_constraints = {
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "metric": [StrOptions(set(METRICS))],
        "n_jobs": [Integral, None],
    }

    def __init__(self, n_neighbors=50, metric="cosine", *, n_jobs=None) -> None:
        self.n_neighbors = n_neighbors
        self.metric = metric
        self.n_jobs = n_jobs

    def _weights(self, R, items):
        rows = sp.csr_array(R.T)
        weigh = NeighborWeights(self.metric, rows)
        return weigh.nearest(rows, self.n_neighbors, self.n_jobs)
