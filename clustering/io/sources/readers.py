"""One file, whatever its kind: parquet, text or Excel becomes a table with its column names."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from clustering.config import ReadSettings
from clustering.errors import DataError
from clustering.io.sources import text, workbooks
from clustering.io.sources.encoding import scratch
from clustering.io.sources.table import SAMPLE_ROWS, Opener, Table, in_words
from clustering.store.bucket import Bucket, is_remote

UNNAMED = re.compile(r"Unnamed: \d+(_level_\d+)?|__index_level_\d+__|")


@dataclass(frozen=True)
class Reader:
    """A kind of file: its endings, the bytes it begins with (none where they tell nothing), and
    what opens it.
    """

    endings: tuple[str, ...]
    magic: tuple[bytes, ...]
    open: Opener


def _parquet(path: str, local: str, settings: ReadSettings, known: Collection[str]) -> Table:
    frame = pl.scan_parquet(local, glob=False, hive_partitioning=False)
    types = dict(frame.collect_schema())
    return Table(path, frame, types, "parquet", scanned=(local, frame))


PARQUET = Reader((".parquet", ".pq"), (b"PAR1",), _parquet)
TEXT = Reader(text.ENDINGS, (), text.open_text)
EXCEL = Reader(workbooks.ENDINGS, (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"), workbooks.open_workbook)
READERS = (PARQUET, TEXT, EXCEL)


def open_table(
    path: str,
    settings: ReadSettings,
    known: Collection[str] = (),
    may_be_empty: bool = False,
    sample_rows: int = SAMPLE_ROWS,
) -> Table:
    """Open one file by its ending; `known` are squashed column names that tell the header row.

    Columns of text files are text. Raises DataError where the file is unreadable or empty, or its
    ending is unknown.
    """
    reader = next((one for one in READERS if path.lower().endswith(one.endings)), None)
    if reader is None:
        known_endings = ", ".join(ending for one in READERS for ending in one.endings)
        raise DataError(f"{path}: unknown ending; use one of {known_endings}")
    try:
        table = _with_folders(_without_index(_opened(path, reader, settings, known)))
        table = replace(table, settings=settings, sample_rows=sample_rows)
        if not may_be_empty and table.beginning.is_empty():
            raise DataError(f"{path} is empty: it has no data row")
    except DataError:
        raise
    except Exception as cause:  # each reader has its own errors; all mean the same to the user
        raise DataError(f"{path} cannot be read: {in_words(cause)}") from cause
    repeated = sorted(name for name in table.types if "_duplicated_" in name)
    if repeated:
        raise DataError(
            f"{path}: the column {repeated[0].split('_duplicated_')[0]!r} occurs twice; rename one"
        )
    return table


def table_of_frame(name: str, frame: pl.DataFrame, settings: ReadSettings) -> Table:
    """A table in memory, read as a file of parquet would be."""
    table = Table(name, frame.lazy(), dict(frame.schema), "a table in memory", settings)
    return _without_index(table)


def _opened(path: str, reader: Reader, settings: ReadSettings, known: Collection[str]) -> Table:
    if reader is PARQUET and is_remote(path):
        frame = pl.scan_parquet(path, glob=False)
        return Table(path, frame, dict(frame.collect_schema()), "parquet")
    local = _local(path)
    if reader in (TEXT, EXCEL):  # exports called .xls are often text, and the other way round
        with Path(local).open("rb") as file:
            beginning = file.read(4)
        reader = next((one for one in READERS if beginning in one.magic), TEXT)
    return reader.open(path, local, settings, known)


def _local(path: str) -> str:
    """The file itself, or a copy of an object."""
    if not is_remote(path):
        return path
    folder, _, name = path.rpartition("/")
    copy = Path(scratch().name) / re.sub(r"\W+", "_", folder) / name
    if not copy.exists():
        Bucket(folder).fetch(name, copy)
    return str(copy)


def _with_folders(table: Table) -> Table:
    """Add the columns that folders named column=value hold, as Hive writes them."""
    folders = [part.partition("=") for part in table.path.split("/")[:-1] if "=" in part]
    columns = {
        name: None if value == "__HIVE_DEFAULT_PARTITION__" else unquote(value)
        for name, _, value in folders
        if name and name not in table.types
    }
    if not columns:
        return table
    cells = [pl.lit(value, pl.String).alias(name) for name, value in columns.items()]
    types = table.types | dict.fromkeys(columns, pl.String())
    return replace(table, frame=table.frame.with_columns(cells), types=types)


def _without_index(table: Table) -> Table:
    """Leave out columns without a name: the index of pandas, or cells after the last separator."""
    unnamed = tuple(name for name in table.types if UNNAMED.fullmatch(name.strip()))
    if not unnamed:
        return table
    types = {name: kind for name, kind in table.types.items() if name not in unnamed}
    return replace(table, frame=table.frame.drop(unnamed), types=types, unnamed=unnamed)
