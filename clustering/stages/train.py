"""Candidates for every k of one category, their scores, the verdict and the choice."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
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
from clustering.methods.fitting.placement import GaussianPlacement, Placement
from clustering.methods.fitting.space import Space
from clustering.methods.selection.choose import Score, best_by, best_by_vote, votes
from clustering.methods.selection.continuum import Segmenter, worse_than_segments
from clustering.methods.selection.resampling import split_half_agreement
from clustering.methods.selection.scores import Fit, Refit, add_heldout, heldout, score
from clustering.methods.selection.trust import bootstrap_jaccard
from clustering.methods.selection.verdict import HOLDS_UP, sentence
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.table import Table, read_table

Allowed = Callable[[int], bool]
FEWEST_STORES = 5
FEWEST_IN_A_GROUP, SMALLEST_GROUP = (
    3,
    0.02,
)  # stores, and share of the stores: below it a cluster is not a group
STORES_PER_CLUSTER = (
    4  # the search for k stops where clusters would have fewer stores than this on average
)


@dataclass
class TrainedModel:
    """What assign and predict need of a category's training: the placement, and how cohesive each
    cluster is.
    """

    placement: Placement
    cohesion: Matrix  # (k,) mean probability of a cluster's own fitted stores
    # (n_fitted,) fitted stores, in the order of the matrix, that the model itself puts in no
    # cluster
    strays: NDArray[np.bool_]
    jaccard: Matrix | None = (
        None  # (k,) bootstrap Jaccard similarity, where select.trust_replicates asks for it
    )


@dataclass
class _Choice:
    candidates: dict[int, Candidate]
    scores: list[Score]
    k: int
    recommended: int
    runner_up: int
    rule: str
    verdict: str
    sentence: str
    refit: Refit | None = None


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
    chosen = _choose(
        space,
        everyone,
        halves,
        transformers,
        features,
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
        "selection": _selection(category, chosen, select),
        "verdicts": _verdicts(category, chosen),
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


def _choose(
    space: Space,
    everyone: Space,
    halves: tuple[Table, Table] | None,
    transformers: FittedFeatures,
    features: Features,
    model: Model,
    select: Select,
    allowed: Allowed,
    largest: int,
    rng: np.random.Generator,
    seed: int,
) -> _Choice:
    family = models.family(model.name)
    fit: Fit = partial(_fit, family, model, seed)
    candidates = fit(space, range(1, largest + 1))
    noise = _noise_factor(candidates)
    space, fit = replace(space, noise=noise), partial(_fit_to_sample, fit)
    criteria = (
        set(select.criteria)
        | ({select.rule} - {"auto", "vote"})
        | ({"bic"} if select.rule == "auto" else set())
    )
    groups, agreed = _groups(space, candidates, fit, rng)
    segmenter = (
        Segmenter(family, everyone, transformers)
        if select.rule == "auto" and hasattr(family, "segment")
        else None
    )
    unseen = partial(heldout, halves, features, seed) if halves is not None else None
    if (
        groups
        and segmenter
        and unseen
        and worse_than_segments(groups, partial(_refit, fit, noise), segmenter.refit, unseen)
    ):
        groups = 0
    verdict = "groups" if groups else "continuum"
    refit: Refit = partial(_refit, fit, noise)
    if segmenter and not groups:
        candidates, refit = segmenter.candidates(space, candidates), segmenter.refit
    scores = score(space, candidates, fit, criteria, select.bootstrap, rng)
    if "heldout_r2" in criteria and unseen:
        add_heldout(
            scores,
            unseen(
                refit, [s.k for s in scores if s.k > 1], both_ways=bool(segmenter and not groups)
            ),
        )
    eligible = _eligible(scores, model, select, allowed, verdict)
    rule, recommended, runner_up = _pick(eligible, scores, select, verdict)
    k = model.k or recommended
    if k not in candidates:
        raise StageError(
            f"model={model.name} finds the number of clusters itself (here {recommended}); remove "
            f"model.k={k}"
        )
    share = float(np.bincount(candidates[k].labels).max() / len(space.X))
    text = sentence(
        verdict, k, recommended, rule, best_by(eligible, "bic"), agreed, len(space.X), share
    )
    return _Choice(candidates, scores, k, recommended, runner_up, rule, verdict, text, refit)


def _fit(
    family: Any, model: Model, seed: int, space: Space, ks: Sequence[int]
) -> dict[int, Candidate]:
    found: dict[int, Candidate] = family.fit(space, model, list(ks), seed)
    return found


def _fit_to_sample(fit: Fit, space: Space, ks: Sequence[int]) -> dict[int, Candidate]:
    """What a fit to some of many stores says of all of them: enough to judge by."""
    part = space.sample()
    if part is space:
        return fit(space, ks)
    return {
        k: replace(
            one,
            labels=one.placement.responsibilities(space.X, space.information).argmax(axis=1),
            strays=None,
        )
        for k, one in fit(part, ks).items()
    }


def _groups(
    space: Space, candidates: dict[int, Candidate], fit: Any, rng: np.random.Generator
) -> tuple[int, float]:
    """The number of separate groups (0 where there are none), and how far clusterings of random
    halves of the stores agree.

    Candidates with a cluster of nearly no stores are left out: they have found strays or heavy
    tails, not groups.
    """
    floor = max(FEWEST_IN_A_GROUP, SMALLEST_GROUP * len(space.X))
    large = {
        k: c.bic for k, c in candidates.items() if np.bincount(c.labels, minlength=k).min() >= floor
    }
    known = {k: bic for k, bic in large.items() if np.isfinite(bic)}
    if not known:
        return 0, float("nan")
    best = min(known, key=lambda k: (known[k], k))
    if best == 1 or len(space.X) < 4 * best:
        return 0, float("nan")
    agreed = split_half_agreement(space, fit, best, rng, splits=2)
    return (best if agreed >= HOLDS_UP else 0), agreed


def _noise_factor(candidates: dict[int, Candidate]) -> float | None:
    """The factor the models were fitted with: it is the category's, so fits to parts of it need not
    find it again.
    """
    placement = next(iter(candidates.values())).placement
    return (
        placement.noise
        if isinstance(placement, GaussianPlacement) and placement.noise > 0
        else None
    )


def _refit(
    fit: Any, noise: float | None, transformers: FittedFeatures, space: Space, ks: Sequence[int]
) -> dict[int, Candidate]:
    found: dict[int, Candidate] = fit(
        replace(space, blocks=tuple(transformers.blocks), noise=noise), ks
    )
    return found


def _allowed(caps: Caps, stores: int) -> Allowed:
    """Whether the caps can hold with k clusters of that many stores."""
    return lambda k: not impossible(caps, stores, k)


def _eligible(
    scores: list[Score], model: Model, select: Select, allowed: Allowed, verdict: str
) -> list[Score]:
    """Candidates within the caps and k_min..k_max without a cluster that is too small for the
    verdict, where there are any.

    Caps come first: where they leave no k in k_min..k_max they decide, and where they leave none at
    all they are ignored here and named by assign.
    """
    possible = [s for s in scores if allowed(s.k)] or scores
    within = [s for s in possible if model.k_min <= s.k <= model.k_max] or possible[-1:]
    floor = select.min_share if verdict == "continuum" else SMALLEST_GROUP
    large = [
        s
        for s in within
        if s.smallest_share >= floor and s.smallest >= min(FEWEST_IN_A_GROUP, within[0].smallest)
    ]
    return large or within


def _pick(
    eligible: list[Score], scores: list[Score], select: Select, verdict: str
) -> tuple[str, int, int]:
    """The rule that applied, the recommended k and the runner-up."""
    wanted = select.rule
    if wanted == "auto":
        by_bic = best_by(eligible, "bic")
        one_will_do = (
            by_bic is not None and by_bic.k == 1
        )  # model.k_min=1 says that one cluster is an answer
        wanted = "bic" if verdict == "groups" or one_will_do else "heldout_r2"
    order = [wanted, "silhouette", "bic"]
    for rule in order:
        first = _by(eligible, rule, select)
        if first is not None:
            others = [score for score in eligible if score.k != first.k]
            second = _by(others, rule, select) if others else None
            return rule, first.k, (second or first).k
    return "only candidate", eligible[0].k, eligible[0].k


def _by(scores: list[Score], rule: str, select: Select) -> Score | None:
    return best_by_vote(scores, list(select.criteria)) if rule == "vote" else best_by(scores, rule)


def _trained(candidate: Candidate, space: Space) -> TrainedModel:
    r = candidate.placement.responsibilities(space.X, space.information)
    own = r.argmax(axis=1)
    sums = np.bincount(own, r.max(axis=1), minlength=candidate.k)
    cohesion = sums / np.maximum(np.bincount(own, minlength=candidate.k), 1)
    strays = candidate.strays if candidate.strays is not None else np.zeros(len(own), dtype=bool)
    return TrainedModel(candidate.placement, cohesion, strays)


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
    chosen = _Choice({1: candidate}, only, 1, 1, 1, "too few stores", "too_few_stores", text)
    return {
        "selection": _selection(category, chosen, Select()),
        "verdicts": _verdicts(category, chosen),
        "models": TrainedModel(candidate.placement, np.ones(1), np.zeros(len(space.X), dtype=bool)),
    }


CRITERIA = (
    "bic",
    "icl",
    "silhouette",
    "silhouette_lowest_cluster",
    "calinski_harabasz",
    "davies_bouldin",
    "gap",
    "gap_se",
    "prediction_strength",
    "stability",
    "heldout_r2",
    "heldout_r2_se",
)


def _selection(category: str, chosen: _Choice, select: Select) -> pl.DataFrame:
    counted = votes(chosen.scores, list(select.criteria))
    rows = [
        {"category": category, "k": s.k}
        | {name: _finite(s.values.get(name)) for name in CRITERIA}
        | {
            "smallest_cluster": s.smallest,
            "votes": counted[s.k],
            "recommended": s.k == chosen.recommended,
            "runner_up": s.k == chosen.runner_up and s.k != chosen.recommended,
            "chosen": s.k == chosen.k,
        }
        for s in chosen.scores
    ]
    kinds = dict.fromkeys(CRITERIA, pl.Float64) | {"smallest_cluster": pl.Int64, "votes": pl.Int64}
    return pl.DataFrame(rows, schema_overrides=kinds)


def _finite(value: float | None) -> float | None:
    return float(value) if value is not None and np.isfinite(value) else None


def _verdicts(category: str, chosen: _Choice) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "category": [category],
            "k": [chosen.k],
            "recommended_k": [chosen.recommended],
            "rule": [chosen.rule],
            "verdict": [chosen.verdict],
            "sentence": [chosen.sentence],
        }
    )
