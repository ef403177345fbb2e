"""The stores of all categories in one table, and cut from it what is known of those of each
category.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix, coordinates_of, runs

COLUMNS = ("category", "store_nbr", "components", "information", "is_outlier", "is_fitted")


@dataclass(frozen=True)
class CategoryStores:
    """What is known of the n stores of a category.

    Coordinates `present` (n_known, d) of the stores that are `known` (n,), `information` (n,) or
    NaN, the places `attribute_rows` (n,) among the stores with attributes (-1: none) and the
    cluster `old` (n,) of the baseline (0: none).
    """

    names: pl.Series
    present: Matrix
    known: NDArray[np.bool_]
    information: Matrix
    attribute_rows: NDArray[np.int64]
    old: NDArray[np.int64]

    @property
    def X(self) -> Matrix:
        """The coordinates (n, d) of all, rows of NaN where there are none."""
        return spread_out(self.present, self.known)


def spread_out(rows: Matrix, known: NDArray[np.bool_]) -> Matrix:
    """The `rows` (n_known, d) of the stores that are `known` (n,), among rows of NaN."""
    if known.all():
        return rows
    X = np.full((len(known), rows.shape[1]), np.nan)
    X[known] = rows
    return X


def all_stores(
    matrix: pl.DataFrame,
    with_attributes: Sequence[str],
    baseline: pl.DataFrame | None,
    which: str = "all",
) -> pl.DataFrame:
    """Give the stores of the matrix (schemas.FeatureMatrix) by category, in their order; with
    `which` = all, each category is followed by the stores that are not in it: those of other
    categories and those `with_attributes`.

    Beside COLUMNS: attribute_row, the place among the stores `with_attributes`, and old, the
    cluster in the `baseline`.
    """
    own = matrix.select(COLUMNS)
    added = (
        absent(own, with_attributes)
        if which == "all"
        else own.select("category", "store_nbr").clear()
    )
    stores = pl.concat([own, added.with_columns(is_outlier=False, is_fitted=False)], how="diagonal")
    places = pl.DataFrame(
        {"store_nbr": pl.Series(with_attributes, dtype=pl.String)}
    ).with_row_index("attribute_row")
    stores = stores.sort("category", maintain_order=True).join(
        places, on="store_nbr", how="left", maintain_order="left"
    )
    if baseline is None:
        return stores.with_columns(old=pl.lit(0, pl.Int64))
    old = baseline.select("category", "store_nbr", old="cluster")
    return stores.join(old, on=["category", "store_nbr"], how="left", maintain_order="left")


def absent(own: pl.DataFrame, others: Sequence[str]) -> pl.DataFrame:
    """Give category and store_nbr of the stores of `own`, or among `others`, that `own` lacks."""
    names = pl.concat([own["store_nbr"], pl.Series("store_nbr", others, dtype=pl.String)]).unique()
    pairs = own.select(pl.col("category").unique()).join(names.sort().to_frame(), how="cross")
    return pairs.join(own, on=["category", "store_nbr"], how="anti", maintain_order="left")


def cut(stores: pl.DataFrame) -> dict[str, CategoryStores]:
    """Cut `all_stores` into categories."""
    rows = runs(stores["category"])
    known = stores["components"].is_not_null().to_numpy()
    information = np.asarray(stores["information"].cast(pl.Float64).fill_null(np.nan).to_numpy())
    attribute_rows = stores["attribute_row"].cast(pl.Int64).fill_null(-1).to_numpy()
    old = stores["old"].fill_null(0).to_numpy()
    return {
        category: CategoryStores(
            stores["store_nbr"][own],
            present,
            known[own],
            information[own],
            attribute_rows[own],
            old[own],
        )
        for (category, own), present in zip(
            rows.items(), coordinates_of(stores["components"], rows.values()), strict=True
        )
    }
