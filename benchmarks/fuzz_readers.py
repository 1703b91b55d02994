"""Every reader of files, fuzzed by coverage: it reads, or refuses in one sentence.

libFuzzer, through atheris, changes small files so that they reach further into skmmrec
and into those of its readers that are written in Python (of Pillow, skops, soundfile
and numpy); compiled ones (libsndfile, FFmpeg, SQLite) run, and are not seen into.
Targets: picture, sound, film, words (word vectors), store (a database of embeddings),
npy, model (a saved model, with hashes that fit), ratings (MovieLens), requests (JSON to
the service, and uploads). Each has a process of its own, started again if it dies.

Counted as faults: an error of another kind, or of many lines; a warning; a wrong vector
out of a store; a status of 500; a process that dies, takes more than 20 seconds for a
file, or more than 3 GB. For each place at which it happens the first input is kept.
Usage: python benchmarks/fuzz_readers.py [TARGET ...] [--seconds N] [--seed S]
                                         [--keep FOLDER]
Needs the extras video and service, and the package atheris.
"""

import argparse
import base64
import gzip
import hashlib
import io
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import atheris

READERS = ["skmmrec", "PIL", "skops", "soundfile", "numpy.lib"]
LONGEST = 600  # characters of an error
SHOWN = 5  # inputs of faults, in full
LIMITS = ["-timeout=20", "-rss_limit_mb=3072", "-detect_leaks=0"]


class Fault(Exception):
    """Something that no reader may do."""


def expect(condition, what):
    if not condition:
        raise Fault(what)


# -- the targets: (seeds, function of bytes, errors it may raise) ----------------------


def picture(folder):
    from benchmarks.fuzz_media import pictures
    from skmmrec.encoders._pictures import open_image

    def read(data):
        image = open_image(data[1:], 0, side=8 if data[0] & 1 else None)
        expect(image.mode == "RGB" and min(image.size) > 0, f"{image}")

    seeds = [bytes([n % 2]) + data for n, (_, data) in enumerate(pictures())]
    return seeds, read, (ValueError, OSError)


def sound(folder):
    import numpy as np

    from benchmarks.fuzz_media import sounds
    from skmmrec.encoders._sound import open_sound

    def read(data):
        rate = 8000 if data[0] & 1 else 16_000
        samples = open_sound(
            data[1:], 0, rate=rate, duration=2 if data[0] & 2 else None
        )
        expect(samples.size and np.isfinite(samples).all(), "samples")

    seeds = [bytes([n % 4]) + data[:5000] for n, (_, data) in enumerate(sounds())]
    return seeds, read, (ValueError, OSError)


def film(folder):
    import numpy as np

    from benchmarks.fuzz_media import videos
    from skmmrec.encoders._film import open_frames, open_looks, open_track

    def read(data):
        if data[0] % 4 == 0:
            expect(open_frames(data[1:], 0, n_frames=3), "no frames")
        elif data[0] % 4 == 1:
            scenes = open_frames(data[1:], 0, n_frames=3, sampling="scenes")
            expect(scenes, "no scenes")
        elif data[0] % 4 == 2:
            looks, seconds = open_looks(data[1:], 0)
            expect(looks and np.isfinite(seconds), f"{seconds} seconds")
        elif (track := open_track(data[1:], 0)) is not None:
            expect(np.isfinite(track[0]).all(), "samples")

    seeds = [bytes([n % 4]) + data for n, (_, data) in enumerate(videos())]
    return seeds, read, (ValueError, OSError)


def words(folder):
    import numpy as np

    from skmmrec.encoders._word_files import read_word_vectors

    names = ["v.txt", "v.bin", "v.txt.gz", "v.bin.gz"]

    def read(data):
        path = Path(folder, names[data[0] % 4])
        path.write_bytes(data[1:])
        try:
            known, vectors = read_word_vectors(path, 3 if data[0] & 4 else None)
        finally:
            path.unlink()
        expect(vectors.shape[0] == len(known) > 0, f"shape {vectors.shape}")
        expect(vectors.dtype == np.float32, f"{vectors.dtype}")

    text = b"2 3\nsea 1 2 -3e-2\nnew york 4 5 inf\n"
    binary = b"2 2\nsea " + struct.pack("<ff", 1, 2) + b"\nship "
    binary += struct.pack("<ff", 3, 4)
    seeds = [b"\0" + text, b"\4" + text[4:], b"\1" + binary]
    seeds += [b"\2" + gzip.compress(text), b"\3" + gzip.compress(binary)]
    return seeds, read, (ValueError, OSError)


