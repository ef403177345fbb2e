"""The need-state mix of every store, as matrices, laid out like the rows of a category."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from clustering.arrays import Matrix
from clustering.methods.merging.mixes import mixes, shares
from clustering.results.page.content.run_tables import KEY, RunTables

SMALLEST = 0.015  # of the category's sales: need states below it are summed
MOST_SHOWN = 24


@dataclass(frozen=True)
class CategoryRows:
    """The stores of one category in order of their numbers: `placed` has the columns of the
    assignments and place, sales, history; `shares` (n_stores, n_features) is zero without sales.
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


def rows_by_category(run: RunTables) -> dict[str, CategoryRows]:
    """The rows of every category to show."""
    placed = run.merged["assignments"].filter(pl.col("category").is_in(run.categories))
    placed = placed.join(run.store_places, on="store_nbr").sort("category", "place")
    if not run.internal:
        nothing = pl.lit(None, pl.Float64).alias("sales"), pl.lit("none").alias("history")
        parts = placed.with_columns(nothing).partition_by("category", as_dict=True)
        empty = {str(key[0]): part for key, part in parts.items()}
        return {
            name: CategoryRows(part, [], np.zeros((part.height, 0))) for name, part in empty.items()
        }
    known = run.internal["stores"].select(*KEY, "sales", pl.col("history").cast(pl.String))
    placed = placed.join(known, on=KEY, how="left", maintain_order="left")
    found = mixes(placed, run.internal["values"])
    parts = placed.partition_by("category", as_dict=True, maintain_order=True)
    rows = {}
    for (category,), part in parts.items():
        mix = found.get(str(category))
        rows[str(category)] = CategoryRows(
            part,
            mix.features if mix else [],
            shares(mix.sales) if mix else np.zeros((part.height, 0)),
        )
    return rows
