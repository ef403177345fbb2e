"""Sales rows to sums per store and need state: in batches here, or by the engine that holds the
rows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from clustering.config import Preprocess
from clustering.methods.aggregation.need_state_map import KEY as MAP_KEY
from clustering.methods.aggregation.overlap import REPEATS, last_of_each, refuse_overlap
from clustering.methods.aggregation.plausible import EQUAL, PeriodSums, refuse_total
from clustering.methods.aggregation.returns import keep_returns, net, sold_of
from clustering.methods.aggregation.sales import Aggregated, Pass
from clustering.methods.aggregation.spelling import (
    SeveralSpellings,
    in_one_spelling,
    require_one_spelling,
)
from clustering.methods.aggregation.window import counted, middle, window_of, without_odd_dates

if TYPE_CHECKING:
    from clustering.methods.aggregation.engines import EngineSales

BATCH_ROWS = 80_000  # a column of eight bytes a row stays in the cache of a core


def aggregate(
    sales: pl.LazyFrame | EngineSales, need_states: pl.DataFrame, preprocess: Preprocess, seed: int
) -> Aggregated:
    """Check and sum `sales` (see sources.OpenSource) in batches of bounded memory, or by the engine
    that holds them.

    Where keys or categories turn out to have several spellings the rows are read again in one.
    Raises ConfigError where preprocess.holdout=time and no row has a week or date.
    """
    try:
        return _aggregate(sales, need_states, preprocess, seed)
    except SeveralSpellings:
        sales, need_states, respelt = in_one_spelling(sales, need_states)
        found = _aggregate(sales, need_states, preprocess, seed)
        found.respelt = respelt
        return found


def _aggregate(
    sales: pl.LazyFrame | EngineSales, need_states: pl.DataFrame, preprocess: Preprocess, seed: int
) -> Aggregated:
    if not isinstance(sales, pl.LazyFrame):
        from clustering.methods.aggregation.engines import aggregate_by_engine

        return aggregate_by_engine(sales, need_states, preprocess, seed)
    drawn = _drawn_stores(sales, preprocess.sample_stores, seed)
    run = _pass(sales, need_states, preprocess, seed, drawn, None)
    overlap, repeated = run.file_rows.overlap(), run.file_rows.repeated()
    if (overlap or repeated) and preprocess.overlap != "sum":
        if preprocess.overlap == "error":
            refuse_overlap(overlap, repeated)
        sales = last_of_each(sales) if overlap else sales.unique()
        run = _without_repeats(run, _pass(sales, need_states, preprocess, seed, drawn, None))
    if preprocess.totals != "keep" and (suspect := run.periods.suspect()) is not None:
        without = _pass(sales, need_states, preprocess, seed, drawn, suspect)
        run = _without_the_total(run, without, suspect, preprocess.totals)
    if run.returned and preprocess.returns == "net":
        net(run, sold_of(run, sales))
    keep_returns(run)
    return replace(run.result(), overlap=overlap, repeated=repeated)


def _without_repeats(run: Pass, once: Pass) -> Pass:
    """The pass that counts, with the rows that it left out and their amounts."""
    once.rows[REPEATS] = run.rows["read"] - once.rows["read"]
    once.rows["read"] = run.rows["read"]
    once.units[REPEATS] = sum(run.units.values()) - sum(once.units.values())
    return once


def _pass(
    sales: pl.LazyFrame,
    need_states: pl.DataFrame,
    preprocess: Preprocess,
    seed: int,
    drawn: pl.Series | None,
    without_period: int | None,
) -> Pass:
    # what would be noticed once the map is made costs less here
    require_one_spelling(need_states.drop_nulls(list(MAP_KEY))["category"].unique(), ())
    window = window_of(preprocess)
    kept = sales if without_period is None else sales.filter(pl.col("period") != without_period)
    low, high = _first_and_last(kept)
    if (dated := without_odd_dates(sales, low, high)) is not None:
        return _pass(dated, need_states, preprocess, seed, drawn, without_period)
    split, sums = None, PeriodSums(None, None)
    if preprocess.holdout != "random":
        split, sums = middle(low, high, preprocess, window), PeriodSums(low, high)
    covered, kinds = counted(low, high, window), sales.collect_schema()
    run = Pass(
        need_states, preprocess, split, drawn, seed, window, sums, without_period, covered, kinds
    )
    for batch in run.with_coded_text(sales).collect_batches(
        chunk_size=BATCH_ROWS, maintain_order=False, engine="streaming"
    ):
        run.add(batch)
    return run


def _without_the_total(run: Pass, without: Pass, period: int, totals: str) -> Pass:
    """The pass that counts: without the period, if that really holds the sum of the others."""
    of_period, others = (
        float(units) for units in (run.units["used"] - without.units["used"], without.units["used"])
    )
    if abs(of_period - others) > EQUAL * others:
        return run
    for counts, before in ((without.rows, run.rows), (without.units, run.units)):
        counts[REPEATS] = before[REPEATS]
    without.rows["read"] = run.rows["read"]
    if totals == "error":
        refuse_total(period)
    return without


def _first_and_last(sales: pl.LazyFrame) -> tuple[int | None, int | None]:
    ends = sales.select(pl.col("period").min().alias("low"), pl.col("period").max().alias("high"))
    low, high = ends.collect(engine="streaming").row(0)
    return low, high


def _drawn_stores(sales: pl.LazyFrame, number: int | None, seed: int) -> pl.Series | None:
    if number is None:
        return None
    stores = (
        sales.select("store_nbr")
        .unique()
        .collect(engine="streaming")["store_nbr"]
        .drop_nulls()
        .sort()
    )
    return stores.sample(min(number, len(stores)), seed=seed).sort()
