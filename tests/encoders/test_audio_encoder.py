"""Networks for sound: what they hear, where weights come from, and what is kept."""

import builtins
import dataclasses
import io
import json
import os
import pickle
import sys

import numpy as np
import pytest
import soundfile
from sklearn import clone
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

pytest.importorskip("torchaudio")

import torch
import torchaudio

from skmmrec.encoders import _audio
from skmmrec.encoders._audio import AudioEncoder, Waveform, _chunks, _mel_windows
from skmmrec.encoders._fingerprint import fingerprint
from skmmrec.encoders._mel import LogMel
from tests._shared import shared

RATE = 16_000
TINY = {  # wav2vec 2.0 of four layers
    "extractor_mode": "group_norm",
    "extractor_conv_layer_config": [(8, 10, 5), (8, 3, 2), (8, 3, 2), (8, 2, 2)],
    "extractor_conv_bias": False,
    "encoder_embed_dim": 16,
    "encoder_projection_dropout": 0.1,
    "encoder_pos_conv_kernel": 8,
    "encoder_pos_conv_groups": 2,
    "encoder_num_layers": 4,
    "encoder_num_heads": 2,
    "encoder_attention_dropout": 0.1,
    "encoder_ff_interm_features": 32,
    "encoder_ff_interm_dropout": 0.1,
    "encoder_dropout": 0.1,
    "encoder_layer_norm_first": False,
    "encoder_layer_drop": 0.1,
    "aux_num_out": None,
}


def noise(seconds, seed=0):
    n_samples = int(seconds * RATE)
    return (0.1 * np.random.default_rng(seed).standard_normal(n_samples)).astype("f4")


def column(*seconds):
    return [(noise(length, seed), RATE) for seed, length in enumerate(seconds)]


def tiny_transformer(seed=0):
    torch.manual_seed(seed)
    return torchaudio.models.wav2vec2_model(**TINY).eval()


def tiny_timm(**settings):
    timm = pytest.importorskip("timm")
    torch.manual_seed(0)
    return timm.create_model("test_resnet", in_chans=1, num_classes=0, **settings)


class Envelope(torch.nn.Module):
    """Samples to (n, frames, 2), or to (n, 2)."""

    def __init__(self, pooled=False):
        super().__init__()
        self.pooled = pooled

    def forward(self, samples):
        frames = samples[:, : samples.shape[1] // 100 * 100].reshape(
            len(samples), -1, 100
        )
        answer = torch.stack([frames.abs().mean(-1), frames.mean(-1)], dim=-1)
        return answer.mean(dim=1) if self.pooled else answer


@pytest.fixture
def bundle(monkeypatch, tmp_path):
    """A bundle of torchaudio with a tiny network; its weights are not in the cache."""
    pipelines = torchaudio.pipelines
    tiny = dataclasses.replace(pipelines.WAV2VEC2_BASE, _path="tiny.pth", _params=TINY)
    monkeypatch.setattr(pipelines, "TINY_BASE", tiny, raising=False)
    normalising = dataclasses.replace(tiny, _normalize_waveform=True)
    monkeypatch.setattr(pipelines, "TINY_LARGE", normalising, raising=False)
    monkeypatch.setattr(torch.hub, "get_dir", lambda: str(tmp_path / "hub"))
    monkeypatch.setattr(_audio, "is_out_of_reach", lambda address: True)
    _audio._load.cache_clear()
    yield tiny
    _audio._load.cache_clear()


@pytest.fixture
def weights(tmp_path):
    """A file with the weights of the tiny network."""
    path = tmp_path / "weights.pth"
    torch.save(tiny_transformer().state_dict(), path)
    return path


def test_noises_of_ten_classes_are_told_apart_by_yamnet():
    pytest.importorskip("timm")
    pd = pytest.importorskip("pandas")
    model, folder = shared("weights/yamnet"), shared("data/esc10")
    clips = pd.read_csv(folder / "labels.csv")
    paths = [folder / file for file in clips["file"]]
    features = AudioEncoder(model).fit_transform(paths)
    assert features.shape == (130, 1024)
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000))
    with threadpool_limits(1):  # forty times as fast as two that wait for each other
        assert cross_val_score(probe, features, clips["label"], cv=5).mean() > 0.9


