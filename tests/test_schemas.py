"""What the tables refuse."""

from __future__ import annotations

import dataframely as dy
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.schemas import Values

Key = tuple[str | None, str | None, str | None]
letters = st.sampled_from(["", "A", "a", "é"])


def _values(keys: list[Key]) -> pl.DataFrame:
    amounts = dict.fromkeys(("value", "half_a", "half_b"), pl.lit(1.0))
    frame = pl.DataFrame(
        keys, schema=dict.fromkeys(("category", "store_nbr", "feature"), pl.String), orient="row"
    )
    return frame.with_columns(level=pl.lit(None, pl.String), **amounts).select(
        Values.column_names()
    )


@settings(deadline=None)
@given(st.lists(st.tuples(letters, letters, letters), max_size=6))
def test_values_are_accepted_where_each_key_is_there_once_and_in_order(keys: list[Key]) -> None:
    assert Values.is_valid(_values(keys)) == (sorted(set(keys)) == keys)


@pytest.mark.parametrize(
    "keys",
    [
        [("TEA", "1", None)],
        [("TEA", "1", "green"), ("TEA", None, "green"), ("TEA", "1", "green")],
        [(None, "1", "black"), (None, "1", "black")],
    ],
)
def test_values_without_a_whole_key_are_refused(keys: list[Key]) -> None:
    with pytest.raises(dy.exc.ValidationError, match="nullability"):
        Values.validate(_values(keys))
