"""Retrieval by the indexes of faiss."""

from skmmrec._optional import optional_import
from skmmrec._quote import quoted
from skmmrec.ranking._retriever import BaseRetriever

HNSW_SETTINGS = "efConstruction=100,efSearch=128"


class FaissRetriever(BaseRetriever):
    """Rows of the largest inner products, approximately, by an index of faiss.

    A graph (``"HNSW32"``) is fast and misses little, and takes long to build; inverted
    lists (``"IVF1024,Flat"``) are built sooner and read more for the same recall.
    Measure both on your vectors, with `retrieval_recall`. For some ten thousand rows
    the exact products are as fast.

    Needs ``pip install 'skmmrec[ann]'``.

    Parameters
    ----------
    factory : str, default="HNSW32"
        Kind of index, as `faiss.index_factory` reads it.
    settings : str, default=None
        Settings of the index, as `faiss.ParameterSpace` reads them, such as
        ``"nprobe=64"`` of inverted lists. None leaves those of faiss, but for graphs
        ``"efConstruction=100,efSearch=128"``.

    Attributes
    ----------
    index_ : faiss.Index
    n_rows_ : int
        Number of rows.
    rows_ : ndarray of int of shape (n,)
        Row of each vector in the index, -1 if it is outdated.

    See Also
    --------
    UsearchRetriever : A graph of half-precision vectors.
    retrieval_recall : What an index misses.

    Notes
    -----
    faiss uses the threads of OpenMP: ``OMP_NUM_THREADS`` bounds them. A graph that is
    built by several differs a little from run to run.

    References
    ----------
    Malkov, Yashunin. "Efficient and robust approximate nearest neighbor search using
    Hierarchical Navigable Small World graphs", TPAMI 2020. Douze et al. "The Faiss
    library", 2024.

    Examples
    --------
    >>> from skmmrec import FaissRetriever
    >>> retriever = FaissRetriever("Flat").fit([[1.0, 0.0], [0.0, 1.0]])
    >>> retriever.add([[2.0, 2.0]]).search([[1.0, 0.0]], k=2)
    (array([[2, 0]]), array([[2., 1.]], dtype=float32))
    """

    _parameter_constraints = {"factory": [str], "settings": [str, None]}

    def __init__(self, factory="HNSW32", settings=None) -> None:
        self.factory = factory
        self.settings = settings

    def _build(self, vectors):
        faiss = optional_import("faiss", extra="ann")
        d = vectors.shape[1]
        settings = self.settings
        if settings is None and self.factory.startswith("HNSW"):
            settings = HNSW_SETTINGS
        try:
            index = faiss.index_factory(d, self.factory, faiss.METRIC_INNER_PRODUCT)
            if settings:
                faiss.ParameterSpace().set_index_parameters(index, settings)
            index.train(vectors)
        except (RuntimeError, TypeError, UnicodeError) as error:
            raise ValueError(
                f"factory and settings must suit faiss and {len(vectors)} vectors of "
                f"{d} numbers; got {quoted(self.factory)} and {quoted(settings)}; try "
                f"'HNSW32' and None."
            ) from error
        index.add(vectors)
        self.index_ = index

    def _append(self, vectors):
        self.index_.add(vectors)

    def _find(self, queries, k):
        products, numbers = self.index_.search(queries, k)
        return numbers, products
