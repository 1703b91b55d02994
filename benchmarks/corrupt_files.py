"""Thousands of damaged models: each is refused, or gives the answers it always gave.

Saves models of several kinds, then damages them: bytes flipped, parts truncated,
extended, emptied, removed, exchanged with one another or with those of another model.
Each is loaded, into memory or mapped, and asked for recommendations. Counted as
failures: another answer, an error that is not ours, any code run (imports through
pickle, processes, sockets), and a process that dies.

With --forged, damage is done as an attacker would, who then makes all hashes fit: the
model may give other answers or fail, but nothing may die or run code.
Usage: python benchmarks/corrupt_files.py [N_FILES] [--seed S] [--forged]
"""

import argparse
import io
import json
import re
import resource
import shutil
import sys
import tempfile
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from zipfile import ZipFile

import numpy as np

import skmmrec
from skmmrec import ModelFileError

MEMORY_LIMIT = 6 * 2**30  # of addresses, in bytes
N_AT_ONCE = 100
FORBIDDEN = {"os.exec", "os.posix_spawn", "os.system", "subprocess.Popen"}
FORBIDDEN |= {"pickle.find_class", "socket.connect", "os.remove", "shutil.rmtree"}


def events(n_users=600, n_items=300, seed=0):
    """Events of people with names and of items with texts and numbers."""
    rng = np.random.default_rng(seed)
    users, items = rng.integers(0, n_users, 4000), rng.integers(0, n_items, 4000)
    table = {
        "item": np.arange(n_items),
        "title": [f"no {n} {'ghost' if n % 3 else 'ship'}" for n in range(n_items)],
        "price": rng.random(n_items),
    }
    names = [f"Zoë {user}" for user in users]
    return skmmrec.Interactions({"user": names, "item": items}, items=table)


def models():
    """(name, fitted model), each with parts of other kinds."""
    branches = [
        ("text", skmmrec.SparseTextEncoder(n_components=4, random_state=0), "title"),
        ("price", skmmrec.TabularEncoder(), ["price"]),
    ]
    fusion = skmmrec.MultimodalFusion(branches)
    forest = skmmrec.ForestFusion(n_estimators=40, random_state=0)
    yield (
        "als",
        skmmrec.make_pipeline(fusion, skmmrec.ALSRecommender(64, random_state=0)),
    )
    yield "knn", skmmrec.make_pipeline(fusion, skmmrec.ItemKNNRecommender())
    yield (
        "forest",
        skmmrec.make_pipeline(
            skmmrec.MultimodalFusion(branches, method=forest),
            skmmrec.ContentRecommender(),
        ),
    )
    yield "network", skmmrec.NeuralRecommender(32, max_iter=1, random_state=0)


def answers(model):
    """What a model says, in full."""
    users = [f"Zoë {user}" for user in range(0, 600, 40)]
    items, scores = model.recommend(users, k=10, return_scores=True)
    return items.tolist(), scores.tobytes(), model.similar_items([3], k=5).tolist()


def save_all(folder):
    """Paths of saved models, and what each answers."""
    X, known = events(), {}
    for name, model in models():
        path = Path(folder, name)
        fitted = model.fit(X)
        skmmrec.save(fitted, path)
        known[name] = answers(fitted)
    return known


def _files(path):
    return sorted(file for file in path.rglob("*") if file.is_file())


def _written(file, data):
    file.write_bytes(bytes(data))


def damaged(path, others, rng):
    """Damage a saved model in one way; what was done, for people."""
    files = _files(path)
    file = files[rng.integers(len(files))]
    if rng.random() < 0.25:  # it is small, and decides on all others
        file = path / "manifest.json"
    data = bytearray(file.read_bytes())
    way = ["flip", "flip", "cut", "extend", "remove", "swap", "exchange", "zero"]
    way = way[rng.integers(len(way))]
    if way == "flip":
        for place in rng.integers(len(data), size=rng.integers(1, 9)):
            data[place] ^= 1 << rng.integers(8)
        _written(file, data)
    elif way == "cut":
        _written(file, data[: rng.integers(len(data))])
    elif way == "extend":
        _written(file, data + rng.bytes(rng.integers(1, 99)))
    elif way == "zero":
        start = rng.integers(len(data))
        data[start : start + 64] = bytes(len(data[start : start + 64]))
        _written(file, data)
    elif way == "remove":
        file.unlink()
    elif way == "swap":
        other = files[rng.integers(len(files))]
        first, second = file.read_bytes(), other.read_bytes()
        _written(file, second)
        _written(other, first)
    else:
        theirs = _files(others[rng.integers(len(others))])
        same = [other for other in theirs if other.name == file.name] or theirs
        shutil.copy(same[rng.integers(len(same))], file)
    return f"{way} {file.relative_to(path)}"


