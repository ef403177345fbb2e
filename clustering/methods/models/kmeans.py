"""k-means from the centres of the Ward tree, so that no restart and no seed decides the result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from clustering.config import Model

if TYPE_CHECKING:
    from clustering.methods.fitting.candidate import Candidate
    from clustering.methods.fitting.space import Space


@dataclass
class Settings(Model):
    """Settings of model=kmeans."""

    name: str = "kmeans"
    # weight stores by their sales
    weighted: bool = False


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give k-means centres for each k in `ks`."""
    from clustering.methods.fitting.candidate import from_placement
    from clustering.methods.fitting.lloyd import fit_kmeans

    weights = space.information if settings.weighted and space.has_noise else None
    return {k: from_placement(space, fit_kmeans(space.X, space.start(k), weights)) for k in ks}
