"""DuckDB files: duckdb:///folder/file.duckdb (three slashes and a relative path, four for an
absolute one); duckdb:// is no file but memory, for SQL over plain files.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from clustering.errors import ConfigError
from clustering.io.databases import BATCH_ROWS, DatabaseError, one_line, quoted
from clustering.io.databases.arrow import as_frame

MEMORY = ":memory:"


class DuckDB:
    """A file, or memory."""

    def __init__(self, uri: str) -> None:
        place = uri.split("://", 1)[1].removeprefix("/")
        self.in_memory = place in ("", MEMORY)
        self.path = Path(place or MEMORY)
        if not self.path.parent.is_dir():
            raise ConfigError(f"{uri}: there is no folder {self.path.parent}")
        self.name = "duckdb (in memory)" if self.in_memory else f"duckdb:///{self.path}"

    def batches(self, query: str) -> Iterator[pl.DataFrame]:
        with self._connected(read_only=True) as connection:
            reader = connection.sql(query).to_arrow_reader(BATCH_ROWS)
            yield as_frame([], reader.schema)
            for batch in reader:
                yield as_frame([batch], reader.schema)

    @contextmanager
    def transaction(self) -> Iterator[DuckDBTransaction]:
        with self._connected(read_only=False) as connection:
            connection.begin()
            yield DuckDBTransaction(connection)
            connection.commit()

    @contextmanager
    def _connected(self, read_only: bool) -> Iterator[Any]:
        try:
            file_only = read_only and not self.in_memory
            with duckdb.connect(str(self.path), read_only=file_only) as connection:
                yield connection  # closing without commit rolls back
        except duckdb.Error as cause:
            raise DatabaseError(one_line(cause)) from cause


class DuckDBTransaction:
    """Statements on one connection that is not committed yet."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, statement: str) -> None:
        self._connection.execute(statement)

    def append(self, table: str, frame: pl.DataFrame) -> None:
        self._connection.register("clustering_rows", frame.to_arrow())
        columns = ", ".join(f'"{name}"' for name in frame.columns)
        self._connection.execute(
            f"INSERT INTO {quoted(table)} ({columns}) SELECT {columns} FROM clustering_rows"
        )
        self._connection.unregister("clustering_rows")
