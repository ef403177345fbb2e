"""Every kind of mistake has a message of its own that says what to mend."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from clustering.methods.overrides.check import Existing, checked
from clustering.schemas import Overrides

KNOWN = Existing(
    {"TEA": {"0001", "0002", "0003"}, "MILK": {"0001", "0002"}},
    {"TEA": ["1_1", "2_1"], "MILK": ["1_2"]},
)
COLUMNS = tuple(Overrides.column_names())
GOOD = {"who": "Ann", "why": "new layout"}


def _checked(*rows: dict[str, str]) -> list[tuple[str, str]]:
    table = pl.DataFrame(
        [{name: row.get(name) for name in COLUMNS} for row in rows],
        schema=dict.fromkeys(COLUMNS, pl.String),
    )
    return [
        (override.status, override.note) for override in checked(table, KNOWN, date(2026, 6, 1))
    ]


PIN = GOOD | {"kind": "pin", "category": "TEA", "store_nbr": "0001", "cluster": "2_1"}


@pytest.mark.parametrize(
    ("change", "note"),
    [
        (
            {"kind": "pinn"},
            "kind 'pinn' is not one of pin, exclude, flagship, rename, renumber, did you mean "
            "'pin'?",
        ),
        ({"store_nbr": ""}, "pin needs a store_nbr"),
        ({"cluster": ""}, "pin needs a cluster"),
        ({"category": ""}, "pin needs a category"),
        ({"value": "7"}, "pin takes no value, and there is '7'"),
        ({"who": ""}, "pin store 0001 in TEA does not say who"),
        ({"why": ""}, "pin store 0001 in TEA does not say why"),
        ({"until": "next year"}, "until 'next year' is not a date such as 2026-12-31"),
        ({"category": "TAE"}, "the run has no category 'TAE', did you mean 'TEA'?"),
        ({"store_nbr": "0009"}, "the run has no store '0009'"),
        (
            {"store_nbr": "1"},
            "the run has no store '1'; did you mean '0001'? (spreadsheets take leading zeros away)",
        ),
        (
            {"category": "MILK", "store_nbr": "0003"},
            "store 0003 has no cluster in MILK to begin with",
        ),
        ({"cluster": "9_9"}, "TEA has no final cluster '9_9'; it has 1_1, 2_1"),
        ({"kind": "rename", "store_nbr": "", "value": ""}, "rename needs a value"),
        (
            {"kind": "renumber", "category": "", "cluster": "", "value": "0002"},
            "store 0001 cannot become 0002: there is such a store already",
        ),
    ],
)
def test_a_row_that_cannot_be_applied(change: dict[str, str], note: str) -> None:
    assert _checked(PIN | change) == [("mistake", note)]


@pytest.mark.parametrize(
    ("later", "note"),
    [
        (PIN, "pin store 0001 in TEA repeats row 1"),
        (
            PIN | {"cluster": "1_1"},
            "pin store 0001 in TEA contradicts row 1 (pin store 0001 in TEA as 2_1)",
        ),
        (
            GOOD | {"kind": "exclude", "store_nbr": "0001"},
            "exclude store 0001 contradicts row 1 (pin store 0001 in TEA as 2_1)",
        ),
        (
            GOOD | {"kind": "flagship", "store_nbr": "0001", "category": "TEA"},
            "flagship store 0001 in TEA contradicts row 1 (pin store 0001 in TEA as 2_1)",
        ),
    ],
)
def test_a_row_against_an_earlier_one(later: dict[str, str], note: str) -> None:
    assert _checked(PIN, later) == [("applied", ""), ("mistake", note)]


def test_two_names_for_a_cluster_one_name_for_two_and_one_number_for_two_stores() -> None:
    name = GOOD | {"kind": "rename", "category": "TEA", "cluster": "1_1", "value": "City"}
    assert _checked(name, name | {"value": "Town"})[1] == (
        "mistake",
        "rename in TEA contradicts row 1 (rename in TEA as City)",
    )
    assert _checked(name, name | {"cluster": "2_1", "value": "city "})[1][0] == "mistake"
    number = GOOD | {"kind": "renumber", "store_nbr": "0001", "value": "0100"}
    assert _checked(number, number | {"store_nbr": "0002"})[1][0] == "mistake"


def test_what_is_over_is_said_and_harms_nobody() -> None:
    over = PIN | {"until": "2026-05-31", "cluster": "1_1"}
    assert _checked(over, PIN) == [("expired", "held until 2026-05-31"), ("applied", "")]
    assert _checked(PIN | {"until": "2026-06-01"}) == [("applied", "")]
