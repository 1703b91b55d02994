"""A bounded number of threads, and a bounded queue before them.

Rankings are products of matrices, which hold no lock of Python: threads suffice, and
share one model. What waits while all threads are busy, and is alike, is answered
together, in one product: so that requests are joined where there are many, and none
waits for another where there are few.
"""

import asyncio
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple


class Overloaded(Exception):
    """The queue is full."""


class Job(NamedTuple):
    """What waits for a thread.

    Parameters
    ----------
    call : callable
        From a list of arguments to the list of their results.
    key : object
        Jobs of one call and one key may be answered together; None: alone.
    argument : object
    future : asyncio.Future
        Of the result.
    """

    call: object
    key: object
    argument: object
    future: asyncio.Future

    def joins(self, other):
        """Whether both may be answered by one call."""
        ours, theirs = (self.call, self.key), (other.call, other.key)
        return self.key is not None and ours == theirs


class Pool:
    """Runs calls in threads, joined where they are alike and have to wait.

    Parameters
    ----------
    n_threads : int
        Calls that run at a time.
    max_waiting : int
        Jobs that may wait for a thread; further ones are refused.
    max_joined : int
        Jobs that are answered by one call at most.
    timeout : float
        Seconds that a job may take, with its time in the queue.
    observe : callable
        Told the number of jobs of each call.
    """

    def __init__(self, n_threads, max_waiting, max_joined, timeout, observe):
        self.n_threads, self.max_waiting = n_threads, max_waiting
        self.max_joined, self.timeout, self.observe = max_joined, timeout, observe
        self._threads = ThreadPoolExecutor(n_threads, "skmmrec")
        self._waiting, self._n_running = deque(), 0

    async def run(self, call, *arguments):
        """The result of one call, in a thread.

        Parameters
        ----------
        call : callable
        *arguments : objects

        Raises
        ------
        Overloaded
            If too many wait.
        TimeoutError
            If it took too long; what runs already ends on its own.
        """
        return await self.run_joined(lambda jobs: [call(*arguments)], None, None)

    async def run_joined(self, call, argument, key):
        """The result of one argument, perhaps with others; see `Job` and `run`."""
        is_busy = self._n_running == self.n_threads
        if is_busy and len(self._waiting) >= self.max_waiting:
            raise Overloaded
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(Job(call, key, argument, future))
        self._start()
        async with asyncio.timeout(self.timeout):
            return await future

    def _start(self):
        """Give work to the threads that have none."""
        while self._n_running < self.n_threads and (jobs := self._next()):
            self._n_running += 1
            self.observe(len(jobs))
            arguments = [job.argument for job in jobs]
            work = self._threads.submit(jobs[0].call, arguments)
            end = partial(self._end, jobs)
            asyncio.wrap_future(work).add_done_callback(end)

    def _next(self):
        """The first job that somebody still waits for, and those that may join it."""
        waiting = [job for job in self._waiting if not job.future.done()]
        jobs = waiting[:1]
        for job in waiting[1:]:
            if len(jobs) < self.max_joined and job.joins(jobs[0]):
                jobs.append(job)
        taken = set(map(id, jobs))
        self._waiting = deque(job for job in waiting if id(job) not in taken)
        return jobs

    def _end(self, jobs, work):
        self._n_running -= 1
        error = work.exception()
        for place, job in enumerate(jobs):
            if job.future.done():  # nobody waits any more
                continue
            if error is None:
                job.future.set_result(work.result()[place])
            else:
                job.future.set_exception(error)
        self._start()

    def close(self):
        """Let the threads end."""
        self._threads.shutdown(wait=False, cancel_futures=True)
