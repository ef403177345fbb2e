"""Groups that go on from a baseline: fitted from its partition, kept unless a new one gains."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from clustering.config import Baseline, Model
from clustering.methods.fitting.candidate import Candidate
from clustering.methods.fitting.placement import GaussianPlacement
from clustering.methods.fitting.space import Labels, Space
from clustering.methods.models import FamilyModule
from clustering.methods.selection.decision import Choice


def restarted(
    chosen: Choice, space: Space, family: FamilyModule, model: Model, baseline: Baseline, seed: int
) -> Choice:
    """Give the choice with groups that were fitted from the partition of the baseline, which
    `space` knows, where k goes on: a search from anew may end in another that is no better.

    A new partition must gain baseline.k_gain of the log likelihood per store. The cuts of a
    continuum start from the baseline where they are made (fitting/lloyd.py).
    """
    fresh = chosen.candidates[chosen.k]
    if chosen.verdict != "groups" or chosen.k == 1 or space.continued(chosen.k) is None:
        return chosen
    start = _FromBaseline(
        space.X,
        space.information,
        space.blocks,
        _noise(fresh),
        space.old,
        loadings=space.loadings if fresh.selected is not None else None,
        selected=fresh.selected,
    )
    again = family.fit(start, model, [chosen.k], seed)[chosen.k]
    gain = (again.bic - fresh.bic) / (2 * len(space.X))
    if np.isfinite(gain) and gain >= baseline.k_gain:
        said = f"A new partition gains {gain:.2f} on that of the baseline and replaces it."
        return replace(chosen, sentence=f"{chosen.sentence} {said}")
    return replace(chosen, candidates=chosen.candidates | {chosen.k: again})


@dataclass(frozen=True)
class _FromBaseline(Space):
    """A space in which the search for k clusters starts from those of the baseline."""

    def start(self, k: int) -> Labels:
        old = self.continued(k)
        return super().start(k) if old is None else old


def _noise(candidate: Candidate) -> float | None:
    placement = candidate.placement
    return placement.noise or None if isinstance(placement, GaussianPlacement) else None
