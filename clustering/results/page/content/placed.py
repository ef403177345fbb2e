"""The stores of every category in one table: their clusters by place, and their next mix."""

from __future__ import annotations

import polars as pl

from clustering.results.page.content.run_tables import KEY, RunTables
from clustering.results.page.content.summaries import sold_nothing
from clustering.results.page.content.words import Part

LEAST_PURE = 0.9  # an internal cluster belongs to a mix where so many of its stores are in it
NO_SALES = pl.DataFrame(schema={"sales": pl.Float64, "history": pl.String})
NO_CLUSTERS = pl.DataFrame(schema={"probability": pl.Float64, "next_cluster": pl.Int64})


def clusters_by_code(listed: list[Part]) -> pl.DataFrame:
    """category, final_cluster, final and mix (places in the Category of types.ts) of `listed`."""
    rows = [
        (summary["key"], cluster["code"], at, cluster["mix"])
        for summary in listed
        for at, cluster in enumerate(summary["clusters"])
    ]
    schema = {"category": pl.String, "final_cluster": pl.String, "final": pl.Int64, "mix": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def placed_stores(run: RunTables, clusters: pl.DataFrame) -> pl.DataFrame:
    """The assignments by category and place of the store, with place, final, mix, next_mix, sales,
    sold (rounded), space, probability, and whether the store is judged by its own sales, sold too
    little for that, sold nothing, or is on the fence: its halves point to different mixes.

    The next mix is the one the halves point to, else that of the next internal cluster, null where
    it is the store's own.
    """
    own = ["category", "final_cluster"]
    other = clusters.select("category", other_cluster="final_cluster", other_mix="mix")
    placed = (
        run.merged["assignments"]
        .filter(pl.col("category").is_in(run.categories))
        .join(run.store_places, on="store_nbr")
        .sort("category", "place")
        .join(clusters, on=own, how="left", maintain_order="left")
        .join(other, on=["category", "other_cluster"], how="left", maintain_order="left")
        .join(
            run.merged["space_breaks"].select(*KEY, "space"),
            on=KEY,
            how="left",
            maintain_order="left",
        )
    )
    placed = _with(placed, run.internal.get("stores"), NO_SALES)
    placed = _with(placed, run.internal.get("assignments"), NO_CLUSTERS).join(
        _mix_by_internal(placed), on=["category", "next_cluster"], how="left", maintain_order="left"
    )
    nearest = pl.coalesce("other_mix", "model_mix")
    is_judged = pl.col("history").eq_missing("enough")
    # without sales by store nobody can be judged
    is_known = pl.col("history").is_not_null() | pl.lit(not run.internal)
    return placed.with_columns(
        pl.when(nearest != pl.col("mix")).then(nearest).alias("next_mix"),
        is_judged.alias("is_judged"),
        (~sold_nothing() & is_known & ~is_judged).alias("is_few"),
        sold_nothing().alias("is_unsold"),
        (is_judged & ~pl.col("same_in_halves").fill_null(True)).alias("is_on_fence"),
        pl.col("sales").fill_null(0.0).round(2).alias("sold"),
        pl.col("probability").round(6),
    )


def _with(placed: pl.DataFrame, known: pl.DataFrame | None, nothing: pl.DataFrame) -> pl.DataFrame:
    """Add the columns of `nothing` from a table of the internal track, where it ran."""
    if known is None:
        return pl.concat([placed, nothing], how="diagonal")
    own = known.select(*KEY, *(pl.col(name).cast(kind) for name, kind in nothing.schema.items()))
    return placed.join(own, on=KEY, how="left", maintain_order="left")


def _mix_by_internal(placed: pl.DataFrame) -> pl.DataFrame:
    """category, next_cluster, model_mix: the mix that an internal cluster became, where it went
    there as a whole.
    """
    cluster = ["category", "internal_cluster"]
    counted = placed.select(*cluster, "mix").drop_nulls().group_by(*cluster, "mix").len()
    return counted.filter(pl.col("len") >= LEAST_PURE * pl.col("len").sum().over(cluster)).select(
        "category", next_cluster="internal_cluster", model_mix="mix"
    )
