"""EASE: the item-item weights of least squares, in closed form."""

from numbers import Integral, Real

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from skmmrec._sklearn import Interval
from skmmrec.recommenders._content_space import ContentSpace
from skmmrec.recommenders._item_item import ItemItemRecommender


def inverse_of_gram(G):
    """Inverse of a symmetric positive definite matrix, overwriting it."""
    factor = cho_factor(G, lower=True, overwrite_a=True, check_finite=False)
    return cho_solve(factor, np.eye(len(G), dtype=G.dtype), overwrite_b=True)


class EASERecommender(ItemItemRecommender):
    """Linear item-item model in closed form, with the content of items as extra rows.

    Minimises ‖R - R B‖² + content · ‖F' - F' B‖² + λ ‖B‖², diag(B) = 0, where the
    columns of F' are the features of the items, of unit length. With
    P = (R'R + content · F F' + λ I)⁻¹ it is B = I - P / diag(P). Few models are better
    on catalogues of up to some ten thousand items; the matrix is dense, and a fit takes
    n_items³ operations: for more items choose `ItemGraphRecommender`. On another number
    of threads of BLAS, scores differ by some 1e-7 of the largest.

    Parameters
    ----------
    regularization : float, default=100.0
        λ. An average event weighs 1.
    content : float, default=10.0
        Weight of the features, where the items have any; 0 is plain EASE. It lets items
        with few events borrow from those like them, and places those without any.
    max_items : int, default=20000
        A larger catalogue is refused. 20,000 items take 1.6 GB for each of the two
        matrices of a fit.

    Attributes
    ----------
    item_factors_ : ndarray of float32 of shape (n_items, n_items)
        B transposed: the weights of all items for each.
    user_factors_ : csr_array of float32 of shape (n_users, n_items)
        Histories.
    item_vocabulary_, user_vocabulary_ : Vocabulary
        Ids of the rows of these matrices.
    seen_ : csr_array of shape (n_users, n_items)
        Summed weights of the events of `fit`.

    Raises
    ------
    ValueError
        In fit, if there are more items than `max_items`.

    See Also
    --------
    SLIMRecommender : Sparse and non-negative weights of the same kind.

    References
    ----------
    Steck. "Embarrassingly Shallow Autoencoders for Sparse Data", WWW 2019, equation 8.
    Jeunen, Van Balen, Goethals. "Closed-Form Models for Collaborative Filtering with
    Side-Information", RecSys 2020, section 3.2 (additive).

    Examples
    --------
    >>> from skmmrec import EASERecommender, Interactions
    >>> X = Interactions({"user": [1, 1, 2, 2, 3], "item": list("abab") + ["a"]})
    >>> EASERecommender(regularization=1).fit(X).recommend([3], k=1).tolist()
    [['b']]
    """

    closed_form = True
    _parameter_constraints = {
        "regularization": [Interval(Real, 0, None, closed="neither")],
        "content": [Interval(Real, 0, None, closed="left")],
        "max_items": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(self, regularization=100.0, content=10.0, *, max_items=20_000) -> None:
        self.regularization = regularization
        self.content = content
        self.max_items = max_items

    def _weights(self, R, items):
        n = R.shape[1]
        if n > self.max_items:
            raise ValueError(
                f"EASERecommender must have at most max_items={self.max_items} items; "
                f"got {n}, a dense matrix of {4e-9 * n**2:.1f} GB; choose "
                f"ItemGraphRecommender, or raise max_items if there is the memory."
            )
        G = (R.T @ R).toarray().astype(np.float32, copy=False)
        self.directions_ = self._directions(items)
        if self.directions_ is not None:
            G += self.content * self.directions_ @ self.directions_.T
        G[np.diag_indices(n)] += self.regularization
        P = inverse_of_gram(G)
        self.diagonal_ = np.diag(P).copy()
        P /= -self.diagonal_
        np.fill_diagonal(P, 0)
        return P

    def _directions(self, items):
        """Features of unit length around their mean, (n_items, d), None without any."""
        self.space_ = None
        if items is None or not items.shape[1] or not self.content:
            return None
        self.space_ = ContentSpace(items, centered=True)
        return self.space_.directions(items)

    def _item_vectors(self, items):
        """Weights of the least squares for a column of which only content is known.

        w = P · content · F f, where P = diag(P) (I - B') is made of B again: by rows of
        the items that had events, as those of others were replaced.
        """
        if self.space_ is None:
            return super()._item_vectors(items)
        n = len(self.diagonal_)
        like = self.content * self.space_.directions(items) @ self.directions_.T
        return (like - like @ self.item_factors_[:n, :n].T) * self.diagonal_
