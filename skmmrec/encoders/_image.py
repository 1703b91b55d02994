"""Pictures by a pretrained network of timm."""

import math
from functools import lru_cache
from weakref import WeakKeyDictionary

from PIL import Image

from skmmrec._optional import optional_import
from skmmrec.encoders._base import BaseEncoder
from skmmrec.encoders._checks import check_choice
from skmmrec.encoders._pictures import open_image
from skmmrec.encoders._timm import create_network
from skmmrec.encoders._weights import (
    inference,
    loaded,
    one_error,
    placement,
    stamp_of,
    weights_facts,
)

KINDS = "a timm model: a name, a local folder or a module"
DTYPES = ("auto", "float32", "bfloat16")
MOST_SIDES = 16  # length of a picture, in its shorter sides
_PREPARATIONS = WeakKeyDictionary()  # network -> its settings, what comes before it


@lru_cache(maxsize=4)
def _load(model, device, stamp):
    """The network in memory; `stamp` makes a folder whose files changed another key.

    Kept outside the estimator, so that clones in a grid share it and pickles lack it.
    """
    torch = optional_import("torch", extra="image")
    with one_error(model, KINDS, extra="image"):
        network = create_network(model)
    # convolutions are faster with the channels last, to the same result
    return network.to(device, memory_format=torch.channels_last).eval()


def _preparation(network):
    """The steps from an RGB picture to an input of a network, and the side they need.

    Returns
    -------
    transform : callable
    side : int
        Of the shorter side before it is cropped, in pixels.
    """
    data = optional_import("timm.data", extra="image")
    config = data.resolve_model_data_config(network)
    known, transform = _PREPARATIONS.get(network, (None, None))
    if known != config:
        transform = data.create_transform(**config, is_training=False)
        _PREPARATIONS[network] = config, transform
    return transform, math.ceil(max(config["input_size"][1:]) / config["crop_pct"])


def _without_ends(picture):
    """The middle of a very long picture, of which the model gets a square.

    Its shorter side is about to grow to that of the model, and the longer one with it:
    1 x 10,000 pixels would become 224 x 2,240,000.
    """
    width, height = (min(n, MOST_SIDES * min(picture.size)) for n in picture.size)
    if (width, height) == picture.size:
        return picture
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    return picture.crop((left, top, left + width, top + height))


class ImageEncoder(BaseEncoder):
    """Features of a pretrained vision network, for posters, covers and photos.

    What the network saw before its classifier: alike in content is close in space. Any
    model of timm will do. Needs the extra ``skmmrec[image]``.

    Parameters
    ----------
    model : str, Path or torch.nn.Module, default="mobilenetv3_small_100.lamb_in1k"
        A name (``timm.list_pretrained()``), a repository on the Hugging Face hub such
        as "timm/resnet18.a1_in1k", a local folder with config.json and weights, or a
        module that turns pictures of shape (n, 3, h, w) into features of shape (n, d).
        Pictures are resized, cropped and scaled as the model's own ``pretrained_cfg``
        says, and for a module without one as is usual for ImageNet. A module is a
        parameter like any other: it is copied by `clone` and stored in pickles, weights
        and all. A name or a folder keeps both small.
    batch_size : int, default=16
        Pictures per step; on a GPU larger is faster. Each core has its own step, so
        that as many are in memory for each.
    device : str, default=None
        Such as "cpu" or "cuda"; None takes a GPU if there is one. A module stays where
        it is, and is put into evaluation mode.
    dtype : {"auto", "float32", "bfloat16"}, default="auto"
        What the network computes in: "auto" is bfloat16 where the processor computes in
        it, about twice as fast (mean cosine to float32 .995 to .9999), else float32.
        A module computes in the type of its weights.
    on_error : {"raise", "missing"}, default="raise"
        What to do with a picture that cannot be opened: raise, or treat it as missing
        and warn once.
    root : str or Path, default=None
        Folder in which all files must lie, where paths come from others. Relative paths
        start here.
    show_progress : bool, default=False
        Show a progress bar.
    store : EmbeddingStore, str, Path or False, default=None
        Remembers features, so that no picture is encoded twice; a string is a folder.
        None takes the one of `set_config`, if any; False takes none.

    Attributes
    ----------
    n_features_in_ : int
        Always 1, the column.

    See Also
    --------
    ImageStatisticsEncoder : Without a pretrained model.

    Notes
    -----
    The column holds paths, the bytes of files, PIL images or uint8 arrays. What exceeds
    the limits of `set_config` is refused. A JPEG of more than twice the size that the
    network needs is decoded at a fraction of its size, which is several times faster.
    Loaded networks are kept in memory, four at most, and shared by all encoders of the
    process.

    References
    ----------
    Wightman (2019). PyTorch Image Models.
    https://github.com/huggingface/pytorch-image-models

    Examples
    --------
    >>> from skmmrec.encoders import ImageEncoder
    >>> encoder = ImageEncoder()
    >>> features = encoder.fit_transform(["a.jpg", None])  # doctest: +SKIP
    >>> features.shape  # doctest: +SKIP
    (2, 1024)
    """

    _noun = "picture"
    _in_files = True
    _libraries = ("timm", "torch", "torchvision", "Pillow")

    def __init__(
        self,
        model="mobilenetv3_small_100.lamb_in1k",
        batch_size=16,
        device=None,
        dtype="auto",
        on_error="raise",
        root=None,
        show_progress=False,
        store=None,
    ) -> None:
        self.model = model
        self.batch_size = batch_size
        self.device = device
        self.dtype = dtype
        self.on_error = on_error
        self.root = root
        self.show_progress = show_progress
        self.store = store

    def _fit(self, values, rows):
        check_choice("dtype", self.dtype, DTYPES)

    def _width(self):
        blank = self._read(Image.new("RGB", (64, 64)), 0)
        try:
            return self._encode([blank]).shape[1]
        except RuntimeError as error:  # of torch, as one of two sizes does not fit
            reason = str(error).partition("\n")[0]
            raise ValueError(
                f"model must take pictures of shape {(1, *blank.shape)}; got one that "
                f"does not ({reason}); pass a model for RGB pictures."
            ) from error

    def _load(self):
        _preparation(self._loaded())

    def _read(self, value, row):
        transform, side = _preparation(self._loaded())
        picture = open_image(value, row, root=self.root, side=side)
        return transform(_without_ends(picture))

    def _encode(self, batch):
        """Output of the network, of shape (n, d)."""
        torch = optional_import("torch", extra="image")
        network = self._loaded()
        weights = next(network.parameters(), torch.empty(0))
        with inference(self.model, *self._placement(), extra="image"):
            output = network(torch.stack(batch).to(weights.device, weights.dtype))
        shape = tuple(getattr(output, "shape", ()))
        if len(shape) != 2:
            raise ValueError(
                f"model must return features of shape (n, d); got "
                f"{shape or type(output).__name__}; end it with a pooling, or pass a "
                f"timm model made with num_classes=0."
            )
        return output.float().cpu().numpy()

    def _stamp(self):
        return stamp_of(self.model)

    def _depends_on(self):
        return {
            **weights_facts(self.model, self._loaded),
            "dtype": str(self._placement()[1]),
        }

    def _loaded(self):
        torch = optional_import("torch", extra="image")

        def is_module(model):
            return isinstance(model, torch.nn.Module)

        return loaded(self.model, _load, self._placement()[:1], KINDS, is_module).eval()

    def _placement(self):
        return placement(self.device, self.dtype, extra="image")