def store(folder):
    import sqlite3

    import numpy as np

    from skmmrec import EmbeddingStore
    from skmmrec.encoders._store import FILE, SCHEMA, VERSION

    key, known = ("f" * 8, "{}"), {b"a" * 16: [1.0, 2.0], b"b" * 16: [3.0, 4.0]}
    path = Path(folder, "store", FILE)
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:  # of small pages
        connection.executescript(
            f"PRAGMA page_size = 512; PRAGMA auto_vacuum = INCREMENTAL; {SCHEMA};"
            f"PRAGMA user_version = {VERSION}"
        )
    once = EmbeddingStore(path.parent)
    once.put(key, list(known), np.array(list(known.values())))
    once.claim(key, [b"c" * 16], 2, "me")
    once.put_files([(__file__, os.stat(__file__), b"a" * 16)])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    seeds = [path.read_bytes()]

    def read(data):
        for left in path.parent.iterdir():
            left.unlink()
        path.write_bytes(data)
        # what one call refuses, the others may do
        refused = []
        for call in (
            lambda: once.width(key),
            lambda: check(*once.get(key, list(known), 2)),
            lambda: once.known_files([__file__]),
            lambda: once.claim(key, [b"c" * 16, b"d" * 16], 2, "you"),
            lambda: once.put(key, [b"e" * 16], np.ones((1, 2))),
            once.info,
            once.verify,
            lambda: once.prune(2048),
        ):
            try:
                call()
            except OSError as error:
                refused.append(error)  # with the frames, which must hold no lock
        if refused:
            raise refused[0]

    def check(vectors, found):
        expect((vectors[found] == np.array(list(known.values()))[found]).all(), "wrong")

    return seeds, read, OSError


def npy(folder):
    import numpy as np

    from skmmrec.persistence._npy import read_npy, write_npy

    def read(data):
        array = read_npy(np.frombuffer(data, np.uint8))
        expect(
            not array.dtype.hasobject and array.nbytes <= len(data),
            f"{array.dtype} {array.shape}",
        )

    seeds = []
    for array in (np.eye(3), np.array(["a", "bc"]), np.zeros((0, 2), order="F")):
        file = io.BytesIO()
        write_npy(file, array)
        seeds.append(file.getvalue())
    return seeds, read, ValueError  # `load` makes a sentence of it


def model(folder):
    from sklearn.exceptions import InconsistentVersionWarning

    import skmmrec

    path = Path(folder, "model")
    texts = ["a ghost ship", "ghosts", "the sea", "ships at sea"]
    X = skmmrec.Interactions(
        {"user": [1, 1, 2], "item": [0, 1, 0]},
        items={"item": list(range(4)), "title": texts},
    )
    encoder = skmmrec.SparseTextEncoder(n_components=2, random_state=0)
    fusion = skmmrec.MultimodalFusion([("text", encoder, "title")])
    recommender = skmmrec.ALSRecommender(2, random_state=0)
    skmmrec.save(skmmrec.make_pipeline(fusion, recommender).fit(X), path)
    content = json.loads((path / "manifest.json").read_text())["content"]
    parts = path / content["folder"]
    with ZipFile(parts / "structure.skops") as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    schema = entries.pop("schema.json")
    arrays = sorted(set(content["parts"]) - {"structure.skops"})

    def write_part(name, data):
        (parts / name).write_bytes(data)
        facts = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        content["parts"][name] = facts

    def archived(schema):
        with io.BytesIO() as file:
            with ZipFile(file, "w") as archive:
                archive.writestr("schema.json", schema)
                for entry, data in entries.items():
                    archive.writestr(entry, data)
            return file.getvalue()

    def write_manifest(content):
        digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode())
        manifest = {"sha256": digest.hexdigest(), "content": content}
        (path / "manifest.json").write_text(json.dumps(manifest))

    whole = {name: (parts / name).read_bytes() for name in content["parts"]}

    def read(data):
        for name, part in whole.items():
            write_part(name, part)
        forged, place = content, data[0] % (len(arrays) + 3)
        if place == 0:
            write_part("structure.skops", archived(data[1:]))
        elif place == 1:
            write_part("structure.skops", data[1:])
        elif place == 2:
            try:
                forged = json.loads(data[1:])
            except (ValueError, RecursionError):
                return
        else:
            write_part(arrays[place - 3], data[1:])
        write_manifest(forged)
        with warnings.catch_warnings():  # of other versions, as it should
            warnings.filterwarnings("ignore", "The model was saved by")
            warnings.simplefilter("ignore", InconsistentVersionWarning)
            skmmrec.load(path, mmap=bool(data[0] & 128))

    seeds = [b"\0" + schema, b"\1" + whole["structure.skops"]]
    seeds += [b"\2" + json.dumps(content).encode()]
    seeds += [bytes([place]) + whole[n] for place, n in enumerate(arrays, 3)]
    return seeds, read, (skmmrec.ModelFileError, ImportError)


