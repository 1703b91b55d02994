"""What a saved model says of the weights of its encoders, which it does not hold."""

import os
import shutil
import warnings
from pathlib import Path

from skmmrec.encoders._fingerprint import encoder_facts, fingerprint
from skmmrec.encoders._weights import files_in
from skmmrec.persistence._errors import ModelFileError
from skmmrec.persistence._placeholders import WeightsPart

# what decides on the last digits of a vector and not on what it means
PASSING = {"code", "dtype", "libraries"}


def weights_of(encoder):
    """Parameters of an encoder that name weights which its vectors depend on.

    Parameters
    ----------
    encoder : BaseEncoder

    Returns
    -------
    weights : dict of {str: str or Path}

    Raises
    ------
    ValueError
        If it holds the weights themselves.
    """
    facts, parameters = encoder._depends_on(), encoder.get_params(deep=False)
    weights = {}
    for name in sorted(set(facts) & set(parameters) - PASSING):
        value = parameters[name]
        if isinstance(value, (str, os.PathLike)):
            if facts[name] is not None:
                weights[name] = value
        elif value is not None and not hasattr(value, "_depends_on"):
            raise ValueError(
                f"{name} of {type(encoder).__name__} must be a name or a path to be "
                f"saved; got {type(value).__name__}; save it to a folder, and pass "
                f"that."
            )
    return weights


def check_outside(encoder, path):
    """Refuse to replace a model by one that uses weights which lie in it."""
    for name, value in weights_of(encoder).items():
        weights = Path(_located(value)[1]).resolve()
        if weights.is_relative_to(Path(path).resolve()):
            raise ValueError(
                f"path must not hold the {name} of {type(encoder).__name__}; got "
                f"{os.fspath(path)!r}, whose weights would be removed; save to another "
                f"path."
            )


def notes_of(encoder):
    """What the manifest says of an encoder; None if it depends on no weights."""
    weights = weights_of(encoder)
    facts = encoder_facts(encoder)
    if not any(facts["depends_on"].values()):
        return None
    return {
        "encoder": type(encoder).__name__,
        "weights": {name: os.fspath(value) for name, value in weights.items()},
        "fingerprint": fingerprint(encoder)[0],
        "depends_on": facts["depends_on"],
        "libraries": facts["libraries"],
    }


def _located(value):
    """What comes before the path of weights, as "WAV2VEC2_BASE:", and the path."""
    text = os.fspath(value)
    prefix, colon, path = text.partition(":")
    return (prefix + colon, path) if colon and prefix.isupper() else ("", text)


def nothing_moved(encoder):
    """Parameters of an encoder that are others in a file that refers to weights."""
    return {}


class WeightsCopier:
    """Copies weights into a model; called with an encoder, tells where they went.

    Parameters
    ----------
    writer : FolderWriter
    """

    def __init__(self, writer):
        self._writer, self._copied = writer, {}

    def __call__(self, encoder):
        weights = weights_of(encoder)
        return {name: self._part(name, value) for name, value in weights.items()}

    def _part(self, parameter, value):
        prefix, path = _located(value)
        if path not in self._copied:
            self._copied[path] = self._copy(parameter, Path(path))
        return WeightsPart.of(self._copied[path], prefix)

    def _copy(self, parameter, path):
        if not path.exists():
            raise ValueError(
                f"{parameter} must be a folder or a file for include_encoders; got "
                f"{os.fspath(path)!r}, which is neither; download it to a folder, and "
                f"pass that."
            )
        name = f"weights/{len(self._copied)}/{path.name}"
        files = map(Path, files_in(path)) if path.is_dir() else [path]
        for file in files:
            part = name
            if path.is_dir():
                part = f"{name}/{file.relative_to(path).as_posix()}"
            with open(file, "rb") as source, self._writer.part(part) as target:
                shutil.copyfileobj(source, target)
        return name


def _without(facts, names):
    """Facts without those of some names, at any depth."""
    if not isinstance(facts, dict):
        return facts
    return {k: _without(v, names) for k, v in facts.items() if k not in names}


def check_encoders(encoders, notes):
    """Compare the weights that encoders find with those that the model was fitted with.

    Parameters
    ----------
    encoders : list of BaseEncoder
    notes : list
        Of each, what `notes_of` said when the model was saved.

    Raises
    ------
    ModelFileError
        If weights are missing, or others.
    """
    for encoder, note in zip(encoders, notes, strict=True):
        if note is not None:
            _check(encoder, note)


def _check(encoder, note):
    who = f"{note['encoder']} with {note['weights'] or 'its default weights'}"
    try:
        facts = notes_of(encoder)
    except (ImportError, OSError, ValueError, TypeError) as error:
        raise ModelFileError(
            f"The model needs the weights of {who}, which are not to be had here "
            f"({str(error).rstrip('.')}); put them there, or pass check=False to go "
            f"without."
        ) from error
    theirs, ours = note["depends_on"], facts["depends_on"]
    if _without(theirs, PASSING) != _without(ours, PASSING):
        raise ModelFileError(
            f"The model must be used with the weights that it was fitted with; got "
            f"others for {who}; put the former there, or fit again."
        )
    if theirs != ours or note["libraries"] != facts["libraries"]:
        warnings.warn(
            f"{who} computes in another type of number or with other libraries than "
            f"when the model was fitted, so that vectors differ slightly; got "
            f"{facts['libraries']} in place of {note['libraries']}.",
            stacklevel=4,
        )
