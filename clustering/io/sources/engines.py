"""Sales rows of parquet files as DuckDB or Spark sees them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import narwhals as nw
import polars as pl

from clustering.config import Engine, Source
from clustering.errors import ConfigError
from clustering.io.sources import OpenSource
from clustering.io.sources.columns import resolve
from clustering.methods.aggregation.engines import EngineSales

Rows = nw.LazyFrame[Any]


def open_sales(engine: Engine, source: OpenSource, settings: Source) -> EngineSales:
    """Give the sales rows in the columns of schemas.Sales.

    Raises ConfigError where the engine is not installed or cannot read the source, DataError as the
    source does.
    """
    if settings.name != "files":
        raise ConfigError(
            f"engine={engine.name} reads parquet files; source={settings.name} goes with "
            "engine=polars"
        )
    paths = source.files("sales")
    for path in paths:
        if not path.lower().endswith((".parquet", ".pq")):
            raise ConfigError(
                f"engine={engine.name} reads parquet files; {path} is none: convert it, or use "
                "engine=polars"
            )
    kinds = source.sales().collect_schema()  # checks the structure of every file
    rows, upload = OPENERS[engine.name](engine, paths)
    native = nw.from_native(rows)
    names = native.collect_schema().names()
    columns = resolve(
        paths[0],
        names,
        ("store_nbr", "sku_nbr", "total_sales"),
        ("category", "week", "date"),
        settings.columns,
    )
    return EngineSales(
        _canonical(native, columns, kinds), lambda table: nw.from_native(upload(table))
    )


def _canonical(rows: Rows, columns: dict[str, str], kinds: pl.Schema) -> Rows:
    period = next((columns[name] for name in ("week", "date") if name in columns), None)
    if period is None:
        of_time = nw.lit(None, dtype=nw.Int64)
    elif (kind := rows.collect_schema()[period]).is_temporal():
        of_time = nw.col(period).cast(nw.Date)
    elif kind.is_numeric():
        of_time = nw.col(period).cast(nw.Int64)
    else:
        raise ConfigError(
            f"the column {period} holds text; engine=duckdb and engine=spark need week numbers or "
            "dates in it"
        )
    return rows.select(
        *(nw.col(columns[key]).alias(key) for key in ("store_nbr", "sku_nbr")),
        (
            nw.col(columns["category"]).cast(nw.String)
            if "category" in columns
            else nw.lit(None, dtype=nw.String)
        ).alias("category"),
        nw.col(columns["total_sales"]).cast(nw.Float64).alias("total_sales"),
        of_time.alias("period"),
    )


Opened = tuple[Any, Callable[[pl.DataFrame], Any]]


def _duckdb(engine: Engine, paths: Sequence[str]) -> Opened:
    try:
        import duckdb
        import pyarrow  # noqa: F401  # what small tables travel by
    except ImportError as cause:
        raise ConfigError(
            'engine=duckdb is an extra; install it: pip install "clustering[duckdb]"'
        ) from cause
    database = duckdb.connect()
    return database.read_parquet(
        list(paths), union_by_name=True
    ), lambda table: database.from_arrow(table.to_arrow())


def _spark(engine: Engine, paths: Sequence[str]) -> Opened:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as cause:
        raise ConfigError(
            'engine=spark is an extra; install it: pip install "clustering[spark]"'
        ) from cause
    builder = (
        SparkSession.builder.master(engine.master)
        .appName("clustering")
        .config("spark.ui.enabled", "false")
    )
    builder = builder.config("spark.ui.showConsoleProgress", "false").config(
        "spark.sql.session.timeZone", "UTC"
    )
    if engine.master.startswith("local"):
        builder = builder.config("spark.driver.host", "127.0.0.1").config(
            "spark.driver.bindAddress", "127.0.0.1"
        )
    try:
        session = builder.getOrCreate()
    except (PySparkException, OSError) as cause:
        raise ConfigError(
            f"engine=spark does not start on {engine.master}; it needs Java 17 or later: {cause}"
        ) from cause
    warnings.filterwarnings(
        "ignore", message="PySpark does not yet fully support pandas"
    )  # none is used
    session.sparkContext.setLogLevel("ERROR")
    rows = session.read.option("mergeSchema", "true").parquet(*paths)
    return rows, lambda table: session.createDataFrame(table.to_arrow())


OPENERS: dict[str, Callable[[Engine, Sequence[str]], Opened]] = {"duckdb": _duckdb, "spark": _spark}
