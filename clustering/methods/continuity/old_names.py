"""Clusters that continue those of a baseline keep their names."""

from __future__ import annotations

import polars as pl

from clustering.methods.continuity.matching import CONTINUED


def with_old_names(
    named: pl.DataFrame, continuity: pl.DataFrame | None, baseline: pl.DataFrame | None
) -> pl.DataFrame:
    """Replace, in cluster and name, the names of continued clusters by those of the baseline
    (schemas.Clusters).

    A new cluster that would be called like one of them gets its number behind the name.
    """
    if continuity is None or baseline is None or continuity.is_empty():
        return named
    going_on = continuity.filter(status=CONTINUED).select("cluster")
    old = baseline.join(going_on, on="cluster").select("cluster", old_name="name")
    both = named.join(old, on="cluster", how="left", maintain_order="left")
    taken = pl.col("old_name").is_null() & pl.col("name").is_in(old["old_name"].implode())
    fresh = pl.when(taken).then(pl.format("{} ({})", "name", "cluster")).otherwise("name")
    return both.select("cluster", pl.coalesce("old_name", fresh).alias("name"))
