"""The cards of the page: what is in each cluster, in words and numbers."""

from __future__ import annotations

from typing import Any

import polars as pl

from clustering.results.page.gather import Run, Track

MOST_DIFFERENCES, MOST_ACROSS = 5, 3
CLUSTER = ["category", "cluster"]
Rows = list[dict[str, Any]]


def cards(run: Run, track: Track) -> dict[str, Rows]:
    """A category's cards, one a cluster: name, numbers, rule, top differences, prototypes, boundary
    stores, and the other track's view."""
    rules, differences, across = (
        table.rows_by_key(CLUSTER, named=True)
        for table in (
            track.tables["descriptions"],
            _differences(track.tables["profiles"]),
            _strongest(run, track.name),
        )
    )
    stores = _representatives(track.tables["representatives"])
    found: dict[str, Rows] = {}
    for row in track.tables["clusters"].sort(CLUSTER).iter_rows(named=True):
        key = row["category"], row["cluster"]
        card = {
            "rule": rules[key][0],
            "differences": differences.get(key, []),
            "across": across.get(key, []),
        }
        roles = {role: stores.get((*key, role), []) for role in ("prototype", "boundary")}
        found.setdefault(row["category"], []).append(row | card | roles)
    return found


def _differences(profiles: pl.DataFrame) -> pl.DataFrame:
    return (
        profiles.sort(*CLUSTER, "rank")
        .group_by(CLUSTER, maintain_order=True)
        .head(MOST_DIFFERENCES)
    )


def _representatives(stores: pl.DataFrame) -> dict[Any, list[str]]:
    """The stores by category, cluster and role, the first first."""
    named = stores.sort("rank").group_by(*CLUSTER, "role", maintain_order=True).agg("store_nbr")
    return {tuple(key): names for *key, names in named.iter_rows()}


def _strongest(run: Run, track: str) -> pl.DataFrame:
    """The features of the other track that differ the most from the overall mean, by their
    index.
    """
    if not run.merged:
        return pl.DataFrame(schema=CLUSTER)
    far = (pl.col("index") / 100).clip(1e-3, 1e3).log().abs()
    own = run.merged["cross_profiles"].filter(pl.col("index").is_not_null(), track=track)
    ordered = own.sort(far, "feature", descending=[True, False])
    return ordered.group_by(CLUSTER, maintain_order=True).head(MOST_ACROSS)
