"""The quality of a run in a few numbers: weighted means over categories."""

from __future__ import annotations

import math

import polars as pl

from clustering.registry import BY_KEY
from clustering.store.catalog import Catalog

OF_SELECTION = ("heldout_r2", "stability", "prediction_strength")


def main_track(catalog: Catalog) -> str:
    """The track a run is judged by: internal, or external where only that was run."""
    return next(
        (track for track in ("internal", "external") if catalog.manifest(BY_KEY[f"{track}/train"])),
        "internal",
    )


def objective(catalog: Catalog, metric: str) -> float | None:
    """One metric of the main track; None where the run did not get that far or the metric was not
    computed.
    """
    track = main_track(catalog)
    if catalog.manifest(BY_KEY[f"{track}/train"]) is None:
        return None
    if metric in OF_SELECTION:
        return _mean(_chosen(catalog, track), metric)
    if catalog.manifest(BY_KEY[f"{track}/analyze"]) is None:
        return None
    return _mean(_metrics(catalog, track), metric)


def measurements(catalog: Catalog) -> dict[str, float | None]:
    """The numbers of the leaderboard."""
    track = main_track(catalog)
    found: dict[str, float | None] = {}
    if catalog.manifest(BY_KEY[f"{track}/train"]):
        chosen = _chosen(catalog, track)
        found |= {
            "k": float(chosen["k"].mean()),  # type: ignore[arg-type]
            "heldout_r2": _mean(chosen, "heldout_r2"),
            "heldout_r2_se": _standard_error(chosen),
            "stability": _mean(chosen, "stability"),
        }
    if catalog.manifest(BY_KEY[f"{track}/analyze"]):
        metrics = _metrics(catalog, track)
        found |= {
            "r2": _mean(metrics, "r2"),
            "silhouette": _mean(metrics, "silhouette"),
            "largest_share": _mean(metrics, "largest_share"),
            "smallest_cluster": float(metrics["smallest_cluster"].min()),  # type: ignore[arg-type]
        }
    if catalog.manifest(BY_KEY["merged"]):
        final = catalog.read(BY_KEY["merged"], "summary")["final_k"]
        found["final_k"] = float(final.mean())  # type: ignore[arg-type]
    return found


def _chosen(catalog: Catalog, track: str) -> pl.DataFrame:
    """The row of the chosen k of every category, with its weight."""
    stores = catalog.read(BY_KEY[f"{track}/preprocess"], "stores")
    weights = stores.group_by("category").agg(
        pl.when(pl.col("sales").sum() > 0)
        .then(pl.col("sales").sum())
        .otherwise(pl.len())
        .alias("weight")
    )
    chosen = catalog.read(BY_KEY[f"{track}/train"], "selection").filter("chosen")
    return chosen.join(weights, on="category", maintain_order="left")


def _metrics(catalog: Catalog, track: str) -> pl.DataFrame:
    table = catalog.read(BY_KEY[f"{track}/analyze"], "metrics")
    wide = table.pivot("metric", index="category", values="value", maintain_order=True)
    weight = pl.col("sales") if wide["sales"].sum() > 0 else pl.col("stores")
    return wide.with_columns(weight.fill_null(0.0).alias("weight"))


def _mean(table: pl.DataFrame, column: str) -> float | None:
    known = table.drop_nulls(column)
    total = float(known["weight"].sum())
    return float((known[column] * known["weight"]).sum()) / total if total > 0 else None


def _standard_error(chosen: pl.DataFrame) -> float | None:
    """Of the weighted mean of the held-out R2; categories are taken as independent."""
    known = chosen.drop_nulls("heldout_r2_se")
    total = float(known["weight"].sum())
    return (
        math.sqrt(float(((known["heldout_r2_se"] * known["weight"]) ** 2).sum())) / total
        if total > 0
        else None
    )
