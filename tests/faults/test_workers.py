"""Workers that are killed, as by a system that is out of memory."""

import os
import signal
from pathlib import Path

import pytest
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn.model_selection import GridSearchCV

from skmmrec import ItemKNNRecommender, LeaveLastOut
from skmmrec.testing import checkerboard


class KilledRecommender(ItemKNNRecommender):
    """Kills its process, as long as there is a file that says so."""

    def __init__(self, marker=None, n_neighbors=5):
        super().__init__(n_neighbors=n_neighbors)
        self.marker = marker

    def _fit(self, R, items, users):
        if Path(self.marker).exists():
            os.kill(os.getpid(), signal.SIGKILL)
        super()._fit(R, items, users)


@pytest.fixture(autouse=True)
def _no_workers_left():
    yield
    get_reusable_executor().shutdown()


def test_a_search_whose_worker_is_killed_says_so_and_can_be_run_again(tmp_path):
    marker = tmp_path / "kill"
    marker.touch()
    model, (X, _) = KilledRecommender(str(marker)), checkerboard()
    search = GridSearchCV(model, {"n_neighbors": [2, 5]}, cv=LeaveLastOut(), n_jobs=2)
    with pytest.raises(TerminatedWorkerError):
        search.fit(X)
    assert not hasattr(search, "best_estimator_")
    assert not hasattr(model, "seen_")
    marker.unlink()
    assert search.fit(X).best_estimator_.recommend([0], k=5).shape == (1, 5)
