"""k-means that splits the largest cluster in two, again and again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clustering.config import Model, one_of

if TYPE_CHECKING:
    from clustering.methods.fitting.candidate import Candidate
    from clustering.methods.fitting.space import Space


@dataclass
class Settings(Model):
    """Settings of model=bisecting_kmeans."""

    name: str = "bisecting_kmeans"
    # which cluster is split next
    split: str = one_of("biggest_inertia", "largest_cluster", default="biggest_inertia")


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give a candidate for each k in `ks`."""
    from sklearn.cluster import BisectingKMeans

    from clustering.methods.fitting.candidate import around_centres

    models = {
        k: BisectingKMeans(k, bisecting_strategy=settings.split, random_state=seed, n_init=4)
        for k in ks
    }
    return {
        k: around_centres(space, model.fit_predict(space.X).astype("int64"))
        for k, model in models.items()
    }
