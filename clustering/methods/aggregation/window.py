"""Which periods of the sales count, and where they are cut into halves."""

from __future__ import annotations

import math
from datetime import date

from clustering.config import Preprocess
from clustering.errors import ConfigError
from clustering.methods.aggregation.periods import AmbiguousDates, read_periods

EPOCH = date(1970, 1, 1)
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
