"""What clusters explain on sales they have not seen: fitted on one half of the sales, scored on the
other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.fitting.space import Labels
from clustering.methods.transforms.composition import shares
from clustering.methods.transforms.table import Table


@dataclass(frozen=True)
class HeldOut:
    """R2 of a candidate, and each store's part in it by direction (n_directions, n_stores): each
    row sums to an R2.
    """

    parts: Matrix

    @property
    def r2(self) -> float:
        return float(self.parts.sum(axis=1).mean())

    @property
    def standard_error(self) -> float:
        """The error that comes from the sales."""
        return standard_error_of(self.parts)

    def standard_error_of_gain(self, other: HeldOut) -> float:
        """Standard error of self.r2 - other.r2: what both miss alike says nothing about their
        rank.
        """
        return standard_error_of(self.parts - other.parts)

    def joined(self, other: HeldOut) -> HeldOut:
        """Both directions together."""
        return HeldOut(np.vstack([self.parts, other.parts]))


def standard_error_of(parts: Matrix) -> float:
    """With two directions, from how much they differ store by store; with one, from how much the
    stores differ.

    The stores are all there are, not a sample: given both directions, only the sales are uncertain.
    """
    if len(parts) == 2:
        return float(np.sqrt((((parts[0] - parts[1]) / 2) ** 2).sum()))
    return float(np.sqrt(parts.shape[1]) * parts[0].std())


def heldout_r2(unseen: Table, labels: Labels) -> HeldOut:
    """The sales-weighted share of the store-to-store variance of the mix in `unseen` that clusters
    explain.

    The clusters were found in other sales. Each store's mix is predicted by that of the other
    stores of its cluster, and compared with the prediction by all other stores; leaving the store
    itself out, the value does not grow with k by chance, and it is negative where mates predict
    worse than everyone.
    """
    mix, weight = shares(unseen.numbers), unseen.information
    known = np.isfinite(mix).all(axis=1)
    mix, weight = np.nan_to_num(mix), np.where(known, weight, 0.0)
    overall = mean_of_others(mix, weight, np.zeros(len(labels), dtype=np.int64))
    mates = mean_of_others(mix, weight, labels)
    alone = ~np.isfinite(mates).all(axis=1)
    mates[alone] = overall[alone]
    base = weight * ((mix - overall) ** 2).sum(axis=1)
    left = weight * ((mix - mates) ** 2).sum(axis=1)
    total = float(np.nansum(base))
    if total <= 1e-12 * float(weight.sum()):  # stores do not differ: nothing is left to explain
        return HeldOut(np.zeros((1, len(labels))))
    return HeldOut(np.nan_to_num(base - left)[None] / total)


def mean_of_others(mix: Matrix, weight: Matrix, labels: Labels) -> Matrix:
    """For each store the weighted mean mix of the other stores with its label; NaN where there is
    no other.
    """
    k = int(labels.max()) + 1
    member = np.zeros((k, len(labels)))
    member[labels, np.arange(len(labels))] = weight
    sums, total = member @ mix, member.sum(axis=1)
    rest = total[labels] - weight
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (sums[labels] - weight[:, None] * mix) / rest[:, None]
    return np.where((rest > 1e-9 * np.maximum(total[labels], 1e-300))[:, None], mean, np.nan)
