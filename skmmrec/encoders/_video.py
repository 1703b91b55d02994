"""Videos by what an encoder of pictures sees in them, and one of sound hears."""

import numpy as np
from sklearn import clone

from skmmrec.encoders._base import BaseEncoder
from skmmrec.encoders._checks import check_choice, check_count
from skmmrec.encoders._film import open_frames, open_track
from skmmrec.encoders._fingerprint import encoder_facts
from skmmrec.encoders._image import ImageEncoder

SAMPLINGS = ("even", "scenes")
POOLINGS = ("mean", "max", "attention")
TEMPERATURE = 0.5  # of attention, in mean novelties


def _attention(vectors):
    """Weights of the frames of one video by how unlike the others each is, (n,)."""
    n = len(vectors)
    if n == 1:
        return np.ones(1)
    others = (vectors.sum(axis=0) - vectors) / (n - 1)
    novelty = np.linalg.norm(vectors - others, axis=1)
    if novelty.mean() < 1e-12:
        return np.full(n, 1 / n)
    score = novelty / novelty.mean() / TEMPERATURE
    weights = np.exp(score - score.max())
    return weights / weights.sum()


def _pooled(vectors, pooling):
    """One vector for the frames of a video; `vectors` is of shape (n_frames, d)."""
    if pooling == "max":
        return vectors.max(axis=0)
    if pooling == "attention":
        return _attention(vectors) @ vectors
    return vectors.mean(axis=0)


def _in_batches(encoder, inputs):
    """Vectors of what an encoder has read, of shape (len(inputs), d)."""
    size = encoder._n_in_batch
    starts = range(0, len(inputs), size)
    return np.concatenate(
        [np.asarray(encoder._encode(inputs[i : i + size]), np.float64) for i in starts]
    )


def _part_names(part, encoder):
    """Names of the features of an encoder, beginning with the part that it is for."""
    return [f"{part}_{name}" for name in clone(encoder).fit([]).get_feature_names_out()]


def _check_encoder(name, encoder, example):
    """Refuse what cannot encode a part of a video."""
    if not isinstance(encoder, BaseEncoder):
        raise TypeError(
            f"{name} must be an encoder, such as {example}; got "
            f"{type(encoder).__name__}; pass one."
        )