def ratings(folder):
    from skmmrec.datasets import load_movielens

    layouts = [
        {
            "ratings.csv": "userId,movieId,rating,timestamp\n7,1,4.5,978300760\n",
            "movies.csv": 'movieId,title,genres\n1,"Toy, ""it"" (1995)",Comedy|War\n',
            "tags.csv": "userId,movieId,tag,timestamp\n7,1,funny,978300760\n",
            "content.csv": "movieId,plot,runtime,year,poster\n1,Toys.,81 min,1995,a\n",
        },
        {
            "ratings.dat": "7::1::4.5::978300760\n",
            "movies.dat": "1::Toy Story (1995)::Comedy|War\n",
            "users.dat": "7::F::25::3::12345\n",
            "tags.dat": "7::1::funny::978300760\n",
        },
        {
            "u.data": "7\t1\t4\t978300760\n",
            "u.item": "1|Toy (1995)|01-Jan-1995||http://x|" + "|".join("0" * 19) + "\n",
            "u.user": "7|24|M|writer|12345\n",
        },
    ]

    def read(data):
        layout = layouts[data[0] % 3]
        place = Path(folder, "release")
        place.mkdir()
        try:
            for name, text in zip(layout, data[1:].split(b"\0\0")):
                (place / name).write_bytes(text)
            load_movielens(place)
        finally:
            shutil.rmtree(place)

    seeds = [
        bytes([n]) + "\0\0".join(layout.values()).encode()
        for n, layout in enumerate(layouts)
    ]
    return seeds, read, ValueError


def requests(folder):
    from starlette.testclient import TestClient

    import skmmrec
    from benchmarks.fuzz_media import pictures, sounds
    from skmmrec.service import create_app

    pictures, sounds = dict(pictures()), dict(sounds())
    items = {"item": [7, "7", "six"], "about": ["a ship", "the sea", "a ghost ship"]}
    items["photo"] = [pictures["a.png"], pictures["a.jpeg"], None]
    items["clip"] = [sounds["a.wav"], None, sounds["a.flac"]]
    branches = [
        ("text", skmmrec.SparseTextEncoder(n_components=2, random_state=0), "about"),
        ("image", skmmrec.ImageStatisticsEncoder(), "photo"),
        ("sound", skmmrec.MelStatisticsEncoder(), "clip"),
    ]
    X = skmmrec.Interactions({"user": ["ann", "bob"], "item": [7, "7"]}, items=items)
    fusion = skmmrec.MultimodalFusion(branches)
    fitted = skmmrec.make_pipeline(fusion, skmmrec.ContentRecommender()).fit(X)
    client = TestClient(create_app(fitted, X.items), raise_server_exceptions=False)
    client.__enter__()
    paths = ["/recommend", "/explain", "/similar", "/search", "/likes"]
    form = {"Content-Type": "multipart/form-data; boundary=-"}

    def read(data):
        place, body = data[0] % 9, data[1:]
        if place < 5:
            answer = client.post(paths[place], content=body)
        elif place < 7:
            noun = {"noun": ("picture", "sound")[place - 5]}
            answer = client.post("/search/upload", files={"file": body}, data=noun)
        elif place == 7:
            answer = client.post("/search/upload", content=body, headers=form)
        else:
            query = {"text": body.decode("utf-8", "replace")[:300]}
            answer = client.get("/items", params=query)
        expect(answer.status_code in range(200, 500), f"{answer.status_code}")
        answer.json()

    bodies = [
        b'{"user": "ann", "items": [7, "six"], "k": 2, "exclude_seen": false}',
        b'{"user": "ann", "offered": ["six"], "modality_weights": {"text": 2}}',
        b'{"item": "7", "k": 2}',
        b'{"text": "ghost", "column": "about"}',
        b'{"user": "bob", "k": 1}',
        pictures["a.png"],
        sounds["a.wav"][:2000],
        b'---\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        + pictures["a.gif"]
        + b"\r\n-----\r\n",
        b"s",
    ]
    return [bytes([n]) + body for n, body in enumerate(bodies)], read, ()


TARGETS = {
    target.__name__: target
    for target in (picture, sound, film, words, store, npy, model, ratings, requests)
}


# -- the process that fuzzes one -------------------------------------------------------


def _unclear(error):
    """What is wrong with a refusal; None if it is one sentence."""
    text = str(error)
    if "\n" in text or len(text) > LONGEST:
        return f"{len(text)} characters, {text.count(chr(10)) + 1} lines: {text}"
    return None if " must " in text else text


