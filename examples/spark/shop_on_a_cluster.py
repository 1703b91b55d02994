"""
A shop on a cluster
===================

Events and vectors lie in Parquet, factors and lists are computed by Spark: the steps of
the guide's page on clusters, on a synthetic shop, in the order in which a nightly
job would take them. The script runs on one machine as it stands, and on a cluster whose
workers have skmmrec and see the same folder:

.. code-block:: sh

    python examples/spark/shop_on_a_cluster.py FOLDER [--master spark://HOST:7077]

It ends with the lists of all users, of which it prints some:

.. code-block:: none

    +----+--------------------+--------------------+
    |user|               items|              scores|
    +----+--------------------+--------------------+
    |   1|[sku-0026, sku-00...|[0.6870119, 0.666...|
    |   2|[sku-0076, sku-00...|[0.95948356, 0.83...|
    |   3|[sku-0040, sku-00...|[0.589101, 0.5680...|
    |   4|[sku-0025, sku-00...|[0.61985624, 0.58...|
    |   5|[sku-0060, sku-00...|[0.7975393, 0.764...|
    +----+--------------------+--------------------+
"""

import argparse
from pathlib import Path

import pyarrow as pa
from pyspark.sql import SparkSession

from skmmrec import (
    MultimodalFusion,
    SparkALSRecommender,
    SparseTextEncoder,
    make_pipeline,
)
from skmmrec.datasets import make_multimodal_shop
from skmmrec.distributed import (
    read_interactions,
    recommend_all,
    spark_encode,
    write_interactions,
)


def nightly(folder, spark):
    """Everything from events to lists; the lists, and a new item's best users."""
    shop = make_multimodal_shop(100, 80, random_state=0)
    ids, texts = shop.items["item"], list(shop.items["description"])

    # what a shop has in its data lake
    write_interactions(shop, folder / "events")
    table = spark.createDataFrame(pa.table({"item": ids, "text": texts}))

    # texts become vectors where they lie
    encoder = SparseTextEncoder(n_components=16, random_state=0, store=folder / "store")
    items = spark_encode(table, encoder.fit(texts), "text", output="text_vector")
    items = items.drop("text")

    # factors come back, content places new items
    X = read_interactions(folder / "events", items=items)
    fusion = MultimodalFusion([("text", "passthrough", "text_vector")])
    model = SparkALSRecommender(8, n_blocks=2, random_state=0)
    pipe = make_pipeline(fusion, model).fit(X)
    return pipe, recommend_all(pipe, folder / "lists", k=10)


def main():
    parser = argparse.ArgumentParser(description="A shop on a cluster.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--master", default="local[2]")
    args = parser.parse_args()
    spark = SparkSession.builder.master(args.master).getOrCreate()
    _, lists = nightly(args.folder.resolve(), spark)
    lists.show(5)
    spark.stop()


if __name__ == "__main__":
    main()
