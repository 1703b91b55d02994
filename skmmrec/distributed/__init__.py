"""Beyond one machine: reading, encoding, factorising and ranking as jobs of Spark.

What comes back is ours: an `Interactions`, factors in numpy. So a model fitted on a
cluster recommends, is saved and is updated as any other. The machines of the cluster
need the same skmmrec as the one that asks.
"""

from skmmrec.distributed._als import SparkALSRecommender
from skmmrec.distributed._encode import spark_encode
from skmmrec.distributed._events import read_interactions, write_interactions
from skmmrec.distributed._recommend import recommend_all

__all__ = [
    "SparkALSRecommender",
    "read_interactions",
    "recommend_all",
    "spark_encode",
    "write_interactions",
]
