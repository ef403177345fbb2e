"""Sales rows and the need-state map to sales per category, store and need state."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.config import Preprocess, Within
from clustering.errors import DataError
from clustering.methods.aggregation.aggregate import aggregate
from clustering.methods.aggregation.sales import (
    NETTED,
    NOT_FAULTS,
    RULES,
    WITHOUT_AMOUNT,
    Aggregated,
)
from clustering.methods.aggregation.totals import UNITS
from clustering.stages.quarantine import quarantine_frame, require_few, tally

if TYPE_CHECKING:
    from clustering.methods.aggregation.engines import EngineSales

OUTCOMES = ("used", *RULES, NETTED)
DIVIDER = " / "  # of a category and the outer cluster
MOST_PARTS = 100_000  # shares of a SKU finer than this would overflow whole numbers


def preprocess_internal(
    sales: pl.LazyFrame | EngineSales,
    need_states: pl.DataFrame,
    preprocess: Preprocess,
    seed: int,
    within: Within | None = None,
    outer: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """Give the tables values, stores, quarantine, reconciliation and columns (see schemas) of the
    internal track.

    A SKU mapped to m need states counts 1/m of its sales in each. Where sales file and map disagree
    on the category of a SKU the sales file wins; such rows are counted. Amounts are rounded to
    1/10,000 of a currency unit. With `outer` (schemas.Assignments of another run) every cluster of
    it becomes a category of its own, "TEA / 2". Raises DataError where no row is usable or the
    quarantined share exceeds preprocess.max_quarantined_share.
    """
    found = aggregate(sales, need_states, preprocess, seed)
    reconciliation = _reconciliation(found)
    require_few(reconciliation, preprocess.max_quarantined_share, ignored=NOT_FAULTS)
    if found.rows["used"] == 0:
        raise DataError("no sales row is usable", _counts(reconciliation))
    quarantine = _quarantine(found, preprocess)
    parts = _values_and_stores(found, preprocess)
    del found  # putting the parts together takes as much memory as the sums
    values, stores = (pl.concat(tables, rechunk=False) for tables in zip(*parts, strict=True))
    if within and outer is not None:
        values, stores = (_divided(table, outer, within.track) for table in (values, stores))
    return {
        "values": values,
        "stores": stores,
        "quarantine": quarantine,
        "reconciliation": reconciliation,
        "columns": pl.DataFrame(
            schema=dict.fromkeys(("input", "column", "kind", "action", "reason"), pl.String)
        ),
    }


def _divided(table: pl.DataFrame, outer: pl.DataFrame, track: str) -> pl.DataFrame:
    """The table with the outer cluster in the name of its category; stores without one are
    together, in "TEA / -".
    """
    key = ["category", "store_nbr"] if track == "internal" else ["store_nbr"]
    names = outer.select(*key, pl.col("cluster").cast(pl.String))
    joined = table.join(names, on=key, how="left", maintain_order="left")
    divided = pl.concat_str("category", pl.col("cluster").fill_null("-"), separator=DIVIDER)
    order = [name for name in ("category", "store_nbr", "feature") if name in table.columns]
    return joined.with_columns(divided.alias("category")).drop("cluster").sort(order)


def _reconciliation(found: Aggregated) -> pl.DataFrame:
    need_states = found.need_states
    map_rows = dict(need_states.rejected["rule"].value_counts().sort("rule").iter_rows())
    agree = found.rows["used"] - found.rows["category_differs_from_map"]
    return pl.concat(
        [
            tally(
                "sales",
                found.rows["read"],
                {name: found.rows[name] for name in OUTCOMES},
                {
                    name: units / UNITS
                    for name, units in found.units.items()
                    if name not in WITHOUT_AMOUNT
                },
            ),
            tally(
                "need_states", need_states.rows_read, {"used": need_states.rows_used, **map_rows}
            ),
            tally(
                "categories of used sales rows",
                found.rows["used"],
                {
                    "same as map or map silent": agree,
                    "sales file wins over map": found.rows["category_differs_from_map"],
                },
            ),
        ]
    )


def _counts(reconciliation: pl.DataFrame) -> list[str]:
    rows = (
        reconciliation.filter(pl.col("outcome") != "used")
        .select("input", "outcome", "rows")
        .iter_rows()
    )
    return [f"{name}: {rows:,} rows {outcome}" for name, outcome, rows in rows]


def _values_and_stores(
    found: Aggregated, preprocess: Preprocess
) -> list[tuple[pl.DataFrame, pl.DataFrame]]:
    """Both tables of each category, in order: sorting all rows by their names at once would cost
    more than the pass.
    """
    parts = math.lcm(*(len(states) for states in found.need_states.sets), 1)
    if parts > MOST_PARTS:
        raise DataError(
            "need_states: SKUs are split over too many different numbers of need states "
            f"(1/{parts} shares)"
        )
    stores = pl.Series(sorted(found.stores.names), dtype=pl.String)
    place = {name: rank for rank, name in enumerate(stores)}
    order = np.argsort([place[name] for name in found.stores.names])  # codes of stores by name
    cells: list[list[int]] = [[] for _ in found.categories.names]
    for cell, (category, _) in enumerate(found.need_states.cells):
        cells[category].append(cell)
    tables = []
    for category in sorted(range(len(cells)), key=found.categories.names.__getitem__):
        name = pl.lit(found.categories.names[category], pl.String).alias("category")
        summed = _shared_out(found, cells[category], order, parts)
        counts = _stores(
            summed,
            found.row_counts[order, category],
            stores,
            UNITS * parts,
            preprocess.min_sales_rows,
        )
        tables.append(
            (
                _values(summed, stores, UNITS * parts).select(name, pl.all()),
                counts.select(name, pl.all()),
            )
        )
    return tables


def _shared_out(
    found: Aggregated, cells: list[int], order: NDArray[np.int64], parts: int
) -> pl.DataFrame:
    """Sums of one category by store (its rank) and feature, sorted; a and b in 1/parts of a unit.

    The sums of each cell are shared out over its need states: whole numbers, so that no sum depends
    on its order.
    """
    sets = {cell: found.need_states.sets[found.need_states.cells[cell][1]] for cell in cells}
    cells = sorted(
        cells, key=lambda cell: sets[cell]
    )  # rows then come in the order of features where none is shared
    features = sorted({state for states in sets.values() for state in states})
    rank_of = {state: rank for rank, state in enumerate(features)}
    sums = found.totals.sums(cells, order)
    rows = [
        (place, rank_of[state], parts // len(sets[cell]))
        for place, cell in enumerate(cells)
        for state in sets[cell]
    ]
    long = pl.DataFrame(
        {"store": sums.store, "cell": sums.cell, "a": sums.half_a, "b": sums.half_b}
    )
    if parts == 1:
        long = long.rename({"cell": "feature"})
    else:
        places = pl.DataFrame(
            rows, schema={"cell": pl.Int64, "feature": pl.Int64, "times": pl.Int64}, orient="row"
        )
        shared = long.join(places, on="cell").select(
            "store", "feature", pl.col("a", "b") * pl.col("times")
        )
        long = (
            shared.group_by("store", "feature").agg(pl.col("a", "b").sum()).sort("store", "feature")
        )
    names = pl.Series(features, dtype=pl.String)
    long = long.filter(pl.col("a") + pl.col("b") > 0)
    return long.with_columns(names.gather(long["feature"]).alias("feature"))


def _values(summed: pl.DataFrame, stores: pl.Series, whole: int) -> pl.DataFrame:
    return summed.select(
        stores.gather(summed["store"]).alias("store_nbr"),
        "feature",
        ((pl.col("a") + pl.col("b")) / whole).alias("value"),
        pl.lit(None, pl.String).alias("level"),
        (pl.col("a") / whole).alias("half_a"),
        (pl.col("b") / whole).alias("half_b"),
    )


def _stores(
    summed: pl.DataFrame, sales_rows: NDArray[np.int64], stores: pl.Series, whole: int, fewest: int
) -> pl.DataFrame:
    """The stores that have rows; `summed` is sorted by store, `sales_rows` (n_stores,) is in the
    order of `stores`.
    """
    of_row, units = summed["store"].to_numpy(), (summed["a"] + summed["b"]).to_numpy()
    first = np.flatnonzero(np.diff(of_row, prepend=-1))
    sums = np.zeros(len(stores), dtype=np.int64)
    sums[of_row[first]] = np.add.reduceat(units, first) if first.size else 0
    present = np.flatnonzero(sales_rows)
    history = np.where(sums <= 0, 0, np.where(sales_rows < fewest, 1, 2))
    return pl.DataFrame(
        {
            "store_nbr": stores.gather(present),
            "sales": sums[present] / whole,
            "sales_rows": sales_rows[present],
            "history": pl.Series(("none", "poor", "enough")).gather(history[present]),
        }
    )


def _quarantine(found: Aggregated, preprocess: Preprocess) -> pl.DataFrame:
    of_map = found.need_states.rejected.group_by("rule", maintain_order=True).head(
        preprocess.quarantine_rows
    )
    parts = [quarantine_frame("sales", part) for part in found.kept] + [
        quarantine_frame("need_states", of_map)
    ]
    return pl.concat(parts).sort(pl.all())
