"""Sales level and trend as coordinates with the weight they were given."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from clustering.config import Config, Features, Weights, check
from clustering.errors import ConfigError
from clustering.methods.transforms.fitted import fit_features
from clustering.methods.transforms.table import read_table
from clustering.stages.features import features


def _tables(stores: int = 60) -> tuple[pl.DataFrame, pl.DataFrame]:
    rng = np.random.default_rng(4)
    rows = []
    for store in range(stores):
        size, growth = (
            (1, 10)[store % 2] * rng.uniform(0.9, 1.1),
            (0.8, 1.6)[(store // 2) % 2] * rng.uniform(0.95, 1.05),
        )
        for state, share in enumerate(rng.dirichlet([4.0, 3.0, 2.0])):
            half = 1000 * size * share
            rows.append(
                (
                    "TEA",
                    f"{store:03d}",
                    f"need {state}",
                    half * (1 + growth),
                    None,
                    half,
                    half * growth,
                )
            )
    schema = {
        "category": pl.String,
        "store_nbr": pl.String,
        "feature": pl.String,
        "value": pl.Float64,
        "level": pl.String,
        "half_a": pl.Float64,
        "half_b": pl.Float64,
    }
    values = pl.DataFrame(rows, schema=schema, orient="row")
    stores_table = values.group_by("category", "store_nbr", maintain_order=True).agg(
        pl.col("value").sum().alias("sales")
    )
    return values, stores_table.with_columns(sales_rows=pl.lit(50), history=pl.lit("enough"))


def _coordinates(weights: Weights) -> np.ndarray:
    values, stores = _tables()
    table = read_table(values, stores)
    settings = Features(reduce="none", outliers="none", weights=weights)
    return fit_features(table, np.ones(len(table.stores), dtype=bool), settings, 1).transform(table)


def test_each_block_makes_up_its_share_of_the_variance() -> None:
    X = _coordinates(Weights(50, 30, 20))
    shares = np.array([X[:, :-2].var(axis=0).sum(), X[:, -2].var(), X[:, -1].var()])
    assert shares / shares.sum() == pytest.approx([0.5, 0.3, 0.2])


def test_performance_alone_sees_nothing_of_the_mix_and_separates_size_and_growth() -> None:
    X = _coordinates(Weights(0, 50, 50))
    assert not X[:, :-2].any()
    groups = np.arange(60) % 4
    centres = np.array([X[groups == group].mean(axis=0) for group in range(4)])
    nearest = ((X[:, None] - centres[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == groups).all()


def test_all_weight_on_the_mix_changes_nothing() -> None:
    values, stores = _tables()
    plain = features(values, stores, Features(), 1)["matrix"]
    assert plain.equals(features(values, stores, Features(weights=Weights(100, 0, 0)), 1)["matrix"])
    assert plain["information"].null_count() == 0
    assert (
        features(values, stores, Features(weights=Weights(50, 50, 0)), 1)["matrix"][
            "information"
        ].null_count()
        == 60
    )


def test_weights_sum_to_a_hundred_percent() -> None:
    config = Config()
    config.features.weights = Weights(50, 30, 10)
    with pytest.raises(
        ConfigError, match=r"features.weights sum to 90 %, not 100 %: mix=50 level=30 trend=10"
    ):
        check(config)
