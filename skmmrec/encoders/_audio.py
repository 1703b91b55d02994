"""Sounds by a pretrained network, of torchaudio, of timm, or your own.

The last layers of a network are fed in one of two ways: with samples, cut into chunks
of equal length, or with windows of a log-mel spectrogram. No piece is ever padded to
the length of another sound: networks that normalise over time would see the padding,
and a sound would have other features beside a longer one.
"""

import hashlib
import os
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from skmmrec._optional import optional_import
from skmmrec.encoders._base import BaseEncoder
from skmmrec.encoders._checks import check_choice, check_count
from skmmrec.encoders._mel import RATES, LogMel
from skmmrec.encoders._modules import module_digest
from skmmrec.encoders._sound import check_duration, open_sound
from skmmrec.encoders._timm import create_network
from skmmrec.encoders._weights import (
    folder_stamp,
    inference,
    is_out_of_reach,
    one_error,
    placement,
    weights_facts,
)

KINDS = (
    "a bundle of torchaudio such as 'WAV2VEC2_BASE', a bundle and its weights such as "
    "'WAV2VEC2_BASE:weights.pth', a timm model (a name or a local folder), or a module"
)
DTYPES = ("auto", "float32", "bfloat16")
POOLINGS = ("mean", "max")
BUNDLES = "https://download.pytorch.org/torchaudio/models/"
LEAST_SECONDS = 0.1  # shorter sounds are padded with silence to as much
WINDOWS_IN_STEP = 16  # for each of batch_size


@dataclass(frozen=True)
class Waveform:
    """How sounds are cut for a network that takes samples.

    Parameters
    ----------
    rate : int, default=16000
        Samples per second that the network was trained on.
    seconds : float, default=10.0
        Longer sounds are cut into chunks of at most as much, all of one length, and the
        features of the chunks are pooled: what is in memory grows with the chunk, in
        transformers with its square.

    See Also
    --------
    AudioEncoder : Its parameter `front_end`.
    LogMel : For networks that take spectrograms.

    Examples
    --------
    >>> from skmmrec.encoders import Waveform
    >>> Waveform(rate=32_000, seconds=5)
    Waveform(rate=32000, seconds=5)
    """

    rate: int = 16_000
    seconds: float = 10.0

    def __post_init__(self):
        if not RATES[0] <= self.rate <= RATES[1]:
            raise ValueError(
                f"rate must be from {RATES[0]:,} to {RATES[1]:,}; got {self.rate:,}; "
                f"pass samples per second."
            )
        if not self.seconds >= LEAST_SECONDS:
            raise ValueError(
                f"seconds must be at least {LEAST_SECONDS}; got {self.seconds}; raise "
                f"it."
            )


def _audio_module(name):
    """A part of torchaudio, or what to install."""
    try:
        return optional_import(name, extra="audio")
    except (OSError, RuntimeError) as error:  # compiled for another torch
        torch = optional_import("torch", extra="audio")
        raise ImportError(
            f"torchaudio must be of the version of torch, {torch.__version__}; got one "
            f"that does not load with it ({str(error).partition(chr(10))[0]}); install "
            f"both with: pip install 'skmmrec[audio]'"
        ) from error


def _bundle_of(model):
    """The bundle that a name stands for and the file of its weights; None for others.

    Returns
    -------
    name : str or None
    path : str or None
        Where the weights lie, or will be once they are downloaded.
    """
    name, colon, path = model.partition(":")
    if not name.isupper() or "/" in name:
        return None, None
    bundle = getattr(_audio_module("torchaudio.pipelines"), name, None)
    if not hasattr(bundle, "_model_type"):
        return None, None
    if not colon:
        hub = optional_import("torch.hub", extra="audio")
        file = os.path.basename(bundle._path)
        path = os.path.join(hub.get_dir(), "checkpoints", file)
    return name, path


