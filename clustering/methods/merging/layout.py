"""The stores of all categories in one table, both tracks side by side, and cut from it the joint
space of each category.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix, coordinates, coordinates_of, runs
from clustering.methods.merging.joint_space import JointSpace, joint_space

UNKNOWN = "-"


@dataclass(frozen=True)
class Layout:
    """A row for every store of every category, sorted by category and store.

    The columns of `labels`: category, store_nbr, internal_cluster and external_cluster (null where
    a track places it nowhere), internal_known and external_known (whether the track has data of the
    store; without, its cluster is an estimate). `components` are the lists of internal coordinates,
    null where there are none; the external ones are row `external_rows` of `external` (n_external,
    d), -1 where there are none.
    """

    labels: pl.DataFrame
    components: pl.Series
    external_rows: NDArray[np.int64]
    external: Matrix
    internal_weight: float

    @cached_property
    def rows(self) -> dict[str, slice]:
        """Where each category is."""
        return runs(self.labels["category"])

    def space(self, category: str) -> JointSpace:
        """The joint space of a category's stores, in their order."""
        rows = self.rows[category]
        external_rows = self.external_rows[rows]
        known = external_rows >= 0
        return joint_space(
            self._internal[category],
            self.components[rows].is_not_null().to_numpy(),
            self.external[external_rows[known]],
            known,
            self.internal_weight,
        )

    @cached_property
    def _internal(self) -> dict[str, Matrix]:
        return dict(
            zip(self.rows, coordinates_of(self.components, self.rows.values()), strict=True)
        )

    @cached_property
    def merged_names(self) -> list[str]:
        """The labels of all merged clusters ("2_1"), sorted."""
        return self._merged.unique().sort().to_list()

    @cached_property
    def merged(self) -> NDArray[np.int64]:
        """The merged cluster of every row, as its place in `merged_names`."""
        return np.asarray(
            self._merged.cast(pl.Enum(self.merged_names)).to_physical().cast(pl.Int64).to_numpy()
        )

    @cached_property
    def _merged(self) -> pl.Series:
        parts = pl.col("internal_cluster", "external_cluster").cast(pl.String).fill_null(UNKNOWN)
        return self.labels.select(pl.concat_str(parts, separator="_")).to_series()


def lay_out(
    internal: pl.DataFrame,
    external: pl.DataFrame,
    internal_matrix: pl.DataFrame,
    external_matrix: pl.DataFrame,
    internal_weight: float,
) -> Layout:
    """Lay out the assignments and matrices (see schemas) of both tracks.

    A store that the external track alone knows, and no category, is in each category.
    """
    everywhere = external.select("store_nbr").join(internal, on="store_nbr", how="anti")
    own = internal.select("category", "store_nbr", internal_cluster="cluster")
    added = own.select(pl.col("category").unique()).join(everywhere, how="cross")
    of_matrix = internal_matrix.select("category", "store_nbr", "components", internal_known=True)
    outside = (
        external_matrix.drop_nulls("components")
        .with_row_index("external_row")
        .select("store_nbr", "external_row")
    )
    table = (
        pl.concat([own, added], how="diagonal")
        .sort("category", "store_nbr")
        .join(
            external.select("store_nbr", external_cluster="cluster"),
            on="store_nbr",
            how="left",
            maintain_order="left",
        )
        .join(of_matrix, on=["category", "store_nbr"], how="left", maintain_order="left")
        .join(outside, on="store_nbr", how="left", maintain_order="left")
    )
    labels = table.select(
        "category",
        "store_nbr",
        "internal_cluster",
        "external_cluster",
        pl.col("internal_known").fill_null(False),
        pl.col("external_cluster").is_not_null().alias("external_known"),
    )
    external_rows = table["external_row"].cast(pl.Int64).fill_null(-1).to_numpy()
    return Layout(
        labels,
        table["components"],
        external_rows,
        coordinates(external_matrix["components"]),
        internal_weight,
    )
