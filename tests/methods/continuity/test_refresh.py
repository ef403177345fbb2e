"""A run that continues an earlier one, through the command line: numbers, names, movers, caps."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

from clustering.sample.write import write_sample
from tests.conftest import command_in

SHARE_OF_MOVERS = 0.1


def _read(project: Path, table: str) -> pl.DataFrame:
    return pl.read_parquet(project / "data" / "dev" / f"{table}.parquet")


def _sales(folder: Path) -> Path:
    return folder / "data" / "raw" / "sales.parquet"


def _copy_of_run(project: Path, folder: Path) -> None:
    shutil.copytree(project / "data" / "dev", folder / "data" / "dev")
    shutil.copytree(project / "outputs" / "models", folder / "models")


@pytest.fixture(scope="module")
def periods(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pl.DataFrame]:
    """A project run on the first half of its weeks, kept in old/, then on the second with a tenth
    of the stores moved.

    Movers take each other's place: one gets the sales of a store of another planted cluster.
    """
    project = tmp_path_factory.mktemp("periods")
    list(write_sample(project / "data", stores=300, categories=1, clusters=4, weeks=40, seed=5))
    sales = pl.read_parquet(_sales(project))
    truth = pl.read_parquet(project / "data" / "truth" / "internal.parquet")
    sales.filter(pl.col("WEEK") <= 20).write_parquet(_sales(project))
    assert command_in(project, "run", "internal_preprocessing", "report.page=false").code == 0
    first = command_in(project, "run", "internal_ml", "report.page=false")
    assert first.code == 0, first.err
    _copy_of_run(project, project / "old")
    chosen = truth.sample(int(truth.height * SHARE_OF_MOVERS), seed=1, shuffle=True).sort(
        "cluster", maintain_order=True
    )
    to = chosen["store_nbr"].to_list()
    half = len(to) // 2
    swapped = pl.DataFrame({"STORE_NBR": to, "to": to[half:] + to[:half]})
    later = sales.filter(pl.col("WEEK") > 20).join(
        swapped, on="STORE_NBR", how="left", maintain_order="left"
    )
    later.with_columns(STORE_NBR=pl.coalesce("to", "STORE_NBR")).drop("to").write_parquet(
        _sales(project)
    )
    again = chosen.select("store_nbr", planted="cluster").with_columns(
        pl.Series("becomes", to[half:] + to[:half])
    )
    clusters = truth.select(becomes="store_nbr", other="cluster")
    movers = (
        again.join(clusters, on="becomes")
        .filter(pl.col("planted") != pl.col("other"))
        .select("store_nbr")
    )
    assert command_in(project, "run", "internal_preprocessing", "report.page=false").code == 0
    second = command_in(project, "run", "internal_ml", "report.page=false", "baseline.run=old")
    assert second.code == 0, second.err
    return project, movers


def test_true_movers_are_found_and_the_others_stay(periods: tuple[Path, pl.DataFrame]) -> None:
    project, movers = periods
    assert movers.height >= 25
    old = pl.read_parquet(
        project / "old" / "data" / "dev" / "internal" / "assign" / "assignments.parquet"
    )
    both = _read(project, "internal/assign/assignments").join(
        old, on=["category", "store_nbr"], suffix="_old"
    )
    moved = both.filter(pl.col("cluster") != pl.col("cluster_old"))
    assert abs((1 - moved.height / both.height) - (1 - movers.height / both.height)) <= 0.03
    assert moved.join(movers, on="store_nbr", how="semi").height >= 0.8 * moved.height


def test_every_cluster_goes_on_under_its_name(periods: tuple[Path, pl.DataFrame]) -> None:
    project, _ = periods
    assert _read(project, "internal/assign/continuity")["status"].unique().to_list() == [
        "continued"
    ]
    old = pl.read_parquet(
        project / "old" / "data" / "dev" / "internal" / "analyze" / "clusters.parquet"
    )
    named = ["category", "cluster", "name"]
    assert _read(project, "internal/analyze/clusters").select(named).equals(old.select(named))


def test_another_seed_and_another_order_of_rows_change_nothing(
    project: Path, tmp_path: Path
) -> None:
    _copy_of_run(project, tmp_path / "old")
    sales = pl.read_parquet(_sales(project))
    sales.sample(fraction=1, shuffle=True, seed=3).write_parquet(_sales(project))
    done = command_in(
        project, "run", "seed=99", f"baseline.run={tmp_path / 'old'}", "report.page=false"
    )
    assert done.code == 0, done.err
    assert "clusters and those of the baseline" in done.out
    for table in (
        "internal/assign/assignments",
        "external/assign/assignments",
        "merged/assignments",
    ):
        before = pl.read_parquet(tmp_path / "old" / "data" / "dev" / f"{table}.parquet")
        same = [
            name
            for name in before.columns
            if name in ("category", "store_nbr", "cluster", "merged_cluster", "final_cluster")
        ]
        assert _read(project, table).select(same).equals(before.select(same))


def test_a_margin_holds_stores_back_and_says_what_it_costs(
    periods: tuple[Path, pl.DataFrame], tmp_path: Path
) -> None:
    project, _ = periods
    own = tmp_path / "own"
    shutil.copytree(project, own)
    done = command_in(
        own, "run", "internal_ml", "report.page=false", "baseline.run=old", "baseline.margin=1"
    )
    assert done.code == 0, done.err
    held = _read(own, "internal/assign/assignments").filter(assigned_by="baseline").height
    assert held >= 1
    assert f"{held} stores stayed in their cluster: moving would have gained" in done.out


def test_caps_of_a_run(project: Path) -> None:
    held = command_in(
        project,
        "run",
        "internal_ml",
        "caps.min_size=35",
        "caps.max_size=45",
        "model.k=3",
        "report.page=false",
    )
    assert held.code == 0, held.err
    sizes = (
        _read(project, "internal/assign/assignments").group_by("category", "cluster").len()["len"]
    )
    assert sizes.is_between(35, 45).all()
    assert "to keep sizes within the caps" in held.out
    refused = command_in(
        project, "run", "internal_ml", "caps.max_size=5", "model.k=3", "report.page=false"
    )
    assert refused.code == 0, refused.err
    assert "warning" in refused.out
    assert (
        "caps.max_size=5 cannot hold: 120 stores are too many for 3 clusters of that size"
        in refused.out
    )
    few = command_in(project, "run", "internal_ml", "caps.max_clusters=2", "report.page=false")
    assert few.code == 0, few.err
    assert _read(project, "internal/assign/assignments")["cluster"].max() == 2


@pytest.mark.parametrize(
    ("run", "message"),
    [
        ("nowhere", "nowhere: no such run"),
        ("current", "publish it first"),
        ("data", "has no run of env=dev"),
    ],
)
def test_a_baseline_that_cannot_be(project: Path, run: str, message: str) -> None:
    done = command_in(project, "run", f"baseline.run={run}")
    assert done.code == 2
    assert message in done.err
