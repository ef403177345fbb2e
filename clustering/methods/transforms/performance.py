"""Sales level and trend of a store beside its mix: coordinates in which each has the weight it was
given.

Level is the logarithm of a store's sales, trend that of the ratio of its later to its earlier half;
both are standardised over the fitted stores. The coordinates of the mix are scaled to unit total
variance first, so that the weights are the shares of the total variance that mix, level and trend
make up, whatever the number of need states.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustering.arrays import Matrix
from clustering.config import Weights
from clustering.methods.transforms.composition import are_shares
from clustering.methods.transforms.table import Table

# of the median store: keeps the trend of a store that sold next to nothing from being extreme
FLOOR = 0.01


@dataclass
class Performance:
    """Fitted on some stores; `means`, `scales` (2,) of level and trend, the scales with the roots
    of their weights.
    """

    mix_scale: float
    floor: float
    means: Matrix
    scales: Matrix

    def coordinates(self, mix: Matrix, table: Table) -> Matrix:
        """Give (n_stores, d + 2): the coordinates of the mix (n_stores, d), level and trend."""
        return np.hstack(
            [mix * self.mix_scale, (_measured(table, self.floor) - self.means) * self.scales]
        )


def fit_performance(mix: Matrix, table: Table, weights: Weights) -> Performance | None:
    """Fit on the stores of `table`, whose mix has the coordinates `mix`; None where the mix has all
    the weight, or came as shares, which have neither level nor trend.
    """
    if not table.is_mix or weights.mix == 100:
        return None
    if are_shares(table.information[table.information > 0]):
        return None
    floor = FLOOR * max(float(np.median(table.information)), 1e-9)
    measured = _measured(table, floor)
    spread, deviations = float(mix.var(axis=0).sum()), measured.std(axis=0)
    shares = np.array([weights.level, weights.trend]) / 100
    scales = np.divide(np.sqrt(shares), deviations, out=np.zeros(2), where=deviations > 1e-12)
    return Performance(
        float(np.sqrt(weights.mix / 100 / spread)) if spread > 0 else 0.0,
        floor,
        measured.mean(axis=0),
        scales,
    )


def _measured(table: Table, floor: float) -> Matrix:
    """Level and trend (n_stores, 2)."""
    earlier, later = table.halves.T
    return np.column_stack(
        [np.log(table.information + floor), np.log((later + floor) / (earlier + floor))]
    )
