"""How far every store of a category is from its final clusters."""

from __future__ import annotations

import numpy as np
import polars as pl

from clustering.methods.merging.layout import Layout


def distances_to_final(layout: Layout, category: str, final: pl.Series) -> pl.DataFrame:
    """store_nbr, cluster, distance (joint space; null where nothing compares them) of a category's
    stores, which are in the clusters `final` (n_stores,).
    """
    targets = final.unique().sort()
    own = np.asarray(final.cast(pl.Enum(targets)).to_physical().cast(pl.Int64).to_numpy())
    distance = np.sqrt(
        layout.space(category).squared_distances(own, len(targets), np.arange(len(own)))
    )
    stores = layout.labels["store_nbr"][layout.rows[category]]
    pairs = pl.DataFrame({"store_nbr": stores}).join(
        pl.DataFrame({"cluster": targets}), how="cross", maintain_order="left_right"
    )
    values = pl.Series("distance", distance.ravel())
    return pairs.with_columns(pl.when(values.is_finite()).then(values).alias("distance"))
