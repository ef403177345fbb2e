"""Sales rows as DuckDB or Spark sees them.

An engine reads parquet files of plain types itself. All else (text, Excel, databases, keys to be
cleaned, periods to be understood) is read here, by the same rules as without an engine, and given
to it as one parquet file, so that the engine never shows in a result.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import narwhals as nw
import polars as pl

from clustering.config import Engine
from clustering.errors import ConfigError, missing_extra
from clustering.io.sources import OpenSource
from clustering.io.sources.encoding import scratch
from clustering.io.sources.files import FileSource
from clustering.methods.aggregation.engines import EngineSales
from clustering.methods.aggregation.overlap import without_repeats
from clustering.methods.aggregation.spelling import in_one_spelling

Rows = nw.LazyFrame[Any]
NO_MAP = pl.DataFrame(schema={"category": pl.String})
CANONICAL = ("store_nbr", "sku_nbr", "category", "total_sales", "period")


def open_sales(engine: Engine, source: OpenSource, overlap: str) -> EngineSales:
    """Give the sales rows in the columns of schemas.Sales; `overlap` is preprocess.overlap.

    Raises ConfigError where the engine is not installed, DataError as the source does.
    """
    sales, repeats = without_repeats(source.sales(), overlap)  # checks the structure of every file
    columns = None
    if isinstance(source, FileSource) and not repeats.rows:
        columns = source.plain_sales()
    paths = source.files("sales")
    if columns is None:
        columns = {name: name for name in sales.collect_schema().names()}
        paths = [str(Path(scratch().name) / "sales.parquet")]
        clean, _, _ = in_one_spelling(sales, NO_MAP)
        if isinstance(clean, pl.LazyFrame):  # as it went in
            clean.sink_parquet(paths[0])
    rows, upload = OPENERS[engine.name](engine, paths)
    return EngineSales(
        _canonical(nw.from_native(rows), columns),
        lambda table: nw.from_native(upload(table)),
        repeats,
    )


def _canonical(rows: Rows, columns: dict[str, str]) -> Rows:
    picked = [
        nw.col(columns[name]).alias(name)
        for name in (*CANONICAL, "unread_sales", "unread_period")
        if name in columns
    ]
    given = rows.select(*picked)
    kinds = given.collect_schema()
    casts = [nw.col("total_sales").cast(nw.Float64)]
    if "category" in columns:
        casts.append(nw.col("category").cast(nw.String))
    else:
        casts.append(nw.lit(None, dtype=nw.String).alias("category"))
    if "period" not in columns:
        casts.append(nw.lit(None, dtype=nw.Int64).alias("period"))
    elif kinds["period"].is_temporal():
        casts.append(nw.col("period").cast(nw.Date))
    else:
        casts.append(nw.col("period").cast(nw.Int64))
    return given.with_columns(*casts)


Opened = tuple[Any, Callable[[pl.DataFrame], Any]]


def _duckdb(engine: Engine, paths: Sequence[str]) -> Opened:
    try:
        import duckdb
        import pyarrow  # noqa: F401  # what small tables travel by
    except ImportError as cause:
        raise missing_extra("engine=duckdb", "duckdb") from cause
    database = duckdb.connect()
    literal = [re.sub(r"([*?\[])", r"[\1]", path) for path in paths]  # not patterns again
    return database.read_parquet(
        literal, union_by_name=True, hive_partitioning=False
    ), lambda table: database.from_arrow(table.to_arrow())


def _spark(engine: Engine, paths: Sequence[str]) -> Opened:
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as cause:
        raise missing_extra("engine=spark", "spark") from cause
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
    literal = [re.sub(r"([*?\[\]{}])", r"\\\1", path) for path in paths]  # not patterns again
    rows = session.read.option("mergeSchema", "true").parquet(*literal)
    return rows, lambda table: session.createDataFrame(table.to_arrow())


OPENERS: dict[str, Callable[[Engine, Sequence[str]], Opened]] = {"duckdb": _duckdb, "spark": _spark}
