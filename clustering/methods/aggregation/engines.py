"""The same checks and sums as aggregation.sales, by the engine that holds the rows: DuckDB, Spark.

One set of Narwhals expressions serves all engines. They give every row its rule, count the rules,
and sum good rows per store and set of need states; what comes here is of the size of the result.
Sums are of whole numbers, as in the pass of our own, so the engine does not show in a single bit.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import reduce
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from clustering.config import Preprocess
from clustering.methods.aggregation.keys import Codes
from clustering.methods.aggregation.need_state_map import NO_NEED_STATE
from clustering.methods.aggregation.overlap import REPEATS, Repeats
from clustering.methods.aggregation.plausible import refuse_total, sum_of_the_others
from clustering.methods.aggregation.returns import keep_returns, net
from clustering.methods.aggregation.rules import (
    LARGEST_AMOUNT,
    NEGATIVE,
    NOT_FAULTS,
    PERIOD_IS_A_TOTAL,
    UNREAD,
)
from clustering.methods.aggregation.sales import Aggregated, Pass
from clustering.methods.aggregation.totals import ROUNDING, UNITS
from clustering.methods.aggregation.window import EPOCH, Window, counted, middle, window_of

LARGEST_FLOAT = 1.7976931348623157e308
USED = "used"
COLUMNS_OF_RETURNS = (
    "store_nbr",
    "sku_nbr",
    "category",
    "map_category",
    "states",
    "period",
    "total_sales",
    "units",
)
Rows = nw.LazyFrame[Any]


@dataclass(frozen=True)
class EngineSales:
    """Sales rows in an engine, in the columns of schemas.Sales; `upload` puts a small table beside
    them, `repeats` are what was found and left out before.
    """

    rows: Rows
    upload: Callable[[pl.DataFrame], Rows]
    repeats: Repeats = field(default_factory=Repeats)

    def collect_schema(self) -> nw.Schema:
        return self.rows.collect_schema()


def aggregate_by_engine(
    sales: EngineSales, need_states: pl.DataFrame, preprocess: Preprocess, seed: int
) -> Aggregated:
    """As aggregation.sales.aggregate, for rows an engine holds."""
    window = window_of(preprocess)
    run = Pass(need_states, preprocess, None, None, seed)
    drawn = _drawn_stores(sales.rows, preprocess.sample_stores, seed)
    names = sales.collect_schema().names()
    marked = _with_need_states(sales, run).with_columns(
        _rule(drawn, _inside(sales.rows, window), names).alias("rule"), _units().alias("units")
    )
    counts = _counts(marked)
    if (total := _period_of_the_total(counts, preprocess)) is not None:
        is_total = (nw.col("period") == total) & nw.col("rule").is_in([USED, NEGATIVE])
        rule = nw.when(is_total).then(nw.lit(PERIOD_IS_A_TOTAL)).otherwise(nw.col("rule"))
        marked = marked.with_columns(rule.alias("rule"))
        counts, run.without_period = _counts(marked), _days(total)
    low, high = _first_and_last(counts, total)
    run.covered = counted(low, high, window)
    if preprocess.holdout != "random":
        run.split = middle(low, high, preprocess, window)
    for rule, number, units in (
        counts.group_by("rule").agg(pl.col("rows", "units").sum()).sort("rule").iter_rows()
    ):
        run.rows[rule] += number
        run.rows["read"] += number
        if rule != USED:
            run.units[rule] += round(units or 0)
        if rule not in (USED, NEGATIVE, *NOT_FAULTS):
            run.kept.append(_kept(marked, rule, preprocess.quarantine_rows))
    used = marked.filter(nw.col("rule") == USED)
    if run.rows[USED]:
        _add(run, _grouped(used, run.split))
    if run.rows["category_differs_from_map"]:
        _add_other_categories(run, used)
    if run.rows[NEGATIVE]:
        _take_returns(run, sales, marked.filter(nw.col("rule") == NEGATIVE), used, run.split)
    repeats = sales.repeats
    run.rows[REPEATS] += repeats.rows
    run.rows["read"] += repeats.rows
    run.units[REPEATS] += round(repeats.sales * UNITS)
    return replace(run.result(), overlap=repeats.overlap, repeated=repeats.repeated)


def _add_other_categories(run: Pass, used: Rows) -> None:
    differs = used.filter(nw.col("category") != nw.col("map_category"))
    sums = differs.group_by("sku_nbr", "category").agg(nw.col("units").sum()).collect("polars")
    found: pl.DataFrame = sums.to_native()
    sku, category = run.skus.encode(found["sku_nbr"]), run.categories.encode(found["category"])
    run.other_categories.add(sku, category, found["units"].cast(pl.Float64).to_numpy())


def _with_need_states(sales: EngineSales, run: Pass) -> Rows:
    """The rows with the number of their SKU's set of need states and the category of the map."""
    rows = sales.rows.with_columns(nw.col("store_nbr", "sku_nbr", "category").cast(nw.String))
    joined = rows.join(sales.upload(run.need_states.by_sku()), on="sku_nbr", how="left")
    if not run.need_states.in_several:
        return joined
    pairs = sales.upload(run.need_states.by_pair())
    is_here = ~nw.col("states_here").is_null()
    of_map = nw.when(is_here).then(nw.col("category")).otherwise(nw.col("map_category"))
    return joined.join(pairs, on=["sku_nbr", "category"], how="left").with_columns(
        nw.coalesce("states_here", "states").alias("states"), of_map.alias("map_category")
    )


