"""How far each cluster can be trusted to come back: bootstrap Jaccard similarity, cluster by
cluster (Hennig 2007).
"""

from __future__ import annotations

import numpy as np

from clustering.arrays import Matrix
from clustering.config import Features
from clustering.methods.fitting.space import Labels, Space
from clustering.methods.selection.resampling import nearest_k
from clustering.methods.selection.scores import Refit
from clustering.methods.transforms.carried import Carried
from clustering.methods.transforms.fitted import fit_features
from clustering.methods.transforms.outliers import outliers
from clustering.methods.transforms.table import Table

# lower bounds of the bands of fpc::clusterboot
BANDS = ((0.85, "highly stable"), (0.75, "stable"), (0.6, "doubtful"), (-1.0, "do not trust"))


def band(jaccard: float) -> str:
    """The band of a mean Jaccard similarity, 0..1."""
    return next(name for lowest, name in BANDS if jaccard >= lowest)


def bootstrap_jaccard(
    table: Table,
    labels: Labels,
    k: int,
    refit: Refit,
    features: Features,
    carried: Carried | None,
    replicates: int,
    seed: int,
    rng: np.random.Generator,
) -> Matrix:
    """Mean Jaccard similarity (k,) of each of the clusters `labels` (n_stores,) with the most alike
    one of a replicate.

    A replicate takes the stores of one bootstrap sample, each once, and repeats everything on them:
    the transforms, the search for outliers and the fit with k clusters.
    """
    sums, counts = np.zeros(k), np.zeros(k)
    for _ in range(replicates):
        rows = np.unique(rng.integers(0, len(labels), len(labels)))
        found = _again(table.rows(rows), k, refit, features, carried, seed)
        similarity = _most_alike(labels[rows], found, k)
        sums += np.nan_to_num(similarity)
        counts += np.isfinite(similarity)
    return np.asarray(sums / np.maximum(counts, 1))


def _again(
    part: Table, k: int, refit: Refit, features: Features, carried: Carried | None, seed: int
) -> Labels:
    transformers = fit_features(
        part, np.ones(len(part.stores), dtype=bool), features, seed, carried
    )
    X = transformers.transform(part)
    information = transformers.information(part)
    kept = np.flatnonzero(~outliers(X, information, features, seed))
    space = Space(X[kept], information[kept], tuple(transformers.blocks))
    placement = nearest_k(refit(transformers, space, [k]), k).placement
    return np.asarray(placement.responsibilities(X, information).argmax(axis=1))


def _most_alike(labels: Labels, found: Labels, k: int) -> Matrix:
    """For each cluster of `labels` the highest intersection over union with a cluster of `found`;
    NaN for an empty one.
    """
    together = np.zeros((k, int(found.max()) + 1))
    np.add.at(together, (labels, found), 1)
    own, theirs = together.sum(axis=1), together.sum(axis=0)
    with np.errstate(invalid="ignore"):
        similarity = together / (own[:, None] + theirs[None] - together)
    return np.where(own > 0, similarity.max(axis=1), np.nan)
