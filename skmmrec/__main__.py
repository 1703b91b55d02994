"""The command ``skmmrec``, also ``python -m skmmrec``."""

import argparse
import sys

from skmmrec._version import __version__


def _demo(arguments):
    from skmmrec.demo import run_demo  # only now: --help must not wait for numpy

    run_demo(arguments.movielens, arguments.output, arguments.n_jobs)


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
        0, or 1 after an error, which is printed in one line.
    """
    arguments = _parser().parse_args(arguments)
    try:
        arguments.run(arguments)
    except (ImportError, OSError, ValueError) as error:
        print(f"skmmrec: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
