"""The values of one column of a file as keys, names, amounts or periods."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

import polars as pl

from clustering.errors import DataError
from clustering.io.sources.alignment import require_apart
from clustering.io.sources.numbers import as_number, is_gap, style_of, trimmed
from clustering.io.sources.reading import Reading
from clustering.io.sources.table import Table
from clustering.methods.aggregation.clean_keys import (
    DECIMALS,
    aligned,
    are_clean,
    cleaned,
    require_whole_digits,
    without_gaps,
)
from clustering.methods.aggregation.periods import (
    AmbiguousDates,
    integers_mean,
    read_integers,
    read_periods,
)

# the digit before it is that of a date: "W/E 25.01.25" holds no time
TIME = (
    r"(?i)(\d)(?:[T :]\s?\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?|T\d{4,6})"
    r"\s?(?:[ap]\.?m\.?|uhr)?\s?(?:Z|[A-Z]{3,4}|[A-Z][a-z]+/[A-Z]\w+(?:/\w+)?)?(?:[+-]\d{2}:?\d{2})?(?:[\[(].*[\])])?$"
)
KEYS = ("store_nbr", "sku_nbr")
TEXT = (pl.String, pl.Categorical, pl.Enum)
MOST_EXAMPLES = 3
MONTH = ("month", "monat", "mois", "mes", "mese", "maand")
FEW = 10_000  # different periods
LARGEST_COUNTER = 99_999  # of weeks or days since a beginning


def key_of(table: Table, column: str, role: str, reading: Reading) -> pl.Expr:
    """A store or SKU number: integers as they are, or text, cleaned where the file's beginning
    needs it.
    """
    kind, value = table.types[column], pl.col(column)
    words = "integers"
    if kind.is_float() or kind.is_decimal():
        _require_whole(table, column)
        value = value.cast(pl.Float64).fill_nan(None).cast(pl.Int64)
        words = "whole numbers, decimals dropped"
    elif kind in TEXT:
        sample = table.beginning[column]
        require_whole_digits(table.path, column, sample.cast(pl.String).unique())
        clean = are_clean(sample.unique())
        value, words = (value, "text") if clean else (cleaned(value), "text, cleaned")
    elif not kind.is_integer():
        raise DataError(f"{table.path}: column {column} holds {kind}, expected integers or text")
    if table.align_keys and kind in TEXT:
        different = table.frame.select(pl.col(column).cast(pl.String)).unique()
        require_apart(table.path, column, table.collect(different)[column])
        value, words = aligned(value), "text, without leading zeros and decimals"
    reading.add(table.path, column, "read", role, "key", words, _example(table, column))
    return value


def clean_key_of(table: Table, column: str, role: str, reading: Reading) -> pl.Expr:
    """The same as text in its one spelling, whatever the file's beginning looks like."""
    return cleaned(key_of(table, column, role, reading))


def name_of(table: Table, column: str, role: str, reading: Reading) -> pl.Expr:
    """A category or need state as text, trimmed; null where it is empty, NA and the like."""
    reading.add(table.path, column, "read", role, "name", "text", _example(table, column))
    text = pl.col(column).cast(pl.String)
    if table.types[column].is_float():  # a gap made decimals of whole numbers
        text = text.str.replace(DECIMALS, "$1")
    return without_gaps(text)


def category_of(table: Table, column: str, reading: Reading) -> pl.Expr:
    """A category: as `name_of` where the file's beginning needs it, else untouched; a categorical
    column stays one, because making text of its codes costs more than summing.
    """
    names = frozenset(table.beginning[column].cast(pl.String).to_list())
    if table.types[column].is_float() or not _are_names(names):
        return name_of(table, column, "category", reading)
    reading.add(table.path, column, "read", "category", "name", "text", _example(table, column))
    is_code = isinstance(table.types[column], pl.Categorical)
    return pl.col(column) if is_code else pl.col(column).cast(pl.String)


def amount_of(table: Table, column: str, reading: Reading) -> tuple[pl.Expr, pl.Expr | None]:
    """An amount as Float64, and the text of amounts that are not understood, where there are any.

    Raises DataError where most values are no numbers, or their decimal mark is not certain.
    """
    kind = table.types[column]
    if kind.is_numeric():
        reading.add(table.path, column, "read", "total_sales", "number", str(kind))
        return pl.col(column).cast(pl.Float64), None
    if kind not in TEXT:
        raise DataError(f"{table.path}: column {column} holds {kind}, expected numbers")
    text = pl.col(column).cast(pl.String)
    values = different_values(table, text)
    where, settings = f"{table.path}: column {column}", table.settings
    style = style_of(where, values, table.separator, settings.decimal, table.decimal_hint)
    number = as_number(text, style)
    unread = _unread(values, as_number(pl.col("value"), style))
    if 2 * len(unread) > len(values):
        raise DataError(f"{where} contains text, expected numbers: {_examples(unread)}")
    reason = ", ".join(word for word in (style.words, _not_understood(unread)) if word)
    reading.add(
        table.path, column, "read", "total_sales", "number", reason, _example(table, column)
    )
    if unread.is_empty():
        return number, None
    return number, pl.when(number.is_null() & ~is_gap(text)).then(text)


