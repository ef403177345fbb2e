"""Caps on cluster sizes hold always, or the one that cannot is named."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.config import Caps
from clustering.methods.assignment.caps import impossible, within_caps

CAP = st.none() | st.integers(1, 60)


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(1, 60),
    k=st.integers(1, 8),
    low=CAP,
    high=CAP,
    most=CAP,
    equal=st.booleans(),
)
def test_caps_hold_or_the_one_that_cannot_is_named(
    seed: int, n: int, k: int, low: int | None, high: int | None, most: int | None, equal: bool
) -> None:
    caps = Caps(max_clusters=most, min_size=low, max_size=high)
    if list(caps.problems()):
        return  # refused with the settings
    if problem := impossible(caps, n, k):
        wrong = {
            "max_clusters": most is not None and k > most,
            "min_size": low is not None and k * low > n,
            "max_size": high is not None and k * high < n,
        }
        assert any(is_wrong and f"caps.{name}=" in problem for name, is_wrong in wrong.items())
        return
    rng = np.random.default_rng(seed)
    probabilities = np.full((n, k), 1 / k) if equal else rng.dirichlet(np.full(k, 0.3), size=n)
    labels = within_caps(probabilities, probabilities.argmax(axis=1), caps)
    sizes = np.bincount(labels, minlength=k)
    assert sizes.sum() == n
    assert sizes.min() >= (low or 0)
    assert sizes.max() <= (high or n)


def test_those_move_who_lose_least() -> None:
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.6, 0.4], [0.2, 0.8]])
    assert within_caps(probabilities, probabilities.argmax(axis=1), Caps(max_size=2)).tolist() == [
        0,
        0,
        1,
        1,
    ]


def test_nothing_moves_where_sizes_are_right_already() -> None:
    labels = np.array([0, 0, 1, 1])
    assert within_caps(np.full((4, 2), 0.5), labels, Caps(min_size=2, max_size=2)) is labels
