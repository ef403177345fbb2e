"""What differs between the clusters of a category: need states, traits, typical stores."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.explanation.differences import SIGNIFICANT
from clustering.results.page.content.labels import ReadableLabels
from clustering.results.page.content.shares import CategoryRows
from clustering.results.page.content.stores import significant

MOST_TRAITS, MOST_TYPICAL, MOST_BOUNDARY = 4, 4, 2
Part = dict[str, Any]


def profile(
    summary: Part,
    rows: CategoryRows,
    table: pl.DataFrame,
    attributes: dict[str, Part],
    labels: ReadableLabels,
) -> Part:
    """Profile of types.ts; `summary` is the Category, `table` its rows of merged/profiles,
    `attributes` those of store_details by raw name, with their place.
    """
    codes = [cluster["code"] for cluster in summary["clusters"]]
    mean, overall, index = need_states(table, rows, codes)
    shown = rows.shown(dict(zip(rows.features, overall, strict=True)))
    rest = [at for at in range(len(rows.features)) if at not in set(shown)]
    of_mix = np.array([cluster["mix"] for cluster in summary["clusters"]])
    sales = np.array([cluster["sales"] or 0.0 for cluster in summary["clusters"]])
    mix_mean = _of_mixes(mean, of_mix, sales, len(summary["mixes"]))
    final = np.array([codes.index(code) for code in rows.placed["final_cluster"]])
    return {
        "features": [
            *((rows.features[at], labels.of("need_state", rows.features[at])) for at in shown),
            *([("", f"{len(rest)} smaller need states")] if rest else []),
        ],
        "overall": _shown(overall[None], shown, rest)[0],
        "mean": _shown(mean, shown, rest),
        "index": _indices(mean, overall, index, shown, rest),
        "mixMean": _shown(mix_mean, shown, rest),
        "mixIndex": _indices(mix_mean, overall, None, shown, rest),
        "traits": [_traits(table.filter(final_cluster=code), attributes) for code in codes],
        "typical": _typical(rows, final, mean),
        "boundary": _boundary(rows, final, summary),
    }


def need_states(
    table: pl.DataFrame, rows: CategoryRows, codes: list[str]
) -> tuple[Matrix, Matrix, Matrix]:
    """Mean (n_clusters, n_features), overall (n_features,), index like mean, NaN where undefined,
    of merged/profiles.
    """
    found = table.filter(kind="need_state")
    shape = len(codes), len(rows.features)
    mean, index, overall = np.zeros(shape), np.full(shape, np.nan), np.zeros(shape[1])
    row, column = (
        found[name]
        .replace_strict(
            {value: at for at, value in enumerate(values)}, default=-1, return_dtype=pl.Int64
        )
        .to_numpy()
        for name, values in (("final_cluster", codes), ("feature", rows.features))
    )
    own = (row >= 0) & (column >= 0)
    for target, name in ((mean, "mean"), (index, "index")):
        target[row[own], column[own]] = found[name].fill_null(np.nan).to_numpy()[own]
    overall[column[own]] = found["overall"].fill_null(0.0).to_numpy()[own]
    return np.nan_to_num(mean), overall, index


def _of_mixes(mean: Matrix, mix: NDArray[np.int64], sales: Matrix, count: int) -> Matrix:
    """Shares of pooled sales of the mixes: those of their clusters, weighted by sales."""
    weight = np.zeros((count, len(mix)))
    weight[mix, np.arange(len(mix))] = np.maximum(sales, 1e-9)
    return np.asarray(weight @ mean / weight.sum(axis=1, keepdims=True))


def _shown(values: Matrix, shown: list[int], rest: list[int]) -> list[list[float]]:
    """The shown columns, and the sum of the rest."""
    parts = [values[:, shown], *([values[:, rest].sum(axis=1, keepdims=True)] if rest else [])]
    return [[significant(value) for value in row] for row in np.hstack(parts)]


def _indices(
    mean: Matrix, overall: Matrix, known: Matrix | None, shown: list[int], rest: list[int]
) -> list[list[float | None]]:
    """Shares against all stores times 100; `known` are those of the table."""
    with np.errstate(divide="ignore", invalid="ignore"):
        index = mean / overall * 100 if known is None else known
        of_rest = mean[:, rest].sum(axis=1) / overall[rest].sum() * 100
    parts = [index[:, shown], *([of_rest[:, None]] if rest else [])]
    return [
        [significant(value) if np.isfinite(value) else None for value in row]
        for row in np.hstack(parts)
    ]


def _traits(table: pl.DataFrame, attributes: dict[str, Part]) -> list[Part]:
    """The attributes that set the cluster apart beyond chance, the strongest first."""
    beyond = table.filter(
        pl.col("q_value") <= SIGNIFICANT, pl.col("mean").is_not_null(), kind="attribute"
    )
    strongest = beyond.sort("rank").head(MOST_TRAITS)
    found = []
    for row in strongest.iter_rows(named=True):
        attribute = attributes.get(row["feature"])
        if attribute is None:
            continue
        spread = attribute["deviation"]
        found.append(
            {
                "attribute": attribute["place"],
                "mean": significant(row["mean"]),
                "overall": significant(row["overall"]),
                "deviations": round(row["difference"] / spread, 3) if spread else None,
            }
        )
    return found


def _typical(rows: CategoryRows, final: NDArray[np.int64], mean: Matrix) -> list[list[int]]:
    """For each cluster the stores nearest to its mix (Hellinger), of those with enough sales."""
    places = rows.placed["place"].to_numpy()
    judged = (rows.placed["history"] == "enough").fill_null(False).to_numpy()
    far = ((np.sqrt(rows.shares) - np.sqrt(mean)[final]) ** 2).sum(axis=1)
    found = []
    for cluster in range(len(mean)):
        own = np.flatnonzero((final == cluster) & judged)
        best = own[np.argsort(np.round(far[own], 10), kind="stable")][:MOST_TYPICAL]
        found.append(places[best].tolist())
    return found


def _boundary(
    rows: CategoryRows, final: NDArray[np.int64], summary: Part
) -> list[list[tuple[int, int]]]:
    """For each cluster the largest stores whose halves disagree, with the mix they lean to."""
    mix_of = {cluster["code"]: cluster["mix"] for cluster in summary["clusters"]}
    fence = rows.placed.with_columns(final=pl.Series(final)).filter(on_the_fence())
    leaning = fence.sort("sales", "place", descending=[True, False])
    found: list[list[tuple[int, int]]] = [[] for _ in summary["clusters"]]
    for at, place, other in leaning.select("final", "place", "other_cluster").iter_rows():
        if other in mix_of and len(found[at]) < MOST_BOUNDARY:
            found[at].append((place, mix_of[other]))
    return found


def on_the_fence() -> pl.Expr:
    """Enough sales to be judged, yet its halves point to different mixes."""
    return (pl.col("history") == "enough") & ~pl.col("same_in_halves").fill_null(True)
