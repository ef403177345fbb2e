"""The need-state mix of every store, as matrices, laid out like the rows of a category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from clustering.arrays import Matrix, runs
from clustering.methods.merging.mixes import mixes, shares
from clustering.results.page.content.run_tables import RunTables

SMALLEST = 0.015  # of the category's sales: need states below it are summed
MOST_SHOWN = 24


@dataclass(frozen=True)
class CategoryRows:
    """The stores of one category in order of their numbers: `placed` is the category's part of
    placed.placed_stores; `shares` (n_stores, n_features) is zero without sales.
    """

    placed: pl.DataFrame
    features: list[str]
    shares: Matrix

    def shown(self, overall: dict[str, float]) -> list[int]:
        """The features with a row of their own, the largest in all stores first."""
        size = [overall.get(name, 0.0) for name in self.features]
        order = sorted(range(len(size)), key=lambda at: (-size[at], self.features[at]))
        large = [at for at in order if size[at] >= SMALLEST][:MOST_SHOWN]
        return large if len(order) - len(large) > 1 else order


def rows_by_category(run: RunTables, placed: pl.DataFrame) -> dict[str, CategoryRows]:
    """The rows of every category of placed.placed_stores."""
    found = mixes(placed, run.internal["values"]) if run.internal else {}
    rows = {}
    for category, own in runs(placed["category"]).items():
        part, mix = placed[own], found.get(category)
        rows[category] = CategoryRows(
            part,
            mix.features if mix else [],
            shares(mix.sales) if mix else np.zeros((part.height, 0)),
        )
    return rows
