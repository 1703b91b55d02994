"""Light graph convolution over users and items."""

import warnings

import numpy as np
import scipy.sparse as sp
import torch

from skmmrec._optional import optional_import

LGConv = optional_import("torch_geometric.nn", extra="neural").LGConv


def symmetric_normalized(A):
    """D^-½ A D^-½ of a csr matrix, D its row sums; rows of zeros stay."""
    degrees = np.asarray(A.sum(axis=1)).ravel()
    scale = np.where(degrees > 0, degrees, 1) ** np.float32(-0.5)
    return sp.csr_array(sp.diags_array(scale) @ A @ sp.diags_array(scale))


def bipartite(R):
    """Normalised adjacency of the graph of users, then items, csr of float32."""
    edges = R.astype(bool).astype(np.float32)
    adjacency = sp.block_array([[None, edges], [edges.T, None]], format="csr")
    return symmetric_normalized(adjacency)


def sparse_tensor(A):
    """A csr matrix as a torch tensor."""
    with warnings.catch_warnings(action="ignore"):  # torch calls the layout a beta
        return torch.sparse_csr_tensor(
            torch.as_tensor(A.indptr.astype(np.int64)),
            torch.as_tensor(A.indices.astype(np.int64)),
            torch.as_tensor(A.data),
            A.shape,
            check_invariants=True,
        )


class _SymmetricProduct(torch.autograd.Function):
    """A @ x, of which the gradient is A @ g: nothing has to be transposed."""

    @staticmethod
    def forward(ctx, A, x):
        ctx.A = A
        return _product(A, x)

    @staticmethod
    def backward(ctx, gradient):
        return None, _product(ctx.A, gradient)


def _product(A, x):
    if x.is_cuda:
        return A @ x
    # scipy takes a third of the time of torch, and sums in one order
    parts = (A.values(), A.col_indices(), A.crow_indices())
    matrix = sp.csr_array(tuple(part.numpy() for part in parts), A.shape)
    return torch.from_numpy(matrix @ x.detach().numpy())


class SymmetricLGConv(LGConv):
    """x to A x for a symmetric sparse A that is normalised already.

    References
    ----------
    He et al. "LightGCN", SIGIR 2020, equation 7.
    """

    def __init__(self):
        super().__init__(normalize=False)

    def __reduce__(self):
        return type(self), ()  # nothing is learned; the rest is inspection of code

    def message_and_aggregate(self, edge_index, x):
        return _SymmetricProduct.apply(edge_index, x)
