"""The number of separate groups: the lowest BIC, where every border without a gap has a price."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from clustering.methods.fitting.candidate import Candidate, of_selected
from clustering.methods.fitting.space import Space
from clustering.methods.selection.criteria import silhouettes
from clustering.methods.selection.gaps import Gaps, gaps

PRICE = 0.2  # of a cluster that no gap separates: in BIC, per store
STRONG = 6.0  # evidence, as a cluster too small to test for gaps needs: in BIC (see docs/method.md)
MOST = 0.5  # that fewer clusters may lose altogether: in BIC, per store
CLEARER = 0.05  # higher silhouette of fewer clusters


def number_of_groups(space: Space, candidates: Mapping[int, Candidate]) -> int:
    """Give k of the lowest BIC, or a smaller one with some gaps whose BIC is lower once missing
    gaps are paid for; 0 where no candidate has a BIC.

    Groups that are skewed or curved are fitted best by several normal distributions each. A cluster
    that no gap separates costs PRICE a store, and one that is too small to show a gap STRONG.
    Fewer clusters win only with a silhouette that is higher by CLEARER: groups that overlap, or
    that noise blurs, have no gaps either.
    """
    bics = {k: one.bic for k, one in candidates.items() if np.isfinite(one.bic)}
    if not bics:
        return 0
    best = min(bics, key=lambda k: (bics[k], k))
    if best < 3:
        return best
    paid = {best: _price(_gaps(space, candidates[best]), best, len(space.X))}
    most = bics[best] + min(paid[best], MOST * len(space.X))
    near = [k for k in bics if 1 < k < best and bics[k] < most]
    for k in _clearer(space, candidates, near, best):
        if (found := _gaps(space, candidates[k])).separate > 1:
            paid[k] = _price(found, k, len(space.X))
    return min(paid, key=lambda k: (bics[k] + paid[k], k))


def _gaps(space: Space, candidate: Candidate) -> Gaps:
    return gaps(of_selected(space, candidate), candidate.labels)


def _price(found: Gaps, k: int, stores: int) -> float:
    """What the missing gaps of k clusters cost."""
    return PRICE * stores * found.missing + STRONG * (k - found.tested)


def _clearer(
    space: Space, candidates: Mapping[int, Candidate], ks: list[int], best: int
) -> list[int]:
    """Those of `ks` whose silhouette is clearly higher than that of `best`."""
    if not ks:
        return []
    view = of_selected(space, candidates[best])
    found = silhouettes(view.X, [candidates[k].labels for k in [*ks, best]])
    means = [float(values.mean()) for values in found.values]
    return [k for k, mean in zip(ks, means, strict=False) if mean >= means[-1] + CLEARER]
