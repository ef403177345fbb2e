"""Servers for the session, and the sample in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from clustering.io.databases import open_database
from tests.services.servers import PostgresServer, S3Server

# placed in the environment of every command; a test greps for them
PASSWORD = "canary-Pa55/w@rd:1"
TOKEN = "canary-t0ken-7731"


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    server = PostgresServer(PASSWORD)
    try:
        yield server
    finally:
        server.remove()


@pytest.fixture
def shop(postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch) -> PostgresServer:
    """The server without tables, its address and password in the environment."""
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    with open_database("test", postgres.uri_of_variables).transaction() as transaction:
        transaction.execute("DROP SCHEMA public CASCADE")
        transaction.execute("CREATE SCHEMA public")
    return postgres


@pytest.fixture(scope="session")
def s3() -> Iterator[S3Server]:
    server = S3Server(TOKEN)
    try:
        yield server
    finally:
        server.stop()


def sample_tables(sample_dir: Path) -> dict[str, pl.DataFrame]:
    """The inputs of the sample as tables: sales, need_states and one with all attributes."""
    raw = sample_dir / "data/raw"
    external = [
        pl.read_csv(path, schema_overrides={"STORE_NBR": pl.String})
        for path in sorted((raw / "external").glob("*.csv"))
    ]
    attributes = external[0]
    for table in external[1:]:
        attributes = attributes.join(table, on="STORE_NBR", how="full", coalesce=True)
    return {
        "sales": pl.read_parquet(raw / "sales.parquet"),
        "need_states": pl.read_csv(raw / "need_states.csv", infer_schema_length=0),
        "store_attributes": attributes,
    }


SQL_TYPES = {
    pl.String: "TEXT",
    pl.Float64: "DOUBLE PRECISION",
    pl.Int64: "BIGINT",
    pl.Int32: "INTEGER",
    pl.Boolean: "BOOLEAN",
}


def fill(uri: str, tables: dict[str, pl.DataFrame]) -> None:
    """Put tables into a database, replacing those of the same name."""
    with open_database("test", uri).transaction() as transaction:
        for name, table in tables.items():
            columns = ", ".join(
                f'"{column}" {SQL_TYPES[type(kind)]}' for column, kind in table.schema.items()
            )
            transaction.execute(f'DROP TABLE IF EXISTS "{name}"')
            transaction.execute(f'CREATE TABLE "{name}" ({columns})')
            transaction.append(name, table)


def rows_of(uri: str, query: str) -> pl.DataFrame:
    """The answer to a query."""
    return pl.concat(open_database("test", uri).batches(query))
