"""Need states that a store does not carry are filled in; zeros by chance stay."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.methods.transforms.carried import as_if_carried
from clustering.methods.transforms.table import Table


def _filled(numbers: list[list[float]], noise: float | None = 0.25) -> np.ndarray:
    sales = np.array(numbers)
    n, total = len(sales), sales.sum(axis=1)
    table = Table(
        [str(i) for i in range(n)],
        [str(j) for j in range(sales.shape[1])],
        sales,
        [],
        [],
        np.zeros((n, 0), dtype=np.int64),
        total,
        True,
        np.tile(total[:, None] / 2, 2),
    )
    return as_if_carried(table, noise).numbers


def test_a_large_store_that_sells_none_gets_the_share_of_the_others() -> None:
    found = _filled([[500.0, 300.0, 200.0]] * 9 + [[500.0, 300.0, 0.0]])
    assert found[-1] / found[-1].sum() == pytest.approx([0.5, 0.3, 0.2], abs=0.01)


def test_a_small_store_may_have_sold_none_by_chance() -> None:
    assert _filled([[500.0, 300.0, 200.0]] * 9 + [[5.0, 3.0, 0.0]])[-1].tolist() == [5.0, 3.0, 0.0]


def test_what_is_sold_stays_as_it_is() -> None:
    rows = [[400.0, 350.0, 250.0], [700.0, 0.0, 300.0]]
    found = _filled(rows)
    assert found[0].tolist() == rows[0]
    assert found[1, [0, 2]].tolist() == [700.0, 300.0]


def test_without_a_noise_factor_zeros_stay() -> None:
    assert _filled([[500.0, 500.0], [1000.0, 0.0]], None)[1].tolist() == [1000.0, 0.0]
