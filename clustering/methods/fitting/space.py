"""The stores a model is fitted to, and the one Ward tree from which every family starts at every
k.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.transforms.distances import squared_distances

# above this many stores the tree is grown on every m-th of them, in order of their coordinates
TREE_ROWS = 600
WHOLE_BELOW = 60  # with fewer stores than this the tree uses all of them, not the larger half
# of more stores than this every m-th is fitted first, and alone where a fit only serves to judge
SAMPLE_ROWS = 1_200

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Space:
    """Coordinates X (n_stores, d) and `information` (n_stores,), NaN where sampling noise has no
    meaning. `old` (n_stores,) are the clusters of the baseline, -1 where a store has none.

    The columns of each of `blocks` (start, stop) are the one-hot encoded levels of a categorical
    attribute; they are the last columns of X. `noise` is the factor a where it is known: 0 where it
    is known that it cannot be told from other spread. `axes` and `has_volumes` say along how many
    leading axes clusters differ, and whether in volume, where that is known, too. Fits to a part of
    a category, `is_part`, are compared by their labels only. `is_sphered`: the tree compares stores
    along axes that are scaled to unit variance. `loadings` (d, p) lead from numeric coordinates to
    attributes, X @ loadings; `selected` (p + q,) are those of them, and of the categorical ones,
    that clusters differ in, where that is known.
    """

    X: Matrix
    information: Matrix
    blocks: tuple[tuple[int, int], ...] = ()
    noise: float | None = None
    old: Labels | None = None
    axes: int | None = None
    has_volumes: bool | None = None
    is_part: bool = False
    is_sphered: bool = False
    loadings: Matrix | None = None
    selected: NDArray[np.bool_] | None = None

    @property
    def has_noise(self) -> bool:
        """Whether the sampling noise of each store is known up to one factor: its variance is a /
        information.
        """
        return bool(np.isfinite(self.information).all() and (self.information > 0).all())

    @property
    def numeric(self) -> int:
        """The number of columns of X before encoded levels."""
        return self.blocks[0][0] if self.blocks else self.X.shape[1]

    def leading(self, d: int) -> Space:
        """The space of the first d numeric columns, and of all encoded levels."""
        if d == self.numeric:
            return self
        dropped = self.numeric - d
        X = np.hstack([self.X[:, :d], self.X[:, self.numeric :]])
        blocks = tuple((start - dropped, stop - dropped) for start, stop in self.blocks)
        return replace(self, X=X, blocks=blocks, loadings=None)

    @property
    def attributes(self) -> Matrix:
        """The numeric attributes (n_stores, p), or coordinates where these are not attributes."""
        numbers = self.X[:, : self.numeric]
        return numbers if self.loadings is None else np.asarray(numbers @ self.loadings)

    @property
    def number_of_attributes(self) -> int:
        """Of numeric and categorical ones together."""
        return len(self.blocks) + (
            self.numeric if self.loadings is None else self.loadings.shape[1]
        )

    def of_attributes(self, selected: NDArray[np.bool_]) -> Space:
        """The space of some attributes: numbers, then categorical ones (p + q,)."""
        numbers = self.attributes
        p = numbers.shape[1]
        kept = [
            self.X[:, slice(*own)]
            for own, is_kept in zip(self.blocks, selected[p:], strict=True)
            if is_kept
        ]
        X = np.hstack([numbers[:, selected[:p]], *kept])
        return Space(X, self.information, old=self.old)

    def rows(self, chosen: NDArray[np.int64]) -> Space:
        """The space of some of its stores."""
        old = self.old[chosen] if self.old is not None else None
        return replace(self, X=self.X[chosen], information=self.information[chosen], old=old)

    def sample(self) -> Space:
        """The space itself, or that of a part of its stores that stands for all of them."""
        return (
            self
            if len(self.X) <= SAMPLE_ROWS
            else self.rows(self._spread(np.arange(len(self.X)), SAMPLE_ROWS))
        )

    def _spread(self, rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
        """Every m-th of `rows` in order of their coordinates, at most so many: the same stores in
        whatever order they come.
        """
        if len(rows) <= most:
            return rows
        order = rows[np.lexsort(self.X[rows].T)]
        return np.sort(order[:: -(-len(order) // most)])

    @cached_property
    def _tree_rows(self) -> NDArray[np.int64]:
        rows = np.arange(len(self.X))
        if self.has_noise and len(rows) >= WHOLE_BELOW:
            rows = rows[self.information >= np.median(self.information)]
        return self._spread(rows, TREE_ROWS)

    @cached_property
    def _tree(self) -> Matrix:
        from scipy.cluster.hierarchy import ward

        return np.asarray(ward(self._compared[self._tree_rows]))

    @cached_property
    def _compared(self) -> Matrix:
        """Coordinates in which stores are near or far."""
        if not self.is_sphered:
            return self.X
        spread = self.X.std(axis=0)
        return np.asarray(self.X / np.where(spread > 0, spread, 1.0))

    def start(self, k: int) -> Labels:
        """Labels 0..k-1 of every store: the tree cut into k, the stores it was not grown on by
        their nearest centre.
        """
        if k not in self._started:
            self._start([k])
        return self._started[k]

    def starts(self, ks: Sequence[int]) -> list[Labels]:
        """Give `start` of each k."""
        self._start([k for k in ks if k not in self._started])
        return [self.start(k) for k in ks]

    @cached_property
    def _started(self) -> dict[int, Labels]:
        return {}

    def _start(self, ks: Sequence[int]) -> None:
        """Remember the labels of each k."""
        if max(ks, default=1) == 1 or len(self._tree_rows) < 2:
            self._started.update({k: np.zeros(len(self.X), dtype=np.int64) for k in ks})
            return
        grown = self._compared[self._tree_rows]
        cuts = dict(zip(ks, _cuts(self._tree, ks), strict=True))
        centres = [means_by_label(grown, cut, int(cut.max()) + 1) for cut in cuts.values()]
        for (k, cut), labels in zip(
            cuts.items(), _nearest_of(self._compared, centres), strict=True
        ):
            labels[self._tree_rows] = cut
            self._started[k] = labels

    def continued(self, k: int) -> Labels | None:
        """Labels 0..k-1 of every store as in the baseline, new stores by the nearest of its
        centres; None where the baseline has another number of clusters here.
        """
        if self.old is None:
            return None
        known = self.old >= 0
        found, own = np.unique(self.old[known], return_inverse=True)
        if len(found) != k:
            return None
        labels = nearest(self.X, means_by_label(self.X[known], own, k))
        labels[known] = own
        return labels


def _cuts(tree: Matrix, ks: Sequence[int]) -> NDArray[np.int64]:
    """Labels (n_ks, n_leaves) in 0..k-1 once the last k - 1 merges of a linkage (scipy's) are
    undone, for each k.

    As scipy's fcluster, which takes longer to check its arguments than this takes.
    """
    leaves = len(tree) + 1
    nodes = 2 * leaves - 1
    parent = np.arange(nodes)
    parent[tree[:, :2].astype(np.int64)] = leaves + np.arange(leaves - 1)[:, None]
    # nodes from here on are not made
    undone = nodes + 1 - np.array(ks, dtype=np.int64)[:, None]
    root = np.where(parent < undone, parent, np.arange(nodes))
    while True:
        further = np.take_along_axis(root, root, axis=1)
        if (further == root).all():
            break
        root = further
    is_root = np.zeros((len(ks), nodes), dtype=np.int64)
    np.put_along_axis(is_root, root[:, :leaves], 1, axis=1)
    return np.take_along_axis(is_root.cumsum(axis=1) - 1, root[:, :leaves], axis=1)


def gaussian_part(X: Matrix, blocks: Sequence[tuple[int, int]]) -> Matrix:
    """The columns of X that are numbers, not encoded levels."""
    return X[:, : blocks[0][0]] if blocks else X


def level_shares(X: Matrix, blocks: Sequence[tuple[int, int]]) -> list[Matrix]:
    """For each block (n_stores, n_levels): 1 at the store's level; where it is unknown, the shares
    of all stores.
    """
    parts = [X[:, start:stop] for start, stop in blocks]
    return [part / np.maximum(part.sum(axis=1, keepdims=True), 1e-300) for part in parts]


def means_by_label(X: Matrix, labels: Labels, k: int, weights: Matrix | None = None) -> Matrix:
    """The (weighted) mean of each label's rows, (k, d); a label without rows gets zeros."""
    weight = np.ones(len(X)) if weights is None else weights
    total = np.bincount(labels, weight, minlength=k)
    member = np.zeros((k, len(X)))
    member[labels, np.arange(len(X))] = weight
    return np.asarray(member @ X / np.maximum(total, 1e-300)[:, None])


def nearest(X: Matrix, centres: Matrix) -> Labels:
    """The nearest centre of each row; of equally near ones the first."""
    return _nearest_of(X, [centres])[0]


def _nearest_of(X: Matrix, several: Sequence[Matrix], block: int = 100_000) -> list[Labels]:
    """Give `nearest` for each of several sets of centres, with one product of matrices."""
    found = [np.zeros(len(X), dtype=np.int64) for _ in several]
    stops = np.cumsum([0, *(len(centres) for centres in several)])
    every = np.concatenate([*several, np.zeros((0, X.shape[1]))])
    for i in range(0, len(X), block):
        distances = squared_distances(X[i : i + block], every)
        for labels, start, stop in zip(found, stops, stops[1:], strict=False):
            labels[i : i + block] = distances[:, start:stop].argmin(axis=1)
    return found
