"""Peaks of the density of stores; finds k itself (Comaniciu and Meer 2002)."""

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
    """Settings of model=meanshift."""

    name: str = "meanshift"
    # the bandwidth is this quantile of the distances between stores
    quantile: float = within(0.01, 1, default=0.2)


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give one candidate, for the number of clusters it finds."""
    import numpy as np
    from sklearn.cluster import MeanShift, estimate_bandwidth

    from clustering.methods.fitting.candidate import around_centres

    width = estimate_bandwidth(
        space.X, quantile=settings.quantile, n_samples=min(len(space.X), 2_000), random_state=seed
    )
    labels = MeanShift(bandwidth=max(float(width), 1e-9), bin_seeding=False).fit_predict(space.X)
    candidate = around_centres(space, np.unique(labels, return_inverse=True)[1])
    return {candidate.k: candidate}
