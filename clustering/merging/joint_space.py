"""One space for both tracks, in which each carries its configured weight whatever its dimensions and scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.transforms.table import Matrix, coordinates


@dataclass(frozen=True)
class JointSpace:
    """Two blocks of coordinates (n_stores, d) and which stores each knows; unknown rows are zero."""

    internal: Matrix
    external: Matrix
    internal_known: NDArray[np.bool_]
    external_known: NDArray[np.bool_]

    def squared_distances(self, members: NDArray[np.int64], targets: int) -> Matrix:
        """Squared distances (n_stores, targets) to the centres of the stores labelled 0..targets-1 (-1: none).

        A block that does not know the store or the target is left out for the pair; where neither block knows both the
        distance is infinite.
        """
        total = np.zeros((len(members), targets))
        compared = np.zeros((len(members), targets), dtype=bool)
        for block, known in ((self.internal, self.internal_known), (self.external, self.external_known)):
            counted = (members >= 0) & known
            sizes = np.bincount(members[counted], minlength=targets)
            centres = np.zeros((targets, block.shape[1]))
            np.add.at(centres, members[counted], block[counted])
            centres /= np.maximum(sizes, 1)[:, None]
            both = known[:, None] & (sizes > 0)[None]
            square = ((block[:, None, :] - centres[None]) ** 2).sum(axis=2)
            total += np.where(both, square, 0.0)
            compared |= both
        return np.where(compared, total, np.inf)


def joint_space(stores: pl.Series, internal: pl.DataFrame, external: pl.DataFrame, internal_weight: float) -> JointSpace:
    """Lay out both matrices (schemas.Matrix, one category each) in the order of `stores`.

    Each block is scaled to unit total variance over the stores it knows, then by the root of its weight.
    """
    left, left_known = _block(stores, internal, internal_weight)
    right, right_known = _block(stores, external, 1 - internal_weight)
    return JointSpace(left, right, left_known, right_known)


def _block(stores: pl.Series, matrix: pl.DataFrame, weight: float) -> tuple[Matrix, NDArray[np.bool_]]:
    rows = pl.DataFrame({"store_nbr": stores}).join(
        matrix.select("store_nbr", "components"), on="store_nbr", how="left", maintain_order="left"
    )
    known = rows["components"].is_not_null().to_numpy()
    if not known.any():
        return np.zeros((len(stores), 1)), known
    present = coordinates(rows["components"])
    X = np.zeros((len(stores), present.shape[1]))
    X[known] = present
    spread = float(X[known].var(axis=0).sum())
    X[known] -= X[known].mean(axis=0)
    return X * np.sqrt(weight / spread if spread > 0 else 0.0), known
