import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("pyspark")
pytestmark = pytest.mark.spark

TEXTS = ["英伟达CEO黄仁勋表示，公司去年营收超1300亿美元。", None, "", "李明加入阿里巴巴，年薪约300万元。"]


@pytest.fixture(scope="module")
def spark():
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    from pyspark.sql import SparkSession

    # Two executors, each a process of its own, each with one core.
    master = "local-cluster[2,1,1024]"
    builder = SparkSession.builder.master(master).appName("tiqu")
    builder = builder.config("spark.executor.memory", "1g").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.shuffle.partitions", "2").config("spark.driver.bindAddress", "127.0.0.1")
    builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.task.maxFailures", "8")
    # local-cluster starts executors with the scripts of SPARK_HOME, which asks for the installed PySpark.
    import pyspark

    os.environ["SPARK_HOME"] = str(Path(pyspark.__file__).parent)
    session = builder.getOrCreate()
    yield session
    session.stop()


def frame(spark, count, partitions):
    rows = [(f"u{index}", TEXTS[index % len(TEXTS)], index % 3) for index in range(count)]
    return spark.createDataFrame(rows, "url string, content string, month int").repartition(partitions)


def test_a_row_a_row(spark, extractor):
    from tiqu.spark import extract, rows

    records = extract(frame(spark, 40, 4), id="url", keep=["month"]).cache()
    found = {row["id"]: row for row in records.collect()}
    assert len(found) == 40
    record = extractor.extract(TEXTS[0])
    assert [(m["kind"], m["text"], m["start"]) for m in found["u0"]["mentions"]] == [
        (m.kind, m.text, m.start) for m in record.mentions
    ]
    assert found["u1"]["reason"] == "no text" and found["u1"]["mentions"] == []
    assert found["u5"]["month"] == 2
    mentions = rows(records, "mentions", keep=["id", "month"])
    assert mentions.where("kind = 'MONEY' and currency = 'USD'").count() == 10
    assert rows(records, "relations").where("kind = 'role'").first()["person"] == "黄仁勋"


def test_settings_and_sent_dictionaries(spark, tmp_path):
    from tiqu.spark import extract

    path = tmp_path / "sent.tsv"
    path.write_text("鹊桥计划\tPRODUCT\n", encoding="utf-8")
    spark.sparkContext.addFile(str(path))
    df = spark.createDataFrame([("鹊桥计划耗资3亿元。",)], "content string")
    row = extract(df, dicts=["sent.tsv"], kinds=["PRODUCT"]).first()
    assert [m["text"] for m in row["mentions"]] == ["鹊桥计划"]


def test_names_that_clash_are_refused(spark):
    from tiqu.spark import extract

    df = spark.createDataFrame([("a", "b")], "id string, content string")
    with pytest.raises(ValueError, match="column 'id' is one of the record's"):
        extract(df, keep=["id"])


def executors():
    """The process ids of this session's executors."""
    run = subprocess.run(["ps", "-eww", "-o", "pid,ppid,args"], capture_output=True, text=True, check=True)
    processes = [line.split(None, 2) for line in run.stdout.splitlines()[1:]]
    children, mine = {os.getpid()}, []
    for _ in range(8):
        children |= {int(pid) for pid, parent, _ in processes if int(parent) in children}
    for pid, _, args in processes:
        if int(pid) in children and "CoarseGrainedExecutorBackend" in args and "java" in args.split()[0]:
            mine.append(int(pid))
    return mine


def test_a_killed_executor_loses_nothing(spark, tmp_path):
    import threading

    from tiqu.spark import extract

    out = tmp_path / "records"
    long = TEXTS[0] * 200
    count = 120
    df = spark.range(count).selectExpr("cast(id as string) url", f"'{long}' content").repartition(12)
    failure = []

    def run():
        try:
            extract(df, id="url").write.parquet(str(out))
        except Exception as why:  # noqa: BLE001
            failure.append(why)

    job = threading.Thread(target=run)
    job.start()
    deadline = time.monotonic() + 120
    # As soon as the first part is there, the job is in its midst.
    while not list(out.rglob("part-*.parquet")) and time.monotonic() < deadline and job.is_alive():
        time.sleep(0.05)
    running = executors()
    assert running, "no executor is running"
    assert job.is_alive(), "the job ended before an executor could be killed"
    os.kill(running[0], signal.SIGKILL)
    job.join(480)
    assert not job.is_alive() and not failure
    records = spark.read.parquet(str(out))
    assert records.count() == count
    assert records.select("id").distinct().count() == count
    assert records.where("reason is not null or size(mentions) = 0").count() == 0


def test_the_example_job(spark, tmp_path):
    source, target = tmp_path / "news", tmp_path / "out"
    frame(spark, 40, 4).write.parquet(str(source))
    example = Path(__file__).parent.parent / "examples" / "spark_job.py"
    import runpy

    job = runpy.run_path(str(example))
    job["run"](spark, str(source), str(target), "month")
    assert {path.name for path in (target / "mentions").glob("month=*")} == {"month=0", "month=1", "month=2"}
    assert spark.read.parquet(str(target / "records")).count() == 30
    assert spark.read.parquet(str(target / "rejects")).count() == 10
