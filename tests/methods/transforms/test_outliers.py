"""Stores that are set aside before the fit."""

from __future__ import annotations

import numpy as np
import pytest

from clustering.methods.transforms.outliers import far_from_neighbours


@pytest.mark.parametrize(
    ("others", "group", "is_outlier"), [(55, 5, False), (95, 6, False), (300, 5, True)]
)
def test_a_dense_group_of_five_percent_is_kept_and_a_far_store_is_not(
    others: int, group: int, is_outlier: bool
) -> None:
    rng = np.random.default_rng(1)
    apart = rng.normal(size=(group, 4)) + 15.0
    X = np.vstack([rng.normal(size=(others, 4)), apart, np.full((1, 4), -15.0)])
    found = far_from_neighbours(X, np.full(len(X), np.nan))
    assert found[-1]
    assert (found[others:-1] == is_outlier).all()
