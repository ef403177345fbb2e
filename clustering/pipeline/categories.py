"""Tables split by category for the stages that take one category at a time.

Worker processes of this machine read their part of a large table from its file: sending it costs
the process that sends as much as the work costs the one that gets it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustering.errors import DataError
from clustering.registry import Stage

if TYPE_CHECKING:
    import polars as pl

WORTH_READING = 5_000  # rows of a category; fewer are sent sooner than read


@dataclass(frozen=True)
class Piece:
    """Some rows of a parquet file as it was at `mtime_ns`."""

    path: str
    mtime_ns: int
    start: int
    length: int

    def read(self) -> pl.DataFrame:
        return _scan(self.path, self.mtime_ns).slice(self.start, self.length).collect()


@lru_cache(maxsize=4)
def _scan(path: str, _mtime_ns: int) -> pl.LazyFrame:
    import polars as pl

    return pl.scan_parquet(path)


def categories_of(tables: Mapping[str, Any]) -> list[str]:
    """The categories there are, sorted; raises DataError where none is left."""
    names: list[str] = tables["stores"]["category"].unique().sort().to_list()
    if not names:
        raise DataError("no category is left after preprocessing; look at the quarantine table")
    return names


def split(
    tables: Mapping[str, Any], categories: Sequence[str], files: Mapping[str, Path]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the part of every table that belongs to each category; of large ones in `files` the
    piece of the file.
    """
    parts = {name: _by_category(table, files.get(name)) for name, table in tables.items()}
    for category in categories:
        yield category, {name: _part(tables[name], part, category) for name, part in parts.items()}


def read_pieces(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Put rows in place of pieces."""
    return {
        name: value.read() if isinstance(value, Piece) else value
        for name, value in arguments.items()
    }


def gather(stage: Stage, results: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Put the results of all categories together."""
    import polars as pl

    # what is kept of an earlier run has the types and the order of columns of the files
    outputs: dict[str, Any] = {
        name: pl.concat(_with_rows([r[name] for r in results.values()]), how="diagonal_relaxed")
        for name in stage.writes
    }
    if stage.models:
        outputs[stage.models] = {
            category: result[stage.models] for category, result in results.items()
        }
    return outputs


def _with_rows(parts: list[pl.DataFrame]) -> list[pl.DataFrame]:
    """The parts that have rows, or one part: the columns of an empty part may have no type."""
    return [part for part in parts if part.height] or parts[:1]


def _part(table: Any, by_category: dict[str, Any] | None, category: str) -> Any:
    if by_category is None:
        return None
    return by_category[category] if category in by_category else table.clear()


class Everywhere(dict[str, Any]):
    """The part of a table without categories that belongs to a category: the whole table."""

    def __init__(self, table: pl.DataFrame) -> None:
        super().__init__()
        self.table = table

    def __contains__(self, category: object) -> bool:
        return True

    def __getitem__(self, category: str) -> pl.DataFrame:
        return self.table


def _by_category(
    table: pl.DataFrame | dict[str, Any] | None, file: Path | None
) -> dict[str, Any] | None:
    if table is None or isinstance(table, dict):
        return table
    if "category" not in table.columns:  # the same table for every category
        return Everywhere(table)
    from clustering.arrays import runs

    rows = runs(table["category"])
    if (
        sum(own.stop - own.start for own in rows.values()) < table.height
    ):  # a category comes in several pieces
        return {
            str(key[0]): part for key, part in table.partition_by("category", as_dict=True).items()
        }
    # slices are not copied, as partition_by would
    mtime_ns = file.stat().st_mtime_ns if file else 0
    return {
        category: Piece(str(file), mtime_ns, own.start, own.stop - own.start)
        if file and own.stop - own.start > WORTH_READING
        else table[own]
        for category, own in rows.items()
    }
