"""Clusters of the graph of nearest neighbours (Ng, Jordan and Weiss 2002)."""

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
    """Settings of model=spectral."""

    name: str = "spectral"
    # neighbours of each store in the graph
    neighbours: int = within(2, None, default=15)


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give a candidate for each k in `ks`."""
    import warnings

    from sklearn.cluster import SpectralClustering

    from clustering.methods.fitting.candidate import by_neighbours

    found, neighbours = {}, min(settings.neighbours, len(space.X) - 1)
    for k in ks:
        model = SpectralClustering(
            k,
            affinity="nearest_neighbors",
            n_neighbors=neighbours,
            random_state=seed,
            assign_labels="cluster_qr",
        )
        with (
            warnings.catch_warnings()
        ):  # a graph in several pieces is what separate groups look like
            warnings.filterwarnings("ignore", message="Graph is not fully connected")
            candidate = by_neighbours(space, model.fit_predict(space.X).astype("int64"))
        found[candidate.k] = candidate
    return found
