"""A tree of stores, cut into k; other stores go with their neighbours."""

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
    """Settings of model=agglomerative."""

    name: str = "agglomerative"
    # how the distance of two clusters is measured
    linkage: str = one_of("ward", "average", "complete", "single", default="ward")


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give a candidate for each k in `ks`."""
    from sklearn.cluster import AgglomerativeClustering

    from clustering.methods.fitting.candidate import by_neighbours

    models = {k: AgglomerativeClustering(k, linkage=settings.linkage) for k in ks}
    return {
        k: by_neighbours(space, model.fit_predict(space.X).astype("int64"))
        for k, model in models.items()
    }
