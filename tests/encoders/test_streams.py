"""Batches side by side: in order, lazily, and without a trace."""

import threading
import time

import pytest

from skmmrec.encoders import _streams
from skmmrec.encoders._streams import n_cores, side_by_side


@pytest.fixture(autouse=True)
def _four_cores(monkeypatch):
    monkeypatch.setattr(_streams, "cpu_count", lambda: 4)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)


def test_results_come_in_order_from_several_threads():
    names = set()

    def square(number):
        names.add(threading.current_thread().name)
        time.sleep(0.01 * (number % 3))
        return number**2

    assert list(side_by_side(square, range(20), 20)) == [n**2 for n in range(20)]
    assert len(names) == 4
    assert all(name.startswith("skmmrec") for name in names)


def test_items_are_taken_only_as_they_are_needed():
    taken = []
    results = side_by_side(
        lambda item: item, (taken.append(n) or n for n in range(1000)), 1000
    )
    assert next(results) == 0
    assert len(taken) <= 6
    results.close()
    assert len(taken) <= 6


def test_an_error_ends_it_and_is_the_first():
    def fail(number):
        if number >= 3:
            raise ValueError(f"number {number}")
        return number

    results = side_by_side(fail, range(100), 100)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ValueError, match="number 3"):
        next(results)


def test_a_single_batch_stays_in_its_thread():
    (name,) = side_by_side(lambda _: threading.current_thread().name, [0], 1)
    assert name == threading.current_thread().name


def test_torch_has_its_threads_back_afterwards():
    torch = pytest.importorskip("torch")
    before = torch.get_num_threads()
    used = list(side_by_side(lambda _: torch.get_num_threads(), range(8), 8))
    assert set(used) == {1}
    assert torch.get_num_threads() == before
    later = []
    thread = threading.Thread(target=lambda: later.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert later == [before]


@pytest.mark.parametrize(
    ("limit", "cores"), [("1", 1), ("2,1", 2), ("16", 4), ("all", 4), ("0", 1)]
)
def test_the_limit_of_a_worker_is_kept(limit, cores, monkeypatch):
    """Joblib gives each of its workers a share of the cores."""
    monkeypatch.setenv("OMP_NUM_THREADS", limit)
    assert n_cores() == cores