def _counts(marked: Rows) -> pl.DataFrame:
    """Rows and units of each rule and period."""
    counts = marked.group_by("rule", "period").agg(nw.len().alias("rows"), nw.col("units").sum())
    found: pl.DataFrame = counts.collect("polars").to_native()
    return found.with_columns(pl.col("rows", "units").cast(pl.Float64).cast(pl.Int64))


def _period_of_the_total(counts: pl.DataFrame, preprocess: Preprocess) -> Any:
    if preprocess.totals == "keep":
        return None
    used = counts.filter(pl.col("rule") == USED).drop_nulls("period").sort("period")
    place = sum_of_the_others(used["units"].to_numpy().astype(np.float64))
    if place is None:
        return None
    if preprocess.totals == "error":
        refuse_total(int(_days(used["period"][place]) or 0))
    return used["period"][place]


def _units() -> nw.Expr:
    """Amounts in whole 1/10,000: adding and taking away rounds half to even, in every engine."""
    amount = nw.col("total_sales")
    small = (amount <= LARGEST_AMOUNT) & (amount >= -LARGEST_AMOUNT)
    return nw.when(small).then((amount * float(UNITS) + ROUNDING) - ROUNDING).otherwise(nw.lit(0.0))


def _take_returns(
    run: Pass, sales: EngineSales, returned: Rows, used: Rows, split: int | None
) -> None:
    """Net returns as the pass does; the rows of returns and of their sales come here."""
    negative: pl.DataFrame = returned.select(*COLUMNS_OF_RETURNS).collect("polars").to_native()
    store, sku, cell = _codes(run, negative)
    days = _as_period(negative["period"])
    run.returned = [
        negative.select("store_nbr", "sku_nbr", "category", "total_sales").with_columns(
            days,
            pl.Series("store", store, pl.Int32),
            pl.Series("sku", sku, pl.Int32),
            pl.Series("cell", cell, pl.Int32),
            negative["units"].cast(pl.Int64),
        )
    ]
    if run.preprocess.returns == "net":
        keys = sales.upload(negative.select("store_nbr", "sku_nbr").unique())
        found = used.join(keys, on=["store_nbr", "sku_nbr"], how="inner")
        sold: pl.DataFrame = found.select(*COLUMNS_OF_RETURNS).collect("polars").to_native()
        of_store, of_sku, of_cell = _codes(run, sold)
        period = _as_period(sold["period"])
        half = (
            (period > split).fill_null(False)
            if split is not None
            else pl.repeat(False, sold.height, eager=True)
        )
        net(
            run,
            pl.DataFrame(
                {
                    "store": pl.Series(of_store, dtype=pl.Int32),
                    "sku": pl.Series(of_sku, dtype=pl.Int32),
                    "cell": pl.Series(of_cell, dtype=pl.Int32),
                    "period": period,
                    "half_b": half,
                    "units": sold["units"].cast(pl.Int64),
                }
            ),
        )
    keep_returns(run)


def _as_period(period: pl.Series) -> pl.Series:
    return (
        (period.to_physical() if period.dtype == pl.Date else period).cast(pl.Int32).alias("period")
    )


def _codes(run: Pass, rows: pl.DataFrame) -> tuple[Codes, Codes, Codes]:
    """The codes of store, SKU and cell of rows the engine gave a rule."""
    of_row, of_map = (run.categories.encode(rows[name]) for name in ("category", "map_category"))
    states = rows["states"].cast(pl.Int32).to_numpy()
    cell = run.need_states.cell_of(np.where(of_row >= 0, of_row, of_map), states)
    return run.stores.encode(rows["store_nbr"]), run.skus.encode(rows["sku_nbr"]), cell


def _inside(rows: Rows, window: Window | None) -> nw.Expr | None:
    """Whether a row's period counts; None where all do."""
    if window is None:
        return None
    period = nw.col("period")
    if rows.collect_schema()["period"] == nw.Date:
        first, last = (EPOCH + timedelta(days=max(-700_000, min(700_000, end))) for end in window)
        return (period >= nw.lit(first)) & (period <= nw.lit(last))
    return (period >= max(window[0], -(2.0**31))) & (period <= min(window[1], 2.0**31))


