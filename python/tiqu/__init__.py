"""From Chinese news to records: people, organisations, money, percentages, with exact values and positions.

>>> import tiqu
>>> record = tiqu.extract("英伟达CEO黄仁勋表示，公司去年营收超1300亿美元。")
>>> [(mention.kind, mention.text) for mention in record.mentions if mention.kind == "MONEY"]
[('MONEY', '1300亿美元')]
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from tiqu import _tiqu
from tiqu._tiqu import (
    SCHEMA,
    Amount,
    Count,
    Days,
    Entity,
    Mention,
    Record,
    Records,
    Relation,
    __version__,
    record_from_json,
)

if TYPE_CHECKING:
    import pyarrow

__all__ = [
    "SCHEMA",
    "Amount",
    "Count",
    "Days",
    "Entity",
    "Extractor",
    "Mention",
    "Record",
    "Records",
    "Relation",
    "Tables",
    "__version__",
    "extract",
    "extract_arrow",
    "extract_many",
    "extract_tables",
    "record_from_json",
]


class Tables(NamedTuple):
    """The tables of the command's Parquet output, joined by ``document``, and the rows that could not be read."""

    documents: pyarrow.Table
    mentions: pyarrow.Table
    entities: pyarrow.Table
    relations: pyarrow.Table
    rejects: pyarrow.Table


def _need_pyarrow() -> None:
    try:
        import pyarrow  # noqa: F401
    except ImportError:
        raise ImportError("Arrow tables need pyarrow: pip install 'tiqu[arrow]'") from None


class Extractor(_tiqu.Extractor):
    """Reads texts from any number of threads. Loading takes a moment: make one and keep it."""

    def extract_arrow(self, data: Any, text: str = "content", id: str | None = None, *, jobs: int | None = None) -> Any:
        """One row a row of ``data``, which is anything with the Arrow PyCapsule interface.

        A ``RecordBatch`` gives a ``RecordBatch``, everything else a ``Table``. A row without text has a ``reason``.
        """
        _need_pyarrow()
        return self.arrow_records(data, text, id, jobs)

    def extract_tables(
        self, data: Any, text: str = "content", id: str | None = None, *, jobs: int | None = None
    ) -> Tables:
        """The tables that the command writes as Parquet."""
        _need_pyarrow()
        return Tables(*self.arrow_tables(data, text, id, jobs))


_lock = threading.Lock()
_shared: Extractor | None = None


def _extractor() -> Extractor:
    """The extractor with the usual settings, loaded when first needed."""
    global _shared
    if _shared is None:
        with _lock:
            if _shared is None:
                _shared = Extractor()
    return _shared


def extract(text: str) -> Record:
    """What a text says."""
    return _extractor().extract(text)


@overload
def extract_many(texts: list[str] | tuple[str, ...], *, jobs: int | None = None) -> list[Record]: ...
@overload
def extract_many(texts: Iterator[str], *, jobs: int | None = None) -> Records: ...
@overload
def extract_many(texts: Iterable[str], *, jobs: int | None = None) -> list[Record] | Records: ...
def extract_many(texts: Iterable[str], *, jobs: int | None = None) -> list[Record] | Records:
    """What many texts say, in their order: a list for a list, a generator for a generator."""
    return _extractor().extract_many(texts, jobs=jobs)


def extract_arrow(data: Any, text: str = "content", id: str | None = None, *, jobs: int | None = None) -> Any:
    """One row a row of ``data``: see :meth:`Extractor.extract_arrow`."""
    return _extractor().extract_arrow(data, text, id, jobs=jobs)


def extract_tables(data: Any, text: str = "content", id: str | None = None, *, jobs: int | None = None) -> Tables:
    """The tables that the command writes as Parquet: see :meth:`Extractor.extract_tables`."""
    return _extractor().extract_tables(data, text, id, jobs=jobs)