def _place(error):
    """Where an error comes from, for people: the last lines of skmmrec and of all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if "skmmrec" in f.filename] or frames
    return " < ".join(
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in (frames[-1], ours[-1])
    )


def fuzz(name, folder, options):
    """Fuzz a target until the time is over; does not return."""
    with tempfile.TemporaryDirectory() as scratch:
        with atheris.instrument_imports(include=READERS):
            seeds, read, errors = TARGETS[name](scratch)
        for number, seed in enumerate(seeds):
            Path(folder, "corpus", f"seed-{number}").write_bytes(seed)
        counts, noted = Counter(), time.monotonic()

        def fault(error, what, data):
            kind = f"{type(error).__name__} at {_place(error)}"
            file = Path(
                folder, f"fault-{hashlib.sha256(kind.encode()).hexdigest()[:8]}"
            )
            if not file.exists():
                file.write_bytes(data)
                text = f"{kind}: {what}"[:LONGEST]
                file.with_suffix(".txt").write_text(text, errors="replace")

        def once(data):
            nonlocal noted
            if not data:
                return
            try:
                read(data)
                result = "read"
            except errors as error:
                result = "refused"
                if name != "npy" and (unclear := _unclear(error)):
                    fault(error, f"no clear sentence, {unclear}", data)
            except Exception as error:
                result = "faults"
                fault(error, str(error), data)
            counts[result] += 1
            if time.monotonic() > noted + 1:
                noted = time.monotonic()
                Path(folder, f"counts-{os.getpid()}").write_text(json.dumps(counts))

        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ResourceWarning)
        corpus, prefix = str(Path(folder, "corpus")), f"{folder}/died-"
        atheris.Setup([name, *options, f"-artifact_prefix={prefix}", corpus], once)
        atheris.Fuzz()


# -- the process that watches ----------------------------------------------------------


def run(name, folder, seconds, seed):
    """Fuzz a target in other processes; what came of it, as a line for people."""
    Path(folder, "corpus").mkdir(parents=True, exist_ok=True)
    end, executions, covered, n_died = time.monotonic() + seconds, 0, 0, 0
    while (left := round(end - time.monotonic())) > 0:
        options = [f"-max_total_time={left}", f"-seed={seed + n_died + 1}", *LIMITS]
        command = [sys.executable, __file__, name, "--inside", str(folder), *options]
        root = Path(__file__).parents[1]
        environment = os.environ | {"PYTHONPATH": str(root), "OMP_NUM_THREADS": "1"}
        with open(Path(folder, f"log-{n_died}"), "wb") as log:
            rc = subprocess.run(command, stderr=log, env=environment).returncode
        text = Path(folder, f"log-{n_died}").read_text(errors="replace")
        steps = re.findall(r"^#(\d+)\s.*?cov: (\d+)", text, flags=re.MULTILINE)
        if not steps:
            raise SystemExit(f"{name} does not start:\n{text[-3000:]}")
        executions += int(steps[-1][0])
        covered = max(covered, int(steps[-1][1]))
        if rc == 0:
            break
        n_died += 1
    counts = Counter()
    for file in Path(folder).glob("counts-*"):
        counts.update(json.loads(file.read_text()))
    faults = sorted(file.read_text() for file in Path(folder).glob("fault-*.txt"))
    shares = ", ".join(f"{n} {counts[n] / counts.total():.0%}" for n in sorted(counts))
    print(
        f"{name:<9} {executions:>9,} executions in {seconds} s, {covered:,} edges, "
        f"{shares}; {len(faults)} faults, {n_died} deaths",
        flush=True,
    )
    for what in faults:
        print(f"    FAULT {what}", flush=True)
    inputs = [*Path(folder).glob("died-*"), *Path(folder).glob("fault-????????")]
    for file in inputs[:SHOWN]:
        encoded = base64.b85encode(file.read_bytes()).decode()
        print(f"    {file.name} in base 85: {encoded[:1000]}", flush=True)
    return len(faults) + n_died


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("targets", nargs="*", default=list(TARGETS), metavar="TARGET")
    parser.add_argument("--seconds", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", metavar="FOLDER")
    parser.add_argument("--inside", help=argparse.SUPPRESS)
    arguments, options = parser.parse_known_args()
    if arguments.inside:
        fuzz(arguments.targets[0], arguments.inside, options)
    n_wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name in arguments.targets:
            folder = Path(arguments.keep or scratch, name)
            n_wrong += run(name, folder, arguments.seconds, arguments.seed)
    raise SystemExit(bool(n_wrong))


if __name__ == "__main__":
    main()
