"""k-means on small batches of stores, for very many of them (Sculley 2010)."""

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
    """Settings of model=minibatch_kmeans."""

    name: str = "minibatch_kmeans"
    # stores per batch
    batch_size: int = within(1, None, default=1024)


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give a candidate for each k in `ks`."""
    from sklearn.cluster import MiniBatchKMeans

    from clustering.methods.fitting.candidate import around_centres
    from clustering.methods.fitting.space import means_by_label

    found = {}
    for k in ks:
        centres = means_by_label(space.X, space.start(k), k)
        model = MiniBatchKMeans(
            k, init=centres, n_init=1, batch_size=settings.batch_size, random_state=seed
        )
        found[k] = around_centres(space, model.fit_predict(space.X).astype("int64"))
    return {candidate.k: candidate for candidate in found.values()}
