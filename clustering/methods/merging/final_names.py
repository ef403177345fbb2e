"""What final clusters are called: after the internal and the external cluster they stand for."""

from __future__ import annotations

import polars as pl

BETWEEN = " | "


def final_names(
    assignments: pl.DataFrame, internal: pl.DataFrame | None, external: pl.DataFrame | None
) -> pl.DataFrame:
    """Give schemas.Names: "2_1" is called after internal cluster 2 and external cluster 1
    (schemas.Clusters, where known).
    """
    final = (
        assignments.select("category", "final_cluster").unique().sort("category", "final_cluster")
    )
    parts = final.with_columns(
        pl.col("final_cluster")
        .str.split("_")
        .list.get(place, null_on_oob=True)
        .cast(pl.Int64, strict=False)
        .alias(track)
        for place, track in enumerate(("internal", "external"))
    )
    for track, clusters, key in (("internal", internal, ["category"]), ("external", external, [])):
        if clusters is None:
            parts = parts.with_columns(pl.lit(None, pl.String).alias(f"{track}_name"))
        else:
            names = clusters.select(
                *key, pl.col("cluster").alias(track), pl.col("name").alias(f"{track}_name")
            )
            parts = parts.join(names, on=[*key, track], how="left", maintain_order="left")
    both = pl.concat_str("internal_name", "external_name", separator=BETWEEN, ignore_nulls=True)
    name = pl.when(both == "").then("final_cluster").otherwise(both).alias("name")
    return parts.select("category", "final_cluster", name, pl.lit("clusters").alias("named_by"))
