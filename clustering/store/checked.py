"""Tables written to parquet while they are checked against their schema."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.errors import StageError
from clustering.registry import MERGED, Stage
from clustering.store.atomic import refusals

if TYPE_CHECKING:
    import dataframely as dy
    import polars as pl

ROWS_A_GROUP = 25_000  # of a parquet file: a category is read without much of its neighbours
ROWS_AT_ONCE = 500_000  # larger tables are checked in parts, in bounded memory


def write_checked(stage: Stage, table: str, frame: pl.DataFrame, path: Path) -> None:
    """Write a table while it is checked against its schema.

    What fails stays a temporary file, which the next run removes.
    """
    frame = _of_schema(stage, table, frame)
    with ThreadPoolExecutor(1) as writer:
        written = writer.submit(
            frame.write_parquet,
            path,
            compression="lz4",  # half as large again as zstd, and a fifth less time to write
            row_group_size=ROWS_A_GROUP,
        )
        _check_rows(stage, table, frame)
        with refusals(path):
            written.result()


def _of_schema(stage: Stage, table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Give `frame` with the columns of its schema in order; a mismatch is a bug in the stage,
    raised as StageError.
    """
    with _told_as_bug(stage, table):
        return _schema(stage, table).cast(frame)


def _check_rows(stage: Stage, table: str, frame: pl.DataFrame) -> None:
    """Raise StageError where rows break the rules of their schema."""
    parts = _whole_categories(frame) if frame.height > ROWS_AT_ONCE else [frame]
    with _told_as_bug(stage, table):
        for part in parts:
            _schema(stage, table).validate(part)


def _schema(stage: Stage, table: str) -> type[dy.Schema]:
    from clustering import schemas

    return schemas.TABLES["merged" if stage.track == MERGED else stage.name][table]


@contextmanager
def _told_as_bug(stage: Stage, table: str) -> Iterator[None]:
    import dataframely as dy
    import polars as pl

    try:
        yield
    except (dy.exc.ValidationError, dy.exc.SchemaError, pl.exceptions.PolarsError) as cause:
        raise StageError(
            f"{stage.key} made an invalid table {table!r}", str(cause).splitlines()[:6]
        ) from cause


def _whole_categories(frame: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Parts of a table, none of which cuts a category in two: rows of a table are unique if those
    of every part are.

    A table that is not sorted by category is one part.
    """
    runs = frame["category"].rle().struct.unnest() if "category" in frame.columns else None
    if runs is None or runs["value"].n_unique() < runs.height:
        yield frame
        return
    start = rows = 0
    for length in runs["len"]:
        if rows and rows + length > ROWS_AT_ONCE:
            yield frame[start : start + rows]
            start, rows = start + rows, 0
        rows += length
    yield frame[start:]