def test_yamnet_hears_what_is_in_a_sound():
    """With its classifier, the loudest class but silence is the right one of 521."""
    timm = pytest.importorskip("timm")
    pd = pytest.importorskip("pandas")
    folder = shared("weights/yamnet")
    classes = pd.read_csv(folder / "yamnet_class_map.csv")["display_name"]
    network = timm.create_model(f"local-dir:{folder}", pretrained=True).eval()
    paths = [shared(f"data/esc10/{name}_00.ogg") for name in ("dog_bark", "rooster")]
    scores = AudioEncoder(network, pooling="max").fit_transform(paths)
    scores[:, classes == "Silence"] = -np.inf  # around a bark
    dog, rooster = classes[scores.argmax(axis=1)]
    assert dog in ("Animal", "Domestic animals, pets", "Dog", "Bark")
    assert rooster in ("Animal", "Chicken, rooster", "Crowing, cock-a-doodle-doo")


def test_the_front_end_of_timm_is_that_of_yamnet():
    """Made by hand, as the weights say."""
    transform = torchaudio.transforms.MelSpectrogram(
        RATE,
        n_fft=512,
        win_length=400,
        hop_length=160,
        f_min=125,
        f_max=7500,
        n_mels=64,
        power=1,
        center=False,
        mel_scale="htk",
    )
    samples = noise(3.3)
    mel = transform(torch.nn.functional.pad(torch.from_numpy(samples), (56, 56)))
    log_mel = torch.log(mel + 1e-3).T
    windows = _mel_windows(samples, LogMel())
    n_whole = 1 + (len(log_mel) - 96) // 48
    assert windows.shape == (n_whole + 1, 1, 96, 64)  # one more for the end
    for number in range(n_whole):
        expected = log_mel[48 * number : 48 * number + 96]
        torch.testing.assert_close(windows[number, 0], expected, atol=1e-5, rtol=1e-5)
    rest = log_mel[48 * n_whole :]
    torch.testing.assert_close(windows[-1, 0, : len(rest)], rest)
    assert (windows[-1, 0, len(rest) + 3 :] == np.log(np.float32(1e-3))).all()


