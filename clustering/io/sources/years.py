"""Weeks of several years, where the year stands in a column of its own, or in that of a date."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from clustering.io.sources.columns import squash
from clustering.io.sources.table import Table
from clustering.methods.aggregation.periods import (
    FIRST_YEAR,
    LAST_YEAR,
    AmbiguousDates,
    read_periods,
)

NAME = re.compile(
    r"(fiscal|fisc|fy|calendar|cal|iso|sales|week|wk)*(year|yr|jahr)(nbr|nr|no|num|number|id)?|fy|"
    r"année|annee|año|anno|ano"
)
WEEK, YEAR = r"^\D*(\d{1,2})(?:\.0*)?$", r"(?i)(?:(?:fy ?|')(\d{2})$|(\d{4}))"
MOST_DAYS = 60  # between dates of one week; more are weeks of several years
LAST_WEEK = 53


def with_years(tables: Sequence[Table], roles: Sequence[Mapping[str, str]]) -> list[Table]:
    """Give the sales files with weeks such as 2025-W03 where weeks count within a year and a column
    holds several years; week 3 of all years would be one period otherwise.
    """
    weeks = [columns.get("week") for columns in roles]
    years = [_year_of(table, names) for table, names in zip(tables, roles, strict=True)]
    parts = [
        (table, week, year)
        for table, week, year in zip(tables, weeks, years, strict=True)
        if week is not None and year is not None
    ]
    if len(parts) < len(tables):
        return list(tables)
    found = pl.concat([_different(*part) for part in parts])
    are_years = found["year"].drop_nulls().is_between(FIRST_YEAR, LAST_YEAR)
    are_weeks = found["week"].drop_nulls().is_between(1, LAST_WEEK)
    if found["year"].n_unique() < 2 or not (are_years.all() and are_weeks.all()):
        return list(tables)
    return [_together(*part) for part in parts]


def by_date(tables: Sequence[Table], roles: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """Give the roles without the week where a file has dates, too, and one week has dates of
    several years.
    """
    both = [{"week", "date"} <= columns.keys() for columns in roles]
    needs = any(
        _has_weeks_of_several_years(table, columns)
        for table, columns, has_both in zip(tables, roles, both, strict=True)
        if has_both
    )
    drops = ("week",) if needs and all(both) else ()
    return [{role: name for role, name in each.items() if role not in drops} for each in roles]


def _has_weeks_of_several_years(table: Table, columns: Mapping[str, str]) -> bool:
    pairs = pl.col(columns["week"]).cast(pl.String).alias("week"), pl.col(columns["date"])
    found = table.collect(table.frame.select(*pairs).unique().drop_nulls())
    date = found[columns["date"]]
    if date.dtype == pl.String:
        try:
            days = read_periods(date.unique().to_list(), table.settings.date_format).days
        except AmbiguousDates:
            return False
        date = date.replace_strict(days, default=None, return_dtype=pl.Int32)
    elif date.dtype.is_temporal():
        date = date.cast(pl.Date).to_physical()
    else:
        return False
    spans = (
        found.select("week", date.alias("day"))
        .group_by("week")
        .agg((pl.col("day").max() - pl.col("day").min()).alias("days"))
    )
    return bool((spans["days"] > MOST_DAYS).any())


def _year_of(table: Table, columns: Mapping[str, str]) -> str | None:
    named = [name for name in table.types if NAME.fullmatch(squash(name))]
    return next((name for name in named if name not in columns.values()), None)


def _numbers(week: str, year: str) -> dict[str, pl.Expr]:
    """Both as integers; null where a cell is something else."""
    weeks, years = (pl.col(name).cast(pl.String).str.strip_chars() for name in (week, year))
    short, whole = (years.str.extract(YEAR, group).cast(pl.Int32) for group in (1, 2))
    return {
        "week": weeks.str.extract(WEEK).cast(pl.Int32),
        "year": pl.coalesce(whole, 2000 + short),
    }


def _different(table: Table, week: str, year: str) -> pl.DataFrame:
    return table.collect(table.frame.select(**_numbers(week, year)).unique()).drop_nulls()


def _together(table: Table, week: str, year: str) -> Table:
    numbers = _numbers(week, year)
    both = pl.format("{}-W{}", numbers["year"], numbers["week"].cast(pl.String).str.zfill(2))
    text = pl.coalesce(both, pl.col(week).cast(pl.String)).alias(week)
    how = f"{table.how}; weeks of the years in {year}"
    types = table.types | {week: pl.String()}
    return replace(table, frame=table.frame.with_columns(text), types=types, how=how)
