"""What differs between the clusters of a category: need states, traits, typical stores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix, runs
from clustering.methods.explanation.differences import SIGNIFICANT
from clustering.results.page.content.labels import ReadableLabels
from clustering.results.page.content.shares import CategoryRows
from clustering.results.page.content.stores import significant
from clustering.results.page.content.words import Part

MOST_TRAITS, MOST_TYPICAL, MOST_BOUNDARY = 4, 4, 2


@dataclass(frozen=True)
class Told:
    """Of one category: the rows of need states in merged/profiles with the places `final` and
    `column` of cluster and need state, and those of traits and stores on the fence by cluster.
    """

    need_states: pl.DataFrame
    traits: dict[int, list[Part]]
    boundary: dict[int, list[tuple[int, int]]]


def told_by_category(
    profiles: pl.DataFrame,
    clusters: pl.DataFrame,
    rows: dict[str, CategoryRows],
    placed: pl.DataFrame,
) -> dict[str, Told]:
    """What profiles tell of every category; `profiles` is merged/profiles, `clusters` and `placed`
    are of placed.py.
    """
    known = profiles.join(clusters, on=["category", "final_cluster"], maintain_order="left")
    sold = (
        known.filter(kind="need_state")
        .join(_columns(rows), on=["category", "feature"])
        .sort("category")
    )
    own = runs(sold["category"])
    traits, boundary = _traits_by_cluster(known), _boundary(placed)
    return {
        category: Told(
            sold[own[category]] if category in own else sold.clear(),
            traits.get(category, {}),
            boundary.get(category, {}),
        )
        for category in rows
    }


def _columns(rows: dict[str, CategoryRows]) -> pl.DataFrame:
    found = [
        (category, feature, column)
        for category, of_category in rows.items()
        for column, feature in enumerate(of_category.features)
    ]
    schema = {"category": pl.String, "feature": pl.String, "column": pl.Int64}
    return pl.DataFrame(found, schema=schema, orient="row")


def profile(
    summary: Part,
    rows: CategoryRows,
    told: Told,
    attributes: dict[str, Part],
    labels: ReadableLabels,
) -> Part:
    """Profile of types.ts; `summary` is the Category, `attributes` are those of store_details by
    raw name, with their place.
    """
    clusters = range(len(summary["clusters"]))
    mean, overall, index = need_states(told.need_states, len(clusters), len(rows.features))
    shown = rows.shown(dict(zip(rows.features, overall, strict=True)))
    rest = [at for at in range(len(rows.features)) if at not in set(shown)]
    of_mix = np.array([cluster["mix"] for cluster in summary["clusters"]])
    sales = np.array([cluster["sales"] or 0.0 for cluster in summary["clusters"]])
    mix_mean = _of_mixes(mean, of_mix, sales, len(summary["mixes"]))
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
        "traits": [_traits(told.traits.get(at, []), attributes) for at in clusters],
        "typical": _typical(rows, mean),
        "boundary": [told.boundary.get(at, []) for at in clusters],
    }


def need_states(table: pl.DataFrame, clusters: int, features: int) -> tuple[Matrix, Matrix, Matrix]:
    """Mean (n_clusters, n_features), overall (n_features,), index like mean, NaN where undefined,
    of Told.need_states.
    """
    shape = clusters, features
    mean, index, overall = np.zeros(shape), np.full(shape, np.nan), np.zeros(features)
    row, column = (table[name].to_numpy() for name in ("final", "column"))
    mean[row, column], index[row, column] = table["mean"].to_numpy(), table["index"].to_numpy()
    overall[column] = np.nan_to_num(table["overall"].to_numpy())
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


def _traits_by_cluster(known: pl.DataFrame) -> dict[str, dict[int, list[Part]]]:
    """The attributes that set each cluster apart beyond chance, the strongest first."""
    beyond = known.filter(
        pl.col("q_value") <= SIGNIFICANT, pl.col("mean").is_not_null(), kind="attribute"
    )
    found: dict[str, dict[int, list[Part]]] = {}
    strongest = beyond.sort("rank").group_by("category", "final", maintain_order=True)
    for row in strongest.head(MOST_TRAITS).iter_rows(named=True):
        found.setdefault(row["category"], {}).setdefault(row["final"], []).append(row)
    return found


def _traits(strongest: list[Part], attributes: dict[str, Part]) -> list[Part]:
    found = []
    for row in strongest:
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


def _typical(rows: CategoryRows, mean: Matrix) -> list[list[int]]:
    """For each cluster the stores nearest to its mix (Hellinger), of those with enough sales."""
    places, final, judged = (
        rows.placed[name].to_numpy() for name in ("place", "final", "is_judged")
    )
    far = ((np.sqrt(rows.shares) - np.sqrt(mean)[final]) ** 2).sum(axis=1)
    found = []
    for cluster in range(len(mean)):
        own = np.flatnonzero((final == cluster) & judged)
        best = own[np.argsort(np.round(far[own], 10), kind="stable")][:MOST_TYPICAL]
        found.append(places[best].tolist())
    return found


def _boundary(placed: pl.DataFrame) -> dict[str, dict[int, list[tuple[int, int]]]]:
    """For each cluster the largest stores whose halves disagree, with the mix they lean to."""
    leaning = placed.filter("is_on_fence", pl.col("other_mix").is_not_null())
    largest = leaning.sort("sales", "place", descending=[True, False]).group_by(
        "category", "final", maintain_order=True
    )
    found: dict[str, dict[int, list[tuple[int, int]]]] = {}
    wanted = largest.head(MOST_BOUNDARY).select("category", "final", "place", "other_mix")
    for category, at, place, other in wanted.iter_rows():
        found.setdefault(category, {}).setdefault(at, []).append((place, other))
    return found
