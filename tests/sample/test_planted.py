"""What is planted is there: sizes, strays, tilts, gaps; and the seed alone decides."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.sample.planted import Recipe, Surroundings, draw_attributes, draw_mixes


@settings(max_examples=25, deadline=None)
@given(st.integers(10, 80), st.integers(2, 8), st.integers(1, 5), st.integers(0, 2**32 - 1))
def test_every_store_sells_something_in_whole_units(
    stores: int, need_states: int, clusters: int, seed: int
) -> None:
    planted = draw_mixes(Recipe(stores=stores, need_states=need_states, clusters=clusters), seed)
    assert planted.counts.shape == (stores, need_states)
    assert (planted.counts >= 0).all()
    assert (planted.counts.sum(axis=1) >= 1).all()
    assert planted.labels.min() >= -1
    assert planted.labels.max() < clusters


def test_same_seed_draws_the_same_mixes() -> None:
    one, two = draw_mixes(Recipe(stores=50), 4), draw_mixes(Recipe(stores=50), 4)
    assert (one.counts == two.counts).all()
    assert (one.labels == two.labels).all()


def test_other_seed_draws_other_mixes() -> None:
    assert (
        draw_mixes(Recipe(stores=50), 4).counts != draw_mixes(Recipe(stores=50), 5).counts
    ).any()


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5])
def test_share_of_strays_is_the_one_asked_for(share: float) -> None:
    assert (draw_mixes(Recipe(stores=100, outlier_share=share), 1).labels == -1).sum() == round(
        100 * share
    )


def test_one_cluster_has_no_tilt() -> None:
    assert not draw_mixes(Recipe(stores=50, clusters=1), 1).tilted.any()


def test_tilted_need_states_are_bought_more_or_less_as_planted() -> None:
    planted = draw_mixes(Recipe(stores=2_000, clusters=2, separation=1.0, outlier_share=0.0), 3)
    shares = planted.counts / planted.counts.sum(axis=1, keepdims=True)
    first, second = (shares[planted.labels == cluster].mean(axis=0) for cluster in (0, 1))
    raised = planted.tilted[0] > planted.tilted[1]
    lowered = planted.tilted[0] < planted.tilted[1]
    log_ratio = np.log(first / second)
    assert raised.any()
    assert lowered.any()
    assert log_ratio[raised].min() > log_ratio[lowered].max()


def test_same_seed_draws_the_same_attributes() -> None:
    one, two = (draw_attributes(Surroundings(stores=50), 9) for _ in range(2))
    assert np.array_equal(one.numbers, two.numbers, equal_nan=True)
    assert (one.levels == two.levels).all()


def test_no_gaps_where_none_are_asked_for() -> None:
    assert np.isfinite(draw_attributes(Surroundings(stores=80, gaps=0.0), 2).numbers).all()


def test_informative_attributes_tell_the_clusters_and_irrelevant_ones_do_not() -> None:
    planted = draw_attributes(
        Surroundings(stores=1_500, informative=2, irrelevant=3, skewed=0.0, gaps=0.0), 6
    )
    means = np.array(
        [planted.numbers[planted.labels == cluster].mean(axis=0) for cluster in range(4)]
    )
    between = means.std(axis=0)
    assert between[:2].min() > 1.0
    assert between[2:].max() < 0.3
