"""All stores of all categories, and what is known of those of each."""

from __future__ import annotations

import numpy as np
import polars as pl

from clustering.methods.assignment.layout import all_stores, cut

MATRIX = pl.DataFrame(
    {
        "category": ["TEA", "ALE", "TEA", "ALE"],
        "store_nbr": ["b", "b", "a", "c"],
        "components": [[1.0, 2.0], [5.0], None, [6.0]],
        "information": [10.0, 20.0, None, None],
        "is_outlier": [False, True, False, False],
        "is_fitted": [True, False, False, True],
    }
)
BASELINE = pl.DataFrame(
    {"category": ["TEA", "TEA", "ALE"], "store_nbr": ["a", "new", "gone"], "cluster": [3, 1, 2]}
)
STORES = all_stores(MATRIX, ["new", "b"], BASELINE)


def test_stores_keep_the_order_of_the_matrix_and_all_others_follow_in_every_category() -> None:
    assert STORES.select("category", "store_nbr", "is_outlier", "is_fitted").rows() == [
        ("ALE", "b", True, False),
        ("ALE", "c", False, True),
        ("ALE", "a", False, False),
        ("ALE", "new", False, False),
        ("TEA", "b", False, True),
        ("TEA", "a", False, False),
        ("TEA", "c", False, False),
        ("TEA", "new", False, False),
    ]


def test_only_stores_with_sales_where_they_alone_are_wanted() -> None:
    found = all_stores(MATRIX, ["new", "b"], None, "with_sales")
    assert found.select("category", "store_nbr").rows() == [
        ("ALE", "b"),
        ("ALE", "c"),
        ("TEA", "b"),
        ("TEA", "a"),
    ]


def test_categories_are_cut_with_what_is_known_of_their_stores() -> None:
    found = cut(STORES)
    assert list(found) == ["ALE", "TEA"]
    tea = found["TEA"]
    assert tea.names.to_list() == ["b", "a", "c", "new"]
    assert tea.known.tolist() == [True, False, False, False]
    assert np.array_equal(tea.X, [[1.0, 2.0], *[[np.nan, np.nan]] * 3], equal_nan=True)
    assert np.array_equal(tea.information, [10.0, np.nan, np.nan, np.nan], equal_nan=True)
    assert tea.attribute_rows.tolist() == [1, -1, -1, 0]
    assert tea.old.tolist() == [0, 3, 0, 1]
    assert found["ALE"].present.tolist() == [[5.0], [6.0]]


def test_without_baseline_or_attributes_nothing_is_known_of_them() -> None:
    found = cut(all_stores(MATRIX, [], None))["ALE"]
    assert found.old.tolist() == [0, 0, 0]
    assert found.attribute_rows.tolist() == [-1, -1, -1]
