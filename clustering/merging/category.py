"""The merge of one category.

Rules. A merged cluster is large when it has at least `min_cluster_size` stores; the large ones are the targets, fixed
before anything moves. Every store of a small one moves to the target whose centre is nearest in the joint space; of
equally near targets to the larger, then to the one whose label comes first. A store known to one track only has "-" for
the other part of its merged label and is placed by the track that knows it; such a cluster is a target only if no
complete one is large, because a merchant cannot read half a label. A store no track has coordinates for goes to the
largest target. Where nothing is large the category becomes one cluster, named after its largest merged cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from clustering.config import Merge
from clustering.errors import StageError
from clustering.merging.joint_space import JointSpace
from clustering.transforms.table import Matrix

UNKNOWN = "-"


@dataclass(frozen=True)
class MergedCategory:
    assignments: pl.DataFrame
    reassignments: pl.DataFrame
    summary: pl.DataFrame


def merge_category(category: str, labels: pl.DataFrame, space: JointSpace, merge: Merge) -> MergedCategory:
    """Merge the stores of `labels`, laid out as `space`.

    Its columns: store_nbr, internal_cluster and external_cluster (null where a track places it nowhere), internal_known
    and external_known (whether the track has data of the store; without, its cluster is an estimate).
    """
    merged = labels.select(
        pl.concat_str(pl.col("internal_cluster", "external_cluster").cast(pl.String).fill_null(UNKNOWN), separator="_")
    ).to_series()
    sizes = dict(merged.value_counts().iter_rows())
    order = sorted(sizes, key=lambda name: (-sizes[name], name))
    targets, warning = _targets(category, order, sizes, merge)
    final, distance, runner_up, runner_up_distance = _nearest(merged, targets, space)
    return MergedCategory(
        _assignments(category, labels, merged, final),
        _reassignments(category, labels, merged, final, distance, runner_up, runner_up_distance, warning is not None),
        _summary(category, merged, final, warning),
    )


def _targets(category: str, order: list[str], sizes: dict[str, int], merge: Merge) -> tuple[list[str], str | None]:
    """The merged clusters that stay, largest first, and a warning where none reaches the floor."""
    large = [name for name in order if sizes[name] >= merge.min_cluster_size]
    complete = [name for name in large if UNKNOWN not in name]
    if complete or large:
        return complete or large, None
    largest = sizes[order[0]]
    text = (
        f"no merged cluster of category {category} reaches merge.min_cluster_size={merge.min_cluster_size} "
        f"(the largest has {largest} stores)"
    )
    if merge.none_reaches_floor == "error":
        raise StageError(f"{text}; lower it, or set merge.none_reaches_floor=one_cluster")
    return [next((name for name in order if UNKNOWN not in name), order[0])], f"{text}; all its stores form one cluster"


def _nearest(merged: pl.Series, targets: list[str], space: JointSpace) -> tuple[pl.Series, Matrix, pl.Series, Matrix]:
    """Each store's final cluster and its distance, the next-best target (null where there is none) and its distance."""
    position = {name: number for number, name in enumerate(targets)}
    own = np.array([position.get(name, -1) for name in merged.to_list()], dtype=np.int64)
    # ten decimals: nearer ties are ties, and the first target, the largest, wins
    distance: Matrix = np.asarray(np.round(np.sqrt(space.squared_distances(own, len(targets))), 10), dtype=np.float64)
    rows = np.arange(len(own))
    place = np.where(own >= 0, own, distance.argmin(axis=1))
    others = distance.copy()
    others[rows, place] = np.inf
    second = others.argmin(axis=1)
    names = pl.Series(targets, dtype=pl.String)
    runner_up = pl.select(pl.when(pl.Series(np.isfinite(others[rows, second]))).then(names.gather(pl.Series(second))))
    return names.gather(pl.Series(place)), distance[rows, place], runner_up.to_series(), others[rows, second]


def _assignments(category: str, labels: pl.DataFrame, merged: pl.Series, final: pl.Series) -> pl.DataFrame:
    status = (
        pl.when(~pl.col("external_known")).then(pl.lit("internal_only"))
        .when(~pl.col("internal_known")).then(pl.lit("external_only"))
        .otherwise(pl.lit("both"))
    )  # fmt: skip
    return labels.select(
        pl.lit(category).alias("category"), "store_nbr", "internal_cluster", "external_cluster",
        merged.alias("merged_cluster"), final.alias("final_cluster"), (merged != final).alias("reassigned"),
        status.alias("status"),
    )  # fmt: skip


