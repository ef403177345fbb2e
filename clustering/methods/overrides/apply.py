"""Overrides applied to the final clusters, in a fixed order, with what each costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from clustering.config import Overrides
from clustering.errors import DataError
from clustering.methods.overrides.check import (
    APPLIED,
    EXPIRED,
    FLAGSHIP,
    MISTAKE,
    Existing,
    Override,
    checked,
)

MOST_MISTAKES = 50  # shown in one error; the others are counted
Distances = Callable[[str], pl.DataFrame]


@dataclass(frozen=True)
class Overridden:
    """schemas.MergedAssignments, the names of its clusters, and schemas.AppliedOverrides."""

    assignments: pl.DataFrame
    names: pl.DataFrame
    log: pl.DataFrame


def apply_overrides(
    table: pl.DataFrame | None,
    assignments: pl.DataFrame,
    names: pl.DataFrame,
    distances: Distances,
    overrides: Overrides,
) -> Overridden:
    """Replay the rows of `table` (schemas.Overrides): exclude, flagship, pin, rename, renumber, in
    this order.

    `distances` gives, for a category, category, store_nbr, cluster and distance (joint space). A
    pin's cost is how much farther the store is from its new cluster's centre than from its old
    one's. Raises DataError listing every mistake, unless overrides.on_mistake=skip, which leaves
    mistaken rows out; both are in the log.
    """
    if table is None or table.is_empty():
        return Overridden(assignments, names, _log([], {}))
    rows = checked(table, _known(assignments), date.fromisoformat(str(overrides.as_of)))
    wrong = [row for row in rows if row.status == MISTAKE]
    if wrong and overrides.on_mistake == "error":
        lines = [f"row {row.row}: {row.note}" for row in wrong]
        raise DataError(
            f"source.overrides: {len(wrong)} of {len(rows)} rows cannot be applied",
            [
                *lines[:MOST_MISTAKES],
                *(
                    [f"... and {len(lines) - MOST_MISTAKES} more"]
                    if len(lines) > MOST_MISTAKES
                    else []
                ),
                "mend them, or set overrides.on_mistake=skip to leave them out",
            ],
        )
    live = [row for row in rows if row.status == APPLIED]
    costs = _costs([row for row in live if row.kind == "pin"], assignments, distances)
    placed, named = _placed(assignments, live), _named(names, live)
    return Overridden(placed, _of_those_left(named, placed), _log(rows, costs))


def _known(assignments: pl.DataFrame) -> Existing:
    per_category = assignments.group_by("category").agg(
        "store_nbr", pl.col("final_cluster").unique().sort()
    )
    rows = sorted(per_category.iter_rows())
    return Existing(
        {category: set(stores) for category, stores, _ in rows},
        {category: found for category, _, found in rows},
    )


def _placed(assignments: pl.DataFrame, live: Sequence[Override]) -> pl.DataFrame:
    excluded = _rows(live, "exclude", "kind")
    left = _without(assignments, excluded)
    for kind in (FLAGSHIP, "pin"):
        left = _moved(left, _rows(live, kind, "cluster"))
    numbers = {row.store_nbr: row.value for row in live if row.kind == "renumber"}
    moved = left.with_columns(pl.col("store_nbr").replace(numbers))
    return moved.sort("category", "store_nbr")


def _rows(live: Sequence[Override], kind: str, of: str) -> pl.DataFrame:
    """Category ("" for all), store_nbr, to."""
    found = [
        (row.category, row.store_nbr, getattr(row, of) or FLAGSHIP)
        for row in live
        if row.kind == kind
    ]
    return pl.DataFrame(
        found, schema={"category": pl.String, "store_nbr": pl.String, "to": pl.String}, orient="row"
    )


def _without(assignments: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    everywhere, somewhere = rows.filter(category=""), rows.filter(pl.col("category") != "")
    left = assignments.join(everywhere, on="store_nbr", how="anti", maintain_order="left")
    return left.join(somewhere, on=["category", "store_nbr"], how="anti", maintain_order="left")


def _moved(assignments: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    everywhere = rows.filter(category="").select("store_nbr", everywhere="to")
    somewhere = rows.filter(pl.col("category") != "").select(
        "category", "store_nbr", somewhere="to"
    )
    joined = assignments.join(everywhere, on="store_nbr", how="left", maintain_order="left")
    joined = joined.join(somewhere, on=["category", "store_nbr"], how="left", maintain_order="left")
    final = pl.coalesce("somewhere", "everywhere", "final_cluster")
    moved = (final != pl.col("final_cluster")) | pl.col("reassigned")
    return joined.with_columns(final.alias("final_cluster"), moved.alias("reassigned")).drop(
        "somewhere", "everywhere"
    )


def _named(names: pl.DataFrame, live: Sequence[Override]) -> pl.DataFrame:
    rows = [(row.category, row.cluster, row.value) for row in live if row.kind == "rename"]
    renamed = pl.DataFrame(
        rows,
        schema=dict.fromkeys(("category", "final_cluster", "renamed"), pl.String),
        orient="row",
    )
    joined = names.join(
        renamed, on=["category", "final_cluster"], how="left", maintain_order="left"
    )
    by = (
        pl.when(pl.col("renamed").is_not_null())
        .then(pl.lit("override"))
        .otherwise("named_by")
        .alias("named_by")
    )
    name = pl.coalesce("renamed", "name").alias("name")
    return joined.with_columns(name, by).drop("renamed")


def _of_those_left(names: pl.DataFrame, assignments: pl.DataFrame) -> pl.DataFrame:
    """The names of the clusters that have stores; those that only overrides made are called what
    they are labelled.
    """
    there = (
        assignments.select("category", "final_cluster").unique().sort("category", "final_cluster")
    )
    joined = there.join(names, on=["category", "final_cluster"], how="left", maintain_order="left")
    code = pl.col("final_cluster")
    return joined.with_columns(
        pl.col("name").fill_null(code),
        pl.col("mix_name").fill_null(code),
        pl.col("named_by").fill_null("override"),
    )


def _costs(
    pins: Sequence[Override], assignments: pl.DataFrame, distances: Distances
) -> dict[int, tuple[float, float]]:
    """By row, the distances of the pinned store to the centres of its old and of its new cluster,
    where both are known.
    """
    found = {}
    for category in sorted({pin.category for pin in pins}):
        own = dict(
            assignments.filter(category=category).select("store_nbr", "final_cluster").iter_rows()
        )
        of_pair = {
            (store, cluster): value for store, cluster, value in distances(category).iter_rows()
        }
        for pin in pins:
            if pin.category == category:
                pair = (
                    of_pair.get((pin.store_nbr, own[pin.store_nbr])),
                    of_pair.get((pin.store_nbr, pin.cluster)),
                )
                if pair[0] is not None and pair[1] is not None:
                    found[pin.row] = pair[0], pair[1]
    return found


def _log(rows: Sequence[Override], costs: dict[int, tuple[float, float]]) -> pl.DataFrame:
    table = [
        (
            row.row,
            row.kind,
            row.category or None,
            row.store_nbr or None,
            row.cluster or None,
            row.value or None,
            row.who or None,
            row.why or None,
            row.until or None,
            row.status,
            *costs.get(row.row, (None, None)),
            row.note or None,
        )
        for row in rows
    ]
    text = dict.fromkeys(
        ("kind", "category", "store_nbr", "cluster", "value", "who", "why", "until", "status"),
        pl.String,
    )
    schema = {
        "row": pl.Int64,
        **text,
        "distance_before": pl.Float64,
        "distance_after": pl.Float64,
        "note": pl.String,
    }
    return pl.DataFrame(table, schema=schema, orient="row")


def told(log: pl.DataFrame) -> list[str]:
    """The overrides of a run in a few lines."""
    if log.is_empty():
        return []
    counts = dict(log.group_by("status").len().iter_rows())
    words = {APPLIED: "applied", EXPIRED: "expired", MISTAKE: "left out as mistakes"}
    first = "overrides: " + ", ".join(
        f"{counts[status]} {text}" for status, text in words.items() if status in counts
    )
    priced = log.drop_nulls("distance_after")
    if priced.height:
        farther = float((priced["distance_after"] - priced["distance_before"]).mean() or 0.0)  # type: ignore[arg-type]
        first += (
            f"; {priced.height} pinned stores are {farther:.2f} farther from the centre of their "
            "cluster on average"
        )
    problems = log.filter(pl.col("status") != APPLIED).sort("row")
    lines = [
        f"{row['status']}, row {row['row']}: {row['note']}"
        for row in problems.head(5).iter_rows(named=True)
    ]
    return [
        first,
        *lines,
        *(
            [f"... and {problems.height - 5} more (merged/overrides.parquet)"]
            if problems.height > 5
            else []
        ),
    ]
