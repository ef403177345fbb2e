"""Returns, which are rows of negative sales: netted against sales of the same store, SKU and
period.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from clustering.methods.aggregation.rules import NEGATIVE, NETTED
from clustering.methods.aggregation.sales import Pass
from clustering.methods.aggregation.totals import UNITS, rounded

KEYS = ("store", "sku", "cell", "period")


def net(run: Pass, sold: pl.DataFrame) -> None:
    """Take the returns that `run` met from its sums, as far as there are sales to take them from.

    `sold` holds the sales rows of the same stores, SKUs and periods: store, sku, cell (codes),
    period, half_b and units. What exceeds these sales, and its rows, stays set aside.
    """
    if not run.returned:
        return
    rows = pl.concat(run.returned)
    taken = _taken(rows, sold)
    run.totals.add(
        taken["store"].to_numpy(),
        taken["cell"].to_numpy(),
        taken["half_b"].to_numpy(),
        -taken["units"].to_numpy().astype(np.float64),
    )
    left = rows.join(_covered(rows, sold), on=KEYS, how="anti", nulls_equal=True)
    netted = int(taken["units"].sum())
    run.rows[NETTED], run.rows[NEGATIVE] = rows.height - left.height, left.height
    run.units[NETTED] = -netted
    run.units[NEGATIVE] += netted
    run.returned = [left]


def keep_returns(run: Pass) -> None:
    """Quarantine the returns that are left."""
    for rows in run.returned:
        run.keep(
            NEGATIVE, rows.select(pl.exclude(*KEYS[:3], "units"), pl.lit(NEGATIVE).alias("rule"))
        )


def sold_of(run: Pass, sales: pl.LazyFrame) -> pl.DataFrame:
    """The sales rows that the returns met in `run` may be taken from, as `net` wants them."""
    kinds = sales.collect_schema()
    columns = ("store_nbr", "sku_nbr", "period")
    wanted = (
        pl.concat(run.returned)
        .select(pl.col(name).cast(kinds[name]) for name in columns)
        .unique()
        .lazy()
    )
    found = sales.filter(pl.col("total_sales") > 0).join(
        wanted, on=columns, how="semi", nulls_equal=True
    )
    return pl.concat([_nothing(), *_coded(run, found)])


def _nothing() -> pl.DataFrame:
    kinds = {"store": pl.Int32, "sku": pl.Int32, "cell": pl.Int32, "period": pl.Int32}
    return pl.DataFrame(schema={**kinds, "half_b": pl.Boolean, "units": pl.Int64})


def _coded(run: Pass, sales: pl.LazyFrame) -> Iterator[pl.DataFrame]:
    for batch in sales.collect_batches(maintain_order=False, engine="streaming"):
        store, sku, cell, good = run.places_of(batch)
        units = rounded(batch["total_sales"].to_numpy() * UNITS)
        yield (
            pl.DataFrame(
                {
                    "store": store,
                    "sku": sku,
                    "cell": cell,
                    "period": batch["period"].cast(pl.Int32),
                    "half_b": run.half(batch["period"].to_numpy()),
                    "units": pl.Series(np.where(good, units, 0), dtype=pl.Int64),
                }
            )
            .filter(pl.Series(good))
            .group_by(*KEYS, "half_b")
            .agg(pl.col("units").sum())
            .filter(pl.col("units") > 0)  # amounts below 1/10,000 leave nothing to take from
        )


def _covered(rows: pl.DataFrame, sold: pl.DataFrame) -> pl.DataFrame:
    """The keys whose sales are at least their returns."""
    returned = rows.group_by(KEYS).agg(pl.col("units").sum().alias("returned"))
    return returned.join(
        sold.group_by(KEYS).agg(pl.col("units").sum().alias("sold")), on=KEYS, nulls_equal=True
    ).filter(pl.col("sold") + pl.col("returned") >= 0)


def _taken(rows: pl.DataFrame, sold: pl.DataFrame) -> pl.DataFrame:
    """What is taken from each key and half: in proportion where both halves have sales."""
    returned = rows.group_by(KEYS).agg((-pl.col("units").sum()).alias("returned"))
    halves = sold.group_by(KEYS).agg(
        pl.col("units").filter(~pl.col("half_b")).sum().alias("a"),
        pl.col("units").filter("half_b").sum().alias("b"),
    )
    both = halves.join(returned, on=KEYS, nulls_equal=True).with_columns(
        pl.min_horizontal("returned", pl.col("a") + pl.col("b")).alias("taken")
    )
    share_of_b = pl.col("b") / (pl.col("a") + pl.col("b"))
    of_b = (
        (pl.col("taken") * share_of_b)
        .floor()
        .cast(pl.Int64)
        .clip(pl.col("taken") - pl.col("a"), pl.col("b"))
    )
    split = both.with_columns(of_b.alias("of_b"))
    parts = [
        split.select(*KEYS, pl.lit(False).alias("half_b"), pl.col("taken") - pl.col("of_b")),
        split.select(*KEYS, pl.lit(True).alias("half_b"), pl.col("of_b").alias("taken")),
    ]
    return pl.concat(parts).rename({"taken": "units"}).sort(*KEYS, "half_b")
