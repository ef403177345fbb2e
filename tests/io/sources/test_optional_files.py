"""Like stores, overrides and labels as they come: read by the same rules as the other files."""

from __future__ import annotations

from pathlib import Path

import pytest

from clustering.errors import DataError
from tests.io.sources.test_dirty_attributes import source_of


@pytest.mark.parametrize(
    ("content", "weight"),
    [
        ("STORE_NBR;LIKE_STORE;WEIGHT\n001 ;002;0,5\n;;\n", 0.5),
        ("Like stores 2026\nSTORE_NBR,LIKE_STORE,WEIGHT\n001,002,50%\n001,002,50%\n", 50.0),
        ("\ufeffStore Nbr\tLike Store\tWeight\n001\t002\t.5\n", 0.5),
    ],
    ids=["semicolons_and_empty_rows", "title_and_percent", "tabs"],
)
def test_like_stores_are_read_by_the_same_rules(
    content: str, weight: float, tmp_path: Path
) -> None:
    (tmp_path / "like.csv").write_text(content)
    frame = source_of(tmp_path, like_stores=str(tmp_path / "like.csv")).like_stores()
    assert frame is not None
    assert frame.select("store_nbr", "like_store_nbr").rows() == [("001", "002")]
    assert frame["weight"].to_list() == [weight]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("001,002,1\n001,002,2\n", "store 001 is like 002 with the weights 1 and 2"),
        ("001,001,1\n", "store 001 is to be like itself"),
        ("001,002,-1\n", "a weight above 0; it has 001, 002, -1"),
    ],
    ids=["two_weights", "itself", "negative"],
)
def test_like_stores_that_cannot_be_used_are_named(rows: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "like.csv").write_text(f"STORE_NBR,LIKE_STORE,WEIGHT\n{rows}")
    with pytest.raises(DataError, match=told):
        source_of(tmp_path, like_stores=str(tmp_path / "like.csv")).like_stores()


def test_labels_are_read_by_the_same_rules(tmp_path: Path) -> None:
    text = "kind;raw;label\ncategory;TEA;Thé \nneed_state;grn;Grün\n"
    (tmp_path / "labels.csv").write_bytes(text.encode("cp1252"))
    labels = source_of(tmp_path, labels=str(tmp_path / "labels.csv")).labels()
    assert labels is not None
    assert labels["label"].to_list() == ["Thé", "Grün"]


def test_overrides_are_read_by_the_same_rules(tmp_path: Path) -> None:
    (tmp_path / "overrides.csv").write_bytes(
        "kind;STORE NBR;who;why\nmove;001 ;Jörg;Straße\n;;;\n".encode("cp1252")
    )
    frame = source_of(tmp_path, overrides=str(tmp_path / "overrides.csv")).overrides()
    assert frame is not None
    assert frame.select("kind", "store_nbr", "who", "why").rows() == [
        ("move", "001", "Jörg", "Straße")
    ]
