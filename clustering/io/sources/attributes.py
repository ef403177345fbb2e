"""Files of store attributes: every column as a number, a date, a truth value or a level."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from clustering.errors import DataError, did_you_mean
from clustering.io.sources.columns import squash
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
from clustering.io.sources.values import TEXT, TIME, clean_key_of
from clustering.methods.aggregation.clean_keys import EXCEL_ERROR
from clustering.methods.aggregation.periods import AmbiguousDates, read_periods

FEW = 0.1  # the share of rows that may be unread in a column of numbers
# more may be in one that clearly holds amounts: at most a third, and five numbers for each word
MANY, AMOUNT = 5, 100
DATES = ("dates", "months", "days as YYYYMMDD")
DAY = r"^(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])$"
TRUTH = {"true": True, "false": False}
Roles = Mapping[str, str]


def canonical_attributes(table: Table, roles: Roles, reading: Reading) -> pl.DataFrame:
    """Give store_nbr (text) and the attributes; raises DataError where there is none, or a column
    can be read in two ways.
    """
    column = roles["store_nbr"]
    key = clean_key_of(table, column, "store_nbr", reading).alias("store_nbr")
    others = [name for name in table.types if name != column]
    usable = [name for name in others if _is_usable(table, name, reading)]
    if not usable:
        raise DataError(
            f"{table.path} holds no attribute besides {column}; remove it from source.external"
        )
    rows = table.collect(table.frame.select(key, *usable))
    is_store = pl.col("store_nbr") != column  # the names again, where parts were put together
    rows = rows.with_columns(pl.when(is_store).then("store_nbr"))
    of_stores = rows.with_columns(pl.when(pl.col("store_nbr").is_not_null()).then(pl.col(usable)))
    read = [_attribute(table, of_stores[name], reading) for name in usable]
    return rows.select("store_nbr", *(pl.lit(values) for values in read))


def _is_usable(table: Table, column: str, reading: Reading) -> bool:
    kind = table.types[column]
    if kind.is_nested() or kind in (pl.Binary, pl.Time, pl.Object) or kind == pl.Duration:
        reason = f"{kind} cannot be an attribute"
        reading.add(table.path, column, "left out", reason=reason)
        return False
    return True


def _attribute(table: Table, values: pl.Series, reading: Reading) -> pl.Series:
    """One column, in the type that its values have."""
    if values.dtype == pl.Null:
        return values.cast(pl.String)
    if values.dtype not in TEXT:
        return values
    text = values.cast(pl.String)
    known = text.to_frame("value").filter(~is_gap(pl.col("value")))["value"]
    if known.is_empty():
        return text.clear(len(text))
    for read in (_truth, _number, _date):
        found = read(table, text, known)
        if found is not None:
            reading.add(table.path, values.name, "read", None, found.kind, found.reason, known[0])
            reading.units[table.path, values.name] = found.unit
            if found.unread:
                reading.add(table.path, values.name, "unread", None, found.kind, found.unread)
            return found.values.alias(values.name)
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
    values = day.filter(text.is_in(known.implode())).unique().sort().to_list()
    try:
        periods = read_periods(values, table.settings.date_format)
    except AmbiguousDates as cause:
        raise DataError(f"{table.path}: column {text.name}: {cause}") from cause
    if periods.what not in DATES or len(periods.days) < len(values):
        return None
    days = day.replace_strict(periods.days, default=None, return_dtype=pl.Int32)
    return _Found(days.cast(pl.Date), "date", periods.what)


def _level(table: Table, text: pl.Series, reading: Reading) -> pl.Series:
    """Text in one spelling, trimmed; gaps are null, but "none" may be a level."""
    value = trimmed(pl.col(text.name))
    is_gap = value.str.to_lowercase().is_in(GAPS) | value.str.contains(EXCEL_ERROR)
    level = pl.when(~is_gap).then(value)
    levels = text.to_frame().select(level.alias(text.name))
    return one_spelling(levels, text.name, reading, table.path)[text.name]


def stacked(
    frames: dict[str, pl.DataFrame], paths: Mapping[str, str], reading: Reading
) -> dict[str, pl.DataFrame]:
    """Files of equal columns and different stores as one, under the name of the first; `paths` are
    those of the files. Raises DataError where their numbers are of different units.
    """
    groups: dict[tuple[str, ...], list[str]] = {}
    for name, frame in frames.items():
        groups.setdefault(tuple(sorted(frame.columns)), []).append(name)
    result = {}
    for names in groups.values():
        parts = [frames[name] for name in names]
        if len(parts) > 1 and _have_different_stores(parts):
            reason = f"the same columns, other stores: stacked with {', '.join(names[1:])}"
            reading.add(names[0], None, "stacked", reason=reason)
            _require_one_unit([paths[name] for name in names], parts[0].columns, reading)
            result[names[0]] = _put_together(names[0], parts, reading)
        else:
            result |= dict(zip(names, parts, strict=True))
    return result


def chosen_attributes(
    frames: dict[str, pl.DataFrame], columns: Sequence[str]
) -> dict[str, pl.DataFrame]:
    """Only the `columns` (source.external_columns), "file.column" where several files have it; all
    where none is named. Raises DataError for a column that no file has.
    """
    if not columns:
        return frames
    wanted, found, kept = {squash(name): name for name in columns}, set[str](), {}
    for file, frame in frames.items():
        stem = file.rpartition("/")[2].partition(".")[0]
        here = []
        for name in frame.columns[1:]:
            hits = {squash(name), squash(f"{stem}.{name}")} & wanted.keys()
            found |= hits
            here += [name] if hits else []
        if here:
            kept[file] = frame.select("store_nbr", *here)
    if missing := [name for key, name in wanted.items() if key not in found]:
        there = [name for frame in frames.values() for name in frame.columns[1:]]
        raise DataError(
            f"source.external_columns names {missing[0]}, which no file has"
            f"{did_you_mean(missing[0], there)}",
            [f"columns there: {', '.join(there)}"],
        )
    return kept


MOST_SHARED = 0.05  # of the stores, where files are meant to be parts of one


def _have_different_stores(parts: Sequence[pl.DataFrame]) -> bool:
    stores = [part["store_nbr"].drop_nulls().unique() for part in parts]
    together, once = sum(map(len, stores)), pl.concat(stores).n_unique()
    return together - once <= MOST_SHARED * together


def _require_one_unit(paths: Sequence[str], columns: Sequence[str], reading: Reading) -> None:
    """Raise DataError where files that are put together give a column in percent and in plain
    numbers, or in several currencies.
    """
    for column in columns:
        units = {reading.units.get((path, column), ""): path for path in paths}
        if len(units) > 1 and ("percent" in units or len(units.keys() - {""}) > 1):
            found = [f"{unit or 'plain numbers'} in {path}" for unit, path in sorted(units.items())]
            raise DataError(f"column {column} has several units: {', '.join(found)}; write one")


def _put_together(name: str, parts: Sequence[pl.DataFrame], reading: Reading) -> pl.DataFrame:
    """Rows below each other; a column of several types is text, which is told."""
    first, *others = parts
    kinds = {
        name: {part.schema[name] for part in parts if part[name].null_count() < part.height}
        for name in first.columns
    }
    casts = {
        name: (
            next(iter(found))
            if len(found) == 1
            else pl.Float64
            if found and all(kind.is_numeric() for kind in found)
            else pl.String
        )
        for name, found in kinds.items()
    }
    for column, found in kinds.items():
        if len(found) > 1 and casts[column] == pl.String:
            words = " and ".join(sorted(map(str, found)))
            reason = f"{words} in files that are put together, read as text"
            reading.add(name, column, "unread", reason=reason)
    return pl.concat([part.select(first.columns).cast(casts) for part in (first, *others)])  # type: ignore[arg-type]
