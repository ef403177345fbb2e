"""Inputs that a run may do without: stores that resemble others, and the merchants' overrides."""

from __future__ import annotations

import polars as pl

from clustering.config import Source
from clustering.errors import DataError
from clustering.io.sources.columns import resolve
from clustering.io.sources.places import optional_files
from clustering.io.sources.readers import scan

ORDER = ("kind", "category", "store_nbr", "cluster", "value", "who", "why", "until")
REQUIRED, OTHERS = ("kind", "who", "why"), ("category", "store_nbr", "cluster", "value", "until")


def read_like_stores(source: Source) -> pl.DataFrame | None:
    """Give store_nbr, like_store_nbr (text) and weight (above 0; 1 where the file has no such
    column), or None.

    Raises DataError naming the first row whose weight or store number cannot be used.
    """
    frames = [_like_stores_file(path, source) for path in optional_files("like_stores", source)]
    return pl.concat(frames).unique(maintain_order=True) if frames else None


def _like_stores_file(path: str, source: Source) -> pl.DataFrame:
    frame, types = scan(path, all_text=True)
    columns = resolve(
        path, list(types), ("store_nbr", "like_store_nbr"), ("weight",), source.columns
    )
    weight = (
        pl.col(columns["weight"]).cast(pl.Float64, strict=False)
        if "weight" in columns
        else pl.lit(1.0)
    )
    rows = frame.select(
        *(
            pl.col(columns[name]).cast(pl.String).alias(name)
            for name in ("store_nbr", "like_store_nbr")
        ),
        weight.alias("weight"),
    ).collect()
    usable = (pl.col("weight").is_finite() & (pl.col("weight") > 0)).fill_null(False)
    faulty = rows.with_row_index("row").filter(
        ~usable | pl.any_horizontal(pl.col("store_nbr", "like_store_nbr").is_null())
    )
    if faulty.height:
        row = faulty.row(0, named=True)
        raise DataError(
            f"{path}: data row {row['row'] + 1} needs a store, a like store and a weight above 0; "
            "it has "
            f"{row['store_nbr']}, {row['like_store_nbr']}, {row['weight']}",
            [f"{faulty.height} such rows in all"] if faulty.height > 1 else [],
        )
    return rows


def read_overrides(source: Source) -> pl.DataFrame | None:
    """Give schemas.Overrides, every cell as trimmed text, or None; what the rows say is judged
    against the run.

    A file without rows is no mistake: nothing is overridden. Raises DataError where a column is
    missing.
    """
    frames = [_overrides_file(path, source) for path in optional_files("overrides", source)]
    return pl.concat(frames) if frames else None


def _overrides_file(path: str, source: Source) -> pl.DataFrame:
    frame, types = scan(path, all_text=True, may_be_empty=True)
    columns = resolve(path, list(types), REQUIRED, OTHERS, source.columns)
    return frame.select(
        (
            pl.col(columns[name]).cast(pl.String).str.strip_chars()
            if name in columns
            else pl.lit(None, pl.String)
        ).alias(name)
        for name in ORDER
    ).collect()
