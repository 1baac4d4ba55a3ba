import pytest

ray = pytest.importorskip("ray")
pytestmark = pytest.mark.ray

TEXTS = ["英伟达CEO黄仁勋表示，公司去年营收超1300亿美元。", None, "李明加入阿里巴巴，年薪约300万元。"]


@pytest.fixture(scope="module", autouse=True)
def cluster():
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=200_000_000)
    yield
    ray.shutdown()


def test_a_row_a_row(extractor):
    import pyarrow as pa
    from tiqu.ray import extract

    texts = TEXTS * 100
    table = pa.table({"url": [f"u{index}" for index in range(len(texts))], "content": texts, "month": [1, 2, 3] * 100})
    ds = ray.data.from_arrow(table).repartition(6)
    rows = {row["id"]: row for row in extract(ds, id="url", keep=["month"], batch_size=64).take_all()}
    assert len(rows) == 300
    record = extractor.extract(TEXTS[0])
    assert [(m["text"], m["start"]) for m in rows["u0"]["mentions"]] == [(m.text, m.start) for m in record.mentions]
    assert rows["u1"]["reason"] == "no text"
    assert rows["u2"]["month"] == 3


def test_settings():
    from tiqu.ray import extract

    ds = ray.data.from_items([{"content": "英伟达投资3亿元。"}])
    row = extract(ds, kinds=["money"], currency="USD", workers=(1, 2)).take_all()[0]
    assert [(m["text"], m["currency"]) for m in row["mentions"]] == [("3亿元", "USD")]
