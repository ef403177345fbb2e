"""What changed between two runs: movers, splits, merges, drift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from clustering.errors import DataError
from clustering.methods.continuity.matching import match
from clustering.registry import BY_KEY, MERGE, TRACKS
from clustering.results.comparison.agreement import agreement_by_category
from clustering.results.comparison.by_chance import movers_by_chance
from clustering.results.comparison.drift import drift
from clustering.results.comparison.movers import FINAL, KEY, in_order, movers
from clustering.store.catalog import Catalog

# a flow counts as part of a split or a merge from this share of the cluster's stores on
PART = 0.25


@dataclass(frozen=True)
class Changes:
    """The tables of a diff. Tracks are internal, external and final; clusters are text; stores are
    those of both runs.

    categories: stores, retention (share of stores whose cluster continues), ari, movers, appeared
    and gone (stores of one run only), clusters_before, clusters_after, by_chance (movers to expect
    if only the sample of sales changed; internal track alone). clusters: cluster (of either run),
    continued_by, stores_before, stayed, retention, fate (continued, split, merged, retired,
    new). flows: from_cluster, to_cluster, stores, share_of_from, share_of_to, is_move, part_of
    (split, merge or null). movers: store_nbr, from_cluster, to_cluster, their names, probability,
    margin, assigned_by, changes (in words). drift: feature, psi, jensen_shannon, mean_before,
    mean_after (see comparison.drift).
    """

    categories: pl.DataFrame
    clusters: pl.DataFrame
    flows: pl.DataFrame
    movers: pl.DataFrame
    drift: pl.DataFrame

    def tables(self) -> dict[str, pl.DataFrame]:
        return {
            name: getattr(self, name)
            for name in ("categories", "clusters", "flows", "movers", "drift")
        }


def changes(before: Catalog, after: Catalog) -> Changes:
    """Compare two runs; raises DataError where they share no finished track.

    Where `after` continues `before`, equal codes are the same cluster; else clusters are matched by
    the stores they share.
    """
    both, own = [], []
    for track in (FINAL, *TRACKS):
        one, other = _labels(before, track), _labels(after, track)
        if one is not None and other is not None:
            both.append(_continued(track, one, other, _is_baseline(before, after, track)))
            own.append(_counts(track, one, other))
    if not both:
        raise DataError(
            f"{before.name} and {after.name} have no finished track in common; run first: "
            "clustering run"
        )
    labels = pl.concat(both)
    flows = _flows(labels)
    drifts, moves = drift(before, after), labels.filter(~pl.col("stays"))
    return Changes(
        _categories(labels, pl.concat(own)).join(
            movers_by_chance(before, after), on=KEY, how="left", maintain_order="left"
        ),
        _clusters(labels, flows),
        flows,
        movers(moves, before, after),
        drifts,
    )


def _labels(catalog: Catalog, track: str) -> pl.DataFrame | None:
    """category, store_nbr, cluster (text)."""
    stage = MERGE if track == FINAL else BY_KEY[f"{track}/assign"]
    if catalog.manifest(stage) is None:
        return None
    column = "final_cluster" if track == FINAL else "cluster"
    return catalog.read(stage, "assignments").select(
        "category", "store_nbr", pl.col(column).cast(pl.String).alias("cluster")
    )


def _is_baseline(before: Catalog, after: Catalog, track: str) -> bool:
    """Whether the clusters of `after` were numbered as those of `before`."""
    stage = MERGE if track == FINAL else BY_KEY[f"{track}/assign"]
    old, new = before.manifest(stage), after.manifest(stage)
    if old is None or new is None:
        return False
    read = {file.sha256 for file in new.inputs.get("baseline", [])}
    return old.outputs["assignments"].sha256 in read


def _continued(
    track: str, one: pl.DataFrame, other: pl.DataFrame, is_baseline: bool = False
) -> pl.DataFrame:
    """track, category, store_nbr, before, after, continues (the old cluster that `after` goes on
    with, or null), stays.
    """
    both = one.join(other, on=["category", "store_nbr"], suffix="_after").sort(
        "category", "store_nbr"
    )
    parts = []
    for part in both.partition_by("category"):
        named = _equal(part) if is_baseline else _matched(part)
        continues = pl.col("cluster_after").replace_strict(
            named, default=None, return_dtype=pl.String
        )
        parts.append(part.with_columns(continues.alias("continues")))
    joined = (
        pl.concat(parts) if parts else both.with_columns(pl.lit(None, pl.String).alias("continues"))
    )
    return joined.select(
        pl.lit(track).alias("track"),
        "category",
        "store_nbr",
        pl.col("cluster").alias("before"),
        pl.col("cluster_after").alias("after"),
        "continues",
        pl.col("continues").eq_missing(pl.col("cluster")).alias("stays"),
    )


def _equal(part: pl.DataFrame) -> dict[str, str]:
    """The codes that both runs have."""
    codes = set(part["cluster"]) & set(part["cluster_after"])
    return {code: code for code in codes}


def _matched(part: pl.DataFrame) -> dict[str, str]:
    """Of each new cluster the old one that it shares most stores with, if any."""
    old, new = (part[name].unique().sort().to_list() for name in ("cluster", "cluster_after"))
    before, after = (
        part[name].replace_strict({code: n for n, code in enumerate(codes, first)}).to_numpy()
        for name, codes, first in (("cluster", old, 1), ("cluster_after", new, 0))
    )
    numbers = match("", after, before, np.zeros((part.height, 1)), len(new)).numbers
    return {
        code: old[n - 1] for code, n in zip(new, numbers.tolist(), strict=True) if n <= len(old)
    }


def _counts(track: str, one: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """What each run has that the other has not."""
    key = ["category", "store_nbr"]
    gone = one.join(other, on=key, how="anti").group_by("category").len("gone")
    appeared = other.join(one, on=key, how="anti").group_by("category").len("appeared")
    counted = [
        table.group_by("category").agg(pl.col("cluster").n_unique().alias(f"clusters_{name}"))
        for name, table in (("before", one), ("after", other))
    ]
    found = counted[0]
    for table in (counted[1], gone, appeared):
        found = found.join(table, on="category", how="full", coalesce=True)
    return found.select(
        pl.lit(track).alias("track"),
        "category",
        pl.col("clusters_before", "clusters_after", "appeared", "gone").fill_null(0).cast(pl.Int64),
    )


def _categories(labels: pl.DataFrame, counts: pl.DataFrame) -> pl.DataFrame:
    kept = labels.group_by(KEY).agg(
        pl.len().cast(pl.Int64).alias("stores"),
        pl.col("stays").mean().alias("retention"),
        (~pl.col("stays")).sum().cast(pl.Int64).alias("movers"),
    )
    pairs = labels.select(
        pl.concat_str("track", "category", separator="\0").alias("category"),
        "store_nbr",
        "before",
        "after",
    )
    ari = agreement_by_category(
        pairs.select("category", "store_nbr", cluster="before"),
        pairs.select("category", "store_nbr", cluster="after"),
    ).select(
        pl.col("category").str.split_exact("\0", 1).struct.rename_fields(KEY).struct.unnest(), "ari"
    )
    found = counts.join(kept, on=KEY, how="left").join(ari, on=KEY, how="left")
    return in_order(
        found.select(
            *KEY,
            pl.col("stores", "movers").fill_null(0),
            "retention",
            "ari",
            "appeared",
            "gone",
            "clusters_before",
            "clusters_after",
        )
    )


def _flows(labels: pl.DataFrame) -> pl.DataFrame:
    counted = labels.group_by(*KEY, from_cluster="before", to_cluster="after").agg(
        pl.len().cast(pl.Int64).alias("stores"), (~pl.col("stays").all()).alias("is_move")
    )
    of_from, of_to = (
        pl.col("stores").sum().over([*KEY, name]) for name in ("from_cluster", "to_cluster")
    )
    shared = counted.with_columns(
        share_of_from=pl.col("stores") / of_from, share_of_to=pl.col("stores") / of_to
    )
    parts_of_from, parts_of_to = (
        (pl.col(f"share_of_{side}") >= PART).sum().over([*KEY, f"{side}_cluster"])
        for side in ("from", "to")
    )
    is_split = (pl.col("share_of_from") >= PART) & (parts_of_from > 1)
    is_merge = (pl.col("share_of_to") >= PART) & (parts_of_to > 1)
    part_of = (
        pl.when(is_split)
        .then(pl.lit("split"))
        .when(is_merge)
        .then(pl.lit("merge"))
        .alias("part_of")
    )
    return in_order(shared.with_columns(part_of), "from_cluster", "to_cluster").select(
        *KEY,
        "from_cluster",
        "to_cluster",
        "stores",
        "share_of_from",
        "share_of_to",
        "is_move",
        "part_of",
    )


def _clusters(labels: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    """The old clusters, and the new ones that continue none."""
    went_on = labels.drop_nulls("continues").unique([*KEY, "continues"])
    parts = flows.group_by(*KEY, cluster="from_cluster").agg(
        splits=(pl.col("part_of") == "split").any(), merges=(pl.col("part_of") == "merge").any()
    )
    old = (
        labels.group_by(*KEY, cluster="before")
        .agg(
            pl.len().cast(pl.Int64).alias("stores_before"),
            pl.col("stays").sum().cast(pl.Int64).alias("stayed"),
        )
        .join(
            went_on.select(*KEY, cluster="continues", continued_by="after"),
            on=[*KEY, "cluster"],
            how="left",
        )
        .join(parts, on=[*KEY, "cluster"], how="left")
    )
    fate = (
        pl.when("splits")
        .then(pl.lit("split"))
        .when(pl.col("continued_by").is_null() & pl.col("merges"))
        .then(pl.lit("merged"))
        .when(pl.col("continued_by").is_null())
        .then(pl.lit("retired"))
        .otherwise(pl.lit("continued"))
    )
    new = (
        labels.filter(pl.col("continues").is_null())
        .select(*KEY, cluster="after")
        .unique()
        .select(
            *KEY,
            "cluster",
            pl.lit(None, pl.String).alias("continued_by"),
            pl.lit(0, pl.Int64).alias("stores_before"),
            pl.lit(0, pl.Int64).alias("stayed"),
            pl.lit(None, pl.Float64).alias("retention"),
            pl.lit("new").alias("fate"),
        )
    )
    known = old.with_columns(
        retention=pl.col("stayed") / pl.col("stores_before"), fate=fate
    ).select(new.columns)
    # a new one may have an old one's name
    return in_order(pl.concat([known, new]), "cluster", pl.col("fate") == "new")
