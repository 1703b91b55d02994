"""The command ``skmmrec``, also ``python -m skmmrec``."""

import argparse
import sys
import time

from skmmrec._units import readable
from skmmrec._version import __version__


def _demo(arguments):
    from skmmrec.demo import run_demo  # only now: --help must not wait for numpy

    run_demo(arguments.movielens, arguments.output, arguments.n_jobs)


def _size(text):
    """A number of bytes, such as 500M or 2G."""
    factors = {"K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
    number = text.upper().removesuffix("B")
    factor = factors.get(number[-1:], 1)
    number = number[:-1] if factor > 1 else number
    try:
        size = int(float(number) * factor)
    except (ValueError, OverflowError):
        size = -1
    if size < 0:
        raise argparse.ArgumentTypeError(
            f"must be a size such as 500M or 2G; got {text!r}"
        )
    return size


def _store_info(store, arguments):
    info = store.info()
    print(
        f"{info['folder']}: {info['n_vectors']:,} vectors, "
        f"{readable(info['n_bytes'])} on disk"
    )
    for encoder in info["encoders"]:
        last_used = time.strftime("%Y-%m-%d", time.localtime(encoder["last_used"]))
        print(
            f"  {encoder['n_vectors']:,} x {encoder['width']:,} "
            f"({readable(encoder['n_bytes'])}, last used {last_used}): "
            f"{encoder['description']}"
        )


def _store_verify(store, arguments):
    report = store.verify()
    print(
        f"{report['n_vectors']:,} vectors, {report['n_damaged']:,} damaged; "
        f"database: {report['database']}"
    )
    if report["database"] != "ok":
        print("Remove the folder: everything will be encoded again.")
    elif report["n_damaged"]:
        print("Damaged vectors are never used, and will be encoded again.")
    return int(report["database"] != "ok" or report["n_damaged"] > 0)


def _store_prune(store, arguments):
    n_removed = store.prune(arguments.max_bytes)
    size = readable(store.info()["n_bytes"])
    print(f"{n_removed:,} vectors removed; {size} on disk")


def _store(arguments):
    from skmmrec.encoders import EmbeddingStore

    return arguments.call(EmbeddingStore(arguments.folder), arguments)


def _add_store(commands):
    """`skmmrec store info|verify|prune FOLDER`."""
    about = "look after a store of embeddings"
    store = commands.add_parser("store", help=about, description=about.capitalize())
    actions = store.add_subparsers(required=True, metavar="ACTION")
    for name, call, about in [
        ("info", _store_info, "what it holds, encoder by encoder"),
        ("verify", _store_verify, "read it all and compare with the checksums"),
        ("prune", _store_prune, "forget what was not used for the longest time"),
    ]:
        action = actions.add_parser(name, help=about, description=about.capitalize())
        action.add_argument("folder", metavar="FOLDER")
        action.set_defaults(run=_store, call=call)
    action.add_argument(
        "--max-bytes",
        type=_size,
        required=True,
        metavar="SIZE",
        help="size on disk to come down to, such as 500M or 2G",
    )


def _plugin_lines(table):
    """A line for each component of a table of plug-ins, and one for what is wrong."""
    rows = [dict(zip(table, row)) for row in zip(*table.values())]
    width = max((len(row["name"]) for row in rows), default=0)
    for row in rows:
        extra = row["extra"] and f"[{row['extra']}]"
        origin = f"{row['component']} of {row['package']}{extra} {row['version']}"
        can = ", ".join(row["can"])
        yield f"  {row['name']:{width}}  {origin}" + (can and f": {can}")
        if row["problem"]:
            yield f"    PROBLEM: {row['problem']}"


def _plugins(arguments):
    from skmmrec import plugins

    tables = {kind: plugins.table(kind) for kind in arguments.kinds or plugins.KINDS}
    for kind, table in tables.items():
        print(kind, *_plugin_lines(table), sep="\n")
    return int(any(any(table["problem"]) for table in tables.values()))


def _add_plugins(commands):
    """`skmmrec plugins [KIND ...]`."""
    plugins = commands.add_parser(
        "plugins",
        help="what is installed under which name, from which package",
        description="Lists encoders, fusions, recommenders, retrievers and metrics by "
        "name, with their package, the [extra] of it that they need, and what their "
        "tags tell that they can do. The status is 1 if one of them has a problem.",
    )
    plugins.add_argument(
        "kinds", nargs="*", metavar="KIND", help="such as encoders (default: all)"
    )
    plugins.set_defaults(run=_plugins)


def _positive(text):
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"must be 1 or more; got {text!r}")
    return int(text)


def _seconds(text):
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"must be seconds above 0; got {text!r}")
    return seconds


def _port(text):
    if not (text.isdecimal() and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"must be from 0 to 65535; got {text!r}")
    return int(text)


