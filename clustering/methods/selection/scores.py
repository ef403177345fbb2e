"""All criteria of all candidates, each computed only where it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from importlib import import_module

import numpy as np

from clustering.arrays import Matrix
from clustering.config import Features
from clustering.criteria import CRITERIA
from clustering.methods.fitting.candidate import Candidate
from clustering.methods.fitting.space import Labels, Space
from clustering.methods.selection.choose import Score
from clustering.methods.selection.criteria import silhouettes
from clustering.methods.selection.heldout import HeldOut, heldout_r2
from clustering.methods.selection.resampling import Fit, gap, prediction_strength, stability
from clustering.methods.transforms.carried import Carried
from clustering.methods.transforms.fitted import FittedFeatures, fit_features
from clustering.methods.transforms.table import Table


def score(
    space: Space,
    candidates: dict[int, Candidate],
    fit: Fit,
    criteria: set[str],
    bootstrap: int,
    rng: np.random.Generator,
) -> list[Score]:
    """Give a score for each candidate, by k, with the `criteria` that are asked for; held-out R2
    comes separately.
    """
    scores = []
    for k, candidate in sorted(candidates.items()):
        sizes = np.bincount(candidate.labels, minlength=k)
        found = Score(k, int(sizes.min()), float(sizes.min() / max(sizes.sum(), 1)))
        found.values |= {
            name: getattr(candidate, name) for name in ("bic", "icl") if name in criteria
        }
        for name, function in _of_labels(criteria):
            if (value := function(space.X, candidate.labels)) is not None:
                found.values[name] = value
        scores.append(found)
    several = [found for found in scores if len(np.unique(candidates[found.k].labels)) > 1]
    if "silhouette" in criteria and several:
        _add_silhouettes(space, candidates, several)
    _add_resampled(space, candidates, scores, fit, criteria, bootstrap, rng)
    return scores


def _of_labels(
    names: Container[str],
) -> Iterator[tuple[str, Callable[[Matrix, Labels], float | None]]]:
    """The criteria that are computed from coordinates and labels alone."""
    for criterion in CRITERIA:
        if criterion.name in names and criterion.function:
            module, function = criterion.function.split(":")
            yield criterion.name, getattr(import_module(module), function)


def _add_silhouettes(space: Space, candidates: dict[int, Candidate], scores: list[Score]) -> None:
    found = silhouettes(space.X, [candidates[s.k].labels for s in scores])
    for one, values in zip(scores, found.values, strict=True):
        labels = candidates[one.k].labels[found.rows]
        sizes = np.bincount(labels)
        means = np.bincount(labels, values)[sizes > 0] / sizes[sizes > 0]
        one.values |= {
            "silhouette": float(values.mean()),
            "silhouette_lowest_cluster": float(means.min()),
        }


def _add_resampled(
    space: Space,
    candidates: dict[int, Candidate],
    scores: list[Score],
    fit: Fit,
    criteria: set[str],
    bootstrap: int,
    rng: np.random.Generator,
) -> None:
    by_k = {s.k: s for s in scores}
    ks = [k for k in by_k if k > 1 and 2 * k < len(space.X) // 2]
    if "gap" in criteria:
        for k, (value, error) in gap(space, {k: candidates[k].labels for k in by_k}, rng).items():
            by_k[k].values |= {"gap": value, "gap_se": error}
    if "prediction_strength" in criteria and ks:
        for k, strength in prediction_strength(space, fit, ks, rng).items():
            by_k[k].values["prediction_strength"] = strength
    if "stability" in criteria and ks:
        for k, mean in stability(space, fit, ks, bootstrap, rng).items():
            by_k[k].values["stability"] = mean


Refit = Callable[[FittedFeatures, Space, Sequence[int]], dict[int, Candidate]]


def heldout(
    halves: tuple[Table, Table],
    features: Features,
    carried: Carried | None,
    seed: int,
    refit: Refit,
    ks: Sequence[int],
    both_ways: bool = False,
) -> dict[int, HeldOut]:
    """Held-out R2 by k: transforms and clusters are fitted to one half of the sales, scored on the
    other.

    `both_ways` takes both directions together. Empty where too few stores sold in both halves.
    """
    sold = (halves[0].numbers.sum(axis=1) > 0) & (halves[1].numbers.sum(axis=1) > 0)
    if not ks or sold.sum() < 2 * max(ks):
        return {}
    one, other = (half.rows(np.flatnonzero(sold)) for half in halves)
    found = _heldout(one, other, features, carried, refit, ks, seed)
    if not both_ways:
        return found
    back = _heldout(other, one, features, carried, refit, ks, seed)
    return {k: found[k].joined(back[k]) for k in found.keys() & back.keys()}


def add_heldout(scores: list[Score], found: dict[int, HeldOut]) -> None:
    """Put held-out R2 and its standard error into the scores."""
    for score in scores:
        if score.k in found:
            score.heldout = found[score.k]
            score.values |= {
                "heldout_r2": score.heldout.r2,
                "heldout_r2_se": score.heldout.standard_error,
            }


def _heldout(
    seen: Table,
    unseen: Table,
    features: Features,
    carried: Carried | None,
    refit: Refit,
    ks: Sequence[int],
    seed: int,
) -> dict[int, HeldOut]:
    transformers = fit_features(
        seen, np.ones(len(seen.stores), dtype=bool), features, seed, carried
    )
    candidates = refit(transformers, Space(transformers.transform(seen), seen.information), ks)
    return {k: heldout_r2(unseen, candidate.labels) for k, candidate in candidates.items()}
