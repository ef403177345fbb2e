"""Segments of a continuum: who is in which, and how sure that is."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.methods.fitting.share_placement import (
    SamplingNoise,
    SharePlacement,
    estimate_sampling_noise,
    standard_normals,
)

MEAN, AXES = np.sqrt([0.5, 0.5]), np.array([[1.0, -1.0]]) / np.sqrt(2)
CENTRES = np.array([[0.7, 0.3], [0.3, 0.7]])


def placement(factor: float = 0.25, between: float = 0.02) -> SharePlacement:
    noise = SamplingNoise(factor, np.zeros(1), np.array([between]))
    return SharePlacement(MEAN, AXES, CENTRES, 0.01, noise)


def test_a_store_half_way_between_two_segments_belongs_to_either_alike():
    found = placement().responsibilities(np.zeros((1, 1)), np.array([100.0]))
    assert found == pytest.approx(np.array([[0.5, 0.5]]), abs=0.01)


def test_the_more_a_store_sells_the_surer_its_segment():
    X = np.full((3, 1), 0.05)
    sure = placement().responsibilities(X, np.array([20.0, 200.0, 2_000.0]))[:, 0]
    assert sure[0] < sure[1] < sure[2]
    assert sure[2] > 0.99


def test_probability_is_the_share_of_second_samples_that_fall_in_the_segment():
    rng, factor, between, n = np.random.default_rng(1), 0.25, 0.02, 20_000
    own = rng.normal(0, np.sqrt(between), n)
    first, second = (own + rng.normal(0, np.sqrt(factor / 100), n) for _ in range(2))
    placed, information = placement(factor, between), np.full(n, 100.0)
    stated = placed.responsibilities(first[:, None], information)
    again = placed.nearest(second[:, None], information) == stated.argmax(axis=1)
    for low, high in ((0.5, 0.6), (0.6, 0.75), (0.75, 0.9), (0.9, 1.0)):
        own_bin = (stated.max(axis=1) >= low) & (stated.max(axis=1) < high)
        assert again[own_bin].mean() == pytest.approx(stated.max(axis=1)[own_bin].mean(), abs=0.03)


def test_rows_sum_to_one_and_no_segment_is_impossible():
    found = placement().responsibilities(np.array([[-0.5], [0.5]]), np.array([1e6, 1e6]))
    assert found.sum(axis=1) == pytest.approx([1, 1])
    assert found.min() > 0


def test_the_spread_of_own_mixes_is_what_noise_does_not_explain():
    rng, sales = np.random.default_rng(2), np.array([50.0, 500.0] * 5_000)
    X = (
        rng.normal(0, 0.1, (10_000, 1))
        + rng.normal(size=(10_000, 1)) * np.sqrt(0.25 / sales)[:, None]
    )
    found = estimate_sampling_noise(X, sales, 0.25)
    assert found.between[0] == pytest.approx(0.01, rel=0.05)


def test_without_a_noise_factor_nothing_is_estimated():
    assert estimate_sampling_noise(np.zeros((5, 1)), np.ones(5), None) is None
    assert estimate_sampling_noise(np.zeros((5, 1)), np.full(5, np.nan), 0.25) is None


def test_normal_draws_are_spread_as_a_normal_distribution_and_always_the_same():
    drawn = standard_normals(128, 6)
    assert np.array_equal(drawn, standard_normals(128, 6))
    assert drawn.mean(axis=0) == pytest.approx(np.zeros(6), abs=1e-9)
    assert drawn.std(axis=0) == pytest.approx(np.ones(6), abs=0.06)
    assert np.abs(np.corrcoef(drawn.T) - np.eye(6)).max() < 0.15
