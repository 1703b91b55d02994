"""One look for all progress bars: how many, how fast, how much longer."""

from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)


class _RateColumn(ProgressColumn):
    """Steps in a second."""

    def render(self, task):
        rate = task.finished_speed or task.speed
        return "" if rate is None else f"{rate:,.1f}/s"


@contextmanager
def progress(description, total, show):
    """A progress bar, or nothing.

    Parameters
    ----------
    description : str
    total : int
    show : bool

    Yields
    ------
    advance : callable
        Takes the number of steps that were done.
    """
    if not show:
        yield lambda n_steps: None
        return
    columns = [
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeRemainingColumn(),
    ]
    with Progress(*columns) as bar:
        task = bar.add_task(description, total=total)
        yield lambda n_steps: bar.advance(task, n_steps)