@pytest.mark.parametrize("n_samples", [1, 400, 15_599, 15_600, 15_601, 23_280, 23_281])
def test_windows_leave_nothing_out(n_samples):
    n_frames = max(0, 1 + (n_samples - 400) // 160)
    windows = _mel_windows(noise(2)[:n_samples], LogMel())
    covered = 96 + 48 * (len(windows) - 1)
    assert covered >= n_frames
    assert len(windows) == 1 or covered - 48 < n_frames


@pytest.mark.parametrize("n_samples", [1, 1600, 16_000, 16_001, 99_999])
def test_chunks_are_of_one_length_and_leave_nothing_out(n_samples):
    samples = np.arange(1, n_samples + 1, dtype=np.float32)
    chunks = _chunks(samples, Waveform(seconds=1)).numpy()
    assert 1600 <= chunks.shape[1] <= RATE
    assert set(samples) <= set(chunks.ravel())
    assert len(chunks) == -(-n_samples // RATE)


@pytest.mark.parametrize("seconds", [0.001, 0.7, 2.3, 11])
def test_a_transformer_gives_what_torchaudio_gives(seconds):
    network = tiny_transformer()
    samples = noise(seconds)
    encoder = AudioEncoder(network, layer=3, front_end=Waveform(seconds=20))
    (features,) = encoder.fit_transform([(samples, RATE)])
    padded = np.pad(samples, (0, max(0, 1600 - len(samples))))
    with torch.inference_mode():
        layers, _ = network.extract_features(torch.from_numpy(padded)[None])
    expected = layers[2][0].mean(dim=0).numpy()
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-5)


def networks():
    normalising = torchaudio.pipelines._wav2vec2.utils._extend_model(
        tiny_transformer(), normalize_waveform=True
    )
    return {
        "transformer": tiny_transformer(),
        "normalising": normalising.eval(),
        "envelope": Envelope(),
        "timm": tiny_timm(),
    }


@pytest.mark.parametrize("name", ["transformer", "normalising", "envelope", "timm"])
@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_a_sound_has_the_same_features_beside_others(name, pooling):
    """Of other lengths, of other loudness, and in batches of another size."""
    network = networks()[name]
    sounds = column(0.3, 1, 2.5, 1, 0.01, 6)
    sounds[1] = sounds[1][0] * 8, RATE
    settings = {"pooling": pooling}
    if name != "timm":
        settings["front_end"] = Waveform(seconds=2)
    single = AudioEncoder(network, batch_size=1, **settings).fit_transform(sounds)
    for size in (4, 6):
        encoder = AudioEncoder(network, batch_size=size, **settings)
        together = encoder.fit_transform(sounds)
        np.testing.assert_allclose(together, single, rtol=1e-4, atol=1e-4)
    assert len(np.unique(single.round(6), axis=0)) == 6


@pytest.mark.parametrize("pooled", [True, False])
@pytest.mark.parametrize("pooling", ["mean", "max"])
def test_chunks_are_pooled_as_frames_are(pooled, pooling):
    samples = noise(4) * np.repeat([1, 0, 2, 0.5], RATE).astype(np.float32)
    encoder = AudioEncoder(
        Envelope(pooled), front_end=Waveform(seconds=1), pooling=pooling
    )
    (features,) = encoder.fit_transform([(samples, RATE)])
    frames = np.abs(samples).reshape(4, -1, 100).mean(axis=-1)
    pool = {"mean": np.mean, "max": np.max}[pooling]
    expected = pool(frames.mean(axis=1) if pooled else frames)
    assert features[0] == pytest.approx(expected, rel=1e-4)


def test_the_network_never_gets_more_than_a_chunk():
    lengths = []
    network = Envelope()
    network.register_forward_pre_hook(lambda _, inputs: lengths.append(inputs[0].shape))
    encoder = AudioEncoder(network, front_end=Waveform(seconds=2), batch_size=3)
    encoder.fit([]).transform(column(25))
    assert max(n_samples for _, n_samples in lengths) <= 2 * RATE
    assert max(rows for rows, _ in lengths) == 3


def test_the_middle_layer_is_taken_unless_another_is_named():
    network, sounds = tiny_transformer(), column(1)
    features = {
        layer: AudioEncoder(network, layer=layer).fit_transform(sounds)
        for layer in (None, 1, 2, 4)
    }
    np.testing.assert_array_equal(features[None], features[2])
    assert not np.allclose(features[1], features[2], atol=1e-3)
    with pytest.raises(ValueError, match="layer must be at most 4, .* got 5"):
        AudioEncoder(network, layer=5).fit([])


def test_only_the_first_seconds_are_heard_on_request():
    long, short = noise(3), noise(3)[:RATE]
    encoder = AudioEncoder(Envelope(), duration=1)
    start, whole = encoder.fit_transform([(long, RATE), (short, RATE)])
    np.testing.assert_array_equal(start, whole)


def test_a_network_is_fed_at_its_own_rate():
    seen = []
    network = Envelope()
    network.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].shape))
    encoder = AudioEncoder(network, front_end=Waveform(rate=32_000)).fit([])
    encoder.transform(column(2))
    assert seen[-1] == (1, 64_000)


@pytest.mark.parametrize("name", ["TINY_BASE", "TINY_LARGE"])
def test_weights_of_a_bundle_may_lie_in_a_file(name, bundle, weights):
    sounds = column(1, 2)
    encoder = AudioEncoder(f"{name}:{weights}", dtype="float32", device="cpu")
    features = encoder.fit_transform(sounds)
    network = tiny_transformer()
    if name == "TINY_LARGE":
        sounds = [((s - s.mean()) / s.std(), rate) for s, rate in sounds]
    expected = AudioEncoder(network).fit_transform(sounds)
    np.testing.assert_allclose(features, expected, rtol=1e-3, atol=1e-4)


def test_weights_of_a_bundle_are_found_in_the_cache(bundle, weights, tmp_path):
    cache = tmp_path / "hub" / "checkpoints"
    cache.mkdir(parents=True)
    (cache / "tiny.pth").write_bytes(weights.read_bytes())
    named = AudioEncoder("TINY_BASE").fit_transform(column(1))
    filed = AudioEncoder(f"TINY_BASE:{weights}").fit_transform(column(1))
    np.testing.assert_array_equal(named, filed)


