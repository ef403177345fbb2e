"""Every store of a category: its cluster, how clear that is, what is next, what keeps it there."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.results.page.content.shares import CategoryRows
from clustering.results.page.content.words import Part


def placements(profile: Part, rows: CategoryRows) -> Part:
    """Placements of types.ts, without the evidence."""
    placed = rows.placed
    feature, share = _anchors(profile, rows)
    return {
        "store": placed["place"].to_list(),
        "sales": placed["sold"].to_list(),
        "final": placed["final"].to_list(),
        "next": placed["next_mix"].to_list(),
        "probability": placed["probability"].to_list(),
        "internal": placed["internal_cluster"].to_list(),
        "external": placed["external_cluster"].to_list(),
        "few": _where(placed["is_few"]),
        "unsold": _where(placed["is_unsold"]),
        "fence": _where(placed["is_on_fence"]),
        "joined": _where(placed["reassigned"]),
        "feature": feature,
        "share": share,
        "space": placed["space"].to_list() if placed["space"].count() else None,
    }


def _where(flags: pl.Series) -> list[int]:
    found: list[int] = np.flatnonzero(flags.to_numpy()).tolist()
    return found


def shares_block(rows: CategoryRows) -> Part:
    """Shares of types.ts."""
    thousandths = np.rint(rows.shares * 1000).astype(int)
    return {"features": len(rows.features), "thousandths": thousandths.ravel().tolist()}


def _anchors(profile: Part, rows: CategoryRows) -> tuple[list[int | None], list[float | None]]:
    """The need state that keeps each store in its mix rather than the next (square roots of
    shares, as the distances of mixes), and the store's share of it.
    """
    shown = [name for name, _ in profile["features"] if name]
    columns = [rows.features.index(name) for name in shown]
    next_mix = rows.placed["next_mix"].cast(pl.Float64).to_numpy()
    known = ~np.isnan(next_mix) & (rows.placed["sales"].to_numpy() > 0)
    if not shown or not known.any():
        return [None] * len(known), [None] * len(known)
    means = np.array(profile["mixMean"])[:, : len(shown)]
    own = means[rows.placed["mix"].to_numpy()]
    other = means[np.nan_to_num(next_mix).astype(np.int64)]
    x = rows.shares[:, columns]
    best, found = _strongest(x, own, other)
    known &= found
    features = [int(at) if ok else None for at, ok in zip(best, known, strict=True)]
    held = np.round(x[np.arange(len(x)), best], 5).tolist()
    return features, [value if ok else None for value, ok in zip(held, known, strict=True)]


def _strongest(x: Matrix, own: Matrix, other: Matrix) -> tuple[NDArray[np.int64], Matrix]:
    """The column (n,) in which each row of x is nearer to `own` than to `other` by the most, and
    whether there is one.
    """
    gain = (np.sqrt(x) - np.sqrt(other)) ** 2 - (np.sqrt(x) - np.sqrt(own)) ** 2
    best = np.round(gain, 10).argmax(axis=1)
    return best, gain[np.arange(len(gain)), best] > 0
