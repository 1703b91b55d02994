"""Retrieval by a graph of usearch."""

from numbers import Integral

import numpy as np

from skmmrec._optional import optional_import
from skmmrec._sklearn import Interval, StrOptions
from skmmrec.ranking._retriever import BaseRetriever

_WHOLE = Interval(Integral, 1, None, closed="left")


class UsearchRetriever(BaseRetriever):
    """Rows of the largest inner products, approximately, by a graph of usearch.

    Vectors are kept in half the memory, and products rounded accordingly; a recommender
    scores what is found anew. Small and quick to install, one kind of index; faiss has
    more.

    Needs ``pip install 'skmmrec[ann]'``.

    Parameters
    ----------
    connectivity : int, default=16
        Edges of a vector. More find more, in more memory.
    expansion_add : int, default=128
        Candidates looked at when a vector is added.
    expansion_search : int, default=128
        Candidates looked at in a search. More find more, later.
    dtype : {"bf16", "f16", "f32"}, default="bf16"
        How the numbers of vectors are kept.

    Attributes
    ----------
    index_ : usearch.index.Index
    n_rows_ : int
        Number of rows.
    rows_ : ndarray of int of shape (n,)
        Row of each vector in the index, -1 if it is outdated.

    See Also
    --------
    FaissRetriever : Graphs, inverted lists and compressed vectors.
    retrieval_recall : What an index misses.

    Notes
    -----
    All cores are used. A graph that is built by several differs a little from run to
    run.

    References
    ----------
    Malkov, Yashunin. "Efficient and robust approximate nearest neighbor search using
    Hierarchical Navigable Small World graphs", TPAMI 2020.

    Examples
    --------
    >>> from skmmrec import UsearchRetriever
    >>> retriever = UsearchRetriever().fit([[1.0, 0.0], [0.0, 1.0]])
    >>> retriever.add([[2.0, 2.0]]).search([[1.0, 0.0]], k=2)
    (array([[2, 0]]), array([[2., 1.]], dtype=float32))
    """

    _parameter_constraints = {
        "connectivity": [Interval(Integral, 2, None, closed="left")],
        "expansion_add": [_WHOLE],
        "expansion_search": [_WHOLE],
        "dtype": [StrOptions({"bf16", "f16", "f32"})],
    }

    def __init__(
        self, connectivity=16, expansion_add=128, expansion_search=128, *, dtype="bf16"
    ) -> None:
        self.connectivity = connectivity
        self.expansion_add = expansion_add
        self.expansion_search = expansion_search
        self.dtype = dtype

    def __getstate__(self):
        state = super().__getstate__()
        if "index_" in state:
            state = {**state, "index_": bytes(state["index_"].save())}
        return state

    def __setstate__(self, state):
        super().__setstate__(state)
        if "index_" in state:
            saved, self.index_ = self.index_, self._empty(0)
            self.index_.load(saved)

    def _empty(self, d):
        usearch = optional_import("usearch.index", extra="ann")
        return usearch.Index(
            ndim=d,
            metric="ip",
            dtype=self.dtype,
            connectivity=int(self.connectivity),
            expansion_add=int(self.expansion_add),
            expansion_search=int(self.expansion_search),
        )

    def _build(self, vectors):
        self.index_ = self._empty(vectors.shape[1])
        self._append(vectors)

    def _append(self, vectors):
        first = len(self.index_)
        self.index_.add(np.arange(first, first + len(vectors)), vectors)

    def _find(self, queries, k):
        found = self.index_.search(queries, k)
        numbers, distances = np.atleast_2d(found.keys, found.distances)
        counts = np.reshape(getattr(found, "counts", len(numbers[0])), (-1, 1))
        empty = np.arange(numbers.shape[1]) >= counts
        return np.where(empty, -1, numbers.astype(np.int64)), 1 - distances
