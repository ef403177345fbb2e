"""Sales rows and the need-state map to sales per category, store and need state."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.aggregation.sales import RULES, Aggregated, aggregate
from clustering.aggregation.totals import UNITS
from clustering.config import Preprocess
from clustering.errors import DataError
from clustering.stages.quarantine import quarantine_frame, require_few, tally

NOT_FAULTS = ("not_sampled",)
MOST_PARTS = 100_000  # shares of a SKU finer than this would overflow whole numbers


def preprocess_internal(
    sales: pl.LazyFrame, need_states: pl.DataFrame, preprocess: Preprocess, seed: int
) -> dict[str, pl.DataFrame]:
    """Give the tables values, stores, quarantine, reconciliation and columns (see schemas) of the internal track.

    A SKU mapped to m need states counts 1/m of its sales in each. Where sales file and map disagree on the category of
    a SKU the sales file wins; such rows are counted. Amounts are rounded to 1/10,000 of a currency unit.
    Raises DataError where no row is usable or the quarantined share exceeds preprocess.max_quarantined_share.
    """
    found = aggregate(sales, need_states, preprocess, seed)
    reconciliation = _reconciliation(found)
    require_few(reconciliation, preprocess.max_quarantined_share, ignored=NOT_FAULTS)
    if found.rows["used"] == 0:
        raise DataError("no sales row is usable", _counts(reconciliation))
    values = _values(found)
    return {
        "values": values,
        "stores": _stores(found, values, preprocess),
        "quarantine": _quarantine(found, preprocess),
        "reconciliation": reconciliation,
        "columns": pl.DataFrame(schema=dict.fromkeys(("input", "column", "kind", "action", "reason"), pl.String)),
    }


def _reconciliation(found: Aggregated) -> pl.DataFrame:
    need_states = found.need_states
    map_rows = dict(need_states.rejected.group_by("rule").len().iter_rows())
    agree = found.rows["used"] - found.rows["category_differs_from_map"]
    return pl.concat(
        [
            tally("sales", found.rows["read"], {name: found.rows[name] for name in ("used", *RULES)}),
            tally("need_states", need_states.rows_read, {"used": need_states.rows_used, **map_rows}),
            tally("categories of used sales rows", found.rows["used"],
                  {"same as map or map silent": agree, "sales file wins over map": found.rows["category_differs_from_map"]}),
        ]
    )  # fmt: skip


def _counts(reconciliation: pl.DataFrame) -> list[str]:
    rows = reconciliation.filter(pl.col("outcome") != "used").iter_rows()
    return [f"{name}: {rows:,} rows {outcome}" for name, outcome, rows in rows]


def _values(found: Aggregated) -> pl.DataFrame:
    """Share the sums of each cell out over its need states; exact, then sorted."""
    sums, cells = found.sums, found.need_states.cells
    rows = [
        (number, category, state, len(found.need_states.sets[states]))
        for number, (category, states) in enumerate(cells)
        for state in found.need_states.sets[states]
    ]
    places = pl.DataFrame(
        rows, schema={"cell": pl.Int64, "category": pl.Int64, "feature": pl.String, "m": pl.Int64}, orient="row"
    )
    names = pl.Series(found.categories.names, dtype=pl.String)
    places = places.with_columns(names.gather(places["category"]).alias("category"))
    stores = pl.Series(found.stores.names, dtype=pl.String)
    long = pl.DataFrame({"store": sums.store, "cell": sums.cell, "a": sums.half_a, "b": sums.half_b})
    # whole numbers down to the share of a split SKU, so that no sum depends on its order
    parts = math.lcm(*(len(states) for states in found.need_states.sets), 1)
    if parts > MOST_PARTS:
        raise DataError(f"need_states: SKUs are split over too many different numbers of need states (1/{parts} shares)")
    whole = [(pl.col(half) * (parts // pl.col("m"))).alias(half) for half in ("a", "b")]
    summed = long.join(places, on="cell").with_columns(whole)
    if places["m"].max() != 1:
        summed = summed.group_by("category", "store", "feature").agg(pl.col("a", "b").sum())
    summed = summed.filter(pl.col("a") + pl.col("b") > 0)
    return summed.select(
        "category", stores.gather(summed["store"]).alias("store_nbr"), "feature",
        ((pl.col("a") + pl.col("b")) / (UNITS * parts)).alias("value"), pl.lit(None, pl.String).alias("level"),
        (pl.col("a") / (UNITS * parts)).alias("half_a"), (pl.col("b") / (UNITS * parts)).alias("half_b"),
    ).sort("category", "store_nbr", "feature")  # fmt: skip


def _stores(found: Aggregated, values: pl.DataFrame, preprocess: Preprocess) -> pl.DataFrame:
    store, category = np.nonzero(found.row_counts)
    counted = pl.DataFrame(
        {
            "category": _named(found.categories.names, category),
            "store_nbr": _named(found.stores.names, store),
            "sales_rows": found.row_counts[store, category],
        },
        schema={"category": pl.String, "store_nbr": pl.String, "sales_rows": pl.Int64},
    )
    sales = values.group_by("category", "store_nbr").agg(pl.col("value").sort().sum().alias("sales"))
    history = (
        pl.when(pl.col("sales") <= 0).then(pl.lit("none"))
        .when(pl.col("sales_rows") < preprocess.min_sales_rows).then(pl.lit("poor"))
        .otherwise(pl.lit("enough"))
    )  # fmt: skip
    return (
        counted.join(sales, on=["category", "store_nbr"], how="left")
        .with_columns(pl.col("sales").fill_null(0.0))
        .select("category", "store_nbr", "sales", "sales_rows", history.alias("history"))
        .sort("category", "store_nbr")
    )


def _named(names: list[str], codes: NDArray[np.int64]) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(pl.Series(codes))


def _quarantine(found: Aggregated, preprocess: Preprocess) -> pl.DataFrame:
    of_map = found.need_states.rejected.group_by("rule", maintain_order=True).head(preprocess.quarantine_rows)
    parts = [quarantine_frame("sales", part) for part in found.kept] + [quarantine_frame("need_states", of_map)]
    return pl.concat(parts).sort(pl.all())
