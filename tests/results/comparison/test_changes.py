"""What a diff tells of two runs."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clustering.results.comparison.changes import _clusters, _continued, _flows
from clustering.results.comparison.drift import _divergences
from tests.conftest import command_in


def _labels(clusters: list[str]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "category": "A",
            "store_nbr": [f"{n:03d}" for n in range(len(clusters))],
            "cluster": clusters,
        }
    )


def _fates(before: list[str], after: list[str]) -> dict[str, str]:
    labels = _continued("internal", _labels(before), _labels(after))
    return dict(_clusters(labels, _flows(labels)).select("cluster", "fate").iter_rows())


def test_numbers_that_only_changed_are_no_moves() -> None:
    labels = _continued("internal", _labels(["1"] * 5 + ["2"] * 5), _labels(["2"] * 5 + ["1"] * 5))
    assert labels["stays"].all()


def test_codes_that_continue_a_baseline_are_compared_as_they_are() -> None:
    before, after = ["B3"] * 5 + ["C3"] * 6, ["B3"] * 11
    stays = {
        way: _continued("final", _labels(before), _labels(after), is_baseline=way)["stays"].sum()
        for way in (True, False)
    }
    assert stays == {True: 5, False: 6}


def test_splits_merges_and_new_clusters_are_told() -> None:
    assert _fates(["1"] * 20 + ["2"] * 10, ["1"] * 12 + ["3"] * 8 + ["2"] * 10) == {
        "1": "split",
        "2": "continued",
        "3": "new",
    }
    assert _fates(["1"] * 12 + ["2"] * 8 + ["3"] * 10, ["1"] * 20 + ["3"] * 10) == {
        "1": "continued",
        "2": "merged",
        "3": "continued",
    }


def test_a_new_cluster_follows_the_old_one_whose_name_it_took() -> None:
    labels = pl.DataFrame(
        {
            "track": "final",
            "category": "A",
            "store_nbr": list("abcd"),
            "before": ["1", "2", "2", "3"],
            "after": ["2", "2", "2", "1"],
            "continues": ["2", "2", "2", None],
            "stays": [False, True, True, False],
        }
    )
    told = _clusters(labels, _flows(labels)).select("cluster", "fate").rows()
    assert told == [("1", "merged"), ("1", "new"), ("2", "continued"), ("3", "retired")]


def test_divergences_of_known_histograms() -> None:
    a, b = np.array([50.0, 50.0]), np.array([75.0, 25.0])
    psi, distance = _divergences(a, b, 0.0)
    assert psi == pytest.approx(0.25 * np.log(0.75 / 0.5) - 0.25 * np.log(0.25 / 0.5))
    assert distance == pytest.approx(
        np.sqrt(0.04879494069539845)
    )  # of scipy's documentation of the divergence, in bits
    assert _divergences(np.array([9.0, 0.0]), np.array([0.0, 7.0]), 0.0)[1] == pytest.approx(1)
    assert _divergences(a, a) == (0, 0)


@pytest.fixture
def changed(project: Path) -> Path:
    """A project whose old run is in old/ and whose present one has fewer internal clusters and
    other sales.
    """
    shutil.copytree(project / "data" / "dev", project / "old" / "data" / "dev")
    shutil.copytree(project / "outputs" / "models", project / "old" / "models")
    sales = pl.read_parquet(project / "data" / "raw" / "sales.parquet")
    more = (
        pl.when(pl.col("SKU_NBR").str.slice(4, 3) == "000")
        .then(pl.col("TOTAL_SALES") * 3)
        .otherwise("TOTAL_SALES")
    )
    sales.with_columns(more.alias("TOTAL_SALES")).write_parquet(
        project / "data" / "raw" / "sales.parquet"
    )
    done = command_in(project, "run", "internal.model.k=2", "baseline.run=old")
    assert done.code == 0, done.err
    return project


def test_the_command_tells_it_on_a_terminal_as_json_and_as_files(changed: Path) -> None:
    shown = command_in(changed, "diff", "old")
    assert shown.code == 0, shown.err
    assert "stayed in their cluster" in shown.out
    assert "conventions, not tests" in shown.out
    assert max(map(len, shown.out.splitlines())) <= 80
    told = json.loads(command_in(changed, "diff", "old", "current", "--format", "json").out)
    movers = sum(row["movers"] for row in told["categories"])
    assert movers == len(told["movers"]) > 0
    assert any("->" in (row["changes"] or "") for row in told["movers"])
    drifted = max(
        (row for row in told["drift"] if row["track"] == "internal"), key=lambda row: row["psi"]
    )
    assert drifted["feature"] in {"Headache tablets", "Ground everyday"}  # the first of each
    files = command_in(changed, "diff", "old", "--format", "parquet", "--output", "diffs")
    assert files.code == 0, files.err
    assert pl.read_parquet(changed / "diffs" / "movers.parquet").height == movers


def test_a_run_against_itself_changes_nothing(project: Path) -> None:
    shown = command_in(project, "diff", "current")
    assert "100.0% of" in shown.out
    assert "no feature drifted" in shown.out


def test_the_page_of_a_run_with_a_baseline_tells_it(changed: Path) -> None:
    page = (changed / "outputs" / "report" / "dev" / "index.html").read_text()
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page)
    assert data
    changes = json.loads(data[1])["changes"]
    assert changes["baseline"] == "old"
    movers = pl.read_parquet(
        changed / "outputs" / "report" / "dev" / "tables" / "changes-movers.parquet"
    ).filter(track="final")
    told = {store for row in changes["moves"] for store, *_ in row["movers"]}
    assert told <= set(movers["store_nbr"])
    assert sum(row["stores"] for row in changes["moves"]) == movers.height
    assert all(row["from"] != row["to"] for row in changes["moves"])
    counted = pl.read_parquet(changed / "data" / "dev" / "merged" / "movers.parquet")
    assert movers.height == counted.height


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "needs one run or two"),
        (("nowhere",), "no such run"),
        (("current", "--format", "parquet"), "needs --output"),
    ],
)
def test_what_cannot_be_compared(project: Path, words: tuple[str, ...], message: str) -> None:
    done = command_in(project, "diff", *words)
    assert done.code == 2
    assert message in done.err
