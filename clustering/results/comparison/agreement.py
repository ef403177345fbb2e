"""How far two runs agree: the adjusted Rand index, weighted by stores."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from clustering.methods.selection.agreement import index_of_pairs
from clustering.registry import BY_KEY
from clustering.results.comparison.measure import main_track
from clustering.store.catalog import Catalog


def partition(catalog: Catalog) -> pl.DataFrame | None:
    """category, store_nbr, cluster of the main track; None where the run did not get that far."""
    stage = BY_KEY[f"{main_track(catalog)}/assign"]
    if catalog.manifest(stage) is None:
        return None
    return catalog.read(stage, "assignments").select("category", "store_nbr", "cluster")


def agreement(one: pl.DataFrame | None, other: pl.DataFrame | None) -> float | None:
    """The mean adjusted Rand index (Hubert and Arabie 1985) of two partitions on the stores they
    share; None without any.

    1 is the same partition, 0 what chance gives. Two runs with one cluster each agree fully.
    """
    if one is None or other is None:
        return None
    found = agreement_by_category(one, other)
    return (
        float(
            found.select((pl.col("ari") * pl.col("stores")).sum() / pl.col("stores").sum()).item()
        )
        if found.height
        else None
    )


def agreement_by_category(one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """category, stores (that both partitions have), ari."""
    both = one.join(other, on=["category", "store_nbr"], suffix="_other")
    pairs = (
        _pairs(both, "cluster", "cluster_other")
        .rename({"pairs": "together"})
        .join(_pairs(both, "cluster").rename({"pairs": "first"}), on="category")
        .join(_pairs(both, "cluster_other").rename({"pairs": "second"}), on="category")
        .join(both.group_by("category").len("stores"), on="category")
    )
    names = ("together", "first", "second", "stores")
    counts = (pairs[name].cast(pl.Float64).to_numpy() for name in names)
    return pairs.select("category", "stores", pl.Series("ari", index_of_pairs(*counts)))


def _pairs(both: pl.DataFrame, *columns: str) -> pl.DataFrame:
    """Per category, the pairs of stores that have the same values in `columns`."""
    size = pl.col("len").cast(pl.Float64)
    return (
        both.group_by("category", *columns)
        .len()
        .group_by("category")
        .agg((size * (size - 1) / 2).sum().alias("pairs"))
    )


def agreements(partitions: Sequence[pl.DataFrame | None]) -> list[list[float | None]]:
    """The symmetric matrix of agreements, 1 on its diagonal."""
    size = len(partitions)
    matrix: list[list[float | None]] = [
        [1.0 if partitions[row] is not None else None] * size for row in range(size)
    ]
    for row in range(size):
        for column in range(row):
            matrix[row][column] = matrix[column][row] = agreement(
                partitions[row], partitions[column]
            )
    return matrix
