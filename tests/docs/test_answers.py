"""docs/json.md and the schemas beside it are those of the code."""

from __future__ import annotations

import json

import pytest

from clustering.cli.answers import ANSWERS
from tests.docs.answers import PAGE, SCHEMAS, file_name, page, schema


def test_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: nox -s reference"


@pytest.mark.parametrize("kind", ANSWERS)
def test_schemas_are_up_to_date(kind: type) -> None:
    kept = json.loads((SCHEMAS / file_name(kind)).read_text(encoding="utf-8"))
    assert kept == schema(kind), "a changed form needs a new number; then: nox -s reference"
