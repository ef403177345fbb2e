"""Halves of the sales: as sampling would split them, and the noise they tell."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.arrays import Matrix
from clustering.config import Features
from clustering.methods.transforms.fitted import FittedFeatures, fit_features
from clustering.methods.transforms.halves import noise_of_halves
from clustering.methods.transforms.table import Table
from clustering.methods.transforms.thinning import most_noise, thinned


def _table(sales: Matrix) -> Table:
    n, p = sales.shape
    return Table(
        [f"{number:04d}" for number in range(n)],
        [f"need {number}" for number in range(p)],
        sales.astype(float),
        [],
        [],
        np.zeros((n, 0), dtype=np.int64),
        sales.sum(axis=1).astype(float),
        True,
        np.full((n, 2), np.nan),
    )


def _drawn(
    stores: int, changed: float = 0.0, price: float = 1.0, spread: float = 0.8
) -> tuple[Table, Table, FittedFeatures]:
    """Both halves of the sales of stores whose mixes differ, and change between the halves."""
    rng = np.random.default_rng(1)
    mix = rng.dirichlet(np.full(6, 12.0), stores)
    size = np.maximum(rng.lognormal(np.log(800), spread, stores), 40).astype(int)
    halves = []
    for _ in range(2):
        now = mix * np.exp(changed * rng.normal(size=mix.shape))
        halves.append(_table(price * rng.multinomial(size, now / now.sum(axis=1, keepdims=True))))
    whole = _table(halves[0].numbers + halves[1].numbers)
    fitted = fit_features(whole, np.ones(stores, dtype=bool), Features(), 1)
    return halves[0], halves[1], fitted


def test_thinned_halves_sum_to_the_sales_and_stay_within_them() -> None:
    table = _table(np.random.default_rng(2).gamma(0.5, 20, (50, 6)))
    one, other = thinned(table, 0.5, 3)
    assert one.numbers + other.numbers == pytest.approx(table.numbers)
    assert one.numbers.min() >= 0
    assert other.numbers.min() >= 0
    assert one.information == pytest.approx(one.numbers.sum(axis=1))


def test_thinning_belongs_to_store_and_need_state_not_to_their_order() -> None:
    table = _table(np.random.default_rng(2).gamma(2.0, 20, (50, 6)))
    order = np.random.default_rng(3).permutation(50)
    assert thinned(table, 0.5, 3)[0].numbers[order] == pytest.approx(
        thinned(table.rows(order), 0.5, 3)[0].numbers
    )
    assert (thinned(table, 0.5, 4)[0].numbers != thinned(table, 0.5, 3)[0].numbers).any()


@pytest.mark.parametrize("units", [1, 2, 5, 400])
def test_thinning_is_a_fair_coin_for_every_unit(units: int) -> None:
    half = thinned(_table(np.full((4_000, 5), units)), 0.25, 1)[0].numbers
    assert half.mean() == pytest.approx(units / 2, rel=0.02)
    assert half.var() == pytest.approx(units / 4, rel=0.06)


@pytest.mark.parametrize("price", [1.0, 3.0])
def test_noise_of_halves_is_a_quarter_of_the_price_of_a_unit(price: float) -> None:
    one, other, fitted = _drawn(150, price=price)
    assert noise_of_halves((one, other), fitted) == pytest.approx(0.25 * price, rel=0.15)


def test_thinned_halves_have_the_noise_they_were_thinned_with() -> None:
    one, other, fitted = _drawn(300)
    whole = _table(one.numbers + other.numbers)
    assert noise_of_halves(thinned(whole, 0.25, 5), fitted) == pytest.approx(0.25, rel=0.15)


def test_real_change_between_the_halves_is_not_taken_for_noise() -> None:
    one, other, fitted = _drawn(600, changed=0.1)
    apart = (fitted.transform(one) - fitted.transform(other)) ** 2
    expected = 1 / one.information + 1 / other.information
    assert (apart.mean(axis=1) / expected).mean() > 0.6  # all of it taken for noise
    assert noise_of_halves((one, other), fitted) == pytest.approx(0.25, rel=0.5)


def test_noise_of_halves_is_known_where_all_stores_are_equally_large() -> None:
    one, other, fitted = _drawn(150, spread=0.0)
    assert noise_of_halves((one, other), fitted) == pytest.approx(0.25, rel=0.15)


def test_too_few_stores_tell_no_noise() -> None:
    one, other, fitted = _drawn(4)
    assert noise_of_halves((one, other), fitted) is None


def test_most_noise_is_at_least_the_true_noise() -> None:
    one, other, _ = _drawn(300)
    assert most_noise(_table(one.numbers + other.numbers)) > 0.25
