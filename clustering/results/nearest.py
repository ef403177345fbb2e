"""The nearest stores of every store of a run, as a table."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import polars as pl

from clustering.arrays import Matrix, coordinates
from clustering.errors import DataError, did_you_mean
from clustering.methods.explanation.nearest import (
    LATITUDE,
    LONGITUDE,
    coordinate,
    nearest,
    nearest_on_map,
)
from clustering.results.prediction.saved_run import SavedRun

NUMBER = 3  # nearest stores that predict names
SCHEMA = {
    "store_nbr": pl.String,
    "by": pl.String,
    "rank": pl.Int64,
    "nearest_store": pl.String,
    "distance": pl.Float64,
}


def nearest_stores(run: SavedRun, category: str, number: int) -> pl.DataFrame:
    """Give SCHEMA: the `number` nearest stores by mix (of the category), by attributes, and by
    place (in km, where the attributes hold latitude and longitude). Stores of which that is not
    known are left out. Raises DataError for a category that the run does not have.
    """
    parts = [pl.DataFrame(schema=SCHEMA)]
    if run.has("internal"):
        parts.append(_by_coordinates(run, "internal", category, number, "mix"))
    if run.has("external"):
        parts.append(_by_coordinates(run, "external", "ALL", number, "attributes"))
        parts.append(_by_place(run, number))
    return pl.concat(parts)


def nearest_of_run(X: Matrix, names: list[str], matrix: pl.DataFrame) -> pl.Series:
    """The NUMBER stores of the run nearest to each store that is placed, as "101, 204, 77"; null
    where its mix is not known.

    `X` (n, d) are the coordinates of the first n of `names`, `matrix` is schemas.FeatureMatrix of
    the category.
    """
    from scipy.spatial import cKDTree

    found: list[str | None] = [None] * len(names)
    known = matrix.drop_nulls("components")
    own = coordinates(known["components"])
    rows = np.flatnonzero(np.isfinite(X).all(axis=1))
    if known.height and rows.size and own.shape[1] == X.shape[1]:
        count = min(NUMBER + 1, known.height)  # a store of the run is nearest to itself
        stores = known["store_nbr"].to_list()
        _, places = cKDTree(own).query(X[rows], k=[*range(1, count + 1)])
        for row, near in zip(rows, places, strict=True):
            others = [stores[place] for place in near if stores[place] != names[row]]
            found[row] = ", ".join(others[:NUMBER])
    return pl.Series("nearest_stores", found, pl.String)


def nearest_of_own(run: SavedRun, track: str, names: Collection[str]) -> pl.DataFrame:
    """The same of some of the run's own stores: category, store_nbr, nearest_stores."""
    matrix = run.table(track, "features", "matrix").drop_nulls("components")
    parts = [
        pl.DataFrame(schema=dict.fromkeys(("category", "store_nbr", "nearest_stores"), pl.String))
    ]
    for of_category in matrix.partition_by("category"):
        own = of_category.filter(pl.col("store_nbr").is_in(list(names)))
        near = nearest_of_run(
            coordinates(own["components"]), own["store_nbr"].to_list(), of_category
        )
        parts.append(own.select("category", "store_nbr").with_columns(near))
    return pl.concat(parts)


def _by_coordinates(run: SavedRun, track: str, category: str, number: int, by: str) -> pl.DataFrame:
    matrix = run.table(track, "features", "matrix").drop_nulls("components")
    own = matrix.filter(pl.col("category") == category)
    if own.is_empty():
        known = matrix["category"].unique().sort().to_list()
        raise DataError(f"the run has no category {category!r}{did_you_mean(category, known)}")
    return _table(own["store_nbr"], by, *nearest(coordinates(own["components"]), number))


def _by_place(run: SavedRun, number: int) -> pl.DataFrame:
    values = run.table("external", "preprocess", "values")
    known = values["feature"].unique().to_list()
    found = [
        values.filter(pl.col("feature").is_in(coordinate(known, names)[:1]))
        .drop_nulls("value")
        .select("store_nbr", "value")
        for names in (LATITUDE, LONGITUDE)
    ]
    places = found[0].join(found[1], on="store_nbr", suffix="_east").sort("store_nbr")
    if places.height < 2:
        return pl.DataFrame(schema=SCHEMA)
    north, east = places["value"].to_numpy(), places["value_east"].to_numpy()
    return _table(places["store_nbr"], "place", *nearest_on_map(north, east, number))


def _table(stores: pl.Series, by: str, distances: Matrix, rows: np.ndarray) -> pl.DataFrame:
    count = rows.shape[1]
    return pl.DataFrame(
        {
            "store_nbr": stores.gather(np.repeat(np.arange(len(stores)), count)),
            "by": [by] * rows.size,
            "rank": np.tile(np.arange(1, count + 1), len(stores)),
            "nearest_store": stores.gather(rows.ravel()),
            "distance": distances.ravel(),
        },
        schema=SCHEMA,
    )
