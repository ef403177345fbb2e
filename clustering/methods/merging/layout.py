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
from clustering.methods.merging.groups import Block
from clustering.methods.merging.joint_space import JointSpace, joint_space, scaled

UNKNOWN = "-"


@dataclass(frozen=True)
class Layout:
    """A row for every store of every category, sorted by category and store.

    The columns of `labels`: category, store_nbr, internal_cluster and external_cluster (null where
    a track places it nowhere), internal_known and external_known (whether the track has data of the
    store here; without, its cluster is an estimate), sells (whether it has sales in any category),
    sales (null where unknown), counts (whether it sells in this category, or nobody does) and
    is_founder (whether it has enough history, or nobody in the category has). `components` are the
    lists of internal coordinates, null where there are none; the external ones are row
    `external_rows` of `external` (n_external, d), -1 where there are none. `external_clusters`
    (n_external,) are the clusters of those rows.
    """

    labels: pl.DataFrame
    components: pl.Series
    external_rows: NDArray[np.int64]
    external: Matrix
    external_clusters: NDArray[np.int64]
    internal_weight: float

    @cached_property
    def rows(self) -> dict[str, slice]:
        """Where each category is."""
        return runs(self.labels["category"])

    def space(self, category: str, internal_weight: float | None = None) -> JointSpace:
        """The joint space of a category's stores, in their order; by the configured weight unless
        another is given.
        """
        rows = self.rows[category]
        weight = self.internal_weight if internal_weight is None else internal_weight
        external_rows = self.external_rows[rows]
        known = external_rows >= 0
        return joint_space(
            self._internal[category],
            self._internal_known[rows],
            self.external[external_rows[known]],
            known,
            weight,
        )

    def external_centres(self, category: str, internal_weight: float) -> Block:
        """The centres of `external_labels` over all stores of the external track, laid out as in
        `space`.
        """
        rows = self.external_rows[self.rows[category]]
        sums, known = self._external_sums
        centres = scaled(
            sums / np.maximum(known, 1)[:, None],
            self.external[rows[rows >= 0]],
            1 - internal_weight,
        )
        return Block(centres * known[:, None], known)

    @cached_property
    def external_labels(self) -> list[int]:
        """The clusters of the external track, sorted."""
        found: list[int] = self.labels["external_cluster"].drop_nulls().unique().sort().to_list()
        return found

    @cached_property
    def _external_sums(self) -> tuple[Matrix, Matrix]:
        has = self.external_clusters[:, None] == np.array(self.external_labels, dtype=np.int64)
        return has.T.astype(float) @ self.external, has.sum(axis=0).astype(float)

    @cached_property
    def _internal_known(self) -> NDArray[np.bool_]:
        return self.components.is_not_null().to_numpy()

    @cached_property
    def _internal(self) -> dict[str, Matrix]:
        return dict(
            zip(self.rows, coordinates_of(self.components, self.rows.values()), strict=True)
        )


def lay_out(
    internal: pl.DataFrame,
    external: pl.DataFrame,
    internal_matrix: pl.DataFrame,
    external_matrix: pl.DataFrame,
    internal_weight: float,
    stores: pl.DataFrame | None = None,
) -> Layout:
    """Lay out the assignments and matrices (see schemas) of both tracks; `stores` are those of the
    internal track, with their sales and history.

    A store that the external track alone knows, and no category, is in each category.
    """
    everywhere = external.select("store_nbr").join(internal, on="store_nbr", how="anti")
    own = internal.select("category", "store_nbr", internal_cluster="cluster")
    added = own.select(pl.col("category").unique()).join(everywhere, how="cross")
    of_matrix = internal_matrix.select(
        "category", "store_nbr", "components", internal_known=pl.col("components").is_not_null()
    )
    outside = (
        external_matrix.drop_nulls("components")
        .with_row_index("external_row")
        .join(external.select("store_nbr", "cluster"), on="store_nbr", how="left")
        .sort("external_row")
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
        .join(
            outside.select("store_nbr", "external_row"),
            on="store_nbr",
            how="left",
            maintain_order="left",
        )
    )
    selling = of_matrix.filter("internal_known")["store_nbr"].unique()
    labels = _with_history(table, stores).select(
        "category",
        "store_nbr",
        "internal_cluster",
        "external_cluster",
        pl.col("internal_known").fill_null(False),
        pl.col("external_cluster").is_not_null().alias("external_known"),
        pl.col("store_nbr").is_in(selling.implode()).alias("sells"),
        "sales",
        "counts",
        "is_founder",
    )
    external_rows = table["external_row"].cast(pl.Int64).fill_null(-1).to_numpy()
    return Layout(
        labels,
        table["components"],
        external_rows,
        coordinates(external_matrix["components"]),
        outside["cluster"].fill_null(0).cast(pl.Int64).to_numpy(),
        internal_weight,
    )


def _with_history(table: pl.DataFrame, stores: pl.DataFrame | None) -> pl.DataFrame:
    """Add sales, counts and is_founder."""
    has_enough = sells = pl.col("internal_known").fill_null(False)
    if stores is None:
        table = table.with_columns(pl.lit(None, pl.Float64).alias("sales"))
    else:
        known = stores.select("category", "store_nbr", "sales", "history")
        table = table.join(known, on=["category", "store_nbr"], how="left", maintain_order="left")
        has_enough, sells = pl.col("history").eq_missing("enough"), pl.col("sales") > 0
    return table.with_columns(
        (flag.fill_null(False) | ~flag.fill_null(False).any().over("category")).alias(name)
        for name, flag in (("counts", sells), ("is_founder", has_enough))
    )
