"""Candidates for every k of one category, their scores, the verdict and the choice."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix, coordinates
from clustering.config import Baseline, Caps, Features, Model, Select
from clustering.errors import StageError
from clustering.methods import models
from clustering.methods.assignment.caps import impossible
from clustering.methods.fitting.candidate import one_cluster
from clustering.methods.fitting.placement import Placement
from clustering.methods.fitting.space import Labels, Space
from clustering.methods.selection.choose import Score
from clustering.methods.selection.decision import Allowed, Choice, decide
from clustering.methods.selection.limits import bounded, continued
from clustering.methods.selection.one_plan import gain_of_plans
from clustering.methods.selection.restart import restarted
from clustering.methods.selection.tables import selection_table, verdicts_table
from clustering.methods.selection.trust import bootstrap_jaccard
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.halves import Halves, halves_of, noise_of
from clustering.methods.transforms.table import read_table

FEWEST_STORES = 5
K_LIMIT = "k_not_possible"
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
    note: str = ""  # what the table of rules says of it


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
    baseline: Baseline | None = None,
    baseline_verdicts: pl.DataFrame | None = None,
    baseline_assignments: pl.DataFrame | None = None,
) -> dict[str, Any]:
    """Give the tables selection and verdicts (see schemas) and the chosen model of one category.

    With `baseline_verdicts` (of the run that is continued) k changes only where that pays, and with
    `baseline_assignments` groups and the cuts of a continuum are those of the baseline where they
    are as good. Raises StageError where model.strict_k is set and model.k exceeds the stores that
    can be fitted.
    """
    category = str(stores["category"][0])
    space = space_of(matrix.filter(pl.col("is_fitted")), transformers)
    rng = np.random.default_rng([seed, zlib.crc32(category.encode())])
    if len(space.X) < FEWEST_STORES or len(np.unique(space.X, axis=0)) < 2:
        return _one_cluster(category, space, model, stores)
    everyone = space_of(matrix.filter(_candidate_stores(matrix)), transformers)
    everyone = replace(everyone, old=_old_clusters(matrix, baseline_assignments))
    wanted, possible = model.k, min(len(np.unique(space.X, axis=0)), len(space.X) - 1)
    model = _possible(model, possible, len(space.X), category)
    largest = _largest_k(space, model, possible)
    halves = _halves(values, stores, matrix, features)
    noise = noise_of(stores, halves, transformers) if space.has_noise else None
    space, everyone = replace(space, noise=noise), replace(everyone, noise=noise)
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
        _was_cut(baseline_verdicts),
    )
    baseline = baseline or Baseline()
    chosen = continued(chosen, _old_k(baseline_verdicts), baseline, len(space.X))
    if baseline_assignments is not None:
        old = _old_clusters(matrix.filter(pl.col("is_fitted")), baseline_assignments)
        again = replace(space, old=old)
        chosen = restarted(chosen, again, models.family(model.name), model, baseline, seed)
    chosen = bounded(chosen, model, select, wanted, everyone.X.shape[0], _selling(stores))
    trained = _trained(chosen, space)
    if select.trust_replicates and chosen.refit:
        rows = np.flatnonzero(_candidate_stores(matrix).to_numpy())
        labels = trained.placement.responsibilities(everyone.X, everyone.information).argmax(axis=1)
        trained.jaccard = bootstrap_jaccard(
            read_table(values, stores, ignore=features.ignore).rows(rows),
            labels,
            chosen.k,
            chosen.refit,
            features,
            transformers.carried,
            select.trust_replicates,
            seed,
            rng,
        )
    plans = gain_of_plans(halves, transformers, trained.placement) if halves else None
    return {
        "selection": selection_table(category, chosen, select),
        "verdicts": verdicts_table(category, chosen, plans),
        "models": trained,
    }


def space_of(matrix: pl.DataFrame, transformers: FittedFeatures) -> Space:
    """The coordinates and information of the stores of `matrix` that have coordinates."""
    rows = matrix.filter(pl.col("components").is_not_null())
    information = rows["information"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    return Space(
        coordinates(rows["components"]),
        information,
        tuple(transformers.blocks),
        loadings=transformers.loadings,
    )


def _possible(model: Model, most: int, stores: int, category: str) -> Model:
    """The settings with a k that the stores allow; raises StageError where model.strict_k forbids
    another than the one that was asked for.
    """
    if model.k is None or model.k <= most:
        return model
    if model.strict_k:
        raise StageError(
            f"model.k={model.k} exceeds what the {stores} fitted stores of category {category} "
            f"allow; use 1-{most}, or model.strict_k=false to take what each category allows"
        )
    return replace(model, k=most)


def _old_k(verdicts: pl.DataFrame | None) -> int | None:
    """The k of the category in the baseline, where it has the category."""
    return None if verdicts is None or verdicts.is_empty() else int(verdicts["k"][0])


def _was_cut(verdicts: pl.DataFrame | None) -> bool:
    """Whether the clusters of the baseline are segments of a continuum."""
    return verdicts is not None and "heldout_r2" in verdicts["rule"]


def _old_clusters(matrix: pl.DataFrame, baseline: pl.DataFrame | None) -> Labels | None:
    """The baseline's clusters of the candidate stores, in their order, -1 for new stores."""
    if baseline is None:
        return None
    stores = matrix.filter(_candidate_stores(matrix)).select("store_nbr")
    old = baseline.select("store_nbr", "cluster")
    joined = stores.join(old, on="store_nbr", how="left", maintain_order="left")
    return np.asarray(joined["cluster"].fill_null(-1).to_numpy())


