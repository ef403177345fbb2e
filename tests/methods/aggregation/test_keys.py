"""Keys get one number each, whatever their type and however they are batched."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clustering.methods.aggregation.keys import KeyCodes


def test_keys_are_numbered_as_they_are_met() -> None:
    keys = KeyCodes()
    assert keys.encode(pl.Series(["b", "a", "b"])).tolist() == [0, 1, 0]
    assert keys.encode(pl.Series(["c", "a", "b"])).tolist() == [2, 1, 0]
    assert keys.names == ["b", "a", "c"]


@pytest.mark.parametrize("kind", [pl.Int8, pl.Int32, pl.Int64, pl.UInt16, pl.String])
def test_null_is_minus_one_and_no_key(kind: type[pl.DataType]) -> None:
    keys = KeyCodes()
    assert keys.encode(pl.Series([None, 7, None]).cast(kind)).tolist() == [-1, 0, -1]
    assert keys.names == ["7"]


def test_integer_nulls_alone_are_no_key() -> None:
    keys = KeyCodes()
    assert keys.encode(pl.Series([None, None], dtype=pl.Int64)).tolist() == [-1, -1]
    assert keys.names == []


@pytest.mark.parametrize("kind", [pl.Int64, pl.String])
def test_no_rows_give_no_codes(kind: type[pl.DataType]) -> None:
    assert KeyCodes().encode(pl.Series([], dtype=kind)).tolist() == []


def test_leading_zeros_make_another_key() -> None:
    keys = KeyCodes()
    assert len(set(keys.encode(pl.Series(["12", "0012", "012"])))) == 3
    assert set(keys.names) == {"12", "0012", "012"}


def test_integer_and_its_text_are_the_same_key() -> None:
    keys = KeyCodes()
    first = keys.encode(pl.Series([12, -3]))
    assert keys.encode(pl.Series(["12", "-3"])).tolist() == first.tolist()


def test_integers_spread_too_wide_for_a_table_keep_their_codes() -> None:
    keys = KeyCodes()
    near = keys.encode(pl.Series([5, 6]))
    far = keys.encode(pl.Series([10**15, 5]))
    assert far[1] == near[0]
    assert keys.names == ["5", "6", str(10**15)]
    assert keys.encode(pl.Series([10**15, 6])).tolist() == [far[0], near[1]]


def test_lower_integers_met_later_do_not_move_codes() -> None:
    keys = KeyCodes()
    codes = keys.encode(pl.Series([100, 200]))
    keys.encode(pl.Series([-50, 1_000]))
    assert keys.encode(pl.Series([100, 200])).tolist() == codes.tolist()


@pytest.mark.parametrize("kind", [pl.UInt64, pl.Int128])
def test_huge_integer_is_no_small_one(kind: type[pl.DataType]) -> None:
    keys = KeyCodes()
    keys.encode(pl.Series([-3, 5]))
    assert keys.encode(pl.Series([2**64 - 3, 5], dtype=kind)).tolist() == [2, 1]
    assert keys.names == ["-3", "5", str(2**64 - 3)]


def test_key_below_all_that_were_met_is_a_new_one() -> None:
    keys = KeyCodes()
    keys.encode(pl.Series([5_000_000, 5_000_007]))
    assert keys.encode(pl.Series([4_999_999, 5_000_007])).tolist() == [2, 1]
    assert keys.encode(pl.Series([-1, 5_000_000])).tolist() == [3, 0]


key = st.one_of(st.none(), st.integers(-(10**12), 10**12), st.integers(0, 50))


@settings(max_examples=80, deadline=None)
@given(
    st.lists(
        st.tuples(st.lists(key, max_size=8).map(lambda values: [1, *values]), st.booleans()),
        max_size=6,
    )
)
def test_codes_lead_back_to_their_keys_in_every_batch(
    batches: list[tuple[list[int | None], bool]],
) -> None:
    keys = KeyCodes()
    seen = [
        (
            values,
            keys.encode(pl.Series(values, dtype=pl.Int64).cast(pl.String if as_text else pl.Int64)),
        )
        for values, as_text in batches
    ]
    for values, codes in seen:
        assert [None if code < 0 else keys.names[code] for code in codes] == [
            None if v is None else str(v) for v in values
        ]
    assert len(set(keys.names)) == len(keys.names)
