"""Matrices cut from the long tables of many categories."""

from __future__ import annotations

import numpy as np
import polars as pl

from clustering.arrays import coordinates, coordinates_of, runs

COMPONENTS = pl.Series([[1.0, 2.0], None, [3.0, 4.0], None, [5.0], [6.0], [7.0]])
PARTS = [slice(0, 3), slice(3, 4), slice(4, 7)]


def test_categories_are_cut_as_if_each_was_read_alone() -> None:
    found = coordinates_of(COMPONENTS, PARTS)
    assert [part.tolist() for part in found] == [
        [[1.0, 2.0], [3.0, 4.0]],
        [],
        [[5.0], [6.0], [7.0]],
    ]
    assert [part.shape for part in found] == [coordinates(COMPONENTS[part]).shape for part in PARTS]
    assert all(
        np.array_equal(part, coordinates(COMPONENTS[rows]))
        for part, rows in zip(found, PARTS, strict=True)
    )


def test_lists_that_are_all_unknown_give_no_rows() -> None:
    assert coordinates_of(pl.Series([None, None], dtype=pl.List(pl.Float64)), [slice(0, 2)])[
        0
    ].shape == (0, 1)


def test_runs_of_a_sorted_column() -> None:
    assert runs(pl.Series(["a", "a", "b", "c", "c"])) == {
        "a": slice(0, 2),
        "b": slice(2, 3),
        "c": slice(3, 5),
    }
    assert runs(pl.Series([], dtype=pl.String)) == {}
