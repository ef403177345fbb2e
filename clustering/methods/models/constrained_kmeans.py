"""k-means with a smallest and a largest cluster (Bradley, Bennett and Demiriz 2000); needs the
extra `models`.
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
    """Settings of model=constrained_kmeans."""

    name: str = "constrained_kmeans"
    # the fewest stores in a cluster; null sets no limit
    size_min: int | None = within(1, None, default=None)
    # the most stores in a cluster; null sets no limit
    size_max: int | None = within(1, None, default=None)


def fit(space: Space, settings: Settings, ks: Sequence[int], seed: int) -> dict[int, Candidate]:
    """Give a candidate for each k in `ks` whose sizes can hold; raises ConfigError where the extra
    is missing.
    """
    from clustering.errors import StageError, missing_extra
    from clustering.methods.fitting.candidate import by_neighbours

    try:
        from k_means_constrained import KMeansConstrained
    except ImportError as cause:
        raise missing_extra("model=constrained_kmeans", "models") from cause
    n, low, high = len(space.X), settings.size_min or 0, settings.size_max or len(space.X)
    found = {}
    for k in ks:
        if k * low <= n <= k * high:
            model = KMeansConstrained(
                k, size_min=low or None, size_max=min(high, n), random_state=seed, n_init=2
            )
            labels = model.fit_predict(space.X).astype("int64")
            # each store keeps the cluster it was given, though another centre may be nearer
            found[k] = by_neighbours(space, labels)
    if not found:
        raise StageError(
            f"no k in {min(ks)}-{max(ks)} lets {n} stores form clusters of {low}-{high} stores; "
            "change "
            "model.size_min, model.size_max, model.k_min or model.k_max"
        )
    return found
