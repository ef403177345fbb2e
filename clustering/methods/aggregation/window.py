"""Which periods of the sales count, and where they are cut into halves."""

from __future__ import annotations

import math
from datetime import date

import polars as pl

from clustering.config import Preprocess
from clustering.errors import ConfigError
from clustering.methods.aggregation.periods import (
    FIRST_YEAR,
    LAST_YEAR,
    AmbiguousDates,
    read_periods,
)
from clustering.methods.aggregation.plausible import FIRST_DATE

EPOCH = date(1970, 1, 1)
FIRST_DAY, LAST_DAY = ((date(year, 1, 1) - EPOCH).days for year in (FIRST_YEAR, LAST_YEAR + 1))
Window = tuple[float, float]


def window_of(preprocess: Preprocess) -> Window | None:
    """The first and the last period that count, as numbers (of a date, the days since 1970); None
    where all do.
    """
    ends = [
        _period_number(name, getattr(preprocess, name)) for name in ("first_period", "last_period")
    ]
    if ends == [None, None]:
        return None
    first, last = (
        default if end is None else end
        for end, default in zip(ends, (-math.inf, math.inf), strict=True)
    )
    if first > last:
        raise ConfigError(
            f"preprocess.first_period={preprocess.first_period} is after "
            f"preprocess.last_period={preprocess.last_period}"
        )
    return first, last


def _period_number(name: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        read = read_periods([text.strip()])
        return float(read.days[text.strip()] + (read.last if name == "last_period" else 0))
    except (AmbiguousDates, KeyError) as cause:
        raise ConfigError(
            f"preprocess.{name}={text} is neither a week such as 12 or 2026-W12 nor a date such as "
            "2026-12-31"
        ) from cause


def without_odd_dates(
    sales: pl.LazyFrame, low: int | None, high: int | None
) -> pl.LazyFrame | None:
    """Give the sales with dates such as 1900-01-01 and 9999-12-31 as unread; None where there are
    none. One of them would push the middle of the time beyond all others.
    """
    are_early = low is not None and high is not None and low < FIRST_DAY and high > FIRST_DATE
    are_late = low is not None and high is not None and FIRST_DATE < low <= LAST_DAY < high
    if not (are_early or are_late):
        return None
    period = pl.col("period")
    odd = pl.when(~period.is_between(FIRST_DAY, LAST_DAY)).then(period.cast(pl.Date))
    text = [pl.col(name) for name in sales.collect_schema() if name == "unread_period"]
    return sales.with_columns(
        period=pl.when(odd.is_null()).then(period),
        unread_period=pl.coalesce(*text, odd.cast(pl.String)),
    )


def counted(low: int | None, high: int | None, window: Window | None) -> tuple[int, int] | None:
    """The first and the last period that count, of periods from `low` to `high`; None where the
    sales have no periods.
    """
    if low is None or high is None:
        return None
    first, last = window or (low, high)
    return int(max(low, first)), int(min(high, last))


def middle(
    low: int | None, high: int | None, preprocess: Preprocess, window: Window | None
) -> int | None:
    """The last period of the earlier half; None where there are not two periods."""
    if window and low is not None and high is not None:
        low, high = int(max(low, window[0])), int(min(high, window[1]))
    if low is None or high is None or low >= high:
        if preprocess.holdout == "time":
            raise ConfigError(
                "preprocess.holdout=time needs at least two weeks or dates in the sales; use "
                "preprocess.holdout=random, or set source.columns.week"
            )
        return None
    return int(low + high) // 2
