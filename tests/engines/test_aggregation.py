"""DuckDB and Spark sum the sales; the tables are those of our own pass, byte for byte."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import narwhals as nw
import polars as pl
import pytest

from clustering.config import Engine, Preprocess, Source
from clustering.errors import DataError
from clustering.io.sources.engines import open_sales
from clustering.io.sources.files import FileSource
from clustering.methods.aggregation.engines import EngineSales
from clustering.stages.preprocess_internal import preprocess_internal
from tests.conftest import command_in

TABLES = ("values", "stores", "quarantine", "reconciliation")
ENGINES = {"duckdb": ("engine=duckdb",), "spark": ("engine=spark", "engine.master='local[2]'")}


def _tables(folder: Path) -> dict[str, str]:
    stage = folder / "data/dev/internal/preprocess"
    return {
        name: hashlib.sha256((stage / f"{name}.parquet").read_bytes()).hexdigest()
        for name in TABLES
    }


@pytest.mark.parametrize("engine", list(ENGINES))
def test_engine_does_not_show_in_the_result(engine: str, local_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(local_dir / "data/raw", tmp_path / "data/raw")
    done = command_in(tmp_path, "run", *ENGINES[engine])
    assert done.code == 0, done.err
    assert _tables(tmp_path) == _tables(local_dir)
    for table in ("internal/assign/assignments", "merged/assignments"):
        ours, theirs = (
            pl.read_parquet(folder / f"data/dev/{table}.parquet")
            for folder in (local_dir, tmp_path)
        )
        assert ours.equals(theirs)


@pytest.mark.parametrize("setting", ["preprocess.holdout=random", "preprocess.sample_stores=40"])
def test_sales_without_halves_and_drawn_stores_are_the_same(
    setting: str, local_dir: Path, tmp_path: Path
) -> None:
    for folder, words in (("polars", ()), ("duckdb", ENGINES["duckdb"])):
        shutil.copytree(local_dir / "data/raw", tmp_path / folder / "data/raw")
        done = command_in(tmp_path / folder, "preprocess", "track=internal", setting, *words)
        assert done.code == 0, done.err
    assert _tables(tmp_path / "polars") == _tables(tmp_path / "duckdb")


def test_text_that_is_to_be_understood_first_gives_the_same(
    local_dir: Path, tmp_path: Path
) -> None:
    for folder, words in (("polars", ()), ("duckdb", ENGINES["duckdb"])):
        shutil.copytree(local_dir / "data/raw", tmp_path / folder / "data/raw")
        sales = pl.read_parquet(tmp_path / folder / "data/raw/sales.parquet")
        sales = sales.with_columns(
            pl.col("STORE_NBR") + " ",
            pl.col("CATEGORY").str.to_titlecase(),
            pl.format("2025-W{}", pl.col("WEEK")).alias("WEEK"),
            pl.format("${}", "TOTAL_SALES").alias("TOTAL_SALES"),
        )
        sales.write_csv(tmp_path / folder / "sales.csv", separator=";")
        done = command_in(
            tmp_path / folder, "preprocess", "track=internal", "source.sales=sales.csv", *words
        )
        assert done.code == 0, done.err
    assert _tables(tmp_path / "polars") == _tables(tmp_path / "duckdb")


RETURNS = [
    ("1", "g", "TEA", 3.0, 1),
    ("1", "g", "TEA", -1.0, 1),
    ("1", "g", "TEA", 2.0, 2),
    ("1", "g", "COFFEE", 5.0, 2),
    ("1", "g", "COFFEE", -7.5, 2),
    ("2", "b", None, 4.0, None),
    ("2", "b", None, -0.5, None),
    ("2", "b", "TEA", -9.0, 9),
    ("2", "b", "MILK", 6.0, 2),
]


@pytest.mark.parametrize("changed", [{}, {"holdout": "random"}, {"returns": "drop"}])
def test_returns_and_skus_of_several_categories_are_the_same(changed: dict[str, str]) -> None:
    duckdb = pytest.importorskip("duckdb")
    names = ("store_nbr", "sku_nbr", "category", "total_sales", "period")
    sales = pl.DataFrame(RETURNS, schema=names, orient="row").with_columns(
        pl.col("period").cast(pl.Int32)
    )
    need_states = pl.DataFrame(
        {
            "sku_nbr": ["g", "g", "b"],
            "need_state": ["green", "arabica", "black"],
            "category": ["TEA", "COFFEE", "TEA"],
        }
    )
    database = duckdb.connect()
    rows = nw.from_native(database.from_arrow(sales.to_arrow()))
    in_engine = EngineSales(
        rows, lambda table: nw.from_native(database.from_arrow(table.to_arrow()))
    )
    ours, theirs = (
        preprocess_internal(table, need_states, Preprocess(**changed), 1)
        for table in (sales.lazy(), in_engine)
    )
    assert {name for name in ours if not ours[name].equals(theirs[name])} == set()
    assert set(ours["values"].select("category", "feature").iter_rows()) >= {
        ("TEA", "green"),
        ("TEA", "black"),
    }


def _two_extracts(folder: Path) -> FileSource:
    """Weeks 1 to 4 in one file, 3 to 6 in the other."""
    for name, weeks in (("a", range(1, 5)), ("b", range(3, 7))):
        rows = [
            (store, sku, 10.0 * store + week + len(sku), week)
            for week in weeks
            for store in range(1, 5)
            for sku in ("g", "bb")
        ]
        columns = ("STORE_NBR", "SKU_NBR", "TOTAL_SALES", "WEEK")
        pl.DataFrame(rows, schema=columns, orient="row").write_parquet(
            folder / f"sales_{name}.parquet"
        )
    return FileSource(Source(sales=str(folder / "sales_*.parquet"), external=None))


def test_extracts_that_overlap_are_found_before_an_engine_sums_them(tmp_path: Path) -> None:
    pytest.importorskip("duckdb")
    need_states = pl.DataFrame(
        {"sku_nbr": ["g", "bb"], "need_state": ["green", "black"], "category": ["TEA", "TEA"]}
    )
    with pytest.raises(DataError, match=r"sales_a.parquet and .*sales_b.parquet repeat"):
        open_sales(Engine(name="duckdb"), _two_extracts(tmp_path), "error")
    for rule in ("last", "sum"):
        source = _two_extracts(tmp_path)
        ours, theirs = (
            preprocess_internal(rows, need_states, Preprocess(overlap=rule), 1)
            for rows in (source.sales(), open_sales(Engine(name="duckdb"), source, rule))
        )
        assert {name for name in ours if not ours[name].equals(theirs[name])} == set()
