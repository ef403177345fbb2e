"""Three generated seasons: a tenth of the stores changes its mix, stores close and open, a need
state and a category vanish. What is published goes on.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clustering.sample.write import write_sample
from tests.conftest import command_in

STORES, CATEGORIES = 300, 3
MOVERS, CLOSED, OPENED = 30, 6, 6
LATER = "report.page=false"


def _season(sales: pl.DataFrame, number: int) -> pl.DataFrame:
    """A season of its own: every amount is drawn anew around the store's usual one."""
    noise = np.random.default_rng(number).lognormal(0, 0.5, sales.height)
    return sales.with_columns((pl.col("TOTAL_SALES") * noise).round(2))


def _swapped(sales: pl.DataFrame, movers: dict[str, str]) -> pl.DataFrame:
    """Stores that move get the sales of another store, and it theirs."""
    return sales.with_columns(pl.col("STORE_NBR").replace(movers))


def _movers(truth: pl.DataFrame, stores: list[str]) -> dict[str, str]:
    """Pairs of stores of different planted clusters in every category."""
    wide = truth.pivot("category", index="store_nbr", values="cluster")
    cluster = {row[0]: row[1:] for row in wide.iter_rows()}
    pairs: dict[str, str] = {}
    for one in stores:
        for other in stores:
            differs = all(a != b for a, b in zip(cluster[one], cluster[other], strict=True))
            if one not in pairs and other not in pairs and differs:
                pairs |= {one: other, other: one}
        if len(pairs) >= MOVERS:
            break
    return pairs


def _without(folder: Path, stores: list[str]) -> None:
    """Take stores out of the files of attributes."""
    for file in folder.iterdir():
        table = pl.read_csv(file, schema_overrides={"STORE_NBR": pl.String})
        table.filter(~pl.col("STORE_NBR").is_in(stores)).write_csv(file)


@pytest.fixture(scope="module")
def seasons(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[str], list[set[str]]]:
    """A project in which three seasons were run and published, what the last two runs said, and
    the stores that truly moved in each.
    """
    project = tmp_path_factory.mktemp("seasons")
    recipe = {"stores": STORES, "categories": CATEGORIES, "clusters": 3, "weeks": 13, "seed": 3}
    list(write_sample(project / "data", **recipe))  # type: ignore[arg-type]
    path = project / "data/raw/sales.parquet"
    sales = pl.read_parquet(path)
    truth = pl.read_parquet(project / "data/truth/internal.parquet").filter(pl.col("cluster") >= 0)
    whole = truth.group_by("store_nbr").len().filter(pl.col("len") == CATEGORIES)["store_nbr"]
    names = whole.sort().to_list()
    opened, closed = names[:OPENED], names[OPENED : OPENED + CLOSED]
    pool = names[OPENED + CLOSED :]
    first, second = _movers(truth, pool[:140]), _movers(truth, pool[140:])
    vanished = sales.filter(pl.col("CATEGORY") == "COFFEE")["SKU_NBR"].min()
    later = _swapped(sales, first)
    third = _swapped(later, second).filter(
        (pl.col("CATEGORY") != "CHEESE")
        & ~pl.col("STORE_NBR").is_in(closed)
        & ~pl.col("SKU_NBR").str.starts_with(str(vanished)[:7])
    )
    said = []
    for number, season in enumerate((sales, later, third)):
        own = _season(season, number)
        own = own if number else own.filter(~pl.col("STORE_NBR").is_in(opened))
        own.write_parquet(path)
        if number == 2:
            _without(project / "data/raw/external", closed)
        words = ["run", LATER, *([f"baseline.run=v{number}"] if number else [])]
        done = command_in(project, *words)
        assert done.code == 0, done.err
        said.append(done.out)
        shutil.copytree(project / "data/dev/merged", project / f"final{number}")
        assert command_in(project, "publish", "--approver", "Ann").code == 0
    return project, said, [set(first), set(second)]


@pytest.mark.parametrize("number", [1, 2])
def test_final_clusters_keep_what_did_not_move(
    number: int, seasons: tuple[Path, list[str], list[set[str]]]
) -> None:
    project, said, moved = seasons
    before, after = (
        pl.read_parquet(project / f"final{season}/assignments.parquet")
        for season in (number - 1, number)
    )
    both = after.join(before, on=["category", "store_nbr"], suffix="_before")
    stays = both["final_cluster"] == both["final_cluster_before"]
    truth = 1 - both["store_nbr"].is_in(list(moved[number - 1])).mean()  # type: ignore[operator]
    assert abs(stays.mean() - truth) <= 0.05  # type: ignore[operator]
    found = pl.read_parquet(project / f"final{number}/movers.parquet")
    true_movers = found["store_nbr"].is_in(list(moved[number - 1]))
    assert true_movers.mean() >= 0.7  # type: ignore[operator]
    assert f"{stays.mean():.1%} of {both.height:,} placements" in said[number]
    assert "moved: " in said[number]


def test_a_category_that_vanished_is_named(seasons: tuple[Path, list[str], list[set[str]]]) -> None:
    project, said, _ = seasons
    assert "categories of the baseline that are not in the sales: CHEESE" in said[2]
    assert "not in the sales" not in said[1]
    continuity = pl.read_parquet(project / "final2/continuity.parquet")
    assert continuity.filter(category="CHEESE")["status"].unique().to_list() == ["vanished"]


def test_the_number_of_clusters_goes_on(seasons: tuple[Path, list[str], list[set[str]]]) -> None:
    project, _, _ = seasons
    found = [
        pl.read_parquet(
            project / f"outputs/versions/{number}/data/dev/external/train/verdicts.parquet"
        )
        for number in (1, 2, 3)
    ]
    assert len({verdicts["k"].item() for verdicts in found}) == 1


def test_continued_final_clusters_keep_their_names(
    seasons: tuple[Path, list[str], list[set[str]]],
) -> None:
    project, _, _ = seasons
    key = ["category", "final_cluster"]
    old, new = (
        pl.read_parquet(project / f"final{season}/clusters.parquet").select(*key, "name")
        for season in (0, 1)
    )
    continued = pl.read_parquet(project / "final1/continuity.parquet").filter(status="continued")
    both = new.join(old, on=key, suffix="_before").join(continued, on=key, how="semi")
    assert both.height >= 6
    assert both["name"].equals(both["name_before"])
