"""The Spark session that everything here works in."""

import atexit
import os
import shutil
import sys
import tempfile

from skmmrec._optional import optional_import


def is_spark_frame(table):
    """Whether this is a DataFrame of Spark, without importing it."""
    return any(
        cls.__name__ == "DataFrame" and cls.__module__.startswith("pyspark.")
        for cls in type(table).__mro__
    )


def spark_session():
    """The active session, or a new one where there is none.

    A new one is as ``SparkSession.builder.getOrCreate()`` makes it: on the machine that
    it is asked on, unless the environment or spark-submit say otherwise.

    Returns
    -------
    spark : pyspark.sql.SparkSession

    Raises
    ------
    ImportError
        If pyspark is not installed.
    RuntimeError
        If there is neither a session nor a Java to start one.
    """
    SparkSession = optional_import("pyspark.sql", extra="spark").SparkSession
    optional_import("pyarrow", extra="spark")
    active = SparkSession.getActiveSession()
    if active is not None:
        return with_this_python(active)
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise RuntimeError(
            "Spark must find Java 17 or newer; got neither the variable JAVA_HOME nor "
            "a program java; install one, such as a package openjdk-17-jre-headless."
        )
    return with_this_python(SparkSession.builder.appName("skmmrec").getOrCreate())


def with_this_python(spark):
    """The session; on one machine its workers run the Python that runs here.

    Spark takes the first ``python3`` that it finds, which need not be that of a virtual
    environment, unless the variable ``PYSPARK_PYTHON`` names another.
    """
    context = getattr(spark, "sparkContext", None)  # Spark Connect has none
    is_here = context is not None and context.master.startswith("local")
    if is_here and "PYSPARK_PYTHON" not in os.environ:
        context.pythonExec = sys.executable
    return spark


def give_checkpoints(spark):
    """Give a session on one machine a folder for checkpoints, if it has none.

    An iteration adds to the plan of the one before, until the JVM's stack overflows as
    the plan is sent to the workers; a checkpoint cuts it. Only the user of a cluster
    knows a place that all of its machines see.

    Parameters
    ----------
    spark : SparkSession
    """
    context = spark.sparkContext
    if context.getCheckpointDir() is None and context.master.startswith("local"):
        folder = tempfile.mkdtemp(prefix="skmmrec-spark-")
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        context.setCheckpointDir(folder)
