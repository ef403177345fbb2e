"""What clusters are worth on unseen sales: planted categories, and the public panel."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import polars as pl

from clustering.config import Caps, Merge, Overrides
from clustering.methods import models
from clustering.stages.merge import merge
from tests.quality.continua import SHAPES, draw_continuum
from tests.quality.hard import SEEDS
from tests.quality.merging import FEWEST_STORES, run_of_the_demo
from tests.quality.planted_tables import MIX, Tables, outcome
from tests.quality.significance import all_alike, tables_of
from tests.quality.worlds import KINDS, draw

LARGEST = 12
FIGURES = ("gain", "standard_error", "random", "own")


def score_worth(seeds: str, quick: bool) -> None:
    """Print the worth of clusters of planted categories and of the panel's."""
    first, few = SEEDS[seeds][0], slice(None, 2 if quick else None)
    print(f"{'':<44}{'plans':>7}{'clusters':>10}{'error':>8}{'random':>8}{'own':>8}")
    alike = [all_alike(first + number) for number in range(8)][few]
    _print("planted: stores of one mix, 4 clusters", [_planted(tables_of(w), 4) for w in alike])
    continua = [draw_continuum(shape, first) for shape in list(SHAPES)[few]]
    _print("planted: continua, own k", [_planted(tables_of(world)) for world in continua])
    groups = [draw(kind, first) for kind in list(KINDS)[few]]
    _print("planted: groups, own k", [_planted(tables_of(world)) for world in groups])
    with tempfile.TemporaryDirectory() as folder:
        tables = run_of_the_demo(Path(folder))
    found = merge(**tables, merge=Merge(), caps=Caps(), overrides=Overrides(), seed=42)["worth"]
    whole = found.filter(pl.col("final_cluster").is_null() & (pl.col("stores") >= FEWEST_STORES))
    rows = tables["stores"].group_by("category").agg(pl.col("sales_rows").sum())
    largest = whole.join(rows, on="category").top_k(LARGEST, by="sales_rows").sort("category")
    for row in largest.iter_rows(named=True):
        _print(f"panel: {row['category']}", [row])
    _print(f"panel: mean of these {largest.height} categories", largest.to_dicts())
    several = whole.filter(pl.col("plans") > 1)
    _print(f"panel: mean of {several.height} categories with clusters", several.to_dicts())


def _planted(tables: Tables, k: int | None = None) -> dict[str, float]:
    """The row of schemas.Worth of a category, its internal clusters being the final ones."""
    found = outcome(tables, MIX, models.family("gmm").Settings(k_min=2, k=k))
    values, stores = tables
    merged = merge(
        found.assignments,
        None,
        None,
        None,
        Merge(),
        Caps(),
        Overrides(),
        42,
        values,
        stores.with_columns(sales_rows=1_000),
    )
    return merged["worth"].row(0, named=True)


def _print(title: str, rows: Iterable[dict[str, float]]) -> None:
    """The means of several categories, with the error of the mean; one category has its own."""
    table = np.array([[row["plans"], *(row[name] for name in FIGURES)] for row in rows])
    plans, gain, error, random, own = table.mean(axis=0)
    if len(table) > 1:
        error = table[:, 1].std(ddof=1) / np.sqrt(len(table))
    shares = "".join(f"{share:>{width}.2%}" for share, width in ((gain, 10), (error, 8)))
    print(f"{title:<44}{plans:>7.1f}{shares}{random:>8.2%}{own:>8.2%}")
