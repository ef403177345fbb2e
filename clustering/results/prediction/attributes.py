"""Attribute files of new stores, laid out as the run laid out its own."""

from __future__ import annotations

import logging
from functools import reduce

import polars as pl

from clustering.config import Preprocess
from clustering.errors import DataError
from clustering.methods.aggregation.plausible import labels_of_totals
from clustering.methods.plausibility.findings import listed
from clustering.results.prediction.doubts import no_doubts
from clustering.stages.preprocess_external import long_table, one_row_each, store_table

log = logging.getLogger(__name__)


def attributes_as_fitted(
    files: dict[str, pl.DataFrame], report: pl.DataFrame, settings: Preprocess
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Give values and stores (see schemas) of `files`, with the columns and types in `report`
    (schemas.ColumnReport), and what is doubtful about them (doubts.DOUBTS).

    A column that two files of the run shared is known there as "file.column". Columns that the run
    did not use, and rows of totals, are left out. Raises DataError where no column is left, and
    what `preprocess.duplicates=error` raises.
    """
    kinds = dict(report.filter(pl.col("action") == "kept").select("column", "kind").iter_rows())
    frames, doubts = [], [no_doubts()]
    for name, frame in sorted(files.items()):
        named = _renamed(name, frame.filter(pl.col("store_nbr").is_not_null()), kinds)
        if nameless := frame.height - named.height:
            log.warning("%s: %d rows without a store number are not used", name, nameless)
        totals = labels_of_totals(named["store_nbr"]) if settings.totals != "keep" else []
        if totals:
            log.warning("%s: store %s is a total and gets no cluster", name, listed(totals))
        named = named.filter(~pl.col("store_nbr").is_in(totals))
        frames.append(one_row_each(name, named, settings.duplicates))
        doubts.append(_repeated(name, named, settings.duplicates))
    joined = reduce(_first_known, frames).sort("store_nbr")
    present = [column for column in joined.columns if column in kinds]
    if not present:
        raise DataError(
            f"{', '.join(sorted(files))}: no column of the run is there",
            [f"the run used: {', '.join(sorted(kinds))}"],
        )
    wide = joined.select(
        "store_nbr", *(_as_kind(joined[column], kinds[column]) for column in present)
    )
    values = long_table(wide)
    doubts += [_unusable(joined, wide, column) for column in present]
    return values, store_table(wide, values), pl.concat(doubts)


def _repeated(file: str, frame: pl.DataFrame, rule: str) -> pl.DataFrame:
    stores = frame.filter(pl.col("store_nbr").is_duplicated()).select("store_nbr").unique()
    return stores.with_columns(note=pl.lit(f"several rows in {file}: {rule} of them counts"))


def _unusable(joined: pl.DataFrame, wide: pl.DataFrame, column: str) -> pl.DataFrame:
    """The cells of a column that are not what the run knows the column as."""
    given = joined[column].cast(pl.String).str.strip_chars()
    lost = wide[column].is_null() & given.is_not_null() & (given != "")
    note = pl.format("{}={} is not a number", pl.lit(column), given.filter(lost))
    return wide.filter(lost).select("store_nbr").with_columns(note=note)


def _renamed(file: str, frame: pl.DataFrame, kinds: dict[str, str]) -> pl.DataFrame:
    stem = file.rpartition("/")[2].partition(".")[0]
    return frame.rename(
        {c: f"{stem}.{c}" for c in frame.columns if c not in kinds and f"{stem}.{c}" in kinds}
    )


def _first_known(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    shared = [
        column for column in right.columns if column in left.columns and column != "store_nbr"
    ]
    joined = left.join(right, on="store_nbr", how="full", coalesce=True, suffix=" right")
    filled = [pl.coalesce(column, f"{column} right").alias(column) for column in shared]
    return joined.with_columns(filled).drop(f"{column} right" for column in shared)


def _as_kind(column: pl.Series, kind: str) -> pl.Series:
    """The column as numbers (kind numeric) or levels, by the rules of the run's own
    preprocessing.
    """
    dtype = column.dtype
    if dtype.is_temporal():
        column = column.cast(pl.Date).to_physical()
    elif dtype == pl.String:
        column = column.str.strip_chars().replace("", None)
    if kind == "numeric":
        number = column.cast(pl.Float64, strict=False)
        return number.set(~number.is_finite(), None)
    if kind == "boolean" and dtype.is_numeric():
        number = column.cast(pl.Float64)
        return number.set(~number.is_finite(), None).cast(pl.Int64).cast(pl.String)
    return column.cast(pl.String)
