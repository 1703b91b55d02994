"""Ranking by an index of the items, which follows what happens to the model.

Indexes are not kept in the model, whose copies, clones and files know nothing of them,
but beside it, for as long as it lives: the one asked for last of each `kind`. They
belong to a matrix of vectors that, once in a fitted model, is never written into but
replaced, so that a model that has changed is told by identity. A comparison then finds
the rows that differ.
"""

import threading
from contextlib import contextmanager
from weakref import WeakKeyDictionary

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone

from skmmrec import plugins
from skmmrec._quote import quoted
from skmmrec._sparse import positions
from skmmrec._vectors import paired
from skmmrec.ranking import BaseRetriever, ExactRetriever, blocks_of_rows, top_k

# An index with more outdated vectors than this share of its rows is built anew.
MOST_OUTDATED = 1 / 4
# Lists that must be searched deeper than this, as much was seen, are ranked exactly.
DEEPEST = 1024

_INDEXES = WeakKeyDictionary()
_LOCK = threading.Lock()


def as_retriever(retriever):
    """A retriever from its name or itself, or None for an exact one."""
    if isinstance(retriever, str) and retriever == "exact":
        return None
    if isinstance(retriever, str):
        retriever = plugins.make("retrievers", retriever)
    if not isinstance(retriever, BaseRetriever):
        raise TypeError(
            f"retriever must be a name, such as 'faiss', or a retriever, such as "
            f"FaissRetriever(); got {quoted(retriever)}; pass one of "
            f"skmmrec.plugins.names('retrievers')."
        )
    return None if isinstance(retriever, ExactRetriever) else retriever


def check_dense(vectors, model, retriever):
    """Refuse an index where similarity is no inner product of dense vectors."""
    if not all(isinstance(matrix, np.ndarray) for matrix in vectors):
        raise ValueError(
            f"retriever must be 'exact' where the score is no inner product of two "
            f"dense vectors; got {quoted(retriever)} for {type(model).__name__}; leave "
            f"it out."
        )


def drop_indexes(model):
    """Free the memory of the indexes of a model, which is fitted anew."""
    with _LOCK:
        _INDEXES.pop(model, None)


def index_of(model, kind, retriever):
    """The index of that kind of a model, a new one if the last one was another."""
    with _LOCK:
        kinds = _INDEXES.setdefault(model, {})
        if kind not in kinds or not kinds[kind].is_like(retriever):
            kinds[kind] = _Index(clone(retriever))
        return kinds[kind]


def _changed(old, stayed, new):
    """Rows of a matrix that begins with some of an old one's, where it differs."""
    differs = np.zeros(len(stayed), dtype=bool)
    for rows in blocks_of_rows(len(stayed), new.shape[1]):
        differs[rows] = (old[stayed[rows]] != new[rows]).any(axis=1)
    return np.flatnonzero(differs)


class _Index:
    """A retriever over the vectors of a vocabulary of items, for several threads."""

    def __init__(self, retriever):
        self.retriever, self.vectors, self.vocabulary = retriever, None, None
        self._turn, self._n_searching = threading.Condition(), 0

    def is_like(self, retriever):
        mine = self.retriever
        same = type(mine) is type(retriever)
        return same and mine.get_params() == retriever.get_params()

    def search(self, vectors, vocabulary, transform, queries, k):
        """Codes (n, k) of items by the inner product with their transformed vectors."""
        with self._in_step(vectors, vocabulary, transform):
            return self.retriever.search(queries, k)[0]

    @contextmanager
    def _in_step(self, *now):
        with self._turn:
            while self.vectors is not now[0]:
                if self._n_searching:
                    self._turn.wait()
                else:
                    self._follow(*now)
            self._n_searching += 1
        try:
            yield
        finally:
            with self._turn:
                self._n_searching -= 1
                self._turn.notify_all()

    def _follow(self, vectors, vocabulary, transform):
        retriever, changes = self.retriever, self._changes(vectors, vocabulary)
        self.vectors = None  # until it is whole again
        if changes is None:
            retriever.fit(transform(vectors))
        else:
            gone, changed, n_kept = changes
            retriever.remove(gone)
            retriever.update(changed, transform(vectors[changed]))
            retriever.add(transform(vectors[n_kept:]))
        self.vectors, self.vocabulary = vectors, vocabulary

    def _changes(self, vectors, vocabulary):
        """Rows gone, rows changed among those left, their number; None: build anew."""
        old = self.vectors
        if old is None or old.shape[1] != vectors.shape[1]:
            return None
        n = len(old)
        if np.array_equal(vocabulary.ids[:n], self.vocabulary.ids):  # nearly always
            codes = np.arange(n)
        else:
            codes = vocabulary.recode(self.vocabulary, np.arange(n))
        gone, stayed = np.flatnonzero(codes < 0), np.flatnonzero(codes >= 0)
        if not np.array_equal(codes[stayed], np.arange(len(stayed))):
            return None
        changed = _changed(old, stayed, vectors)
        n_outdated = len(self.retriever.rows_) - self.retriever.n_rows_
        if n_outdated + len(gone) + len(changed) > MOST_OUTDATED * len(vectors):
            return None
        return gone, changed, len(stayed)


