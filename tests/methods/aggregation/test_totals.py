"""Both ways of summing give the plain sums, exactly."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.methods.aggregation import totals
from clustering.methods.aggregation.totals import DenseTotals, PackedTotals, Sums

Entry = tuple[int, int, int, int]  # store, cell, half, amount
Halves = dict[tuple[int, int], tuple[int, int]]
entries = st.lists(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 5), st.integers(0, 1), st.integers(1, 10**11)),
        max_size=12,
    ),
    max_size=5,
)


def _by_place(sums: Sums) -> Halves:
    return {
        (store, cell): (a, b)
        for store, cell, a, b in zip(
            sums.store.tolist(),
            sums.cell.tolist(),
            sums.half_a.tolist(),
            sums.half_b.tolist(),
            strict=True,
        )
    }


def _add(target: DenseTotals | PackedTotals, batch: list[Entry]) -> None:
    columns = np.array(batch, dtype=np.int64).reshape(-1, 4).T
    if isinstance(target, DenseTotals) and batch:
        target.reserve(int(columns[0].max()) + 1, int(columns[1].max()) + 1)
    target.add(columns[0], columns[1], columns[2], columns[3].astype(np.float64))


def _plain(batches: list[list[Entry]]) -> Halves:
    sums: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for store, cell, half, amount in (entry for batch in batches for entry in batch):
        sums[store, cell][half] += amount
    return {place: (a, b) for place, (a, b) in sums.items()}


@pytest.mark.parametrize("kind", [DenseTotals, PackedTotals])
@settings(max_examples=60, deadline=None)
@given(batches=entries)
def test_sums_are_exact(kind: type[DenseTotals | PackedTotals], batches: list[list[Entry]]) -> None:
    target = kind()
    for batch in batches:
        _add(target, batch)
    assert _by_place(target.sums()) == _plain(batches)


@settings(max_examples=60, deadline=None)
@given(entries, entries)
def test_packed_goes_on_where_dense_stopped(
    before: list[list[Entry]], after: list[list[Entry]]
) -> None:
    dense, packed = DenseTotals(), PackedTotals()
    for batch in before:
        _add(dense, batch)
    packed.add_sums(dense.sums())
    for batch in after:
        _add(packed, batch)
    assert _by_place(packed.sums()) == _plain([*before, *after])


def test_compacting_on_the_way_changes_no_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(totals, "COMPACT_AT", 2)
    packed = PackedTotals()
    batches: list[list[Entry]] = [
        [(store, cell, 0, 5), (store, cell, 1, 7)] for store in range(3) for cell in range(2)
    ] * 2
    for batch in batches:
        _add(packed, batch)
    assert _by_place(packed.sums()) == _plain(batches)


@pytest.mark.parametrize("kind", [DenseTotals, PackedTotals])
def test_nothing_added_gives_no_sum(kind: type[DenseTotals | PackedTotals]) -> None:
    assert _by_place(kind().sums()) == {}


def test_making_room_keeps_what_is_there() -> None:
    dense = DenseTotals()
    _add(dense, [(0, 0, 0, 3), (1, 1, 1, 4)])
    dense.reserve(50, 60)
    assert _by_place(dense.sums()) == {(0, 0): (3, 0), (1, 1): (0, 4)}


def test_stores_that_come_one_by_one_seldom_move_the_sums() -> None:
    dense, places = DenseTotals(), set()
    for store in range(1_000):
        _add(dense, [(store, 0, 0, store + 1)])
        places.add(dense._array.ctypes.data)
    assert len(places) < 40
    assert _by_place(dense.sums()) == {(store, 0): (store + 1, 0) for store in range(1_000)}


@pytest.mark.parametrize("kind", [DenseTotals, PackedTotals])
def test_sums_of_some_cells_come_by_place_in_the_lists(
    kind: type[DenseTotals | PackedTotals],
) -> None:
    target = kind()
    _add(target, [(0, 2, 0, 5), (0, 0, 1, 7), (1, 2, 1, 9), (1, 1, 0, 4)])
    assert _by_place(target.sums([2, 0], np.array([1, 0]))) == {
        (0, 0): (0, 9),
        (1, 0): (5, 0),
        (1, 1): (0, 7),
    }


@pytest.mark.parametrize(
    ("stores", "cells", "fits"), [(128, 256, True), (129, 256, False), (1, 1, True)]
)
def test_budget_in_megabytes_decides_whether_dense_fits(
    stores: int, cells: int, fits: bool
) -> None:
    assert DenseTotals().fits(stores, cells, 1) is fits
