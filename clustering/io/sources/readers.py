"""One file, whatever its kind: parquet, text or Excel becomes a table with its column names."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from clustering.config import ReadSettings
from clustering.errors import DataError, first_line
from clustering.io.sources.dialect import recognise_dialect, rewritten
from clustering.io.sources.encoding import as_utf8, scratch
from clustering.io.sources.numbers import hint_of
from clustering.store.bucket import Bucket, is_remote

TEXT = (".csv", ".tsv", ".txt", ".psv", ".dat")
ENDINGS = {
    "parquet": (".parquet", ".pq"),
    "text": tuple(ending + packed for ending in TEXT for packed in ("", ".gz", ".zst")),
    "excel": (".xlsx", ".xls", ".xlsm", ".xlsb"),
}
MAGIC = {b"PK\x03\x04": "excel", b"\xd0\xcf\x11\xe0": "excel", b"PAR1": "parquet"}
UNNAMED = re.compile(r"Unnamed: \d+(_level_\d+)?|__index_level_\d+__|")
SEPARATOR_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}
# what Polars says of text, and what it means
SAID = {
    "found more fields than defined": "a row has more cells than there are column names; quote "
    "cells that hold the separator",
    "CSV malformed": "a quoted cell is not closed; double the quotes within cells",
    "could not parse": "a quoted cell is not closed; double the quotes within cells",
}
SAMPLE_ROWS = 10_000
Types = dict[str, pl.DataType]


@dataclass(frozen=True)
class Table:
    """What a file holds, and how it was read: `how` in words, `unnamed` the index columns left out.

    `separator` is that of a text file, None of any other.
    """

    path: str
    frame: pl.LazyFrame
    types: Types
    how: str
    settings: ReadSettings = field(default_factory=ReadSettings)
    align_keys: bool = False
    separator: str | None = None
    unnamed: tuple[str, ...] = ()
    scanned: tuple[str, pl.LazyFrame] | None = None  # a parquet file, and all that is in it

    @property
    def untouched(self) -> str | None:
        """The parquet file of which `frame` is all rows and columns as they are."""
        return self.scanned[0] if self.scanned and self.frame is self.scanned[1] else None

    @cached_property
    def beginning(self) -> pl.DataFrame:
        """The first rows."""
        return self.frame.head(SAMPLE_ROWS).collect()

    @cached_property
    def decimal_hint(self) -> str | None:
        """The decimal mark that numbers in text need in the first rows, whatever their column."""
        texts = (pl.String, pl.Categorical, pl.Enum)
        names = [name for name, kind in self.types.items() if kind in texts]
        return hint_of([self.beginning[name].cast(pl.String).drop_nulls() for name in names])

    def collect(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """Rows of this file; raises DataError where it cannot be read to its end."""
        try:
            return frame.collect(engine="streaming")
        except pl.exceptions.PolarsError as cause:
            raise DataError(f"{self.path} cannot be read: {_said(cause)}") from cause


def open_table(
    path: str, settings: ReadSettings, known: Collection[str] = (), may_be_empty: bool = False
) -> Table:
    """Open one file by its ending; `known` are squashed column names that tell the header row.

    Columns of text files are text. Raises DataError where the file is unreadable or empty, or its
    ending is unknown.
    """
    kind = next((kind for kind, ends in ENDINGS.items() if path.lower().endswith(ends)), None)
    if kind is None:
        known_endings = ", ".join(ending for ends in ENDINGS.values() for ending in ends)
        raise DataError(f"{path}: unknown ending; use one of {known_endings}")
    try:
        table = _opened(path, kind, settings, known)
        if not may_be_empty and table.frame.head(1).collect().is_empty():
            raise DataError(f"{path} is empty: it has no data row")
    except DataError:
        raise
    except Exception as cause:  # each reader has its own errors; all mean the same to the user
        raise DataError(f"{path} cannot be read: {_said(cause)}") from cause
    repeated = sorted(name for name in table.types if "_duplicated_" in name)
    if repeated:
        raise DataError(
            f"{path}: the column {repeated[0].split('_duplicated_')[0]!r} occurs twice; rename one"
        )
    return replace(_with_folders(_without_index(table)), settings=settings)


def table_of_frame(name: str, frame: pl.DataFrame, settings: ReadSettings) -> Table:
    """A table in memory, read as a file of parquet would be."""
    table = Table(name, frame.lazy(), dict(frame.schema), "a table in memory", settings)
    return _without_index(table)


def _opened(path: str, kind: str, settings: ReadSettings, known: Collection[str]) -> Table:
    if kind != "parquet" or not is_remote(path):
        local = _local(path)
        with Path(local).open("rb") as file:
            content = MAGIC.get(file.read(4), "text")
        if "parquet" not in (kind, content):
            kind = content  # exports called .xls are often text, and the other way round
        return OPENERS[kind](path, local, settings, known)
    frame = pl.scan_parquet(path, glob=False)
    return Table(path, frame, dict(frame.collect_schema()), "parquet")


def _local(path: str) -> str:
    """The file itself, or a copy of an object."""
    if not is_remote(path):
        return path
    folder, _, name = path.rpartition("/")
    copy = Path(scratch().name) / re.sub(r"\W+", "_", folder) / name
    if not copy.exists():
        Bucket(folder).fetch(name, copy)
    return str(copy)


def _parquet(path: str, local: str, settings: ReadSettings, known: Collection[str]) -> Table:
    frame = pl.scan_parquet(local, glob=False, hive_partitioning=False)
    types = dict(frame.collect_schema())
    return Table(path, frame, types, "parquet", scanned=(local, frame))


def _text(path: str, local: str, settings: ReadSettings, known: Collection[str]) -> Table:
    text = as_utf8(local, settings.encoding)
    dialect, plain = recognise_dialect(path, text.sample, settings, known), text.path
    if dialect.has_stray_quotes:
        handle, plain = tempfile.mkstemp(dir=scratch().name, suffix=".txt")
        os.close(handle)
        dialect = rewritten(text.path, dialect, plain)
    names = [
        f"{name}_duplicated_{place}" if name in dialect.names[:place] else name
        for place, name in enumerate(dialect.names)
    ]
    frame = pl.scan_csv(
        plain,
        has_header=False,
        skip_lines=dialect.skip_lines,
        separator=dialect.separator,
        quote_char=dialect.quote,
        schema=dict.fromkeys(names, pl.String),
        glob=False,
    ).filter(~pl.all_horizontal(pl.all().is_null()))
    how = [
        "text",
        *([text.compression] if text.compression else []),
        text.encoding.replace("utf-8-sig", "utf-8 with a byte order mark"),
        SEPARATOR_NAMES.get(dialect.separator, repr(dialect.separator)),
        f"names in row {dialect.header_row}",
    ]
    types = dict.fromkeys(names, pl.String())
    return Table(path, frame, dict(types), ", ".join(how), separator=dialect.separator)


def _excel(path: str, local: str, settings: ReadSettings, known: Collection[str]) -> Table:
    from clustering.io.sources.workbooks import read_workbook

    frame, sheet, header_row = read_workbook(path, local, settings, known)
    filled = frame.filter(~pl.all_horizontal(pl.all().is_null()))
    how = f"Excel, sheet {sheet!r}, names in row {header_row}"
    return Table(path, filled.lazy(), dict(frame.schema), how)


Opener = Callable[[str, str, ReadSettings, Collection[str]], Table]
OPENERS: dict[str, Opener] = {"parquet": _parquet, "text": _text, "excel": _excel}


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


def _said(error: BaseException) -> str:
    known = next((said for words, said in SAID.items() if words in str(error)), None)
    return known or first_line(error)
