"""`load`: a model from a folder, every part checked before it is used."""

import io
import warnings
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED, ZipFile

import numpy as np
import sklearn
from sklearn.exceptions import InconsistentVersionWarning

from skmmrec._checks import check_flag, check_path
from skmmrec.persistence._encoders import check_encoders
from skmmrec.persistence._environment import apart
from skmmrec.persistence._errors import ModelFileError
from skmmrec.persistence._folder import FolderReader
from skmmrec.persistence._npy import read_npy
from skmmrec.persistence._placeholders import reading
from skmmrec.persistence._save import STRUCTURE
from skmmrec.persistence._structure import encoders_in
from skmmrec.persistence._trust import is_known


def _warn_of_versions(versions, kind):
    """Say that other releases have saved a model, which may have other attributes."""
    saved_by = versions.get("scikit-learn")
    if saved_by != sklearn.__version__:
        warnings.warn(
            InconsistentVersionWarning(
                estimator_name=kind,
                current_sklearn_version=sklearn.__version__,
                original_sklearn_version=saved_by,
            ),
            stacklevel=3,
        )
    then, now = apart(versions)
    if then:
        warnings.warn(
            f"The model was saved by {then}, and this is {now}: results may differ; "
            f"fit it again and save it.",
            stacklevel=3,
        )


def _check_archive(data):
    """Refuse an archive that would take more room than it does."""
    with ZipFile(io.BytesIO(data)) as archive:
        entries = archive.infolist()
        sizes = [entry.file_size for entry in entries]
        if sum(sizes) > len(data):
            raise ValueError("it declares more than it holds")
        for entry in entries:
            if entry.compress_type != ZIP_STORED:
                raise ValueError("it is compressed")
            if entry.filename.endswith(".npy"):
                read_npy(np.frombuffer(archive.read(entry), np.uint8))
            elif not entry.filename.endswith((".json", ".bin")):
                raise ValueError(f"{entry.filename!r} is in it")


def _name(kind):
    return kind if isinstance(kind, str) else f"{kind.__module__}.{kind.__qualname__}"


def _constructed(reader, trusted):
    """The model, all types of which are known or trusted."""
    import skops.io  # takes a second or two, as it imports all of scikit-learn

    data = reader.read(STRUCTURE)
    _check_archive(data)
    unknown = skops.io.get_untrusted_types(data=data)
    known = [kind for kind in unknown if is_known(kind)]
    try:
        with reading(reader), warnings.catch_warnings():
            warnings.simplefilter("ignore", InconsistentVersionWarning)  # said once
            return skops.io.loads(data, trusted=[*known, *trusted])
    except skops.io.exceptions.UntrustedTypesFoundException:
        rest = sorted(set(unknown) - set(known) - set(map(_name, trusted)))
        raise ModelFileError(
            f"A saved model must hold trusted types alone; got {rest} in "
            f"{str(reader.path)!r}; if you trust them and the sender, pass them as "
            f"trusted."
        ) from None


def _opened(reader, trusted):
    notes = reader.content["encoders"]
    try:
        model = _constructed(reader, trusted)
        if reader.check and any(notes):
            check_encoders(encoders_in(model), notes)
    except (ModelFileError, ImportError, Warning):
        raise
    except Exception as error:  # whatever a forged structure leads to
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise reader.damaged(STRUCTURE, f"cannot be rebuilt ({reason})") from error
    return model


def load(
    path: str | PathLike[str],
    *,
    mmap: bool = False,
    trusted: Sequence[str | type] = (),
    check: bool = True,
) -> Any:
    """Open a model that `save` wrote. No code of it is run.

    Parameters
    ----------
    path : str or Path
    mmap : bool, default=False
        Whether large arrays are mapped from the disk: they are read page by page, when
        they are needed, and all processes of a machine share one copy. What an update
        writes, it writes to memory of its own ("copy on write").
    trusted : list of str or type, default=()
        Further types that the model may hold, such as estimators of plug-ins; names
        with their module. A type can do whatever its author wished: trust what you
        know.
    check : bool, default=True
        Whether arrays are compared with their hashes, and encoders' weights looked for
        and compared. False opens a mapped model in milliseconds, also where weights
        are missing; for models on disks of your own.

    Returns
    -------
    model : estimator
        It gives the very results of the one that was saved.

    Raises
    ------
    ModelFileError
        A ValueError: the folder is no model, incomplete, damaged or of another format;
        or it holds a type that is not trusted; or an encoder's weights are missing or
        not those of the fit.
    ImportError
        If the model needs a package that is not installed.

    Warns
    -----
    InconsistentVersionWarning
        If another version of scikit-learn has saved it.
    UserWarning
        If another skmmrec has, or another major release of numpy, scipy, torch or what
        else is in its ``manifest.json``.

    See Also
    --------
    save : Write one.

    Notes
    -----
    Nothing in the folder is a pickle, and none is read. Before an object is made, all
    types are compared with a list: estimators of skmmrec and scikit-learn, containers
    of numpy, scipy and Python, and modules of torch. Hashes tell damage, not a forger:
    who may write to the folder can put another model there, though no code. The
    manifest has the hashes of all parts, so it is enough to sign ``manifest.json``.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> import skmmrec
    >>> X = skmmrec.Interactions({"user": [1, 1, 2], "item": ["tea", "jam", "tea"]})
    >>> model = skmmrec.ALSRecommender(2, random_state=0).fit(X)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     skmmrec.save(model, f"{folder}/als")
    ...     again = skmmrec.load(f"{folder}/als", mmap=True)
    >>> bool(np.all(again.predict(X) == model.predict(X)))
    True
    """
    check_path(path)
    check_flag(mmap, "mmap")
    check_flag(check, "check")
    while True:
        reader = FolderReader(Path(path), mmap, check)
        try:
            model = _opened(reader, trusted)
        except ModelFileError:
            if not reader.is_replaced():  # by a save that removed what was being read
                raise
        else:
            _warn_of_versions(reader.content["versions"], type(model).__name__)
            return model
