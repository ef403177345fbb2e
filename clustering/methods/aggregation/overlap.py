"""Sales that repeat each other: extracts whose periods overlap are added up twice.

Repeated keys alone prove nothing: one day's baskets may be spread over many files. Overlapping
extracts repeat whole blocks: what a store sold in a period. So the rows of a few stores are kept
while the sales are summed, and the blocks that two files share are compared. In one file every row
of such a block is there twice.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.errors import DataError
from clustering.methods.aggregation.keys import Codes

FILE = "file"  # the column that names the file of a row, an Enum
STORES = 20  # the first stores that are met
MOST_ROWS = 2_000_000
REPEATED = 0.01  # a larger share of keys that repeat within a file: rows are baskets
FEWEST_BLOCKS = 0.05  # of all blocks
ALIKE, EQUAL = 0.5, 0.9  # shared part of a block, of totals by key and of single rows
BLOCK, KEYS, AMOUNTS = ("store", "period"), ("store_nbr", "sku_nbr"), ("period", "total_sales")
REPEATS = "repeated_in_a_later_file"


@dataclass(frozen=True)
class Repeats:
    """What sales repeat: two files and the rows they share (of a few stores), or rows of one file;
    and the rows left out for it with their amounts.
    """

    overlap: tuple[str, str, int] | None = None
    repeated: int = 0
    rows: int = 0
    sales: float = 0.0


def without_repeats(sales: pl.LazyFrame, rule: str) -> tuple[pl.LazyFrame, Repeats]:
    """Give `sales` by the rule preprocess.overlap, and what they repeat, without summing them."""
    names = sales.select("store_nbr").head(MOST_ROWS).unique().sort("store_nbr").head(STORES)
    few = sales.join(names, on="store_nbr", how="semi").collect(engine="streaming")
    found = FileRows(names_of_files(few.schema))
    few = few.with_columns(file_number(few.schema))
    codes = [few[name].rank("dense").cast(pl.Int32).fill_null(0) - 1 for name in KEYS]
    found.add(
        few, *(few[name].to_numpy() for name in AMOUNTS), *(code.to_numpy() for code in codes)
    )
    overlap, repeated = found.overlap(), found.repeated()
    if not (overlap or repeated) or rule == "sum":
        return sales, Repeats(overlap, repeated)
    if rule == "error":
        refuse_overlap(overlap, repeated)
    once = last_of_each(sales) if overlap else sales.unique()
    counts = [
        frame.select(pl.len(), pl.col("total_sales").sum()).collect(engine="streaming").row(0)
        for frame in (sales, once)
    ]
    rows, money = (before - after for before, after in zip(*counts, strict=True))
    return once, Repeats(overlap, repeated, rows, money)


def file_number(kinds: Mapping[str, pl.DataType]) -> list[pl.Expr]:
    """What makes a number of the file of a row, where sales of these types name it."""
    return [pl.col(FILE).to_physical()] if FILE in kinds else []


def names_of_files(kinds: Mapping[str, pl.DataType]) -> list[str]:
    """The files by their number; none where rows are of one file."""
    kind = kinds.get(FILE)
    return kind.categories.to_list() if isinstance(kind, pl.Enum) else []


@dataclass
class FileRows:
    """Rows of a few stores of a pass, by file; `files` are their names, by number."""

    files: list[str] = field(default_factory=list)
    parts: dict[str, list[NDArray[Any]]] = field(default_factory=dict)
    rows: int = 0

    def add(
        self,
        batch: pl.DataFrame,
        period: NDArray[Any],
        amount: NDArray[np.float64],
        store: Codes,
        sku: Codes,
    ) -> None:
        """Keep the rows of the first stores; `batch` has the number of the file (file_number)."""
        if self.rows > MOST_ROWS:
            return
        # in NumPy: the threads of Polars are busy reading the next rows
        rows = np.flatnonzero(store.view(np.uint32) < STORES)  # -1 is huge without its sign
        if rows.size:
            columns: dict[str, NDArray[Any]] = {
                "period": period[rows].astype(np.float64),
                "total_sales": amount[rows],
                "store": store[rows],
                "sku": sku[rows],
            }
            if self.files:
                columns[FILE] = batch[FILE].to_numpy()[rows].astype(np.int64)
            for name, values in columns.items():
                self.parts.setdefault(name, []).append(values)
            self.rows += rows.size

    def repeated(self) -> int:
        """How many of the kept rows repeat others: those of blocks of which every row is there as
        often, twice or more; 0 where few blocks are like that.
        """
        if not self.parts or self.files:
            return 0
        kept = {name: np.concatenate(values) for name, values in self.parts.items()}
        counted = pl.DataFrame(kept).group_by("store", "period", "sku", "total_sales").len()
        often, keys = pl.col("len"), pl.col("keys")
        blocks = counted.group_by(BLOCK).agg(
            often.min().alias("low"), often.max().alias("high"), pl.len().alias("keys")
        )
        found = blocks.filter(pl.col("low") > 1, pl.col("low") == pl.col("high"), keys > 1)
        if found.height < max(2, FEWEST_BLOCKS * blocks.height):
            return 0
        return int(found.select((keys * (pl.col("low") - 1)).sum()).item())

    def overlap(self) -> tuple[str, str, int] | None:
        """The two files that repeat each other most, and how many of the kept rows they share."""
        if not self.parts or not self.files:
            return None
        kept = {name: np.concatenate(values) for name, values in self.parts.items()}
        rows = pl.DataFrame(kept).with_columns(pl.col("period", "total_sales").fill_nan(None))
        key = ["store", "period", "sku"]
        counted = rows.group_by(FILE, *key).len()
        least = ALIKE
        if rows["period"].null_count() or counted.height < (1 - REPEATED) * rows.height:
            key.append("total_sales")
            counted, least = rows.group_by(FILE, *key).len(), EQUAL
        found = _most_alike(counted, key, least)
        return found and (self.files[found[0]], self.files[found[1]], found[2])


def _most_alike(counted: pl.DataFrame, key: list[str], least: float) -> tuple[int, int, int] | None:
    several = counted.filter(pl.col(FILE).n_unique().over(key) > 1)
    if several.is_empty():
        return None
    pairs = several.join(several, on=key, nulls_equal=True, suffix="_2").filter(
        pl.col(FILE) < pl.col("file_2")
    )
    shared = pairs.group_by(FILE, "file_2", *BLOCK).agg(
        pl.min_horizontal("len", "len_2").sum().alias("shared")
    )
    likely = shared.group_by(FILE, "file_2").agg(pl.col("shared").sum())
    likely = likely.filter(pl.col("shared") >= _fewest_shared(counted[FILE].n_unique()))
    if likely.is_empty():
        return None
    sizes = counted.group_by(FILE, *BLOCK).agg(pl.col("len").sum().alias("size"))
    others = sizes.rename({FILE: "file_2"})
    both = likely.drop("shared").join(sizes, on=FILE)
    both = both.join(others, on=["file_2", *BLOCK], nulls_equal=True, suffix="_2")
    blocks = both.join(shared, on=[FILE, "file_2", *BLOCK], how="left", nulls_equal=True)
    alike = (pl.col("shared") >= least * pl.min_horizontal("size", "size_2")).fill_null(False)
    found = (
        blocks.group_by(FILE, "file_2")
        .agg(pl.col("shared").filter(alike).sum(), alike.mean().alias("share"))
        .filter(pl.col("share") >= 0.5)
        .sort("shared", FILE, "file_2", descending=[True, False, False])
    )
    if found.is_empty():
        return None
    one, other, number, _ = found.row(0)
    return int(one), int(other), int(number)


def _fewest_shared(files: int) -> float:
    """How many rows two of so many files must share: the more pairs of files, the more rows some
    pair shares by chance.
    """
    return 1 + math.log10(files * (files - 1) / 2)


def refuse_overlap(found: tuple[str, str, int] | None, repeated: int) -> NoReturn:
    """Raise the DataError of preprocess.overlap=error."""
    if found is None:
        raise DataError(
            f"the sales hold the same rows again (store, SKU, period and amount): {repeated:,} "
            f"rows of the first {STORES} stores would count twice",
            [
                "preprocess.overlap=last keeps each of them once",
                "preprocess.overlap=sum adds them up, where they are sales of their own",
            ],
        )
    one, other, number = found
    raise DataError(
        f"{one} and {other} repeat the same stores, SKUs and periods ({number:,} rows of the first "
        f"{STORES} stores): added up, they would count twice",
        [
            "preprocess.overlap=last keeps the rows of the later file (by name)",
            "preprocess.overlap=sum adds them up, where the files are parts of one whole",
            "weeks of different years need the year in a column YEAR, or in the week: 2025-W03",
        ],
    )


def last_of_each(sales: pl.LazyFrame) -> pl.LazyFrame:
    """Of rows with the same store, SKU, category and period, those of the last file by name."""
    key = ["store_nbr", "sku_nbr", "category", "period"]
    order = pl.col(FILE).to_physical()
    last = sales.group_by(key).agg(order.max().alias("last"))
    joined = sales.join(last, on=key, nulls_equal=True)
    return joined.filter(order == pl.col("last")).drop("last")