def _itself(vectors):
    return vectors


class RetrievalMixin:
    """Lists from an index, for recommenders."""

    def _top_found(self, retriever, U, k, seen):
        """`_top` of the whole catalogue, from an index."""
        Q, V = self._queries(U), self.item_factors_
        check_dense((Q, V), self, retriever)

        def score(rows, codes):
            return self._similarity(U[rows], V[codes], paired)

        def exact(rows):
            return self._top(U[rows], k, [matrix[rows] for matrix in seen], None)

        index = index_of(self, "items of users", retriever)
        return self._found(index, _itself, Q, score, exact, k, seen)

    def _similar_found(self, retriever, codes, k):
        """`_similar`, from an index."""
        V = self.item_factors_
        asked = self._likeness(V[codes])
        check_dense((V, asked), self, retriever)

        def score(rows, others):
            return paired(asked[rows], self._likeness(V[others]))

        def exact(rows):
            return self._similar(codes[rows], k)

        places = np.ones(len(codes)), codes, np.arange(len(codes) + 1)
        themselves = [sp.csr_array(places, shape=(len(codes), len(V)))]
        index = index_of(self, "items of items", retriever)
        return self._found(index, self._likeness, asked, score, exact, k, themselves)

    def _found(self, index, transform, queries, score, exact, k, excluded):
        """Codes and scores (n, k) of the items that an index of this model finds.

        `score(rows, codes)` is the exact score of pairs. The stored entries of the csr
        matrices `excluded` (n, n_items) are left out; rows where this leaves fewer than
        k come from `exact(rows)`.
        """
        V, vocabulary = self.item_factors_, self.item_vocabulary_
        codes = np.full((len(queries), k), -1, dtype=np.int32)
        scores = np.full((len(queries), k), np.nan, dtype=np.float32)
        n_excluded = sum(np.diff(matrix.indptr) for matrix in excluded)
        needed = np.broadcast_to(k + n_excluded, len(queries))
        # in powers of two, so that many are searched at once
        depths = 1 << np.ceil(np.log2(needed)).astype(int)
        for depth in np.unique(depths[depths <= min(DEEPEST, len(V))]):
            asked = np.flatnonzero(depths == depth)
            for part in blocks_of_rows(len(asked), depth * V.shape[1]):
                rows = asked[part]
                found = index.search(V, vocabulary, transform, queries[rows], depth)
                found = np.sort(found, axis=1)  # of equal scores the first item
                offered = found >= 0
                for matrix in excluded:
                    offered &= ~_stored(matrix[rows], found)
                block = np.full(found.shape, -np.inf, dtype=np.float32)
                row, _ = np.nonzero(offered)
                block[offered] = score(rows[row], found[offered])
                places, scores[rows] = top_k(block, k)
                best = np.take_along_axis(found, places, axis=1)
                codes[rows] = np.where(places < 0, -1, best)
        short = np.flatnonzero(codes[:, -1] < 0)
        if len(short):
            codes[short], scores[short] = exact(short)
        return codes, scores


def _stored(matrix, codes):
    """Whether each code (n, m) is stored in its row of a csr matrix (n, n_items)."""
    row, column = positions(matrix)
    width = matrix.shape[1]
    pairs = np.arange(len(codes))[:, None] * width + codes
    return np.isin(pairs, row.astype(np.int64) * width + column)
