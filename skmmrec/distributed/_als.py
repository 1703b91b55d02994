"""Spark's factorisation, with what it learns in our hands."""

from numbers import Integral
from typing import Self

import numpy as np
import scipy.sparse as sp

from skmmrec._optional import optional_import
from skmmrec._sklearn import Interval
from skmmrec._sparse import positions
from skmmrec.distributed._events import read_interactions
from skmmrec.distributed._session import give_checkpoints, is_spark_frame, spark_session
from skmmrec.recommenders import ALSRecommender
from skmmrec.recommenders._content_prior import learn_prior

# Spark takes for no like what adds nothing to the confidence of 1 that no event has.
LEAST = 1e-6
CHECKPOINT_INTERVAL = 5  # iterations


def _confidence_added(R, alpha):
    """What events add to the confidence 1 of no event: csr of float32, above 0."""
    added = sp.csr_matrix(R, dtype=np.float32)
    added.data = np.maximum(np.float32(alpha) * added.data - 1, np.float32(LEAST))
    return added


def _as_matrix(factors, n, d):
    """Factors (n, d) of a DataFrame of ids and vectors; rows without one are zero."""
    matrix = np.zeros((n, d), dtype=np.float32)
    for batch in factors.toArrow().to_batches():
        vectors = batch["features"].flatten().to_numpy()
        matrix[batch["id"].to_numpy()] = vectors.reshape(-1, d)
    return matrix


def _roles(columns):
    """Columns of user, item and perhaps rating: of these names, or by place."""
    if {"user", "item"} <= set(columns) <= {"user", "item", "rating"}:
        return {name: name for name in columns}
    if not 2 <= len(columns) <= 3:
        raise ValueError(
            f"A DataFrame of Spark must have the columns user, item and, if known, "
            f"rating, in this order; got {columns}; select these, or use "
            f"read_interactions."
        )
    return dict(zip(("user", "item", "rating"), columns))


