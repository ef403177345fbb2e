"""Final clusters of one category as unions of whole cells: one track leads, the other one splits.

The clusters of the leading track that are below the floor join their nearest neighbour of the same
track. Each of the groups that result, the mixes where the internal track leads, is then split by
the other track: small pieces join the nearest sibling within the group, so that no group is
dissolved for the sake of the other track. Cells of stores that one track does not place follow the
nearest piece by the track that places them. Pairs of clusters that no store has are given a place
by the same rule, for stores that come later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.merging.cells import Cells
from clustering.methods.merging.groups import NONE, Block, Floor, Groups, join_to_floor, nearest

Places = NDArray[np.int64]


@dataclass(frozen=True)
class Merged:
    """Arrays (n_rows + 1, n_columns + 1), as the cells: the group and the piece within it, and
    whether the cell was below the floor and joined another.
    """

    group: Places
    piece: Places
    joined: NDArray[np.bool_]

    @property
    def turned(self) -> Merged:
        return Merged(self.group.T, self.piece.T, self.joined.T)

    def folded(self, groups: list[int]) -> Merged:
        """The same without the splits of some groups."""
        return replace(self, piece=np.where(np.isin(self.group, groups), 0, self.piece))


def lead(cells: Cells, floor: Floor, sales_share: float) -> Merged:
    """Merge cells whose rows are the clusters of the leading track; groups and pieces reach `floor`
    as long as there is anything to join.

    A piece also needs `sales_share` of what as many average stores of its group sell. The history
    of its stores does not count: surroundings are known without sales.
    """
    shape = cells.stores.shape
    group, piece = np.full(shape, NONE), np.full(shape, NONE)
    rows = cells.rows
    roots = _with_empty(join_to_floor(rows, floor), rows, rows.blocks[0])
    group[:-1] = roots[:, None]
    piece_floor = Floor(floor.stores, sales_share=sales_share)
    for root in np.unique(roots):
        piece[:-1][roots == root] = _pieces(cells, roots == root, piece_floor)
    _place_last_row(cells, group, piece)
    row, column = np.indices(shape)
    joined = (group != row) | ((piece != column) & (column < shape[1] - 1))
    joined[-1] = False
    return Merged(group, piece, joined & (cells.stores > 0))


def join_cells(cells: Cells, floor: Floor) -> Merged:
    """Merge cells by least loss in the joint space; every group is one piece."""
    flat, shape = cells.flat, cells.stores.shape
    centres = (_row_centres(cells), _column_centres(cells))
    roots = join_to_floor(flat, floor)
    missing = roots == NONE
    ends = nearest(flat.joined(roots), [block[missing] for block in centres])
    roots[missing] = ends
    joined = (roots != np.arange(len(roots))) & (flat.stores > 0)
    return Merged(roots.reshape(shape), np.zeros(shape, dtype=np.int64), joined.reshape(shape))


def _with_empty(roots: Places, groups: Groups, centres: Block) -> Places:
    """Give groups without stores the nearest that has some, by their `centres`."""
    missing = roots == NONE
    if missing.all():
        return np.zeros_like(roots)
    roots[missing] = nearest(groups.joined(roots), [centres[missing]])
    return roots


def _pieces(cells: Cells, rows: NDArray[np.bool_], floor: Floor) -> Places:
    """The piece (n_columns + 1,) of each cell of a group, whose rows are given."""
    columns = cells.columns_of(rows)
    roots = _with_empty(join_to_floor(columns, floor), columns, cells.column_centres)
    own = Block(cells.by_row.sums[:-1][rows].sum(axis=0), cells.by_row.known[:-1][rows].sum(axis=0))
    if not len(roots):
        return np.zeros(1, dtype=np.int64)
    # stores that the other track does not place go by the leading track
    pieces = replace(columns, blocks=(own[:-1],)).joined(roots)
    return np.append(roots, nearest(pieces, [own[-1:]]))


def _place_last_row(cells: Cells, group: Places, piece: Places) -> None:
    """Cells of stores that the leading track does not place go to the nearest piece by the other
    track.
    """
    final, ends = np.unique(
        np.stack([group[:-1].ravel(), piece[:-1].ravel()]), axis=1, return_inverse=True
    )
    if not final.shape[1]:
        group[-1], piece[-1] = 0, 0
        return

    def add(values: Matrix) -> Matrix:
        total = np.zeros((final.shape[1], *values.shape[2:]))
        np.add.at(total, ends, values[:-1].reshape(-1, *values.shape[2:]))
        return total

    pieces = Groups(
        add(cells.stores),
        add(cells.founders),
        add(cells.sales),
        (Block(add(cells.by_column.sums), add(cells.by_column.known)),),
    )
    unknown = Block(np.zeros_like(cells.by_column.sums[-1, -1:]), np.zeros(1))
    centres = cells.column_centres
    every = Block(
        np.concatenate([centres.sums, unknown.sums]), np.concatenate([centres.known, unknown.known])
    )
    group[-1], piece[-1] = final[:, nearest(pieces, [every])]


def _row_centres(cells: Cells) -> Block:
    """Of every cell, flat, the coordinates of all stores in its row; none in the last row."""
    columns = cells.stores.shape[1]
    block = Block(cells.by_row.sums.sum(axis=1), cells.by_row.known.sum(axis=1))
    block.known[-1] = 0
    return Block(np.repeat(block.sums, columns, axis=0), np.repeat(block.known, columns))


def _column_centres(cells: Cells) -> Block:
    rows, columns = cells.stores.shape
    sums = np.zeros((columns, cells.by_column.sums.shape[2]))
    known = np.zeros(columns)
    sums[:-1], known[:-1] = cells.column_centres.sums, cells.column_centres.known
    return Block(np.tile(sums, (rows, 1)), np.tile(known, rows))
