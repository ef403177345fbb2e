"""The worlds that quality is measured on are what they say they are."""

from __future__ import annotations

import numpy as np
import pytest

from tests.quality.continua import SHAPES, draw_continuum, draw_pair
from tests.quality.external_worlds import EXTERNAL_KINDS, draw_external
from tests.quality.planted_tables import of_halves, without_weeks
from tests.quality.worlds import DEVELOPMENT_SEEDS, KINDS, SCORED_SEEDS, draw


def test_scored_seeds_are_never_development_seeds():
    assert not set(DEVELOPMENT_SEEDS) & set(SCORED_SEEDS)


@pytest.mark.parametrize("kind", ["log-normal", "50 % not carried", "part-year stores"])
def test_a_seed_always_draws_the_same_world_and_another_seed_another(kind):
    assert np.array_equal(draw(kind, 1).periods, draw(kind, 1).periods)
    assert draw(kind, 1).periods.shape != draw(kind, 2).periods.shape


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_store_sells_and_has_a_true_mix(kind):
    world = draw(kind, 1)
    assert world.periods.shape == (4, *world.mixes.shape)
    assert np.allclose(world.mixes.sum(axis=1), 1)
    assert (world.sales.sum(axis=1) > 0).all()
    assert world.clusters >= 2


@pytest.mark.parametrize("kind", list(SHAPES))
def test_a_continuum_has_one_label(kind):
    world = draw_continuum(kind, 1)
    assert world.clusters == 1
    assert np.isfinite(world.mixes).all()


def test_half_of_the_cells_are_empty_where_half_is_not_carried():
    world = draw("50 % not carried", 1)
    assert (world.mixes < 1e-6).mean() == pytest.approx(0.5, abs=0.05)


def test_stores_of_equal_totals_sell_a_hundred_each():
    assert np.allclose(draw("equal store totals", 1).sales.sum(axis=1), 100)
    assert np.allclose(draw_pair(3.0, 1, equal_totals=True).sales.sum(axis=1), 100)


def test_groups_further_apart_are_easier_to_tell():
    near, far = (draw_pair(distance, 1) for distance in (1.5, 4.0))
    gaps = [
        np.linalg.norm(w.mixes[w.labels == 0].mean(axis=0) - w.mixes[w.labels == 1].mean(axis=0))
        for w in (near, far)
    ]
    assert gaps[1] > 2 * gaps[0]


@pytest.mark.parametrize("kind", list(EXTERNAL_KINDS))
def test_hard_attributes_have_a_label_for_every_store(kind):
    planted = draw_external(kind, 1)
    assert len(planted.numbers) == len(planted.labels) == len(planted.levels)


def test_rows_without_weeks_keep_the_sales_of_every_cell():
    sales = np.array([[30.0, 10.0], [0.0, 25.0], [4.0, 4.0]])
    values, stores = without_weeks(sales)
    cells = values.sort("store_nbr", "feature").select("store_nbr", "feature", "value").rows()
    assert cells == [
        ("00000", "need 000", 30.0),
        ("00000", "need 001", 10.0),
        ("00001", "need 001", 25.0),
        ("00002", "need 000", 4.0),
        ("00002", "need 001", 4.0),
    ]
    assert stores["sales"].to_list() == [40.0, 25.0, 8.0]


def test_halves_become_the_columns_of_values():
    values, stores = of_halves(np.array([[1.0, 0.0]]), np.array([[2.0, 3.0]]))
    assert values["value"].to_list() == [3.0, 3.0]
    assert values["half_a"].to_list() == [1.0, 0.0]
    assert stores["sales"].to_list() == [6.0]
