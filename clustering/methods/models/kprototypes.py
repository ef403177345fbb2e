"""k-means for numbers and levels together (Huang 1998); needs the extra `models`."""

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
    """Settings of model=kprototypes."""

    name: str = "kprototypes"
    # the weight of a text attribute that differs; null derives it from the spread of the numbers
    gamma: float | None = within(0, None, default=None)


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give a candidate for each k in `ks`; without categorical attributes it is k-means."""
    import numpy as np

    from clustering.errors import missing_extra
    from clustering.methods.fitting.candidate import around_centres
    from clustering.methods.fitting.lloyd import fit_kmeans
    from clustering.methods.fitting.space import gaussian_part, level_shares

    if not space.blocks:
        return {
            k: around_centres(
                space, fit_kmeans(space.X, space.start(k)).nearest(space.X, space.information)
            )
            for k in ks
        }
    try:
        from kmodes.kprototypes import KPrototypes
    except ImportError as cause:
        raise missing_extra("model=kprototypes", "models") from cause
    numbers = gaussian_part(space.X, space.blocks)
    levels = np.column_stack(
        [share.argmax(axis=1) for share in level_shares(space.X, space.blocks)]
    )
    mixed = np.hstack([numbers, levels]).astype(object)
    columns = list(range(numbers.shape[1], mixed.shape[1]))
    found = {}
    for k in ks:
        model = KPrototypes(k, gamma=settings.gamma, random_state=seed, n_init=2)
        candidate = around_centres(
            space, np.unique(model.fit_predict(mixed, categorical=columns), return_inverse=True)[1]
        )
        found[candidate.k] = candidate
    return found