def _selling(stores: pl.DataFrame) -> int:
    return int((stores["history"] != "none").sum())


def _largest_k(space: Space, model: Model, possible: int) -> int:
    """k_max, or what the stores allow."""
    sensible = max(len(space.X) // STORES_PER_CLUSTER, 1)
    return max(min(model.k_max, possible, sensible), model.k or 1)


def _halves(
    values: pl.DataFrame, stores: pl.DataFrame, matrix: pl.DataFrame, features: Features
) -> Halves | None:
    """Both halves of the sales of the stores with enough history; None for attributes, and where
    sales level counts.
    """
    if not stores["sales"].null_count() < stores.height or features.weights.mix < 100:
        return None
    halves = halves_of(values, stores, features.ignore)
    if halves is None:
        return None
    rows = np.flatnonzero(_candidate_stores(matrix).to_numpy())
    return halves[0].rows(rows), halves[1].rows(rows)


def _candidate_stores(matrix: pl.DataFrame) -> pl.Series:
    """Fitted stores and outliers."""
    return (matrix["is_fitted"] | matrix["is_outlier"]) & matrix["components"].is_not_null()


def _allowed(caps: Caps, stores: int) -> Allowed:
    """Whether the caps can hold with k clusters of that many stores."""
    return lambda k: not impossible(caps, stores, k)


def _trained(chosen: Choice, space: Space) -> TrainedModel:
    candidate = chosen.candidates[chosen.k]
    none = np.zeros(len(space.X), dtype=bool)
    note = f"k = {chosen.k}, as model.k is not possible" if K_LIMIT in chosen.limits else ""
    return TrainedModel(
        candidate.placement, candidate.strays if candidate.strays is not None else none, note=note
    )


def _one_cluster(category: str, space: Space, model: Model, stores: pl.DataFrame) -> dict[str, Any]:
    """One cluster for a category whose stores are too few, or all alike."""
    wanted, n = model.k, len(space.X)
    model = _possible(model, 1, n, category)
    if n < FEWEST_STORES:
        verdict, text = "too_few_stores", f"Only {n} stores can be compared"
    else:
        verdict, text = "all_alike", f"The {n} stores that can be compared are all alike"
    text += ": all stores of the category form one cluster."
    chosen = Choice(
        {1: one_cluster(space)},
        [Score(1, n, 1.0)],
        k=1,
        recommended=1,
        runner_up=1,
        rule=verdict.replace("_", " "),
        verdict=verdict,
        sentence=text,
    )
    chosen = bounded(chosen, model, Select(), wanted, n, _selling(stores))
    return {
        "selection": selection_table(category, chosen, Select()),
        "verdicts": verdicts_table(category, chosen),
        "models": _trained(chosen, space),
    }
