"""Drift: how the distribution of every feature changed between two runs.

Both measures compare shares of stores in the same bins: deciles of the earlier run, or the levels
of a categorical attribute. The population stability index is the symmetric Kullback-Leibler
divergence of credit scoring, whose usual cut-offs (0.1 some, 0.25 much) are conventions, not tests:
with few stores chance alone exceeds them. The Jensen-Shannon distance is bounded by 0 and 1 (base
2; Endres and Schindelin 2003).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.spatial.distance import jensenshannon

from clustering.registry import BY_KEY, TRACKS
from clustering.store.catalog import Catalog

CAVEAT = (
    "PSI limits (0.1 some drift, 0.25 much) are conventions, not tests; with few stores, chance "
    "alone exceeds them"
)
MIX = "(sales mix of all stores)"
SCHEMA: dict[str, Any] = {
    "track": pl.String,
    "category": pl.String,
    "feature": pl.String,
    "stores_before": pl.Int64,
    "stores_after": pl.Int64,
    "psi": pl.Float64,
    "jensen_shannon": pl.Float64,
    "mean_before": pl.Float64,
    "mean_after": pl.Float64,
}
BINS = np.linspace(0, 1, 11)[1:-1]


def drift(before: Catalog, after: Catalog) -> pl.DataFrame:
    """Give SCHEMA, the most drifted features first: shares of need states by store, values of
    attributes, the mix of all.

    Features that only one run has are left out; their stores are in the tables of either run.
    """
    rows: list[tuple[Any, ...]] = []
    for track in TRACKS:
        stage = BY_KEY[f"{track}/preprocess"]
        if before.manifest(stage) is None or after.manifest(stage) is None:
            continue
        old, new = (
            _by_feature(catalog.read(stage, "values"), track) for catalog in (before, after)
        )
        rows += [
            (track, *key, *_row(old[key], new[key])) for key in sorted(old.keys() & new.keys())
        ]
        if track == "internal":
            rows += _mixes(old, new)
    table = pl.DataFrame(rows, schema=SCHEMA, orient="row")
    return table.sort("track", "category", "psi", "feature", descending=[True, False, True, False])


def _by_feature(values: pl.DataFrame, track: str) -> dict[tuple[str, str], pl.DataFrame]:
    if track == "internal":
        total = pl.col("value").sum().over(["category", "store_nbr"])
        values = values.with_columns(
            sales=pl.col("value"), value=(pl.col("value") / total).fill_nan(None)
        )
    parts = values.partition_by("category", "feature", as_dict=True)
    return {(str(key[0]), str(key[1])): part for key, part in parts.items()}


def _row(old: pl.DataFrame, new: pl.DataFrame) -> tuple[Any, ...]:
    if old["level"].count() or new["level"].count():
        levels = sorted({*old["level"].drop_nulls(), *new["level"].drop_nulls()})
        counts = [part["level"].value_counts() for part in (old, new)]
        found = [dict(count.iter_rows()) for count in counts]
        a, b = (np.array([count.get(level, 0) for level in levels], dtype=float) for count in found)
        return old.height, new.height, *_divergences(a, b), None, None
    x, y = (part["value"].drop_nulls().to_numpy() for part in (old, new))
    if not len(x) or not len(y):
        return len(x), len(y), None, None, None, None
    edges = np.unique(np.quantile(x, BINS))
    # left-closed bins: a value that many stores share, such as 0, has its own where it is an edge
    a, b = (
        np.bincount(np.searchsorted(edges, each, side="right"), minlength=len(edges) + 1)
        for each in (x, y)
    )
    return len(x), len(y), *_divergences(a, b), float(x.mean()), float(y.mean())


def _mixes(
    old: dict[tuple[str, str], pl.DataFrame], new: dict[tuple[str, str], pl.DataFrame]
) -> list[tuple[Any, ...]]:
    """The sales of a category by need state, all stores together."""
    sums: dict[str, list[dict[str, float]]] = {}
    for place, parts in enumerate((old, new)):
        for (category, feature), part in parts.items():
            sums.setdefault(category, [{}, {}])[place][feature] = float(part["sales"].sum())
    rows = []
    for category, (a, b) in sums.items():
        if a and b:
            names = sorted({*a, *b})
            x, y = (np.array([one.get(name, 0.0) for name in names]) for one in (a, b))
            rows.append(
                ("internal", category, MIX, None, None, *_divergences(x, y, 0.0), None, None)
            )
    return rows


def _divergences(
    a: NDArray[Any], b: NDArray[Any], smoothing: float = 0.5
) -> tuple[float | None, float | None]:
    """PSI and Jensen-Shannon distance of two histograms; `smoothing` counts keep an empty bin from
    being infinite.
    """
    if not a.sum() or not b.sum():
        return None, None
    p, q = ((each + smoothing) / (each + smoothing).sum() for each in (a, b))
    floor = 1e-6
    ratio = np.log(np.maximum(p, floor) / np.maximum(q, floor))
    return float(((p - q) * ratio).sum()), float(np.nan_to_num(jensenshannon(p, q, base=2)))
