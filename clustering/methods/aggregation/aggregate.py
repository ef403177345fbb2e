"""Sales rows to sums per store and need state: in batches here, or by the engine that holds the
rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from clustering.config import Preprocess
from clustering.methods.aggregation.returns import keep_returns, net, sold_of
from clustering.methods.aggregation.sales import Aggregated, Pass, Window, middle, window_of

if TYPE_CHECKING:
    from clustering.methods.aggregation.engines import EngineSales

BATCH_ROWS = 80_000  # a column of eight bytes a row stays in the cache of a core


def aggregate(
    sales: pl.LazyFrame | EngineSales, need_states: pl.DataFrame, preprocess: Preprocess, seed: int
) -> Aggregated:
    """Check and sum `sales` (see sources.OpenSource) in batches of bounded memory, or by the engine
    that holds them.

    Raises ConfigError where preprocess.holdout=time and no row has a week or date.
    """
    if not isinstance(sales, pl.LazyFrame):
        from clustering.methods.aggregation.engines import aggregate_by_engine

        return aggregate_by_engine(sales, need_states, preprocess, seed)
    window = window_of(preprocess)
    split = _split_period(sales, preprocess, window)
    drawn = _drawn_stores(sales, preprocess.sample_stores, seed)
    run = Pass(need_states, preprocess, split, drawn, seed, window)
    for batch in run.with_coded_text(sales).collect_batches(
        chunk_size=BATCH_ROWS, maintain_order=False, engine="streaming"
    ):
        run.add(batch)
    if run.returned and preprocess.returns == "net":
        net(run, sold_of(run, sales))
    keep_returns(run)
    return run.result()


def _split_period(sales: pl.LazyFrame, preprocess: Preprocess, window: Window | None) -> int | None:
    """The last period of half A: the middle of the time the sales cover; None to split at
    random.
    """
    if preprocess.holdout == "random":
        return None
    low, high = (
        sales.select(pl.col("period").min().alias("low"), pl.col("period").max().alias("high"))
        .collect(engine="streaming")
        .row(0)
    )
    return middle(low, high, preprocess, window)


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