def _first_and_last(counts: pl.DataFrame, total: Any) -> tuple[int | None, int | None]:
    periods = counts["period"].drop_nulls()
    periods = periods if total is None else periods.filter(periods != total)
    return _days(periods.min()), _days(periods.max())


def _days(period: Any) -> int | None:
    return (period - EPOCH).days if isinstance(period, date) else period


def _drawn_stores(rows: Rows, number: int | None, seed: int) -> list[str] | None:
    if number is None:
        return None
    stores = (
        rows.select("store_nbr")
        .unique()
        .collect("polars")
        .to_native()["store_nbr"]
        .drop_nulls()
        .sort()
    )
    return stores.sample(min(number, len(stores)), seed=seed).cast(pl.String).to_list()  # type: ignore[no-any-return]


def _rule(drawn: list[str] | None, inside: nw.Expr | None, columns: Sequence[str]) -> nw.Expr:
    """The first rule a row breaks, in the order of aggregation.sales.RULES; "used" for a good
    row.
    """
    amount, states = nw.col("total_sales"), nw.col("states")
    unread = {name: ~nw.col(name).is_null() for name in UNREAD if name in columns}
    never = nw.lit(False)
    broken = {
        "store_nbr_null": nw.col("store_nbr").is_null(),
        "sku_nbr_null": nw.col("sku_nbr").is_null(),
        "total_sales_unreadable": unread.get("unread_sales", never),
        "total_sales_null": amount.is_null(),
        "total_sales_not_finite": amount.is_nan()
        | (amount > LARGEST_FLOAT)
        | (amount < -LARGEST_FLOAT),
        "total_sales_too_large": (amount > LARGEST_AMOUNT) | (amount < -LARGEST_AMOUNT),
        "period_unreadable": unread.get("unread_period", never),
        "sku_not_in_map": states.is_null(),
        "sku_without_need_state": states == NO_NEED_STATE,
        "category_null": nw.col("category").is_null() & nw.col("map_category").is_null(),
    }
    if inside is not None:
        broken["outside_periods"] = ~inside | nw.col("period").is_null()
    if drawn is not None:
        broken["not_sampled"] = ~nw.col("store_nbr").is_in(drawn)
    broken[NEGATIVE] = amount < 0
    rules = reversed(broken.items())
    return reduce(
        lambda otherwise, rule: nw.when(rule[1]).then(nw.lit(rule[0])).otherwise(otherwise),
        rules,
        nw.lit(USED),
    )


def _kept(marked: Rows, rule: str, most: int) -> pl.DataFrame:
    present = marked.collect_schema().names()
    columns = ["store_nbr", "sku_nbr", "category", "total_sales", "rule"]
    columns += [name for name in UNREAD if name in present]
    kept: pl.DataFrame = (
        marked.filter(nw.col("rule") == rule)
        .select(*columns)
        .head(most)
        .collect("polars")
        .to_native()
    )
    detail = pl.coalesce(*(name for name in UNREAD if name in present), pl.lit(None, pl.String))
    return kept.with_columns(detail.alias("detail"))


def _grouped(rows: Rows, split: int | None) -> pl.DataFrame:
    """Good rows summed: store_nbr, states, category, map_category, half_b, units, rows."""
    is_date = rows.collect_schema()["period"] == nw.Date
    # without a split every row is of the earlier half
    last = (EPOCH + timedelta(days=split)) if split is not None and is_date else split
    later = nw.lit(False) if last is None else nw.col("period") > nw.lit(last)
    prepared = rows.with_columns(
        nw.when(later).then(nw.lit(1)).otherwise(nw.lit(0)).alias("half_b")
    )
    grouped: pl.DataFrame = (
        prepared.group_by("store_nbr", "states", "category", "map_category", "half_b")
        .agg(nw.col("units").sum(), nw.len().alias("rows"))
        .collect("polars")
        .to_native()
    )
    return grouped


def _add(run: Pass, grouped: pl.DataFrame) -> None:
    """Sum groups as the pass sums rows."""
    rows = grouped["rows"].cast(pl.Int64).to_numpy()
    units = grouped["units"].cast(pl.Float64).to_numpy()
    half = grouped["half_b"].to_numpy() == 1
    store = run.stores.encode(grouped["store_nbr"])
    of_row, of_map = (
        run.categories.encode(grouped["category"]),
        run.categories.encode(grouped["map_category"]),
    )
    category = np.where(of_row >= 0, of_row, of_map)
    run.rows["category_differs_from_map"] += int(
        rows[(of_row >= 0) & (of_map >= 0) & (of_row != of_map)].sum()
    )
    cell = run.need_states.cell_of(category, grouped["states"].cast(pl.Int32).to_numpy())
    run.units[USED] += int(units.sum())
    run.make_room()
    run.totals.add(store, cell, half, units)
    run.row_counts.add_many(store, category, rows)
