"""Networks of timm: what they see, where weights come from, and what is kept."""

import pickle
import sys

import numpy as np
import pytest
from sklearn import clone
from sklearn.linear_model import RidgeClassifier
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import Normalizer
from threadpoolctl import threadpool_limits

pytest.importorskip("timm")

import timm
import torch

from skmmrec.encoders import ImageEncoder, _image, _timm
from tests._shared import shared


@pytest.fixture
def load_count(monkeypatch):
    """How many networks were made, counted from an empty cache."""
    made = []
    create = timm.create_model

    def counted(*args, **settings):
        made.append(args)
        return create(*args, **settings)

    monkeypatch.setattr(timm, "create_model", counted)
    _image._load.cache_clear()
    yield lambda: len(made)
    _image._load.cache_clear()


@pytest.fixture
def folder(tmp_path):
    """A folder with a small network of random weights."""
    save_network(tmp_path, seed=0)
    return tmp_path


def save_network(folder, seed):
    from timm.models import save_for_hf

    torch.manual_seed(seed)
    network = timm.create_model("test_resnet", num_classes=10)
    save_for_hf(network, folder, safe_serialization=True)


def test_photos_of_ten_classes_are_told_apart():
    pd = pytest.importorskip("pandas")
    weights = shared("weights/mobilenetv2_100")
    folder = shared("data/cifar10-sample")
    photos = pd.read_csv(folder / "labels.csv")
    paths = [folder / file for file in photos["file"]]
    # two threads that wait for each other are slower than one on a busy machine
    with threadpool_limits(1):
        features = ImageEncoder(weights).fit_transform(paths)
    assert features.shape == (600, 1280)
    probe = make_pipeline(Normalizer(), RidgeClassifier(0.3))
    assert cross_val_score(probe, features, photos["label"], cv=5).mean() > 0.6


def test_a_folder_gives_what_the_network_gives(folder, picture_paths):
    """Read and scaled by hand, as its configuration says."""
    from PIL import Image

    network = timm.create_model(f"local-dir:{folder}", pretrained=True, num_classes=0)
    config = timm.data.resolve_model_data_config(network)
    transform = timm.data.create_transform(**config, is_training=False)
    inputs = torch.stack([transform(Image.open(path)) for path in picture_paths])
    with torch.inference_mode():
        expected = network.eval()(inputs).numpy()
    encoder = ImageEncoder(str(folder), batch_size=3, dtype="float32")
    features = encoder.fit_transform(picture_paths)
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-5)


def test_clones_share_one_network_and_pickles_hold_none(
    folder, picture_paths, load_count
):
    encoder = ImageEncoder(folder)
    features = encoder.fit_transform(picture_paths)
    copies = [clone(encoder).fit([]), pickle.loads(pickle.dumps(encoder))]
    for copy in copies:
        np.testing.assert_array_equal(copy.transform(picture_paths), features)
    assert load_count() == 1
    assert len(pickle.dumps(encoder)) < 1000


def test_changed_weights_in_a_folder_are_noticed(folder, picture_paths):
    encoder = ImageEncoder(folder).fit(picture_paths)
    before = encoder.transform(picture_paths)
    save_network(folder, seed=1)
    assert not np.allclose(encoder.transform(picture_paths), before)


def test_batches_do_not_change_the_features(tiny_network, picture_paths):
    whole = ImageEncoder(tiny_network).fit_transform(picture_paths)
    single = ImageEncoder(tiny_network, batch_size=1).fit_transform(picture_paths)
    np.testing.assert_allclose(single, whole, rtol=1e-4, atol=1e-6)


def test_equal_paths_reach_the_network_once(tiny_network, picture_paths):
    sizes = []
    encoder = ImageEncoder(tiny_network).fit(picture_paths)
    handle = tiny_network.register_forward_pre_hook(
        lambda module, inputs: sizes.append(len(inputs[0]))
    )
    encoder.transform([picture_paths[0], None, *picture_paths[:2], picture_paths[0]])
    handle.remove()
    assert sizes == [2]


def test_a_module_in_half_precision_gives_float32(tiny_network, picture_paths):
    half = pickle.loads(pickle.dumps(tiny_network)).to(torch.bfloat16)
    features = ImageEncoder(half).fit_transform(picture_paths)
    assert features.dtype == np.float32
    exact = ImageEncoder(tiny_network).fit_transform(picture_paths)
    np.testing.assert_allclose(features, exact, atol=0.05)


def test_a_module_is_evaluated_not_trained(picture_paths):
    network = torch.nn.Sequential(
        torch.nn.AdaptiveAvgPool2d(2), torch.nn.Flatten(), torch.nn.Dropout(0.5)
    )
    encoder = ImageEncoder(network.train())
    features = encoder.fit_transform(picture_paths)
    np.testing.assert_array_equal(encoder.transform(picture_paths), features)
    assert (features != 0).all()


