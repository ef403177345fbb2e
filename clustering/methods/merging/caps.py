"""The most clusters a category may have, held for its final clusters."""

from __future__ import annotations

import numpy as np

from clustering.methods.merging.cells import Cells
from clustering.methods.merging.lead import Merged


def folded_to(cells: Cells, merged: Merged, most: int) -> Merged:
    """Join final clusters until at most `most` are left: pieces of one group first, groups only
    when none is split; always the pair that loses the least in both spaces together.
    """
    group, piece = merged.group.copy(), merged.piece.copy()
    while True:
        there = cells.stores > 0
        final, ends = np.unique(np.stack([group[there], piece[there]]), axis=1, return_inverse=True)
        if final.shape[1] <= max(most, 1):
            return Merged(group, piece, merged.joined)
        keep, drop = _least_loss(cells, final, ends.ravel())
        own = (group == final[0, drop]) & (piece == final[1, drop])
        if final[0, keep] != final[0, drop]:
            own = group == final[0, drop]
            piece[own] = final[1, keep]
        group[own], piece[own] = final[0, keep], final[1, keep]


def _least_loss(cells: Cells, final: np.ndarray, ends: np.ndarray) -> tuple[int, int]:
    """The places of two final clusters to join, the larger first."""
    there = (cells.stores > 0).ravel()
    flat = cells.flat
    first = np.array([np.flatnonzero(ends == place)[0] for place in range(final.shape[1])])
    roots = np.full(len(there), -1)
    roots[there] = np.flatnonzero(there)[first[ends]]
    joined, places = flat.joined(roots), np.flatnonzero(there)[first]
    squares = joined.squared_distances([block[places] for block in joined.blocks])[:, places]
    stores = joined.stores[places]
    loss = np.round(squares * stores[:, None] * stores[None] / (stores[:, None] + stores[None]), 10)
    siblings = final[0][:, None] == final[0][None]
    np.fill_diagonal(siblings, False)
    allowed = siblings if siblings.any() else ~np.eye(len(stores), dtype=bool)
    # a distance is infinite where no track has coordinates of both: any pair is then as good
    known = np.minimum(loss, np.finfo(float).max)
    one, other = np.unravel_index(np.where(allowed, known, np.inf).argmin(), loss.shape)
    larger = stores[one] >= stores[other]
    return (int(one), int(other)) if larger else (int(other), int(one))
