"""Metrics, clusters and profiles."""

from __future__ import annotations

import polars as pl
import pytest

from clustering.config import Features
from clustering.stages.analyze import analyze


def _analyze(
    values: list[tuple[str, str, float | None, str | None]],
    clusters: dict[str, int],
    sales: dict[str, float] | None,
    points: dict[str, list[float] | None],
    ignore: list[str] | None = None,
) -> dict[str, pl.DataFrame]:
    names = list(clusters)
    long = pl.DataFrame(
        values,
        schema={
            "store_nbr": pl.String,
            "feature": pl.String,
            "value": pl.Float64,
            "level": pl.String,
        },
        orient="row",
    ).with_columns(pl.lit("TEA").alias("category"), pl.lit(None, pl.Float64).alias("half_a"))
    stores = pl.DataFrame(
        {
            "category": "TEA",
            "store_nbr": names,
            "sales": [sales[n] if sales else None for n in names],
            "history": "enough",
        },
        schema_overrides={"sales": pl.Float64},
    )
    matrix = pl.DataFrame(
        {
            "category": "TEA",
            "store_nbr": names,
            "components": [points[n] for n in names],
            "is_outlier": False,
            "is_fitted": True,
        },
        schema_overrides={"components": pl.List(pl.Float64)},
    )
    assignments = pl.DataFrame(
        {
            "category": "TEA",
            "store_nbr": names,
            "cluster": list(clusters.values()),
            "probability": 1.0,
            "margin": 1.0,
            "is_outlier": False,
        },
        schema_overrides={"cluster": pl.Int64},
    )
    verdicts = pl.DataFrame({"category": ["TEA"], "recommended_k": [2]})
    trust = pl.DataFrame(
        {"category": ["TEA"], "cluster": [1], "jaccard": [0.7], "trust": ["doubtful"]}
    )
    return analyze(
        long, stores, matrix, assignments, trust, verdicts, Features(ignore=ignore or []), 1
    )


MIX = [
    ("a", "green", 3.0, None),
    ("a", "black", 1.0, None),
    ("b", "green", 1.0, None),
    ("b", "black", 1.0, None),
    ("c", "black", 5.0, None),
]
CLUSTERS = {"a": 1, "b": 1, "c": 2}
SALES = {"a": 4.0, "b": 2.0, "c": 5.0}
POINTS: dict[str, list[float] | None] = {"a": [0.0], "b": [1.0], "c": [9.0]}


def _metrics(result: dict[str, pl.DataFrame]) -> dict[str, float | None]:
    return dict(result["metrics"].select("metric", "value").iter_rows())


def test_profile_of_a_mix_is_the_mean_share_with_its_index() -> None:
    rows = _analyze(MIX, CLUSTERS, SALES, POINTS)["profiles"]
    green = rows.filter(pl.col("feature") == "green").sort("cluster")
    assert green["mean"].to_list() == [0.625, 0.0]
    assert green["overall"][0] == pytest.approx(1.25 / 3)
    assert green["index"].to_list() == pytest.approx([150.0, 0.0])
    assert green["difference"][1] == pytest.approx(-1.25 / 3)


def test_profile_of_attributes_has_means_and_level_shares() -> None:
    values = [
        ("a", "income", 10.0, None),
        ("c", "income", 40.0, None),
        ("a", "format", None, "express"),
        ("b", "format", None, "hyper"),
        ("c", "format", None, "hyper"),
    ]
    rows = _analyze(values, CLUSTERS, None, POINTS)["profiles"]
    found = {(row["cluster"], row["feature"]): row["mean"] for row in rows.iter_rows(named=True)}
    assert found[1, "income"] == 10.0  # b's is unknown, not zero
    assert found[1, "format=express"] == 0.5
    assert found[2, "format=hyper"] == 1.0


def test_ignored_feature_is_profiled_as_not_used() -> None:
    rows = _analyze(MIX, CLUSTERS, SALES, POINTS, ignore=["green"])["profiles"]
    assert dict(rows.select("feature", "used").unique().iter_rows()) == {
        "green": False,
        "black": True,
    }


def test_feature_without_sales_has_no_index() -> None:
    values = [*MIX, ("a", "white", 0.0, None)]
    rows = _analyze(values, CLUSTERS, SALES, POINTS)["profiles"].filter(
        pl.col("feature") == "white"
    )
    assert rows["index"].null_count() == rows.height


def test_r2_is_one_where_clusters_are_pure_and_zero_for_one_cluster() -> None:
    pure = [("a", "green", 1.0, None), ("b", "green", 2.0, None), ("c", "black", 5.0, None)]
    sales = {"a": 1.0, "b": 2.0, "c": 5.0}
    assert _metrics(_analyze(pure, CLUSTERS, sales, POINTS))["r2"] == pytest.approx(1.0)
    assert _metrics(_analyze(pure, {"a": 1, "b": 1, "c": 1}, sales, POINTS))["r2"] == pytest.approx(
        0.0
    )


def test_single_store_and_store_without_coordinates_have_metrics() -> None:
    result = _analyze(
        [("a", "green", 1.0, None)], {"a": 1, "b": 1}, {"a": 1.0, "b": 0.0}, {"a": [0.0], "b": None}
    )
    found = _metrics(result)
    assert found["stores"] == 2
    assert found["silhouette"] is None
    assert result["clusters"]["stores"].to_list() == [2]


def test_cluster_rows_add_up_to_the_category() -> None:
    rows = _analyze(MIX, CLUSTERS, SALES, POINTS)["clusters"]
    assert rows["stores"].sum() == 3
    assert rows["share_of_stores"].sum() == pytest.approx(1.0)
    assert rows["sales"].to_list() == [6.0, 5.0]


def test_clusters_say_how_far_they_can_be_trusted() -> None:
    clusters = _analyze(MIX, CLUSTERS, SALES, POINTS)["clusters"].sort("cluster")
    assert clusters["trust"].to_list() == ["doubtful", None]
