"""Files that repeat each other are found; files that are parts of one whole are not suspected."""

from __future__ import annotations

import random
from typing import Any

import polars as pl
import pytest

from clustering.config import Preprocess
from clustering.errors import DataError
from clustering.stages.preprocess_internal import preprocess_internal

MAP = pl.DataFrame(
    {
        "sku_nbr": ["g", "b", "w"],
        "need_state": ["green", "black", "white"],
        "category": ["TEA", "TEA", "TEA"],
    }
)
Row = tuple[str, str, str, str, float, int | None]
KINDS = {
    "file": pl.Enum(["a.csv", "b.csv"]),
    "store_nbr": pl.String,
    "sku_nbr": pl.String,
    "category": pl.String,
    "total_sales": pl.Float64,
    "period": pl.Int32,
}


def _run(rows: list[Row], **changed: Any) -> dict[str, pl.DataFrame]:
    sales = pl.DataFrame(rows, schema=KINDS, orient="row")
    return preprocess_internal(sales.lazy(), MAP, Preprocess(**changed), 1)


def _weeks(file: str, weeks: range, more: float = 0.0) -> list[Row]:
    return [
        (file, store, sku, "TEA", 10.0 * week + int(store) + more, week)
        for week in weeks
        for store in ("1", "2", "3")
        for sku in ("g", "b", "w")
    ]


@pytest.mark.parametrize("more", [0.0, 0.5], ids=["as before", "restated"])
def test_extracts_that_overlap_by_two_weeks_are_refused(more: float) -> None:
    rows = [*_weeks("a.csv", range(1, 6)), *_weeks("b.csv", range(4, 9), more)]
    with pytest.raises(DataError, match=r"a\.csv and b\.csv repeat") as caught:
        _run(rows)
    assert "preprocess.overlap=last" in caught.value.details[0]


def test_last_file_counts_on_request_and_the_rest_is_counted() -> None:
    early, late = _weeks("a.csv", range(1, 6)), _weeks("b.csv", range(4, 9), 0.5)
    result, clean = _run([*early, *late], overlap="last"), _run([*early[:27], *late])
    assert result["values"].equals(clean["values"])
    rows = result["reconciliation"].filter(input="sales")
    counts = {outcome: (number, sales) for _, outcome, number, sales in rows.iter_rows()}
    repeated = sum(row[4] for row in early[27:])
    assert counts["repeated_in_a_later_file"] == (18, repeated)
    assert counts["read"] == (90, sum(row[4] for row in [*early, *late]))


def test_files_are_added_up_on_request_and_that_is_said() -> None:
    rows = [*_weeks("a.csv", range(1, 6)), *_weeks("b.csv", range(4, 9))]
    result = _run(rows, overlap="sum")
    assert result["values"]["value"].sum() == sum(row[4] for row in rows)
    assert "added up" in result["findings"].filter(finding="overlap")["text"][0]


def test_the_same_file_twice_without_periods_is_refused() -> None:
    rows = [
        (file, *row[1:5], None) for file in ("a.csv", "b.csv") for row in _weeks(file, range(9))
    ]
    with pytest.raises(DataError, match="repeat"):
        _run(rows)


def test_months_in_files_of_their_own_without_periods_are_no_overlap() -> None:
    rows = [
        (file, *row[1:4], row[4] + number, None)
        for number, file in enumerate(("a.csv", "b.csv"))
        for row in _weeks(file, range(number * 3 + 1, number * 3 + 2))
    ]
    assert _run(rows)["findings"].is_empty()


def test_baskets_spread_over_files_are_no_overlap() -> None:
    draw = random.Random(1)
    rows: list[Row] = [
        (
            draw.choice(["a.csv", "b.csv"]),
            draw.choice("123"),
            draw.choice("gbw"),
            "TEA",
            draw.choice([1.99, 2.49, 3.98]),
            draw.randrange(1, 9),
        )
        for _ in range(3_000)
    ]
    assert _run(rows)["findings"].is_empty()


def test_two_of_many_files_that_share_a_row_by_chance_are_no_overlap() -> None:
    files = [f"{number:02}.csv" for number in range(40)]
    rows = [(file, "1", "g", "TEA", 5.0 + week, week) for week, file in enumerate(files)]
    rows.append((files[1], "1", "g", "TEA", 3.0, 0))
    kinds = KINDS | {"file": pl.Enum(files)}
    sales = pl.DataFrame(rows, schema=kinds, orient="row").lazy()
    assert preprocess_internal(sales, MAP, Preprocess(), 1)["findings"].is_empty()


def test_stores_in_files_of_their_own_are_no_overlap() -> None:
    rows = [
        *_weeks("a.csv", range(1, 6)),
        *[("b.csv", f"9{row[1]}", *row[2:]) for row in _weeks("b.csv", range(1, 6))],
    ]
    assert _run(rows)["findings"].is_empty()
