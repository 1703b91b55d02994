"""A copy of a model in which placeholders stand for arrays, trees, tensors and ids.

Nothing visits the whole of an object as surely as a pickler does, with each object it
holds once, however often it is held. It is used for that alone: the pickle lives in
memory for the moment of the copy, and is never written.
"""

import copyreg
import io
import pickle
import sys
from contextlib import suppress

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator

from skmmrec._sklearn import Tree
from skmmrec.encoders import BaseEncoder
from skmmrec.persistence._npy import write_npy
from skmmrec.persistence._placeholders import (
    ArrayPart,
    Pairs,
    Placeholder,
    PlainPart,
    Sparse,
    Tensor,
    TreeNodes,
)
from skmmrec.persistence._plain import NotPlainError, to_json

LARGE = 2**16  # bytes from which an array is a part of its own
MANY = 256  # entries from which plain data is
SIMPLE = {str, int, float, bool, bytes, tuple, type(None)}


def _is_tensor(value):
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def _is_large_array(value):
    if type(value) is np.ndarray:
        return value.nbytes >= LARGE and not value.dtype.hasobject
    return type(value) is np.memmap


class _Visitor(pickle.Pickler):
    """Pickles a model, asked by `persistent_id` of every object on the way.

    Attributes
    ----------
    encoders : list
        Those that it met, in an order that depends on the model alone.
    """

    def __init__(self, file):
        super().__init__(file)
        self.encoders, self._numbers, self._kept = [], {}, []

    def reducer_override(self, value):
        """What is left out of estimators, or put in place of a parameter."""
        state = None
        if isinstance(value, BaseEncoder):
            self.encoders.append(value)
            state = value.__getstate__() | self._moved(value)
        elif isinstance(value, BaseEstimator) and "_skl_callbacks" in vars(value):
            state = dict(value.__getstate__())
        if state is None:
            return NotImplemented
        state.pop("_skl_callbacks", None)  # these follow a fit, and are no part of it
        return copyreg.__newobj__, (type(value),), state

    def persistent_id(self, value):
        """What the unpickler is given in place of an object; None: the object."""
        if type(value) in SIMPLE:
            return None
        if id(value) in self._numbers:
            return (self._numbers[id(value)],)
        placeholder = self._placeholder(value)
        if placeholder is None:
            return None
        self._numbers[id(value)] = number = len(self._numbers)
        self._kept.append(value)  # or its id might come again
        return number, type(placeholder), placeholder.arguments

    def _moved(self, encoder):
        """Parameters of an encoder, by name, that are others in a file."""
        return {}

    def _placeholder(self, value):
        is_large = isinstance(value, (np.ndarray, Tree)) or sp.issparse(value)
        return Placeholder.of() if is_large or _is_tensor(value) else None


class _Copier(_Visitor):
    """Writes the parts of a model, and pickles the rest."""

    def __init__(self, file, writer, moved):
        super().__init__(file)
        self._writer, self._moved = writer, moved

    def _placeholder(self, value):
        if isinstance(value, Placeholder):
            return value
        if _is_large_array(value):
            return ArrayPart.of(self._written(value))
        if sp.issparse(value):
            return Sparse.of_matrix(value)
        if isinstance(value, Tree):
            return TreeNodes.of_tree(value)
        if _is_tensor(value):
            return Tensor.of_tensor(value)
        return self._plain(value)

    def _written(self, array):
        name = f"{len(self._writer.parts)}.npy"
        with self._writer.part(name) as file:
            write_npy(file, array)
        return name

    def _plain(self, value):
        """Plain data of many entries, as a part; dicts as JSON cannot have them."""
        kind, shape, plain = type(value), None, value
        if kind is np.ndarray and value.dtype == object and value.size >= MANY:
            shape, plain = value.shape, value.ravel().tolist()
        elif kind not in (list, dict):
            return None
        if len(plain) >= MANY:
            with suppress(NotPlainError):
                data = to_json(plain)
                name = f"{len(self._writer.parts)}.json"
                with self._writer.part(name) as file:
                    file.write(data)
                return PlainPart.of(name, shape)
        if kind is dict and not all(type(key) is str for key in value):
            return Pairs.of(list(value.items()))
        return None


class _Paster(pickle.Unpickler):
    def __init__(self, file):
        super().__init__(file)
        self._placeholders = {}

    def persistent_load(self, pid):
        number, *new = pid
        if new:
            kind, arguments = new
            self._placeholders[number] = kind.of(*arguments)
        return self._placeholders[number]


def without_parts(model, writer, moved):
    """A copy of a model, its large parts written and replaced by placeholders.

    Parameters
    ----------
    model : estimator
    writer : FolderWriter
    moved : callable
        Of an encoder: those of its parameters that are to be others, by name.

    Returns
    -------
    structure : estimator
    """
    with io.BytesIO() as file:
        _Copier(file, writer, moved).dump(model)
        file.seek(0)
        return _Paster(file).load()


def encoders_in(model):
    """All encoders of a model, in an order that depends on the model alone.

    Parameters
    ----------
    model : estimator

    Returns
    -------
    encoders : list of BaseEncoder
    """
    visitor = _Visitor(io.BytesIO())
    visitor.dump(model)
    return visitor.encoders
