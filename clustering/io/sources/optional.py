"""Inputs that a run may do without: stores that resemble others, and the merchants' overrides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from clustering.config import ReadSettings
from clustering.errors import DataError
from clustering.io.sources.numbers import is_gap, trimmed
from clustering.io.sources.readers import open_table
from clustering.io.sources.reading import Reading
from clustering.io.sources.table import Table
from clustering.io.sources.values import amount_of, clean_key_of
from clustering.methods.explanation.labels import KINDS

LABELS = ("kind", "raw", "label")
ORDER = ("kind", "category", "store_nbr", "cluster", "value", "who", "why", "until")
Roles = Mapping[str, str]


def canonical_like_stores(table: Table, roles: Roles, reading: Reading) -> pl.DataFrame:
    """Give store_nbr, like_store_nbr (text) and weight (above 0; 1 where the file has no such
    column).

    Raises DataError naming the first row whose weight or store number cannot be used.
    """
    weight = amount_of(table, roles["weight"], reading)[0] if "weight" in roles else pl.lit(1.0)
    keys = {
        role: clean_key_of(table, roles[role], role, reading)
        for role in ("store_nbr", "like_store_nbr")
    }
    found = table.collect(table.frame.select(**keys, weight=weight))
    rows = found.with_row_index("row").filter(
        ~pl.all_horizontal(pl.col("store_nbr", "like_store_nbr").is_null())
    )
    usable = (pl.col("weight").is_finite() & (pl.col("weight") > 0)).fill_null(False)
    faulty = rows.filter(
        ~usable | pl.any_horizontal(pl.col("store_nbr", "like_store_nbr").is_null())
    )
    if faulty.height:
        row = faulty.row(0, named=True)
        raise DataError(
            f"{table.path}: data row {row['row'] + 1} needs a store, a like store and a weight "
            f"above 0; it has {row['store_nbr']}, {row['like_store_nbr']}, {row['weight']}",
            [f"{faulty.height} such rows in all"] if faulty.height > 1 else [],
        )
    return rows.drop("row")


def canonical_overrides(table: Table, roles: Roles, reading: Reading) -> pl.DataFrame:
    """Give schemas.Overrides, every cell as trimmed text; what the rows say is judged against the
    run.

    A file without rows is no mistake: nothing is overridden.
    """
    cells = {
        name: (
            pl.col(roles[name]).cast(pl.String).str.strip_chars()
            if name in roles
            else pl.lit(None, pl.String)
        )
        for name in ORDER
    }
    if "store_nbr" in roles:
        cells["store_nbr"] = clean_key_of(table, roles["store_nbr"], "store_nbr", reading)
    found = table.collect(table.frame.select(**cells))
    filled = [~is_gap(pl.col(name)).fill_null(True) for name in ORDER]
    return found.filter(pl.any_horizontal(filled))


def read_labels(path: str, settings: ReadSettings) -> pl.DataFrame:
    """Give schemas.Labels of the file that `clustering check --labels` writes; raises DataError
    naming what it lacks, or the first row whose kind is unknown.
    """
    opened = open_table(path, settings, LABELS, may_be_empty=True)
    if missing := [name for name in LABELS if name not in opened.types]:
        raise DataError(
            f"{path}: no column {', '.join(missing)}; it has {', '.join(opened.types)}",
            ["write a table to edit: clustering check --labels FILE"],
        )
    cells = [trimmed(pl.col(name).cast(pl.String)).alias(name) for name in LABELS]
    table = opened.collect(opened.frame.select(cells))
    wrong = table.with_row_index("row", offset=1).filter(~pl.col("kind").is_in(KINDS))
    if wrong.height:
        row = wrong.row(0, named=True)
        raise DataError(
            f"{path}: data row {row['row']} has kind {row['kind']}, not one of {', '.join(KINDS)}"
        )
    return table


def together(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Give the like stores of several files, each pair once; raises DataError where a pair has
    several weights, or a store is to be like itself.
    """
    pairs = pl.concat(frames).unique(maintain_order=True)
    itself = pairs.filter(pl.col("store_nbr") == pl.col("like_store_nbr"))["store_nbr"]
    if len(itself):
        raise DataError(f"like_stores: store {itself[0]} is to be like itself; name another store")
    key = ["store_nbr", "like_store_nbr"]
    repeated = pairs.filter(pl.struct(key).is_duplicated())
    if repeated.height:
        store, like, _ = repeated.row(0)
        weights = repeated.filter(store_nbr=store, like_store_nbr=like)["weight"]
        raise DataError(
            f"like_stores: store {store} is like {like} with the weights "
            f"{' and '.join(f'{weight:g}' for weight in weights)}; keep one row"
        )
    return pairs
