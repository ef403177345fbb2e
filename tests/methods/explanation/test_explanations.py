"""Names, rules and representatives, on planted data and at the edges."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.tree import DecisionTreeClassifier

from clustering.methods.explanation.differences import differences
from clustering.methods.explanation.names import TYPICAL, names
from clustering.methods.explanation.representatives import representatives
from clustering.methods.explanation.tree_rules import tree_rules
from clustering.sample.write import write_sample
from tests.conftest import command_in


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    list(write_sample(folder / "data", stores=200, categories=6, clusters=4, weeks=8, seed=11))
    done = command_in(folder, "run")
    assert done.code == 0, done.err
    return folder / "data"


def _planted_differences(data: Path) -> set[tuple[str, int, str, bool]]:
    """(category, planted cluster, need state, is it higher) where a cluster's tilt differs from the
    mean of the others'.
    """
    tilts = pl.read_parquet(data / "truth/tilts.parquet")
    found = set()
    for (category, need_state), part in tilts.partition_by(
        "category", "need_state", as_dict=True
    ).items():
        tilt = np.zeros(4)
        tilt[part["cluster"].to_numpy()] = part["direction"].to_numpy()
        contrast = tilt - (tilt.sum() - tilt) / 3
        found |= {(category, k, need_state, contrast[k] > 0) for k in range(4) if contrast[k]}
    return found


def test_names_and_top_differences_are_those_that_were_planted(planted: Path) -> None:
    """Every need state of a cluster's name, which are its top differences, was planted in that
    direction.
    """
    expected = _planted_differences(planted)
    truth = pl.read_parquet(planted / "truth/internal.parquet").rename({"cluster": "planted"})
    assigned = pl.read_parquet(planted / "dev/internal/assign/assignments.parquet")
    matched = (
        assigned.join(truth, on=["category", "store_nbr"])
        .group_by("category", "cluster", "planted")
        .len()
        .sort("len", descending=True)
        .unique(["category", "cluster"], keep="first")
    )
    clusters = pl.read_parquet(planted / "dev/internal/analyze/clusters.parquet").join(
        matched, on=["category", "cluster"]
    )
    profiles = pl.read_parquet(planted / "dev/internal/analyze/profiles.parquet")
    right = []
    for row in clusters.iter_rows(named=True):
        named = row["name"].split(", ")
        top = profiles.filter(
            pl.col("rank") <= len(named), category=row["category"], cluster=row["cluster"]
        ).sort("rank")
        differ = list(top.select("feature", pl.col("effect_size") > 0).iter_rows())
        assert named == [
            f"{'high' if is_high else 'low'} {feature.lower()}" for feature, is_high in differ
        ]
        right.append(
            all(
                (row["category"], row["planted"], feature, is_high) in expected
                for feature, is_high in differ
            )
        )
    assert len(right) == 24
    assert np.mean(right) >= 0.9


def test_names_are_unique_within_a_category_and_stable(planted: Path) -> None:
    for track in ("internal", "external"):
        clusters = pl.read_parquet(planted / f"dev/{track}/analyze/clusters.parquet")
        assert clusters.select("category", "name").is_unique().all()
        described = pl.read_parquet(planted / f"dev/{track}/analyze/descriptions.parquet")
        assert described.height == clusters.height


def test_every_cluster_has_prototypes_of_its_own(planted: Path) -> None:
    found = pl.read_parquet(planted / "dev/internal/analyze/representatives.parquet")
    assigned = pl.read_parquet(planted / "dev/internal/assign/assignments.parquet")
    joined = found.join(assigned, on=["category", "store_nbr"], suffix="_assigned")
    assert (joined["cluster"] == joined["cluster_assigned"]).all()
    assert set(found.filter(rank=1).group_by("category", "cluster").len()["len"]) == {2}


def test_clusters_alike_get_names_apart() -> None:
    found = differences(
        np.random.default_rng(0).normal(size=(30, 3)), np.arange(30) % 3, np.arange(3)
    )
    assert names(found, ["a", "b", "c"]) == [TYPICAL, f"{TYPICAL} (2)", f"{TYPICAL} (3)"]


def test_a_cluster_of_one_store_is_named_by_its_own_mix() -> None:
    rng = np.random.default_rng(3)
    mix = np.column_stack([0.4 + rng.normal(0, 0.01, 21), 0.3 + rng.normal(0, 0.01, 21)])
    mix[0] = 0.1, 0.9
    data = np.column_stack([mix, 1 - mix.sum(axis=1)])
    found = differences(data, np.r_[0, [1] * 20], np.array([0, 1]), are_shares=True)
    assert names(found, ["decaf", "beans", "pods"])[0].startswith("high beans")


def test_only_features_that_clusters_were_made_by_name_them() -> None:
    rng = np.random.default_rng(4)
    labels = np.repeat([0, 1], 20)
    data = rng.normal(size=(40, 2)) + np.array([9, 3]) * labels[:, None]
    found = differences(data, labels, np.array([0, 1]))
    assert names(found, ["rent", "income"], np.array([False, True])) == [
        "low income",
        "high income",
    ]


def test_no_store_is_both_typical_and_at_the_edge() -> None:
    assignments = pl.DataFrame(
        {
            "category": "TEA",
            "store_nbr": [f"{n}" for n in range(7)],
            "cluster": [1] * 6 + [2],
            "margin": [0.1, 0.9, 0.8, 0.7, 0.6, 0.05, 0.3],
            "is_outlier": False,
        }
    )
    X = np.array([[0.0], [0.1], [0.2], [0.3], [0.4], [0.5], [9.0]])
    found = representatives(assignments, X, np.ones(7, dtype=bool))
    assert found["store_nbr"].is_unique().all()
    edge = found.filter(role="boundary").sort("rank")["store_nbr"].to_list()
    assert edge == ["5", "0"]


def test_the_tree_places_as_many_stores_right_as_scikit_learns() -> None:
    rng = np.random.default_rng(1)
    labels = np.r_[np.arange(4), rng.integers(0, 4, 296)]
    data = rng.normal(size=(4, 6))[labels] + rng.normal(size=(300, 6))
    theirs = DecisionTreeClassifier(max_depth=3, min_samples_leaf=9).fit(data, labels)
    ours = tree_rules(data, labels, np.arange(4), list("abcdef"), False)
    assert ours.fidelity == theirs.score(data, labels)


def test_an_unknown_attribute_counts_as_the_median() -> None:
    data = np.array([[0.0], [0.0], [np.nan], [5.0], [5.0], [5.0]])
    rules = tree_rules(data, np.array([0, 0, 1, 1, 1, 1]), np.array([0, 1]), ["size"], False)
    assert rules.rules == ["size at most 2.5", "size above 2.5"]
    assert rules.fidelity == 1.0


def test_rules_say_how_far_they_can_be_trusted() -> None:
    data = np.column_stack([np.r_[np.zeros(20), np.ones(20)], np.zeros(40)])
    labels = np.r_[np.zeros(18, dtype=int), np.ones(22, dtype=int)]
    rules = tree_rules(data, labels, np.array([0, 1]), ["near=yes", "b"], False)
    assert rules.rules == ["near is not yes", "near is yes"]
    assert rules.coverage == [1.0, 20 / 22]
    assert rules.precision == [18 / 20, 1.0]
    assert rules.fidelity == 38 / 40
    assert tree_rules(data, labels * 0, np.array([0]), ["a", "b"], True).rules == ["all stores"]
