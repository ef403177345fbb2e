"""A cluster for every store of one category."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.config import Assign
from clustering.fitting.space import Labels
from clustering.transforms.table import Matrix, coordinates


def assign(stores: pl.DataFrame, matrix: pl.DataFrame, models: Any, assign: Assign, seed: int) -> dict[str, pl.DataFrame]:
    """Give the assignments (schemas.Assignments) of one category; `models` is the category's TrainedModel.

    Every store with coordinates follows the model, outliers and stores with poor history included; the others
    go where assign.unknown_stores says. Clusters are numbered by size, the largest first; of
    equally large ones the one with the smaller coordinates comes first.
    """
    known = matrix["components"].is_not_null().to_numpy()
    X = coordinates(matrix["components"])
    information = matrix["information"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    r = np.zeros((matrix.height, models.placement.k))
    assigned_by = np.full(matrix.height, "model", dtype=object)
    r[known] = models.placement.responsibilities(X, information[known])
    sizes = np.bincount(r[known].argmax(axis=1), minlength=r.shape[1])
    _place_unknown(r, assigned_by, ~known, sizes, models.cohesion, assign)
    order = _by_size(r, known, X)
    is_outlier = matrix["is_outlier"].to_numpy().copy()
    is_outlier[np.flatnonzero(known & matrix["is_fitted"].to_numpy())] |= models.strays
    return {"assignments": _frame(matrix, r[:, order], assigned_by, is_outlier)}


def _place_unknown(
    r: Matrix, assigned_by: NDArray[np.object_], unknown: NDArray[np.bool_], sizes: NDArray[np.int64], cohesion: Matrix,
    assign: Assign,
) -> None:  # fmt: skip
    """Stores without coordinates: the rule's cluster, at the probability the shares of stores give it."""
    if not unknown.any():
        return
    share = (sizes + 1) / (sizes + 1).sum()
    rule = assign.unknown_stores
    target = int(np.argmax(cohesion) if rule == "most_cohesive" else np.argmax(sizes))
    r[unknown] = share
    # the rule decides, whatever the shares say: its cluster must come out on top
    r[unknown, target] = max(share[target], float(share.max()))
    r[unknown] /= r[unknown].sum(axis=1, keepdims=True)
    r[unknown, target] = np.nextafter(r[unknown].max(axis=1), 1.0)
    assigned_by[unknown] = rule


def _by_size(r: Matrix, known: NDArray[np.bool_], X: Matrix) -> NDArray[np.int64]:
    labels = r.argmax(axis=1)
    sizes = np.bincount(labels, minlength=r.shape[1])
    own = labels[known]
    centres = [np.round(X[own == c].mean(axis=0), 9).tolist() if (own == c).any() else [] for c in range(r.shape[1])]
    return np.array(sorted(range(r.shape[1]), key=lambda c: (-int(sizes[c]), centres[c])))


def _frame(matrix: pl.DataFrame, r: Matrix, assigned_by: NDArray[np.object_], is_outlier: NDArray[np.bool_]) -> pl.DataFrame:
    # empty clusters are the last ones and are never anyone's; nine decimals hide the rounding of sums
    labels: Labels = r.argmax(axis=1)
    rows = np.arange(len(r))
    probability = np.round(np.clip(r[rows, labels], 0, 1), 9)
    next_cluster: list[int | None] = [None] * len(r)
    margin: list[float | None] = [None] * len(r)
    if r.shape[1] > 1:
        others = r.copy()
        others[rows, labels] = -1
        second = others.argmax(axis=1)
        next_cluster = (second + 1).tolist()
        margin = np.round(r[rows, labels] - r[rows, second], 9).tolist()
    return matrix.select("category", "store_nbr").with_columns(
        pl.Series("cluster", labels + 1, dtype=pl.Int64),
        pl.Series("probability", probability),
        pl.Series("is_outlier", is_outlier),
        pl.Series("assigned_by", assigned_by.astype(str)),
        pl.Series("next_cluster", next_cluster, dtype=pl.Int64),
        pl.Series("margin", margin, dtype=pl.Float64),
    )
