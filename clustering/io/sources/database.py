"""Inputs from a database: a table or a query for each.

Rows are fetched in batches into parquet files of a scratch folder, which is removed when the
process ends, and are read from there like any other file. So memory stays bounded whatever the
number of rows, the aggregation may pass over the sales as often as it likes while the server is
asked once, and a stage is fresh as long as the *content* is the same: the hash counts rows in no
particular order, because a database promises none.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import polars as pl

from clustering.config import Source
from clustering.errors import DataError, StageError
from clustering.io.databases import (
    TABLE_NAME,
    Database,
    DatabaseBusyError,
    DatabaseError,
    as_query,
    open_database,
)
from clustering.io.sources.files import FileSource
from clustering.io.sources.places import OPTIONAL
from clustering.store.manifest import FileState

SEEDS = (1, 2)  # two hashes of 64 bits a row
Given = TypeVar("Given")

# inputs that are tables; labels are a file beside the database
TABLES = tuple(name for name in OPTIONAL if name != "labels")


class DatabaseSource:
    """The source `database`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.wanted = {
            "sales": [source.sales] if source.sales else [],
            "need_states": [source.need_states] if source.need_states else [],
            "external": list(source.external or []),
            **{name: [query] if (query := getattr(source, name)) else [] for name in TABLES},
        }
        self._fetched: dict[str, list[FileState]] = {}
        self._readings: dict[str, pl.DataFrame] = {}

    @cached_property
    def database(self) -> Database:
        return open_database("source.uri", self.source.uri or "")

    @cached_property
    def _scratch(self) -> tempfile.TemporaryDirectory[str]:
        return tempfile.TemporaryDirectory(prefix="clustering-")

    def files(self, name: str) -> list[str]:
        if name not in self.wanted:
            return FileSource(self.source).files(name)
        return [str(self._spool(name, number)) for number in range(len(self.wanted[name]))]

    def states(self, name: str, known: Sequence[FileState]) -> list[FileState]:
        if name not in self.wanted:
            return FileSource(self.source).states(name, known)
        if name not in self._fetched:
            self._fetched[name] = [
                self._fetch(name, number, query) for number, query in enumerate(self.wanted[name])
            ]
        return self._fetched[name]

    def sales(self) -> pl.LazyFrame:
        return self._read("sales", FileSource.sales)

    def need_states(self) -> pl.DataFrame:
        return self._read("need_states", FileSource.need_states)

    def external(self) -> dict[str, pl.DataFrame]:
        frames = self._read("external", FileSource.external)
        return {Path(name).stem: frame for name, frame in frames.items()}

    def like_stores(self) -> pl.DataFrame | None:
        return self._read("like_stores", FileSource.like_stores)

    def labels(self) -> pl.DataFrame | None:
        return FileSource(self.source).labels()

    def overrides(self) -> pl.DataFrame | None:
        return self._read("overrides", FileSource.overrides)

    def readings(self, names: Sequence[str]) -> pl.DataFrame:
        made = [self._readings[name] for name in names if name in self._readings]
        return pl.concat([FileSource(self.source).readings(()), *made])

    def _read(self, name: str, read: Callable[[FileSource], Given]) -> Given:
        """Read the fetched files as files are read; messages name the table, not the scratch
        file.
        """
        self.states(name, ())
        files = self.files(name)
        given: dict[str, Any] = {name: files if name == "external" else next(iter(files), None)}
        if name == "need_states" and self.wanted["sales"]:  # its SKUs are compared with theirs
            self.states("sales", ())
            given["sales"] = self.files("sales")[0]
        fetched = FileSource(replace(self.source, **given))
        try:
            table = read(fetched)
            self._readings[name] = fetched.readings([name]).with_columns(
                pl.col("file").replace({path: self._named(path) for path in files})
            )
            return table
        except DataError as error:
            raise DataError(
                self._named(error.message), [self._named(line) for line in error.details]
            ) from error

    def _named(self, text: str) -> str:
        for name, wanted in self.wanted.items():
            for number, query in enumerate(wanted):
                text = text.replace(
                    str(self._spool(name, number)), f"{self.database.name} {_label(name, query)}"
                )
        return text

    def _spool(self, name: str, number: int) -> Path:
        folder = Path(self._scratch.name) / name / str(number)
        folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{_label(name, self.wanted[name][number])}.parquet"

    def _fetch(self, name: str, number: int, query: str) -> FileState:
        path, label = self._spool(name, number), _label(name, query)
        with self._failures_named(name, label):
            content = _write_batches(self.database.batches(as_query(query)), path)
        if (
            name != "sales"
        ):  # order decides between several rows of one store, and a database promises none
            frame = pl.read_parquet(path)
            frame.sort(pl.all().cast(pl.String)).write_parquet(path)
        return FileState(f"{self.database.name}#{label}", path.stat().st_size, 0, content)

    @contextmanager
    def _failures_named(self, name: str, label: str) -> Iterator[None]:
        try:
            yield
        except DatabaseError as cause:
            busy = isinstance(cause, DatabaseBusyError)
            raise (StageError if busy else DataError)(
                f"source.{name}: {label} cannot be read from {self.database.name}: {cause}"
            ) from cause


def _label(name: str, query: str) -> str:
    """What an input is called in messages and manifests: its table, or its name where it is a
    query.
    """
    return query if TABLE_NAME.fullmatch(query) else re.sub(r"\W", "_", f"{name}_query")


def _write_batches(batches: Iterator[pl.DataFrame], path: Path) -> str:
    """Write rows to parquet as they come; give a hash of them all that does not depend on their
    order.
    """
    from pyarrow.parquet import ParquetWriter

    empty = next(batches)
    sums, rows = [0] * len(SEEDS), 0
    with ParquetWriter(path, _as_arrow(empty).schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_table(_as_arrow(batch.cast(empty.schema)))
            sums = [
                total + int(batch.hash_rows(seed).sum())
                for total, seed in zip(sums, SEEDS, strict=True)
            ]
            rows += batch.height
    columns = [(name, str(kind)) for name, kind in empty.schema.items()]
    return hashlib.sha256(
        repr((columns, rows, [total % 2**64 for total in sums])).encode()
    ).hexdigest()


def _as_arrow(frame: pl.DataFrame) -> Any:
    return frame.to_arrow(compat_level=pl.CompatLevel.oldest())
