"""The cluster a store probably belongs to, judged by its attributes alone: for stores without sales
of their own.

Linear discriminant analysis with a covariance shrunk towards its diagonal (Friedman 1989).
Attributes often say nothing about the mix; cross-validation decides whether they are used. It also
finds how much too sure the discriminant is, and probabilities are corrected for it by temperature
scaling (Guo et al. 2017).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.config import Features
from clustering.methods.fitting.placement import log_densities, normalised
from clustering.methods.fitting.space import Labels
from clustering.methods.transforms.fitted import FittedFeatures, fit_features
from clustering.methods.transforms.table import Table

FOLDS = 5
# what logs of probabilities are multiplied by: below 1 makes them less sure
TEMPERATURES = np.geomspace(0.05, 1.25, 21)
FEWEST_STORES = 30  # with fewer labelled stores nothing could be told from chance
PLAIN = Features(
    transform="none", impute="median", scale="standard", outliers="none", reduce="none"
)


@dataclass(frozen=True)
class Attributes:
    """The attributes of all stores as numbers: X (n_stores, d), without gaps, in the order of
    `stores`.
    """

    stores: list[str]
    X: Matrix
    transformers: FittedFeatures

    def of(self, stores: list[str]) -> Matrix:
        """Their rows (len(stores), d), NaN for a store without attributes."""
        place = {name: row for row, name in enumerate(self.stores)}
        return self.rows(np.array([place.get(name, -1) for name in stores], dtype=np.int64))

    def rows(self, rows: NDArray[np.int64]) -> Matrix:
        """The rows (len(rows), d) by their places, NaN for -1."""
        return np.asarray(self._and_unknown[rows])

    @cached_property
    def _and_unknown(self) -> Matrix:
        return np.vstack([self.X, np.full((1, self.X.shape[1]), np.nan)])


def read_attributes(table: Table, seed: int) -> Attributes:
    """Standardise the numbers and encode the levels of a table of attributes."""
    transformers = fit_features(table, np.ones(len(table.stores), dtype=bool), PLAIN, seed)
    return Attributes(table.stores, transformers.transform(table), transformers)


@dataclass
class Discriminant:
    """Posterior probabilities of k clusters from attributes; `accuracy` and `baseline` are shares
    of stores placed right in cross-validation, by the attributes and by always saying the largest
    cluster.
    """

    means: Matrix
    axes: Matrix
    variances: Matrix
    log_prior: Matrix
    accuracy: float
    baseline: float
    standard_error: float
    temperature: float = 1.0

    @property
    def is_better(self) -> bool:
        """Whether attributes beat the largest cluster by more than chance would."""
        return self.accuracy - self.baseline > self.standard_error

    def probabilities(self, X: Matrix) -> Matrix:
        """Rows (n, k) that sum to 1, for attributes X (n, d) without gaps."""
        logs = (
            log_densities(X @ self.axes, self.means @ self.axes, self.variances[None])
            + self.log_prior
        )
        return normalised(self.temperature * logs)


def fit_discriminant(X: Matrix, labels: Labels, k: int) -> Discriminant | None:
    """Learn the clusters `labels` (n,) in 0..k-1 from attributes X (n, d), NaN rows left out; None
    where there are too few.
    """
    known = np.isfinite(X).all(axis=1)
    if not known.all():
        X, labels = X[known], labels[known]
    if len(X) < FEWEST_STORES or X.shape[1] == 0 or np.count_nonzero(np.bincount(labels)) < 2:
        return None
    centre = X.mean(axis=0)  # about which squares add up without loss of digits
    X = X - centre
    folds = _folds(labels)
    fits = _fit_without_each(*_added_up(X, labels, k, folds))
    scores, largest = _unseen(X, labels, folds, fits)
    right = scores.argmax(axis=1) == labels
    gain = right.astype(float) - largest
    error = float(gain.std() / np.sqrt(len(gain)))
    means, axes, variances, log_prior = (part[-1] for part in fits)
    return Discriminant(
        means + centre,
        axes,
        variances,
        log_prior,
        float(right.mean()),
        float(largest.mean()),
        error,
        _temperature(scores, labels),
    )


def _folds(labels: Labels) -> list[NDArray[np.int64]]:
    """The stores of each fold of the cross-validation: every m-th of a cluster."""
    order = np.argsort(labels, kind="stable")
    return [order[number::FOLDS] for number in range(FOLDS)]


def _added_up(
    X: Matrix, labels: Labels, k: int, folds: list[NDArray[np.int64]]
) -> tuple[Matrix, Matrix, Matrix]:
    """What fits need of each fold: stores by cluster (folds, k), their sums (folds, k, d), sums of
    products (folds, d, d).
    """
    d = X.shape[1]
    counts, sums, products = np.zeros((FOLDS, k)), np.zeros((FOLDS, k, d)), np.zeros((FOLDS, d, d))
    for number, rows in enumerate(folds):
        own = X[rows]
        member = (labels[rows] == np.arange(k)[:, None]).astype(np.float64)
        counts[number], sums[number], products[number] = (
            member.sum(axis=1),
            member @ own,
            own.T @ own,
        )
    return counts, sums, products


_Fits = tuple[Matrix, Matrix, Matrix, Matrix]


def _fit_without_each(*of_folds: Matrix) -> _Fits:
    """Means (m, k, d), axes (m, d, d), variances (m, d) and log priors (m, k) without each fold,
    and at last of all stores.

    What a fit without a fold needs is the total minus the fold's part, so the stores are gone
    through once.
    """
    totals = [part.sum(axis=0, keepdims=True) for part in of_folds]
    counts, sums, products = (
        np.concatenate([total - part, total]) for total, part in zip(totals, of_folds, strict=True)
    )
    n, d = counts.sum(axis=1), sums.shape[2]
    means = sums / np.maximum(counts, 1)[:, :, None]
    means = np.where(counts[:, :, None] > 0, means, (sums.sum(axis=1) / n[:, None])[:, None])
    within = (products - sums.transpose(0, 2, 1) @ means) / n[:, None, None]
    shrink, diagonal = d / (n + d), np.arange(d)
    shrunk = (1 - shrink)[:, None, None] * within
    shrunk[:, diagonal, diagonal] = within[:, diagonal, diagonal] + 1e-6 * shrink[:, None]
    variances, axes = np.linalg.eigh(shrunk)
    variances = np.maximum(
        variances, 1e-6 * np.maximum(variances.max(axis=1, keepdims=True), 1e-12)
    )
    with np.errstate(divide="ignore"):
        log_prior = np.log(counts / n[:, None])
    return means, axes, variances, log_prior


def _unseen(
    X: Matrix, labels: Labels, folds: list[NDArray[np.int64]], fits: _Fits
) -> tuple[Matrix, NDArray[np.bool_]]:
    """Logs of posterior probabilities (n, k), up to a constant of each store, by fits that have not
    seen it, and whether the largest cluster is the right one (n,).
    """
    means, axes, variances, log_prior = fits
    weights = (means @ axes / variances[:, None]) @ axes.transpose(
        0, 2, 1
    )  # all share a covariance: what is left is linear
    offsets = log_prior - (weights * means).sum(axis=2) / 2
    scores, largest = np.empty((len(X), means.shape[1])), np.zeros(len(X), dtype=bool)
    for number, rows in enumerate(folds):
        scores[rows] = X[rows] @ weights[number].T + offsets[number]
        largest[rows] = log_prior[number].argmax() == labels[rows]
    return scores, largest


def _temperature(scores: Matrix, labels: Labels) -> float:
    """The temperature under which unseen stores are the most likely to be where they are."""
    rows = np.arange(len(labels))
    likely = [
        np.log(np.maximum(normalised(t * scores)[rows, labels], 1e-12)).sum() for t in TEMPERATURES
    ]
    return float(TEMPERATURES[int(np.argmax(likely))])
