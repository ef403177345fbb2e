"""How good the clusters of one category are, and what is in each."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import polars as pl

from clustering.arrays import Matrix, coordinates
from clustering.config import Features
from clustering.methods.assignment.by_half import placed_by_half
from clustering.methods.assignment.placer import Placer
from clustering.methods.continuity.old_names import with_old_names
from clustering.methods.explanation.differences import Differences, differences
from clustering.methods.explanation.labels import labelled
from clustering.methods.explanation.names import names as cluster_names
from clustering.methods.explanation.representatives import positions, representatives
from clustering.methods.explanation.tree_rules import TreeRules, tree_rules
from clustering.methods.explanation.unseen import tested_on_unseen
from clustering.methods.fitting.space import Labels, means_by_label
from clustering.methods.selection.criteria import calinski_harabasz, davies_bouldin, silhouettes
from clustering.methods.transforms.composition import shares
from clustering.methods.transforms.demand import both_ways, without_season
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.table import Table, has_halves, read_tables
from clustering.schemas import ClusterWorth

NO_WORTH: pl.DataFrame = ClusterWorth.create_empty()


def analyze(
    values: pl.DataFrame,
    stores: pl.DataFrame,
    matrix: pl.DataFrame,
    assignments: pl.DataFrame,
    trust: pl.DataFrame,
    verdicts: pl.DataFrame,
    features: Features,
    seed: int,
    continuity: pl.DataFrame | None = None,
    baseline_clusters: pl.DataFrame | None = None,
    labels_table: pl.DataFrame | None = None,
    transformers: FittedFeatures | None = None,
    placer: Placer | None = None,
) -> dict[str, pl.DataFrame]:
    """Give the tables metrics, clusters, profiles, descriptions, representatives, positions and
    worth (see schemas) of one category.

    Metrics are computed in the space of the matrix over all stores with coordinates, profiles over
    all stores; features that were left out of the clustering are profiled, too. With `transformers`
    and `placer`, differences in the mix are tested on sales that made no cluster, and what the
    clusters are worth is measured on them.
    """
    assignments = assignments.join(
        stores, on="store_nbr", how="semi", maintain_order="left"
    )  # others have nothing to measure
    numbers, labels = np.unique(assignments["cluster"].to_numpy(), return_inverse=True)
    known = matrix["components"].is_not_null().to_numpy()
    X = coordinates(matrix["components"])
    silhouette = _silhouette(X, labels[known], len(labels), known)
    has_both = has_halves(values)
    table, *both = read_tables(
        values, stores, ("value", "half_a", "half_b") if has_both else ("value",)
    )
    category = str(stores["category"][0])
    names, data = _profiled(table)
    clusters = np.arange(len(numbers))
    found = differences(data, labels, clusters, are_shares=table.is_mix)
    worth = NO_WORTH
    if table.is_mix and transformers and placer and has_both:
        by_first = placed_by_half(both[0], transformers, placer)
        found = tested_on_unseen(found, by_first, shares(both[1].numbers), numbers)
        placing = (replace(h, numbers=without_season(h.numbers, table.numbers)) for h in both)
        placed = [placed_by_half(half, transformers, placer) for half in placing]
        worth = _worth(category, table, both, placed, numbers[labels], seed)
    rules = tree_rules(data, labels, clusters, names, table.is_mix)
    used = _used(names, features)
    words = labelled(names, "need_state" if table.is_mix else "attribute", labels_table)
    named = pl.DataFrame({"cluster": numbers, "name": cluster_names(found, words, used)})
    named = with_old_names(named, continuity, baseline_clusters)
    described = _clusters(category, stores, assignments, numbers, labels, silhouette)
    described = described.with_columns(named["name"])
    metrics = _metrics(stores, matrix, assignments, verdicts, X, labels, known, silhouette, table)
    return {
        "metrics": _frame(category, metrics | {"rules_fidelity": rules.fidelity}),
        "clusters": described.join(trust, on=["category", "cluster"], how="left"),
        "profiles": _profiles(category, found, numbers, names, used),
        "descriptions": _descriptions(category, numbers, rules),
        "representatives": representatives(assignments, X, known),
        "positions": positions(stores, X, known, silhouette),
        "worth": worth,
    }


def _worth(
    category: str,
    table: Table,
    halves: list[Table],
    placed: list[Labels],
    clusters: Labels,
    seed: int,
) -> pl.DataFrame:
    """schemas.ClusterWorth of the stores' `clusters`; `placed` are those by either half."""
    both = both_ways(halves[0].numbers, halves[1].numbers)
    if both is None:
        return NO_WORTH
    groups = placed[0][both.sold], placed[1][both.sold]
    rows = both.worth(groups, clusters, table.numbers.sum(axis=1), seed)
    return pl.DataFrame([{"category": category, **row} for row in rows], schema=NO_WORTH.schema)


