"""Planted categories as the tables that stages read, and our default on them."""

from __future__ import annotations

import numpy as np
import polars as pl

from clustering.config import Assign, Baseline, Caps, Features, Model, Select
from clustering.methods import models
from clustering.sample.planted import Planted, PlantedAttributes
from clustering.stages.assign import assign
from clustering.stages.features import features
from clustering.stages.train import train


def of_mixes(planted: Planted) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables values and stores; each unit sold falls in either half of the sales with even
    chances.
    """
    counts = planted.counts
    names = np.array([f"{number:05d}" for number in range(len(counts))])
    store, state = np.nonzero(counts)
    units = counts[store, state].astype(float)
    half = np.random.default_rng(0).binomial(counts[store, state], 0.5).astype(float)
    values = pl.DataFrame(
        {
            "category": "PLANTED",
            "store_nbr": names[store],
            "feature": [f"need {j:02d}" for j in state],
            "value": units,
            "level": pl.Series([None] * len(units), dtype=pl.String),
            "half_a": half,
            "half_b": units - half,
        }
    )
    sales = counts.sum(axis=1).astype(float)
    return values, pl.DataFrame(
        {"category": "PLANTED", "store_nbr": names, "sales": sales, "history": "enough"}
    )


def of_attributes(planted: PlantedAttributes) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables values and stores of attributes."""
    names = pl.Series([f"{number:05d}" for number in range(len(planted.labels))])
    parts = [
        pl.DataFrame(
            {"store_nbr": names, "feature": f"number {j:02d}", "value": planted.numbers[:, j]}
        ).with_columns(pl.col("value").fill_nan(None), pl.lit(None, pl.String).alias("level"))
        for j in range(planted.numbers.shape[1])
    ] + [
        pl.DataFrame({"store_nbr": names, "feature": f"level {j:02d}"}).with_columns(
            pl.lit(None, pl.Float64).alias("value"),
            pl.Series("level", [f"L{code}" for code in planted.levels[:, j]]),
        )
        for j in range(planted.levels.shape[1])
    ]
    nothing = pl.lit(None, pl.Float64)
    values = pl.concat(parts).filter(pl.col("value").is_not_null() | pl.col("level").is_not_null())
    values = values.with_columns(
        pl.lit("ALL").alias("category"), nothing.alias("half_a"), nothing.alias("half_b")
    )
    stores = pl.DataFrame(
        {"category": "ALL", "store_nbr": names, "history": "enough"}
    ).with_columns(nothing.alias("sales"))
    return values, stores


MIX = Features()
ATTRIBUTES = Features(
    transform="none", impute="median", scale="yeo_johnson", encode="one_hot", reduce="pca"
)


def our_default(
    values: pl.DataFrame, stores: pl.DataFrame, settings: Features, k_min: int = 1
) -> tuple[np.ndarray, str]:
    """Labels of all stores and the verdict."""
    placed, verdict = through_stages(
        values, stores, settings, models.family("gmm").Settings(k_min=k_min)
    )
    return placed["cluster"].to_numpy(), verdict


def through_stages(
    values: pl.DataFrame,
    stores: pl.DataFrame,
    settings: Features,
    model: Model,
    select: Select | None = None,
) -> tuple[pl.DataFrame, str]:
    """The assignments of all stores and the verdict, through the stages as `run` calls them."""
    made = features(values, stores, settings, 42)
    fitted = train(
        values,
        stores,
        made["matrix"],
        made["transformers"],
        settings,
        model,
        select or Select(),
        Caps(),
        42,
    )
    placed = assign(
        stores,
        made["matrix"],
        {values["category"][0]: fitted["models"]},
        Assign(),
        Caps(),
        Baseline(),
        42,
    )["assignments"]
    return placed, str(fitted["verdicts"]["verdict"].item())
