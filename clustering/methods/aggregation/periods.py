"""Text and numbers that name a day, a week, a month or a vendor's period, as days since 1970.

Weeks and periods become their first day, so that they sort and split by time over any new year.
A week or period without a year stays the number it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

import polars as pl

from clustering.methods.aggregation.months import MONTHS

EPOCH = date(1970, 1, 1)
OLDEST_YEAR, FIRST_YEAR, LAST_YEAR = 1900, 1980, 2100  # numbers below the second are no dates
ENDING = re.compile(
    r"(?:latest|last)?\s*(?P<length>\d+)?\s*(?:w(?:ee)?ks?(?=\W))?\s*"
    r"(?:w\s*/\s*[ebc]|we|(?:w(?:ee)?ks?[ -]?)?(?:ending|ended|end|beginning|commencing|of))"
    r"(?![a-z])"
    r"\s*:?\s*(?P<day>\S.*)",
    re.IGNORECASE,
)
DAY_FIRST, MONTH_FIRST = "day-first", "month-first"


@dataclass(frozen=True)
class Periods:
    """What the different values of a column mean: `days` by text, `what` they are in words."""

    days: dict[str, int]
    what: str

    @property
    def last(self) -> int:
        """The days from the first to the last day of one of them; 0 of numbers."""
        kinds = {"week": 6, "month": 27, "quarter": 89}
        has_year = self.what != "weeks without a year"
        return next((n for word, n in kinds.items() if word in self.what and has_year), 0)


class AmbiguousDates(ValueError):
    """Day and month may be either way round in every value; the message names both readings."""


def day_of_week(year: int, week: int) -> int:
    """The Monday of an ISO week; raises ValueError where the year has no such week."""
    try:
        return (date.fromisocalendar(year, week, 1) - EPOCH).days
    except ValueError:
        if week == 53 and FIRST_YEAR <= year <= LAST_YEAR:  # retail calendars count 53 weeks
            return (date.fromisocalendar(year, 52, 1) - EPOCH).days + 7
        raise


def read_periods(values: Sequence[str], date_format: str | None = None, role: str = "") -> Periods:
    """Read the different values of a column, trimmed, by the kind that fits most of them.

    Values that do not fit are absent from `days`. Where all values allow both, 2025-03 and 202503
    are weeks if `role` is week, and months if it is date. Raises AmbiguousDates where days and
    months may be either way round.
    """
    if date_format and "%" in date_format:
        return Periods(_known(values, lambda text: _by_pattern(text, date_format)), "dates")
    lengths = {match["length"] or "1" for text in values if (match := ENDING.fullmatch(text))}
    ends = {text: match["day"] if (match := ENDING.fullmatch(text)) else text for text in values}
    if len(lengths) > 1:
        raise AmbiguousDates(
            f"periods of {' and '.join(sorted(lengths, key=int))} weeks overlap; keep one length"
        )
    kinds = {"integers": _known(values, _integer)} if not lengths else {}
    kinds |= {what: _known(list(ends.values()), read) for what, read in READERS.items()}
    orders = {order: _known(list(ends.values()), READERS_OF[order]) for order in READERS_OF}
    year_first = _known(list(ends.values()), _read_year_first)
    fewest = _fewer_years(year_first, orders)
    kinds["dates"] |= year_first if fewest else _in_order(orders, date_format)
    is_week = role == "week"
    best = max(kinds, key=lambda what: (len(kinds[what]), is_week and what == "weeks of a year"))
    days = {text: kinds[best][end] for text, end in ends.items() if end in kinds[best]}
    if best == "integers":
        return _integers(days, role)
    words = "week-ending dates" if lengths else best
    return Periods(days, words)


def _known(values: Sequence[str], read: Callable[[str], int | None]) -> dict[str, int]:
    return {text: day for text in values if (day := _or_none(read, text)) is not None}


def _or_none(read: Callable[[str], int | None], text: str) -> int | None:
    try:
        return read(text)
    except ValueError:
        return None


def _day(year: int, month: int, day: int) -> int:
    if not OLDEST_YEAR <= year <= LAST_YEAR:
        raise ValueError(year)
    return (date(year, month, day) - EPOCH).days


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 2000 + int(text) - (100 if int(text) > 68 else 0)


def _by_pattern(text: str, pattern: str) -> int:
    return (datetime.strptime(text, pattern).date() - EPOCH).days


def _integer(text: str) -> int | None:
    return int(float(text)) if re.fullmatch(r"-?\d{1,18}(\.0+)?", text) else None


def integers_mean(numbers: pl.Series, role: str = "") -> str:
    """What most of different whole numbers are: days (20260105), weeks (202601), months, Excel
    days, seconds ..., or plain numbers; `role` is that of their column.
    """
    number = numbers.cast(pl.Int64)
    if _most(number.is_between(FIRST_YEAR * 10_000, (LAST_YEAR + 1) * 10_000)):
        return "days as YYYYMMDD"
    years, rest = number // 100, number % 100
    of_year = years.is_between(FIRST_YEAR, LAST_YEAR) & rest.is_between(1, 53)
    if _most(of_year):
        last = int(rest.filter(of_year).max())  # type: ignore[arg-type]
        is_year = years.filter(of_year).n_unique() > 1 and last == 12
        are_months = is_year or (role == "date" and last <= 12)
        return "months as YYYYMM" if are_months else "weeks as YYYYWW"
    for what, (first, last) in RANGES.items():
        if _most(number.is_between(first, last)):
            return what
    return "numbers"


def _most(fits: pl.Series) -> bool:
    return len(fits) > 0 and int(fits.sum()) >= MOST * len(fits)


EXCEL = 25_569  # Excel's number of 1 January 1970
SECONDS = {
    "seconds since 1970": 1,
    "milliseconds since 1970": 10**3,
    "microseconds since 1970": 10**6,
    "nanoseconds since 1970": 10**9,
}


# the numbers from 1990 to 2100
RANGES = {
    **{what: (20 * 31_556_952 * each, 130 * 31_556_952 * each) for what, each in SECONDS.items()},
    "days as Excel counts them": (20 * 365 + EXCEL, 130 * 365 + EXCEL),
}
MOST = 0.9  # of different numbers


def read_integers(numbers: dict[str, int], what: str) -> Periods:
    """Whole numbers that are `what` (see integers_mean) as days since 1970."""
    read = READERS_OF_INTEGERS.get(what)
    if read is None:
        return Periods(numbers, what)
    low, high = RANGES.get(what, (-(2**63), 2**63))
    usable = [text for text, number in numbers.items() if low <= number <= high]
    return Periods(_known(usable, lambda text: read(numbers[text])), what)


def _integers(numbers: dict[str, int], role: str) -> Periods:
    return read_integers(numbers, integers_mean(pl.Series(numbers.values(), dtype=pl.Int64), role))


def _day_of_second(number: int, second: int) -> int:
    return number // second // 86_400


READERS_OF_INTEGERS: dict[str, Callable[[int], int]] = {
    "days as YYYYMMDD": lambda n: _day(n // 10_000, n // 100 % 100, n % 100),
    "weeks as YYYYWW": lambda n: day_of_week(n // 100, n % 100),
    "months as YYYYMM": lambda n: _day(n // 100, n % 100, 1),
    "days as Excel counts them": lambda n: n - EXCEL,
    **{what: partial(_day_of_second, second=second) for what, second in SECONDS.items()},
}


def _matched(*patterns: str) -> Callable[[str], re.Match[str] | None]:
    compiled = [re.compile(pattern, re.IGNORECASE) for pattern in patterns]
    return lambda text: next((m for each in compiled if (m := each.fullmatch(text))), None)


YEAR, GAP = r"(?P<y>\d{4}|'?\d{2})", r"(?:[\s./,-]|\bde\b)*"
_iso = _matched(
    r"(?P<y>\d{4})([-/. ])(?P<m>\d{1,2})\2(?P<d>\d{1,2})", r"(?P<y>\d{4})(?P<m>\d\d)(?P<d>\d\d)"
)
_named_day = _matched(
    rf"(?:[^\W\d]+\.?,?\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th|\.)?{GAP}(?P<m>[^\W\d]+){GAP}{YEAR}",
    rf"(?:[^\W\d]+\.?,\s+)?(?P<m>[^\W\d]+){GAP}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s,./-]+{YEAR}",
    rf"(?P<y>\d{{4}}){GAP}(?P<m>[^\W\d]+){GAP}(?P<d>\d{{1,2}})",
)
_numeric_day = _matched(rf"(?:[^\W\d]+\.?,?\s+)?(?P<a>\d{{1,2}})([-/. ])(?P<b>\d{{1,2}})\2{YEAR}")
_named_month = _matched(rf"(?P<m>[^\W\d]+){GAP}{YEAR}", rf"(?P<y>\d{{4}}){GAP}(?P<m>[^\W\d]+)")
_month = _matched(
    r"(?P<y>\d{4})[-/ ](?P<m>\d{1,2})",
    r"(?P<y>\d{4})\.(?P<m>\d\d)",
    r"(?P<m>\d{1,2})[-/. ](?P<y>\d{4})",
)
WEEK = r"(?:w(?:ee)?k|wk|w|kw|woche|cw|sem(?:aine|ana)?)\.?"
_year_week = _matched(
    rf"(?:fy)?\s*{YEAR}{GAP}{WEEK}{GAP}(?P<w>\d{{1,2}})(?:-\d)?",
    rf"(?P<w>\d{{1,2}})\.?\s*{WEEK}{GAP}(?:fy)?{YEAR}",
    rf"{WEEK}{GAP}(?P<w>\d{{1,2}})[\s./,-]+(?:fy)?{YEAR}",
    r"(?P<y>\d{4})[-/ ](?P<w>\d{1,2})",
    r"(?P<y>\d{4})\.(?P<w>\d\d)",  # 2026.1 may be week 1, or 10 without its zero
    r"(?P<w>\d{1,2})[-/. ](?P<y>\d{4})",
)
_week = _matched(rf"{WEEK}{GAP}(?P<w>\d{{1,3}})", r"(?P<w>\d{1,3})(?:st|nd|rd|th|\.)\s*week")
PERIOD = r"p(?:er(?:iod)?)?\.?"
_period = _matched(
    rf"(?:fy)?(?P<y>\d{{2,4}})?{GAP}{PERIOD}{GAP}(?P<p>\d{{1,2}})(?:{GAP}{WEEK}{GAP}(?P<w>\d))?",
    rf"{PERIOD}{GAP}(?P<p>\d{{1,2}})(?:{GAP}{WEEK}{GAP}(?P<w>\d))?[\s./,-]+(?:fy)?(?P<y>\d{{2,4}})",
)
_quarter = _matched(
    rf"(?:fy)?\s*{YEAR}{GAP}q\s*(?P<q>[1-4])", rf"q\s*(?P<q>[1-4]){GAP}(?:fy)?{YEAR}"
)


def _read_date(text: str) -> int | None:
    if match := _iso(text):
        return _day(int(match["y"]), int(match["m"]), int(match["d"]))
    if (match := _named_day(text)) and (month := MONTHS.get(match["m"].lower())):
        return _day(_year(match["y"].strip("'")), month, int(match["d"]))
    return None


def _read_in_order(day_first: bool) -> Callable[[str], int | None]:
    def read(text: str) -> int | None:
        if not (match := _numeric_day(text)):
            return None
        day, month = (match["a"], match["b"]) if day_first else (match["b"], match["a"])
        return _day(_year(match["y"].strip("'")), int(month), int(day))

    return read


_short_year_first = _matched(r"(?P<y>\d{2})([-/. ])(?P<m>\d{1,2})\2(?P<d>\d{1,2})")


def _read_year_first(text: str) -> int | None:
    match = _short_year_first(text)
    return _day(_year(match["y"]), int(match["m"]), int(match["d"])) if match else None


def _fewer_years(year_first: dict[str, int], orders: dict[str, dict[str, int]]) -> bool:
    """Whether 25-01-05 begins with the year: all values fit, and lie in fewer years."""
    others = [found for found in orders.values() if len(found) >= len(year_first)]
    spans = [len({day // 365 for day in found.values()}) for found in (year_first, *others)]
    most = max(len(year_first), *map(len, orders.values()))
    return bool(year_first) and len(year_first) == most and spans[0] < min(spans[1:], default=99)


READERS_OF = {DAY_FIRST: _read_in_order(True), MONTH_FIRST: _read_in_order(False)}


def _in_order(orders: dict[str, dict[str, int]], date_format: str | None) -> dict[str, int]:
    """The dates read in the order that fits; raises AmbiguousDates where both fit every value."""
    if date_format in orders:
        return orders[date_format]
    by_day, by_month = orders[DAY_FIRST], orders[MONTH_FIRST]
    if len(by_day) != len(by_month):
        return max(by_day, by_month, key=len)
    differing = [text for text in by_day if by_month.get(text) != by_day[text]]
    if differing:
        text = min(differing)
        readings = [
            f"{order} ({EPOCH + timedelta(days=orders[order][text]):%-d %B %Y})"
            for order in orders
            if text in orders[order]
        ]
        raise AmbiguousDates(
            f"{text!r} may be {' or '.join(readings)}; set source.read.date_format="
            f"{' or '.join(orders)}"
        )
    return by_day


def order_of(values: Sequence[str]) -> str | None:
    """Which of day and month comes first in most values; None where they are written otherwise.

    Raises AmbiguousDates where both orders fit.
    """
    ends = [match["day"] if (match := ENDING.fullmatch(text)) else text for text in values]
    orders = {order: _known(ends, read) for order, read in READERS_OF.items()}
    if not any(orders.values()):
        return None
    chosen = _in_order(orders, None)
    differ = orders[DAY_FIRST] != orders[MONTH_FIRST]
    return next(order for order in orders if orders[order] is chosen) if differ else None


def _read_month(text: str) -> int | None:
    if (match := _named_month(text)) and (month := MONTHS.get(match["m"].lower())):
        return _day(_year(match["y"].strip("'")), month, 1)
    return _day(int(match["y"]), int(match["m"]), 1) if (match := _month(text)) else None


def _read_year_week(text: str) -> int | None:
    if not (match := _year_week(text)):
        return None
    return day_of_week(_year(match["y"].strip("'")), int(match["w"]))


def _read_week(text: str) -> int | None:
    return int(match["w"]) if (match := _week(text)) else None


def _read_period(text: str) -> int | None:
    if not (match := _period(text)) or not 1 <= int(match["p"]) <= 13:
        return None
    weeks = (int(match["p"]) - 1) * 4 + int(match["w"] or 1) - 1
    if match["y"] is None:
        return (int(match["p"]) - 1) * 5 + int(match["w"] or 1)
    return _day(_year(match["y"]), 1, 1) + weeks * 7


def _read_quarter(text: str) -> int | None:
    if not (match := _quarter(text)):
        return None
    return _day(_year(match["y"].strip("'")), 3 * int(match["q"]) - 2, 1)


# of two kinds that fit as many values the first counts
READERS: dict[str, Callable[[str], int | None]] = {
    "dates": _read_date,
    "months": _read_month,
    "weeks of a year": _read_year_week,
    "weeks without a year": _read_week,
    "periods": _read_period,
    "quarters": _read_quarter,
}
