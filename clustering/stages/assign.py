"""A cluster for every store, with the rule that gave it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.config import Assign, Baseline, Caps
from clustering.methods.assignment.caps import impossible, within_caps
from clustering.methods.assignment.discriminant import Attributes, fit_discriminant, read_attributes
from clustering.methods.assignment.layout import CategoryStores, all_stores, cut, spread_out
from clustering.methods.assignment.placer import (
    RULES,
    Evidence,
    Placed,
    Placer,
    numbered_by_size,
    shares_of_like_stores,
)
from clustering.methods.assignment.tables import assignments, rules
from clustering.methods.continuity.matching import kept, match
from clustering.methods.continuity.matching import none as no_baseline
from clustering.methods.fitting.space import Labels
from clustering.methods.selection.trust import band
from clustering.methods.transforms.table import read_table

Pairs = list[tuple[str, str, float]]


def assign(
    stores: pl.DataFrame,
    matrix: pl.DataFrame,
    models: dict[str, Any],
    assign: Assign,
    caps: Caps,
    baseline: Baseline,
    seed: int,
    attributes: pl.DataFrame | None = None,
    attribute_stores: pl.DataFrame | None = None,
    like_stores: pl.DataFrame | None = None,
    baseline_assignments: pl.DataFrame | None = None,
    baseline_continuity: pl.DataFrame | None = None,
    own_caps: Mapping[str, Caps] | None = None,
) -> dict[str, Any]:
    """Give the tables assignments, rules, trust and continuity (see schemas) and the placers of all
    categories.

    `models` are TrainedModel by category. Every store with coordinates follows the model, outliers
    and stores with poor history included; the others go by the next rule of assign.ladder that
    knows something about them. Every store of any category, or of `attributes` (schemas.Values of
    the external track), gets a cluster in every category, unless assign.stores says otherwise.
    Clusters are numbered by size, the largest first, or as those of the baseline that they
    continue. Then stores stay in their baseline's cluster where moving gains too little, and move
    where caps ask for it (`own_caps` are those of single categories): both are recorded in
    `assigned_by`.
    """
    known = _attributes(attributes, attribute_stores, seed)
    everyone = all_stores(
        matrix, known.stores if known else [], baseline_assignments, assign.stores
    )
    pairs: Pairs = list(like_stores.iter_rows()) if like_stores is not None else []
    continues = (
        set(baseline_assignments["category"].unique())
        if baseline_assignments is not None
        else set()
    )
    used = _largest_used(baseline_assignments, baseline_continuity)
    found: dict[str, _Assigned] = {}
    for category, part in cut(everyone).items():
        placed, placer = _placed(part, models[category], known, pairs, assign.ladder)
        one = found[category] = _Assigned(placed, placer)
        one.notes["model"] = models[category].note
        if category in continues:
            _continue(one, category, part, baseline, used[category])
        one.placed, one.notes["caps"] = _capped(one.placed, (own_caps or {}).get(category, caps))
    assigned = assignments(everyone, [(one.placed, one.placer) for one in found.values()])
    placers = {category: one.placer for category, one in found.items()}
    return {
        "assignments": assigned.with_columns(_outliers(everyone, models, list(found))).sort(
            "category", "store_nbr"
        ),
        "rules": rules(
            assigned,
            {category: placer.discriminant for category, placer in placers.items()},
            {category: one.notes for category, one in found.items()},
        ),
        "trust": _trust(models, placers),
        "continuity": pl.concat(
            [
                no_baseline(),
                *(one.continuity for one in found.values() if one.continuity is not None),
            ]
        ),
        "placers": placers,
    }


def _attributes(
    attributes: pl.DataFrame | None, stores: pl.DataFrame | None, seed: int
) -> Attributes | None:
    if attributes is None or stores is None:
        return None
    return read_attributes(read_table(attributes, stores), seed)


def _largest_used(*tables: pl.DataFrame | None) -> dict[str, int]:
    """By category, the largest number a cluster ever had: retired numbers are not given again."""
    parts = [table.select("category", "cluster") for table in tables if table is not None]
    return (
        dict(pl.concat(parts).group_by("category").agg(pl.col("cluster").max()).iter_rows())
        if parts
        else {}
    )


@dataclass
class _Assigned:
    placed: Placed
    placer: Placer
    continuity: pl.DataFrame | None = None
    notes: dict[str, str] = field(default_factory=dict)  # by rule


def _placed(
    part: CategoryStores, model: Any, attributes: Attributes | None, pairs: Pairs, ladder: list[str]
) -> tuple[Placed, Placer]:
    """The stores of a category placed by the ladder of rules, and what places more of them."""
    by_model = model.placement.responsibilities(part.present, part.information[part.known])
    placer = numbered_by_size(model.placement, part.present, by_model.argmax(axis=1))
    by_model = by_model[:, placer.order]
    labels = by_model.argmax(axis=1)
    of_stores = (
        attributes.rows(part.attribute_rows) if attributes else np.zeros((len(part.known), 0))
    )
    placer.discriminant = fit_discriminant(
        of_stores if part.known.all() else of_stores[part.known], labels, placer.k
    )
    placer.attributes = attributes.transformers if attributes else None
    like = _like(part, pairs, labels, placer.k)
    evidence = Evidence(part.X, part.information, of_stores, like, spread_out(by_model, part.known))
    return placer.place(evidence, ladder), placer


def _like(part: CategoryStores, pairs: Pairs, labels: Labels, k: int) -> Matrix:
    if not pairs:
        return np.full((len(part.known), k), np.nan)
    of_model = part.names.filter(pl.Series(part.known)).to_list()
    return shares_of_like_stores(
        part.names.to_list(), pairs, dict(zip(of_model, labels.tolist(), strict=True)), k
    )


def _continue(
    one: _Assigned, category: str, part: CategoryStores, baseline: Baseline, used: int
) -> None:
    """Number the clusters as those of the baseline that they continue, and keep stores where moving
    gains too little.
    """
    matched = match(category, one.placed.labels, part.old, part.X, one.placer.k, used)
    one.placer.numbers, one.continuity = matched.numbers, matched.table
    one.placed, one.notes["baseline"] = _kept(
        one.placed, one.placer.labels_of(part.old), baseline.margin
    )


def _kept(placed: Placed, old: NDArray[np.int64], margin: float) -> tuple[Placed, str]:
    """Stores stay where moving gains less than the margin; what that costs, in words."""
    stays = kept(placed.labels, placed.probabilities, old, margin)
    if not stays.any():
        return placed, ""
    changed = _moved(placed, np.where(stays, old, placed.labels), "baseline")
    cost = _own(placed)[stays].mean() - _own(changed)[stays].mean()
    return (
        changed,
        f"stayed in their cluster: moving would have gained {cost:.2f} of probability on average",
    )


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
    return (
        changed,
        f"moved to keep sizes within the caps, for {cost:.2f} of probability on average"
        if moved.any()
        else "",
    )


def _own(placed: Placed) -> Matrix:
    return np.asarray(placed.probabilities[np.arange(len(placed.labels)), placed.labels])


def _moved(placed: Placed, labels: NDArray[np.int64], rule: str) -> Placed:
    by = placed.assigned_by.copy()
    by[labels != placed.labels] = RULES.index(rule)
    return Placed(placed.probabilities, labels, by)


def _outliers(stores: pl.DataFrame, models: dict[str, Any], categories: list[str]) -> pl.Series:
    """The outliers among `stores`, and the fitted ones that the model itself put in no cluster."""
    is_outlier = stores["is_outlier"].to_numpy().copy()
    fitted = (
        stores.select(pl.col("components").is_not_null() & pl.col("is_fitted"))
        .to_series()
        .to_numpy()
    )
    is_outlier[np.flatnonzero(fitted)] |= np.concatenate(
        [models[category].strays for category in categories]
    )
    return pl.Series("is_outlier", is_outlier)


def _trust(models: dict[str, Any], placers: dict[str, Placer]) -> pl.DataFrame:
    """Bootstrap Jaccard similarities by published cluster; no rows where train did not compute
    them.
    """
    rows = [
        (category, cluster, jaccard, band(jaccard))
        for category, placer in placers.items()
        if models[category].jaccard is not None
        for cluster, jaccard in zip(
            placer.published.tolist(), models[category].jaccard[placer.order].tolist(), strict=True
        )
    ]
    schema = {"category": pl.String, "cluster": pl.Int64, "jaccard": pl.Float64, "trust": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
