"""How the merge went, by category, with a warning where clusters were lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from clustering.config import Caps
from clustering.methods.merging.category import MergedCategory
from clustering.methods.merging.explained import Explained, explained
from clustering.methods.merging.joint_space import JointSpace
from clustering.methods.merging.mixes import Mix, shares

NOTHING = Explained(None, None)


def kept(found: MergedCategory, mix: Mix | None, space: JointSpace) -> dict[str, float | None]:
    """What final clusters explain of the mix, and the ratio of what they explain to what the
    clusters of each track explain.
    """
    _, final = np.unique(found.final.astype(str), return_inverse=True)
    ratios: dict[str, float | None] = {}
    sells = found.labels.row < len(found.labels.internal)
    of_mix = of_internal = of_external = of_surroundings = NOTHING
    if mix is not None:
        weight = mix.sales.sum(axis=1) * sells
        of_mix = explained(shares(mix.sales), weight, final)
        of_internal = explained(shares(mix.sales), weight, found.labels.row)
    is_placed = found.labels.column < len(found.labels.external)
    known = (space.external_known & is_placed & found.stores["counts"].to_numpy()).astype(float)
    if known.any():
        of_surroundings = explained(space.external, known, final)
        of_external = explained(space.external, known, found.labels.column)
    for track, one, other in (
        ("internal", of_mix, of_internal),
        ("external", of_surroundings, of_external),
    ):
        ratios[f"kept_{track}"] = _ratio(one.r2, other.r2)
        ratios[f"kept_{track}_by_mates"] = _ratio(one.by_mates, other.by_mates)
    ratios["captured"] = of_mix.r2
    return ratios


def _ratio(one: float | None, other: float | None) -> float | None:
    """None where the track explains nothing that could be kept."""
    return None if one is None or other is None or other <= 1e-9 else one / other


def summary(
    categories: Sequence[MergedCategory],
    ratios: Sequence[dict[str, float | None]],
    assignments: pl.DataFrame,
    caps: Mapping[str, Caps],
) -> pl.DataFrame:
    """Give schemas.MergeSummary of the final assignments, after overrides; `caps` by category."""
    sizes = (
        assignments.group_by("category", "final_cluster")
        .agg(
            pl.len().alias("size"),
            pl.col("status").is_in(["both", "internal_only"]).sum().alias("selling"),
            pl.col("reassigned").sum().alias("joined"),
        )
        .sort("category", "final_cluster")
        .rows_by_key("category", named=True)
    )
    rows = [
        _row(found, ratio, sizes.get(found.category, []), caps[found.category])
        for found, ratio in zip(categories, ratios, strict=True)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def _row(
    found: MergedCategory,
    ratios: dict[str, float | None],
    finals: Sequence[dict[str, Any]],
    caps: Caps,
) -> dict[str, Any]:
    sizes = {row["final_cluster"]: row["size"] for row in finals}
    members = found.cells.members
    selling = {row["final_cluster"]: row["selling"] for row in finals}
    counted = selling if any(selling.values()) else sizes
    problems = [*_lost(found, caps), *_too_small(found, counted), *_too_large(sizes, caps)]
    return {
        "category": found.category,
        "stores": sum(sizes.values()),
        "internal_k": int((members[:-1].sum(axis=1) > 0).sum()),
        "external_k": int((members[:, :-1].sum(axis=0) > 0).sum()),
        "final_k": len(sizes),
        "floor": found.floor,
        **ratios,
        "joined": sum(row["joined"] for row in finals),
        "smallest": min(sizes.values(), default=0),
        "largest": max(sizes.values(), default=0),
        "warning": f"category {found.category}: {'; '.join(problems)}" if problems else None,
    }


def _lost(found: MergedCategory, caps: Caps) -> list[str]:
    """Which internal clusters the final ones do not tell apart, and why."""
    internal = found.cells.stores[:-1].sum(axis=1)
    there = np.flatnonzero(internal > 0)
    finals = len(set(found.final.tolist()))
    reason = f"a cluster needs {found.floor} stores, one of them with enough history"
    if caps.max_clusters and finals == caps.max_clusters:
        reason = f"caps.max_clusters={caps.max_clusters} allows no more"
    if found.leads != "internal":
        few = f"{finals} final cluster{'s' if finals > 1 else ''} of {len(there)} internal ones"
        return [f"{few}; {reason}"] if finals < len(there) else []
    mixes = found.codes.mix[:-1, 0]
    joins = []
    for row in there:
        same = there[mixes[there] == mixes[row]]
        largest = same[internal[same].argmax()]
        if largest != row:
            one, other = found.labels.internal[row], found.labels.internal[largest]
            stores = f"{internal[row]:.0f} store{'s' if internal[row] != 1 else ''}"
            joins.append(f"{one} ({stores}) joined {other}")
    if not joins:
        return []
    left = len(there) - len(joins)
    return [f"{left} of {len(there)} internal clusters are left: {', '.join(joins)}; {reason}"]


def _too_small(found: MergedCategory, sizes: dict[str, int]) -> list[str]:
    return [
        f"final cluster {code} has {size} stores, below the floor of {found.floor}"
        for code, size in sizes.items()
        if size < found.floor
    ]


def _too_large(sizes: dict[str, int], caps: Caps) -> list[str]:
    return [
        f"final cluster {code} has {size} stores, above caps.max_size={caps.max_size}: "
        "whole cells cannot be divided"
        for code, size in sizes.items()
        if caps.max_size and size > caps.max_size
    ]


SCHEMA = {
    "category": pl.String,
    "stores": pl.Int64,
    "internal_k": pl.Int64,
    "external_k": pl.Int64,
    "final_k": pl.Int64,
    "floor": pl.Int64,
    "captured": pl.Float64,
    "kept_internal": pl.Float64,
    "kept_internal_by_mates": pl.Float64,
    "kept_external": pl.Float64,
    "kept_external_by_mates": pl.Float64,
    "joined": pl.Int64,
    "smallest": pl.Int64,
    "largest": pl.Int64,
    "warning": pl.String,
}
