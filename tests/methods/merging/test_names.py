"""Names of final clusters are true of their stores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from clustering.config import Caps, Merge, Overrides
from clustering.methods.merging.final_names import (
    EVERYWHERE,
    NO_SURROUNDINGS,
    name_mixes,
    name_surroundings,
)
from clustering.methods.merging.mixes import Mix
from clustering.methods.merging.profiles import attribute_profile, mix_profile
from clustering.stages.merge import merge

TRUE_FOR = 0.6  # of the stores of a cluster


def _mix(shares: list[list[float]]) -> Mix:
    sales = np.array(shares) * 100
    return Mix(["BEANS", "PODS", "DECAF"], sales, np.zeros_like(sales), np.zeros_like(sales))


def _names(shares: list[list[float]], mixes: list[int]) -> list[str]:
    labels = np.array(mixes)
    k = int(labels.max()) + 1
    profile = mix_profile(_mix(shares), labels, k)
    return [name.text for name in name_mixes(profile, profile, np.arange(k))]


def test_a_mix_is_named_after_the_points_it_gains() -> None:
    beans, pods = [[0.8, 0.1, 0.1]] * 5, [[0.2, 0.7, 0.1]] * 5
    assert _names(beans + pods, [0] * 5 + [1] * 5) == ["more beans", "more pods"]


def test_a_gain_that_most_stores_do_not_have_names_nothing() -> None:
    # one store makes the mean of the cluster
    odd = [[0.1, 0.1, 0.8]] + [[0.6, 0.35, 0.05]] * 4
    rest = [[0.45, 0.45, 0.1]] * 5
    names = _names(odd + rest, [0] * 5 + [1] * 5)
    assert "more decaf" not in names[0]
    assert names[0].startswith("more beans")


def test_a_small_gain_is_slight() -> None:
    one, other = [[0.51, 0.39, 0.1]] * 5, [[0.49, 0.41, 0.1]] * 5
    assert _names(one + other, [0] * 5 + [1] * 5)[0] == "slightly more beans"


def test_the_only_mix_is_that_of_all_stores() -> None:
    assert _names([[0.5, 0.4, 0.1]] * 4, [0] * 4) == [EVERYWHERE]


def test_equal_names_are_told_apart() -> None:
    shares = [[0.5, 0.4, 0.1]] * 8
    assert len(set(_names(shares, [0] * 4 + [1] * 4))) == 2


def test_surroundings_are_named_after_a_trait_that_sets_sisters_apart() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 20)
    data = np.column_stack([rng.normal(size=40) + 5 * labels, rng.normal(size=40)])
    pieces = attribute_profile(["median_income", "format=express"], data, labels, 2)
    names = [name.text for name in name_surroundings(pieces, pieces, np.arange(2))]
    assert names == ["low median income", "high median income"]


def test_surroundings_without_a_marked_trait_say_so() -> None:
    data = np.ones((20, 1))
    pieces = attribute_profile(["income"], data, np.repeat([0, 1], 10), 2)
    names = [name.text for name in name_surroundings(pieces, pieces, np.arange(2))]
    assert names == [NO_SURROUNDINGS, f"{NO_SURROUNDINGS} (2)"]


@pytest.fixture(scope="module")
def tables(finished_dir: Path) -> dict[str, pl.DataFrame]:
    data = finished_dir / "data/dev"
    return {
        "values": pl.read_parquet(data / "internal/preprocess/values.parquet"),
        "assignments": pl.read_parquet(data / "merged/assignments.parquet"),
        "clusters": pl.read_parquet(data / "merged/clusters.parquet"),
        "profiles": pl.read_parquet(data / "merged/profiles.parquet"),
    }


def test_every_name_holds_for_most_of_the_stores_it_is_given_to(
    tables: dict[str, pl.DataFrame],
) -> None:
    key = ["category", "store_nbr"]
    claims = tables["profiles"].filter("in_name", kind="need_state")
    assert claims.height > 0
    total = tables["values"].group_by(key).agg(total=pl.col("value").sum())
    stores = tables["assignments"].join(total.filter(pl.col("total") > 0), on=key)
    sold = tables["values"].select(*key, "feature", "value")
    found = (
        stores.join(claims, on=["category", "final_cluster"])
        .join(sold, on=[*key, "feature"], how="left")
        .with_columns(more=pl.col("value").fill_null(0.0) / pl.col("total") - pl.col("overall"))
        .group_by("category", "final_cluster", "feature")
        .agg((pl.col("more").sign() == pl.col("difference").sign()).mean().alias("true_for"))
    )
    assert found["true_for"].min() >= TRUE_FOR
    traits = tables["profiles"].filter("in_name", kind="attribute")
    assert traits.height > 0
    assert traits["holds_for"].min() >= TRUE_FOR


def test_names_are_unique_within_a_category(tables: dict[str, pl.DataFrame]) -> None:
    assert tables["clusters"].select("category", "name").is_unique().all()


def test_without_sales_clusters_are_named_after_their_attributes() -> None:
    names = [f"{number:02d}" for number in range(20)]
    place = ["near", "far"] * 10
    key = {"category": "ALL", "store_nbr": names}
    result = merge(
        None,
        pl.DataFrame(key | {"cluster": [1, 2] * 10}),
        None,
        pl.DataFrame(key | {"components": [[0.0], [9.0]] * 10}),
        Merge(),
        Caps(),
        Overrides(),
        seed=1,
        attributes=pl.DataFrame(
            key | {"feature": "place", "value": None, "level": place},
            schema_overrides={"value": pl.Float64},
        ),
    )
    found = dict(result["clusters"].select("final_cluster", "name").iter_rows())
    assert found == {"A": "place near", "B": "place far"}