def _frame(category: str, metrics: dict[str, float | None]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "category": [category] * len(metrics),
            "metric": list(metrics),
            "value": list(metrics.values()),
        },
        schema_overrides={"value": pl.Float64},
    )


def _descriptions(category: str, clusters: np.ndarray, rules: TreeRules) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "category": [category] * len(clusters),
            "cluster": clusters,
            "rule": rules.rules,
            "coverage": rules.coverage,
            "precision": rules.precision,
        }
    )


def _silhouette(X: Matrix, labels: Labels, stores: int, known: np.ndarray) -> Matrix:
    """The silhouette of every store; NaN where it has no coordinates, was not sampled, or there is
    one cluster.
    """
    result = np.full(stores, np.nan)
    if len(np.unique(labels)) > 1:
        found = silhouettes(X, [labels])
        result[np.flatnonzero(known)[found.rows]] = found.values[0]
    return result


def _mean(values: Matrix) -> float | None:
    finite = values[np.isfinite(values)]
    return float(finite.mean()) if finite.size else None


def _metrics(
    stores: pl.DataFrame,
    matrix: pl.DataFrame,
    assignments: pl.DataFrame,
    verdicts: pl.DataFrame,
    X: Matrix,
    labels: Labels,
    known: np.ndarray,
    silhouette: Matrix,
    table: Table,
) -> dict[str, float | None]:
    sizes = np.bincount(labels)
    return {
        "stores": float(len(labels)),
        "fitted_stores": float(matrix["is_fitted"].sum()),
        "outliers": float(matrix["is_outlier"].sum()),
        "poor_history": float((stores["history"] != "enough").sum()),
        "k": float((sizes > 0).sum()),
        "recommended_k": float(verdicts["recommended_k"][0]),
        "smallest_cluster": float(sizes[sizes > 0].min()),
        "largest_cluster": float(sizes.max()),
        "largest_share": float(sizes.max() / len(labels)),
        "silhouette": _mean(silhouette),
        "calinski_harabasz": calinski_harabasz(X, labels[known]),
        "davies_bouldin": davies_bouldin(X, labels[known]),
        "r2": _explained(table, X, labels, known),
        "mean_probability": _sum(assignments["probability"]) / max(assignments.height, 1),
        "sales": _sum(stores["sales"]) if table.is_mix else None,
    }


def _sum(values: pl.Series) -> float:
    """The sum, correctly rounded, so that neither the order of rows nor the pieces a table comes in
    show in it.
    """
    return math.fsum(values.drop_nulls())


def _explained(table: Table, X: Matrix, labels: Labels, known: np.ndarray) -> float | None:
    """R2: the share of the store-to-store variance between clusters; of a mix that of shares,
    weighted by sales.
    """
    if table.is_mix:
        mix = shares(table.numbers)
        rows = np.isfinite(mix).all(axis=1)
        data, own, weight = mix[rows], labels[rows], table.information[rows]
    else:
        data, own, weight = X, labels[known], np.ones(int(known.sum()))
    if len(data) < 2:
        return None
    total = float((weight[:, None] * (data - weight @ data / weight.sum()) ** 2).sum())
    centres = means_by_label(data, own, int(own.max()) + 1, weight)
    left = float((weight[:, None] * (data - centres[own]) ** 2).sum())
    return None if total <= 1e-15 else 1 - left / total


