"""Requests a second, and how long they take, of `skmmrec serve`, under wrk's load.

A recommender of 20,000 users and 10,000 items (64 factors, a million random events) is
saved and served by a process of its own; wrk asks it, on the same machine, for ten
items of random users. Beside it: ``/health``, which is what HTTP alone costs here, and
the service with no request joined with others. Then a model is loaded anew every five
seconds (SIGHUP) under the same load, and failed requests are counted. Memory is the
resident memory of the service, after 10 seconds and at the end.
Needs wrk (Debian's package of that name).
Usage: python benchmarks/service.py [--seconds N] [--connections N]
"""

import argparse
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np

import skmmrec
from skmmrec import ALSRecommender, Interactions

N_USERS, N_ITEMS, N_EVENTS, WIDTH = 20_000, 10_000, 1_000_000, 64
ASK = """
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
request = function()
  local user = math.random(0, {n_users} - 1)
  return wrk.format(nil, "/recommend", nil, '{{"user": ' .. user .. ', "k": 10}}')
end
"""


def saved_model(folder):
    rng = np.random.default_rng(0)
    events = {
        "user": rng.integers(0, N_USERS, N_EVENTS),
        "item": (N_ITEMS * rng.power(0.4, N_EVENTS)).astype(np.int64),
    }
    model = ALSRecommender(WIDTH, max_iter=2, random_state=0).fit(Interactions(events))
    skmmrec.save(model, folder / "model")
    return folder / "model"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def answers(url):
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


@contextmanager
def serving(model, *options):
    """Address and process of a service of its own."""
    port = free_port()
    command = [sys.executable, "-m", "skmmrec", "serve", model, "--port", str(port)]
    process = subprocess.Popen([*command, *options], stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        while not answers(url):
            if process.poll() is not None:
                raise RuntimeError("The service has ended.")
            time.sleep(0.1)
        yield url, process
    finally:
        process.terminate()
        process.wait()


def resident(process):
    """Megabytes."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", text)[1]) / 1024


def load(url, seconds, connections, script=None):
    """What wrk says: requests a second, p50 and p99 in ms, failed requests."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency"]
    command += ["--timeout", "30s", *(["-s", str(script)] if script else []), url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    units = {"us": 1e-3, "ms": 1, "s": 1e3}
    p50, p99 = (
        float(number) * units[unit]
        for number, unit in re.findall(r"(?:50|99)%\s+([\d.]+)(us|ms|s)", said)
    )
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])
    failed = re.findall(r"(?:connect|read|write|timeout) (\d+)", said)
    failed += re.findall(r"Non-2xx or 3xx responses: (\d+)", said)
    return rate, p50, p99, sum(map(int, failed))


def show(name, figures, memory):
    rate, p50, p99, failed = figures
    before, after = memory
    print(
        f"{name:34} {rate:8.0f}/s {p50:8.1f} ms {p99:8.1f} ms {failed:6} failed "
        f"{before:7.0f} -> {after:.0f} MB",
        flush=True,
    )


def measured(process, *arguments):
    """`load`, and the memory of the process 10 seconds in and at the end."""
    before = []
    look = threading.Timer(10, lambda: before.append(resident(process)))
    look.start()
    figures = load(*arguments)
    look.cancel()
    return figures, (before[0] if before else resident(process), resident(process))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64])
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit(
            "The load must come from wrk, which is not installed: apt install wrk."
        )
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        model, script = saved_model(folder), folder / "ask.lua"
        script.write_text(ASK.format(n_users=N_USERS))
        most = max(options.connections)
        print(f"{'':34} {'rate':>10} {'p50':>11} {'p99':>11}")
        with serving(model) as (url, process):
            figures = measured(process, f"{url}/health", 10, most)
            show(f"health, {most} connections", *figures)
            for n in options.connections:
                figures = measured(process, url, options.seconds, n, script)
                show(f"recommend, {n} connections", *figures)
            stop = threading.Event()

            def reload():
                while not stop.wait(5):
                    process.send_signal(signal.SIGHUP)

            thread = threading.Thread(target=reload)
            thread.start()
            figures = measured(process, url, options.seconds, 16, script)
            stop.set()
            thread.join()
            show("16 connections, reload every 5 s", *figures)
        with serving(model, "--max-joined", "1") as (url, process):
            figures = measured(process, url, options.seconds, most, script)
            show(f"{most} connections, none joined", *figures)


if __name__ == "__main__":
    main()
