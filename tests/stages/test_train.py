"""The verdict, the choice of k, and the models there are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from clustering.config import Assign, Baseline, Caps, Features, Model, Select
from clustering.errors import StageError
from clustering.methods import models
from clustering.methods.selection.number_of_groups import STRONG
from clustering.sample.planted import Planted, Recipe, draw_mixes
from clustering.schemas import TABLES
from clustering.stages.assign import assign
from clustering.stages.features import features
from clustering.stages.train import train


def tables_of(
    planted: Planted, names: list[str] | None = None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables values and stores of a planted category; half the units of each cell in either
    half.
    """
    counts = planted.counts
    names = names or [f"{number:05d}" for number in range(len(counts))]
    store, state = np.nonzero(counts)
    units = counts[store, state].astype(float)
    half = np.random.default_rng(0).binomial(counts[store, state], 0.5).astype(float)
    values = pl.DataFrame(
        {
            "category": "TEA",
            "store_nbr": np.array(names)[store],
            "feature": [f"need {j:02d}" for j in state],
            "value": units,
            "level": pl.Series([None] * len(units), dtype=pl.String),
            "half_a": half,
            "half_b": units - half,
        }
    )
    stores = pl.DataFrame(
        {
            "category": "TEA",
            "store_nbr": names,
            "sales": counts.sum(axis=1).astype(float),
            "sales_rows": 99,
            "history": "enough",
        }
    )
    return values.sort("store_nbr", "feature"), stores.sort("store_nbr")


def trained(
    values: pl.DataFrame,
    stores: pl.DataFrame,
    model: Model | None = None,
    select: Select | None = None,
    seed: int = 1,
) -> dict[str, Any]:
    """Features, train and assign of one category."""
    made = features(values, stores, Features(), seed)
    fitted = train(
        values,
        stores,
        made["matrix"],
        made["transformers"],
        Features(),
        model or models.family("gmm").Settings(),
        select or Select(),
        Caps(),
        seed,
    )
    return (
        made
        | fitted
        | assign(
            stores,
            made["matrix"],
            {stores["category"][0]: fitted["models"]},
            Assign(),
            Caps(),
            Baseline(),
            seed,
        )
    )


FEW = Recipe(stores=150, need_states=8, clusters=3, separation=0.9)


def test_selection_has_every_k_with_every_criterion_and_one_choice() -> None:
    result = trained(*tables_of(draw_mixes(FEW, 1)))
    selection = TABLES["train"]["selection"].validate(result["selection"], cast=True)
    assert selection["k"].to_list() == list(range(1, 11))
    assert selection["chosen"].sum() == selection["recommended"].sum() == 1
    assert (
        selection.filter(pl.col("k") > 1)
        .select("bic", "icl", "silhouette", "heldout_r2")
        .null_count()
        .sum_horizontal()[0]
        == 0
    )
    assert selection.filter("chosen")["k"].item() == 3
    assert result["verdicts"]["verdict"].item() == "groups"


def test_one_planted_group_is_a_continuum_and_still_segmented() -> None:
    result = trained(*tables_of(draw_mixes(Recipe(stores=200, clusters=1), 2)))
    assert result["verdicts"]["verdict"].item() == "continuum"
    assert result["assignments"]["cluster"].n_unique() >= 2


def test_one_cluster_is_an_answer_where_k_min_allows_it() -> None:
    settings = models.family("gmm").Settings(k_min=1)
    result = trained(
        *tables_of(draw_mixes(Recipe(stores=200, clusters=1), 2)), settings, Select(rule="bic")
    )
    assert result["verdicts"]["k"].item() == 1


def test_one_cluster_is_the_answer_where_two_fit_slightly_better_and_no_gap_divides_them() -> None:
    settings = models.family("gmm").Settings(k_min=1)
    planted = draw_mixes(Recipe(clusters=1, stores=150, need_states=5), 104)
    result = trained(*tables_of(planted), settings)
    bic = dict(result["selection"].select("k", "bic").iter_rows())
    assert bic[2] < bic[1] < bic[2] + STRONG
    verdict = result["verdicts"].row(0, named=True)
    assert (verdict["k"], verdict["rule"], verdict["verdict"]) == (1, "gaps", "continuum")
    assert "One cluster holds" not in verdict["sentence"]


def test_fixed_k_is_used_and_the_recommended_one_still_reported() -> None:
    result = trained(*tables_of(draw_mixes(FEW, 1)), models.family("gmm").Settings(k=5))
    row = result["verdicts"].row(0, named=True)
    assert (row["k"], row["recommended_k"]) == (5, 3)
    assert "model.k" in row["sentence"]


def test_k_beyond_the_stores_takes_what_is_possible_and_says_so() -> None:
    six = Recipe(stores=6, clusters=1, outlier_share=0)
    result = trained(*tables_of(draw_mixes(six, 1)), models.family("gmm").Settings(k=9))
    row = result["verdicts"].row(0, named=True)
    assert (row["k"], row["limits"]) == (5, "k_not_possible")
    assert "model.k=9 is more than this category allows, so k = 5." in row["sentence"]
    noted = result["rules"].filter(rule="model")["note"].item()
    assert noted == "k = 5, as model.k is not possible"


