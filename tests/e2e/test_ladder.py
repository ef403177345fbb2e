"""Stores with little or no history of their own, through the real command."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.conftest import command_in

CATEGORY = "COFFEE"


@pytest.fixture(scope="module")
def folder(sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run: `few` has three sales lines, `none` only lines of zero, `new` is in the
    attribute files alone.
    """
    folder = tmp_path_factory.mktemp("ladder")
    raw = folder / "data/raw"
    (raw / "external").mkdir(parents=True)
    given = sample_dir / "data/raw"
    sales = pl.read_parquet(given / "sales.parquet")
    few, none, new = sales["STORE_NBR"].unique().sort()[:3]
    of_few = (pl.col("STORE_NBR") == few) & (pl.col("CATEGORY") == CATEGORY)
    sales = pl.concat([sales.filter(~of_few), sales.filter(of_few).head(3)]).filter(
        pl.col("STORE_NBR") != new
    )
    zero = pl.when(pl.col("STORE_NBR") == none).then(0.0).otherwise("TOTAL_SALES")
    sales.with_columns(zero.alias("TOTAL_SALES")).write_parquet(raw / "sales.parquet")
    (raw / "need_states.csv").write_bytes((given / "need_states.csv").read_bytes())
    for file in (given / "external").iterdir():
        (raw / "external" / file.name).write_bytes(file.read_bytes())
    (raw / "stores.txt").write_text(f"{few} {none} {new}")
    done = command_in(folder, "run", "merge.min_cluster_size=5")
    assert done.code == 0, done.err
    return folder


def _rows(folder: Path, table: str) -> dict[str, dict[str, object]]:
    found = pl.read_parquet(folder / f"data/dev/{table}.parquet").filter(category=CATEGORY)
    return {row["store_nbr"]: row for row in found.iter_rows(named=True)}


def test_each_ends_with_a_cluster_a_rule_and_a_probability(folder: Path) -> None:
    few, none, new = (folder / "data/raw/stores.txt").read_text().split()
    placed, merged = (
        _rows(folder, "internal/assign/assignments"),
        _rows(folder, "merged/assignments"),
    )
    assert placed[few]["assigned_by"] == "model"
    for store in (none, new):
        assert placed[store]["assigned_by"] in ("external_attributes", "most_central")
    for store in (few, none, new):
        assert 0 < placed[store]["probability"] < 1  # type: ignore[operator]
        assert merged[store]["internal_cluster"] == placed[store]["cluster"]
        assert merged[store]["final_cluster"]
    assert [merged[store]["status"] for store in (few, none, new)] == [
        "both",
        "external_only",
        "external_only",
    ]


def test_three_lines_are_less_certain_than_a_year(folder: Path) -> None:
    few = (folder / "data/raw/stores.txt").read_text().split()[0]
    placed = pl.read_parquet(folder / "data/dev/internal/assign/assignments.parquet").filter(
        category=CATEGORY
    )
    own = placed.filter(store_nbr=few)["probability"].item()
    assert own <= placed.filter(assigned_by="model")["probability"].median()  # type: ignore[operator]


def test_rules_say_what_attributes_are_worth(folder: Path) -> None:
    rules = pl.read_parquet(folder / "data/dev/internal/assign/rules.parquet")
    worth = rules.filter(rule="external_attributes")
    assert worth["accuracy"].is_between(0, 1).all()
    assert worth["note"].str.contains("cross-validation").all()
    placed = pl.read_parquet(folder / "data/dev/internal/assign/assignments.parquet")
    assert rules["stores"].sum() == placed.height


def test_like_stores_come_before_the_guess(folder: Path) -> None:
    few, none, new = (folder / "data/raw/stores.txt").read_text().split()
    by_model = pl.read_parquet(folder / "data/dev/internal/assign/assignments.parquet").filter(
        category=CATEGORY, assigned_by="model"
    )
    like = by_model.sort("cluster", "store_nbr")["store_nbr"][-1]
    (folder / "like.csv").write_text(
        f"store_nbr,like_store_nbr,weight\n{new},{like},2\n{none},{few},1\n"
    )
    ladder = "assign.ladder=[model,like_stores,most_central]"
    done = command_in(
        folder,
        "run",
        "source.like_stores=like.csv",
        "merge.min_cluster_size=5",
        ladder,
        "env=staging",
    )
    assert done.code == 0, done.err
    placed = pl.read_parquet(folder / "data/staging/internal/assign/assignments.parquet").filter(
        category=CATEGORY
    )
    found = {row["store_nbr"]: row for row in placed.iter_rows(named=True)}
    assert found[new]["assigned_by"] == "like_stores"
    assert found[new]["cluster"] == found[like]["cluster"]


def test_a_weight_that_is_no_number_is_named(folder: Path) -> None:
    (folder / "bad.csv").write_text("store_nbr,like_store_nbr,weight\n1,2,much\n")
    done = command_in(folder, "assign", "source.like_stores=bad.csv")
    assert done.code == 3
    assert "bad.csv: column weight" in done.err