def _clusters(
    category: str,
    stores: pl.DataFrame,
    assignments: pl.DataFrame,
    clusters: np.ndarray,
    labels: Labels,
    silhouette: Matrix,
) -> pl.DataFrame:
    sizes = np.bincount(labels)
    sales = stores["sales"].cast(pl.Float64).to_numpy()
    sold, sellers = _summed(sales, labels)
    outliers, _ = _summed(assignments["is_outlier"].to_numpy().astype(float), labels)
    return pl.DataFrame(
        {
            "category": [category] * len(clusters),
            "cluster": clusters,
            "stores": sizes,
            "share_of_stores": sizes / len(labels),
            "sales": np.where(sellers > 0, sold, np.nan),
            "sales_per_store": _mean_of(sales, labels),
            "outliers": outliers.astype(np.int64),
            "mean_probability": _mean_of(assignments["probability"].to_numpy(), labels),
            "silhouette": _mean_of(silhouette, labels),
        },
        nan_to_null=True,
    )


def _summed(values: Matrix, labels: Labels) -> tuple[Matrix, Matrix]:
    """By cluster the sum of the values that are not NaN, and their number."""
    known = ~np.isnan(values)
    parts = np.where(known, values, 0.0), known.astype(float)
    total, number = (np.asarray(np.bincount(labels, part), dtype=float) for part in parts)
    return total, number


def _mean_of(values: Matrix, labels: Labels) -> Matrix:
    """By cluster the mean of the values that are not NaN."""
    total, number = _summed(values, labels)
    mean: Matrix = np.divide(total, number, out=np.full(len(total), np.nan), where=number > 0)
    return mean


def _profiles(
    category: str, found: Differences, clusters: np.ndarray, names: list[str], used: np.ndarray
) -> pl.DataFrame:
    order = sorted(range(len(names)), key=names.__getitem__)
    measured = ("mean", "overall", "effect_size", "p_value", "q_value", "rank")
    columns = {name: getattr(found, name)[:, order] for name in measured}
    mean, overall = columns["mean"], columns["overall"]
    # what takes negative values has no index: twice a temperature below zero is not colder than it
    has_ratio = (overall > 0) & (np.fmin.reduce(mean) >= 0)
    ratio = np.divide(mean, overall, out=np.full(mean.shape, np.nan), where=has_ratio)
    columns |= {
        "index": ratio * 100,
        "relative_difference": ratio - 1,
        "difference": mean - overall,
    }
    return pl.DataFrame(
        {
            "category": [category] * mean.size,
            "cluster": np.repeat(clusters, len(names)),
            "feature": [names[column] for column in order] * len(clusters),
            "used": np.tile(used[order], len(clusters)),
        }
        | {name: column.ravel() for name, column in columns.items()},
        schema_overrides={"feature": pl.String, "cluster": pl.Int64},
        nan_to_null=True,
    )


def _used(names: list[str], features: Features) -> np.ndarray:
    """Which of the profiled features the clusters were made by."""
    return np.array([name.split("=")[0] not in features.ignore for name in names], dtype=bool)


def _profiled(table: Table) -> tuple[list[str], Matrix]:
    """Shares of a mix; of attributes the numbers, and an indicator for each level
    ("format=express").
    """
    if table.is_mix:
        return table.features, shares(table.numbers)
    names, columns = list(table.features), [table.numbers]
    for number, (feature, levels) in enumerate(
        zip(table.level_features, table.level_names, strict=True)
    ):
        codes = table.levels[:, number]
        indicator = np.where(
            codes[:, None] >= 0, codes[:, None] == np.arange(len(levels))[None], np.nan
        )
        names += [f"{feature}={level}" for level in levels]
        columns.append(indicator.astype(float))
    return names, np.hstack(columns)
