"""Fewer groups win where the border that is given up has no gap."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clustering.methods.fitting.candidate import Candidate, around_centres
from clustering.methods.fitting.space import Labels, Space
from clustering.methods.selection.gaps import LARGE
from clustering.methods.selection.number_of_groups import MOST, PRICE, STRONG, number_of_groups

STORES = 300
TRUE = np.repeat([0, 1], STORES // 2)
# the second group cut in two where it has no gap
CUT = np.where(np.arange(STORES) >= 225, 2, TRUE)


def _space(apart: float) -> Space:
    X = np.random.default_rng(1).normal(size=(STORES, 2)) + apart * TRUE[:, None]
    X[TRUE == 1] = X[TRUE == 1][np.argsort(X[TRUE == 1][:, 1])]
    return Space(X, np.full(STORES, np.nan))


def _candidates(space: Space, loss: float, cut: Labels = CUT) -> dict[int, Candidate]:
    """Three clusters have the lowest BIC, two one that is higher by `loss` a store."""
    two, three = (around_centres(space, labels) for labels in (TRUE, cut))
    return {2: replace(two, bic=loss * STORES), 3: replace(three, labels=cut, bic=0.0)}


def test_a_cut_without_a_gap_is_given_up() -> None:
    space = _space(8.0)
    assert number_of_groups(space, _candidates(space, 0.9 * PRICE)) == 2


def test_a_much_lower_bic_is_worth_a_border_without_a_gap() -> None:
    space = _space(8.0)
    assert number_of_groups(space, _candidates(space, 1.1 * PRICE)) == 3
    assert PRICE < MOST


@pytest.mark.parametrize(("bic", "k"), [(0.9 * STRONG, 2), (1.1 * STRONG, 3)])
def test_a_cluster_too_small_to_test_needs_strong_evidence(bic: float, k: int) -> None:
    space, cut = _space(8.0), np.where(np.arange(STORES) > STORES - LARGE, 2, TRUE)
    assert number_of_groups(space, _candidates(space, bic / STORES, cut)) == k


def test_fewer_clusters_must_have_gaps_themselves() -> None:
    space = _space(0.5)
    assert number_of_groups(space, _candidates(space, 0.01)) == 3


@pytest.mark.parametrize(("bic", "k"), [({}, 0), ({1: 5.0, 2: 9.0}, 1), ({1: 9.0, 2: 5.0}, 2)])
def test_up_to_two_clusters_are_left_to_bic(bic: dict[int, float], k: int) -> None:
    space = _space(0.5)
    found = {n: replace(around_centres(space, TRUE * (n - 1)), bic=one) for n, one in bic.items()}
    assert number_of_groups(space, found) == k