def _stamp(model):
    """What changes when the local files of a model do; None for a name."""
    _, path = _bundle_of(model)
    if path is None:
        return folder_stamp(model)
    if not os.path.isfile(path):
        return None
    status = os.stat(path)
    return path, status.st_size, status.st_mtime_ns


@lru_cache(maxsize=4)
def _load(model, device, stamp):
    """The network in memory; `stamp` makes files that changed another key.

    Kept outside the estimator, so that clones in a grid share it and pickles lack it.
    """
    name, path = _bundle_of(model)
    if name is not None:
        network = _create_bundle(model, name, path)
    else:
        with one_error(model, KINDS, extra="image"):
            network = create_network(model)
    return network.to(device).eval()


def _create_bundle(model, name, path):
    """A network of torchaudio with the weights of a file, downloaded if need be."""
    bundle = getattr(_audio_module("torchaudio.pipelines"), name)
    folder, file = os.path.split(os.path.abspath(path))
    if not os.path.isfile(path):
        # what was named is not looked for anywhere else
        if ":" in model:
            raise _not_loaded(model, "there is no such file")
        if is_out_of_reach(BUNDLES):
            raise _not_loaded(model, f"not in {folder}, and {BUNDLES} is out of reach")
    settings = {"model_dir": folder, "file_name": file, "progress": False}
    settings |= {"map_location": "cpu", "weights_only": True}
    try:
        return bundle.get_model(dl_kwargs=settings)
    except Exception as error:  # whatever the unpickler meets in a damaged file
        reason = str(error).strip().partition("\n")[0].partition(". ")[0]
        raise _not_loaded(model, reason.rstrip(".:") or type(error).__name__) from error


def _not_loaded(model, reason):
    return OSError(
        f"model must be {KINDS}; got {model!r}, which could not be loaded ({reason}); "
        f"where there is no network, pass a file that holds the weights, or the module "
        f"itself."
    )


@lru_cache(maxsize=16)
def _file_digest(path, stamp):
    """Hash of a file; `stamp` makes a file that changed another key."""
    with open(path, "rb") as file:
        return hashlib.file_digest(
            file, lambda: hashlib.blake2b(digest_size=16)
        ).hexdigest()


@lru_cache(maxsize=8)
def _mel_transform(settings):
    """The spectrogram of torchaudio, as a module."""
    transforms = _audio_module("torchaudio.transforms")
    return transforms.MelSpectrogram(
        settings.rate,
        n_fft=settings.n_fft,
        win_length=settings.win_length,
        hop_length=settings.hop_length,
        f_min=settings.f_min,
        f_max=settings.f_max,
        n_mels=settings.n_mels,
        power=settings.power,
        center=False,
        mel_scale=settings.mel_scale,
        norm=None,
    )


