import pytest
import tiqu

pa = pytest.importorskip("pyarrow")


@pytest.fixture
def table(articles):
    texts = [*articles, None, "英伟达投资3亿元。"]
    return pa.table({"url": [f"u{index}" for index in range(len(texts))], "content": texts})


def expected(extractor, table):
    rows = []
    for row in table.to_pylist():
        if row["content"] is not None:
            rows.append(extractor.extract(row["content"], id=row["url"]))
        else:
            rows.append(None)
    return rows


def test_a_row_a_row(extractor, table):
    out = extractor.extract_arrow(table, text="content", id="url")
    assert isinstance(out, pa.Table)
    out.validate(full=True)
    for row, record in zip(out.to_pylist(), expected(extractor, table), strict=True):
        if record is None:
            assert row == {"id": "u5", "chars": None, "digest": None, "mentions": [], "entities": [], "relations": [], "reason": "no text"}
            continue
        assert (row["id"], row["chars"], row["digest"], row["reason"]) == (record.id, record.chars, record.digest, None)
        assert [(m["kind"], m["text"], m["start"], m["end"]) for m in row["mentions"]] == [
            (m.kind, m.text, m.start, m.end) for m in record.mentions
        ]
        assert [m["value"] for m in row["mentions"]] == [
            (m.amount or m.count).value if m.amount or m.count else None for m in record.mentions
        ]
        assert [(e["name"], e["aliases"]) for e in row["entities"]] == [(e.name, list(e.aliases)) for e in record.entities]
        assert [(r["kind"], r["person"]) for r in row["relations"]] == [(r.kind, r.person) for r in record.relations]


def test_a_batch_gives_a_batch(extractor, table):
    batch = table.to_batches()[0]
    out = extractor.extract_arrow(batch, id="url")
    assert isinstance(out, pa.RecordBatch)
    assert out.to_pylist() == extractor.extract_arrow(table, id="url").to_pylist()
    assert out.schema == extractor.extract_arrow(batch.slice(0, 0), id="url").schema
    assert extractor.extract_arrow(batch.slice(2, 3), id="url").to_pylist() == out.to_pylist()[2:5]


def test_jobs_change_nothing(extractor, table):
    many = pa.concat_tables([table] * 700)
    one = extractor.extract_arrow(many, id="url", jobs=1)
    assert one.num_rows == many.num_rows
    assert one.equals(extractor.extract_arrow(many, id="url", jobs=3))
    assert extractor.extract_tables(many, id="url", jobs=1) == extractor.extract_tables(many, id="url", jobs=3)


def test_the_tables_of_the_command(extractor, table):
    tables = extractor.extract_tables(table, id="url")
    records = expected(extractor, table)
    assert tables.documents.column("document").to_pylist() == [0, 1, 2, 3, 4, 6]
    assert tables.rejects.to_pylist() == [{"document": 5, "id": "u5", "reason": "no text"}]
    assert tables.mentions.num_rows == sum(len(record.mentions) for record in records if record)
    assert tables.mentions.schema.field("value").type == pa.decimal128(38, 10)
    nested = extractor.extract_arrow(table).schema.field("mentions").type.value_type
    assert [field.name for field in nested] == tables.mentions.schema.names[2:]


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int32(), pa.string())])
def test_strings_of_any_layout(extractor, table, kind):
    other = table.set_column(1, "content", table.column("content").combine_chunks().cast(kind))
    assert extractor.extract_arrow(other, id="url") == extractor.extract_arrow(table, id="url")


def test_ids_are_optional_and_may_be_numbers(extractor):
    table = pa.table({"n": [7, 8], "content": ["英伟达", None]})
    assert extractor.extract_arrow(table).column("id").to_pylist() == [None, None]
    assert extractor.extract_arrow(table, id="n").column("id").to_pylist() == ["7", "8"]


def test_a_fault_of_the_library_is_a_row(extractor):
    fault = "\0fault"
    try:
        extractor.extract(fault)
    except RuntimeError as why:
        reason = str(why)
    else:
        pytest.skip("the build has no assertions")
    table = pa.table({"content": ["英伟达", fault, "百度"]})
    for jobs in (1, 2):
        assert extractor.extract_arrow(table, jobs=jobs).column("reason").to_pylist() == [None, reason, None]
        assert extractor.extract_tables(table, jobs=jobs).rejects.column("reason").to_pylist() == [reason]


def test_columns_are_attributes(extractor, articles):
    """The classes and the tables are written down apart from each other."""
    tables = extractor.extract_tables(pa.table({"content": articles}))
    record = next(record for record in map(extractor.extract, articles) if record.relations)
    mention = record.mentions[0]

    def names(table):
        return set(table.schema.names) - {"document", "id"}

    words = {"value", "low", "high", "magnitude", "currency", "unit", "qualifier"}
    assert words == {name for name in dir(tiqu.Amount) if not name.startswith("_")} - {"to_dict"}
    assert words - {"currency"} == {name for name in dir(tiqu.Count) if not name.startswith("_")} - {"to_dict"}
    assert names(tables.mentions) - words - {"mention", "date_from", "date_to"} <= set(dir(mention))
    assert names(tables.entities) - {"entity"} <= set(dir(record.entities[0]))
    parts = {name for name in names(tables.relations) if not name.endswith(("_entity", "_mention"))}
    parts = {"from_" if name == "from" else name for name in parts - {"relation", "other"}}
    assert parts == {name for name in dir(tiqu.Relation) if not name.startswith("_")} - {"parts", "refs", "to_dict"}


def test_wrong_columns_are_named(extractor):
    table = pa.table({"n": [7], "body": ["英伟达"]})
    with pytest.raises(KeyError, match="no column 'content', there are n, body"):
        extractor.extract_arrow(table)
    with pytest.raises(TypeError, match="column 'n' holds Int64, expected strings"):
        extractor.extract_arrow(table, text="n")


def test_pandas_and_polars(extractor, table):
    expected = extractor.extract_arrow(table, id="url")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(table.to_pylist())
    assert tiqu.extract_arrow(frame, id="url").column("digest") == expected.column("digest")
    polars = pytest.importorskip("polars")
    frame = polars.from_arrow(tiqu.extract_arrow(polars.from_arrow(table), id="url"))
    assert frame["digest"].to_list() == expected.column("digest").to_pylist()
