"""Encoders whose weights lie elsewhere, or in the model."""

import json
import shutil

import numpy as np
import pytest

import skmmrec
from skmmrec import (
    AudioEncoder,
    ContentRecommender,
    ImageEncoder,
    ImageStatisticsEncoder,
    Interactions,
    MelFrameEncoder,
    MelStatisticsEncoder,
    ModelFileError,
    MultimodalFusion,
    PixelEncoder,
    SparseTextEncoder,
    TextEncoder,
    TokenSequenceEncoder,
    VideoEncoder,
    VideoStatisticsEncoder,
    WordVectorEncoder,
    make_pipeline,
)

TEXTS = ["a ghost ship", "two ghosts", "tea", None, "a red ship of tea"]
FILMS = {"item": range(5), "plot": TEXTS}
EVENTS = {"user": [1, 1, 2, 2], "item": [0, 1, 2, 4]}


def save_network(folder, seed):
    """A small network of random weights, as timm saves it."""
    timm = pytest.importorskip("timm")
    torch = pytest.importorskip("torch")
    torch.manual_seed(seed)
    network = timm.create_model("test_resnet", num_classes=0)
    timm.models.save_for_hf(network, folder, safe_serialization=True)
    return folder


@pytest.fixture
def network(tmp_path):
    return save_network(tmp_path / "network", 0)


@pytest.fixture
def pictures():
    rng = np.random.default_rng(0)
    return list(rng.integers(0, 256, (4, 30, 20, 3), dtype=np.uint8))


def films():
    """Two short videos, of colours in turn."""
    pytest.importorskip("av")
    from tests.encoders._films import film, plain

    return [film(plain("rrbb")), film(plain("bwgr"))]


@pytest.fixture
def sounds():
    rng = np.random.default_rng(0)
    return [(rng.uniform(-1, 1, 16000).astype("f4"), 16000) for _ in range(3)]


def again(model, path, **settings):
    skmmrec.save(model, path / "model", **settings)
    return skmmrec.load(path / "model")


# -- every encoder -----------------------------------------------------------------


@pytest.mark.parametrize(
    "encoder",
    [
        SparseTextEncoder(n_components=2, random_state=0),
        TokenSequenceEncoder(min_df=1),
        WordVectorEncoder(n_components=3, min_df=1, random_state=0),
    ],
    ids=lambda encoder: type(encoder).__name__,
)
def test_encoders_of_texts(encoder, tmp_path):
    if isinstance(encoder, WordVectorEncoder):
        pytest.importorskip("gensim")
    encoder.fit(TEXTS)
    loaded = again(encoder, tmp_path)
    np.testing.assert_array_equal(loaded.transform(TEXTS), encoder.transform(TEXTS))


@pytest.mark.parametrize("encoder", [ImageStatisticsEncoder(), PixelEncoder()])
def test_encoders_of_pictures(encoder, pictures, tmp_path):
    encoder.fit(pictures)
    loaded = again(encoder, tmp_path)
    expected = encoder.transform(pictures)
    np.testing.assert_array_equal(loaded.transform(pictures), expected)


@pytest.mark.parametrize("encoder", [MelStatisticsEncoder(), MelFrameEncoder()])
def test_encoders_of_sounds(encoder, sounds, tmp_path):
    encoder.fit(sounds)
    loaded = again(encoder, tmp_path)
    np.testing.assert_array_equal(loaded.transform(sounds), encoder.transform(sounds))


@pytest.mark.parametrize("include_encoders", [False, True])
def test_networks_of_pictures_and_videos(include_encoders, network, pictures, tmp_path):
    image = ImageEncoder(network, dtype="float32")
    for encoder, column in [(image, pictures), (VideoEncoder(image), films())]:
        encoder.fit(column)
        expected = encoder.transform(column)
        loaded = again(encoder, tmp_path, include_encoders=include_encoders)
        np.testing.assert_array_equal(loaded.transform(column), expected)


def test_videos_by_their_colours(tmp_path):
    column = films()
    encoder = VideoStatisticsEncoder().fit(column)
    loaded = again(encoder, tmp_path)
    np.testing.assert_array_equal(loaded.transform(column), encoder.transform(column))