def test_weights_are_downloaded_where_the_server_answers(
    bundle, weights, tmp_path, monkeypatch
):
    asked = []

    def download(url, path, hash_prefix, progress):
        asked.append(url)
        with open(path, "wb") as file:
            file.write(weights.read_bytes())

    monkeypatch.setattr(_audio, "is_out_of_reach", lambda address: False)
    monkeypatch.setattr(torch.hub, "download_url_to_file", download)
    AudioEncoder("TINY_BASE").fit_transform(column(1))
    assert asked == ["https://download.pytorch.org/torchaudio/models/tiny.pth"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("TINY_BASE", "not in .*checkpoints, and https://.* is out of reach"),
        ("TINY_BASE:no/such.pth", "there is no such file"),
        ("no_such_network", "Unknown model"),
        ("/no/such/folder", ""),
    ],
)
def test_a_model_out_of_reach_says_what_to_pass(name, reason, bundle, monkeypatch):
    pytest.importorskip("timm")
    hub = pytest.importorskip("huggingface_hub")
    monkeypatch.setattr(hub.constants, "HF_HUB_OFFLINE", True)
    message = (
        f"model must be a bundle of torchaudio .* got '{name}', which could not be "
        f"loaded \\(.*{reason}.*\\); where there is no network, pass a f"
    )
    with pytest.raises(OSError, match=message):
        AudioEncoder(name).fit([])


class Villain:
    def __reduce__(self):
        return builtins.exec, ("raise SystemExit('code was run')",)


