"""A cluster for every store, with the rule that gave it."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.assignment.discriminant import Attributes, fit_discriminant, read_attributes
from clustering.assignment.placer import Placed, Placer, gather_evidence, numbered_by_size, shares_of_like_stores
from clustering.config import Assign
from clustering.selection.trust import band
from clustering.transforms.table import Matrix, coordinates, read_table

Pairs = list[tuple[str, str, float]]


def assign(
    stores: pl.DataFrame, matrix: pl.DataFrame, models: dict[str, Any], assign: Assign, seed: int,
    attributes: pl.DataFrame | None = None, attribute_stores: pl.DataFrame | None = None,
    like_stores: pl.DataFrame | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Give the tables assignments, rules and trust (see schemas) and the placers of all categories.

    `models` are TrainedModel by category. Every store with coordinates follows the model, outliers and stores with poor
    history included; the others go by the next rule of assign.ladder that knows something about them. A store that only
    `attributes` knows (schemas.Values of the external track) gets a cluster in every category. Clusters are
    numbered by size, the largest first.
    """
    known = _attributes(attributes, attribute_stores, seed)
    pairs: Pairs = list(like_stores.iter_rows()) if like_stores is not None else []
    newcomers = sorted(set(known.stores) - set(stores["store_nbr"].unique().to_list())) if known else []
    parts = matrix.partition_by("category", as_dict=True)
    found = {str(key[0]): _category(parts[key], models[str(key[0])], known, newcomers, pairs, assign) for key in sorted(parts)}
    return {
        "assignments": pl.concat([frame for frame, _, _ in found.values()]),
        "rules": pl.concat([_rules(category, frame, placer) for category, (frame, _, placer) in found.items()]),
        "trust": pl.concat([_trust(category, models[category], placer) for category, (_, _, placer) in found.items()]),
        "placers": {category: placer for category, (_, _, placer) in found.items()},
    }


def _attributes(attributes: pl.DataFrame | None, stores: pl.DataFrame | None, seed: int) -> Attributes | None:
    if attributes is None or stores is None:
        return None
    return read_attributes(read_table(attributes, stores), seed)


def _category(
    matrix: pl.DataFrame, model: Any, attributes: Attributes | None, newcomers: list[str], pairs: Pairs, assign: Assign
) -> tuple[pl.DataFrame, Placed, Placer]:
    names = matrix["store_nbr"].to_list() + newcomers
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
    is_outlier = np.append(matrix["is_outlier"].to_numpy(), np.zeros(len(newcomers), dtype=bool))
    is_outlier[np.flatnonzero(known & matrix["is_fitted"].to_numpy())] |= model.strays
    frame = assignments(str(matrix["category"][0]), names, placed).with_columns(pl.Series("is_outlier", is_outlier))
    return frame.sort("store_nbr"), placed, placer


def _column(values: pl.Series) -> Matrix:
    return np.asarray(values.cast(pl.Float64).fill_null(np.nan).to_numpy())


def _with_unknown(present: Matrix, known: NDArray[np.bool_]) -> Matrix:
    X = np.full((len(known), present.shape[1]), np.nan)
    X[known] = present
    return X


def assignments(category: str, stores: list[str], placed: Placed) -> pl.DataFrame:
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
            "cluster": placed.labels + 1,
            "probability": np.round(np.clip(own, 0, 1), 9),
            "assigned_by": pl.Series(placed.assigned_by.astype(str), dtype=pl.String),
            "next_cluster": pl.Series(second + 1 if several else [None] * n, dtype=pl.Int64),
            "margin": pl.Series(np.round(own - others[rows, second], 9) if several else [None] * n, dtype=pl.Float64),
        }
    )


def _rules(category: str, frame: pl.DataFrame, placer: Placer) -> pl.DataFrame:
    """How many stores each rule placed, and what attributes are worth as a rule."""
    counted = frame.group_by("assigned_by").agg(pl.len().cast(pl.Int64).alias("stores")).rename({"assigned_by": "rule"})
    judged = placer.discriminant
    if judged is not None and "external_attributes" not in counted["rule"]:
        none = pl.DataFrame({"rule": ["external_attributes"], "stores": [0]}, schema=counted.schema)
        counted = pl.concat([counted, none])
    by_attributes = pl.col("rule") == "external_attributes"
    note = None
    if judged is not None:
        gain = judged.accuracy - judged.baseline
        better = f"{gain:+.0%} of stores placed right than by the largest cluster"
        note = f"{better}, in cross-validation" + ("" if judged.is_better else ": no better than chance, so not used")
    return counted.select(
        pl.lit(category).alias("category"), "rule", "stores",
        pl.when(by_attributes).then(pl.lit(judged.accuracy if judged else None, pl.Float64)).alias("accuracy"),
        pl.when(by_attributes).then(pl.lit(judged.baseline if judged else None, pl.Float64)).alias("accuracy_of_largest"),
        pl.when(by_attributes).then(pl.lit(note, pl.String)).alias("note"),
    ).sort("rule")  # fmt: skip


def _trust(category: str, model: Any, placer: Placer) -> pl.DataFrame:
    """Bootstrap Jaccard similarities by published cluster; no rows where train did not compute them."""
    found = model.jaccard[placer.order].tolist() if model.jaccard is not None else []
    return pl.DataFrame(
        {"category": [category] * len(found), "cluster": range(1, len(found) + 1), "jaccard": found, "trust": map(band, found)},
        schema={"category": pl.String, "cluster": pl.Int64, "jaccard": pl.Float64, "trust": pl.String},
    )
