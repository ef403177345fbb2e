"""SQLite: sqlite:///folder/file.sqlite (three slashes and a relative path, four for an absolute
one).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from adbc_driver_sqlite import dbapi

from clustering.errors import ConfigError
from clustering.io.databases import DatabaseError
from clustering.io.databases.adbc import AdbcDatabase


class Sqlite(AdbcDatabase):
    """A file; the driver takes a column's type from its first batch."""

    def __init__(self, uri: str) -> None:
        path = Path(uri.split("://", 1)[1].removeprefix("/"))
        if not path.parent.is_dir():
            raise ConfigError(f"{uri}: there is no folder {path.parent}")
        super().__init__(f"sqlite:///{path}", lambda: dbapi.connect(str(path)))
        self.path = path

    def batches(self, query: str) -> Iterator[pl.DataFrame]:
        if not self.path.exists():  # the driver would make an empty one
            raise DatabaseError("there is no such file")
        yield from super().batches(query)
