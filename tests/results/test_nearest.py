"""The nearest stores: of a run as a table, and of stores that are placed later."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import clustering
from clustering.errors import DataError
from clustering.methods.explanation.nearest import nearest, nearest_on_map
from clustering.results.nearest import nearest_of_run


def test_no_store_is_nearest_to_itself_even_among_copies() -> None:
    distances, rows = nearest(np.array([[0.0], [0.0], [0.0], [5.0]]), 2)
    assert all(place not in row for place, row in enumerate(rows.tolist()))
    assert distances[3].tolist() == [5.0, 5.0]


def test_a_degree_on_the_equator_is_111_kilometres() -> None:
    distances, rows = nearest_on_map(np.zeros(3), np.array([0.0, 1.0, 5.0]), 1)
    assert rows.ravel().tolist() == [1, 0, 1]
    assert distances.ravel() == pytest.approx([111.19, 111.19, 444.78], abs=0.01)


def test_a_placed_store_is_told_the_stores_of_the_run_but_not_itself() -> None:
    matrix = pl.DataFrame(
        {"store_nbr": ["a", "b", "c", "d"], "components": [[0.0], [1.0], [3.0], None]},
        schema_overrides={"components": pl.List(pl.Float64)},
    )
    X = np.array([[0.1], [3.1], [np.nan]])
    found = nearest_of_run(X, ["a", "new", "unknown", "no sales"], matrix)
    assert found.to_list() == ["b, c", "c, b, a", None, None]


def test_the_table_of_a_run(finished_dir: Path) -> None:
    run = clustering.open(finished_dir / "data", output_dir=finished_dir / "outputs")
    category = run.internal["category"][0]
    found = run.nearest(category, number=2)
    assert found["by"].unique().sort().to_list() == ["attributes", "mix", "place"]
    assert found.filter(pl.col("store_nbr") == pl.col("nearest_store")).is_empty()
    each = found.group_by("by", "store_nbr").agg(pl.len(), pl.col("distance").is_sorted())
    assert each["len"].unique().to_list() == [2]
    assert each["distance"].all()
    with pytest.raises(DataError, match="no category 'COFFEES', did you mean 'COFFEE'"):
        run.nearest("COFFEES")
