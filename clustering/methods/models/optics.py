"""Dense regions of stores at any radius; finds k itself (Ankerst, Breunig, Kriegel and Sander
1999).
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
    """Settings of model=optics."""

    name: str = "optics"
    # a store with this many near neighbours is in the core of a cluster
    min_stores: int = within(2, None, default=8)
    # the smallest share of stores that makes a cluster
    min_share: float = within(0.001, 0.5, default=0.05)


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give one candidate, for the number of clusters it finds."""
    from sklearn.cluster import OPTICS

    from clustering.methods.fitting.candidate import by_neighbours

    neighbours = min(settings.min_stores, len(space.X) - 1)
    smallest = max(2, round(settings.min_share * len(space.X)))
    labels = OPTICS(min_samples=neighbours, min_cluster_size=smallest).fit_predict(space.X)
    candidate = by_neighbours(space, labels.astype("int64"))
    return {candidate.k: candidate}
