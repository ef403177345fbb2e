"""The number of separate groups: the lowest BIC, where every border without a gap has a price."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from clustering.methods.fitting.candidate import Candidate
from clustering.methods.fitting.space import Space
from clustering.methods.selection.criteria import silhouettes
from clustering.methods.selection.gaps import separate_clusters

PRICE = 0.2  # of a cluster that no gap separates: in BIC, per store
MOST = 0.5  # that fewer clusters may lose altogether: in BIC, per store
CLEARER = 0.05  # higher silhouette of fewer clusters


def number_of_groups(space: Space, candidates: Mapping[int, Candidate]) -> int:
    """Give k of the lowest BIC, or a smaller one with some gaps that lacks fewer; 0 where no
    candidate has a BIC.

    Groups that are skewed or curved are fitted best by several normal distributions each. Fewer
    clusters win where their BIC is higher by less than PRICE a store for each gap they lack less,
    and only with a silhouette that is higher by CLEARER: groups that overlap, or that noise blurs,
    have no gaps either.
    """
    bics = {k: one.bic for k, one in candidates.items() if np.isfinite(one.bic)}
    if not bics:
        return 0
    best, price = min(bics, key=lambda k: (bics[k], k)), PRICE * len(space.X)
    if best < 3:
        return best
    lacking = {best: _lacking(space, candidates[best])}
    most = bics[best] + min(price * lacking[best], MOST * len(space.X))
    near = [k for k in bics if 1 < k < best and bics[k] < most]
    for k in _clearer(space, candidates, near, best):
        if (found := _lacking(space, candidates[k])) < k - 1:
            lacking[k] = found
    return min(lacking, key=lambda k: (bics[k] + price * lacking[k], k))


def _lacking(space: Space, candidate: Candidate) -> int:
    """How many of the clusters no gap separates from another."""
    return candidate.k - separate_clusters(space, candidate.labels)


def _clearer(
    space: Space, candidates: Mapping[int, Candidate], ks: list[int], best: int
) -> list[int]:
    """Those of `ks` whose silhouette is clearly higher than that of `best`."""
    if not ks:
        return []
    found = silhouettes(space.X, [candidates[k].labels for k in [*ks, best]])
    means = [float(values.mean()) for values in found.values]
    return [k for k, mean in zip(ks, means, strict=False) if mean >= means[-1] + CLEARER]
