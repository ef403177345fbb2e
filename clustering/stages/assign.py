"""A cluster for every store, with the rule that gave it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.assignment.caps import impossible, within_caps
from clustering.assignment.discriminant import Attributes, fit_discriminant, read_attributes
from clustering.assignment.placer import Placed, Placer, gather_evidence, numbered_by_size, shares_of_like_stores
from clustering.config import Assign, Baseline, Caps
from clustering.continuity.matching import kept, match
from clustering.continuity.matching import none as no_baseline
from clustering.selection.trust import band
from clustering.transforms.table import Matrix, coordinates, read_table

Pairs = list[tuple[str, str, float]]


def assign(
    stores: pl.DataFrame, matrix: pl.DataFrame, models: dict[str, Any], assign: Assign, caps: Caps, baseline: Baseline,
    seed: int, attributes: pl.DataFrame | None = None, attribute_stores: pl.DataFrame | None = None,
    like_stores: pl.DataFrame | None = None, baseline_assignments: pl.DataFrame | None = None,
    baseline_continuity: pl.DataFrame | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Give the tables assignments, rules, trust and continuity (see schemas) and the placers of all categories.

    `models` are TrainedModel by category. Every store with coordinates follows the model, outliers and stores with poor
    history included; the others go by the next rule of assign.ladder that knows something about them. A store that only
    `attributes` knows (schemas.Values of the external track) gets a cluster in every category. Clusters are
    numbered by size, the largest first, or as those of the baseline that they continue. Then stores stay in their
    baseline's cluster for want of gain, and move where caps ask for it: both are recorded in `assigned_by`.
    """
    known = _attributes(attributes, attribute_stores, seed)
    newcomers = sorted(set(known.stores) - set(stores["store_nbr"].unique().to_list())) if known else []
    pairs: Pairs = list(like_stores.iter_rows()) if like_stores is not None else []
    old = _old_numbers(baseline_assignments)
    used = _largest_used(baseline_assignments, baseline_continuity)
    parts = matrix.partition_by("category", as_dict=True)
    found = {}
    for key in sorted(parts):
        category = str(key[0])
        before = old.get(category, {}), used.get(category, 0)
        found[category] = _category(parts[key], models[category], known, newcomers, pairs, assign, caps, baseline, *before)
    return {
        "assignments": pl.concat([one.frame for one in found.values()]),
        "rules": pl.concat([_rules(category, one) for category, one in found.items()]),
        "trust": pl.concat([_trust(category, models[category], one.placer) for category, one in found.items()]),
        "continuity": pl.concat([one.continuity for one in found.values()]),
        "placers": {category: one.placer for category, one in found.items()},
    }


def _attributes(attributes: pl.DataFrame | None, stores: pl.DataFrame | None, seed: int) -> Attributes | None:
    if attributes is None or stores is None:
        return None
    return read_attributes(read_table(attributes, stores), seed)


def _old_numbers(baseline: pl.DataFrame | None) -> dict[str, dict[str, int]]:
    """By category, the cluster of each store in the baseline."""
    found: dict[str, dict[str, int]] = {}
    if baseline is not None:
        for category, store, cluster in baseline.select("category", "store_nbr", "cluster").iter_rows():
            found.setdefault(category, {})[store] = cluster
    return found


def _largest_used(*tables: pl.DataFrame | None) -> dict[str, int]:
    """By category, the largest number a cluster ever had: retired numbers are not given again."""
    parts = [table.select("category", "cluster") for table in tables if table is not None]
    return dict(pl.concat(parts).group_by("category").agg(pl.col("cluster").max()).iter_rows()) if parts else {}


@dataclass
class _Assigned:
    frame: pl.DataFrame
    placer: Placer
    continuity: pl.DataFrame
    notes: dict[str, str]  # by rule


def _category(
    matrix: pl.DataFrame, model: Any, attributes: Attributes | None, newcomers: list[str], pairs: Pairs, assign: Assign,
    caps: Caps, baseline: Baseline, old: dict[str, int], used: int,
) -> _Assigned:  # fmt: skip
    category, names = str(matrix["category"][0]), matrix["store_nbr"].to_list() + newcomers
    known = matrix["components"].is_not_null().to_numpy()
    present, information = coordinates(matrix["components"]), _column(matrix["information"])
    placer = numbered_by_size(model.placement, model.cohesion, present, information[known])
    labels = placer.by_model(present, information[known]).argmax(axis=1)
    clusters = dict(zip(matrix.filter(pl.Series(known))["store_nbr"].to_list(), labels.tolist(), strict=True))
    like = shares_of_like_stores(names, pairs, clusters, placer.k)
    evidence = gather_evidence(names, _with_unknown(present, known), information, attributes, like)
    placer.discriminant = fit_discriminant(evidence.attributes[: len(known)][known], labels, placer.k)
    placer.attributes = attributes.transformers if attributes else None
    placed = placer.place(evidence, assign.ladder)
    continuity, notes = no_baseline(category), {}
    if old:
        before = np.array([old.get(name, 0) for name in names], dtype=np.int64)
        matched = match(category, placed.labels, before, evidence.X, placer.k, used)
        placer.numbers, continuity = matched.numbers, matched.table
        placed, notes["baseline"] = _kept(placed, placer.labels_of(before), baseline.margin)
    placed, notes["caps"] = _capped(placed, caps)
    is_outlier = np.append(matrix["is_outlier"].to_numpy(), np.zeros(len(newcomers), dtype=bool))
    is_outlier[np.flatnonzero(known & matrix["is_fitted"].to_numpy())] |= model.strays
    frame = assignments(category, names, placed, placer).with_columns(pl.Series("is_outlier", is_outlier)).sort("store_nbr")
    return _Assigned(frame, placer, continuity, notes)


