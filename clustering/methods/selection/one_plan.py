"""Whether plans by cluster serve unseen sales better than one plan for the whole chain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.fitting.placement import Placement
from clustering.methods.fitting.share_placement import SharePlacement
from clustering.methods.selection.heldout import mean_of_others, standard_error_of
from clustering.methods.transforms.composition import LEAST_GAIN, demand_met, shares
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
    """Place the stores by each half of the sales and measure the plans on the other half; None
    for one cluster, and where too few stores sold in both.

    A plan shares the shelf out as the other stores of the cluster (or of the chain) sell. A store
    whose mix is m meets the share sum of min(m, plan) of its demand.
    """
    sold = np.flatnonzero((halves[0].information > 0) & (halves[1].information > 0))
    if placement.k < 2 or len(sold) < 2 * placement.k:
        return None
    one, other = (half.rows(sold) for half in halves)
    parts = np.vstack(
        [
            _gains(unseen, _placed(seen, transformers, placement))
            for seen, unseen in ((one, other), (other, one))
        ]
    )
    return GainOfPlans(float(parts.sum(axis=1).mean()), standard_error_of(parts))


def _placed(table: Table, transformers: FittedFeatures, placement: Placement) -> NDArray[np.int64]:
    X, information = transformers.place(table)
    if isinstance(placement, SharePlacement):  # the same, without probabilities
        return placement.nearest(X, information)
    return np.asarray(placement.responsibilities(X, information).argmax(axis=1))


def _gains(unseen: Table, labels: NDArray[np.int64]) -> Matrix:
    """What each store (n,) adds to the share of demand met."""
    mix, weight = shares(unseen.numbers), unseen.information
    chain = mean_of_others(mix, weight, np.zeros(len(labels), dtype=np.int64))
    mates = mean_of_others(mix, weight, labels)
    alone = ~np.isfinite(mates).all(axis=1)
    mates[alone] = chain[alone]
    met = demand_met(mix, mates) - demand_met(mix, chain)
    return np.asarray(weight * met / weight.sum())
