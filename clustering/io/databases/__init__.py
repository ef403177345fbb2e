"""Databases behind one small interface, chosen by the scheme of a URI: one file for each.

A URI may name environment variables as $NAME; they are put in here, when connecting, so that
settings, logs and manifests only ever hold the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from importlib import import_module
from typing import TYPE_CHECKING, Any, Protocol

from clustering.errors import ConfigError, did_you_mean, missing_extra
from clustering.redaction import with_environment

if TYPE_CHECKING:
    import polars as pl

# scheme: module and class, and the extra that installs the driver
DATABASES = {
    "postgresql": ("clustering.io.databases.postgres:Postgres", "postgres"),
    "postgres": ("clustering.io.databases.postgres:Postgres", "postgres"),
    "sqlite": ("clustering.io.databases.sqlite:Sqlite", "sqlite"),
    "duckdb": ("clustering.io.databases.duckdb:DuckDB", "duckdb"),
}
BATCH_ROWS = 250_000
TABLE_NAME = re.compile(r"\w+(\.\w+)*")


class DatabaseError(Exception):
    """What a driver reported, in one line; the caller knows whether it was reading or writing, and
    says so.
    """


class DatabaseBusyError(DatabaseError):
    """Another transaction held a lock for longer than this one waited."""


class Transaction(Protocol):
    """Changes that become visible together, or not at all."""

    def execute(self, statement: str) -> None: ...
    def append(self, table: str, frame: pl.DataFrame) -> None: ...


class Database(Protocol):
    """What is asked of a database; every method raises DatabaseError where it, or the way to it,
    fails.
    """

    name: str  # without user or password

    def batches(self, query: str) -> Iterator[pl.DataFrame]:
        """The rows of a query, a batch at a time; one empty frame with the columns where there is
        none.
        """
        ...

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Commits at the end, rolls back on any exception."""
        ...


def open_database(key: str, uri: str) -> Database:
    """The database that the setting `key` names; raises ConfigError for an unknown scheme or a
    missing driver.
    """
    address = with_environment(key, uri)
    scheme = address.split("://")[0].split("+")[0].lower()
    if "://" not in address or scheme not in DATABASES:
        raise ConfigError(
            f"{key} does not start with the scheme of a supported database"
            f"{did_you_mean(scheme, DATABASES)}",
            [f"known: {', '.join(f'{name}://' for name in DATABASES)}"],
        )
    path, extra = DATABASES[scheme]
    module, name = path.split(":")
    try:
        opened: Database = getattr(import_module(module), name)(address)
    except ImportError as cause:
        raise missing_extra(key, extra) from cause
    return opened


def as_query(table_or_query: str) -> str:
    """SQL for a table's name; a query is given back as it is."""
    text = table_or_query.strip().rstrip(";")
    return f"SELECT * FROM {quoted(text)}" if TABLE_NAME.fullmatch(text) else text


def quoted(table: str) -> str:
    """A table's name, with its schema if it has one, as SQL wants it."""
    return ".".join('"' + part.replace('"', '""') + '"' for part in table.split("."))


def columns_sql(types: Mapping[str, str]) -> str:
    """The columns of a CREATE TABLE."""
    return ", ".join(f'"{name}" {kind}' for name, kind in types.items())


def one_line(error: BaseException) -> str:
    """The first line of what a driver said."""
    lines: list[Any] = str(error).strip().splitlines()
    return str(lines[0]) if lines else type(error).__name__
