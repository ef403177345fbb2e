"""Final clusters divided by the size of their stores."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import polars as pl
import pytest

from clustering.config import Caps, Merge, Overrides
from clustering.errors import ConfigError
from clustering.methods.merging.category import MergedCategory
from clustering.methods.merging.space_breaks import space_breaks
from clustering.schemas import SpaceBreaks
from clustering.stages.merge import merge
from tests.methods.merging.test_splits import EXTERNAL, IN_PLACES, INTERNAL, _tables

METRES = [1.0, 2.0, 3.0, 5.0, 6.0, 9.0, 9.0, None]


def _breaks(
    floor: int = 1, codes: str = "A1 A1 A1 A1 A1 A1 A1 A1", **settings: Any
) -> pl.DataFrame:
    stores = [str(number) for number in range(len(METRES))]
    final = pl.DataFrame({"category": "TEA", "store_nbr": stores, "final_cluster": codes.split()})
    metres = pl.DataFrame({"store_nbr": stores, "feature": "METRES", "value": METRES})
    category = cast(MergedCategory, SimpleNamespace(category="TEA", floor=floor))
    rule = Merge(space_by="METRES", **settings)
    return space_breaks(final, [category], {"TEA": rule}, metres)


def test_sizes_by_given_breaks_and_unknown_ones_with_most_stores() -> None:
    found = _breaks(space_breaks=[2.5, 7.0])
    assert "".join(found["space"]) == "SSMMMLLM"
    assert found["plan"][0] == "A1 S"
    SpaceBreaks.validate(found)


def test_a_store_on_a_break_is_in_the_larger_size() -> None:
    assert "".join(_breaks(space_breaks=[5.0])["space"]) == "SSSLLLLL"


def test_quantiles_where_no_breaks_are_given() -> None:
    assert "".join(_breaks(space_classes=2)["space"]) == "SSSLLLLL"
    assert _breaks(space_classes=4)["space"].to_list()[:2] == ["1", "1"]


def test_a_size_below_the_floor_joins_the_smaller_one_beside_it() -> None:
    # two small, three medium, two large: the floor of three joins S with M, then L with both
    assert "".join(_breaks(space_breaks=[2.5, 7.0], floor=2)["space"]) == "SSMMMLLM"
    found = _breaks(space_breaks=[2.5, 7.0], floor=3)
    assert found["space"].n_unique() == 1
    assert found["plan"].unique().to_list() == ["A1"]


def test_sizes_are_counted_within_a_final_cluster() -> None:
    found = _breaks(space_breaks=[2.5], floor=2, codes="A1 A1 A1 A1 B1 B1 B1 B1")
    assert found["plan"].to_list() == ["A1 S", "A1 S", "A1 L", "A1 L", "B1", "B1", "B1", "B1"]


def test_an_attribute_that_is_not_there_is_refused() -> None:
    tables = _tables(IN_PLACES, INTERNAL, EXTERNAL)
    with pytest.raises(ConfigError, match=r"merge\.space_by=METRES: no numeric attribute"):
        merge(**tables, merge=Merge(space_by="METRES"), caps=Caps(), overrides=Overrides(), seed=3)
    without = merge(**tables, merge=Merge(), caps=Caps(), overrides=Overrides(), seed=3)
    assert without["space_breaks"].is_empty()
