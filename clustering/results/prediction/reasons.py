"""Why a store is where it is, in a sentence for the merchant."""

from __future__ import annotations

import polars as pl

OWN = {"internal": "its sales mix", "external": "its surroundings"}
NO_SALES = "no usable sales here; "
GUESS = "a guess: nothing is known of the store here; cluster {} is "


def with_reason(placed: pl.DataFrame) -> pl.DataFrame:
    """Add the column reason to rows with track, the columns of assignments, has_little (few sales
    rows) and note (what is doubtful about the input, or null).
    """
    parts = (
        _sentence(),
        _if(pl.col("is_outlier"), pl.lit("; it is unlike every store of the run")),
        _if(pl.col("note").is_not_null(), pl.format("; {}", "note")),
    )
    return placed.with_columns(reason=pl.concat_str(parts))


def _sentence() -> pl.Expr:
    """The rule that placed the store, with the numbers it used."""
    rule, percent, next_one = pl.col("assigned_by"), _percent(pl.col("probability")), _next()
    by_model = pl.format(
        "by {} it fits cluster {} ({} %){}{}",
        pl.col("track").replace(OWN),
        "cluster",
        percent,
        _if(pl.col("has_little"), pl.lit(", though it has few sales rows")),
        next_one,
    )
    by_attributes = pl.format(
        NO_SALES + "its attributes point to cluster {} ({} %){}", "cluster", percent, next_one
    )
    by_like_stores = pl.format(
        NO_SALES + "{} % of its like stores, by weight, are in cluster {}{}",
        percent,
        "cluster",
        next_one,
    )
    return (
        pl.when(rule == "model")
        .then(by_model)
        .when(rule == "external_attributes")
        .then(by_attributes)
        .when(rule == "like_stores")
        .then(by_like_stores)
        .when(rule == "largest")
        .then(pl.format(GUESS + "the largest", "cluster"))
        .otherwise(pl.format(GUESS + "the nearest to all stores together", "cluster"))
    )


def _next() -> pl.Expr:
    """The second choice, where there is one."""
    named = pl.format(
        "; cluster {} is next ({} %)",
        "next_cluster",
        _percent(pl.col("probability") - pl.col("margin")),
    )
    is_alone = pl.col("next_cluster").is_null()
    return pl.when(is_alone).then(pl.lit("; no other cluster comes near")).otherwise(named)


def _percent(share: pl.Expr) -> pl.Expr:
    return (share * 100).round(0).cast(pl.Int64)


def _if(condition: pl.Expr, text: pl.Expr) -> pl.Expr:
    """`text`, or nothing."""
    return pl.when(condition).then(text).otherwise(pl.lit(""))
