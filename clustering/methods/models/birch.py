"""A tree of summaries, its leaves clustered into k (Zhang, Ramakrishnan and Livny 1996)."""

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
    """Settings of model=birch."""

    name: str = "birch"
    # leaves wider than this share of the spread of all stores are split
    threshold: float = within(1e-6, 1, default=0.1)


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give a candidate for each k in `ks`."""
    import numpy as np
    from sklearn.cluster import Birch

    from clustering.methods.fitting.candidate import around_centres

    width = settings.threshold * float(np.sqrt(space.X.var(axis=0).sum()))
    found = {}
    for k in ks:
        labels = Birch(threshold=max(width, 1e-9), n_clusters=k).fit_predict(space.X)
        candidate = around_centres(space, np.unique(labels, return_inverse=True)[1])
        found[candidate.k] = candidate
    return found
