"""Clusters that stay together over many densities; finds k itself (Campello, Moulavi and Sander
2013).
"""

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
    """Settings of model=hdbscan."""

    name: str = "hdbscan"
    # the fewest stores in a cluster; null uses 5 % of the stores, at least 5
    min_cluster_size: int | None = within(2, None, default=None)


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give one candidate, for the number of clusters it finds."""
    from sklearn.cluster import HDBSCAN

    from clustering.methods.fitting.candidate import by_neighbours

    size = settings.min_cluster_size or max(5, len(space.X) // 20)
    labels = HDBSCAN(min_cluster_size=min(size, len(space.X) - 1), copy=True).fit_predict(space.X)
    candidate = by_neighbours(space, labels.astype("int64"))
    return {candidate.k: candidate}
