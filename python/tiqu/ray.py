"""Extraction in Ray: batches of a dataset as Arrow tables, one extractor a worker."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

try:
    import pyarrow as pa
    import ray.data  # noqa: F401
except ImportError as why:
    raise ImportError("Ray needs ray[data] and pyarrow: pip install 'tiqu[ray]'") from why

import tiqu

if TYPE_CHECKING:
    from ray.data import Dataset

__all__ = ["extract"]


class _Reader:
    """Made once in each worker."""

    def __init__(self, text: str, id: str | None, keep: Sequence[str], settings: dict[str, Any]) -> None:
        self.extractor = tiqu.Extractor(**settings)
        self.text, self.id, self.keep = text, id, keep

    def __call__(self, batch: pa.Table) -> pa.Table:
        records = self.extractor.extract_arrow(batch, self.text, self.id, jobs=1)
        for place, name in enumerate(self.keep):
            records = records.add_column(place, name, batch.column(name))
        return records


def extract(
    ds: Dataset,
    text: str = "content",
    id: str | None = None,
    *,
    keep: Sequence[str] = (),
    workers: int | tuple[int, int] | None = None,
    batch_size: int = 1024,
    **settings: Any,
) -> Dataset:
    """One row a row of ``ds``: the columns to ``keep``, then the record; rows without text have a ``reason``.

    ``workers`` is a number or a range of numbers of workers, one processor each; all processors where it is left out.
    ``settings`` are those of :class:`tiqu.Extractor`.
    """
    from ray.data import ActorPoolStrategy

    low, high = workers if isinstance(workers, tuple) else (workers or 1, workers)
    return ds.map_batches(
        _Reader,
        fn_constructor_args=(text, id, tuple(keep), settings),
        batch_format="pyarrow",
        batch_size=batch_size,
        compute=ActorPoolStrategy(min_size=low, max_size=high),
        num_cpus=1,
        zero_copy_batch=True,
    )