def test_a_module_must_pool():
    with pytest.raises(ValueError, match=r"shape \(n, d\); got \(1, 3, 224, 224\)"):
        ImageEncoder(torch.nn.Identity()).fit([])


def test_a_damaged_picture_can_count_as_missing(tiny_network, picture_paths):
    encoder = ImageEncoder(tiny_network, batch_size=2, on_error="missing")
    column = [b"damaged", "no/such.jpg", picture_paths[0], None]
    with pytest.warns(UserWarning, match="2 of 3 pictures .* row 0"):
        features = encoder.fit_transform(column)
    assert np.isnan(features).all(axis=1).tolist() == [True, True, False, True]
    np.testing.assert_allclose(
        features[2:3], encoder.transform(picture_paths[:1]), rtol=1e-5
    )


def test_a_damaged_picture_is_named_by_its_row(tiny_network):
    with pytest.raises(FileNotFoundError, match=r"row 1 \('no/such.jpg'\)"):
        ImageEncoder(tiny_network).fit_transform([None, "no/such.jpg"])


@pytest.mark.parametrize(
    "name",
    [
        "mobilenetv3_small_100.lamb_in1k",
        "timm/nothing",
        "hf-hub:timm/nothing",
        "no_such_network",
        "local-dir:/no/such/folder",
        "/no/such/folder",
    ],
)
def test_a_model_out_of_reach_says_what_to_pass(name, monkeypatch, tmp_path):
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(_timm, "hub_is_out_of_reach", lambda extra: True)
    monkeypatch.setattr(hub.constants, "HF_HUB_CACHE", str(tmp_path))
    message = (
        f"model must be a timm model: .* got '{name}', which could not be loaded .* "
        f"pass a folder that holds the weights, or the module itself"
    )
    with pytest.raises(OSError, match=message):
        ImageEncoder(name).fit([])


@pytest.mark.parametrize("out_of_reach", [True, False])
@pytest.mark.parametrize(
    "name", ["test_resnet.r160_in1k", "timm/test_resnet.r160_in1k"]
)
def test_the_hub_is_asked_only_where_it_can_be_reached(
    name, out_of_reach, folder, picture_paths, monkeypatch
):
    hub = pytest.importorskip("huggingface_hub")
    asked = []

    def file_from_hub(repository, file, local_files_only):
        asked.append((repository, local_files_only))
        return str(folder / file)

    def folder_from_hub(repository, allow_patterns, local_files_only):
        asked.append((repository, local_files_only))
        return str(folder)

    monkeypatch.setattr(_timm, "hub_is_out_of_reach", lambda extra: out_of_reach)
    monkeypatch.setattr(hub, "hf_hub_download", file_from_hub)
    monkeypatch.setattr(hub, "snapshot_download", folder_from_hub)
    _image._load.cache_clear()
    features = ImageEncoder(name, device="cpu").fit_transform(picture_paths)
    _image._load.cache_clear()
    assert asked == [("timm/test_resnet.r160_in1k", out_of_reach)]
    assert np.isfinite(features).all()


@pytest.mark.parametrize("file", ["config.json", "model.safetensors"])
def test_a_damaged_folder_is_named(folder, file):
    damaged = folder / file
    damaged.write_bytes(damaged.read_bytes()[:-20])
    with pytest.raises(OSError, match=f"got '{folder}', which could not be loaded"):
        ImageEncoder(folder).fit([])


def test_the_extra_is_named_where_the_library_is_missing(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(ImportError, match=r"pip install 'skmmrec\[image\]'"):
        ImageEncoder(tmp_path / "model").fit([])


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"model": 3}, TypeError, "a local folder or a module; got int"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1; got 0"),
        ({"on_error": "skip"}, ValueError, "on_error must be one of .* got 'skip'"),
    ],
)
def test_wrong_parameters_are_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        ImageEncoder(**parameters).fit([])


def test_a_progress_bar_is_shown_on_request(tiny_network, picture_paths, capsys):
    ImageEncoder(tiny_network).fit_transform(picture_paths)
    assert not any(capsys.readouterr())
    ImageEncoder(tiny_network, show_progress=True).fit_transform(picture_paths)
    assert "Pictures" in "".join(capsys.readouterr())


def test_a_network_that_is_not_for_pictures_is_named():
    with pytest.raises(ValueError, match="must take pictures of shape .*got one that"):
        ImageEncoder(torch.nn.Conv2d(1, 2, 3)).fit([])


def test_a_network_that_returns_several_things_is_named():
    class Two(torch.nn.Module):
        def forward(self, pictures):
            return pictures, pictures

    with pytest.raises(ValueError, match="features of shape .*; got tuple"):
        ImageEncoder(Two()).fit([])
