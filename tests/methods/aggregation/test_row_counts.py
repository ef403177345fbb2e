"""Rows are counted whether they wait or not."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clustering.methods.aggregation import row_counts
from clustering.methods.aggregation.row_counts import RowCounts

Rows = list[tuple[int, int]]
batches = st.lists(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), max_size=8), max_size=6
)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=batches, at_once=st.integers(1, 20), many=st.integers(0, 5))
def test_every_row_is_counted_once(
    batches: list[Rows], at_once: int, many: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_counts, "ROWS_AT_ONCE", at_once)
    counts, plain = RowCounts(), Counter[tuple[int, int]]()
    for number, rows in enumerate(batches):
        store, category = np.array(rows, dtype=np.int32).reshape(-1, 2).T
        counts.reserve(int(store.max(initial=-1)) + 1, int(category.max(initial=-1)) + 1)
        if number == many:
            counts.add_many(store, category, np.full(len(rows), 3))
        else:
            counts.add(store, category)
        plain.update(
            {pair: times * (3 if number == many else 1) for pair, times in Counter(rows).items()}
        )
    found = counts.counts(10, 5)
    assert found.shape == (10, 5)
    assert {(int(s), int(c)): int(found[s, c]) for s, c in np.argwhere(found)} == plain
