"""The cells of one attribute as numbers, dates, truth values or levels."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import polars as pl

from clustering.errors import DataError
from clustering.io.sources.numbers import (
    GAPS,
    NUMBER,
    AmbiguousNumbers,
    as_number,
    is_gap,
    style_of,
    trimmed,
)
from clustering.io.sources.reading import Reading
from clustering.io.sources.spelling import one_spelling
from clustering.io.sources.table import Table
from clustering.io.sources.values import TEXT, TIME
from clustering.methods.aggregation.clean_keys import EXCEL_ERROR
from clustering.methods.aggregation.periods import (
    LAST_YEAR,
    OLDEST_YEAR,
    AmbiguousDates,
    read_periods,
)

FEW = 0.1  # the share of rows that may be unread in a column of numbers
# more may be in one that clearly holds amounts: at most a third, and five numbers for each word
MANY, AMOUNT = 5, 100
DATES = ("dates", "months", "days as YYYYMMDD")
DAY = r"^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$"
TRUTH = {"true": True, "false": False}
MARKS = ("x", "✓", "✔", "☑", "•", "y", "yes", "ja", "oui", "si", "sí")
# whole numbers in such columns are names of something, which have no order
CODE = re.compile(
    r"(^| )(id|ids|code|codes|cd|zip|zipcode|postcode|postal|postleitzahl|plz|phone|telephone|tel|"
    r"fax|fips|duns|objectid|fid|cluster)( |$)|^index$"
)
NEVER = r"^(9999|0000)|(9999|0000)$"  # the year of SAP's "for ever" and of its empty date
SENTINEL = "^(9{3,}|6{9}|8{9}|2{9}|3{9}|5{9})$"  # the last five are of the American census
CENSUS = -222_222_222  # and below, of the codes above
THOUSANDS = {"k": 1e3, "tsd": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "bn": 1e9}
MEASURED = (
    r"^(?:(?:ca\.?|approx\.?|about|circa|up to|over|under|[~≈<>≤≥]=?) ?)?"
    r"(?P<number>[-+−]?[$€£]?\d[\d.,'’ ]*\d|[-+−]?[$€£]?\d) ?(?P<unit>[\p{L}%°]+[²³23]?\.?)?[+*†‡]*"
    r"(?:\[\w\])?(?: ?(?:±|\+/-) ?[\d.,' ]+)?$"
)


def typed(table: Table, values: pl.Series, reading: Reading) -> pl.Series:
    """One column, in the type that its values have."""
    if values.dtype == pl.Null:
        return values.cast(pl.String)
    is_code = bool(CODE.search(_spaced(values.name)))
    if values.dtype not in TEXT:
        if is_code and values.dtype.is_numeric():
            return _codes(table, values, reading)
        return _without_sentinels(table, values, reading)
    text = values.cast(pl.String)
    known = text.to_frame("value").filter(~is_gap(pl.col("value")))["value"]
    if known.is_empty():
        return text.clear(len(text))
    for read in (_truth, _mark, *(() if is_code else (_number, _measured)), _date):
        found = read(table, text, known)
        if found is not None:
            reading.add(table.path, values.name, "read", None, found.kind, found.reason, known[0])
            reading.units[table.path, values.name] = found.unit
            if found.unread:
                reading.add(table.path, values.name, "unread", None, found.kind, found.unread)
            return _without_sentinels(table, found.values.alias(values.name), reading)
    if is_code or known.str.contains(r"^0\d").any():
        # a type of their own: text that is a number in every row would count as one
        reading.add(table.path, values.name, "read", None, "categorical", "codes")
        return _level(table, text, reading).cast(pl.Categorical)
    _tell_numbers(table, known.alias(values.name), reading)
    return _level(table, text, reading)


@dataclass(frozen=True)
class _Found:
    values: pl.Series
    kind: str
    reason: str | None = None
    unread: str | None = None
    unit: str = ""


def _truth(table: Table, text: pl.Series, known: pl.Series) -> _Found | None:
    lower = known.str.strip_chars().str.to_lowercase()
    if not lower.is_in(list(TRUTH)).all():
        return None
    values = text.str.strip_chars().str.to_lowercase()
    return _Found(values.replace_strict(TRUTH, default=None, return_dtype=pl.Boolean), "boolean")


def _mark(table: Table, text: pl.Series, known: pl.Series) -> _Found | None:
    """A mark or an empty cell, as SAP writes yes and no."""
    lower = known.str.strip_chars().str.to_lowercase()
    if len(known) == len(text) or lower.n_unique() > 1 or lower[0] not in MARKS:
        return None
    values = ~text.to_frame("value").select(is_gap(pl.col("value"))).to_series().fill_null(True)
    return _Found(values, "boolean", f"{known[0]!r} is true, an empty cell false")


def _number(table: Table, text: pl.Series, known: pl.Series) -> _Found | None:
    where, decimal = f"{table.path}: column {text.name}", table.settings.decimal
    cells = known.to_frame("value").select(trimmed(pl.col("value"))).to_series()
    is_code = cells.str.contains(r"^0\d").any()  # leading zeros would be lost
    are_days = cells.str.contains(DAY).all()
    if is_code or are_days or 2 * cells.str.contains(NUMBER).sum() < len(known):
        return None
    try:
        style = style_of(where, known.unique().sort(), table.separator, decimal, table.decimal_hint)
    except AmbiguousNumbers:
        if _reads_as_date(known):
            return None
        raise
    number = text.to_frame("value").select(as_number(pl.col("value"), style)).to_series()
    unread = text.filter(number.is_null() & text.is_in(known.implode()))
    if not _are_few(unread, number, len(known)):
        return None
    words = "cell is no number" if len(unread) == 1 else "cells are no numbers"
    examples = ", ".join(repr(cell) for cell in unread.unique().sort().head(3))
    told = f"{len(unread)} {words}: {examples}" if len(unread) else None
    return _Found(number, "numeric", style.words or None, told, style.unit)


def _measured(table: Table, text: pl.Series, known: pl.Series) -> _Found | None:
    """Numbers with the same unit in every cell ("1,200 sqft"), thousands as k, about, at most or
    at least ("~500", "<5"), margins ("± 1,200") and footnotes.
    """
    parts = text.to_frame("v").select(trimmed(pl.col("v")).str.extract_groups(MEASURED))
    parts = parts.unnest("v").with_columns(pl.col("unit").str.to_lowercase().str.strip_chars("."))
    numbers = parts["number"].drop_nulls()
    units = parts.filter(pl.col("number").is_not_null())["unit"].fill_null("").unique()
    scaled = units.is_in([*THOUSANDS, ""]).all()
    if 10 * len(numbers) < 9 * len(known) or not (len(units) == 1 or scaled):
        return None
    found = _number(table, parts["number"].alias(text.name), numbers)
    if found is None:
        return None
    times = parts["unit"].replace_strict(THOUSANDS, default=1.0, return_dtype=pl.Float64)
    unread = text.filter(parts["number"].is_null() & text.is_in(known.implode()))
    told = f"words around numbers are left out, as in {known[0]!r}{_not_read(unread)}"
    values = found.values * (times if scaled else 1.0)
    return replace(found, values=values, unread=told, unit="" if scaled else units[0])


def _not_read(unread: pl.Series) -> str:
    if unread.is_empty():
        return ""
    examples = ", ".join(repr(cell) for cell in unread.unique().sort().head(3))
    return f"; {len(unread)} without a number: {examples}"


def _tell_numbers(table: Table, known: pl.Series, reading: Reading) -> None:
    """Tell of a column that is read as levels, though most of its cells hold a number."""
    cells = known.to_frame("v").select(trimmed(pl.col("v")).str.contains(MEASURED)).to_series()
    if 2 * cells.sum() > len(cells) and known.n_unique() > 2:
        others = known.filter(~cells)
        but = f"; others such as {others[0]!r} are not" if len(others) else ""
        reason = f"levels, though most cells hold numbers, such as {known.filter(cells)[0]!r}{but}"
        reading.add(table.path, known.name, "unread", None, "categorical", reason)


def _codes(table: Table, values: pl.Series, reading: Reading) -> pl.Series:
    """Whole numbers that a name calls codes, such as ZIP or REGION_ID, as levels."""
    number = values.cast(pl.Float64)
    if (number.drop_nulls() % 1 != 0).any():
        return values
    reading.add(table.path, values.name, "read", None, "categorical", "codes")
    return number.cast(pl.Int64).cast(pl.String).cast(pl.Categorical)


def _without_sentinels(table: Table, values: pl.Series, reading: Reading) -> pl.Series:
    """Numbers such as -999 and -666666666, and dates such as 9999-12-31, are gaps where they lie
    far from all others.
    """
    if values.dtype.is_temporal() and values.dtype not in (pl.Duration, pl.Time):
        is_odd = ~values.dt.year().is_between(OLDEST_YEAR + 1, LAST_YEAR)
    elif values.dtype.is_numeric():
        number = values.cast(pl.Float64)
        digits = number.abs().cast(pl.Int64, strict=False).cast(pl.String)
        repeats = digits.str.contains(SENTINEL) & (number % 1 == 0)
        rest = number.filter(~repeats & number.is_finite())
        is_odd = repeats & (number <= CENSUS)
        if len(rest):
            low, high = float(rest.min()), float(rest.max())  # type: ignore[arg-type]
            far = max(high - low, 1.0)
            is_odd |= repeats & ((number < low - far) | (number > high + far))
    else:
        return values
    if not is_odd.fill_null(False).any():
        return values
    odd = values.filter(is_odd.fill_null(False))
    words = f"{len(odd)} cells are" if len(odd) > 1 else "1 cell is"
    reason = f"{words} {odd[0]}, which stands for no value"
    reading.add(table.path, values.name, "unread", None, None, reason)
    return values.set(is_odd.fill_null(False), None)


def is_description(rows: pl.DataFrame) -> bool:
    """Whether the first row has words where the others have numbers, in every such column."""
    texts = [rows[name] for name, kind in rows.schema.items() if kind == pl.String]
    wordy = []
    for text in texts:
        first, *rest = text.to_frame("v").select(_is_number(pl.col("v"))).to_series().to_list()
        known = [one for one in rest if one is not None]
        if first is not None and len(rest) > 1 and known and all(known):
            wordy.append(not first)
    return len(wordy) > 1 and all(wordy)


def _is_number(text: pl.Expr) -> pl.Expr:
    """Whether cells hold a number; null where they hold nothing."""
    return pl.when(~is_gap(text)).then(trimmed(text).str.contains(NUMBER))


def _spaced(name: str) -> str:
    """A column name with blanks between its words."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|[^A-Za-z0-9]+", " ", name).lower()


