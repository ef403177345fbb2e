"""Why a store is where it is, in a sentence for the merchant."""

from __future__ import annotations

import polars as pl

OWN = {"internal": "its sales mix", "external": "its surroundings"}


def with_reason(placed: pl.DataFrame) -> pl.DataFrame:
    """Add the column reason to rows with track, the columns of assignments, has_little (few sales
    rows) and note (what is doubtful about the input, or null).
    """
    percent = (pl.col("probability") * 100).round(0).cast(pl.Int64)
    next_one = (
        pl.when(pl.col("next_cluster").is_null())
        .then(pl.lit("; no other cluster comes near"))
        .otherwise(
            pl.format(
                "; cluster {} is next ({} %)",
                "next_cluster",
                ((pl.col("probability") - pl.col("margin")) * 100).round(0).cast(pl.Int64),
            )
        )
    )
    by = pl.col("track").replace(OWN)
    little = (
        pl.when(pl.col("has_little"))
        .then(pl.lit(", though it has few sales rows"))
        .otherwise(pl.lit(""))
    )
    rule = pl.col("assigned_by")
    sentence = (
        pl.when(rule == "model")
        .then(
            pl.format(
                "by {} it fits cluster {} ({} %){}{}", by, "cluster", percent, little, next_one
            )
        )
        .when(rule == "external_attributes")
        .then(
            pl.format(
                "no usable sales here; its attributes point to cluster {} ({} %){}",
                "cluster",
                percent,
                next_one,
            )
        )
        .when(rule == "like_stores")
        .then(
            pl.format(
                "no usable sales here; {} % of its like stores, by weight, are in cluster {}{}",
                percent,
                "cluster",
                next_one,
            )
        )
        .when(rule == "largest")
        .then(
            pl.format(
                "a guess: nothing is known of the store here; cluster {} is the largest", "cluster"
            )
        )
        .otherwise(
            pl.format(
                "a guess: nothing is known of the store here; cluster {} is the nearest to all "
                "stores together",
                "cluster",
            )
        )
    )
    far = pl.when(pl.col("is_outlier")).then(pl.lit("; it is unlike every store of the run"))
    note = pl.when(pl.col("note").is_not_null()).then(pl.format("; {}", "note"))
    return placed.with_columns(
        pl.concat_str(sentence, far.otherwise(pl.lit("")), note.otherwise(pl.lit(""))).alias(
            "reason"
        )
    )
