"""Tables of files in the canonical columns of each input."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import polars as pl

from clustering.errors import DataError
from clustering.io.sources.columns import PRODUCT_ATTRIBUTES, resolve
from clustering.io.sources.reading import Reading
from clustering.io.sources.several_files import settled
from clustering.io.sources.spelling import one_spelling
from clustering.io.sources.table import Table
from clustering.io.sources.values import (
    amount_of,
    category_of,
    clean_key_of,
    is_plain,
    key_of,
    name_of,
    period_of,
)
from clustering.methods.aggregation.clean_keys import are_clean
from clustering.methods.aggregation.overlap import FILE

KEYS = ("store_nbr", "sku_nbr")
PERIOD = re.compile(
    r"(?i)(?<![a-z])(week|wk|date|month|period|woche|kw|datum|monat|semaine|mois|fecha)(?![a-z])"
)
UNREAD = {"unread_sales": "total_sales", "unread_period": "period"}
Roles = Mapping[str, str]


def canonical_sales(
    tables: Sequence[Table], roles: Sequence[Roles], reading: Reading
) -> pl.LazyFrame:
    """Give the columns of schemas.Sales of all files together; `roles` are from `resolve`.

    Where there are several files a column `file` names that of each row.
    Where amounts or periods in text are not understood there are columns unread_sales and
    unread_period with that text. Raises DataError for a fault of structure in one file.
    """
    tables = settled(tables, roles)
    picks, periods = [], {}
    for table, columns in zip(tables, roles, strict=True):
        picked, periods[table.path] = _sales_of_file(table, columns, reading)
        picks.append(picked)
    kinds = {what for what in periods.values() if what is not None}
    if len(kinds) > 1 or (kinds and None in periods.values()):
        _require_same_periods(periods)
        picks = [picked | {"period": pl.lit(None, pl.Int32)} for picked in picks]
        reading.add(
            next(path for path, what in periods.items() if what is None),
            None,
            "left out",
            "period",
            reason="not every file has a week or date column, so that none is used",
        )
    if len(tables) == 1:
        return tables[0].frame.select(**picks[0])
    files = pl.Enum([table.path for table in tables])
    if _are_alike(tables, picks):
        # a scan of its own for every file, with a column of its name, takes much more memory
        paths = [table.path for table in tables]
        together = pl.scan_parquet(
            paths, glob=False, hive_partitioning=False, include_file_paths=FILE
        )
        return together.select(**picks[0], **{FILE: pl.col(FILE).cast(files)})
    return _stacked(
        [
            table.frame.select(**picked, **{FILE: pl.lit(table.path, files)})
            for table, picked in zip(tables, picks, strict=True)
        ]
    )


def _are_alike(tables: Sequence[Table], picks: Sequence[dict[str, pl.Expr]]) -> bool:
    """Whether the tables are whole parquet files of the same columns, read in the same way."""
    return all(
        table.untouched == table.path
        and FILE not in table.types
        and table.types == tables[0].types
        and list(picked) == list(picks[0])
        and all(value.meta.eq(picks[0][name]) for name, value in picked.items())
        for table, picked in zip(tables, picks, strict=True)
    )


def _require_same_periods(periods: Mapping[str, str | None]) -> None:
    kinds: dict[str, str] = {}
    for path, what in periods.items():
        if what is not None:
            kinds.setdefault(what, path)
    if len(kinds) > 1:
        raise DataError(
            "the periods of the sales files do not go together: "
            + ", ".join(f"{what} in {path}" for what, path in kinds.items())
            + "; set source.columns.sales.week or source.columns.sales.date"
        )


def _sales_of_file(
    table: Table, columns: Roles, reading: Reading
) -> tuple[dict[str, pl.Expr], str | None]:
    """What to select of a file, and what its periods are measured in."""
    amount, unread_sales = amount_of(table, columns["total_sales"], reading)
    picked = {role: key_of(table, columns[role], role, reading) for role in KEYS}
    picked["category"] = (
        category_of(table, columns["category"], reading)
        if "category" in columns
        else pl.lit(None, pl.String)
    )
    picked["total_sales"] = amount
    role = next((role for role in ("week", "date") if role in columns), None)
    if role is None:
        _tell_unused_period(table, columns, reading)
    unread_period, scale = None, None
    picked["period"] = pl.lit(None, pl.Int32)
    if role:
        picked["period"], unread_period, what = period_of(table, columns[role], role, reading)
        scale = _scale(what)
    if unread_sales is not None:
        picked["unread_sales"] = unread_sales
    if unread_period is not None:
        picked["unread_period"] = unread_period
    return picked, scale


def _tell_unused_period(table: Table, columns: Roles, reading: Reading) -> None:
    """Tell of a column that looks like a period where none is used."""
    near = [name for name in table.types if name not in columns.values() and PERIOD.search(name)]
    if near:
        reason = (
            "not used: sales are not split by time without a week or date; if it is one, set "
            f"source.columns.sales.date='{near[0]}'"
        )
        reading.add(table.path, near[0], "unread", "period", reason=reason)


def _scale(what: str) -> str:
    """What periods are measured in: days, or numbers of their own kind."""
    return what if what in ("numbers", "weeks without a year", "periods") else "dates"


def _stacked(frames: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
    """All rows; keys that are integers in one file and text in another become text, and so do
    categories that are codes in one file only.
    """
    schemas = [frame.collect_schema() for frame in frames]
    for key in (*KEYS, "category"):
        kinds = {schema[key] for schema in schemas}
        if len(kinds) > 1:
            whole = all(kind.is_integer() and kind != pl.UInt64 for kind in kinds)
            kind = pl.Int64 if whole else pl.String
            frames = [frame.with_columns(pl.col(key).cast(kind)) for frame in frames]
    return pl.concat(frames, how="diagonal")


def are_plain(tables: Sequence[Table], roles: Sequence[Roles], sales: pl.LazyFrame) -> bool:
    """Whether parquet files hold the canonical columns in every row, but for their names."""
    first = [tables[0].types[column] for column in roles[0].values()]
    equal = all(
        columns == roles[0] and [table.types[column] for column in columns.values()] == first
        for table, columns in zip(tables, roles, strict=True)
    )
    if not equal or not all(is_plain(table, roles[0]) for table in tables):
        return False
    kinds = sales.collect_schema()
    names = [name for name in (*KEYS, "category") if not kinds[name].is_integer()]
    texts = [sales.select(pl.col(name).alias("key")).unique() for name in names]
    return all(are_clean(text.collect(engine="streaming")["key"]) for text in texts)


def canonical_need_states(
    tables: Sequence[Table], roles: Sequence[Roles], reading: Reading
) -> pl.DataFrame:
    """The columns of schemas.NeedStates, and the product attributes there are, of all files."""
    frames = []
    for table, columns in zip(tables, roles, strict=True):
        picked = {"sku_nbr": clean_key_of(table, columns["sku_nbr"], "sku_nbr", reading)}
        picked |= {
            role: name_of(table, columns[role], role, reading)
            for role in ("need_state", "category", *PRODUCT_ATTRIBUTES)
            if role in columns
        }
        picked.setdefault("category", pl.lit(None, pl.String))
        frames.append(table.collect(table.frame.select(**picked)))
    found = pl.concat(frames, how="diagonal")
    for name in ("need_state", "category"):
        found = one_spelling(found, name, reading)
    return found


def resolved(
    tables: Sequence[Table], name: str, chosen: Sequence[Mapping[str, str]]
) -> list[dict[str, str]]:
    """The roles of the columns of every file; raises MissingColumns for all files at once."""
    from clustering.io.sources.columns import MissingColumns

    found, problems, details = [], [], []
    there = {column for table in tables for column in table.types}
    for table, names in zip(tables, chosen, strict=True):
        # a name that holds for all files need not be in each of them
        here = {
            role: column
            for role, column in names.items()
            if column in table.types or column not in there
        }
        try:
            found.append(resolve(table.path, list(table.types), name, here))
        except MissingColumns as error:
            problems += error.problems
            details += error.rest
    if problems:
        raise MissingColumns(problems, details)
    return found
