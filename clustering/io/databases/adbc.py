"""What the databases with an ADBC driver have in common: Arrow batches out, Arrow batches in, one
transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import polars as pl
import pyarrow as pa
from adbc_driver_manager import Error

from clustering.io.databases import DatabaseBusyError, DatabaseError, one_line
from clustering.io.databases.arrow import as_frame

LOCK_NOT_AVAILABLE = "55P03"  # in the SQL standard's list of states, as PostgreSQL extends it


class AdbcDatabase:
    """A database by its DBAPI `connect`."""

    def __init__(self, name: str, connect: Callable[[], Any]) -> None:
        self.name = name
        self._connect = connect

    def batches(self, query: str) -> Iterator[pl.DataFrame]:
        with _errors_in_one_line(), self._connect() as connection, connection.cursor() as cursor:
            cursor.execute(query)
            reader = cursor.fetch_record_batch()
            yield as_frame([], reader.schema)
            for batch in reader:
                if batch.num_rows:
                    yield as_frame([batch], reader.schema)

    @contextmanager
    def transaction(self) -> Iterator[AdbcTransaction]:
        with _errors_in_one_line(), self._connect() as connection:
            try:
                yield AdbcTransaction(connection)
                connection.commit()
            except BaseException:
                _roll_back(connection)
                raise


class AdbcTransaction:
    """Statements on one connection that is not committed yet."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def execute(self, statement: str) -> None:
        with self._connection.cursor() as cursor:
            cursor.execute(statement)

    def append(self, table: str, frame: pl.DataFrame) -> None:
        *schema, name = table.split(".")
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(
                name,
                frame.to_arrow(),
                mode="append",
                **({"db_schema_name": schema[0]} if schema else {}),
            )


@contextmanager
def _errors_in_one_line() -> Iterator[None]:
    try:
        yield
    except (Error, pa.ArrowException, OSError) as cause:
        if getattr(cause, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise DatabaseBusyError(f"a table is locked: {one_line(cause)}") from cause
        raise DatabaseError(one_line(cause)) from cause


def _roll_back(connection: Any) -> None:
    with suppress(
        Error
    ):  # a server that is gone has rolled back by itself; what went wrong first is what is raised
        connection.rollback()
