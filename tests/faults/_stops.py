"""Stops in the midst of a call: at any line of skmmrec that it goes through."""

import sys
from contextlib import contextmanager
from pathlib import Path

import joblib

import skmmrec

ROOT = str(Path(skmmrec.__file__).parent)


@contextmanager
def _tracing(on_line):
    """Call `on_line` with each line of skmmrec, before it is run."""

    def trace(frame, event, argument):
        if not frame.f_code.co_filename.startswith(ROOT):
            return None
        if event == "line":
            on_line((frame.f_code.co_filename, frame.f_lineno))
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(before)


def lines_of(call):
    """The distinct lines that a call goes through, in the order of their first time."""
    lines = {}
    with _tracing(lambda line: lines.setdefault(line)):
        call()
    return list(lines)


def stop_at(line, call, error=KeyboardInterrupt):
    """Make a call that an error ends before a line is run; whether it did."""

    def on_line(now):
        if now == line:
            raise error

    try:
        with _tracing(on_line):
            call()
    except error:
        return True
    return False


def state_of(estimator):
    """What an estimator holds, to the last bit of its arrays."""
    return set(vars(estimator)), joblib.hash(vars(estimator))