def _serve(arguments):
    from skmmrec.service import Limits
    from skmmrec.service._command import serve

    options = vars(arguments).copy()
    del options["run"]
    limits = {name: options.pop(name) for name in Limits._fields if name in options}
    serve(options.pop("model"), limits=Limits(**limits), **options)


def _add_serve(commands):
    """`skmmrec serve MODEL`."""
    serve = commands.add_parser(
        "serve",
        help="answer over HTTP, with a page for people",
        description="Serves a saved model: recommendations, searches and reasons as "
        "JSON, described at /openapi.json, and a page for people at /. On SIGHUP, or "
        "POST /reload, it loads the model anew without dropping a request.",
    )
    serve.add_argument("model", metavar="MODEL", help="what skmmrec.save has written")
    add, default = serve.add_argument, "(default: %(default)s)"
    add("--host", default="127.0.0.1", help=f"address to listen on {default}")
    add("--port", type=_port, default=8000, help=default)
    add("--token", help="who asks must have it; also SKMMREC_TOKEN, out of sight of ps")
    add(
        "--items",
        metavar="FILE",
        help="table of the items (.csv, .parquet, .json): titles, pictures, sounds, "
        "and the content that some models need to give reasons",
    )
    add("--title", metavar="COLUMN", help="what an item is called (default: title)")
    add("--image", metavar="COLUMN", help="its picture (default: what the model reads)")
    add("--audio", metavar="COLUMN", help="its sound (default: what the model reads)")
    add("--root", metavar="FOLDER", help="where all media lie (default: beside FILE)")
    add(
        "--retriever",
        metavar="NAME",
        default="exact",
        help=f"how the best items are found: exact, faiss, usearch {default}",
    )
    add(
        "--trust",
        dest="trusted",
        action="append",
        default=[],
        metavar="TYPE",
        help="a type of a plug-in that the model may hold, as module.Name; repeatable",
    )
    add("--watch", action="store_true", help="load anew whenever a file has changed")
    add(
        "--max-bytes",
        type=_size,
        default=10_000_000,
        metavar="SIZE",
        help="largest body of a request, uploads included (default: 10M)",
    )
    add("--max-k", type=_positive, default=100, help=f"longest list {default}")
    add(
        "--timeout",
        type=_seconds,
        default=10.0,
        help=f"seconds for an answer {default}",
    )
    add("--threads", type=_positive, dest="n_threads", default=2, help=default)
    add(
        "--max-joined",
        type=_positive,
        default=64,
        metavar="N",
        help=f"requests that may be answered by one product {default}",
    )
    serve.set_defaults(run=_serve)


def _doctor(arguments):
    from skmmrec.doctor import run_doctor

    return run_doctor(arguments.parts)


def _add_doctor(commands):
    """`skmmrec doctor`."""
    doctor = commands.add_parser(
        "doctor",
        help="what works here, and what to do about the rest",
        description="Imports what is required, in a process of its own, and says what "
        "works, on which device, where things are kept, and what to do about what is "
        "missing. The status is 1 if something that is installed is broken.",
    )
    doctor.add_argument(
        "parts", nargs="*", metavar="PART", help="core or an extra (default: all)"
    )
    doctor.set_defaults(run=_doctor)


def _parser():
    parser = argparse.ArgumentParser(
        prog="skmmrec", description="Multimodal recommendation inside scikit-learn."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    demo = commands.add_parser(
        "demo",
        help="tune, compare and show recommenders, offline",
        description="Tunes a hybrid recommender on a synthetic shop (or MovieLens), "
        "compares it with simpler ones, and writes one HTML page.",
    )
    demo.add_argument(
        "--movielens",
        metavar="FOLDER",
        help="a MovieLens release with content.csv and posters, instead of the shop",
    )
    demo.add_argument(
        "--output",
        metavar="FILE",
        default="skmmrec-demo.html",
        help="where the page is written (default: %(default)s)",
    )
    demo.add_argument(
        "--n-jobs",
        type=int,
        default=2,
        help="processes of the grid search (default: %(default)s)",
    )
    demo.set_defaults(run=_demo)
    _add_store(commands)
    _add_serve(commands)
    _add_doctor(commands)
    _add_plugins(commands)
    return parser


def main(arguments=None):
    """Run the command line.

    Parameters
    ----------
    arguments : list of str, default=None
        None takes those of the process.

    Returns
    -------
    status : int
        0, or 1 after an error, which is printed in one line, and where a store has
        damage, a plug-in a problem, or the doctor found something broken.
    """
    arguments = _parser().parse_args(arguments)
    try:
        status = arguments.run(arguments)
    except (ImportError, OSError, ValueError) as error:
        print(f"skmmrec: {error}", file=sys.stderr)
        return 1
    return status or 0


if __name__ == "__main__":
    sys.exit(main())
