"""From files of attributes to one long table."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from clustering.config import Preprocess
from clustering.errors import DataError
from clustering.schemas import ALL, TABLES
from clustering.stages.preprocess_external import preprocess_external


def _run(external: dict[str, dict[str, list[Any]]], **changed: Any) -> dict[str, pl.DataFrame]:
    frames = {name: pl.DataFrame(columns) for name, columns in external.items()}
    result = preprocess_external(frames, Preprocess(**changed), seed=1)
    for name, frame in result.items():
        TABLES["preprocess"][name].validate(frame, cast=True)
    return result


def _cell(result: dict[str, pl.DataFrame], store: str, feature: str) -> Any:
    row = result["values"].filter((pl.col("store_nbr") == store) & (pl.col("feature") == feature))
    return None if row.is_empty() else row["level"].item() or row["value"].item()


def _reasons(result: dict[str, pl.DataFrame], action: str) -> dict[str, str]:
    return dict(
        result["columns"].filter(pl.col("action") == action).select("column", "reason").iter_rows()
    )


def test_files_are_joined_on_the_store_and_no_store_is_lost() -> None:
    result = _run(
        {
            "a.csv": {"store_nbr": ["1", "2"], "x": [1.0, 2.0]},
            "b.csv": {"store_nbr": ["2", "3"], "y": [5.0, 6.0]},
        },
        max_null_share=0.9,
    )
    assert result["stores"]["store_nbr"].to_list() == ["1", "2", "3"]
    assert result["stores"]["category"].unique().to_list() == [ALL]
    assert (_cell(result, "2", "x"), _cell(result, "2", "y"), _cell(result, "1", "y")) == (
        2.0,
        5.0,
        None,
    )


def test_numbers_levels_booleans_dates_and_numeric_text_all_count() -> None:
    import datetime as dt

    columns = {
        "store_nbr": ["1", "2", "3"],
        "number": [1, 2, 3],
        "level": ["s", "m", "s"],
        "open": [True, False, True],
        "flag": [0, 1, 1],
        "since": [dt.date(1970, 1, 2), dt.date(1970, 1, 3), dt.date(1970, 1, 5)],
        "text": ["1.5", "2", "7"],
    }
    result = _run({"a": columns})
    assert _cell(result, "2", "flag") == "1"
    assert _cell(result, "1", "number") == 1.0
    assert _cell(result, "2", "level") == "m"
    assert _cell(result, "1", "open") == "true"
    assert _cell(result, "3", "since") == 4.0
    assert _cell(result, "1", "text") == 1.5


def test_null_heavy_constant_and_wordy_columns_are_dropped_and_reported() -> None:
    result = _run(
        {
            "a": {
                "store_nbr": ["1", "2", "3"],
                "x": [1.0, 2.0, 3.0],
                "empty": [None, None, 1.0],
                "same": ["s", "s", "s"],
                "name": ["p", "q", "r"],
            }
        },
        max_levels=2,
    )
    reasons = _reasons(result, "dropped")
    assert set(reasons) == {"empty", "same", "name"}
    assert "preprocess.max_null_share" in reasons["empty"]
    assert "preprocess.max_levels" in reasons["name"]


def test_clashing_names_are_kept_under_their_files_names() -> None:
    result = _run(
        {
            "a.csv": {"store_nbr": ["1", "2"], "x": [1.0, 2.0]},
            "b.csv": {"store_nbr": ["1", "2"], "x": [5.0, 7.0]},
        }
    )
    assert set(result["values"]["feature"]) == {"a.x", "b.x"}
    assert "b.x" in _reasons(result, "renamed")["x"]


def test_clashing_names_in_files_of_one_stem_are_kept_apart_by_the_whole_name() -> None:
    result = _run(
        {
            "a.csv": {"store_nbr": ["1", "2"], "x": [1.5, 2.0]},
            "a.parquet": {"store_nbr": ["1", "2"], "x": [5.0, 7.0]},
        }
    )
    assert set(result["values"]["feature"]) == {"a.csv.x", "a.parquet.x"}


@pytest.mark.parametrize(("rule", "kept"), [("first", 1.0), ("last", 3.0), ("mean", 2.0)])
def test_duplicated_stores_are_settled_by_the_rule_and_counted(rule: str, kept: float) -> None:
    result = _run(
        {"a": {"store_nbr": ["1", "1", "2", "3"], "x": [1.0, 3.0, 5.0, 6.0]}}, duplicates=rule
    )
    assert _cell(result, "1", "x") == kept
    counts = dict(result["reconciliation"].select("outcome", "rows").iter_rows())
    assert counts == {"read": 4, "used": 3, f"duplicate_store_{rule}": 1}


def test_duplicated_stores_can_be_refused() -> None:
    with pytest.raises(DataError, match=r"a: 1 stores have several rows.*preprocess.duplicates"):
        _run({"a": {"store_nbr": ["1", "1", "2"], "x": [1.0, 3.0, 5.0]}}, duplicates="error")


def test_row_without_a_store_is_quarantined() -> None:
    result = _run({"a": {"store_nbr": ["1", None, "2", "3"], "x": [1.0, 3.0, 5.0, 9.0]}})
    assert result["quarantine"]["rule"].to_list() == ["store_nbr_null"]


def test_infinite_values_are_gaps() -> None:
    result = _run(
        {"a": {"store_nbr": ["1", "2", "3"], "x": [1.0, float("inf"), 3.0], "y": [1.0, 2.0, 4.0]}}
    )
    assert _cell(result, "2", "x") is None


def test_store_without_any_value_stays_with_no_history() -> None:
    result = _run({"a": {"store_nbr": ["1", "2", "3"], "x": [1.0, None, 3.0]}})
    assert dict(result["stores"].select("store_nbr", "history").iter_rows())["2"] == "none"


def test_nothing_usable_is_an_error_that_says_why() -> None:
    with pytest.raises(DataError, match="no external attribute is usable") as caught:
        _run({"a": {"store_nbr": ["1", "2"], "x": [1.0, 1.0]}})
    assert caught.value.details == ("x: constant",)


def test_mean_of_duplicates_keeps_the_first_level() -> None:
    result = _run(
        {"a": {"store_nbr": ["1", "1", "2", "3"], "x": [1, 2, 5, 6], "size": ["s", "m", "m", "s"]}},
        duplicates="mean",
    )
    assert (_cell(result, "1", "x"), _cell(result, "1", "size")) == (1.5, "s")


def test_extra_rows_of_a_store_are_in_quarantine() -> None:
    quarantine = _run({"a": {"store_nbr": ["1", "1", "1", "2"], "x": [1.0, 3.0, 5.0, 7.0]}})[
        "quarantine"
    ]
    assert (
        quarantine.select("input", "rule", "store_nbr").rows()
        == [("a", "duplicate_store_first", "1")] * 2
    )


def test_same_store_in_two_files_is_no_duplicate() -> None:
    result = _run(
        {
            "a": {"store_nbr": ["1", "2"], "x": [1.0, 3.0]},
            "b": {"store_nbr": ["1", "2"], "y": [1.0, 3.0]},
        }
    )
    assert result["quarantine"].is_empty()


def test_too_large_a_share_of_faults_names_file_counts_and_key() -> None:
    with pytest.raises(
        DataError, match=r"a: 1 of 3 rows .*preprocess\.max_quarantined_share=0.2"
    ) as caught:
        _run(
            {"a": {"store_nbr": ["1", None, "2"], "x": [1.0, 3.0, 5.0]}}, max_quarantined_share=0.2
        )
    assert caught.value.details == ("1 row: store_nbr_null",)


def test_quarantine_keeps_as_many_rows_as_allowed_but_counts_all() -> None:
    result = _run(
        {"a": {"store_nbr": [None, None, None, "1", "2"], "x": [0.5, 1.0, 2.0, 3.0, 4.0]}},
        quarantine_rows=1,
    )
    assert result["quarantine"].height == 1
    assert result["reconciliation"].filter(pl.col("outcome") == "store_nbr_null")[
        "rows"
    ].to_list() == [3]


def test_infinities_count_as_gaps_when_a_column_is_judged() -> None:
    inf = float("inf")
    result = _run(
        {
            "a": {
                "store_nbr": ["1", "2", "3", "4"],
                "x": [1.0, inf, -inf, inf],
                "y": [1.0, 2.0, 3.0, 4.0],
            }
        }
    )
    assert "75% null" in _reasons(result, "dropped")["x"]


def test_text_with_one_word_among_numbers_stays_levels() -> None:
    result = _run({"a": {"store_nbr": ["1", "2", "3"], "x": ["1", "2", "many"]}})
    assert result["values"]["level"].to_list() == ["1", "2", "many"]


def test_sampled_stores_are_decided_by_the_seed() -> None:
    columns = {"store_nbr": [str(n) for n in range(20)], "x": [float(n) for n in range(20)]}
    drawn = [
        _run({"a": columns}, sample_stores=5)["stores"]["store_nbr"].to_list() for _ in range(2)
    ]
    assert drawn[0] == drawn[1]
    assert len(drawn[0]) == 5


def test_one_of_two_columns_that_could_be_the_latitude_is_named() -> None:
    columns = {
        "store_nbr": ["1", "2"],
        "lat": [1.0, 2.0],
        "Latitude": [3.0, 4.0],
        "lng": [5.0, 6.0],
    }
    result = _run({"a.csv": columns})
    assert result["findings"]["text"].to_list() == [
        "Latitude is taken as the latitude on maps; lat could be it, too"
    ]
