"""docs/tables.md shows the tables as the schemas have them."""

from __future__ import annotations

from tests.docs.tables import PAGE, page, unexplained


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: nox -s reference"


def test_every_column_has_a_meaning() -> None:
    assert unexplained() == []
