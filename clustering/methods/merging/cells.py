"""The cells of a category: what its stores sum to by internal and external cluster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.merging.groups import NONE, Block, Groups
from clustering.methods.merging.joint_space import JointSpace


@dataclass(frozen=True)
class Cells:
    """Sums (n_rows + 1, n_columns + 1) by the clusters of two tracks; the last row and the last
    column are for stores that the track does not place.

    `members` counts all stores, everything else only those that sell in the category: the others
    are placed by a guess, and found no cluster. `column_centres` hold, for each column, the
    coordinates of all its stores in any row.
    """

    members: Matrix
    stores: Matrix
    founders: Matrix
    sales: Matrix
    by_row: Block
    by_column: Block
    column_centres: Block

    @property
    def turned(self) -> Cells:
        """Rows and columns exchanged; centres are those of this category's stores."""
        rows = Block(self.by_row.sums[:-1].sum(axis=1), self.by_row.known[:-1].sum(axis=1))
        return Cells(
            self.members.T,
            self.stores.T,
            self.founders.T,
            self.sales.T,
            _turned(self.by_column),
            _turned(self.by_row),
            rows,
        )

    @property
    def rows(self) -> Groups:
        """The clusters of the rows, in the space of their own track."""
        return Groups(
            self.stores[:-1].sum(axis=1),
            self.founders[:-1].sum(axis=1),
            self.sales[:-1].sum(axis=1),
            (Block(self.by_row.sums[:-1].sum(axis=1), self.by_row.known[:-1].sum(axis=1)),),
        )

    def columns_of(self, rows: NDArray[np.bool_]) -> Groups:
        """The columns within some of the rows, in the space of the columns' track."""
        own = (slice(None), slice(None, -1))

        def part(values: Matrix) -> Matrix:
            return np.asarray(values[:-1][rows][own].sum(axis=0))

        return Groups(
            part(self.stores),
            part(self.founders),
            part(self.sales),
            (Block(part(self.by_column.sums), part(self.by_column.known)),),
        )

    @property
    def flat(self) -> Groups:
        """Every cell as a group of its own, in both spaces."""

        def flat(values: Matrix) -> Matrix:
            return values.reshape(-1, *values.shape[2:])

        blocks = tuple(
            Block(flat(block.sums), flat(block.known)) for block in (self.by_row, self.by_column)
        )
        return Groups(flat(self.stores), flat(self.founders), flat(self.sales), blocks)


def _turned(block: Block) -> Block:
    return Block(block.sums.swapaxes(0, 1), block.known.T)


def cells_of(
    stores: pl.DataFrame, space: JointSpace, labels: CellLabels, external_centres: Block
) -> Cells:
    """Sum the stores (Layout.labels) of a category, laid out as `space`, by the clusters of the
    internal (rows) and the external track (columns).

    `external_centres` are those of all stores of the external track.
    """
    shape = labels.shape
    place = labels.row * shape[1] + labels.column

    def count(weights: Matrix) -> Matrix:
        summed = np.bincount(place, weights, minlength=shape[0] * shape[1]).astype(np.float64)
        return np.asarray(summed.reshape(shape))

    def block(X: Matrix, known: NDArray[np.bool_]) -> Block:
        sums = np.stack([count(column * known) for column in X.T], axis=-1)
        return Block(sums, count(known.astype(float)))

    counts = stores["counts"].to_numpy()
    return Cells(
        count(np.ones(len(place))),
        count(counts.astype(float)),
        count((stores["is_founder"].to_numpy() & counts).astype(float)),
        count(stores["sales"].fill_null(0.0).to_numpy()),
        block(space.internal, space.internal_known & counts),
        block(space.external, space.external_known & counts),
        external_centres,
    )


@dataclass(frozen=True)
class CellLabels:
    """The clusters of the rows and columns of a category's cells, sorted, and the place (n_stores,)
    of every store among them.
    """

    internal: list[int]
    external: list[int]
    row: NDArray[np.int64]
    column: NDArray[np.int64]

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.internal) + 1, len(self.external) + 1


def label_cells(stores: pl.DataFrame, external: list[int]) -> CellLabels:
    """Find the places of a category's stores (Layout.labels); `external` are the clusters of the
    external track.
    """
    own, other = (
        stores[f"{track}_cluster"].fill_null(NONE).to_numpy() for track in ("internal", "external")
    )
    internal = np.unique(own[own != NONE]).tolist()
    row, column = (
        np.where(
            labels != NONE, np.searchsorted(np.array(known, dtype=np.int64), labels), len(known)
        )
        for labels, known in ((own, internal), (other, external))
    )
    return CellLabels(internal, external, row, column)
