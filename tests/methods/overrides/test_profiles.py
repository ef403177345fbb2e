"""Profiles are those of the stores that overrides left in each final cluster."""

from __future__ import annotations

import polars as pl
import pytest

from clustering import schemas
from clustering.config import Caps, Merge, Overrides
from clustering.stages.merge import merge
from tests.methods.merging.test_splits import EXTERNAL, GROUPS, INTERNAL, _tables

COLUMNS = ("kind", "category", "store_nbr", "cluster", "value", "who", "why", "until")


def _merged(*rows: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    tables = _tables(GROUPS, INTERNAL, EXTERNAL)
    overrides = pl.DataFrame(
        [dict(zip(COLUMNS, (*row, "Ann", "local taste", ""), strict=True)) for row in rows],
        schema=dict.fromkeys(COLUMNS, pl.String),
    )
    result = merge(
        **tables,
        merge=Merge(min_cluster_size=5),
        caps=Caps(),
        overrides=Overrides(as_of="2026-01-01"),
        seed=3,
        overrides_table=overrides,
    )
    for name, table in result.items():
        schemas.TABLES["merged"][name].validate(table, cast=True)
    return result


def _shares_of_members(assignments: pl.DataFrame) -> pl.DataFrame:
    values = _tables(GROUPS, INTERNAL, EXTERNAL)["values"]
    sold = values.join(assignments, on=["category", "store_nbr"])
    per = sold.group_by("final_cluster", "feature").agg(pl.sum("value"))
    share = pl.col("value") / pl.sum("value").over("final_cluster")
    return per.select("final_cluster", "feature", members=share)


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [("pin", "TEA", f"{store:03d}", "B1", "") for store in range(10)],
        [("flagship", "TEA", "003", "", ""), ("exclude", "", "004", "", "")],
        [("flagship", "TEA", "003", "", ""), ("renumber", "", "005", "", "999")],
        [("exclude", "", f"{store:03d}", "", "") for store in range(79)],
    ],
)
def test_profiles_are_those_of_the_final_members(rows: list[tuple[str, ...]]) -> None:
    result = _merged(*rows)
    back = {"999": "005"}
    assignments = result["assignments"].with_columns(pl.col("store_nbr").replace(back))
    profiles = result["profiles"].filter(kind="need_state")
    found = profiles.join(
        _shares_of_members(assignments), on=["final_cluster", "feature"], how="full"
    )
    assert found.height == profiles.height == 3 * assignments["final_cluster"].n_unique()
    assert (found["mean"] - found["members"]).abs().max() == pytest.approx(0, abs=1e-12)
    assert set(profiles["final_cluster"]) == set(result["clusters"]["final_cluster"])


def test_pinned_stores_do_not_rename_a_cluster() -> None:
    names = [
        dict(result["clusters"].select("final_cluster", "name").iter_rows())
        for result in (_merged(), _merged(("pin", "TEA", "003", "B1", "")))
    ]
    assert names[0] == names[1]
