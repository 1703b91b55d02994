"""The command ``skmmrec serve``: a model from a folder, by uvicorn."""

import asyncio
import os
import signal
import socket
from contextlib import suppress
from functools import partial
from pathlib import Path

import uvicorn
from threadpoolctl import threadpool_limits

from skmmrec.persistence import load
from skmmrec.service._app import create_app
from skmmrec.service._catalogue import read_items
from skmmrec.service._holder import ReloadFailed

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
TOKEN = "SKMMREC_TOKEN"  # noqa: S105  the variable that has it
WATCHED = 2.0  # seconds between two looks at the files


def _check_address(host, port):
    """Refuse one that cannot be had, before a model is loaded for it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except (OSError, OverflowError) as error:
        raise ValueError(
            f"host and port must be free to listen on; got {host!r} and {port}: "
            f"{error}; pass another --host or --port."
        ) from error


def _load(path, items, trusted):
    """The model and the table of items, as they are on disk now."""
    return load(path, trusted=trusted), None if items is None else read_items(items)


def _stamp(paths):
    """What changes with the files: times and sizes, also of those in a folder."""
    stamps = []
    for path in paths:
        for file in [path, *sorted(path.rglob("*"))] if path.is_dir() else [path]:
            try:
                status = file.stat()
            except OSError:  # replaced right now: the next look sees it
                continue
            stamps.append((str(file), status.st_mtime_ns, status.st_size))
    return stamps


async def _reload(holder):
    with suppress(ReloadFailed):  # logged there, and told by /health
        await holder.reload()


async def _watch(paths, holder):
    """Reload once files have changed, and have then been left alone for a while."""
    served = before = await asyncio.to_thread(_stamp, paths)
    while True:
        await asyncio.sleep(WATCHED)
        now = await asyncio.to_thread(_stamp, paths)
        if now != served and now == before:
            served = now
            await _reload(holder)
        before = now


async def _run(app, config, watched):
    loop, tasks = asyncio.get_running_loop(), set()

    def start(work):
        task = loop.create_task(work)
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    holder = app.state.holder
    if hasattr(signal, "SIGHUP"):
        loop.add_signal_handler(signal.SIGHUP, lambda: start(_reload(holder)))
    if watched:
        start(_watch(watched, holder))
    await uvicorn.Server(config).serve()
    for task in tasks:
        task.cancel()


def serve(path, *, host, port, token, items, trusted, watch, limits, **columns):
    """Serve a saved model until the process is told to end.

    Parameters
    ----------
    path : str
        What `skmmrec.save` has written.
    host : str
    port : int
    token : str or None
        None: that of the environment variable ``SKMMREC_TOKEN``, if any.
    items : str or None
        File of the table of items.
    trusted : list of str
        Further types that the model may hold, as `skmmrec.load` takes them.
    watch : bool
        Whether to reload when a file changes.
    limits : Limits
    **columns : dict
        `title`, `image`, `audio`, `root`, `retriever`, as `create_app` takes them.

    Raises
    ------
    ValueError
        If others could call the service, and there is no token; or if somebody else
        listens there.
    """
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)  # until there is a model
    token = token or os.environ.get(TOKEN) or None
    is_local = host in LOOPBACK
    if not is_local and token is None:
        raise ValueError(
            f"A service that others can reach must have a token; got host={host!r} and "
            f"none; pass --token, or set {TOKEN}, or leave the host at 127.0.0.1."
        )
    _check_address(host, port)
    if columns["root"] is None and items is not None:
        columns["root"] = Path(items).resolve().parent
    # calls run side by side: threads inside of each would wait for one another
    threadpool_limits(1)
    read = partial(_load, path, items, trusted)
    app = create_app(
        *read(),
        reload=read,
        token=token,
        hosts=None if token else {*LOOPBACK, "[::1]"},
        limits=limits,
        **columns,
    )
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        access_log=False,  # /metrics counts them
        server_header=False,
        timeout_keep_alive=75,  # longer than proxies keep an idle connection
        timeout_graceful_shutdown=int(limits.timeout) + 1,
    )
    watched = [Path(path), *([Path(items)] if items else [])] if watch else []
    with suppress(KeyboardInterrupt):  # uvicorn raises it anew once it has ended well
        asyncio.run(_run(app, config, watched))
