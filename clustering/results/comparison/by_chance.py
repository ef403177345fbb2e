"""How many stores would move from one run to the next if only the sample of sales changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from clustering.registry import BY_KEY
from clustering.store.catalog import Catalog

TRACK = "internal"  # attributes are no samples: nothing moves there by chance
PLACED_BY_SALES = ("model", "baseline")


def movers_by_chance(before: Catalog, after: Catalog) -> pl.DataFrame:
    """Give track, category, by_chance: the expected number of movers among the stores of both runs
    that their own sales placed.

    A probability is that of being placed in the same cluster by a second sample of the same size.
    """
    assign = BY_KEY[f"{TRACK}/assign"]
    manifest = after.manifest(assign)
    if before.manifest(assign) is None or manifest is None:
        return pl.DataFrame(
            schema={"track": pl.String, "category": pl.String, "by_chance": pl.Float64}
        )
    placed = before.read(assign, "assignments").filter(pl.col("assigned_by").is_in(PLACED_BY_SALES))
    both = placed.join(after.read(assign, "assignments"), on=["category", "store_nbr"], how="semi")
    chance = chance_of_moving(both["probability"].to_numpy(), _margin(manifest.config))
    return (
        both.select(pl.lit(TRACK).alias("track"), "category", pl.Series("by_chance", chance))
        .group_by("track", "category")
        .agg(pl.col("by_chance").sum())
    )


def chance_of_moving(probability: np.ndarray, margin: float) -> np.ndarray:
    """The chance that a second sample gains at least `margin` of probability elsewhere.

    Seen from one border between two clusters, a store lies z = inverse normal of its probability
    away from it, and the second sample must put it (1 + margin) / 2 sure on the other side.
    """
    from scipy.special import ndtr, ndtri

    inside = np.clip(probability, 1e-12, 1 - 1e-12)
    further = ndtri(min((1 + margin) / 2, 1 - 1e-12))
    return np.asarray(ndtr(-(ndtri(inside) + further)))


def _margin(config: dict[str, Any]) -> float:
    baseline = config.get("baseline") or {}
    return float(baseline.get("margin") or 0.0) if baseline.get("run") else 0.0
