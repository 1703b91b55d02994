"""What stands in the structure of a model for what skops does not carry.

A placeholder is written as a call of its class, with plain arguments; when the
structure is read, that call returns the real thing, or, where no model is being loaded,
the placeholder. So loading makes each object once, in place.
"""

import math
import sys
from contextlib import contextmanager
from contextvars import ContextVar

import numpy as np
import scipy.sparse as sp

from skmmrec._optional import optional_import
from skmmrec._sklearn import Tree
from skmmrec.data._tables import as_object_array
from skmmrec.persistence._npy import read_npy
from skmmrec.persistence._plain import from_json

_READER = ContextVar("reader", default=None)  # of the model that is being loaded
COMPRESSED = ("csr", "csc")
FORMATS = (*COMPRESSED, "bsr", "coo", "dia", "dok", "lil")


@contextmanager
def reading(reader):
    """Placeholders find their parts through this `FolderReader`."""
    token = _READER.set(reader)
    try:
        yield
    finally:
        _READER.reset(token)


class Placeholder:
    """Base class; `_made` returns what `arguments` describe."""

    def __new__(cls, *arguments):
        reader = _READER.get()
        return cls.of(*arguments) if reader is None else cls._made(reader, *arguments)

    @classmethod
    def of(cls, *arguments):
        """The placeholder itself."""
        placeholder = object.__new__(cls)
        placeholder.arguments = arguments
        return placeholder

    def __reduce__(self):
        return type(self), self.arguments


class ArrayPart(Placeholder):
    """A large array, a part of its own."""

    @staticmethod
    def _made(reader, name):
        return read_npy(reader.buffer(name))


class PlainPart(Placeholder):
    """Ids and other plain data, a part of JSON; of a shape if it was an array."""

    @staticmethod
    def _made(reader, name, shape):
        value = from_json(reader.read(name))
        if shape is None:
            return value
        return as_object_array(value).reshape(shape)


class Pairs(Placeholder):
    """A dict whose keys are not all texts."""

    @staticmethod
    def _made(reader, pairs):
        return dict(pairs)


class WeightsPart(Placeholder):
    """Path of weights that were copied into the model."""

    @staticmethod
    def _made(reader, name, prefix):
        parts = [p for p in reader.parts if p == name or p.startswith(f"{name}/")]
        if not parts:
            raise reader.damaged(name, "is missing")
        for part in parts:
            reader.check_file(part)
        return prefix + str(reader.inside(reader.folder, name).absolute())


def _check_compressed(data, indices, indptr, n_rows, n_columns):
    """Refuse what compiled code would follow out of the arrays of a csr matrix."""
    steps = np.diff(indptr)
    fits = (
        data.ndim == indices.ndim == indptr.ndim == 1
        and indices.dtype == indptr.dtype in (np.int32, np.int64)
        and len(indptr) == n_rows + 1
        and len(data) == len(indices) == indptr[-1]
        and indptr[0] == 0
        and steps.min(initial=0) >= 0
        and indices.min(initial=0) >= 0
        and indices.max(initial=-1) < n_columns
    )
    if not fits:
        raise ValueError("a sparse matrix that points out of itself")


class Sparse(Placeholder):
    """A sparse matrix or array."""

    @classmethod
    def of_matrix(cls, matrix):
        """The placeholder of a matrix, whose arrays may become parts."""
        if matrix.format in COMPRESSED:
            arrays = matrix.data, matrix.indices, matrix.indptr
        else:
            entries = matrix.tocoo()
            arrays = entries.data, *entries.coords
        kind = matrix.format, isinstance(matrix, sp.sparray)
        return cls.of(*kind, tuple(map(int, matrix.shape)), list(arrays))

    @staticmethod
    def _made(reader, form, is_array, shape, arrays):
        if form not in FORMATS:
            raise ValueError(f"a sparse matrix of format {form!r}")
        suffix = "array" if is_array else "matrix"
        if form not in COMPRESSED:
            make = getattr(sp, f"coo_{suffix}")
            return make((arrays[0], tuple(arrays[1:])), shape=shape).asformat(form)
        _check_compressed(*arrays, *(shape if form == "csr" else shape[::-1]))
        matrix = getattr(sp, f"{form}_{suffix}")(shape, dtype=arrays[0].dtype)
        # the constructor would copy what is part of a larger buffer, as maps are
        matrix.data, matrix.indices, matrix.indptr = arrays
        return matrix


class TreeNodes(Placeholder):
    """A decision tree of scikit-learn, which follows its indices unchecked."""

    @classmethod
    def of_tree(cls, tree):
        """The placeholder of a tree, whose arrays may become parts."""
        _, sizes, state = tree.__reduce__()
        return cls.of(*sizes, state)

    @staticmethod
    def _made(reader, n_features, n_classes, n_outputs, state):
        nodes = state["nodes"]
        left, right, feature = (
            nodes[name] for name in ("left_child", "right_child", "feature")
        )
        inner = np.flatnonzero((left != -1) | (right != -1))
        for children in (left, right):  # below their parents: no walk goes in a circle
            if ((children[inner] <= inner) | (children[inner] >= len(nodes))).any():
                raise ValueError("a tree with a branch to nowhere")
        if ((feature[inner] < 0) | (feature[inner] >= n_features)).any():
            raise ValueError("a tree that asks for a feature that is not there")
        if not 0 < len(nodes) == state["node_count"]:
            raise ValueError("a tree of another number of nodes")
        tree = Tree(n_features, n_classes, n_outputs)
        tree.__setstate__(state)
        return tree


class Tensor(Placeholder):
    """A tensor of torch, of a type that numpy may not have."""

    @classmethod
    def of_tensor(cls, tensor):
        """The placeholder of a tensor, whose numbers may become a part."""
        torch = sys.modules["torch"]
        if tensor.layout != torch.strided:
            raise TypeError(f"a tensor of layout {tensor.layout}")
        is_parameter = isinstance(tensor, torch.nn.Parameter)
        numbers = tensor.detach().cpu().contiguous()
        flat = numbers.reshape(-1).view(torch.uint8).numpy()
        dtype = str(tensor.dtype).removeprefix("torch.")
        return cls.of(
            dtype, tuple(tensor.shape), flat, is_parameter, tensor.requires_grad
        )

    @staticmethod
    def _made(reader, dtype, shape, flat, is_parameter, requires_grad):
        torch = optional_import("torch", extra="neural")
        dtype = getattr(torch, dtype)
        if not isinstance(dtype, torch.dtype):
            raise ValueError(f"a tensor of {dtype}")
        if len(flat) != math.prod(shape) * dtype.itemsize:
            raise ValueError(f"a tensor of shape {shape} in {len(flat)} bytes")
        if len(flat):
            tensor = torch.from_numpy(flat).view(dtype).reshape(shape)
        else:  # no bytes have no stride to be viewed by
            tensor = torch.empty(shape, dtype=dtype)
        if is_parameter:
            return torch.nn.Parameter(tensor, requires_grad)
        return tensor.requires_grad_(requires_grad)
