"""Dense regions of stores; finds k itself (Ester, Kriegel, Sander and Xu 1996)."""

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
    """Settings of model=dbscan."""

    name: str = "dbscan"
    # the radius; null uses the 90th percentile of the distances to the min_stores-th neighbour
    eps: float | None = within(1e-12, None, default=None)
    # a store with this many stores within the radius is in the core of a cluster
    min_stores: int = within(2, None, default=8)


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give one candidate, for the number of clusters it finds."""
    import numpy as np
    from scipy.spatial import cKDTree
    from sklearn.cluster import DBSCAN

    from clustering.methods.fitting.candidate import by_neighbours

    neighbours = min(settings.min_stores, len(space.X) - 1)
    distance = cKDTree(space.X).query(space.X, k=neighbours + 1)[0][:, -1]
    radius = settings.eps or max(float(np.quantile(distance, 0.9)), 1e-12)
    labels = DBSCAN(eps=radius, min_samples=neighbours).fit_predict(space.X)
    candidate = by_neighbours(space, labels.astype("int64"))
    return {candidate.k: candidate}
