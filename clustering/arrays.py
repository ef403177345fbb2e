"""Matrices and the lists of coordinates that tables hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

Matrix = NDArray[np.float64]


class Transformer(Protocol):
    """What was fitted and brings rows (n, p) into other columns (n, d), ours or scikit-learn's."""

    def transform(self, X: Matrix) -> Matrix: ...


def coordinates(components: pl.Series) -> Matrix:
    """Give the lists of schemas.FeatureMatrix.components that are not null as rows (n, d)."""
    known = components.drop_nulls()
    if known.is_empty():
        return np.zeros((0, 1))
    return np.asarray(known.list.to_array(len(known[0])).to_numpy(), dtype=float)


def coordinates_of(components: pl.Series, parts: Iterable[slice]) -> list[Matrix]:
    """Give `coordinates` of each of the `parts` of the lists of many categories, which follow each
    other without gaps.
    """
    lengths = components.list.len().fill_null(0).cast(pl.Int64).to_numpy()
    values, stops = (
        components.drop_nulls().explode().cast(pl.Float64).to_numpy(),
        np.append(0, np.cumsum(lengths)),
    )
    found = [
        (values[stops[part.start] : stops[part.stop]], int(lengths[part].max(initial=0)))
        for part in parts
    ]
    return [flat.reshape(-1, d) if d else np.zeros((0, 1)) for flat, d in found]


def runs(keys: pl.Series) -> dict[str, slice]:
    """Where each value of a sorted column is."""
    found = keys.rle().struct.unnest()
    stops = np.cumsum(found["len"].to_numpy(), dtype=np.int64).tolist()
    return {
        key: slice(start, stop)
        for key, start, stop in zip(found["value"], [0, *stops], stops, strict=False)
    }
