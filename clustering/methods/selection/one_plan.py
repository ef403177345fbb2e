"""Whether plans by cluster serve unseen sales better than one plan for the whole chain."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustering.methods.fitting.placement import Placement
from clustering.methods.fitting.share_placement import SharePlacement
from clustering.methods.selection.heldout import standard_error_of
from clustering.methods.transforms.demand import LEAST_GAIN, both_ways, without_season
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.table import Table

STANDARD_ERRORS = 2.0


@dataclass(frozen=True)
class GainOfPlans:
    """How much more of the demand plans by cluster meet than one plan: a share of all sales."""

    gain: float
    standard_error: float

    @property
    def one_plan_will_do(self) -> bool:
        """Whether the gain is too small to matter, or not to be told from chance."""
        return self.gain <= max(LEAST_GAIN, STANDARD_ERRORS * self.standard_error)


def gain_of_plans(
    halves: tuple[Table, Table], transformers: FittedFeatures, placement: Placement
) -> GainOfPlans | None:
    """Place the stores by each half of the sales and measure the plans on the other half
    (methods/transforms/demand.py); None for one cluster, and where too few stores sold in both.
    """
    both = both_ways(*(half.numbers for half in halves))
    if placement.k < 2 or both is None or both.sold.sum() < 2 * placement.k:
        return None
    rows = np.flatnonzero(both.sold)
    whole = halves[0].numbers + halves[1].numbers
    placing = (replace(half, numbers=without_season(half.numbers, whole)) for half in halves)
    one, other = (_placed(half.rows(rows), transformers, placement) for half in placing)
    parts = both.judged((one, other)).parts
    return GainOfPlans(float(parts.sum(axis=1).mean()), standard_error_of(parts))


def _placed(table: Table, transformers: FittedFeatures, placement: Placement) -> NDArray[np.int64]:
    X, information = transformers.place(table)
    if isinstance(placement, SharePlacement):  # the same, without probabilities
        return placement.nearest(X, information)
    return np.asarray(placement.responsibilities(X, information).argmax(axis=1))
