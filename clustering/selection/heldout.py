"""What clusters explain on sales they have not seen: fitted on one half of the sales, scored on the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustering.fitting.space import Labels, means_by_label
from clustering.transforms.composition import shares
from clustering.transforms.table import Matrix, Table


@dataclass(frozen=True)
class HeldOut:
    """R2 of each candidate, and each store's part in it (n_stores,): the parts sum to R2."""

    r2: float
    parts: Matrix

    def standard_error_of_gain(self, other: HeldOut) -> float:
        """Standard error of self.r2 - other.r2, the stores being the sample."""
        difference = self.parts - other.parts
        return float(np.sqrt(len(difference)) * difference.std())

    @property
    def standard_error(self) -> float:
        return float(np.sqrt(len(self.parts)) * self.parts.std())


def heldout_r2(seen: Table, unseen: Table, labels: Labels) -> HeldOut:
    """The sales-weighted share of the store-to-store variance of the mix in `unseen` that the clusters predict.

    A store's predicted mix is its cluster's in `seen`, shifted by how much the whole category moved. Unlike variance
    explained within one half this does not grow with k by chance; it can be negative.
    """
    before, after = shares(seen.numbers), shares(unseen.numbers)
    weight = unseen.information.copy()
    both = np.isfinite(before).all(axis=1) & np.isfinite(after).all(axis=1)
    if both.sum() < 3:
        return HeldOut(0.0, np.zeros(len(labels)))
    weight = np.where(both, weight, 0.0)
    before, after = np.nan_to_num(before), np.nan_to_num(after)
    seen_weight = np.where(both, seen.information, 0.0)
    total_before, total_after = _mean(before, seen_weight), _mean(after, weight)
    centres = means_by_label(before, labels, int(labels.max()) + 1, seen_weight)
    predicted = total_after + (centres[labels] - total_before)
    base = weight * ((after - total_after) ** 2).sum(axis=1)
    left = weight * ((after - predicted) ** 2).sum(axis=1)
    parts = (base - left) / max(float(base.sum()), 1e-300)
    return HeldOut(float(parts.sum()), parts)


def _mean(mix: Matrix, weight: Matrix) -> Matrix:
    return np.asarray(weight @ mix / max(float(weight.sum()), 1e-300))
