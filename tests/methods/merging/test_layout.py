"""Every store of every category, both tracks side by side."""

from __future__ import annotations

import numpy as np
import polars as pl

from clustering.methods.merging.layout import lay_out

INTERNAL = pl.DataFrame(
    {
        "category": ["TEA", "TEA", "ALE", "TEA"],
        "store_nbr": ["b", "a", "b", "d"],
        "cluster": [2, 1, 10, 1],
    }
)
EXTERNAL = pl.DataFrame({"category": "ALL", "store_nbr": ["z", "b", "a"], "cluster": [3, 1, 1]})
INTERNAL_MATRIX = pl.DataFrame(
    {
        "category": ["TEA", "ALE", "TEA"],
        "store_nbr": ["a", "b", "b"],
        "components": [[1.0, 2.0], [5.0], None],
    }
)
EXTERNAL_MATRIX = pl.DataFrame(
    {"category": "ALL", "store_nbr": ["a", "b", "z"], "components": [[7.0], None, [9.0]]}
)
LAYOUT = lay_out(INTERNAL, EXTERNAL, INTERNAL_MATRIX, EXTERNAL_MATRIX, 0.5)


def test_stores_are_in_their_categories_and_those_of_the_external_track_alone_in_each() -> None:
    labels = LAYOUT.labels.drop("sales", "counts", "is_founder")
    assert labels.rows() == [
        ("ALE", "b", 10, 1, True, True, True),
        ("ALE", "z", None, 3, False, True, False),
        ("TEA", "a", 1, 1, True, True, True),
        ("TEA", "b", 2, 1, False, True, True),
        ("TEA", "d", 1, None, False, False, False),
        ("TEA", "z", None, 3, False, True, False),
    ]
    assert LAYOUT.rows == {"ALE": slice(0, 2), "TEA": slice(2, 6)}


def test_external_centres_are_those_of_all_stores_of_the_track() -> None:
    centres = LAYOUT.external_centres("TEA", 0.5)
    assert LAYOUT.external_labels == [1, 3]
    assert np.allclose(centres.centres[:, 0], [-np.sqrt(0.5), np.sqrt(0.5)])
    assert centres.known.tolist() == [1, 1]


def test_the_space_of_a_category_knows_the_stores_with_coordinates() -> None:
    space = LAYOUT.space("TEA")
    assert space.internal_known.tolist() == [True, False, False, False]
    assert space.external_known.tolist() == [True, False, False, True]
    assert np.allclose(space.external[:, 0], [-np.sqrt(0.5), 0, 0, np.sqrt(0.5)])
    assert space.internal.shape == (4, 2)
    assert LAYOUT.space("ALE").internal.shape == (2, 1)