def _mel_windows(samples, settings):
    """Windows of the log-mel spectrogram, (n_windows, 1, window, n_mels)."""
    torch = optional_import("torch", extra="audio")
    n_missing = settings.n_frames(len(samples)) - settings.window
    n_windows = max(0, -(-n_missing // settings.window_hop)) + 1
    n_frames = settings.window + (n_windows - 1) * settings.window_hop
    n_silent = max(0, settings.n_samples(n_frames) - len(samples))
    # torch puts a frame in the middle of the transform: nothing is lost at the ends
    margin = (settings.n_fft - settings.win_length) // 2
    padded = np.pad(samples, (margin, n_silent + settings.n_fft))
    mel = _mel_transform(settings)(torch.from_numpy(padded))[:, :n_frames]
    log_mel = torch.log(mel + settings.log_offset).T
    windows = log_mel.unfold(0, settings.window, settings.window_hop)
    return windows.transpose(1, 2)[:, None]


def _chunks(samples, settings):
    """Chunks of one length, the least number of them, (n_chunks, n_samples).

    Neighbours overlap by a few samples where the length cannot be divided.
    """
    torch = optional_import("torch", extra="audio")
    least = int(np.ceil(LEAST_SECONDS * settings.rate))
    samples = np.pad(samples, (0, max(0, least - len(samples))))
    n_chunks = int(np.ceil(len(samples) / (settings.seconds * settings.rate)))
    size = -(-len(samples) // n_chunks)
    starts = np.linspace(0, len(samples) - size, n_chunks).astype(int)
    return torch.from_numpy(np.stack([samples[s : s + size] for s in starts]))


def _runs(pieces, size):
    """Neighbouring sounds whose pieces have one shape, cut into steps of a network.

    Yields
    ------
    owners : list of int
        The sound of each row.
    step : tensor
        Of at most `size` rows.
    """
    torch = optional_import("torch", extra="audio")
    shapes = {}
    for owner, piece in enumerate(pieces):
        shapes.setdefault(piece.shape[1:], []).append(owner)
    for owners in shapes.values():
        rows = [owner for owner in owners for _ in range(len(pieces[owner]))]
        together = torch.cat([pieces[owner] for owner in owners])
        for start in range(0, len(rows), size):
            yield rows[start : start + size], together[start : start + size]


def _is_transformer(network):
    """Whether it is one of torchaudio's, which answer with every layer."""
    of_torchaudio = type(network).__module__.partition(".")[0] == "torchaudio"
    return of_torchaudio and hasattr(network, "extract_features")


def _answers(network, step, layer):
    """What a network makes of samples or windows: (n, d), or (n, frames, d)."""
    if not _is_transformer(network):
        return network(step)
    if getattr(network, "normalize_waveform", False):
        # torchaudio would normalise all rows as if they were one sound
        torch = optional_import("torch", extra="audio")
        step = torch.nn.functional.layer_norm(step, step.shape[1:])
        network = network.model
    layers, _ = network.extract_features(step, num_layers=_layer(network, layer))
    return layers[-1]


def _layer(network, layer):
    """Number of the layer whose output is taken, by default the middle one."""
    n_layers = len(network.encoder.transformer.layers)
    if layer is None:
        return -(-n_layers // 2)
    if layer > n_layers:
        raise ValueError(
            f"layer must be at most {n_layers}, the layers of the model; got {layer}; "
            f"lower it."
        )
    return layer


def _pooled(answer, pooling):
    """One vector for each piece, as float32."""
    shape = tuple(getattr(answer, "shape", ()))
    if len(shape) not in (2, 3):
        raise ValueError(
            f"model must return features of shape (n, d) or (n, frames, d); got "
            f"{shape or type(answer).__name__}; wrap it in a module that does."
        )
    answer = answer.float()
    if len(shape) == 3:
        answer = answer.mean(dim=1) if pooling == "mean" else answer.amax(dim=1)
    return answer.cpu().numpy()


class AudioEncoder(BaseEncoder):
    """Features of a pretrained network for sound: music, speech, noises.

    Alike in content is close in space. Takes the networks of torchaudio for speech
    (wav2vec 2.0, HuBERT, WavLM), those of timm that were trained on log-mel
    spectrograms, and modules of your own. Needs the extra ``skmmrec[audio]``, and for
    models of timm also ``skmmrec[image]``.

    Parameters
    ----------
    model : str, Path or torch.nn.Module, default="WAV2VEC2_BASE"
        - The name of a bundle in ``torchaudio.pipelines``, such as "HUBERT_BASE" or
          "WAVLM_BASE_PLUS". Weights come from the cache of torch, or are downloaded.
        - The same and a local file with the weights: "HUBERT_BASE:weights.pth".
        - A timm model with one input channel: a local folder with config.json and
          weights, a repository on the Hugging Face hub, or a name.
        - A module that turns samples of shape (n, samples) or, with `LogMel` as the
          front end, windows of shape (n, 1, frames, bands) into features of shape (n,
          d) or (n, frames, d). It is copied by `clone` and stored in pickles, weights
          and all.
    front_end : Waveform or LogMel, default=None
        What the network is fed with. None is ``LogMel()`` for networks of timm, the
        spectrogram of YAMNet, and ``Waveform()`` for all others.
    layer : int, default=None
        For the networks of torchaudio: the layer of the transformer whose output is
        taken, from 1. None is the middle one: the last layers are bent towards the task
        of pretraining, and carry less of the content (Pasad et al.).
    pooling : {"mean", "max"}, default="mean"
        How the frames of a sound, and its chunks or windows, become one vector.
    batch_size : int, default=4
        Sounds per step, and chunks that the network takes at once; of windows 16 times
        as many. On a GPU larger is faster. Each core has its own step, so that as many
        are in memory for each.
    device : str, default=None
        Such as "cpu" or "cuda"; None takes a GPU if there is one. A module stays where
        it is, and is put into evaluation mode.
    dtype : {"auto", "float32", "bfloat16"}, default="auto"
        What the network computes in: "auto" is bfloat16 where the processor computes in
        it, about twice as fast, else float32. A module computes in the type of its
        weights.
    duration : float, default=None
        Seconds that are read from the start of each sound, such as 30 for whole songs.
        None reads all.
    on_error : {"raise", "missing"}, default="raise"
        What to do with a sound that cannot be opened: raise, or treat it as missing and
        warn once.
    root : str or Path, default=None
        Folder in which all files must lie, where paths come from others. Relative paths
        start here.
    show_progress : bool, default=False
        Show a progress bar.
    store : EmbeddingStore, str, Path or False, default=None
        Remembers features, so that no sound is encoded twice; a string is a folder.
        None takes the one of `set_config`, if any; False takes none.

    Attributes
    ----------
    n_features_in_ : int
        Always 1, the column.

    See Also
    --------
    MelStatisticsEncoder : Without a pretrained model.
    MelFrameEncoder : The spectrogram, for networks that are trained on it.

    Notes
    -----
    The column holds paths, the bytes of files (WAV, FLAC, Ogg, MP3, AIFF and others of
    libsndfile) or tuples (samples, rate). What exceeds the limits of `set_config` is
    refused. Loaded networks are kept in memory, four at most, and shared by all
    encoders of the process. Files of weights are read as tensors only, no code in them
    is run.

    Sounds shorter than a window are padded with silence, as is the last window.

    References
    ----------
    Baevski et al. (2020). wav2vec 2.0: a framework for self-supervised learning of
    speech representations. NeurIPS.

    Hsu et al. (2021). HuBERT: self-supervised speech representation learning by masked
    prediction of hidden units. IEEE/ACM TASLP 29.

    Pasad, Chou and Livescu (2021). Layer-wise analysis of a self-supervised speech
    representation model. ASRU.

    Examples
    --------
    >>> from skmmrec.encoders import AudioEncoder
    >>> encoder = AudioEncoder("WAVLM_BASE_PLUS", duration=30)
    >>> features = encoder.fit_transform(["a.mp3", None])  # doctest: +SKIP
    >>> features.shape  # doctest: +SKIP
    (2, 768)
    """

    _noun = "sound"
    _in_files = True
    _libraries = ("timm", "torch", "torchaudio", "soundfile", "scipy")

    def __init__(
        self,
        model="WAV2VEC2_BASE",
        front_end=None,
        layer=None,
        pooling="mean",
        batch_size=4,
        device=None,
        dtype="auto",
        duration=None,
        on_error="raise",
        root=None,
        show_progress=False,
        store=None,
    ) -> None:
        self.model = model
        self.front_end = front_end
        self.layer = layer
        self.pooling = pooling
        self.batch_size = batch_size
        self.device = device
        self.dtype = dtype
        self.duration = duration
        self.on_error = on_error
        self.root = root
        self.show_progress = show_progress
        self.store = store

    def _fit(self, values, rows):
        if not isinstance(self.front_end, (Waveform, LogMel, type(None))):
            raise TypeError(
                f"front_end must be a Waveform or a LogMel; got "
                f"{type(self.front_end).__name__}; pass one, or None for the usual."
            )
        if self.layer is not None:
            check_count("layer", self.layer)
        check_choice("pooling", self.pooling, POOLINGS)
        check_choice("dtype", self.dtype, DTYPES)
        check_duration(self.duration)

    def _width(self):
        front_end = self._front_end()
        if isinstance(front_end, LogMel) and _is_transformer(self._loaded()):
            raise ValueError(
                "front_end must be a Waveform for this model, which takes samples; got "
                "a LogMel; change one of them."
            )
        silence = np.zeros(front_end.rate, np.float32)
        try:
            return self._encode([silence]).shape[1]
        except RuntimeError as error:  # of torch, as one of two sizes does not fit
            shape = tuple(self._pieces(silence).shape)
            reason = str(error).partition("\n")[0]
            raise ValueError(
                f"model must take inputs of shape {shape}; got one that does not "
                f"({reason}); change front_end, or the model."
            ) from error

    def _load(self):
        self._loaded()

    def _read(self, value, row):
        rate = self._front_end().rate
        return open_sound(value, row, rate=rate, root=self.root, duration=self.duration)

    def _encode(self, batch):
        """Pooled output of the network, of shape (n, d)."""
        torch = optional_import("torch", extra="audio")
        network = self._loaded()
        weights = next(network.parameters(), torch.empty(0))
        windows = isinstance(self._front_end(), LogMel)
        size = self.batch_size * (WINDOWS_IN_STEP if windows else 1)
        vectors = [[] for _ in batch]
        with inference(self.model, *self._placement(), extra="audio"):
            for owners, step in _runs([self._pieces(s) for s in batch], size):
                step = step.to(weights.device, weights.dtype)
                answer = _answers(network, step, self.layer)
                for owner, vector in zip(owners, _pooled(answer, self.pooling)):
                    vectors[owner].append(vector)
        pool = np.mean if self.pooling == "mean" else np.max
        return np.stack([pool(rows, axis=0) for rows in vectors])

    def _pieces(self, samples):
        """What the network takes of a sound, a chunk or a window a row."""
        front_end = self._front_end()
        cut = _mel_windows if isinstance(front_end, LogMel) else _chunks
        return cut(samples, front_end)

    def _front_end(self):
        """The front end, by default the one that is usual for the kind of network."""
        if self.front_end is not None:
            return self.front_end
        of_timm = hasattr(self._loaded(), "pretrained_cfg")
        return LogMel() if of_timm else Waveform()

    def _stamp(self):
        is_path = isinstance(self.model, (str, os.PathLike))
        return _stamp(os.fspath(self.model)) if is_path else None

    def _depends_on(self):
        dtype = str(self._placement()[1])
        if not isinstance(self.model, (str, os.PathLike)):
            return {"model": module_digest(self._loaded()), "dtype": dtype}
        model = os.fspath(self.model)
        name, path = _bundle_of(model)
        if name is None:
            return {**weights_facts(model, self._loaded), "dtype": dtype}
        if not os.path.isfile(path):
            self._loaded()  # downloads it, or says what is wrong
        return {"model": [name, _file_digest(path, _stamp(model))], "dtype": dtype}

    def _loaded(self):
        torch = optional_import("torch", extra="audio")
        if isinstance(self.model, (str, os.PathLike)):
            model = os.fspath(self.model)
            return _load(model, self._placement()[0], _stamp(model))
        if isinstance(self.model, torch.nn.Module):
            return self.model.eval()
        raise TypeError(
            f"model must be {KINDS}; got {type(self.model).__name__}; pass one of "
            f"these."
        )

    def _placement(self):
        return placement(self.device, self.dtype, extra="audio")
