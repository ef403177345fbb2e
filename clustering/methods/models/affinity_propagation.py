"""Stores elect exemplars; finds k itself (Frey and Dueck 2007). For up to a few thousand stores."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clustering.config import Model, within

if TYPE_CHECKING:
    from clustering.methods.fitting.candidate import Candidate
    from clustering.methods.fitting.space import Space


@dataclass
class Settings(Model):
    """Settings of model=affinity_propagation."""

    name: str = "affinity_propagation"
    # how much of the last step is kept in each iteration; higher is slower and steadier
    damping: float = within(0.5, 0.99, default=0.8)
    # multiple of the median similarity (which is negative); higher gives fewer clusters
    preference: float = within(0.1, 1000, default=20.0)


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give one candidate, for the number of clusters it finds."""
    import numpy as np
    from sklearn.cluster import AffinityPropagation

    from clustering.methods.fitting.candidate import around_centres
    from clustering.methods.transforms.distances import squared_distances

    preference = -settings.preference * float(np.median(squared_distances(space.X, space.X)))
    labels = AffinityPropagation(
        damping=settings.damping, preference=preference, random_state=seed, max_iter=500
    ).fit_predict(space.X)
    labels = np.where(labels < 0, 0, labels)  # it did not converge: one cluster
    candidate = around_centres(space, np.unique(labels, return_inverse=True)[1])
    return {candidate.k: candidate}
