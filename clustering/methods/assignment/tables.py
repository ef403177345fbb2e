"""The tables of the assignment, of all categories at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.assignment.discriminant import Discriminant
from clustering.methods.assignment.placer import OVERRULING, RULES, Placed, Placer


def assignments(stores: pl.DataFrame, decided: Iterable[tuple[Placed, Placer]]) -> pl.DataFrame:
    """Give schemas.Assignments, but for is_outlier, of `stores` (category, store_nbr), of which
    each placer placed the next.
    """
    parts = [_columns(placed, placer) for placed, placer in decided]
    cluster, probability, rule, following, margin = (
        np.concatenate(column) for column in zip(*parts, strict=True)
    )
    return stores.select(
        "category",
        "store_nbr",
        pl.Series("cluster", cluster),
        pl.Series("probability", probability),
        pl.Series("assigned_by", RULES, dtype=pl.String).gather(rule),
        pl.Series("next_cluster", following).replace(0, None),
        pl.Series("margin", margin).fill_nan(None),
    )


def _columns(
    placed: Placed, placer: Placer
) -> tuple[NDArray[np.int64], Matrix, NDArray[np.int64], NDArray[np.int64], Matrix]:
    """Cluster, probability, rule, next cluster (0: none) and margin (NaN: none); nine decimals hide
    the rounding of sums.

    The next cluster is the most probable of those that are not more probable than the store's own.
    Stores that a baseline or caps keep from their most probable cluster have that one as the next.
    """
    rows, published = np.arange(len(placed.labels)), placer.published
    own, cluster = placed.probabilities[rows, placed.labels], published[placed.labels]
    probability = np.asarray(np.round(np.clip(own, 0, 1), 9), dtype=np.float64)
    if placer.k == 1:
        return (
            cluster,
            probability,
            placed.assigned_by,
            np.zeros_like(cluster),
            np.full(len(rows), np.nan),
        )
    others = placed.probabilities.copy()
    others[rows, placed.labels] = -1
    kept = np.isin(placed.assigned_by, [RULES.index(rule) for rule in OVERRULING])
    others[~kept] = np.where(others[~kept] > own[~kept, None], -1, others[~kept])
    second = others.argmax(axis=1)
    has_next = others[rows, second] >= 0
    margin = np.where(has_next, np.round(own - others[rows, second], 9), np.nan)
    return (
        cluster,
        probability,
        placed.assigned_by,
        np.where(has_next, published[second], 0),
        margin,
    )


def rules(
    assigned: pl.DataFrame,
    judged: Mapping[str, Discriminant | None],
    notes: Mapping[str, Mapping[str, str]],
) -> pl.DataFrame:
    """Give schemas.Rules: how many stores each rule placed, what attributes are worth as a rule,
    what baseline and caps cost.

    `judged` and `notes` (by rule, empty where there is nothing to say) are by category.
    """
    told: list[tuple[str, str, float | None, float | None, str]]
    told = [
        (category, rule, None, None, note)
        for category, own in notes.items()
        for rule, note in own.items()
        if note
    ]
    told += [
        (category, "external_attributes", one.accuracy, one.baseline, _worth(one))
        for category, one in judged.items()
        if one is not None
    ]
    schema = {
        "category": pl.String,
        "rule": pl.String,
        "accuracy": pl.Float64,
        "accuracy_of_largest": pl.Float64,
        "note": pl.String,
    }
    counted = assigned.group_by("category", pl.col("assigned_by").alias("rule")).len("stores")
    joined = counted.join(
        pl.DataFrame(told, schema=schema, orient="row"),
        on=["category", "rule"],
        how="full",
        coalesce=True,
    )
    return joined.select(
        "category",
        "rule",
        pl.col("stores").cast(pl.Int64).fill_null(0),
        "accuracy",
        "accuracy_of_largest",
        "note",
    ).sort("category", "rule")


def _worth(judged: Discriminant) -> str:
    points = 100 * (judged.accuracy - judged.baseline)
    return (
        f"{abs(points):.0f} points {'more' if points >= 0 else 'less'} accurate than always "
        "choosing the largest cluster, in cross-validation"
        + ("" if judged.is_better else ": no better than chance, so not used")
    )