class VideoEncoder(BaseEncoder):
    """Features of videos: those of a few frames, pooled, and those of the sound.

    For trailers, clips and product videos. Any encoder of pictures sees the frames; the
    order of the frames, and so how things move, is not looked at. Needs the extra
    ``skmmrec[video]``, and what the encoders of pictures and sound need.

    Parameters
    ----------
    image : encoder of pictures, default=None
        Such as `ImageEncoder` or `ImageStatisticsEncoder`, or one of your own that
        takes PIL images and learns nothing from a column. None is ``ImageEncoder()``.
    audio : encoder of sound, default=None
        Such as `AudioEncoder` or `MelStatisticsEncoder`, or one of your own that takes
        (samples, rate). Its features of the sound track are appended; None leaves the
        sound out.
    n_frames : int, default=8
        Frames of each video; as many as there are, if it has fewer.
    sampling : {"even", "scenes"}, default="even"
        "even" takes the frames in the middle of `n_frames` equal stretches of time, so
        that what is shown longer counts more. "scenes" looks up to twice a second and
        takes the first look at each scene, if there are more scenes than `n_frames`
        those that begin with the strongest change of colour; a short scene counts as
        much as a long one, and a video without a cut is a single frame.
    pooling : {"mean", "max", "attention"}, default="mean"
        How the vectors of the frames become one. "mean" is what the video shows most;
        "max", of each feature by itself, whatever it shows at some time; "attention" is
        a mean in which frames unlike the others weigh more, see the notes.
    batch_size : int, default=4
        Videos per step; their frames go through the encoders in batches of the
        encoders' own size.
    on_error : {"raise", "missing"}, default="raise"
        What to do with a video that cannot be opened: raise, or treat it as missing and
        warn once.
    root : str or Path, default=None
        Folder in which all files must lie, where paths come from others. Relative paths
        start here.
    show_progress : bool, default=False
        Show a progress bar.
    store : EmbeddingStore, str, Path or False, default=None
        Remembers features, so that no video is encoded twice; a string is a folder.
        None takes the one of `set_config`, if any; False takes none. The stores of
        `image` and `audio` are not used.

    Attributes
    ----------
    n_features_in_ : int
        Always 1, the column.

    See Also
    --------
    VideoStatisticsEncoder : Without a pretrained model.
    ImageEncoder : What sees the frames, unless told otherwise.
    AudioEncoder, MelStatisticsEncoder : What may listen to the sound.

    Notes
    -----
    The column holds paths or the bytes of files: MP4, MOV, WebM, Matroska, AVI, FLV,
    GIF, WMV, MPEG and Ogg, whatever the suffix. What exceeds the limits of `set_config`
    is refused, as are playlists; of a damaged file what can be decoded counts. Of one
    file at most 6,000 frames, or 8.6 billion pixels, are decoded, evenly shared by the
    frames that are wanted. Larger frames are scaled to about half a million pixels, and
    the rotation noted by a camera is applied. Of the sound no more is read than the
    limit ``max_seconds`` of `set_config`, or the ``duration`` of the encoder of sound.

    Attention: let ``x[1], …, x[n]`` be the vectors of the frames,
    ``a[t] = ‖x[t] − m[t]‖`` the novelty of frame t, where ``m[t]`` is the mean of the
    other frames, and ``ā`` the mean novelty. The weights are::

        w[t] = exp(a[t] / (0.5 ā)) / Σ_s exp(a[s] / (0.5 ā))

    They do not depend on the scale of the vectors; a frame twice as novel as the mean
    weighs e² ≈ 7 times as much as one that is as novel as the mean.

    A video without sound is not missing, so its row cannot be NaN. Where there is an
    `audio` encoder, the last feature is ``has_sound``, 1 or 0, and without sound the
    features of the sound are 0: they add nothing to a dot product or a cosine, and a
    model tells them by ``has_sound`` from those of a track that happens to be near 0.
    A silent track is a track.

    Examples
    --------
    >>> from skmmrec.encoders import ImageStatisticsEncoder, VideoEncoder
    >>> encoder = VideoEncoder(ImageStatisticsEncoder(), n_frames=4)
    >>> encoder.set_params(image__on_error="missing").get_params()["image__on_error"]
    'missing'
    >>> features = encoder.fit_transform(["a.mp4", None])  # doctest: +SKIP
    >>> features.shape  # doctest: +SKIP
    (2, 273)
    """

    _noun = "video"
    _in_files = True
    _libraries = ("av", "Pillow", "numpy")

    def __init__(
        self,
        image=None,
        audio=None,
        n_frames=8,
        sampling="even",
        pooling="mean",
        batch_size=4,
        on_error="raise",
        root=None,
        show_progress=False,
        store=None,
    ) -> None:
        self.image = image
        self.audio = audio
        self.n_frames = n_frames
        self.sampling = sampling
        self.pooling = pooling
        self.batch_size = batch_size
        self.on_error = on_error
        self.root = root
        self.show_progress = show_progress
        self.store = store

    def _names(self):
        names = _part_names("image", self._image)
        if self._audio is not None:
            names += [*_part_names("sound", self._audio), "has_sound"]
        return names

    def _fit(self, values, rows):
        check_count("n_frames", self.n_frames)
        check_choice("sampling", self.sampling, SAMPLINGS)
        check_choice("pooling", self.pooling, POOLINGS)
        # private names: what is learned from the column would not go into a store
        self._image, self._audio = (
            None if encoder is None else clone(encoder) for encoder in self._parts()
        )
        for encoder in (self._image, self._audio):
            if encoder is not None:
                encoder._check_common()
                encoder._fit([], [])

    def _parts(self):
        """The encoders as they were passed, the default in its place."""
        image = ImageEncoder() if self.image is None else self.image
        _check_encoder("image", image, "ImageEncoder()")
        if self.audio is not None:
            _check_encoder("audio", self.audio, "AudioEncoder()")
        return image, self.audio

    @property
    def _in_streams(self):
        return all(e._in_streams for e in (self._image, self._audio) if e is not None)

    def _width(self):
        n_sound = 0 if self._audio is None else self._audio._width() + 1
        return self._image._width() + n_sound

    def _load(self):
        self._image._load()
        if self._audio is not None:
            self._audio._load()

    def _read(self, value, row):
        """What the encoders read of the frames, and of the sound, None without any."""
        frames = open_frames(
            value, row, n_frames=self.n_frames, sampling=self.sampling, root=self.root
        )
        inputs = [self._image._read(frame, row) for frame in frames]
        return inputs, None if self._audio is None else self._read_sound(value, row)

    def _read_sound(self, value, row):
        seconds = getattr(self._audio, "duration", None)
        track = open_track(value, row, seconds=seconds, root=self.root)
        return None if track is None else self._audio._read(track, row)

    def _encode(self, batch):
        """Pooled frames, and sound, of shape (len(batch), n_features_out)."""
        inputs = [picture for pictures, _ in batch for picture in pictures]
        ends = np.cumsum([len(pictures) for pictures, _ in batch])[:-1]
        films = np.split(_in_batches(self._image, inputs), ends)
        pictures = np.stack([_pooled(vectors, self.pooling) for vectors in films])
        if self._audio is None:
            return pictures
        width = self._n_features_out - pictures.shape[1]
        return np.hstack([pictures, self._encode_sounds([s for _, s in batch], width)])

    def _encode_sounds(self, sounds, width):
        """Features of each sound and 1, or as many zeros where there is none."""
        heard = [row for row, sound in enumerate(sounds) if sound is not None]
        features = np.zeros((len(sounds), width))
        if heard:
            vectors = _in_batches(self._audio, [sounds[row] for row in heard])
            features[heard] = np.hstack([vectors, np.ones((len(heard), 1))])
        return features

    def _stamp(self):
        return [e._stamp() for e in self._parts() if e is not None]

    def _depends_on(self):
        image, audio = self._parts()
        return {
            "image": encoder_facts(image),
            "audio": None if audio is None else encoder_facts(audio),
        }
