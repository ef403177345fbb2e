"""Weeks of several years, where the year stands in a column of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from clustering.io.sources.columns import squash
from clustering.io.sources.table import Table
from clustering.methods.aggregation.periods import FIRST_YEAR, LAST_YEAR

NAMES = ("year", "yr", "fiscalyear", "calendaryear", "jahr", "année", "annee", "año", "anno", "ano")
WEEK, YEAR = r"^\D*(\d{1,2})(?:\.0*)?$", r"(\d{4})"
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


def _year_of(table: Table, columns: Mapping[str, str]) -> str | None:
    named = [name for name in table.types if squash(name) in NAMES]
    return next((name for name in named if name not in columns.values()), None)


def _numbers(week: str, year: str) -> dict[str, pl.Expr]:
    """Both as integers; null where a cell is something else."""
    texts = {"week": (week, WEEK), "year": (year, YEAR)}
    return {
        name: pl.col(column).cast(pl.String).str.strip_chars().str.extract(pattern).cast(pl.Int32)
        for name, (column, pattern) in texts.items()
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
