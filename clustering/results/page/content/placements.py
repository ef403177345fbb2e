"""Every store of a category: its cluster, how clear that is, what is next, what keeps it there."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.results.page.content.profiles import on_the_fence
from clustering.results.page.content.run_tables import RunTables
from clustering.results.page.content.shares import CategoryRows
from clustering.results.page.content.summaries import sold_nothing

LEAST_PURE = 0.9  # an internal cluster belongs to a mix where so many of its stores are in it
Part = dict[str, Any]


def assignments_by_category(run: RunTables) -> dict[str, pl.DataFrame]:
    """The parts of internal/assign/assignments; empty where the internal track did not run."""
    if not run.internal:
        return {}
    parts = run.internal["assignments"].partition_by("category", as_dict=True)
    return {str(key[0]): part for key, part in parts.items()}


UNKNOWN = pl.DataFrame(
    schema={"store_nbr": pl.String, "probability": pl.Float64, "next_cluster": pl.Int64}
)


def placements(
    summary: Part, profile: Part, rows: CategoryRows, assigned: pl.DataFrame | None
) -> Part:
    """Placements of types.ts, without the evidence; `assigned` is the category's part of
    internal/assign/assignments.
    """
    placed = rows.placed.join(
        UNKNOWN if assigned is None else assigned.select(UNKNOWN.columns),
        on="store_nbr",
        how="left",
        maintain_order="left",
    ).with_row_index("row")
    codes = {cluster["code"]: at for at, cluster in enumerate(summary["clusters"])}
    mix_of = {cluster["code"]: cluster["mix"] for cluster in summary["clusters"]}
    final = placed["final_cluster"].replace_strict(codes, return_dtype=pl.Int64)
    mix = placed["final_cluster"].replace_strict(mix_of, return_dtype=pl.Int64)
    other = placed["other_cluster"].replace_strict(mix_of, default=None, return_dtype=pl.Int64)
    by_model = placed["next_cluster"].replace_strict(
        _mix_by_internal(placed, mix), default=None, return_dtype=pl.Int64
    )
    nearest = pl.Series(other).fill_null(by_model)
    next_mix = pl.select(pl.when(nearest != mix).then(nearest)).to_series()
    feature, share = _anchors(profile, rows, mix, next_mix)
    return {
        "store": placed["place"].to_list(),
        "sales": placed["sales"].fill_null(0.0).round(2).to_list(),
        "final": final.to_list(),
        "next": next_mix.to_list(),
        "probability": placed["probability"].round(6).to_list(),
        "internal": placed["internal_cluster"].to_list(),
        "external": placed["external_cluster"].to_list(),
        "few": placed.filter(~sold_nothing(), pl.col("history") != "enough")["row"].to_list(),
        "unsold": placed.filter(sold_nothing())["row"].to_list(),
        "fence": placed.filter(on_the_fence())["row"].to_list(),
        "joined": placed.filter("reassigned")["row"].to_list(),
        "feature": feature,
        "share": share,
    }


def shares_block(rows: CategoryRows) -> Part:
    """Shares of types.ts."""
    thousandths = np.rint(rows.shares * 1000).astype(int)
    return {"features": len(rows.features), "thousandths": thousandths.ravel().tolist()}


def _mix_by_internal(placed: pl.DataFrame, mix: pl.Series) -> dict[int, int]:
    """The mix that an internal cluster became, where it went there as a whole."""
    counted = (
        placed.select("internal_cluster")
        .with_columns(mix=mix)
        .drop_nulls()
        .group_by("internal_cluster", "mix")
        .len()
        .with_columns(share=pl.col("len") / pl.col("len").sum().over("internal_cluster"))
    )
    return dict(
        counted.filter(pl.col("share") >= LEAST_PURE).select("internal_cluster", "mix").iter_rows()
    )


def _anchors(
    profile: Part, rows: CategoryRows, mix: pl.Series, next_mix: pl.Series
) -> tuple[list[int | None], list[float | None]]:
    """The need state that keeps each store in its mix rather than the next (square roots of
    shares, as the distances of mixes), and the store's share of it.
    """
    shown = [name for name, _ in profile["features"] if name]
    columns = [rows.features.index(name) for name in shown]
    known = (next_mix.is_not_null() & (rows.placed["sales"].fill_null(0.0) > 0)).to_numpy()
    if not shown or not known.any():
        return [None] * len(known), [None] * len(known)
    means = np.array(profile["mixMean"])[:, : len(shown)]
    own, other = means[mix.to_numpy()], means[next_mix.fill_null(0).to_numpy()]
    x = rows.shares[:, columns]
    best, found = _strongest(x, own, other)
    known &= found
    features = [int(at) if ok else None for at, ok in zip(best, known, strict=True)]
    held = np.round(x[np.arange(len(x)), best], 5).tolist()
    return features, [value if ok else None for value, ok in zip(held, known, strict=True)]


def _strongest(x: Matrix, own: Matrix, other: Matrix) -> tuple[NDArray[np.int64], Matrix]:
    """The column (n,) in which each row of x is nearer to `own` than to `other` by the most, and
    whether there is one.
    """
    gain = (np.sqrt(x) - np.sqrt(other)) ** 2 - (np.sqrt(x) - np.sqrt(own)) ** 2
    best = np.round(gain, 10).argmax(axis=1)
    return best, gain[np.arange(len(gain)), best] > 0
