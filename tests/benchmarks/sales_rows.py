"""A chain's sales rows on disk, as many as are asked for, written in chunks of bounded memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

SKUS_PER_NEED_STATE = 25
NEED_STATES_PER_CATEGORY = 12
CHUNK = 5_000_000
MANY = 25_000  # rows a file of the layout "many"
# how the sales lie on disk, and the ending of their files
ENDING = {"files": "parquet", "one": "parquet", "many": "parquet", "sorted": "parquet"}
ENDING |= {"dictionary": "parquet", "csv": "csv"}


def write_rows(
    folder: Path,
    rows: int,
    stores: int = 9_000,
    categories: int = 60,
    text_keys: bool = False,
    layout: str = "files",
) -> None:
    """Write folder/raw/sales/* and folder/raw/need_states.csv.

    Layouts: "files" of five million rows, "one" file, "many" small files, "sorted" by store within
    each file, "dictionary" for a categorical category, "csv".
    """
    (folder / "raw" / "sales").mkdir(parents=True, exist_ok=True)
    skus = categories * NEED_STATES_PER_CATEGORY * SKUS_PER_NEED_STATE
    state = np.arange(skus) // SKUS_PER_NEED_STATE
    category = state // NEED_STATES_PER_CATEGORY
    names = np.array([f"CATEGORY {number:03d}" for number in range(categories)])
    pl.DataFrame(
        {
            "SKU_NBR": 100_000 + np.arange(skus),
            "NEED_STATE": [f"need state {s:04d}" for s in state],
            "CATEGORY": names[category],
        }
    ).write_csv(folder / "raw" / "need_states.csv")
    for number, start in enumerate(range(0, rows, CHUNK)):
        frame = _chunk(
            min(CHUNK, rows - start), stores, skus, names[category], np.random.default_rng(number)
        )
        if text_keys:
            frame = frame.with_columns(pl.col("STORE_NBR", "SKU_NBR").cast(pl.String))
        _write(frame, folder / "raw" / "sales", f"part-{number:04d}", layout)
    if layout == "one":
        _join_files(folder / "raw" / "sales")


def _write(frame: pl.DataFrame, folder: Path, name: str, layout: str) -> None:
    if layout == "csv":
        frame.write_csv(folder / f"{name}.csv")
        return
    if layout == "sorted":
        frame = frame.sort("STORE_NBR")
    if layout == "dictionary":
        frame = frame.with_columns(pl.col("CATEGORY").cast(pl.Categorical))
    rows = MANY if layout == "many" else CHUNK
    for place, part in enumerate(frame.iter_slices(rows)):
        part.write_parquet(folder / f"{name}-{place:04d}.parquet")


def _join_files(folder: Path) -> None:
    parts = sorted(folder.glob("*.parquet"))
    pl.scan_parquet(parts).sink_parquet(folder / "all.parquet")
    for part in parts:
        part.unlink()


def _chunk(
    rows: int, stores: int, skus: int, category_of: NDArray[np.str_], rng: np.random.Generator
) -> pl.DataFrame:
    sku = rng.integers(0, skus, rows)
    return pl.DataFrame(
        {
            "STORE_NBR": rng.integers(1, stores + 1, rows),
            "SKU_NBR": 100_000 + sku,
            "WEEK": rng.integers(1, 53, rows).astype(np.int32),
            "TOTAL_SALES": np.round(rng.gamma(2.0, 3.0, rows), 2),
        }
    ).with_columns(
        pl.Series("CATEGORY", sku).replace_strict(
            np.arange(skus), category_of, return_dtype=pl.String
        )
    )
