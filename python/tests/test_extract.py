import datetime
import json
import multiprocessing
import pickle
import re
import subprocess
import sys
import threading
import types
from decimal import Decimal
from pathlib import Path

import pytest
import tiqu


def test_a_record_has_exact_values(extractor):
    record = extractor.extract("英伟达CEO黄仁勋表示，公司去年营收超1300亿美元。")
    money = next(mention for mention in record.mentions if mention.kind == "MONEY")
    assert money.text == "1300亿美元"
    assert money.amount.value == Decimal(130_000_000_000)
    assert (money.amount.currency, money.amount.qualifier) == ("USD", "over")
    assert money.entity is None
    org = next(mention for mention in record.mentions if mention.text == "英伟达")
    assert org.entity.name == "英伟达"
    assert org in org.entity.mentions


def test_days_are_dates():
    extractor = tiqu.Extractor(date=datetime.date(2026, 2, 5))
    record = extractor.extract("昨天，公司宣布裁员75人。")
    day = next(mention.date for mention in record.mentions if mention.kind == "DATE")
    assert day.first == day.last == datetime.date(2026, 2, 4)
    assert extractor.extract("昨天下雨。", date="2020-01-02").mentions[0].date.first == datetime.date(2020, 1, 1)


@pytest.mark.parametrize("text", ["😀黄仁勋👨‍👩‍👧‍👦获得10%的股份🎉，约３亿元。", "\ufeff\r\n英伟达𠮷300億元", "e\u0301黄仁勋\x00出资5万元"])
def test_positions_slice_the_text(extractor, text):
    record = extractor.extract(text)
    assert record.mentions
    assert record.chars == len(text)
    for mention in record.mentions:
        assert text[mention.start : mention.end] == mention.text


def test_a_lone_surrogate_moves_nothing(extractor):
    text = "\ud83d英伟达投资3亿元。"
    money = extractor.extract(text).mentions[-1]
    assert text[money.start : money.end] == "3亿元"


def test_relations_have_parts(extractor):
    record = extractor.extract("英伟达CEO黄仁勋表示，公司去年营收超1300亿美元。")
    role = next(relation for relation in record.relations if relation.kind == "role")
    assert (role.person, role.title, role.org) == ("黄仁勋", "CEO", "英伟达")
    assert role.action is None
    assert role.parts["person"] == "黄仁勋"
    assert set(role.parts) <= set(dir(role))
    with pytest.raises(AttributeError):
        role.colour


def test_forms_agree(extractor, articles):
    for text in articles:
        record = extractor.extract(text, id="a", title="题", meta={"source": "报"})
        assert record.to_dict() == json.loads(record.to_json())
        assert record.to_dict()["mentions"] == [mention.to_dict() for mention in record.mentions]
        assert (record.id, record.title, record.meta) == ("a", "题", {"source": "报"})
        assert tiqu.record_from_json(record.to_json()) == record
        assert hash(record) == hash(extractor.extract(text, id="a"))


def test_the_classes_are_those_of_the_record():
    extractor = tiqu.Extractor(explain=True, with_text=True, date=datetime.date(2026, 2, 5))
    text = "英伟达CEO黄仁勋表示，公司去年营收超1300亿美元。周三英伟达（NVIDIA）宣布裁员约75人，另有3至5名高管离职。市场份额从12%升至27%，投资数十亿元或2亿至3亿美元。"
    whole = extractor.extract(text, id="a", title="题", meta={"source": "报"}).to_dict()
    for mention in whole["mentions"]:
        if "count" in mention:
            mention["count"]["magnitude"] = "100"  # no text has one
    record = tiqu.record_from_json(json.dumps(whole))
    inner = [thing for mention in record.mentions for thing in (mention.amount, mention.count, mention.date) if thing]
    renamed = {("Days", "from"): "first", ("Days", "to"): "last", ("Relation", "from"): "from_", ("Record", "text"): "source"}
    fields = {}
    for thing in (record, *record.mentions, *record.entities, *record.relations, *inner):
        name = type(thing).__name__
        fields.setdefault(name, set()).update(renamed.get((name, key), key) for key in thing.to_dict())
    assert set(fields) == {"Record", "Mention", "Entity", "Relation", "Amount", "Count", "Days"}
    for name, keys in fields.items():
        attributes = {key for key in dir(getattr(tiqu, name)) if not key.startswith("_")} - {"to_dict", "to_json"}
        # Which parts a relation has depends on its kind.
        assert keys == (attributes & keys if name == "Relation" else attributes), name


