"""A fitted clustering for one k, with what information criteria need of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.fitting.placement import CentroidPlacement, NeighbourPlacement, Placement
from clustering.methods.fitting.space import Labels, Space, means_by_label


@dataclass(frozen=True)
class Candidate:
    """`bic` and `icl`, lower is better; of models without a likelihood, that of tied Gaussians at
    their clusters.
    """

    placement: Placement
    labels: Labels
    bic: float
    icl: float
    # stores (n_stores,) that belong to no cluster by the model's own account; they are placed all
    # the same, and flagged
    strays: NDArray[np.bool_] | None = None
    # the attributes that clusters differ in, where these are not axes (see variable_selection.py)
    selected: NDArray[np.bool_] | None = None

    @property
    def k(self) -> int:
        return self.placement.k


def of_selected(space: Space, candidate: Candidate) -> Space:
    """The space of the attributes that the clusters of a candidate differ in; the whole space where
    these are not known.
    """
    selected = candidate.selected
    return space if selected is None or not selected.any() else space.of_attributes(selected)


def from_placement(space: Space, placement: Placement, labels: Labels | None = None) -> Candidate:
    """Give a candidate for a model without a likelihood; `labels` are its own where it has some
    (n_stores,).
    """
    own = (
        placement.responsibilities(space.X, space.information).argmax(axis=1)
        if labels is None
        else labels
    )
    bic, icl = partition_criteria(space.X, own)
    return Candidate(placement, own, bic, icl)


def around_centres(space: Space, labels: Labels) -> Candidate:
    """Give a candidate that places stores by the nearest mean of the clusters in `labels`
    (0..k-1).
    """
    k = int(labels.max()) + 1
    centres = means_by_label(space.X, labels, k)
    variance = float(((space.X - centres[labels]) ** 2).mean()) if space.X.size else 1.0
    return from_placement(space, CentroidPlacement(centres, max(variance, 1e-12)))


def by_neighbours(space: Space, labels: Labels) -> Candidate:
    """Give a candidate that places stores by their neighbours in `labels`, where -1 marks stores in
    no cluster.

    Clusters are renumbered 0..k-1; where no store is in one, all are in one cluster.
    """
    strays = labels < 0
    if strays.all():
        return replace(from_placement(space, one_cluster(space).placement), strays=strays)
    labels = np.where(strays, -1, np.unique(labels, return_inverse=True)[1] - int(strays.any()))
    placement = NeighbourPlacement(space.X[~strays], labels[~strays], int(labels.max()) + 1)
    own = np.where(
        strays, placement.responsibilities(space.X, space.information).argmax(axis=1), labels
    )
    return replace(from_placement(space, placement, own), strays=strays)


def partition_criteria(X: Matrix, labels: Labels) -> tuple[float, float]:
    """BIC and ICL of Gaussians with one shared covariance at the clusters of `labels`."""
    from clustering.methods.fitting.placement import log_densities

    (n, d), k = X.shape, int(labels.max()) + 1
    sizes = np.bincount(labels, minlength=k)
    means = means_by_label(X, labels, k)
    residual = X - means[labels]
    variance, axes = np.linalg.eigh(
        residual.T @ residual / n + 1e-9 * np.eye(d) * max(float(X.var()), 1e-12)
    )
    joint = log_densities(X @ axes, means @ axes, np.maximum(variance, 1e-15)[None])
    joint += np.log(np.maximum(sizes, 1e-10) / n)
    highest = joint.max(axis=1, keepdims=True)
    total = highest[:, 0] + np.log(np.exp(joint - highest).sum(axis=1))
    r = np.exp(joint - total[:, None])
    bic = float(-2 * total.sum() + (k - 1 + k * d + d * (d + 1) // 2) * np.log(n))
    return bic, bic - 2 * float((r * np.log(np.maximum(r, 1e-300))).sum())


def one_cluster(space: Space) -> Candidate:
    """All stores together."""
    d = space.X.shape[1]
    centre = space.X.mean(axis=0, keepdims=True) if len(space.X) else np.zeros((1, d))
    placement = CentroidPlacement(centre, 1.0)
    return Candidate(placement, np.zeros(len(space.X), dtype=np.int64), np.nan, np.nan)
