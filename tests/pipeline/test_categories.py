"""Tables cut into categories: nothing lost, large parts read from their file, also after the file
was written anew.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from clustering.errors import DataError
from clustering.pipeline import categories as module
from clustering.pipeline.categories import Piece, categories_of, read_pieces, split

VALUES = pl.DataFrame({"category": ["MILK"] * 3 + ["TEA"] * 2, "value": [1.0, 2.0, 3.0, 4.0, 5.0]})
STORES = pl.DataFrame({"category": ["MILK", "TEA"], "store_nbr": ["1", "1"]})


def _parts(tables: dict[str, object], **files: Path) -> dict[str, dict[str, object]]:
    names = categories_of({"stores": STORES})
    return dict(split(tables, names, files))


@pytest.mark.parametrize(
    "values", [VALUES, VALUES[[3, 0, 4, 1, 2]]], ids=["in order", "out of order"]
)
def test_every_row_comes_with_its_category(values: pl.DataFrame) -> None:
    parts = _parts({"values": values, "models": {"MILK": 1, "TEA": 2}, "absent": None})
    assert parts["MILK"]["values"]["value"].sort().to_list() == [1.0, 2.0, 3.0]
    assert parts["TEA"] == {"values": parts["TEA"]["values"], "models": 2, "absent": None}
    assert parts["TEA"]["values"]["value"].sort().to_list() == [4.0, 5.0]


def test_a_category_without_rows_gets_a_table_without_rows() -> None:
    parts = _parts({"values": VALUES.filter(category="TEA")})
    assert_frame_equal(parts["MILK"]["values"], VALUES.clear())


def test_large_parts_are_read_from_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "WORTH_READING", 2)
    path = tmp_path / "values.parquet"
    VALUES.write_parquet(path)
    parts = _parts({"values": VALUES}, values=path)
    assert isinstance(parts["MILK"]["values"], Piece)
    assert isinstance(parts["TEA"]["values"], pl.DataFrame)  # too small to be worth it
    assert_frame_equal(read_pieces(parts["MILK"])["values"], VALUES[:3])


def test_a_file_written_anew_is_read_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WORTH_READING", 2)
    path = tmp_path / "values.parquet"
    for factor in (1, 10):
        table = VALUES.with_columns(pl.col("value") * factor)
        table.write_parquet(path)
        found = read_pieces(_parts({"values": table}, values=path)["MILK"])["values"]
        assert found["value"].to_list() == [factor, 2 * factor, 3 * factor]


def test_no_category_is_the_fault_of_the_data() -> None:
    with pytest.raises(DataError, match="no category is left"):
        categories_of({"stores": STORES.clear()})
