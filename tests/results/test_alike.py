"""Categories that group their stores alike, and what it costs them to share clusters."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
import pytest

from clustering.errors import DataError
from clustering.registry import Stage
from clustering.results.alike import alike, of_groups
from clustering.results.page.content.run_tables import read_run_tables
from clustering.results.page.content.worth import groups as members_by_group
from clustering.store.catalog import Catalog
from clustering.store.runs import run_folder
from clustering.store.versions import version_folder
from tests.conftest import command_in

STORES = [f"{number:02d}" for number in range(40)]
GROUPS = {"TEA": np.arange(40) % 2, "COFFEE": np.arange(40) % 2, "SALT": np.arange(40) // 2 % 2}
SHARES = np.array([[0.8, 0.2], [0.3, 0.7]])


class Stored:
    """The tables that are compared: stores of a group sell one mix, each 100 a half."""

    def read(self, _stage: Stage, table: str) -> pl.DataFrame:
        if table == "worth":
            own = [(category, None, 2000.0) for category in GROUPS]
            columns = {"category": pl.String, "final_cluster": pl.String}
            schema = columns | {"gain_in_sales": pl.Float64}
            return pl.DataFrame(own, schema=schema, orient="row")
        rows: list[dict[str, Any]] = []
        for category, groups in GROUPS.items():
            for store, group in zip(STORES, groups, strict=True):
                key = {"category": category, "store_nbr": store}
                if table == "assignments":
                    rows.append(key | {"final_cluster": "AB"[group], "status": "both"})
                    continue
                for feature, share in zip(("x", "y"), SHARES[group], strict=True):
                    half = 100 * share
                    amounts = {"value": 2 * half, "half_a": half, "half_b": half}
                    rows.append(key | {"feature": feature} | amounts)
        return pl.DataFrame(rows).sort("category", "store_nbr")


STORED = cast(Catalog, Stored())


def test_sharing_costs_nothing_where_stores_are_grouped_alike() -> None:
    found = alike(STORED, ["TEA", "COFFEE"])
    assert found.pairs["agreement"].to_list() == [1.0, 1.0]
    # a plan for each group meets all; one for both, without the store itself, about 75 %
    assert found.pairs["shared"].to_list() == pytest.approx([2000.0] * 2, rel=0.06)
    assert found.pairs["loss"].to_list() == pytest.approx([0.0, 0.0], abs=120)


def test_clusters_of_a_category_that_groups_otherwise_lose_what_own_ones_gain() -> None:
    found = alike(STORED, ["TEA", "COFFEE", "SALT"])
    row = found.pairs.filter(category="TEA", other="SALT").row(0, named=True)
    assert row["agreement"] == pytest.approx(0.0, abs=0.03)
    assert row["shared"] == pytest.approx(0.0, abs=60)
    assert row["loss"] == row["worth"] - row["shared"]
    assert found.best is not None
    assert found.best[0] in ("TEA", "COFFEE")
    assert found.best[1:] == pytest.approx((2000, 6000), rel=0.06)


def test_all_are_compared_where_none_is_named_and_unknown_ones_refused() -> None:
    assert set(alike(STORED, []).categories) == set(GROUPS)
    with pytest.raises(DataError, match="no sales of category 'TEAS', did you mean 'TEA'"):
        alike(STORED, ["TEAS"])


def test_the_command_shows_a_heat_map_and_the_loss(finished_dir: Path) -> None:
    done = command_in(finished_dir, "alike")
    assert done.code == 0, done.err
    assert "agreement of final clusters" in done.out
    assert "If all 2 share one set of clusters" in done.out


def test_a_group_of_categories_is_held_against_separate_clusters(project: Path) -> None:
    done = command_in(project, "publish", "--approver", "Ann")
    assert done.code == 0, done.err
    missing = command_in(project, "alike", "--separate", "v1")
    assert missing.code == 3
    assert "was made without preprocess.group_categories" in missing.err
    words = ("preprocess.group_categories={BOTH:['*']}", "report.page=false")
    done = command_in(project, "run", *words)
    assert done.code == 0, done.err
    done = command_in(project, "alike", "--separate", "v1", "--format", "csv")
    assert done.code == 0, done.err
    pairs = pl.read_csv(done.out.encode())
    assert pairs["other"].to_list() == ["BOTH", "BOTH"]
    assert (pairs["worth"] > 0).all()
    # the sample's categories have planted clusters of their own: sharing cannot serve both
    assert pairs["loss"].sum() > 0
    run = Catalog(str(project / "data"), str(project / "outputs"), "dev")
    separate = run_folder(version_folder(project / "outputs", 1), "dev")
    tables = read_run_tables(run, sharing=of_groups(run, separate))
    members = members_by_group(tables)["BOTH"]
    assert [one["shared"] for one in members] == pytest.approx(pairs["shared"].to_list())
    unknown = members_by_group(read_run_tables(run))["BOTH"]
    assert [(one["label"], one["own"]) for one in unknown] == [("all other categories", None)]
