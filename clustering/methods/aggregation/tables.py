"""The sums of a pass as tables: sales per category, store and need state, and the stores."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.config import Preprocess
from clustering.errors import DataError
from clustering.methods.aggregation.sales import Aggregated
from clustering.methods.aggregation.totals import UNITS, Sums

MOST_PARTS = 100_000  # shares of a SKU finer than this would overflow whole numbers

# rows per store and category of a file of totals: the 90 % quantile is below so many medians
ALIKE = 2.0
FEWEST_COUNTS = 20  # with fewer stores and categories nothing can be said of the rows
# of the category's median store: a store that sells less has little history, where rows are totals
LEAST_SALES = 0.05


def values_and_stores(
    found: Aggregated, preprocess: Preprocess
) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
    """Give both tables of each category, in order: sorting all rows by their names at once would
    cost more than the pass. Raises DataError where SKUs are split too finely.
    """
    parts = math.lcm(*(len(states) for states in found.need_states.sets), 1)
    if parts > MOST_PARTS:
        raise DataError(
            "need_states: SKUs are split over too many different numbers of need states "
            f"(1/{parts} shares)"
        )
    fewest: int | None = preprocess.min_sales_rows
    if are_totals(found.row_counts, preprocess.min_sales_rows):
        fewest = None
    stores = pl.Series(sorted(found.stores.names), dtype=pl.String)
    place = {name: rank for rank, name in enumerate(stores)}
    order = np.argsort([place[name] for name in found.stores.names])  # codes of stores by name
    cells: list[list[int]] = [[] for _ in found.categories.names]
    for cell, (category, _) in enumerate(found.need_states.cells):
        cells[category].append(cell)

    def of_category(category: int) -> tuple[pl.DataFrame, pl.DataFrame]:
        name = pl.Series("category", [found.categories.names[category]], dtype=pl.String)
        summed, features = _shared_out(found, cells[category], order, parts)
        rows = found.row_counts[order, category]
        return (
            _values(name, summed, features, stores, UNITS * parts),
            _stores(name, summed, rows, stores, UNITS * parts, fewest),
        )

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        by_name = sorted(range(len(cells)), key=found.categories.names.__getitem__)
        return list(pool.map(of_category, by_name))


def are_totals(rows: NDArray[np.int64], fewest: int) -> bool:
    """Whether rows (n_stores, n_categories) say nothing of a store's history: most stores have
    fewer than `fewest` and nearly all have as many, as in a file of totals. Sales judge then.
    """
    counts = rows[rows > 0]
    if len(counts) < FEWEST_COUNTS:
        return False
    middle, high = np.median(counts), np.quantile(counts, 0.9)
    return bool(middle < fewest and high < ALIKE * middle)


def halves_of_need_states(found: Aggregated) -> pl.DataFrame:
    """Give category, feature, half_a and half_b: the sales (currency) of all stores together."""
    rows = [
        (found.categories.names[category], state, a / UNITS / len(states), b / UNITS / len(states))
        for (category, number), (a, b) in zip(
            found.need_states.cells,
            found.totals.by_cell(len(found.need_states.cells)).tolist(),
            strict=True,
        )
        for states in [found.need_states.sets[number]]
        for state in states
    ]
    kinds = {"category": pl.String, "feature": pl.String}
    return (
        pl.DataFrame(
            rows, schema=kinds | {"half_a": pl.Float64, "half_b": pl.Float64}, orient="row"
        )
        .group_by("category", "feature")
        .agg(pl.col("half_a", "half_b").sum())
    )


def _shared_out(
    found: Aggregated, cells: list[int], order: NDArray[np.int64], parts: int
) -> tuple[Sums, pl.Series]:
    """Sums of one category by store (its rank) and feature, sorted, in 1/parts of a unit; and the
    names of the features, which are the cells of these sums.

    The sums of each cell are shared out over its need states: whole numbers, so that no sum depends
    on its order.
    """
    sets = {cell: found.need_states.sets[found.need_states.cells[cell][1]] for cell in cells}
    cells = sorted(
        cells, key=lambda cell: sets[cell]
    )  # rows then come in the order of features where none is shared
    features = sorted({state for states in sets.values() for state in states})
    sums = found.totals.sums(cells, order)
    if parts > 1:
        rank_of = {state: rank for rank, state in enumerate(features)}
        rows = [
            (place, rank_of[state], parts // len(sets[cell]))
            for place, cell in enumerate(cells)
            for state in sets[cell]
        ]
        sums = _spread(sums, rows)
    if not (sold := sums.half_a + sums.half_b > 0).all():
        sums = Sums(sums.store[sold], sums.cell[sold], sums.half_a[sold], sums.half_b[sold])
    return sums, pl.Series(features, dtype=pl.String)


def _spread(sums: Sums, rows: list[tuple[int, int, int]]) -> Sums:
    """Sums of features; `rows` say how many parts of each cell count in which feature."""
    kinds = {"cell": pl.Int64, "feature": pl.Int64, "times": pl.Int64}
    long = pl.DataFrame(
        {"store": sums.store, "cell": sums.cell, "a": sums.half_a, "b": sums.half_b}
    )
    joined = long.join(pl.DataFrame(rows, schema=kinds, orient="row"), on="cell")
    shared = joined.select("store", "feature", pl.col("a", "b") * pl.col("times"))
    summed = shared.group_by("store", "feature").agg(pl.col("a", "b").sum())
    return Sums(*(column.to_numpy() for column in summed.sort("store", "feature")))


def _values(
    category: pl.Series, summed: Sums, features: pl.Series, stores: pl.Series, whole: int
) -> pl.DataFrame:
    rows = len(summed.store)
    return pl.DataFrame(
        {
            "category": category.new_from_index(0, rows),
            "store_nbr": stores.gather(summed.store),
            "feature": features.gather(summed.cell),
            "value": (summed.half_a + summed.half_b) / whole,
            "level": pl.Series([None], dtype=pl.String).new_from_index(0, rows),
            "half_a": summed.half_a / whole,
            "half_b": summed.half_b / whole,
        }
    )


def _stores(
    category: pl.Series,
    summed: Sums,
    sales_rows: NDArray[np.int64],
    stores: pl.Series,
    whole: int,
    fewest: int | None,
) -> pl.DataFrame:
    """The stores that have rows; `summed` is sorted by store, `sales_rows` (n_stores,) is in the
    order of `stores`. Without `fewest` rows the sales say who has little history.
    """
    of_row, units = summed.store, summed.half_a + summed.half_b
    first = np.flatnonzero(np.diff(of_row, prepend=-1))
    sums = np.zeros(len(stores), dtype=np.int64)
    sums[of_row[first]] = np.add.reduceat(units, first) if first.size else 0
    present = np.flatnonzero(sales_rows)
    if fewest is None:
        has_little = sums < LEAST_SALES * np.median(sums[sums > 0]) if sums.any() else sums < 0
    else:
        has_little = sales_rows < fewest
    history = np.where(sums <= 0, 0, np.where(has_little, 1, 2))
    return pl.DataFrame(
        {
            "category": category.new_from_index(0, len(present)),
            "store_nbr": stores.gather(present),
            "sales": sums[present] / whole,
            "sales_rows": sales_rows[present],
            "history": pl.Series(("none", "poor", "enough")).gather(history[present]),
            "noise": pl.Series([None], dtype=pl.Float64).new_from_index(0, len(present)),
        }
    )
