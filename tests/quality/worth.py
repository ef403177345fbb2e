"""What clusters are worth on unseen sales: planted categories, the public panel, Dominick's."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from clustering.config import Caps, Merge, Overrides
from clustering.methods import models
from clustering.methods.transforms.demand import both_ways
from clustering.stages.merge import merge
from tests.quality.continua import SHAPES, draw_continuum
from tests.quality.hard import SEEDS
from tests.quality.merging import FEWEST_STORES, run_of_the_demo
from tests.quality.orange_juice import HOW, of_orange_juice, read
from tests.quality.planted_tables import MIX, outcome
from tests.quality.significance import all_alike, tables_of
from tests.quality.worlds import KINDS, World, draw

LARGEST = 12
NULL_WORLDS = 8
FIGURES = ("gain", "standard_error", "random", "own")
Row = dict[str, Any]


def score_worth(seeds: str, quick: bool, orange_juice: str | None) -> None:
    """Print the worth of clusters of planted categories, of the panel's and of Dominick's."""
    first, few = SEEDS[seeds][0], slice(None, 2 if quick else None)
    print(f"{'':<44}{'plans':>7}{'clusters':>10}{'error':>8}{'random':>8}{'own':>8}{'truth':>8}")
    null = [_planted(all_alike(first + number), 4) for number in range(NULL_WORLDS)[few]]
    _print("planted: stores of one mix, 4 clusters", null)
    continua = [_planted(draw_continuum(shape, first)) for shape in list(SHAPES)[few]]
    _print("planted: continua, own k", continua)
    groups = [_planted(draw(kind, first)) for kind in list(KINDS)[few]]
    _print("planted: groups, own k", groups)
    panel = _panel()
    largest = sorted(panel[:LARGEST], key=lambda row: row["category"])
    for row in largest:
        _print(f"panel: {row['category']}", [row])
    _print(f"panel: mean of these {len(largest)} categories", largest)
    several = [row for row in panel if row["plans"] > 1]
    _print(f"panel: mean of {len(several)} categories with clusters", several)
    juice = _worth_of(of_orange_juice(*read(Path(orange_juice)))[2]) if orange_juice else []
    _print("Dominick's orange juice", juice) if juice else print(f"Dominick's orange juice: {HOW}")
    print(f"\n{'more than two standard errors':<44}{'above 0':>10}{'neither':>10}{'below 0':>10}")
    _count("clusters", "stores of one mix", null)
    _count("clusters", "continua", continua)
    _count("clusters", "groups", groups)
    planted = [*null, *continua, *groups]
    for title, rows in (("planted", planted), ("panel", several), ("orange juice", juice)):
        _count("random", title, rows)
    cut = sum(row["gain"] for row in continua) / sum(row["own"] for row in continua)
    print(f"\ncontinua: clusters bring {cut:.0%} of what a plan for every store would")


def _planted(world: World, k: int | None = None) -> Row:
    """The row of schemas.Worth of a category, its internal clusters being the final ones; with
    what they gain in truth: by mixes without sampling noise.
    """
    values, stores = tables_of(world)
    found = outcome((values, stores), MIX, models.family("gmm").Settings(k_min=2, k=k))
    sold = stores.with_columns(sales_rows=1_000)
    settings = Merge(), Caps(), Overrides(), 42
    merged = merge(found.assignments, None, None, None, *settings, values, sold)
    placed = stores.join(merged["assignments"], on="store_nbr", maintain_order="left")
    codes = np.unique(placed["final_cluster"].to_numpy().astype(str), return_inverse=True)[1]
    expected = world.mixes * world.sales.sum(axis=1, keepdims=True)
    both = both_ways(expected, expected)
    assert both is not None
    groups = codes.astype(np.int64)[both.sold]
    row = merged["worth"].row(0, named=True)
    return row | {"truth": both.judged((groups, groups)).gain()[0]}


def _panel() -> list[Row]:
    """Of categories of FEWEST_STORES stores, those with most rows of sales first."""
    with tempfile.TemporaryDirectory() as folder:
        tables = run_of_the_demo(Path(folder))
    found = merge(**tables, merge=Merge(), caps=Caps(), overrides=Overrides(), seed=42)["worth"]
    rows = tables["stores"].group_by("category").agg(pl.col("sales_rows").sum())
    whole = found.join(rows, on="category").sort("sales_rows", descending=True)
    return _worth_of(whole.filter(pl.col("stores") >= FEWEST_STORES))


def _worth_of(table: pl.DataFrame) -> list[Row]:
    return table.filter(pl.col("final_cluster").is_null()).to_dicts()


def _print(title: str, rows: Sequence[Row]) -> None:
    """The means of several categories, with the error of the mean; one category has its own."""
    columns = ("plans", *FIGURES, *(["truth"] if "truth" in rows[0] else []))
    table = np.array([[row[name] for name in columns] for row in rows])
    plans, gain, error, *others = table.mean(axis=0)
    if len(table) > 1:
        error = table[:, 1].std(ddof=1) / np.sqrt(len(table))
    shares = "".join(f"{share:>{width}.2%}" for share, width in ((gain, 10), (error, 8)))
    print(f"{title:<44}{plans:>7.1f}{shares}" + "".join(f"{share:>8.2%}" for share in others))


def _count(name: str, title: str, rows: Sequence[Row]) -> None:
    """In how many categories the figure can be told from 0."""
    figures = np.array([row["gain" if name == "clusters" else name] for row in rows])
    errors = 2 * np.array([row["standard_error"] for row in rows])
    above, below = int((figures > errors).sum()), int((figures < -errors).sum())
    print(f"{f'{name}, {title}':<44}{above:>10}{len(rows) - above - below:>10}{below:>10}")