def test_strict_k_beyond_the_stores_names_category_and_range() -> None:
    settings = models.family("gmm").Settings(k=400, strict_k=True)
    with pytest.raises(StageError, match=r"model.k=400 .* category TEA .* use 1-"):
        trained(*tables_of(draw_mixes(FEW, 1)), settings)


def test_stores_with_one_mix_are_said_to_be_alike() -> None:
    same = Planted(np.tile([30, 50, 20], (40, 1)), np.zeros(40), np.zeros((1, 3)))
    row = trained(*tables_of(same))["verdicts"].row(0, named=True)
    assert row["verdict"] == "all_alike"
    assert row["sentence"].startswith("The 40 stores that can be compared are all alike")


def test_a_category_without_any_sales_is_one_cluster() -> None:
    values, stores = tables_of(draw_mixes(FEW, 1))
    stores = stores.with_columns(sales=0.0, history=pl.lit("none"))
    result = trained(values.clear(), stores)
    assert result["assignments"].height == stores.height
    assert result["assignments"]["assigned_by"].unique().to_list() == ["most_central"]
    assert result["verdicts"]["verdict"].item() == "too_few_stores"


@pytest.mark.parametrize("stores", [1, 2, 4])
def test_too_few_stores_form_one_cluster(stores: int) -> None:
    result = trained(*tables_of(draw_mixes(Recipe(stores=stores, clusters=1, outlier_share=0), 1)))
    assert result["verdicts"]["verdict"].item() == "too_few_stores"
    assert result["assignments"]["cluster"].to_list() == [1] * stores


def test_partition_depends_neither_on_row_order_nor_on_store_numbers() -> None:
    planted = draw_mixes(FEW, 3)
    names = [f"{number:05d}" for number in range(150)]
    other = list(np.random.default_rng(5).permutation(names))
    one = trained(*tables_of(planted, names))["assignments"]
    two = trained(*tables_of(planted, other))["assignments"]
    by_one = dict(one.select("store_nbr", "cluster").iter_rows())
    by_two = dict(two.select("store_nbr", "cluster").iter_rows())
    assert [by_one[a] for a in names] == [by_two[b] for b in other]


def test_clusters_are_numbered_by_size() -> None:
    sizes = (
        trained(*tables_of(draw_mixes(FEW, 4)))["assignments"]["cluster"]
        .value_counts()
        .sort("cluster")["count"]
    )
    assert sizes.to_list() == sorted(sizes, reverse=True)


def test_poor_history_outliers_and_no_sales_all_get_a_cluster() -> None:
    values, stores = tables_of(draw_mixes(FEW, 1))
    first, second = stores["store_nbr"][:2]
    stores = stores.with_columns(
        pl.when(pl.col("store_nbr") == first)
        .then(pl.lit("poor"))
        .when(pl.col("store_nbr") == second)
        .then(pl.lit("none"))
        .otherwise("history")
        .alias("history"),
        pl.when(pl.col("store_nbr") == second).then(0.0).otherwise("sales").alias("sales"),
    )
    result = trained(values.filter(pl.col("store_nbr") != second), stores)
    rows = {row["store_nbr"]: row for row in result["assignments"].iter_rows(named=True)}
    assert len(rows) == stores.height
    assert not result["matrix"].filter(store_nbr=first)["is_fitted"].item()
    assert rows[first]["assigned_by"] == "model"
    assert rows[second]["assigned_by"] == "most_central"
    assert 0 < rows[second]["probability"] < 1


@pytest.mark.parametrize("name", models.names())
def test_every_model_places_every_store(name: str) -> None:
    settings = models.family(name).Settings(k_max=5)
    assert settings.name == name
    result = trained(*tables_of(draw_mixes(FEW, 6)), settings)
    TABLES["assign"]["assignments"].validate(result["assignments"], cast=True)
    assert result["assignments"].height == 150


@pytest.mark.parametrize(
    "rule",
    [
        "gap",
        "prediction_strength",
        "stability",
        "vote",
        "icl",
        "davies_bouldin",
        "calinski_harabasz",
    ],
)
def test_every_rule_finds_well_separated_clusters(rule: str) -> None:
    planted = draw_mixes(
        Recipe(stores=150, need_states=8, clusters=3, separation=1.2, outlier_share=0), 9
    )
    result = trained(*tables_of(planted), models.family("gmm").Settings(k_max=5), Select(rule=rule))
    assert result["verdicts"]["k"].item() == 3
    assert result["verdicts"]["rule"].item() == rule


def test_adding_a_family_takes_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "halves.py").write_text(
        "from dataclasses import dataclass\n"
        "from clustering.config import Model\n"
        "@dataclass\n"
        "class Settings(Model):\n"
        "    name: str = 'halves'\n"
        "def fit(space, settings, ks, seed):\n"
        "    from clustering.methods.fitting.candidate import from_placement\n"
        "    from clustering.methods.fitting.lloyd import fit_kmeans\n"
        "    return {k: from_placement(space, fit_kmeans(space.X, space.start(k))) for k in ks}\n"
    )
    monkeypatch.setattr(models, "__path__", [*models.__path__, str(tmp_path)])
    assert "halves" in models.names()
    result = trained(*tables_of(draw_mixes(FEW, 6)), models.family("halves").Settings(k_max=4))
    assert result["verdicts"]["k"].item() == 3