def _forged_structure(data, rng):
    """A structure of which one number or one text is another."""
    with ZipFile(io.BytesIO(data)) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    schema = entries["schema.json"].decode()
    values = list(re.finditer(r'(?<=": )("[^"]*"|-?\d+|null|true)', schema))
    one, other = (values[place] for place in rng.integers(len(values), size=2))
    new = other.group()
    if one.group()[0] in "-0123456789":
        new = str(rng.choice([-1, 0, 2**31, 2**63, int(rng.integers(100))]))
    schema = schema[: one.start()] + new + schema[one.end() :]
    entries["schema.json"] = schema.encode()
    with io.BytesIO() as file:
        with ZipFile(file, "w") as archive:
            for entry, content in entries.items():
                archive.writestr(entry, content)
        return file.getvalue()


def forged(path, others, rng):
    """Change a part of a saved model, and all hashes with it; what was done."""
    manifest = json.loads((path / "manifest.json").read_text())
    content = manifest["content"]
    parts = content["parts"]
    name = "structure.skops"
    if rng.random() < 0.5:
        name = sorted(parts)[rng.integers(len(parts))]
    file = path / content["folder"] / name
    data = bytearray(file.read_bytes())
    if name == "structure.skops":
        data = _forged_structure(bytes(data), rng)
    else:
        for place in rng.integers(len(data), size=rng.integers(1, 9)):
            data[place] = rng.integers(256)
    _written(file, data)
    parts[name] = {"size": len(data), "sha256": sha256(data).hexdigest()}
    text = json.dumps(content, sort_keys=True).encode()
    manifest = {"sha256": sha256(text).hexdigest(), "content": content}
    (path / "manifest.json").write_text(json.dumps(manifest))
    return f"forge {name}"


def _watch(ran):
    """Note what is done besides computing, as Python's audit tells it."""

    def hook(event, arguments):
        if event in FORBIDDEN and ran is not None:
            ran.append(f"{event} {arguments[:2]}")

    sys.addaudithook(hook)


def outcome(path, known, mmap, ran):
    """How a model that may be damaged is met; anything but the first two is wrong."""
    del ran[:]
    try:
        model = skmmrec.load(path, mmap=mmap)
        said = answers(model)
    except ModelFileError as error:
        result = "refused"
        if "\n" in str(error):
            result = "refused in more than one line"
    except Exception as error:
        result = f"{type(error).__name__}: {error}"[:200]
    else:
        result = "same answer" if said == known else "another answer"
    return f"ran {ran}" if ran else result


def _outcomes(folder, known, seeds, change):
    """Of models that are damaged by these seeds, in a process of its own."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_LIMIT, MEMORY_LIMIT))
    warnings.simplefilter("ignore")
    ran, paths = [], sorted(Path(folder, name) for name in known)
    for path in paths:  # what is imported is imported now
        answers(skmmrec.load(path))
    _watch(ran)
    results = []
    with tempfile.TemporaryDirectory() as scratch:
        for seed in seeds:
            rng = np.random.default_rng(seed)
            path = paths[rng.integers(len(paths))]
            copy = Path(scratch, str(seed))
            shutil.copytree(path, copy)
            did = change(copy, paths, rng)
            mmap = bool(rng.integers(2))
            results.append((did, outcome(copy, known[path.name], mmap, ran)))
            shutil.rmtree(copy)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("n_files", nargs="?", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--forged", action="store_true")
    options = parser.parse_args()
    change = forged if options.forged else damaged
    fine = {"refused", "same answer"}
    total, failures = Counter(), []
    with tempfile.TemporaryDirectory() as folder:
        known = save_all(folder)
        seeds = range(options.seed, options.seed + options.n_files)
        for start in range(0, len(seeds), N_AT_ONCE):
            some = seeds[start : start + N_AT_ONCE]
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                task = pool.submit(_outcomes, folder, known, some, change)
                try:
                    results = task.result()
                except BrokenProcessPool:
                    results = [("seeds", f"died at one of {some}")] * len(some)
            for seed, (did, result) in zip(some, results):
                way = did.partition(" ")[0]
                harmless = options.forged and not result.startswith(("ran", "died"))
                total[way, result if result in fine or not harmless else "other"] += 1
                if result not in fine and not harmless:
                    failures.append(f"seed {seed}, {did}: {result}")
    for (way, result), count in sorted(total.items()):
        print(f"{way:10} {result:20} {count}")
    print(*failures, sep="\n")
    print(f"{options.n_files} models, {len(failures)} failures")
    sys.exit(bool(failures))


if __name__ == "__main__":
    main()
