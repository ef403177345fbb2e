"""Sums that are in the data as rows of their own: a store called "Grand Total", a week that holds
all others.

What is added up twice doubles every figure, so such rows are found by their label or by their
amount.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from clustering.errors import DataError

Periods = NDArray[np.int32] | NDArray[np.float64]  # NaN where there is none

FEWEST_PARTS = 3  # of fewer, one is the sum of the others too easily
EQUAL = 1e-6  # of the sum: amounts in exports are rounded
FIRST_DATE = 7_000  # days since 1970, as periods that are dates are counted: 1989
WIDEST = 100_000  # periods further apart than this are no weeks or days
EVERY_BATCH, STEP = 64, 8  # of many batches one in eight is looked at
LABEL = re.compile(
    r"(\S.*[\s_-])?(grand|sub|sous|eind)?[\s_.-]*tota(ls?|le|al)(\s*[:=])?|totals?[\s_.:-]*(all|us|company|"
    r"chain|stores?|market|result|sum|outlets?|g[eé]n[eé]ral|complessivo)|all([\s_-]*"
    r"(stores|outlets|shops|need[\s_-]*states|segments|products|items|skus|brands|categories))?|"
    r"(gesamt|zwischen|total|\S.*\s)?[\s_-]*(summe|ergebnis)|gesamt|insgesamt|sum|suma|overall"
    r"( result)?|((national|chain|company|store)\s+)?(average|avg|mean|median|min(imum)?|"
    r"max(imum)?)|durchschnitt|mittelwert|moyenne|promedio|"
    r"итого|всего|合計|总计|總計|Σ",
    re.IGNORECASE,
)


def labels_of_totals(names: Iterable[str]) -> list[str]:
    """Those of `names` that read like a total, as "Grand Total", "TOTAL US" or "Gesamtsumme"."""
    return [name for name in names if LABEL.fullmatch(name.strip())]


def sum_of_the_others(amounts: NDArray[np.float64], equal: float = EQUAL) -> int | None:
    """The place of the amount, of shape (n,), that is the sum of all others; None where there is
    none, or fewer than three others that are not zero.
    """
    if (amounts > 0).sum() <= FEWEST_PARTS:
        return None
    place = int(amounts.argmax())
    others = float(amounts.sum() - amounts[place])
    return place if abs(amounts[place] - others) <= equal * others else None


def refuse_total(period: int) -> NoReturn:
    """Raise the DataError of preprocess.totals=error."""
    raise DataError(
        f"the sales of period {shown_period(period)} are the sum of all other periods: a total; "
        "remove it, or set preprocess.totals=drop"
    )


def shown_period(period: int) -> str:
    """A period as the user wrote it: a small number is a week, a large one a date."""
    is_week = abs(period) < FIRST_DATE
    return str(period) if is_week else (date(1970, 1, 1) + timedelta(days=period)).isoformat()


class PeriodSums:
    """Units by period, of some of the batches; the periods lie between `low` and `high`."""

    def __init__(self, low: int | None, high: int | None) -> None:
        usable = low is not None and high is not None and 0 < high - low < WIDEST
        self.low = low or 0
        self._sums = np.zeros(high - low + 1 if usable else 0)  # type: ignore[operator]
        self._batches = 0

    def add(self, period: Periods, units: NDArray[np.float64]) -> None:
        """Add `units` (n,) of the rows of a batch to those of their `period` (n,)."""
        self._batches += 1
        if not self._sums.size or (self._batches > EVERY_BATCH and self._batches % STEP):
            return
        inside = (period >= self.low) & (period < self.low + self._sums.size)
        place = period[inside].astype(np.int64) - self.low
        self._sums += np.bincount(place, units[inside], self._sums.size)

    def suspect(self) -> int | None:
        """The period that probably holds the sum of all others."""
        equal = EQUAL if self._batches <= EVERY_BATCH else 0.05
        place = sum_of_the_others(self._sums, equal)
        return None if place is None else place + self.low
