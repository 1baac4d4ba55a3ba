"""Extraction in Spark: one extractor a worker process, batches streamed, rows without text kept with a reason.

The columns are those of :func:`tiqu.extract_arrow`; Spark has no unsigned integers, so positions and numbers of rows
are 64-bit signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

try:
    import pyarrow as pa
    from pyspark.sql import functions as F
    from pyspark.sql.pandas.types import from_arrow_schema
    from pyspark.sql.types import StructType
except ImportError as why:
    raise ImportError("Spark needs PySpark and pyarrow: pip install 'tiqu[spark]'") from why

import tiqu

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["extract", "rows"]


@lru_cache(maxsize=4)
def _extractor(settings: tuple[tuple[str, Any], ...]) -> tiqu.Extractor:
    """One for each worker process; Spark reuses its Python workers from task to task."""
    arguments: dict[str, Any] = {name: list(value) if isinstance(value, tuple) else value for name, value in settings}
    return tiqu.Extractor(**arguments)


def _signed(data_type: pa.DataType) -> pa.DataType:
    if pa.types.is_unsigned_integer(data_type):
        return pa.int64()
    if pa.types.is_list(data_type):
        field = data_type.value_field
        return pa.list_(pa.field(field.name, _signed(field.type), field.nullable))
    if pa.types.is_struct(data_type):
        return pa.struct([pa.field(field.name, _signed(field.type), field.nullable) for field in data_type])
    return data_type


def _schema() -> pa.Schema:
    empty = pa.RecordBatch.from_pydict({"content": pa.array([], pa.string())})
    schema = _extractor(()).extract_arrow(empty, jobs=1).schema
    return pa.schema([pa.field(field.name, _signed(field.type), field.nullable) for field in schema])


def _settings(settings: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    return tuple(sorted((name, tuple(value) if isinstance(value, list) else value) for name, value in settings.items()))


def extract(
    df: DataFrame, text: str = "content", id: str | None = None, *, keep: Sequence[str] = (), **settings: Any
) -> DataFrame:
    """One row a row of ``df``: the columns to ``keep``, then the record.

    ``settings`` are those of :class:`tiqu.Extractor`. Dictionaries must be at the same path on every worker, or be
    sent with ``SparkContext.addFile`` and given by name.
    """
    schema = _schema()
    chosen = _settings(settings)
    kept = list(keep)
    clash = [name for name in kept if name in schema.names]
    if clash:
        raise ValueError(f"column '{clash[0]}' is one of the record's, rename it before")
    columns = dict.fromkeys([*kept, text, *([id] if id else [])])

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        extractor = _extractor(_local(chosen))
        for batch in batches:
            # Spark runs a worker for each core: threads would only stand in each other's way.
            records = extractor.extract_arrow(batch, text, id, jobs=1)
            arrays = [batch.column(name) for name in kept]
            arrays += [column.cast(field.type) for column, field in zip(records.columns, schema, strict=True)]
            yield pa.RecordBatch.from_arrays(arrays, names=[*kept, *schema.names])

    fields = [df.schema[name] for name in kept]
    out = StructType([*fields, *from_arrow_schema(schema).fields])
    return df.select(*columns).mapInArrow(read, out)


def _local(settings: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, Any], ...]:
    """Dictionaries that came with ``addFile`` are found by name on the worker."""
    import os

    from pyspark import SparkFiles

    def find(path: Any) -> Any:
        if os.path.exists(path):
            return path
        sent = SparkFiles.get(os.path.basename(path))
        return sent if os.path.exists(sent) else path

    def here(name: str, value: Any) -> Any:
        if name == "dicts":
            return tuple(map(find, value)) if isinstance(value, tuple) else find(value)
        return find(value) if name == "model" else value

    return tuple((name, here(name, value)) for name, value in settings)


def rows(records: DataFrame, table: str, *, keep: Sequence[str] = ("id",)) -> DataFrame:
    """One row a mention, entity or relation: ``rows(records, "mentions")``, with the columns to ``keep``."""
    return records.select(*keep, F.explode(table).alias("row")).select(*keep, "row.*")
