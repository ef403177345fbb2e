"""The merge of one category: its cells, its floor, its final clusters."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.config import Caps, Merge
from clustering.errors import StageError
from clustering.methods.merging.caps import folded_to
from clustering.methods.merging.cells import CellLabels, Cells, cells_of, label_cells
from clustering.methods.merging.codes import Codes, codes
from clustering.methods.merging.groups import Floor
from clustering.methods.merging.layout import Layout
from clustering.methods.merging.lead import Merged, join_cells, lead

LEAST_FLOOR = 5  # a share of few stores does not make clusters of one or two


@dataclass(frozen=True)
class MergedCategory:
    """A category while it is merged; `leads` is the leading track, None for neither."""

    category: str
    stores: pl.DataFrame
    labels: CellLabels
    cells: Cells
    merged: Merged
    floor: int
    leads: str | None
    named: Codes | None = None  # where a baseline gave the codes

    @cached_property
    def codes(self) -> Codes:
        return self.named or codes(self.cells, self.merged)

    @cached_property
    def final(self) -> NDArray[np.object_]:
        """The code (n_stores,) of every store's final cluster."""
        return self.codes.final[self.labels.row, self.labels.column]

    @cached_property
    def mix(self) -> NDArray[np.object_]:
        """The letter (n_stores,) of every store's mix."""
        return self.codes.mix[self.labels.row, self.labels.column]

    @cached_property
    def letters(self) -> list[str]:
        """The mixes that have stores, sorted."""
        return sorted(set(self.mix.tolist()))

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """The place (n_stores,) of every store's mix among the letters."""
        return np.searchsorted(self.letters, self.mix.astype(str)).astype(np.int64)

    def final_in(self, mixes: NDArray[np.int64]) -> NDArray[np.object_]:
        """The final cluster (n_stores,) that each store would be in if its mix were another:
        `mixes` by place; within the mix the piece of the store's own surroundings.
        """
        codes, stores = self.codes, self.cells.stores
        found = np.empty((len(self.letters), stores.shape[1]), dtype=object)
        for place, letter in enumerate(self.letters):
            own = np.where(codes.mix == letter, stores, -1.0)
            here = codes.final[own.argmax(axis=0), np.arange(stores.shape[1])]
            # where the mix has no cell in these surroundings, its largest cell stands for it
            found[place] = np.where(own.max(axis=0) >= 0, here, codes.final.ravel()[own.argmax()])
        return found[mixes, self.labels.column]

    @property
    def leading_k(self) -> int:
        """The clusters of the leading track that have stores; cells where neither leads."""
        stores = self.cells.stores
        if self.leads is None:
            return int((stores > 0).sum())
        return int((stores.sum(axis=1 if self.leads == "internal" else 0)[:-1] > 0).sum())

    @property
    def of_stores(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The group and the piece (n_stores,) of every store."""
        own = self.labels.row, self.labels.column
        return self.merged.group[own], self.merged.piece[own]


def merge_category(layout: Layout, category: str, merge: Merge, caps: Caps) -> MergedCategory:
    """Merge the cells of a category; raises StageError where merge.none_reaches_floor=error and its
    clusters reach the floor only all together.
    """
    stores = layout.labels[layout.rows[category]]
    weight = merge.internal_weight if merge.method == "joint" else 0.5
    labels = label_cells(stores, layout.external_labels)
    cells = cells_of(
        stores, layout.space(category, weight), labels, layout.external_centres(category, weight)
    )
    floor = floor_of(stores, merge, caps)
    leads = _leading(cells, merge)
    if leads == "internal":
        merged = lead(cells, Floor(floor, founders=1), merge.min_sales_share)
    elif leads == "external":
        merged = lead(cells.turned, Floor(floor), merge.min_sales_share).turned
    else:
        merged = join_cells(cells, Floor(floor))
    found = MergedCategory(category, stores, labels, cells, merged, floor, leads)
    if merge.none_reaches_floor == "error":
        _check(found, merge)
    return found


def floor_of(stores: pl.DataFrame, merge: Merge, caps: Caps) -> int:
    """The stores that a final cluster needs: merge.min_cluster_size, or, where it is less,
    merge.min_cluster_share of the stores that sell in the category, at least 5.
    """
    number = int(stores["counts"].sum())
    floor = merge.min_cluster_size
    if merge.min_cluster_share is not None:
        share = int(np.ceil(round(merge.min_cluster_share * number, 9)))
        floor = min(floor, max(LEAST_FLOOR, share))
    return max(floor, caps.min_size or 1)


def _leading(cells: Cells, merge: Merge) -> str | None:
    """The track that leads: the one with more weight, if it places any store; None where neither
    is to.
    """
    if merge.method == "joint":
        return None
    has_internal, has_external = cells.stores[:-1].any(), cells.stores[:, :-1].any()
    wants_internal = merge.internal_weight >= 0.5
    return "internal" if has_internal and (wants_internal or not has_external) else "external"


def _check(found: MergedCategory, merge: Merge) -> None:
    stores = int(found.cells.stores.sum())
    is_one = len(np.unique(found.of_stores[0])) == 1
    if stores >= found.floor and not (is_one and found.leading_k > 1):
        return
    raise StageError(
        f"no cluster of category {found.category} reaches the floor of {found.floor} stores "
        f"(merge.min_cluster_size={merge.min_cluster_size}) unless all are joined; the category "
        f"has {stores} stores; lower it, or set merge.none_reaches_floor=one_cluster"
    )


def folded(found: MergedCategory, groups: list[int], caps: Caps) -> MergedCategory:
    """The same without the splits of some groups, and with at most caps.max_clusters clusters."""
    merged = found.merged.folded(groups)
    if caps.max_clusters:
        merged = folded_to(found.cells, merged, caps.max_clusters)
    return replace(found, merged=merged)