def _reassignments(
    category: str, labels: pl.DataFrame, merged: pl.Series, final: pl.Series, distance: Matrix, runner_up: pl.Series,
    runner_up_distance: Matrix, none_large: bool,
) -> pl.DataFrame:  # fmt: skip
    one_track = pl.col("internal_cluster").is_null() | pl.col("external_cluster").is_null()
    reason = (
        pl.when(pl.lit(none_large)).then(pl.lit("none_reaches_floor"))
        .when(one_track).then(pl.lit("one_track"))
        .otherwise(pl.lit("below_floor"))
    )  # fmt: skip
    return labels.select(
        pl.lit(category).alias("category"), "store_nbr", merged.alias("from_cluster"), final.alias("to_cluster"),
        _finite("distance", distance), runner_up.alias("runner_up"), _finite("runner_up_distance", runner_up_distance),
        reason.alias("reason"),
    ).filter(pl.col("from_cluster") != pl.col("to_cluster"))  # fmt: skip


def _finite(name: str, values: Matrix) -> pl.Series:
    return pl.Series(name, np.where(np.isfinite(values), values, np.nan)).fill_nan(None)


def _summary(category: str, merged: pl.Series, final: pl.Series, warning: str | None) -> pl.DataFrame:
    sizes = final.value_counts()["count"]
    return pl.DataFrame(
        {
            "category": [category], "stores": [len(final)], "merged_clusters": [merged.n_unique()],
            "final_clusters": [final.n_unique()], "reassigned": [int((merged != final).sum())],
            "smallest": [int(sizes.min())], "largest": [int(sizes.max())],  # type: ignore[arg-type]
            "warning": [warning],
        },
        schema_overrides={"warning": pl.String},
    )  # fmt: skip


def distances_to_final(assignments: pl.DataFrame, space: JointSpace) -> pl.DataFrame:
    """store_nbr, cluster, distance (joint space; null where nothing compares them) of one category, stores as in `space`."""
    targets = assignments["final_cluster"].unique().sort().to_list()
    places = {name: number for number, name in enumerate(targets)}
    own = assignments["final_cluster"].replace_strict(places, return_dtype=pl.Int64).to_numpy()
    distance = np.sqrt(space.squared_distances(own, len(targets)))
    names = pl.Series("store_nbr", np.repeat(assignments["store_nbr"].to_numpy(), len(targets)), dtype=pl.String)
    columns = [
        names,
        pl.Series("cluster", targets * assignments.height, dtype=pl.String),
        _finite("distance", distance.ravel()),
    ]
    return pl.DataFrame(columns)


def with_final_sizes(summary: pl.DataFrame, assignments: pl.DataFrame, merge: Merge) -> pl.DataFrame:
    """The summary after overrides: they change sizes, and may leave a cluster below the floor, which is then said."""
    sizes = assignments.group_by("category", "final_cluster").len("size")
    below = pl.col("size") < merge.min_cluster_size
    told = pl.format("final cluster {} has {} stores, below merge.min_cluster_size={}", "final_cluster", "size",
                     pl.lit(merge.min_cluster_size))  # fmt: skip
    counted = sizes.sort("category", "final_cluster").group_by("category").agg(
        pl.col("size").sum().cast(pl.Int64).alias("stores"), pl.len().cast(pl.Int64).alias("final_clusters"),
        pl.col("size").min().cast(pl.Int64).alias("smallest"), pl.col("size").max().cast(pl.Int64).alias("largest"),
        told.filter(below).str.join("; ").alias("small"),
    )  # fmt: skip
    joined = summary.join(counted, on="category", how="left", suffix="_now", maintain_order="left")
    small = pl.when(pl.col("small") != "").then(pl.format("category {}: {}", "category", "small"))
    numbers = [pl.col(f"{name}_now").fill_null(0).alias(name) for name in ("stores", "final_clusters", "smallest", "largest")]
    return joined.with_columns(*numbers, pl.coalesce("warning", small).alias("warning")).select(summary.columns)
