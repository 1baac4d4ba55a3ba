"""Reads articles as Parquet, extracts, writes records, mentions, relations and rejects as partitioned Parquet.

    spark-submit spark_job.py s3://news/articles s3://news/extracted month
"""

import sys

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F
from tiqu.spark import extract, rows


def run(spark: SparkSession, source: str, target: str, partition: str) -> None:
    articles = spark.read.parquet(source)
    records: DataFrame = extract(articles, text="content", id="url", keep=[partition])
    # Written once, then read: the four outputs do not extract four times.
    records.write.mode("overwrite").partitionBy(partition).parquet(f"{target}/all")
    written = spark.read.parquet(f"{target}/all")
    good = written.where(F.col("reason").isNull())
    good.write.mode("overwrite").partitionBy(partition).parquet(f"{target}/records")
    for table in ("mentions", "relations"):
        flat = rows(good, table, keep=["id", partition])
        flat.write.mode("overwrite").partitionBy(partition).parquet(f"{target}/{table}")
    written.where(F.col("reason").isNotNull()).select("id", partition, "reason").write.mode("overwrite").parquet(
        f"{target}/rejects"
    )


if __name__ == "__main__":
    run(SparkSession.builder.appName("tiqu").getOrCreate(), *sys.argv[1:4])