def test_records_are_frozen(extractor):
    record = extractor.extract("英伟达投资3亿元。")
    for thing in (record, record.mentions[0], record.entities[0], record.mentions[-1].amount):
        with pytest.raises((AttributeError, TypeError)):
            thing.kind = "LOC"


def test_records_and_extractors_travel(extractor):
    text = "英伟达投资3亿元。"
    record = extractor.extract(text)
    again = pickle.loads(pickle.dumps(record))
    assert again == record and again.source == text
    other = pickle.loads(pickle.dumps(tiqu.Extractor(kinds="money", currency="USD")))
    assert [(m.text, m.amount.currency) for m in other.extract(text).mentions] == [("3亿元", "USD")]


def test_a_notebook_shows_the_article(extractor):
    text = "<b>英伟达</b>投资3亿元&\"。"
    html = extractor.extract(text)._repr_html_()
    assert "&lt;b&gt;" in html and "<b>" not in html
    assert ">英伟达<" in html and "MONEY 300000000 CNY" in html


def test_kinds_and_dictionaries(tmp_path):
    path = tmp_path / "own.tsv"
    path.write_text("鹊桥计划\tPRODUCT\n", encoding="utf-8")
    extractor = tiqu.Extractor(dicts=path, kinds=["PRODUCT", "money"])
    found = [(m.kind, m.text, m.by) for m in extractor.extract("英伟达的鹊桥计划耗资3亿元。").mentions]
    assert found == [("PRODUCT", "鹊桥计划", "user"), ("MONEY", "3亿元", "grammar")]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"kinds": ["firm"]}, ValueError, "unknown kind 'firm', expected one of PERSON, ORG"),
        ({"relations": "love"}, ValueError, "unknown relation 'love', expected one of role"),
        ({"currency": "yuan"}, ValueError, "'yuan' is no ISO 4217 code such as CNY or USD"),
        ({"dicts": "/no/such.tsv"}, OSError, "/no/such.tsv: "),
        ({"date": "tomorrow"}, ValueError, "date 'tomorrow': "),
    ],
)
def test_wrong_settings_are_named(settings, error, message):
    with pytest.raises(error) as raised:
        tiqu.Extractor(**settings)
    assert message in str(raised.value)


def test_a_damaged_model_is_named(tmp_path):
    path = tmp_path / "names.model"
    path.write_bytes(b"no model")
    with pytest.raises(ValueError, match="model"):
        tiqu.Extractor(model=path)


def test_only_text_is_read(extractor):
    for wrong in (None, b"bytes", 3):
        with pytest.raises(TypeError):
            extractor.extract(wrong)


def test_what_is_known_of_a_text_is_checked(extractor):
    extract = extractor.extract
    for meta, error, message in (
        ([("source", "报")], TypeError, "meta is list, expected dict"),
        ({"source": {1}}, TypeError, "set is not JSON serializable"),
        ({"score": float("nan")}, ValueError, "not JSON compliant"),
        ({"source": "\ud83d"}, ValueError, "^meta: "),
    ):
        with pytest.raises(error, match=message):
            extract("英伟达", meta=meta)
    for wrong in ({"id": 3}, {"title": b"x"}):
        with pytest.raises(TypeError):
            extract("英伟达", **wrong)
    with pytest.raises(ValueError, match="date '3': "):
        extract("英伟达", date=3)
    record = extract("英伟达", id="a\ud83d", title="\ud83d", meta=types.MappingProxyType({"n": [1, None]}))
    assert (record.id, record.title, record.meta) == ("a?", "?", {"n": [1, None]})


def test_a_damaged_record_is_refused(extractor):
    whole = extractor.extract("英伟达投资3亿元。").to_dict()
    for change in ({"entities": []}, {"mentions": []}, {"chars": "many"}):
        with pytest.raises(ValueError, match="^record: "):
            tiqu.record_from_json(json.dumps({**whole, **change}))
    odd = {**whole, "mentions": [{**mention, "start": 9, "end": 3, "kind": "<b>"} for mention in whole["mentions"]]}
    assert "<b>" not in tiqu.record_from_json(json.dumps(odd), "英伟达投资3亿元。")._repr_html_()


