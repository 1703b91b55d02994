"""Networks of timm, for pictures and for spectrograms."""

import os

from skmmrec._optional import optional_import
from skmmrec.encoders._weights import hub_is_out_of_reach


def create_network(model):
    """A network without its classifier, from where its name says.

    Parameters
    ----------
    model : str
        A folder, a repository on the hub, or the name of a pretrained model.

    Returns
    -------
    network : torch.nn.Module

    Raises
    ------
    Exception
        Of many kinds, where it cannot be had: see `one_error`.
    """
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
