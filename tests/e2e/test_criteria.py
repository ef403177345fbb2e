"""Performance, mixed, nested and seasonal clusters through the command line."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.conftest import command_in


def _ok(project: Path, *words: str) -> str:
    done = command_in(project, *words, "report.page=false")
    assert done.code == 0, done.err
    return done.out


def _read(project: Path, table: str) -> pl.DataFrame:
    return pl.read_parquet(project / "data" / "dev" / f"{table}.parquet")


@pytest.mark.parametrize("preset", ["performance", "mixed"])
def test_presets_cluster_by_performance(project: Path, preset: str) -> None:
    stores = _read(project, "internal/preprocess/stores")
    _ok(project, "run", "internal_ml", f"experiment={preset}", "model.k=2")
    _ok(project, "merge")
    assigned = _read(project, "internal/assign/assignments")
    assert assigned.height == stores.height
    if preset == "performance":
        sales = (
            assigned.join(stores, on=["category", "store_nbr"])
            .group_by("category", "cluster")
            .agg(pl.col("sales").median())
        )
        spread = sales.group_by("category").agg(pl.col("sales").max() / pl.col("sales").min())
        assert spread["sales"].min() > 1.2
    placed = command_in(
        project,
        "predict",
        "--stores",
        "data/raw/sales.parquet",
        "--format",
        "csv",
        "--output",
        "placed.csv",
    )
    assert placed.code == 0, placed.err
    predicted = pl.read_csv(
        project / "placed.csv", schema_overrides={"store_nbr": pl.String}
    ).filter(track="internal")
    both = assigned.join(predicted, on=["category", "store_nbr"], suffix="_predicted")
    assert both.height == assigned.height
    assert (both["cluster"] == both["cluster_predicted"]).all()


def test_nested_clusters_divide_those_of_an_earlier_run(project: Path) -> None:
    outer = _read(project, "internal/assign/assignments")
    assert command_in(project, "publish", "--approver", "Ann").code == 0
    _ok(project, "run", "experiment=nested", "merge.min_cluster_size=5")
    inner = _read(project, "internal/assign/assignments")
    names = outer.select(
        "store_nbr",
        category=pl.concat_str("category", pl.col("cluster").cast(pl.String), separator=" / "),
    )
    assert (
        inner.select("store_nbr", "category")
        .sort("category", "store_nbr")
        .equals(names.sort("category", "store_nbr"))
    )
    exported = command_in(project, "export", "--format", "parquet", "--output", "exported")
    assert exported.code == 0, exported.err
    sales = (
        pl.read_parquet(project / "exported" / "sales.parquet")
        .filter(by="final")
        .group_by("dimension")
        .agg(pl.col("sales").sum())
    )
    assert sales["sales"].max() == pytest.approx(sales["sales"].min())
    words = ("predict", "--stores", "data/raw/sales.parquet", "--format", "csv")
    placed = command_in(project, *words, "--output", "placed.csv")
    assert placed.code == 0, placed.err
    predicted = pl.read_csv(project / "placed.csv", schema_overrides={"store_nbr": pl.String})
    both = inner.join(predicted, on=["category", "store_nbr"], suffix="_predicted")
    assert both.height == inner.height
    assert (both["cluster"] == both["cluster_predicted"]).all()


def test_a_season_counts_what_it_leaves_out_and_a_sweep_sets_seasons_side_by_side(
    project: Path,
) -> None:
    raw = pl.read_parquet(project / "data" / "raw" / "sales.parquet")
    _ok(
        project,
        "run",
        "internal_preprocessing",
        "preprocess.first_period=3",
        "preprocess.last_period=6",
    )
    counts = dict(
        _read(project, "internal/preprocess/reconciliation")
        .filter(input="sales")
        .select("outcome", "rows")
        .iter_rows()
    )
    assert counts["outside_periods"] == raw.filter(~pl.col("WEEK").is_between(3, 6)).height
    assert counts["used"] + counts["outside_periods"] == raw.height
    duckdb = command_in(
        project,
        "preprocess",
        "--force",
        "engine=duckdb",
        "preprocess.first_period=3",
        "preprocess.last_period=6",
    )
    if duckdb.code != 2:  # the extra is there
        again = _read(project, "internal/preprocess/reconciliation").filter(input="sales")
        assert dict(again.select("outcome", "rows").iter_rows()) == counts
    for words, message in (
        (
            ("preprocess.first_period=9", "preprocess.last_period=2"),
            "is after preprocess.last_period=2",
        ),
        (("preprocess.first_period=spring",), "neither a week such as 12"),
    ):
        done = command_in(project, "preprocess", *words)
        assert done.code == 2
        assert message in done.err