@pytest.mark.parametrize("include_encoders", [False, True])
def test_networks_of_sounds(include_encoders, sounds, tmp_path):
    pytest.importorskip("torchaudio")
    timm = pytest.importorskip("timm")
    from safetensors.torch import save_file

    settings = {"in_chans": 1, "num_classes": 0}
    folder = tmp_path / "network"
    folder.mkdir()
    save_file(
        timm.create_model("test_resnet", **settings).state_dict(),
        folder / "model.safetensors",
    )
    cfg = {"input_size": [1, 96, 64], "num_classes": 0, "first_conv": "conv1"}
    facts = {"architecture": "test_resnet", "num_classes": 0, "pretrained_cfg": cfg}
    (folder / "config.json").write_text(json.dumps(facts | {"model_args": settings}))
    encoder = AudioEncoder(folder, dtype="float32", device="cpu").fit(sounds)
    loaded = again(encoder, tmp_path, include_encoders=include_encoders)
    np.testing.assert_array_equal(loaded.transform(sounds), encoder.transform(sounds))


# -- where weights are -------------------------------------------------------------


def pipeline(model):
    text = TextEncoder(model, dtype="float32")
    fusion = MultimodalFusion([("text", text, "plot")])
    return make_pipeline(fusion, ContentRecommender())


def similar_to_a_ship(model):
    """Encodes a new film, and ranks by it."""
    model.add_items({"item": [7], "plot": ["a ghost and a ship"]})
    return model.similar_items([7], k=3, return_scores=True)


def test_weights_are_referred_to_and_found(minilm, tmp_path):
    X = Interactions(EVENTS, items=FILMS)
    model = pipeline(minilm).fit(X)
    loaded = again(model, tmp_path)
    size = sum(f.stat().st_size for f in (tmp_path / "model").rglob("*"))
    assert size < 2**18  # and not the 90 MB of the network
    for ours, theirs in zip(similar_to_a_ship(model), similar_to_a_ship(loaded)):
        np.testing.assert_array_equal(ours, theirs)


def test_weights_that_are_included_need_nothing_else(minilm, tmp_path):
    weights = shutil.copytree(minilm, tmp_path / "weights")
    model = pipeline(weights).fit(Interactions(EVENTS, items=FILMS))
    skmmrec.save(model, tmp_path / "model", include_encoders=True)
    expected = similar_to_a_ship(model)
    shutil.rmtree(weights)
    moved = (tmp_path / "model").rename(tmp_path / "elsewhere")
    loaded = skmmrec.load(moved)
    assert str(moved) in loaded[0].transformers[0][1].model
    for ours, theirs in zip(expected, similar_to_a_ship(loaded)):
        np.testing.assert_array_equal(ours, theirs)
    skmmrec.save(loaded, tmp_path / "again", include_encoders=True)
    skmmrec.load(tmp_path / "again")
    with pytest.raises(ValueError, match="whose weights would be removed"):
        skmmrec.save(loaded, moved)
    file = next(moved.rglob("config.json"))
    file.write_text(file.read_text().replace("384", "385"))
    with pytest.raises(ModelFileError, match=r"config\.json' is not what was written"):
        skmmrec.load(moved)


def test_missing_weights_are_named(network, pictures, tmp_path):
    encoder = ImageEncoder(network).fit(pictures)
    skmmrec.save(encoder, tmp_path / "model")
    shutil.rmtree(network)
    with pytest.raises(ModelFileError, match=r"needs the weights of ImageEncoder .*"):
        skmmrec.load(tmp_path / "model")
    assert skmmrec.load(tmp_path / "model", check=False).model == network


def test_other_weights_are_noticed(network, pictures, tmp_path):
    skmmrec.save(ImageEncoder(network).fit(pictures), tmp_path / "model")
    shutil.rmtree(network)
    save_network(network, 1)
    with pytest.raises(ModelFileError, match=r"got others for ImageEncoder"):
        skmmrec.load(tmp_path / "model")


def test_other_libraries_are_told(network, pictures, tmp_path, monkeypatch):
    skmmrec.save(ImageEncoder(network).fit(pictures), tmp_path / "model")
    monkeypatch.setattr(skmmrec.encoders._fingerprint, "_version", lambda name: "0.1")
    with pytest.warns(UserWarning, match=r"vectors differ slightly; got .*0\.1"):
        skmmrec.load(tmp_path / "model")


@pytest.mark.parametrize("include_encoders", [False, True])
def test_weights_in_hand_have_no_name(tiny_network, include_encoders, tmp_path):
    with pytest.raises(ValueError, match="model of ImageEncoder must be a name or a"):
        again(ImageEncoder(tiny_network), tmp_path, include_encoders=include_encoders)


def test_what_is_not_on_the_disk_cannot_be_included(tmp_path, monkeypatch):
    facts = {"model": "hash"}
    monkeypatch.setattr(ImageEncoder, "_depends_on", lambda self: facts)
    with pytest.raises(ValueError, match=r"got 'resnet18', which is neither"):
        again(ImageEncoder("resnet18"), tmp_path, include_encoders=True)
