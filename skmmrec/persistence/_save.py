"""`save`: a model as a folder."""

import pickle
import warnings
from os import PathLike
from typing import Any

from skmmrec._checks import check_flag
from skmmrec.persistence._encoders import (
    WeightsCopier,
    check_outside,
    notes_of,
    nothing_moved,
)
from skmmrec.persistence._environment import machine, versions
from skmmrec.persistence._folder import writing
from skmmrec.persistence._structure import encoders_in, without_parts

STRUCTURE = "structure.skops"


def _as_archive(structure):
    """The structure as skops writes it, of which it is sure that it can be read."""
    import skops.io  # takes a second or two, as it imports all of scikit-learn

    with warnings.catch_warnings():
        # said of any array of dates by numpy before 2.4
        warnings.filterwarnings("ignore", "metadata on a dtype is not saved")
        data = skops.io.dumps(structure)
    skops.io.loads(data, trusted=skops.io.get_untrusted_types(data=data))
    return data


def save(
    model: Any, path: str | PathLike[str], *, include_encoders: bool = False
) -> None:
    """Save a model as a folder, to be opened by `load` without running its code.

    For models that are stored, sent or served. Between processes of one program, on one
    machine and for one day, a pickle will do.

    Parameters
    ----------
    model : estimator
        Any estimator of skmmrec or scikit-learn, such as a Pipeline or a GridSearchCV.
    path : str or Path
        A new folder, or one of a saved model, which is replaced: whoever loads it
        meanwhile gets the old model or the new one, and so does everybody after a
        crash.
    include_encoders : bool, default=False
        Whether folders and files of pretrained weights are copied into the model.
        False refers to them by name or path, with a fingerprint that `load` compares.

    Raises
    ------
    ValueError
        If `path` holds anything else, or an encoder was passed its weights as an
        object.
    TypeError
        If the model holds an object that cannot be saved.
    OSError
        If the disk is full or read-only; a model that was there stays.

    See Also
    --------
    load : Open it again.

    Notes
    -----
    Callbacks are left out; of an `EmbeddingStore`, its path is saved. When `save`
    returns, all is on the disk.

    The file ``manifest.json`` says with which releases of Python and of which libraries
    the model was saved, on what platform, and with which BLAS on how many threads.

    Examples
    --------
    >>> import tempfile
    >>> import skmmrec
    >>> X = skmmrec.Interactions({"user": [1, 1, 2], "item": ["tea", "jam", "tea"]})
    >>> model = skmmrec.PopularityRecommender().fit(X)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     skmmrec.save(model, f"{folder}/popular")
    ...     skmmrec.load(f"{folder}/popular").recommend([2], k=1)
    array([['jam']], dtype=object)
    """
    check_flag(include_encoders, "include_encoders")
    with writing(path) as writer:
        try:
            encoders = encoders_in(model)
            for encoder in encoders:
                check_outside(encoder, path)
            notes = list(map(notes_of, encoders))
            moved = WeightsCopier(writer) if include_encoders else nothing_moved
            structure = _as_archive(without_parts(model, writer, moved))
        except (pickle.PicklingError, AttributeError, TypeError) as error:
            raise TypeError(
                f"model must be made of estimators, arrays and plain data to be saved; "
                f"got {type(model).__name__} with something else in it ({error}); "
                f"replace that, or write a pickle."
            ) from error
        with writer.part(STRUCTURE) as file:
            file.write(structure)
        environment = {"versions": versions(), "machine": machine()}
        writer.commit({**environment, "encoders": notes})
