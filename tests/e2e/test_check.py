"""`clustering check` shows what a run would read, and refuses what a run would refuse."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl

from tests.conftest import command_in


def test_check_shows_the_inputs_and_writes_nothing(fresh_project: Path) -> None:
    done = command_in(fresh_project, "check")
    assert done.code == 0, done.err
    said = " ".join(done.out.split())
    for expected in (
        "data/raw/sales.parquet",
        "120 in sales and attributes",
        "8, from 1 to 8",
        "COFFEE (120 stores",
        "rows used, sales",
        "ready: clustering run",
    ):
        assert expected in said
    assert all(len(line) <= 80 for line in done.out.splitlines())
    assert not (fresh_project / "data/dev").exists()


def test_check_as_json_holds_every_row_with_its_money(fresh_project: Path) -> None:
    done = command_in(fresh_project, "check", "--format", "json")
    found = json.loads(done.out)
    read, used = (row for row in found["rows"] if row["input"] == "sales")
    assert read["sales"] == used["sales"] > 0
    assert found["problems"] == []


def test_check_lists_the_faults_of_all_inputs_at_once(fresh_project: Path) -> None:
    raw = fresh_project / "data/raw"
    sales = pl.read_parquet(raw / "sales.parquet")
    sales.rename({"TOTAL_SALES": "REVENUE_NET"}).write_parquet(raw / "sales.parquet")
    for path in (raw / "external").iterdir():
        pl.read_csv(path).rename({"STORE_NBR": "SHOP"}).write_csv(path)
    done = command_in(fresh_project, "check")
    assert done.code == 3
    assert "total_sales" in done.err
    assert "store_nbr" in done.err
    assert "ready" not in done.out


def test_part_of_the_pipeline_warns_that_the_sales_changed(project: Path) -> None:
    sales = project / "data/raw/sales.parquet"
    pl.read_parquet(sales).head(-100).write_parquet(sales)
    done = command_in(project, "run", "internal_ml")
    assert done.code == 0, done.err
    assert "internal/preprocess is stale (input sales changed)" in " ".join(done.err.split())


def test_missing_driver_of_the_sink_is_told_before_any_work(project: Path) -> None:
    done = command_in(project, "run", "sink=postgres", "sink.uri=oracle://host/db", "--force")
    assert done.code == 2
    assert "internal/preprocess" not in done.err


def test_like_stores_that_no_input_knows_are_named(fresh_project: Path) -> None:
    (fresh_project / "like.csv").write_text("STORE_NBR,LIKE_STORE_NBR\n00001,00002\n00003,88888\n")
    done = command_in(fresh_project, "check", "source.like_stores=like.csv")
    assert done.code == 0, done.err
    assert "like_store_nbr: 88888 in no other input" in " ".join(done.out.split())


def test_faulty_like_stores_are_told_before_any_work(fresh_project: Path) -> None:
    (fresh_project / "like.csv").write_text("STORE_NBR,LIKE_STORE_NBR,WEIGHT\n00001,00002,-1\n")
    done = command_in(fresh_project, "run", "source.like_stores=like.csv")
    assert done.code == 3
    assert "like.csv" in done.err
    assert "internal/preprocess" not in done.err