def test_many_keep_their_order(extractor, articles):
    texts = [f"{article}第{index}号" for index in range(200) for article in articles]
    one_by_one = [extractor.extract(text) for text in texts]
    for jobs in (1, 2, 5):
        assert extractor.extract_many(texts, jobs=jobs) == one_by_one
    assert tiqu.extract_many(tuple(texts[:7])) == one_by_one[:7]
    assert tiqu.extract_many([]) == []


def test_a_generator_is_read_as_it_is_needed(extractor):
    taken = []

    def texts():
        for index in range(100_000):
            taken.append(index)
            yield f"第{index}家公司投资3亿元。"

    records = extractor.extract_many(texts(), jobs=2)
    assert not isinstance(records, list)
    assert taken == []
    assert next(records).source == "第0家公司投资3亿元。"
    assert len(taken) <= 64
    assert [next(records).source for _ in range(50)][-1] == "第50家公司投资3亿元。"


def test_what_a_generator_raises_comes_after_its_texts(extractor):
    def texts():
        yield "英伟达"
        raise KeyError("gone")

    records = extractor.extract_many(texts())
    assert next(records).source == "英伟达"
    with pytest.raises(KeyError, match="gone"):
        next(records)
    with pytest.raises(StopIteration):
        next(records)


def test_what_is_no_text_is_named(extractor):
    with pytest.raises(TypeError, match="text 1 is NoneType, expected str"):
        extractor.extract_many(["英伟达", None])
    with pytest.raises(TypeError, match="texts is one str"):
        extractor.extract_many("英伟达")
    with pytest.raises(ValueError, match="jobs is 0"):
        extractor.extract_many([], jobs=0)


FAULT = "\0fault"


@pytest.fixture
def fault(extractor):
    """A text that is a fault of the library in a build with assertions."""
    try:
        extractor.extract(FAULT)
    except RuntimeError:
        return FAULT
    pytest.skip("the build has no assertions")


@pytest.mark.parametrize(
    "work",
    [
        lambda extractor, text: extractor.extract(text),
        lambda extractor, text: extractor.extract(text, id="a", title="题", date="2026-02-05", meta={"source": "报"}),
        lambda extractor, text: extractor.extract_many(["英伟达", text], jobs=2),
        lambda extractor, text: list(extractor.extract_many(iter(["英伟达", text]))),
    ],
)
def test_a_fault_of_the_library_is_an_exception(extractor, fault, work):
    with pytest.raises(RuntimeError, match="internal error: asked for"):
        work(extractor, fault)


def test_threads_share_an_extractor(extractor, articles):
    expected = [extractor.extract(text) for text in articles]
    wrong = []

    def work():
        for _ in range(50):
            if [extractor.extract(text) for text in articles] != expected or tiqu.extract_many(articles) != expected:
                wrong.append(True)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong and not any(thread.is_alive() for thread in threads)


def test_other_threads_run_meanwhile(extractor):
    ticks = []
    stop = threading.Event()

    def tick():
        while not stop.wait(0.001):
            ticks.append(1)

    thread = threading.Thread(target=tick)
    thread.start()
    extractor.extract("英伟达投资3亿元，李明表示。" * 10_000)
    stop.set()
    thread.join()
    assert len(ticks) > 20


def _count(text):
    return [len(record.mentions) for record in tiqu.extract_many([text] * 20, jobs=2)]


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_has_threads_of_its_own():
    here = _count("英伟达投资3亿元。")
    with multiprocessing.get_context("fork").Pool(2) as children:
        assert children.map_async(_count, ["英伟达投资3亿元。"] * 4).get(60) == [here] * 4


def test_loading_is_quick():
    code = "import time; t = time.perf_counter(); import tiqu; print(time.perf_counter() - t)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert float(run.stdout) < 0.3


def test_nothing_optional_is_loaded():
    code = "import sys, tiqu; print([m for m in ('pyarrow', 'pyspark', 'ray', 'pandas') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_least_python_is_told_once():
    here = Path(__file__).parents[1]
    project = (here / "pyproject.toml").read_text(encoding="utf-8")
    least = re.search(r'requires-python = ">=3\.(\d+)"', project)[1]
    assert re.findall(r'python_version = "3\.(\d+)"', project) == [least]
    assert re.findall(r'"abi3-py3(\d+)"', (here / "Cargo.toml").read_text(encoding="utf-8")) == [least]
    assert f"CPython 3.{least} and all later" in (here.parent / "docs" / "python.md").read_text(encoding="utf-8")