def period_of(
    table: Table, column: str, role: str, reading: Reading
) -> tuple[pl.Expr, pl.Expr | None, str]:
    """A period as Int32: days since 1970, or the number it is; the text of periods that are not
    understood; and what the periods are.

    Raises DataError where most values are not understood, or days and months may be swapped.
    """
    kind, value = table.types[column], pl.col(column)
    unread = None
    if kind.is_numeric() and "%" in (table.settings.date_format or ""):
        return _period_in_text(table, column, role, reading)
    if kind == pl.Date or isinstance(kind, pl.Datetime):
        naive = value.dt.replace_time_zone(None) if isinstance(kind, pl.Datetime) else value
        period, what = naive.cast(pl.Date).to_physical().cast(pl.Int32), "dates"
    elif kind.is_numeric():
        period, unread, what = _numeric_period(table, column, _kind_of(column, role))
    elif kind in TEXT:
        return _period_in_text(table, column, role, reading)
    else:
        raise DataError(
            f"{table.path}: column {column} holds {kind}, expected week numbers or dates"
        )
    reading.add(table.path, column, "read", role, "period", what, _example(table, column))
    return period, unread, what


def is_plain(table: Table, columns: Mapping[str, str]) -> bool:
    """Whether the sales of a file are those of parquet types that need no conversion."""
    kinds = {role: table.types[column] for role, column in columns.items()}
    period = next((role for role in ("week", "date") if role in columns), None)
    plain_period = period is None or (
        kinds[period] in (pl.Date, pl.Datetime("us"), pl.Datetime("ms"), pl.Datetime("ns"))
        or (
            kinds[period].is_integer()
            and _numeric_period(table, columns[period], period)[2] == "numbers"
        )
    )
    return (
        table.how == "parquet"
        and all(kinds[key].is_integer() or kinds[key] == pl.String for key in KEYS)
        and (kinds["total_sales"].is_float() or kinds["total_sales"].is_integer())
        and plain_period
    )


def _kind_of(column: str, role: str) -> str:
    """The role of a period, but that a column MONTH holds no weeks, whatever its role."""
    return "date" if any(word in column.lower() for word in MONTH) else role


def _numeric_period(table: Table, column: str, role: str) -> tuple[pl.Expr, pl.Expr | None, str]:
    kind, value = table.types[column], pl.col(column)
    if not kind.is_integer():
        _require_whole(table, column)
        value = value.cast(pl.Float64).fill_nan(None).cast(pl.Int64)
    small = kind in (pl.Int8, pl.Int16, pl.Int32, pl.UInt8, pl.UInt16)
    sample = frozenset(table.beginning[column].to_list()) - {None} if small else frozenset()
    if small and _mean(sample, role) == "numbers":
        _require_counters(f"{table.path}: column {column}", pl.Series(sorted(sample)))
        return value.cast(pl.Int32), None, "numbers"
    different = table.frame.select(value.alias("value")).unique().collect(engine="streaming")
    numbers = different["value"].drop_nulls().sort()
    if numbers.is_empty():
        return pl.lit(None, pl.Int32), None, "nothing"
    what = integers_mean(numbers, role)
    if what == "numbers":
        _require_counters(f"{table.path}: column {column}", numbers)
        return value.cast(pl.Int32), None, what
    days = read_integers({str(number): int(number) for number in numbers}, what).days
    found = {int(text): day for text, day in days.items()}
    period = value.cast(pl.Int64).replace_strict(found, default=None, return_dtype=pl.Int32)
    lost = len(found) < len(numbers)
    unread = pl.when(period.is_null()).then(value.cast(pl.String)) if lost else None
    return period, unread, what


@lru_cache(4096)  # many files hold the same values
def _mean(numbers: frozenset[int], role: str) -> str:
    return integers_mean(pl.Series(list(numbers), dtype=pl.Int64), role)