class SparkALSRecommender(ALSRecommender):
    """Alternating least squares by Spark, for events that one machine is too slow for.

    The loss is that of `ALSRecommender`, except that Spark weighs λ of a user or an
    item by the number of their events. `regularization` is therefore divided by the
    geometric mean of the mean numbers of events of users and of items, so that it means
    the same in both on average.

    Events are sent to the cluster, or are read there in the first place; the factors
    come back, and with them all that other recommenders can do. Content takes no part
    in the fit: it places new items by a ridge regression to the factors. Up to some
    tens of millions of events `ALSRecommender` is faster on one machine, and learns
    from content.

    Parameters
    ----------
    n_components : int, default=32
        Number of factors.
    alpha : float, default=3.0
        Confidence of an event of weight 1. One of less than 1 counts as 1, which is
        that of no event.
    regularization : float, default=3.0
        λ, the strength of the regularisation, on average over users and items.
    max_iter : int, default=15
        Number of alternations.
    n_blocks : int, default=10
        Parts of the users, and of the items, that are worked on side by side: at least
        the number of cores of the cluster. Another number is another start.
    n_jobs : int, default=None
        Number of threads that fold in, on this machine.
    random_state : int, RandomState instance or None, default=None
        Start of the factors. An int gives the same model each time, up to rounding:
        Spark adds up in the order in which its parts are ready.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, n_components)
    user_factors_ : ndarray of float32 of shape (n_users, n_components)
    n_iter_ : int
        `max_iter`.
    penalty_ : float
        λ as Spark gets it, to be multiplied by the number of events.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    See Also
    --------
    ALSRecommender : On one machine, with content.
    recommend_all : The lists of all users, as a job of Spark.

    Notes
    -----
    The work is done in the active session of Spark, or a new one. The factors of both
    sides and the events, 8 bytes each, must fit into the memory of the driver, and
    ``spark.driver.maxResultSize`` be larger than the factors. On a cluster, give the
    session a folder by ``spark.sparkContext.setCheckpointDir``: without one, plans of
    many iterations overflow the stack of the JVM.

    References
    ----------
    Hu, Koren, Volinsky. "Collaborative Filtering for Implicit Feedback Datasets", ICDM
    2008. Zhou, Wilkinson, Schreiber, Pan. "Large-scale Parallel Collaborative Filtering
    for the Netflix Prize", AAIM 2008 (λ weighed by the number of events).

    Examples
    --------
    >>> from skmmrec import Interactions, SparkALSRecommender
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> als = SparkALSRecommender(n_components=2, random_state=0)
    >>> als.fit(X).recommend([3], k=1).tolist()  # doctest: +SKIP
    [['b']]
    """

    _parameter_constraints = {
        **ALSRecommender._parameter_constraints,
        "n_blocks": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        n_components=32,
        alpha=3.0,
        regularization=3.0,
        max_iter=15,
        n_blocks=10,
        n_jobs=None,
        random_state=None,
    ) -> None:
        super().__init__(
            n_components=n_components,
            alpha=alpha,
            regularization=regularization,
            max_iter=max_iter,
            n_jobs=n_jobs,
            random_state=random_state,
        )
        self.n_blocks = n_blocks

    def fit(self, X, y=None) -> Self:
        """Learn from events.

        Parameters
        ----------
        X : Interactions, DataFrame of Spark, or what other recommenders take
            Of a DataFrame of Spark, the columns are user, item and perhaps rating, by
            these names, or else in this order. For other columns, and for content, see
            `read_interactions`.
        y : ignored

        Returns
        -------
        self : estimator
        """
        if is_spark_frame(X):
            X = read_interactions(X, **_roles(X.columns))
        return super().fit(X)

    def _alternate(self, R, items, users, seed):
        ALS = optional_import("pyspark.ml.recommendation", extra="spark").ALS
        rows = [np.flatnonzero(R.count_nonzero(axis=axis)) for axis in (1, 0)]
        likes = self._on_cluster(R)  # first, as ALS(...) fails without a session
        give_checkpoints(likes.sparkSession)
        scale = np.sqrt(len(rows[0]) * len(rows[1])) / R.nnz
        self.penalty_, self.n_iter_ = self.regularization * scale, self.max_iter
        als = ALS(
            rank=self.n_components,
            maxIter=self.max_iter,
            regParam=self.penalty_,
            numUserBlocks=self.n_blocks,
            numItemBlocks=self.n_blocks,
            implicitPrefs=True,
            alpha=1.0,
            checkpointInterval=CHECKPOINT_INTERVAL,
            userCol="user",
            itemCol="item",
            ratingCol="rating",
            seed=seed,
        )
        model = als.fit(likes)
        X, Y = (
            _as_matrix(factors, n, self.n_components)
            for factors, n in zip((model.userFactors, model.itemFactors), R.shape)
        )
        return {
            "user_factors_": X,
            "item_factors_": Y,
            "user_prior_": learn_prior(users, X, rows[0]),
            "item_prior_": learn_prior(items, Y, rows[1]),
        }

    def _on_cluster(self, R):
        """Likes as a DataFrame of Spark, of codes and what they add to confidence."""
        spark = spark_session()
        pa = optional_import("pyarrow", extra="spark")
        users, items = (codes.astype(np.int32) for codes in positions(R))
        added = _confidence_added(R, self.alpha).data
        return spark.createDataFrame(
            pa.table({"user": users, "item": items, "rating": added})
        )

    def _solved(self, C, others, gram, prior):
        """As Spark solves for a row: λ times its events, and no prior."""
        C = _confidence_added(C, self.alpha)
        C.data += 1
        # implicit has one λ for all rows; a dislike of the unit vector e_k adds to the
        # k-th place of the diagonal, and nothing to the right side
        penalty = self.penalty_ * np.diff(C.indptr)[:, None]
        dislikes = -(1 + penalty) * np.ones((1, self.n_components))
        C = sp.hstack([C, sp.csr_matrix(dislikes.astype(np.float32))], "csr")
        others = np.vstack([others, np.eye(self.n_components, dtype=np.float32)])
        return self._exactly(C, others, gram, regularization=0.0)
