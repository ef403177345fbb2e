"""The merge of one category.

Rules. A merged cluster is large when it has at least `min_cluster_size` stores; the large ones are
the targets, fixed before anything moves. Every store of a small one moves to the target whose
centre is nearest in the joint space; of equally near targets to the larger, then to the one whose
label comes first. A store known to one track only has "-" for the other part of its merged label
and is placed by the track that knows it; such a cluster is a target only if no complete one is
large, because a merchant cannot read half a label. A store no track has coordinates for goes to the
largest target. Where nothing is large the category becomes one cluster, named after its largest
merged cluster.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.config import Merge
from clustering.errors import StageError
from clustering.methods.merging.joint_space import JointSpace
from clustering.methods.merging.layout import UNKNOWN, Layout

NONE = -1


@dataclass(frozen=True)
class Repaired:
    """Merged clusters, by number, after the repair: arrays (n_stores,), and a warning where none
    reaches the floor.

    `runner_up` is the next-best target of a store that moved, NONE where there is none and for the
    others; distances are in the joint space, not finite where nothing compares.
    """

    final: NDArray[np.int64]
    distance: Matrix
    runner_up: NDArray[np.int64]
    runner_up_distance: Matrix
    warning: str | None = None


def repair_categories(layout: Layout, merge: Merge) -> dict[str, Repaired]:
    """Repair every category; raises StageError where none_reaches_floor=error and nothing of one
    reaches the floor.
    """
    return {
        category: repair(
            category, layout.merged[rows], layout.merged_names, layout.space(category), merge
        )
        for category, rows in layout.rows.items()
    }


def repair(
    category: str, merged: NDArray[np.int64], names: list[str], space: JointSpace, merge: Merge
) -> Repaired:
    """Move the stores, laid out as `space`, whose clusters `merged` (n_stores,), by their places in
    `names`, are small.
    """
    sizes = np.bincount(merged, minlength=len(names))
    targets, warning = _targets(category, sizes, names, merge)
    place = np.full(len(names), NONE, dtype=np.int64)
    place[targets] = np.arange(len(targets))
    own = place[merged]
    moved = np.flatnonzero(own == NONE)
    found = Repaired(
        merged.copy(),
        np.full(len(own), np.nan),
        np.full(len(own), NONE),
        np.full(len(own), np.nan),
        warning,
    )
    if moved.size:
        _move(found, moved, targets, space.squared_distances(own, len(targets), moved))
    return found


def _targets(
    category: str, sizes: NDArray[np.int64], names: list[str], merge: Merge
) -> tuple[NDArray[np.int64], str | None]:
    """The merged clusters that stay, largest first, and a warning where none reaches the floor."""
    order = np.argsort(-sizes, kind="stable")[
        : np.count_nonzero(sizes)
    ]  # of equals, the name that comes first
    is_complete = np.array([UNKNOWN not in names[cluster] for cluster in order])
    is_large = sizes[order] >= merge.min_cluster_size
    if is_large.any():
        complete = order[is_large & is_complete]
        return complete if complete.size else order[is_large], None
    text = (
        f"no merged cluster of category {category} reaches "
        f"merge.min_cluster_size={merge.min_cluster_size} "
        f"(the largest has {sizes[order[0]]} stores)"
    )
    if merge.none_reaches_floor == "error":
        raise StageError(f"{text}; lower it, or set merge.none_reaches_floor=one_cluster")
    return order[is_complete.argmax(), None], f"{text}; all its stores form one cluster"


def _move(
    found: Repaired, moved: NDArray[np.int64], targets: NDArray[np.int64], squares: Matrix
) -> None:
    """Fill in where the stores `moved` go, by their squared distances (n_moved, n_targets)."""
    # ten decimals: nearer ties are ties, and the first target, the largest, wins
    distance = np.round(np.sqrt(squares), 10)
    rows, nearest = np.arange(len(moved)), distance.argmin(axis=1)
    found.final[moved], found.distance[moved] = targets[nearest], distance[rows, nearest]
    distance[rows, nearest] = np.inf
    second = distance.argmin(axis=1)
    found.runner_up_distance[moved] = distance[rows, second]
    found.runner_up[moved] = np.where(np.isfinite(distance[rows, second]), targets[second], NONE)
