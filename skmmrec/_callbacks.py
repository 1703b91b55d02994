"""scikit-learn's callbacks: a fit is a task, and what it goes through are tasks below.

Callbacks follow the tasks, may ask for the estimator as it would be, had the fit ended
there, and may end a loop. Without any, all of this is a few empty loops.
"""

from contextlib import contextmanager, nullcontext

from sklearn.callback import CallbackSupportMixin

from skmmrec._atomic import AllOrNothingMixin
from skmmrec._sklearn import callback_management


class CallbackMixin(AllOrNothingMixin, CallbackSupportMixin):
    """Lets callbacks follow `fit`, which is all or nothing; before `BaseEstimator`.

    `fit` does its work in ``with self._fit_task(...)``: there its loops go through
    `self._iterations(...)`, and others are fitted in ``with self._subtask(...)``.
    """

    def _n_tasks(self):
        """How many tasks `fit` has right below it, at most; None if none can tell."""
        return getattr(self, "max_iter", 0)

    @contextmanager
    def _fit_task(self, X, y=None):
        """The task of a whole fit, of X and y; yields its context."""
        with callback_management(self):
            task = self._init_callback_context(max_subtasks=self._n_tasks())
            self._told = {"estimator": self, "X": X, "y": y}
            try:
                task.call_on_fit_task_begin(**self._told)
                yield task
                done = {"_told": None}
                task.call_on_fit_task_end(**self._told, reconstruction_attributes=done)
            finally:
                del self._told

    def _iterations(self, n, attributes=dict, *, task=None, until=lambda: False):
        """`n_iter_` from 1 to n, each a task, until one after which is to be stopped.

        Parameters
        ----------
        n : int
        attributes : callable
            What the estimator had learned, if it were to end there; what it has already
            may be left out.
        task : CallbackContext, default=None
            The task above; None is the fit.
        until : callable
            Whether to stop, asked after each iteration as callbacks are.
        """
        task = self._callback_fit_ctx if task is None else task
        for number in range(1, n + 1):
            iteration = task.subcontext("iteration")
            iteration.call_on_fit_task_begin(**self._told)
            self.n_iter_ = number
            yield number
            stop = iteration.call_on_fit_task_end(
                **self._told,
                reconstruction_attributes=lambda: self._ended(attributes()),
            )
            if stop or until():
                return

    def _ended(self, attributes):
        """Attributes of this estimator, had its fit ended with these."""
        return attributes | {"_told": None}

    @contextmanager
    def _subtask(self, task, estimator=None):
        """A task; callbacks are handed on to the estimator, if any, fitted in it."""
        handed = nullcontext()
        if estimator is not None:
            handed = task.propagate_callback_context(estimator)
        with handed:
            task.call_on_fit_task_begin(**self._told)
            yield task
            task.call_on_fit_task_end(**self._told)
