"""Need states that a store does not carry are filled in; zeros by chance stay."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.methods.transforms.assortment import not_carried
from clustering.methods.transforms.carried import Carried, fit_carried
from clustering.methods.transforms.table import Table

RNG = np.random.default_rng(1)


def _table(sales: np.ndarray) -> Table:
    n, total = len(sales), sales.sum(axis=1)
    return Table(
        [str(i) for i in range(n)],
        [f"need {j}" for j in range(sales.shape[1])],
        sales,
        [],
        [],
        np.zeros((n, 0), dtype=np.int64),
        total,
        True,
        np.tile(total[:, None] / 2, 2),
    )


def _fitted(numbers: list[list[float]]) -> tuple[np.ndarray, Carried]:
    sales = np.array(numbers)
    found = fit_carried(_table(sales), 0.25)
    assert found is not None
    return sales, found


def test_a_large_store_that_sells_none_gets_the_share_of_the_others() -> None:
    sales, found = _fitted([[500.0, 300.0, 200.0]] * 9 + [[500.0, 300.0, 0.0]])
    assert found.filled(sales)[-1] == pytest.approx([0.5, 0.3, 0.2], abs=0.01)


def test_a_need_state_is_filled_as_the_stores_of_the_same_kind_sell_it() -> None:
    kinds = np.array([[300.0, 300.0, 200.0, 200.0], [100.0, 100.0, 300.0, 500.0]])
    sales = RNG.poisson(np.repeat(kinds, 40, axis=0)) * 1.0
    sales[0, 3] = sales[40, 3] = 0.0
    found = fit_carried(_table(sales), 0.25)
    assert found is not None
    filled = found.filled(sales)[[0, 40], 3]
    assert filled == pytest.approx([0.2, 0.5], abs=0.05)


def test_zeros_stay_where_stores_may_have_sold_none_by_chance() -> None:
    table = _table(np.array([[500.0, 300.0, 200.0]] * 9 + [[5.0, 3.0, 0.0]]))
    assert fit_carried(table, 0.25) is None


def test_zeros_stay_where_as_many_stores_sell_hardly_any() -> None:
    trailing = [[900.0, 100.0 * share] for share in (1, 1, 1, 1, 0.05, 0.02, 0.01, 0.01, 0, 0)]
    assert fit_carried(_table(np.array(trailing)), 0.25) is None


def test_what_is_sold_keeps_its_proportions() -> None:
    sales, found = _fitted([[400.0, 350.0, 250.0]] * 9 + [[600.0, 0.0, 300.0]])
    filled = found.filled(sales)
    assert filled[0] == pytest.approx([0.4, 0.35, 0.25])
    assert filled[-1, 0] / filled[-1, 2] == pytest.approx(2.0)
    assert filled.sum(axis=1) == pytest.approx(np.ones(10))


def test_without_a_noise_factor_zeros_stay() -> None:
    table = _table(np.array([[500.0, 500.0], [1000.0, 0.0]]))
    assert fit_carried(table, None) is None


def test_the_gap_in_the_assortment_is_told_with_the_sales_it_would_bring() -> None:
    sales, found = _fitted([[500.0, 300.0, 200.0]] * 9 + [[500.0, 300.0, 0.0]])
    row = not_carried("TEA", _table(sales), found).row(0, named=True)
    assert (row["category"], row["store_nbr"], row["feature"]) == ("TEA", "9", "need 2")
    assert row["share"] == pytest.approx(0.2, abs=0.01)
    assert row["sales"] == pytest.approx(200, rel=0.05)


def test_no_rows_where_everything_is_carried() -> None:
    assert not_carried("TEA", _table(np.ones((3, 2))), None).is_empty()


def test_a_store_without_what_others_live_on_is_a_store_of_another_kind() -> None:
    table = _table(np.array([[900.0, 100.0, 200.0]] * 9 + [[0.0, 100.0, 200.0]] * 9))
    assert fit_carried(table, 0.25) is None
