"""The stores nearest to each store: in what it sells, in its attributes, on the map."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix

EARTH_RADIUS = 6371.0088  # km, mean
LATITUDE, LONGITUDE = ("latitude", "lat"), ("longitude", "lon", "lng", "long")


def coordinate(columns: Iterable[str], spellings: Sequence[str]) -> list[str]:
    """The columns that could hold a coordinate, in any case of letters. The first one does: that
    with the earliest spelling, in small letters before others.
    """
    found = [name for name in columns if name.lower() in spellings]
    return sorted(
        found, key=lambda name: (spellings.index(name.lower()), name not in spellings, name)
    )


def nearest(points: Matrix, number: int) -> tuple[Matrix, NDArray[np.int64]]:
    """Distances and rows (n, number) of the nearest other points; fewer where there are too few;
    ties by row.
    """
    from scipy.spatial import cKDTree

    count = min(number + 1, len(points))
    distances, rows = cKDTree(points).query(points, k=[*range(1, count + 1)])
    own = rows == np.arange(len(points))[:, None]
    own[~own.any(axis=1), -1] = True  # among more copies of itself than are asked for
    keep = ~own
    shape = len(points), count - 1
    return distances[keep].reshape(shape), rows[keep].reshape(shape)


def nearest_on_map(
    latitude: Matrix, longitude: Matrix, number: int
) -> tuple[Matrix, NDArray[np.int64]]:
    """The same of places (n,) in degrees; distances in km, on a sphere."""
    north, east = np.radians(latitude), np.radians(longitude)
    on_sphere = np.column_stack(
        [np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)]
    )
    chords, rows = nearest(on_sphere, number)
    return 2 * EARTH_RADIUS * np.arcsin(np.clip(chords / 2, 0, 1)), rows