def _kept(placed: Placed, old: NDArray[np.int64], margin: float) -> tuple[Placed, str]:
    """Stores stay where moving gains less than the margin; what that costs, in words."""
    stays = kept(placed.labels, placed.probabilities, old, margin)
    if not stays.any():
        return placed, ""
    changed = _moved(placed, np.where(stays, old, placed.labels), "baseline")
    cost = _own(placed)[stays].mean() - _own(changed)[stays].mean()
    return changed, f"stayed in their cluster: moving would have gained {cost:.2f} of probability on average"


def _capped(placed: Placed, caps: Caps) -> tuple[Placed, str]:
    """Stores move where sizes must respect the caps; what that costs, or which cap cannot hold."""
    if caps == Caps():
        return placed, ""
    n, k = placed.probabilities.shape
    if problem := impossible(caps, n, k):
        return placed, problem
    changed = _moved(placed, within_caps(placed.probabilities, placed.labels, caps), "caps")
    moved = changed.labels != placed.labels
    cost = (_own(placed)[moved] - _own(changed)[moved]).mean() if moved.any() else 0.0
    return changed, f"moved to keep sizes within the caps, for {cost:.2f} of probability on average" if moved.any() else ""


def _own(placed: Placed) -> Matrix:
    return np.asarray(placed.probabilities[np.arange(len(placed.labels)), placed.labels])


def _moved(placed: Placed, labels: NDArray[np.int64], rule: str) -> Placed:
    by = placed.assigned_by.copy()
    by[labels != placed.labels] = rule
    return Placed(placed.probabilities, labels, by)


def _column(values: pl.Series) -> Matrix:
    return np.asarray(values.cast(pl.Float64).fill_null(np.nan).to_numpy())


def _with_unknown(present: Matrix, known: NDArray[np.bool_]) -> Matrix:
    X = np.full((len(known), present.shape[1]), np.nan)
    X[known] = present
    return X


def assignments(category: str, stores: list[str], placed: Placed, placer: Placer) -> pl.DataFrame:
    """Give schemas.Assignments of one category, but for is_outlier; nine decimals hide the rounding of sums."""
    rows, (n, k) = np.arange(len(stores)), placed.probabilities.shape
    own = placed.probabilities[rows, placed.labels]
    others = placed.probabilities.copy()
    others[rows, placed.labels] = -1
    second = others.argmax(axis=1)
    several = k > 1
    return pl.DataFrame(
        {
            "category": pl.Series([category] * n, dtype=pl.String),
            "store_nbr": pl.Series(stores, dtype=pl.String),
            "cluster": placer.published[placed.labels],
            "probability": np.round(np.clip(own, 0, 1), 9),
            "assigned_by": pl.Series(placed.assigned_by.astype(str), dtype=pl.String),
            "next_cluster": pl.Series(placer.published[second] if several else [None] * n, dtype=pl.Int64),
            "margin": pl.Series(np.round(own - others[rows, second], 9) if several else [None] * n, dtype=pl.Float64),
        }
    )


def _rules(category: str, found: _Assigned) -> pl.DataFrame:
    """How many stores each rule placed, what attributes are worth as a rule, and what baseline and caps cost."""
    counted = found.frame.group_by("assigned_by").agg(pl.len().cast(pl.Int64).alias("stores")).rename({"assigned_by": "rule"})
    judged, notes = found.placer.discriminant, {rule: note for rule, note in found.notes.items() if note}
    told = [rule for rule in [*notes, *(["external_attributes"] if judged else [])] if rule not in counted["rule"]]
    counted = pl.concat([counted, pl.DataFrame({"rule": told, "stores": [0] * len(told)}, schema=counted.schema)])
    by_attributes = pl.col("rule") == "external_attributes"
    if judged is not None:
        gain = judged.accuracy - judged.baseline
        better = f"{gain:+.0%} of stores placed right than by the largest cluster"
        notes["external_attributes"] = f"{better}, in cross-validation" + (
            "" if judged.is_better else ": no better than chance, so not used"
        )
    return counted.select(
        pl.lit(category).alias("category"), "rule", "stores",
        pl.when(by_attributes).then(pl.lit(judged.accuracy if judged else None, pl.Float64)).alias("accuracy"),
        pl.when(by_attributes).then(pl.lit(judged.baseline if judged else None, pl.Float64)).alias("accuracy_of_largest"),
        pl.col("rule").replace_strict(notes, default=None, return_dtype=pl.String).alias("note"),
    ).sort("rule")  # fmt: skip


def _trust(category: str, model: Any, placer: Placer) -> pl.DataFrame:
    """Bootstrap Jaccard similarities by published cluster; no rows where train did not compute them."""
    found = model.jaccard[placer.order].tolist() if model.jaccard is not None else []
    return pl.DataFrame(
        {
            "category": [category] * len(found),
            "cluster": placer.published[: len(found)],
            "jaccard": found,
            "trust": map(band, found),
        },
        schema={"category": pl.String, "cluster": pl.Int64, "jaccard": pl.Float64, "trust": pl.String},
    )
