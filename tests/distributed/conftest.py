"""Spark on this machine: in one process, and as a master with workers."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest


def _stop():
    session = pytest.importorskip("pyspark.sql").SparkSession.getActiveSession()
    if session is not None:
        session.stop()


def _session(master, **settings):
    """A session of little memory, the only one of this process; it starts slowly."""
    sql = pytest.importorskip("pyspark.sql")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        pytest.skip("Spark needs Java, which is not installed")
    active = sql.SparkSession.getActiveSession()
    if active is not None and active.sparkContext.master == master:
        return active
    _stop()
    os.environ.update(PYSPARK_PYTHON=sys.executable, SPARK_LOCAL_IP="127.0.0.1")
    builder = sql.SparkSession.builder.master(master)
    settings = {
        "spark.driver.memory": "1g",
        "spark.driver.host": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.shuffle.partitions": "2",
    } | settings
    for name, value in settings.items():
        builder = builder.config(name, value)
    spark = builder.getOrCreate()
    spark.sparkContext.setLogLevel("OFF")
    return spark


@pytest.fixture(scope="module")
def spark():
    """Two threads of this process, for all modules."""
    return _session("local[2]")


@pytest.fixture(scope="package", autouse=True)
def _stopped_at_last():
    yield
    if "pyspark" in sys.modules:
        _stop()


def _free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def _wait_for(is_so, what, seconds=60):
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end, f"{what} took more than {seconds} s"
        time.sleep(0.05)


class Cluster:
    """A standalone master and two workers of one core, processes on loopback."""

    def __init__(self, folder):
        self.folder, self.processes = folder, []
        self.master = f"spark://127.0.0.1:{_free_port()}"
        host = ["--host", "127.0.0.1", "--webui-port", "0"]
        port = ["--port", self.master.rpartition(":")[2]]
        self._start("master.Master", *host, *port)
        _wait_for(lambda: "I have been elected" in self._log(0), "The master")
        worker = [*host, "-c", "1", "-m", "1g", "-d", str(folder / "work")]
        for _ in range(2):
            self._start("worker.Worker", *worker, self.master)
        for number in (1, 2):
            _wait_for(
                lambda: "Successfully registered" in self._log(number),  # noqa: B023
                "A worker",
            )

    def _log(self, number):
        return (self.folder / f"{number}.log").read_text()

    def _start(self, name, *arguments):
        import pyspark

        command = Path(pyspark.__file__).parent / "bin" / "spark-class"
        with open(self.folder / f"{len(self.processes)}.log", "w") as log:
            process = subprocess.Popen(
                [command, f"org.apache.spark.deploy.{name}", *arguments],
                env={**os.environ, "SPARK_DAEMON_MEMORY": "256m"},
                start_new_session=True,  # with its executors a group of its own
                stdout=log,
                stderr=log,
            )
        self.processes.append(process)

    def kill(self, number):
        """A worker and its executor die at once, as when the power fails."""
        process = self.processes[number]
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def close(self):
        for number in reversed(range(len(self.processes))):
            self.kill(number)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    pytest.importorskip("pyspark")
    if os.name != "posix":
        pytest.skip("Workers are killed by a signal that only POSIX has")
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    cluster = Cluster(tmp_path_factory.mktemp("spark"))
    yield cluster
    cluster.close()


@pytest.fixture(scope="module")
def cluster_spark(cluster):
    """A session on two workers."""
    yield _session(
        cluster.master,
        **{
            "spark.executor.memory": "512m",
            "spark.scheduler.minRegisteredResourcesRatio": "1.0",
            "spark.default.parallelism": "8",
        },
    )
    _stop()
