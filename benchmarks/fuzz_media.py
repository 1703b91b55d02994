"""Thousands of damaged media files: each is encoded, or refused by name.

Makes pictures, sounds and videos in many formats, then damages them: truncated, bits
flipped, headers overwritten, spliced with each other, renamed. Every file goes through
a core encoder in a worker process with a limit of memory. A worker that dies (a crash),
a file that takes longer than a minute (a hang), an error of any other kind than ours,
or a MemoryError counts as a failure, and its seed is printed.
Usage: python benchmarks/fuzz_media.py [N_FILES] [--seed S]     Needs the extra video.
"""

import argparse
import io
import resource
import tempfile
import time
import warnings
from collections import Counter
from multiprocessing import get_context
from pathlib import Path

import av
import numpy as np
import soundfile
from PIL import Image

from skmmrec import (
    ImageStatisticsEncoder,
    MelStatisticsEncoder,
    VideoStatisticsEncoder,
)

MEMORY_LIMIT = 4 * 2**30  # of addresses, in bytes
HANG_SECONDS = 60
ENCODERS = {
    "picture": ImageStatisticsEncoder,
    "sound": MelStatisticsEncoder,
    "video": VideoStatisticsEncoder,
}
SUFFIXES = [".jpg", ".png", ".wav", ".mp3", ".mp4", ".webm", ".m3u8", ".txt", ""]


def pictures():
    """(name, bytes) of a small noisy picture in each format."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (40, 30, 3), dtype=np.uint8)
    image = Image.fromarray(np.sort(noise, axis=0))
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "PPM", "TIFF", "JPEG2000"):
        file = io.BytesIO()
        image.save(file, kind)
        yield f"a.{kind.lower()}", file.getvalue()


def sounds():
    """The same of half a second of a tone and noise."""
    rng = np.random.default_rng(0)
    tone = np.sin(np.arange(8000) / 9)[:, None] * [0.5, 0.3]
    samples = tone + 0.1 * rng.standard_normal((8000, 2))
    for kind, subtype in [
        ("WAV", "PCM_16"),
        ("WAV", "FLOAT"),
        ("FLAC", "PCM_16"),
        ("OGG", "VORBIS"),
        ("OGG", "OPUS"),
        ("MP3", "MPEG_LAYER_III"),
        ("AIFF", "PCM_24"),
    ]:
        file = io.BytesIO()
        soundfile.write(file, samples, 16_000, format=kind, subtype=subtype)
        yield f"a.{kind.lower()}", file.getvalue()


def videos():
    """The same of ten frames."""
    rng = np.random.default_rng(0)
    for suffix, codec, pixels in [
        ("mp4", "mpeg4", "yuv420p"),
        ("avi", "mjpeg", "yuvj420p"),
        ("mkv", "mpeg4", "yuv420p"),
        ("webm", "libvpx", "yuv420p"),
        ("mov", "mpeg4", "yuv420p"),
    ]:
        file = io.BytesIO()
        with av.open(file, "w", format=suffix.replace("mkv", "matroska")) as container:
            stream = container.add_stream(codec, rate=5)
            stream.width, stream.height, stream.pix_fmt = 48, 32, pixels
            for _ in range(10):
                frame = rng.integers(0, 256, (32, 48, 3), dtype=np.uint8)
                picture = av.VideoFrame.from_ndarray(frame, format="rgb24")
                container.mux(stream.encode(picture))
            container.mux(stream.encode())
        yield f"a.{suffix}", file.getvalue()


def sources():
    kinds = {"picture": pictures, "sound": sounds, "video": videos}
    return [(kind, *file) for kind, make in kinds.items() for file in make()]


def damaged(seed, files):
    """A kind, a name and bytes, by chance."""
    rng = np.random.default_rng(seed)
    kind, name, data = files[rng.integers(len(files))]
    data = np.frombuffer(data, np.uint8).copy()
    how = rng.choice(["truncated", "flipped", "header", "spliced", "zeroed", "renamed"])
    if how == "truncated":
        data = data[: rng.integers(len(data))]
    elif how == "flipped":
        places = rng.integers(len(data), size=rng.integers(1, 50))
        data[places] ^= (1 << rng.integers(8, size=len(places))).astype(np.uint8)
    elif how == "header":
        places = rng.integers(min(len(data), 200), size=rng.integers(1, 20))
        data[places] = rng.choice([0, 1, 127, 128, 255], size=len(places))
    elif how == "spliced":
        other = np.frombuffer(files[rng.integers(len(files))][2], np.uint8)
        data = np.r_[data[: rng.integers(len(data))], other[rng.integers(len(other)) :]]
    elif how == "zeroed":
        start = rng.integers(len(data))
        data[start : start + rng.integers(1, 500)] = 0
    name = f"{seed}{rng.choice(SUFFIXES) if how == 'renamed' else Path(name).suffix}"
    if how == "renamed":
        kind = rng.choice(list(ENCODERS))  # and handed to any encoder
    return kind, how, name, data.tobytes()


def outcome(seed, files, folder):
    """What became of a file: "encoded", "refused", or what went wrong."""
    kind, how, name, data = damaged(seed, files)
    path = Path(folder, name)
    path.write_bytes(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            features = ENCODERS[kind]().fit_transform([path])
        result = "encoded" if np.isfinite(features).all() else "gave no finite vector"
    except (OSError, ValueError) as error:
        named = str(error).startswith(f"The {kind} in row 0 ('{path}')")
        result = "refused" if named else f"unnamed {type(error).__name__}: {error}"
    except BaseException as error:
        result = f"{type(error).__name__}: {error}"
    path.unlink()
    return kind, how, result


def work(folder, pipe):
    """Encode the files whose seeds come in."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    files = sources()
    while (seed := pipe.recv()) is not None:
        pipe.send(outcome(seed, files, folder))
    pipe.send(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


class Worker:
    """A process that is started again when it dies or hangs."""

    def __init__(self, folder):
        self._folder = folder
        self._start()

    def _start(self):
        context = get_context("forkserver")
        self._pipe, other = context.Pipe()
        self._process = context.Process(target=work, args=(self._folder, other))
        self._process.start()
        other.close()

    def outcome(self, seed):
        """As the function, in the worker."""
        self._pipe.send(seed)
        try:
            if self._pipe.poll(HANG_SECONDS):
                return self._pipe.recv()
            result = "hang"
        except EOFError:
            result = "crash"
        self._process.kill()
        self._start()
        return "?", "?", result

    def peak_megabytes(self):
        self._pipe.send(None)
        return self._pipe.recv()


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("n_files", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    counts, failures, slowest = Counter(), [], (0, 0)
    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        worker = Worker(folder)
        for seed in range(arguments.seed, arguments.seed + arguments.n_files):
            start = time.perf_counter()
            kind, how, result = worker.outcome(seed)
            slowest = max(slowest, (time.perf_counter() - start, seed))
            if result not in ("encoded", "refused"):
                failures.append((seed, kind, how, result))
                result = "failed"
            counts[kind, result] += 1
        peak = worker.peak_megabytes()
    for (kind, result), count in sorted(counts.items()):
        print(f"{kind:<8} {result:<8} {count:>6}")
    print(
        f"slowest file: {slowest[0]:.2f} s (seed {slowest[1]}); "
        f"{time.perf_counter() - begin:.0f} s in all; peak memory {peak:.0f} MB"
    )
    for failure in failures:
        print("FAILED: seed {}, {}, {}: {}".format(*failure))
    raise SystemExit(bool(failures))


if __name__ == "__main__":
    main()
