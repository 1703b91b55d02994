"""The model that is served at the moment, and its replacement by another."""

import asyncio
import logging

from skmmrec.service._served import Query

LOGGER = logging.getLogger("uvicorn.error")


class ReloadFailed(Exception):
    """The new model cannot be served; the earlier one still is."""


class Holder:
    """Holds what is served; requests take `current` once and stay with it.

    Parameters
    ----------
    served : Served
    load : callable or None
        Returns a Served anew; None: there is nothing to reload from.
    metrics : Metrics
    """

    def __init__(self, served, load, metrics):
        self.current, self.load, self.metrics = _tried(served), load, metrics
        self.last = "none yet"
        self._lock = asyncio.Lock()
        metrics.show(served)

    async def reload(self):
        """Load in a thread, try it, and only then swap.

        Raises
        ------
        ReloadFailed
            With the reason, in one sentence.
        """
        async with self._lock:
            try:
                served = await asyncio.to_thread(lambda: _tried(self.load()))
            except Exception as error:  # whatever a file can do; the old one serves on
                self.metrics.reloads.labels("failed").inc()
                self.last = f"failed, the earlier model still serves: {error}"
                LOGGER.error("Reload %s", self.last)
                raise ReloadFailed(f"Reload {self.last}") from error
            self.current, self.last = served, "ok"
            self.metrics.reloads.labels("ok").inc()
            self.metrics.show(served)
            LOGGER.info(
                "Reloaded: %s items, version %s", len(served.items), served.version
            )


def _tried(served):
    """The same, after a first answer: which also fills what is computed once."""
    served.recommend([Query(None, 1)])
    return served
