"""Criteria that refit on resampled stores: gap, prediction strength, bootstrap stability,
split-half agreement.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.fitting.candidate import Candidate
from clustering.methods.fitting.lloyd import fit_kmeans
from clustering.methods.fitting.space import Labels, Space
from clustering.methods.selection.agreement import adjusted_rand_index

Fit = Callable[[Space, Sequence[int]], dict[int, Candidate]]
GAP_REFERENCES = 20
SPLITS = 4


def nearest_k(found: dict[int, Candidate], k: int) -> Candidate:
    """The candidate of k clusters, or the one nearest to it where the family finds k itself."""
    return found[min(found, key=lambda other: (abs(other - k), other))]


def split_half_agreement(
    space: Space, fit: Fit, k: int, rng: np.random.Generator, splits: int = SPLITS
) -> float:
    """Mean ARI, over all stores, of clusterings fitted on two random halves of them."""
    found = []
    for _ in range(splits):
        halves = np.array_split(rng.permutation(len(space.X)), 2)
        labels = [
            nearest_k(fit(space.rows(np.sort(half)), [k]), k)
            .placement.responsibilities(space.X, space.information)
            .argmax(axis=1)
            for half in halves
        ]
        found.append(adjusted_rand_index(*labels))
    return float(np.mean(found))


def gap(
    space: Space, labelings: dict[int, Labels], rng: np.random.Generator
) -> dict[int, tuple[float, float]]:
    """Gap statistic and its standard error by k (Tibshirani, Walther and Hastie 2001).

    The reference is uniform over the box of the principal components and is clustered by k-means
    from a Ward tree.
    """
    low, high = space.X.min(axis=0), space.X.max(axis=0)
    references = [
        Space(rng.uniform(low, high, space.X.shape), np.full(len(space.X), np.nan))
        for _ in range(GAP_REFERENCES)
    ]
    result = {}
    for k, labels in labelings.items():
        logs = np.array(
            [
                _log_within(
                    r.X, fit_kmeans(r.X, r.start(k)).responsibilities(r.X, r.information).argmax(1)
                )
                for r in references
            ]
        )
        error = float(logs.std() * np.sqrt(1 + 1 / GAP_REFERENCES))
        result[k] = (float(logs.mean() - _log_within(space.X, labels)), error)
    return result


def _log_within(X: Matrix, labels: Labels) -> float:
    from clustering.methods.fitting.space import means_by_label

    centres = means_by_label(X, labels, int(labels.max()) + 1)
    return float(np.log(max(float(((X - centres[labels]) ** 2).sum()), 1e-300)))


def prediction_strength(
    space: Space, fit: Fit, ks: Sequence[int], rng: np.random.Generator
) -> dict[int, float]:
    """By k, the share of pairs of the weakest test cluster that the training half keeps together,
    mean over splits.
    """
    sums = dict.fromkeys(ks, 0.0)
    for _ in range(SPLITS):
        one, two = (
            space.rows(np.sort(half)) for half in np.array_split(rng.permutation(len(space.X)), 2)
        )
        trained, tested = fit(one, ks), fit(two, ks)
        for k in ks:
            predicted = (
                nearest_k(trained, k)
                .placement.responsibilities(two.X, two.information)
                .argmax(axis=1)
            )
            sums[k] += _weakest(nearest_k(tested, k).labels, predicted)
    return {k: total / SPLITS for k, total in sums.items()}


def _weakest(test: Labels, predicted: Labels) -> float:
    strengths = []
    for cluster in np.unique(test):
        sizes = np.bincount(predicted[test == cluster])
        n = int(sizes.sum())
        strengths.append(1.0 if n < 2 else float((sizes * (sizes - 1)).sum() / (n * (n - 1))))
    return min(strengths)


def stability(
    space: Space, fit: Fit, ks: Sequence[int], replicates: int, rng: np.random.Generator
) -> dict[int, float]:
    """By k, the mean ARI of clusterings of bootstrap samples with the clustering of all stores."""
    whole = fit(space, ks)
    sums = dict.fromkeys(ks, 0.0)
    for _ in range(replicates):
        rows = np.unique(rng.integers(0, len(space.X), len(space.X)))
        again = fit(space.rows(rows), ks)
        for k in ks:
            labels = (
                nearest_k(again, k)
                .placement.responsibilities(space.X, space.information)
                .argmax(axis=1)
            )
            sums[k] += adjusted_rand_index(nearest_k(whole, k).labels, labels)
    return {k: total / max(replicates, 1) for k, total in sums.items()}
