"""Batches encoded side by side, one core each.

Two batches on a core each are faster than one batch on two cores, and while one batch
is decoded another is in the network: measured in benchmarks/encoders.py.
"""

import os
import sys
import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from joblib import cpu_count

MOST_STREAMS = 8  # each holds a batch in memory


def n_cores():
    """Cores that this process may use: in a worker of joblib, its share of them."""
    limit = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0]
    return max(1, min(cpu_count(), int(limit) if limit.isdigit() else cpu_count()))


_LOCK = threading.Lock()
_BEFORE = []  # threads of torch before; one entry for each call that is under way


@contextmanager
def _shared_cores(n_streams):
    """Let torch, if it is there, use an equal share of the cores in every stream.

    Yields
    ------
    start : callable
        To be called in each thread; None where there is no torch.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        yield None
        return
    with _LOCK:
        _BEFORE.append(_BEFORE[0] if _BEFORE else torch.get_num_threads())
    try:
        yield lambda: torch.set_num_threads(max(1, n_cores() // n_streams))
    finally:
        with _LOCK:
            before = _BEFORE.pop()
            if not _BEFORE:  # it is a setting of the process as well
                torch.set_num_threads(before)


def side_by_side(function, items, n_items):
    """Results of a function in the order of the items, computed in threads.

    Items are taken only as they are needed, and results wait for nobody: what is in
    memory does not grow with their number.

    Parameters
    ----------
    function : callable
    items : iterable
    n_items : int
        How many there are at most: a single one has all cores.

    Yields
    ------
    result : object
    """
    n_streams = min(n_cores(), n_items, MOST_STREAMS)
    if n_streams < 2:
        yield from map(function, items)
        return
    pending = deque()
    with (
        _shared_cores(n_streams) as start,
        ThreadPoolExecutor(n_streams, "skmmrec", initializer=start) as pool,
    ):
        try:
            for item in items:
                pending.append(pool.submit(function, item))
                if len(pending) > n_streams:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()
