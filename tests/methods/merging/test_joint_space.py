"""Distances in the joint space, against sums written out."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.methods.merging.joint_space import JointSpace, joint_space

RNG = np.random.default_rng(4)
INTERNAL, EXTERNAL = RNG.normal(size=(30, 9)), RNG.normal(size=(30, 3))
MEMBERS = RNG.integers(-1, 4, 30)


def _space(internal_known: np.ndarray, external_known: np.ndarray) -> JointSpace:
    return joint_space(
        INTERNAL[internal_known], internal_known, EXTERNAL[external_known], external_known, 0.7
    )


def _written_out(space: JointSpace, row: int, target: int) -> float:
    """The squared distance of a store to the mean of a target's stores, over the blocks that know
    both.
    """
    found = []
    for block, known in (
        (space.internal, space.internal_known),
        (space.external, space.external_known),
    ):
        own = block[(target == MEMBERS) & known]
        if known[row] and len(own):
            found.append(((block[row] - own.mean(axis=0)) ** 2).sum())
    return sum(found) if found else np.inf


def test_distances_are_those_to_the_means_over_the_blocks_that_know_both() -> None:
    space = _space(RNG.random(30) < 0.7, (RNG.random(30) < 0.7) & (MEMBERS != 2))
    rows = np.arange(0, 30, 2)
    expected = [[_written_out(space, row, target) for target in range(5)] for row in rows]
    assert np.allclose(space.squared_distances(MEMBERS, 5, rows), expected)
    assert not np.isfinite(expected).all()


@pytest.mark.parametrize("track", ["internal", "external"])
def test_each_track_varies_as_much_as_its_weight_says(track: str) -> None:
    known = RNG.random(30) < 0.7
    space = _space(known, known)
    block = getattr(space, track)
    assert block[known].var(axis=0).sum() == pytest.approx(
        {"internal": 0.7, "external": 0.3}[track]
    )
    assert (block[~known] == 0).all()


def test_a_track_that_knows_no_store_or_does_not_vary_adds_nothing() -> None:
    everyone, no_one = np.ones(4, dtype=bool), np.zeros(4, dtype=bool)
    space = joint_space(np.full((4, 2), 3.0), everyone, np.zeros((0, 1)), no_one, 0.5)
    found = space.squared_distances(np.array([0, 0, 1, 1]), 2, np.arange(4))
    assert (found == 0).all()
