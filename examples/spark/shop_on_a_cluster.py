"""A shop on a cluster: events and vectors in Parquet, factors and lists by Spark.

The steps of the guide's page on clusters, on a synthetic shop, in the order in
which a nightly job would take them. It runs on this machine as it stands, and on a
cluster whose workers have skmmrec and see the same folder:

    python examples/spark/shop_on_a_cluster.py FOLDER [--master spark://HOST:7077]
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
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--master", default="local[2]")
    args = parser.parse_args()
    spark = SparkSession.builder.master(args.master).getOrCreate()
    _, lists = nightly(args.folder.resolve(), spark)
    lists.show(5)
    spark.stop()


if __name__ == "__main__":
    main()