@pytest.mark.parametrize("kind", ["code", "half", "text", "empty", "other", "list"])
def test_damaged_weights_are_named_and_no_code_in_them_is_run(kind, bundle, weights):
    data = weights.read_bytes()
    content = io.BytesIO()
    other = {"code": Villain(), "other": {"a": torch.ones(2)}, "list": [1, 2]}
    torch.save(other.get(kind), content)
    weights.write_bytes(
        {"half": data[: len(data) // 2], "text": b"hello", "empty": b""}.get(
            kind, content.getvalue()
        )
    )
    with pytest.raises(OSError, match=f"got 'TINY_BASE:{weights}', which could not"):
        AudioEncoder(f"TINY_BASE:{weights}").fit([])


def test_changed_weights_in_a_file_are_noticed(bundle, weights):
    encoder = AudioEncoder(f"TINY_BASE:{weights}").fit([])
    before, key = encoder.transform(column(1)), fingerprint(encoder)[0]
    weights.write_bytes(b"")  # another size, as the clock may be slow
    torch.save(tiny_transformer(seed=1).state_dict() | {}, weights)
    os.utime(weights, (1, 1))
    assert not np.allclose(encoder.transform(column(1)), before)
    assert fingerprint(encoder)[0] != key


def test_a_store_depends_on_the_weights_and_not_on_where_they_lie(
    bundle, weights, tmp_path
):
    moved = tmp_path / "moved.pth"
    moved.write_bytes(weights.read_bytes())
    keys = [
        fingerprint(AudioEncoder(f"{name}:{path}", layer=layer))[0]
        for name, path, layer in [
            ("TINY_BASE", weights, None),
            ("TINY_BASE", moved, None),
            ("TINY_LARGE", weights, None),
            ("TINY_BASE", weights, 1),
        ]
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3
    assert _audio._load.cache_info().currsize == 0
    modules = [tiny_transformer(0), tiny_transformer(0), tiny_transformer(1)]
    keys = [fingerprint(AudioEncoder(module))[0] for module in modules]
    assert keys[0] == keys[1] != keys[2]


def test_a_folder_of_timm_is_loaded_once_and_not_pickled(tmp_path):
    timm = pytest.importorskip("timm")
    from safetensors.torch import save_file

    save_file(tiny_timm().state_dict(), tmp_path / "model.safetensors")
    cfg = {"input_size": [1, 96, 64], "num_classes": 0, "first_conv": "conv1"}
    (tmp_path / "config.json").write_text(
        json.dumps(
            {
                "architecture": "test_resnet",
                "model_args": {"in_chans": 1},
                "num_classes": 0,
                "pretrained_cfg": cfg,
            }
        )
    )
    _audio._load.cache_clear()
    encoder = AudioEncoder(tmp_path, dtype="float32", device="cpu")
    features = encoder.fit_transform(column(1, 2))
    network = timm.create_model(f"local-dir:{tmp_path}", pretrained=True, num_classes=0)
    expected = AudioEncoder(network).fit_transform(column(1, 2))
    np.testing.assert_allclose(features, expected, rtol=1e-4, atol=1e-5)
    for copy in (clone(encoder).fit([]), pickle.loads(pickle.dumps(encoder))):
        np.testing.assert_array_equal(copy.transform(column(1, 2)), features)
    assert _audio._load.cache_info().currsize == 1
    assert len(pickle.dumps(encoder)) < 1000


def test_another_front_end_for_a_network_of_ones_own():
    front_end = LogMel(n_mels=32, window=50, window_hop=25, mel_scale="slaney")
    shapes = []
    network = tiny_timm()
    network.register_forward_pre_hook(lambda _, inputs: shapes.append(inputs[0].shape))
    AudioEncoder(network, front_end=front_end).fit_transform(column(1))
    assert {shape[1:] for shape in shapes} == {(1, 50, 32)}


def test_a_module_in_half_precision_gives_float32():
    network = tiny_transformer()
    exact = AudioEncoder(network).fit_transform(column(1))
    features = AudioEncoder(network.to(torch.bfloat16)).fit_transform(column(1))
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, exact, atol=0.1)


def test_files_in_a_column_are_read_and_damaged_ones_can_count_as_missing(tmp_path):
    path = tmp_path / "noise.flac"
    soundfile.write(path, noise(1), RATE)
    encoder = AudioEncoder(Envelope(), on_error="missing")
    with pytest.warns(UserWarning, match="2 of 3 sounds .* row 0"):
        features = encoder.fit_transform([b"damaged", str(path), None, "no/such.wav"])
    assert np.isnan(features).all(axis=1).tolist() == [True, False, True, True]
    with pytest.raises(FileNotFoundError, match=r"sound in row 1 \('no/such.wav'\)"):
        AudioEncoder(Envelope()).fit_transform([None, "no/such.wav"])


@pytest.mark.parametrize(
    ("network", "front_end", "message"),
    [
        (torch.nn.Identity(), LogMel(), r"got \(2, 1, 96, 64\); wrap it"),
        (torch.nn.LSTM(RATE, 2), None, "got tuple; wrap it in a module"),
        (torch.nn.Linear(7, 2), None, r"take inputs of shape \(1, 16000\); got one"),
        (tiny_transformer(), LogMel(), "front_end must be a Waveform for this model"),
    ],
)
def test_a_network_that_does_not_fit_is_refused(network, front_end, message):
    with pytest.raises(ValueError, match=message):
        AudioEncoder(network, front_end=front_end).fit([])


def test_a_network_for_colours_is_refused():
    timm = pytest.importorskip("timm")
    with pytest.raises(ValueError, match=r"take inputs of shape \(2, 1, 96, 64\); got"):
        AudioEncoder(timm.create_model("test_resnet", num_classes=0)).fit([])


@pytest.mark.parametrize(
    ("parameters", "error", "message"),
    [
        ({"model": 3}, TypeError, "local folder\\), or a module; got int"),
        ({"front_end": "mel"}, TypeError, "a Waveform or a LogMel; got str"),
        ({"layer": 0}, ValueError, "layer must be at least 1; got 0"),
        ({"layer": "last"}, TypeError, "layer must be an integer; got str"),
        ({"pooling": "sum"}, ValueError, "pooling must be one of 'mean', 'max'"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1; got 0"),
        ({"dtype": "int8"}, ValueError, "dtype must be one of 'auto', .* got 'int8'"),
        ({"duration": 0}, ValueError, "duration must be above 0 and finite; got 0"),
        ({"on_error": "skip"}, ValueError, "on_error must be one of .* got 'skip'"),
    ],
)
def test_wrong_parameters_are_refused(parameters, error, message):
    with pytest.raises(error, match=message):
        AudioEncoder(**{"model": Envelope(), **parameters}).fit([])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rate": 10}, "rate must be from 1,000 to 192,000; got 10"),
        ({"seconds": 0}, "seconds must be at least 0.1; got 0"),
    ],
)
def test_chunks_that_cannot_be_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Waveform(**settings)


def test_the_extra_is_named_where_the_library_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "torchaudio.pipelines", None)
    with pytest.raises(ImportError, match=r"pip install 'skmmrec\[audio\]'"):
        AudioEncoder().fit([])


@pytest.mark.parametrize("kind", [OSError, RuntimeError])
def test_a_torchaudio_of_another_torch_is_named(kind, monkeypatch):
    def fail(name, *, extra):
        if name.startswith("torchaudio"):
            raise kind("undefined symbol: _ZN3c10\nmore")
        return sys.modules[name]

    monkeypatch.setattr(_audio, "optional_import", fail)
    message = (
        f"torchaudio must be of the version of torch, {torch.__version__}; got one that"
        f" does not load with it (undefined symbol: _ZN3c10); install both with"
    )
    with pytest.raises(ImportError) as caught:
        AudioEncoder().fit([])
    assert str(caught.value).startswith(message)
