"""The Spark session that everything here works in."""

import os
import shutil

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
        return active
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise RuntimeError(
            "Spark must find Java 17 or newer; got neither the variable JAVA_HOME nor "
            "a program java; install one, such as a package openjdk-17-jre-headless."
        )
    return SparkSession.builder.appName("skmmrec").getOrCreate()
