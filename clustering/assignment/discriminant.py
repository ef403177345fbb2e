"""The cluster a store probably belongs to, judged by its attributes alone: for stores without sales of their own.

Linear discriminant analysis with a covariance shrunk towards its diagonal (Friedman 1989). Attributes often say nothing
about the mix; cross-validation decides whether they are listened to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.config import Features
from clustering.fitting.placement import log_densities
from clustering.fitting.space import Labels, means_by_label
from clustering.transforms.fitted import FittedFeatures, fit_features
from clustering.transforms.table import Matrix, Table

FOLDS = 5
FEWEST_STORES = 30  # with fewer labelled stores nothing could be told from chance
PLAIN = Features(transform="none", impute="median", scale="standard", outliers="none", reduce="none")


@dataclass(frozen=True)
class Attributes:
    """The attributes of all stores as numbers: X (n_stores, d), without gaps, in the order of `stores`."""

    stores: list[str]
    X: Matrix
    transformers: FittedFeatures

    def of(self, stores: list[str]) -> Matrix:
        """Their rows (len(stores), d), NaN for a store without attributes."""
        place = {name: row for row, name in enumerate(self.stores)}
        rows = np.array([place.get(name, -1) for name in stores], dtype=np.int64)
        found = self.X[np.maximum(rows, 0)] if len(self.X) else np.zeros((len(rows), self.X.shape[1]))
        return np.where((rows >= 0)[:, None], found, np.nan)


def read_attributes(table: Table, seed: int) -> Attributes:
    """Standardise the numbers and encode the levels of a table of attributes."""
    transformers = fit_features(table, np.ones(len(table.stores), dtype=bool), PLAIN, seed)
    return Attributes(table.stores, transformers.transform(table), transformers)


@dataclass
class Discriminant:
    """Posterior probabilities of k clusters from attributes; `accuracy` and `baseline` are shares of stores placed right
    in cross-validation, by the attributes and by always saying the largest cluster."""

    means: Matrix
    axes: Matrix
    variances: Matrix
    log_prior: Matrix
    accuracy: float
    baseline: float
    standard_error: float

    @property
    def is_better(self) -> bool:
        """Whether attributes beat the largest cluster by more than chance would."""
        return self.accuracy - self.baseline > self.standard_error

    def probabilities(self, X: Matrix) -> Matrix:
        """Rows (n, k) that sum to 1, for attributes X (n, d) without gaps."""
        logs = log_densities(X @ self.axes, self.means @ self.axes, self.variances[None]) + self.log_prior
        shifted = np.exp(logs - logs.max(axis=1, keepdims=True))
        return np.asarray(shifted / shifted.sum(axis=1, keepdims=True))


def fit_discriminant(X: Matrix, labels: Labels, k: int) -> Discriminant | None:
    """Learn the clusters `labels` (n,) in 0..k-1 from attributes X (n, d), NaN rows left out; None where there are too few."""
    known = np.isfinite(X).all(axis=1)
    X, labels = X[known], labels[known]
    if len(X) < FEWEST_STORES or X.shape[1] == 0 or len(np.unique(labels)) < 2:
        return None
    right, largest = _cross_validated(X, labels, k)
    gain = right.astype(float) - largest
    error = float(gain.std() / np.sqrt(len(gain)))
    return _fit(X, labels, k, (float(right.mean()), float(largest.mean()), error))


def _cross_validated(X: Matrix, labels: Labels, k: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which stores each rule places right when it has not seen them; every m-th store of a cluster is in the same fold."""
    place = np.empty(len(X), dtype=np.int64)
    place[np.argsort(labels, kind="stable")] = np.arange(len(X))
    fold = place % FOLDS
    right, largest = np.zeros(len(X), dtype=bool), np.zeros(len(X), dtype=bool)
    for number in range(FOLDS):
        out = fold == number
        fitted = _fit(X[~out], labels[~out], k, (0.0, 0.0, 0.0))
        right[out] = fitted.probabilities(X[out]).argmax(axis=1) == labels[out]
        largest[out] = np.bincount(labels[~out], minlength=k).argmax() == labels[out]
    return right, largest


def _fit(X: Matrix, labels: Labels, k: int, judged: tuple[float, float, float]) -> Discriminant:
    n, d = X.shape
    sizes = np.bincount(labels, minlength=k)
    means = means_by_label(X, labels, k)
    means[sizes == 0] = X.mean(axis=0)
    residual = X - means[labels]
    within = residual.T @ residual / n
    shrink = d / (n + d)
    within = (1 - shrink) * within + shrink * np.diag(np.diag(within) + 1e-6)
    variances, axes = np.linalg.eigh(within)
    variances = np.maximum(variances, 1e-6 * max(float(variances.max()), 1e-12))
    with np.errstate(divide="ignore"):
        log_prior = np.log(sizes / n)
    return Discriminant(means, axes, variances, log_prior, *judged)
