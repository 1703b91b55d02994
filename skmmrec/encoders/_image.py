"""Pictures by a pretrained network of timm."""

import os
from functools import lru_cache

import numpy as np
from PIL import Image

from skmmrec._optional import optional_import
from skmmrec.encoders._base import BaseEncoder
from skmmrec.encoders._checks import check_choice, check_count
from skmmrec.encoders._media import read_images
from skmmrec.encoders._weights import hub_is_out_of_reach, loaded, one_error

KINDS = "a timm model: a name, a local folder or a module"


@lru_cache(maxsize=4)
def _load(model, device, stamp):
    """The network in memory; `stamp` makes a folder whose files changed another key.

    Kept outside the estimator, so that clones in a grid share it and pickles lack it.
    """
    torch = optional_import("torch", extra="image")
    with one_error(model, KINDS, extra="image"):
        network = _create(model)
    if device is None:
        device = "cuda" if torch.cuda.is_available() else "cpu"
    # convolutions are faster with the channels last, to the same result
    return network.to(device, memory_format=torch.channels_last).eval()


def _create(model):
    """A timm network without its classifier, from where its name says."""
    timm = optional_import("timm", extra="image")
    hub = optional_import("huggingface_hub", extra="image")
    settings = {"pretrained": True, "num_classes": 0}
    if os.path.isdir(model):
        return timm.create_model(f"local-dir:{model}", **settings)
    if model.startswith("local-dir:"):
        return timm.create_model(model, **settings)
    only_cached = {"local_files_only": hub_is_out_of_reach(extra="image")}
    if "/" in model:
        files = ["config.json", "model.safetensors"]
        repository = model.removeprefix("hf-hub:")
        folder = hub.snapshot_download(repository, allow_patterns=files, **only_cached)
        return timm.create_model(f"local-dir:{folder}", **settings)
    origin = timm.get_pretrained_cfg(model)
    if origin is not None and origin.hf_hub_id:
        file = origin.hf_hub_filename or "model.safetensors"
        path = hub.hf_hub_download(origin.hf_hub_id, file, **only_cached)
        settings["pretrained_cfg_overlay"] = {"file": path, "custom_load": False}
    return timm.create_model(model, **settings)


def _transform(network):
    """The steps from an RGB picture to an input of the network, in evaluation."""
    data = optional_import("timm.data", extra="image")
    return data.create_transform(
        **data.resolve_model_data_config(network), is_training=False
    )


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
    batch_size : int, default=32
        Pictures per step, and in memory at a time.
    device : str, default=None
        Such as "cpu" or "cuda"; None takes a GPU if there is one. A module stays where
        it is, and is put into evaluation mode.
    on_error : {"raise", "missing"}, default="raise"
        What to do with a picture that cannot be opened: raise, or treat it as missing
        and warn once.
    show_progress : bool, default=False
        Show a progress bar.

    Attributes
    ----------
    n_features_in_ : int
        Always 1, the column.

    See Also
    --------
    ImageStatisticsEncoder : Without a pretrained model.

    Notes
    -----
    The column holds paths, the bytes of files, PIL images or uint8 arrays, each of at
    most 50 million pixels. Loaded networks are kept in memory, four at most, and shared
    by all encoders of the process.

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

    def __init__(
        self,
        model="mobilenetv3_small_100.lamb_in1k",
        batch_size=32,
        device=None,
        on_error="raise",
        show_progress=False,
    ):
        self.model = model
        self.batch_size = batch_size
        self.device = device
        self.on_error = on_error
        self.show_progress = show_progress

    def _fit(self, values, rows):
        check_count("batch_size", self.batch_size)
        check_choice("on_error", self.on_error, ("raise", "missing"))
        network = self._loaded()
        blank = Image.new("RGB", (64, 64))
        return self._features(network, [_transform(network)(blank)]).shape[1]

    def _encode(self, values, rows):
        network = self._loaded()
        encoded = np.full((len(values), self._n_features_out), np.nan, np.float32)
        for positions, inputs in read_images(
            values,
            rows,
            _transform(network),
            chunk_size=self.batch_size,
            on_error=self.on_error,
            show_progress=self.show_progress,
        ):
            encoded[positions] = self._features(network, inputs)
        return encoded

    def _features(self, network, inputs):
        """Output of the network, of shape (n, d)."""
        torch = optional_import("torch", extra="image")
        weights = next(network.parameters(), torch.empty(0))
        with torch.inference_mode():
            output = network(torch.stack(inputs).to(weights.device, weights.dtype))
        if output.ndim != 2:
            raise ValueError(
                f"model must return features of shape (n, d); got "
                f"{tuple(output.shape)}; end it with a pooling, or pass a timm model "
                f"made with num_classes=0."
            )
        return output.float().cpu().numpy()

    def _loaded(self):
        torch = optional_import("torch", extra="image")

        def is_module(model):
            return isinstance(model, torch.nn.Module)

        return loaded(self.model, _load, self.device, KINDS, is_module).eval()
