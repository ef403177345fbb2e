"""A few numbers about what a stage found, for its manifest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars as pl

QUALITY = ("k", "silhouette", "r2", "mean_probability")


def measures(outputs: Mapping[str, Any]) -> dict[str, float]:
    """Numbers by name, from the tables a stage wrote; over categories the lowest, the median and
    the highest.

    From `verdicts` k; from `metrics` k, silhouette, r2 and mean probability; from the merge's
    `summary` the categories, stores, joined stores and final clusters in all.
    """
    found: dict[str, float] = {}
    if "verdicts" in outputs:
        found |= _spread("k", outputs["verdicts"]["k"])
    if "metrics" in outputs:
        by_metric = outputs["metrics"].partition_by("metric", as_dict=True)
        for metric in QUALITY:
            found |= _spread(metric, by_metric[(metric,)]["value"])
    if "summary" in outputs:
        summary = outputs["summary"]
        found["categories"] = float(summary.height)
        found |= {name: float(summary[name].sum()) for name in ("stores", "joined", "final_k")}
    return found


def _spread(name: str, values: pl.Series) -> dict[str, float]:
    known = values.drop_nulls()
    if known.is_empty():
        return {}
    return {
        f"{name}_{word}": float(value)  # type: ignore[arg-type]
        for word, value in (
            ("lowest", known.min()),
            ("median", known.median()),
            ("highest", known.max()),
        )
    }