def _require_counters(where: str, numbers: pl.Series) -> None:
    """Raise DataError where plain numbers, sorted, are too large to count weeks or days."""
    if len(numbers) and max(abs(int(numbers[0])), abs(int(numbers[-1]))) > LARGEST_COUNTER:
        raise DataError(
            f"{where} holds {numbers[-1]}, which is no week and no date; set "
            "source.read.date_format (such as %y%m%d or %d%m%Y), or compute a week: "
            f'source.derive.week="..."'
        )


def _period_in_text(
    table: Table, column: str, role: str, reading: Reading
) -> tuple[pl.Expr, pl.Expr | None, str]:
    where, date_format = f"{table.path}: column {column}", table.settings.date_format
    text = pl.col(column).cast(pl.String)
    dated = date_format is not None and "%" in date_format
    day = trimmed(text) if dated else local_day(text)
    raw = different_values(table, text, table.any_rows)
    days = raw.alias(column).to_frame().select(value=day)
    values = days.unique().filter(~is_gap(pl.col("value")))["value"].drop_nulls().sort()
    try:
        periods = read_periods(values.to_list(), date_format, _kind_of(column, role))
    except AmbiguousDates as cause:
        raise DataError(f"{where}: {cause}") from cause
    if periods.what == "numbers":
        _require_counters(where, pl.Series(sorted(periods.days.values()), dtype=pl.Int64))
    unread = values.filter(~values.is_in(list(periods.days)))
    if 2 * len(unread) > len(values):
        raise DataError(
            f"{where} is not understood as dates, weeks or periods: {_examples(unread)}; set "
            "source.read.date_format (such as %d/%m/%Y), or leave the column out of the file"
        )
    reason = ", ".join(word for word in (periods.what, _not_understood(unread)) if word)
    reading.add(table.path, column, "read", role, "period", reason, _example(table, column))
    if len(raw) <= FEW:  # to look them up as they are costs less than to make days of all rows
        of_raw = zip(raw, days["value"], strict=True)
        period = _by_table(text, {one: periods.days[d] for one, d in of_raw if d in periods.days})
    else:
        period = _by_table(day, periods.days)
    lost = pl.when(period.is_null() & ~is_gap(text)).then(text) if len(unread) else None
    return period, lost, periods.what


def local_day(text: pl.Expr) -> pl.Expr:
    """The text without a time of day: the local date."""
    return trimmed(text).str.replace(TIME, "$1")


def _by_table(text: pl.Expr, days: Mapping[str, int]) -> pl.Expr:
    if not days:
        return pl.lit(None, pl.Int32)
    return text.replace_strict(list(days), list(days.values()), default=None, return_dtype=pl.Int32)


def _require_whole(table: Table, column: str) -> None:
    """Raise DataError where a float is no whole number."""
    value = pl.col(column).cast(pl.Float64).fill_nan(None)
    broken = table.frame.select(value.alias("value")).filter(
        (pl.col("value") % 1 != 0) | (pl.col("value").abs() >= 2**53)
    )
    first = broken.head(1).collect()
    if first.height:
        raise DataError(
            f"{table.path}: column {column} holds {table.types[column]}, expected integers or "
            f"text: {first.item()}"
        )


def different_values(table: Table, text: pl.Expr, rows: pl.LazyFrame | None = None) -> pl.Series:
    """The different values of a column, sorted, without gaps.

    Raises DataError where a row of the file is broken; not with `rows` of one column, any_rows.
    """
    rows = table.frame if rows is None else rows
    values = table.collect(rows.select(text.alias("value")).unique())
    return values.filter(~is_gap(pl.col("value")))["value"].drop_nulls().sort()


def _unread(values: pl.Series, number: pl.Expr) -> pl.Series:
    return values.alias("value").to_frame().filter(number.is_null())["value"]


def _examples(values: pl.Series) -> str:
    return ", ".join(repr(value) for value in values.head(MOST_EXAMPLES).to_list())


def _not_understood(unread: pl.Series) -> str:
    if unread.is_empty():
        return ""
    values = "value" if len(unread) == 1 else "different values"
    return f"{len(unread)} {values} not understood ({_examples(unread)})"


def _example(table: Table, column: str) -> str | None:
    is_text = table.types[column] in TEXT
    for one in table.beginning[column].head(100).to_list():
        if one is not None and not (is_text and _is_gap(str(one))):
            return str(one)
    return None


@lru_cache(4096)  # many files hold the same values
def _is_gap(text: str) -> bool:
    return bool(pl.select(is_gap(pl.lit(text))).item())


@lru_cache(4096)
def _are_names(values: frozenset[str | None]) -> bool:
    """Whether all are as `without_gaps` gives them."""
    names = pl.DataFrame({"name": list(values)}, schema={"name": pl.String})
    return bool(names.select(without_gaps(pl.col("name")).eq_missing(pl.col("name")).all()).item())
