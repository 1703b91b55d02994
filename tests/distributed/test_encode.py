"""Encoders over the partitions of a DataFrame of Spark."""

from pathlib import Path

import numpy as np
import pytest

from skmmrec import (
    EmbeddingStore,
    ImageStatisticsEncoder,
    SparseTextEncoder,
    TabularEncoder,
    set_config,
)
from skmmrec.datasets import make_multimodal_shop
from skmmrec.distributed import spark_encode

TEXTS = ["warm tea", None, "cold tea", "warm bread", "  ", "cold jam and bread"]


def vectors(df, output="vector"):
    """By row number; None where the cell is null."""
    return [row[output] for row in df.orderBy("n").collect()]


def test_texts_become_the_vectors_that_they_are_elsewhere(spark):
    """Null is null, and other columns stay as they were."""
    encoder = SparseTextEncoder(n_components=2, random_state=0).fit(TEXTS)
    df = spark.createDataFrame(
        [(n, text, None if n == 3 else 10**17 + n) for n, text in enumerate(TEXTS)],
        "n int, t string, big bigint",
    )
    encoded = spark_encode(df.repartition(3), encoder, "t").cache()
    assert dict(encoded.dtypes)["vector"] == "array<float>"
    found, expected = vectors(encoded), encoder.transform(TEXTS)
    assert [n for n, row in enumerate(found) if row is None] == [1, 4]
    present = [0, 2, 3, 5]
    np.testing.assert_array_equal([found[n] for n in present], expected[present])
    assert vectors(encoded, "big")[2:4] == [10**17 + 2, None]


def test_pictures_are_encoded_once_for_all_partitions(spark, tmp_path):
    """By bytes, with a store that the workers share, under the limits set here."""
    pictures = list(
        make_multimodal_shop(20, 8, random_state=0, folder=tmp_path).items["picture"]
    )
    pictures = [Path(path).read_bytes() for path in pictures]
    store = EmbeddingStore(tmp_path / "store")
    encoder = ImageStatisticsEncoder(store=store).fit(pictures)
    df = spark.createDataFrame(list(enumerate(pictures * 3)), "n int, p binary")
    found = vectors(spark_encode(df.repartition(4), encoder, "p"))
    assert store.info()["n_vectors"] == len(set(pictures))
    expected = ImageStatisticsEncoder().fit_transform(pictures)
    np.testing.assert_array_equal(found, np.tile(expected, (3, 1)))
    set_config(max_pixels=10)
    try:
        other = ImageStatisticsEncoder().fit(pictures)
        with pytest.raises(Exception, match="max_pixels"):
            spark_encode(df, other, "p").collect()
    finally:
        set_config(max_pixels=None)


def test_several_columns_go_to_one_encoder(spark):
    """Numbers and categories of a table."""
    prices, kinds = [1.0, None, 3.0], ["a", "b", "a"]
    encoder = TabularEncoder().fit({"price": prices, "kind": kinds})
    df = spark.createDataFrame(
        list(zip(range(3), prices, kinds)), "n int, price double, kind string"
    )
    found = vectors(
        spark_encode(df, encoder, ["price", "kind"], output="table"), "table"
    )
    expected = encoder.transform({"price": prices, "kind": kinds})
    np.testing.assert_array_equal(np.array(found, dtype=np.float32), expected)


def test_wrong_columns_are_named(spark):
    df = spark.createDataFrame([("tea", 1)], "t string, vector int")
    encoder = SparseTextEncoder(n_components=1, random_state=0).fit(TEXTS)
    for arguments in (("plot", "out"), ("t", "vector")):
        with pytest.raises(ValueError, match="df must have the columns.*got"):
            spark_encode(df, encoder, *arguments)