def _are_few(unread: pl.Series, number: pl.Series, known: int) -> bool:
    """Whether a column is numeric but for some cells, rather than one of codes and words."""
    if len(unread) <= FEW * known:
        return True
    numbers = number.drop_nulls()
    are_amounts = bool((numbers.abs() >= AMOUNT).any() or (numbers % 1 != 0).any())
    many = numbers.n_unique() >= MANY * unread.n_unique()
    return are_amounts and many and 3 * len(unread) <= known


def _reads_as_date(known: pl.Series) -> bool:
    return bool(known.str.contains(r"^\d{1,4}[./-]\d{1,2}[./-]\d{1,4}").all())


def _date(table: Table, text: pl.Series, known: pl.Series) -> _Found | None:
    if not known.str.contains(r"\d").all():
        return None
    day = text.to_frame("v").select(trimmed(pl.col("v")).str.replace(TIME, "$1")).to_series()
    never = day.str.contains(NEVER).fill_null(False)
    values = day.filter(text.is_in(known.implode()) & ~never).unique().sort().to_list()
    try:
        periods = read_periods(values, table.settings.date_format)
    except AmbiguousDates as cause:
        raise DataError(f"{table.path}: column {text.name}: {cause}") from cause
    if periods.what not in DATES or len(periods.days) < len(values):
        return None
    days = day.replace_strict(periods.days, default=None, return_dtype=pl.Int32)
    told = None
    if never.any():
        told = f"{never.sum()} cells are {day.filter(never)[0]}, which stands for no date"
    return _Found(days.cast(pl.Date), "date", periods.what, told)


def _level(table: Table, text: pl.Series, reading: Reading) -> pl.Series:
    """Text in one spelling, trimmed; gaps are null, but "none" may be a level."""
    value = trimmed(pl.col(text.name))
    is_gap = value.str.to_lowercase().is_in(GAPS) | value.str.contains(EXCEL_ERROR)
    level = pl.when(~is_gap).then(value)
    levels = text.to_frame().select(level.alias(text.name))
    return one_spelling(levels, text.name, reading, table.path)[text.name]
