"""The rows behind the charts."""

from __future__ import annotations

import polars as pl
import pytest

from clustering.results.page import rows
from clustering.results.page.gather import Run, read_run
from clustering.results.page.rows import chart_rows, drawn_charts, place_rows
from clustering.store.catalog import Catalog


@pytest.fixture(scope="module")
def run(finished_dir) -> Run:
    return read_run(Catalog(str(finished_dir / "data"), str(finished_dir / "outputs"), "dev"))


def test_a_category_has_the_same_rows_alone_as_among_all(run):
    track = run.tracks["internal"]
    among_all = chart_rows(run, track)
    for category in track.categories:
        alone = chart_rows(run, track.only([category]))
        for name, table in alone.items():
            assert table.filter(category=category).equals(
                among_all[name].filter(category=category)
            ), name


def test_a_large_category_is_drawn_in_part_and_the_same_part_each_time(run, monkeypatch):
    track = run.tracks["internal"]
    whole = chart_rows(run, track)["stores"]
    monkeypatch.setattr(rows, "MOST_POINTS", 50)
    drawn = chart_rows(run, track)["stores"]
    assert set(drawn["category"].value_counts()["count"]) == {50}
    assert drawn.equals(
        whole.join(drawn.select("category", "store"), on=["category", "store"], how="semi")
    )
    assert drawn.equals(chart_rows(run, track)["stores"])


def test_every_cluster_of_a_category_shows_its_most_telling_features_first(run):
    track = run.tracks["internal"]
    mix = chart_rows(run, track)["mix"]
    profiles = track.tables["profiles"].join(
        mix.select("category", "feature", "cluster", "place"), on=["category", "feature", "cluster"]
    )
    assert mix["place"].max() < rows.MOST_FEATURES
    for _, own in profiles.group_by("category"):
        sizes = (
            own.group_by("place")
            .agg(pl.col("effect_size").abs().max())
            .sort("place")["effect_size"]
        )
        assert sizes.to_list() == sorted(sizes, reverse=True)


def test_a_flow_joins_the_heights_of_its_clusters():
    merged = pl.DataFrame(
        {
            "category": ["TEA"] * 4,
            "merged_cluster": ["1_1", "1_1", "1_2", "2_1"],
            "final_cluster": ["A", "A", "A", "B"],
            "reassigned": [False, False, True, False],
        }
    )
    points = rows._merge_flow(merged).select("pair", "side", "stores", "moved", "y").rows()
    assert points == [
        (0, "merged", 2, "no", -0.5),
        (0, "final", 2, "no", -0.75),
        (1, "merged", 1, "yes", -1.5),
        (1, "final", 1, "yes", -0.75),
        (2, "merged", 1, "no", -2.5),
        (2, "final", 1, "no", -2.25),
    ]


def test_a_chart_without_anything_to_show_is_left_out(run):
    track, places = run.tracks["internal"], place_rows(run)
    tables = chart_rows(run, track)
    first, second = track.categories
    tables["stores"] = tables["stores"].with_columns(
        x=pl.when(pl.col("category") != first).then("x")
    )
    charts = drawn_charts(tables, places.clear())
    assert "stores" in charts[second]
    assert not {"stores", "places"} & set(charts[first])
    assert {"sizes", "silhouettes"} <= set(charts[first])
