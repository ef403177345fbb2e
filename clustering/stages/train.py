"""Candidates for every k of one category, their scores, the verdict and the choice."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix, coordinates
from clustering.config import Caps, Features, Model, Select
from clustering.errors import StageError
from clustering.methods import models
from clustering.methods.assignment.caps import impossible
from clustering.methods.fitting.candidate import Candidate, one_cluster
from clustering.methods.fitting.placement import Placement
from clustering.methods.fitting.space import Space
from clustering.methods.selection.choose import Score
from clustering.methods.selection.decision import Allowed, Choice, decide
from clustering.methods.selection.tables import selection_table, verdicts_table
from clustering.methods.selection.trust import bootstrap_jaccard
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.table import Table, read_table

FEWEST_STORES = 5
STORES_PER_CLUSTER = (
    4  # the search for k stops where clusters would have fewer stores than this on average
)


@dataclass
class TrainedModel:
    """What assign and predict need of a category's training."""

    placement: Placement
    # (n_fitted,) fitted stores, in the order of the matrix, that the model itself puts in no
    # cluster
    strays: NDArray[np.bool_]
    jaccard: Matrix | None = (
        None  # (k,) bootstrap Jaccard similarity, where select.trust_replicates asks for it
    )


def train(
    values: pl.DataFrame,
    stores: pl.DataFrame,
    matrix: pl.DataFrame,
    transformers: FittedFeatures,
    features: Features,
    model: Model,
    select: Select,
    caps: Caps,
    seed: int,
) -> dict[str, Any]:
    """Give the tables selection and verdicts (see schemas) and the chosen model of one category.

    Raises StageError where model.k exceeds the stores that can be fitted.
    """
    category = str(stores["category"][0])
    space = space_of(matrix.filter(pl.col("is_fitted")), transformers)
    rng = np.random.default_rng([seed, zlib.crc32(category.encode())])
    if len(space.X) < FEWEST_STORES or len(np.unique(space.X, axis=0)) < 2:
        return _too_few(category, space, model)
    everyone = space_of(matrix.filter(_candidate_stores(matrix)), transformers)
    largest = _largest_k(space, model, category)
    halves = _halves(values, stores, matrix, features)
    chosen = decide(
        space,
        everyone,
        halves,
        transformers,
        features,
        models.family(model.name),
        model,
        select,
        _allowed(caps, matrix.height),
        largest,
        rng,
        seed,
    )
    trained = _trained(chosen.candidates[chosen.k], space)
    if select.trust_replicates and chosen.refit:
        rows = np.flatnonzero(_candidate_stores(matrix).to_numpy())
        labels = trained.placement.responsibilities(everyone.X, everyone.information).argmax(axis=1)
        trained.jaccard = bootstrap_jaccard(
            read_table(values, stores, ignore=features.ignore).rows(rows),
            labels,
            chosen.k,
            chosen.refit,
            features,
            select.trust_replicates,
            seed,
            rng,
        )
    return {
        "selection": selection_table(category, chosen, select),
        "verdicts": verdicts_table(category, chosen),
        "models": trained,
    }


def space_of(matrix: pl.DataFrame, transformers: FittedFeatures) -> Space:
    """The coordinates and information of the stores of `matrix` that have coordinates."""
    rows = matrix.filter(pl.col("components").is_not_null())
    information = rows["information"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return Space(coordinates(rows["components"]), information, tuple(transformers.blocks))


def _largest_k(space: Space, model: Model, category: str) -> int:
    """k_max, or what the stores allow."""
    possible = min(len(np.unique(space.X, axis=0)), len(space.X) - 1)
    if model.k is not None and model.k > possible:
        raise StageError(
            f"model.k={model.k} exceeds what the {len(space.X)} fitted stores of category "
            f"{category} allow; use 1-{possible}"
        )
    sensible = max(len(space.X) // STORES_PER_CLUSTER, 1)
    return max(min(model.k_max, possible, sensible), model.k or 1)


def _halves(
    values: pl.DataFrame, stores: pl.DataFrame, matrix: pl.DataFrame, features: Features
) -> tuple[Table, Table] | None:
    """Both halves of the sales of the stores with enough history; None for attributes, and where
    sales level counts.
    """
    if not stores["sales"].null_count() < stores.height or features.weights.mix < 100:
        return None
    rows = np.flatnonzero(_candidate_stores(matrix).to_numpy())
    one, other = (
        read_table(values, stores, half, features.ignore).rows(rows)
        for half in ("half_a", "half_b")
    )
    return one, other


def _candidate_stores(matrix: pl.DataFrame) -> pl.Series:
    """Fitted stores and outliers."""
    return (matrix["is_fitted"] | matrix["is_outlier"]) & matrix["components"].is_not_null()


def _allowed(caps: Caps, stores: int) -> Allowed:
    """Whether the caps can hold with k clusters of that many stores."""
    return lambda k: not impossible(caps, stores, k)


def _trained(candidate: Candidate, space: Space) -> TrainedModel:
    none = np.zeros(len(space.X), dtype=bool)
    return TrainedModel(
        candidate.placement, candidate.strays if candidate.strays is not None else none
    )


def _too_few(category: str, space: Space, model: Model) -> dict[str, Any]:
    if model.k is not None and model.k > 1:
        raise StageError(
            f"model.k={model.k} exceeds what the {len(space.X)} fitted stores of category "
            f"{category} allow; use 1"
        )
    candidate = one_cluster(space)
    text = (
        f"Only {len(space.X)} stores can be compared: all stores of the category form one cluster."
    )
    only = [Score(1, len(space.X), 1.0)]
    chosen = Choice({1: candidate}, only, 1, 1, 1, "too few stores", "too_few_stores", text)
    return {
        "selection": selection_table(category, chosen, Select()),
        "verdicts": verdicts_table(category, chosen),
        "models": _trained(candidate, space),
    }
