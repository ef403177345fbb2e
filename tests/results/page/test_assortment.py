"""What the page says of gaps in the assortment."""

from __future__ import annotations

from typing import Any

import polars as pl

from clustering.results.page.content.assortment import gaps_by_category
from clustering.results.page.content.labels import ReadableLabels
from clustering.results.page.content.run_tables import RunTables


class _Run(RunTables):
    labels = ReadableLabels({("need_state", "MINT"): "Peppermint"})


def _run(internal: dict[str, Any]) -> RunTables:
    return _Run(None, {}, internal, {}, {}, [])  # type: ignore[arg-type]


def test_the_need_states_that_most_stores_lack_are_named() -> None:
    rows = [("1", "MINT"), ("1", "OOLONG"), ("2", "MINT"), ("3", "ICED"), ("3", "PU-ERH")]
    table = pl.DataFrame(rows, schema=["store_nbr", "feature"], orient="row")
    lacking = table.with_columns(category=pl.lit("TEA"))
    assert gaps_by_category(_run({"not_carried": lacking})) == {
        "TEA": "3 stores probably do not carry some need state; most often: "
        "Peppermint (2), Iced (1), Oolong (1)."
    }


def test_a_run_without_sales_has_no_gaps() -> None:
    assert gaps_by_category(_run({})) == {}
