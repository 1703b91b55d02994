"""What is said where there is no Spark, or no Java."""

import sys

import pytest

from skmmrec import Interactions, SparkALSRecommender
from skmmrec.distributed._session import spark_session


def fit():
    SparkALSRecommender(2).fit(Interactions({"user": [1, 2], "item": [1, 1]}))


def test_without_pyspark_the_extra_is_named(monkeypatch):
    for name in ("pyspark", "pyspark.sql", "pyspark.ml.recommendation"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ImportError, match=r"pip install 'skmmrec\[spark\]'"):
        fit()


def test_without_java_there_is_a_sentence(monkeypatch, tmp_path):
    """In place of a Java gateway that exited before sending its port number."""
    sql = pytest.importorskip("pyspark.sql")
    monkeypatch.setattr(sql.SparkSession, "getActiveSession", lambda: None)
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="must find Java 17.*got neither.*install"):
        fit()


def test_workers_on_this_machine_run_this_python(spark, monkeypatch):
    """Not the first one on the path, which may know nothing of an environment."""
    monkeypatch.delenv("PYSPARK_PYTHON", raising=False)
    monkeypatch.setattr(spark.sparkContext, "pythonExec", "python3")
    assert spark_session().sparkContext.pythonExec == sys.executable
