"""All criteria of all candidates, each computed only where it is wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from clustering.config import Features
from clustering.fitting.candidate import Candidate
from clustering.fitting.space import Space
from clustering.selection.choose import Score
from clustering.selection.criteria import calinski_harabasz, davies_bouldin, silhouettes
from clustering.selection.heldout import heldout_r2
from clustering.selection.resampling import gap, prediction_strength, stability
from clustering.transforms.fitted import FittedFeatures, fit_features
from clustering.transforms.table import Table

Fit = Callable[[Space, Sequence[int]], dict[int, Candidate]]


def score(
    space: Space,
    candidates: dict[int, Candidate],
    fit: Fit,
    criteria: set[str],
    bootstrap: int,
    rng: np.random.Generator,
) -> list[Score]:
    """Give a score for each candidate, by k, with the `criteria` that are asked for; held-out R2 comes separately."""
    scores = []
    for k, candidate in sorted(candidates.items()):
        sizes = np.bincount(candidate.labels, minlength=k)
        found = Score(k, int(sizes.min()), float(sizes.min() / max(sizes.sum(), 1)))
        found.values |= {name: getattr(candidate, name) for name in ("bic", "icl") if name in criteria}
        for name, function in (("calinski_harabasz", calinski_harabasz), ("davies_bouldin", davies_bouldin)):
            if name in criteria and (value := function(space.X, candidate.labels)) is not None:
                found.values[name] = value
        scores.append(found)
    several = [found for found in scores if len(np.unique(candidates[found.k].labels)) > 1]
    if "silhouette" in criteria and several:
        _add_silhouettes(space, candidates, several)
    _add_resampled(space, candidates, scores, fit, criteria, bootstrap, rng)
    return scores


def _add_silhouettes(space: Space, candidates: dict[int, Candidate], scores: list[Score]) -> None:
    found = silhouettes(space.X, [candidates[s.k].labels for s in scores])
    for one, values in zip(scores, found.values, strict=True):
        labels = candidates[one.k].labels[found.rows]
        sizes = np.bincount(labels)
        means = np.bincount(labels, values)[sizes > 0] / sizes[sizes > 0]
        one.values |= {"silhouette": float(values.mean()), "silhouette_lowest_cluster": float(means.min())}


def _add_resampled(
    space: Space, candidates: dict[int, Candidate], scores: list[Score], fit: Fit, criteria: set[str], bootstrap: int,
    rng: np.random.Generator,
) -> None:  # fmt: skip
    by_k = {s.k: s for s in scores}
    ks = [k for k in by_k if k > 1 and 2 * k < len(space.X) // 2]
    if "gap" in criteria:
        for k, (value, error) in gap(space, {k: candidates[k].labels for k in by_k}, rng).items():
            by_k[k].values |= {"gap": value, "gap_se": error}
    if "prediction_strength" in criteria and ks:
        for k, strength in prediction_strength(space, fit, ks, rng).items():
            by_k[k].values["prediction_strength"] = strength
    if "stability" in criteria and ks:
        for k, mean in stability(space, fit, ks, bootstrap or 20, rng).items():
            by_k[k].values["stability"] = mean


def heldout_scores(
    scores: list[Score], halves: tuple[Table, Table], features: Features, refit: Callable[[FittedFeatures, Table], Fit],
    seed: int,
) -> None:  # fmt: skip
    """Add held-out R2 to `scores`: transforms and clusters are fitted to the first half of the sales alone.

    `refit` gives what fits candidates in the space of the transforms of that half.
    """
    seen, unseen = halves
    rows = np.flatnonzero(seen.numbers.sum(axis=1) > 0)
    if len(rows) < 2 * max(s.k for s in scores):
        return
    seen, unseen = seen.rows(rows), unseen.rows(rows)
    transformers = fit_features(seen, np.ones(len(rows), dtype=bool), features, seed)
    ks = [s.k for s in scores if s.k > 1]
    found = refit(transformers, seen)(Space(transformers.transform(seen), seen.information), ks) if ks else {}
    for one in scores:
        if one.k in found:
            one.heldout = heldout_r2(seen, unseen, found[one.k].labels)
            one.values |= {"heldout_r2": one.heldout.r2, "heldout_r2_se": one.heldout.standard_error}
