"""Planted categories as the tables that stages read, and our default on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from clustering.arrays import Matrix
from clustering.config import Assign, Baseline, Caps, Features, Model, Preprocess, Select
from clustering.methods import models
from clustering.methods.assignment.placer import Placer
from clustering.methods.transforms.fitted import FittedFeatures
from clustering.methods.transforms.table import read_table
from clustering.sample.planted import Planted, PlantedAttributes
from clustering.stages.assign import assign
from clustering.stages.features import features
from clustering.stages.preprocess_internal import preprocess_internal
from clustering.stages.train import train

Tables = tuple[pl.DataFrame, pl.DataFrame]  # values and stores


def of_mixes(planted: Planted) -> Tables:
    """The tables values and stores; each unit sold falls in either half of the sales with even
    chances.
    """
    counts = planted.counts
    store, state = np.nonzero(counts)
    half = np.zeros(counts.shape)
    half[store, state] = np.random.default_rng(0).binomial(counts[store, state], 0.5)
    return of_halves(half, counts - half)


def of_halves(half_a: Matrix, half_b: Matrix) -> Tables:
    """The tables values and stores of sales (n_stores, n_need_states) in two halves."""
    sales = half_a + half_b
    store, state = np.nonzero(sales)
    names = np.array([f"{number:05d}" for number in range(len(sales))])
    values = pl.DataFrame(
        {
            "category": "PLANTED",
            "store_nbr": names[store],
            "feature": [f"need {j:03d}" for j in state],
            "value": sales[store, state],
            "level": pl.Series([None] * len(store), dtype=pl.String),
            "half_a": half_a[store, state],
            "half_b": half_b[store, state],
        }
    )
    totals = sales.sum(axis=1)
    history = np.where(totals > 0, "enough", "none")
    return values, pl.DataFrame(
        {"category": "PLANTED", "store_nbr": names, "sales": totals, "history": history}
    )


def without_weeks(sales: Matrix, skus: int = 4) -> Tables:
    """The tables that preprocess makes of one row per store and SKU, each need state having `skus`
    SKUs: such rows have no weeks, so preprocess divides the sales itself.
    """
    rng = np.random.default_rng(0)
    shares = rng.dirichlet(np.full(skus, 3.0), sales.shape[1])
    units = np.array(
        [rng.multinomial(sales[:, j].astype(int), shares[j]) for j in range(len(shares))]
    )
    state, store, sku = np.nonzero(units)
    rows = pl.DataFrame(
        {
            "sku_nbr": [f"{one:03d}-{other}" for one, other in zip(state, sku, strict=True)],
            "store_nbr": [f"{number:05d}" for number in store],
            "category": "PLANTED",
            "total_sales": units[state, store, sku].astype(float),
        }
    )
    known = [(f"{j:03d}-{s}", f"need {j:03d}") for j in range(len(shares)) for s in range(skus)]
    need_states = pl.DataFrame(known, schema=["sku_nbr", "need_state"], orient="row")
    need_states = need_states.with_columns(category=pl.lit("PLANTED"))
    made = preprocess_internal(
        rows.with_columns(period=pl.lit(None, pl.Int32)).lazy(), need_states, Preprocess(), 42
    )
    return made["values"], made["stores"].with_columns(history=pl.lit("enough"))


def of_attributes(planted: PlantedAttributes) -> Tables:
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
    transform="none",
    impute="median",
    scale="yeo_johnson",
    encode="one_hot",
    reduce="pca",
    variance=1.0,
)


def our_default(
    values: pl.DataFrame, stores: pl.DataFrame, settings: Features, k_min: int = 1, k_max: int = 10
) -> tuple[np.ndarray, str]:
    """Labels of all stores and the verdict."""
    model = models.family("gmm").Settings(k_min=k_min, k_max=k_max)
    placed, verdict = through_stages(values, stores, settings, model)
    return placed["cluster"].to_numpy(), verdict


@dataclass(frozen=True)
class Outcome:
    """What the stages made of one category."""

    assignments: pl.DataFrame
    verdicts: pl.DataFrame
    placer: Placer
    transformers: FittedFeatures
    assign: Callable[[float], dict[str, Any]]  # by baseline.margin

    @property
    def labels(self) -> np.ndarray:
        """The clusters (n_stores,), in the order of the stores."""
        return self.assignments["cluster"].to_numpy()

    @property
    def verdict(self) -> str:
        return str(self.verdicts["verdict"].item())

    def place(self, tables: Tables, settings: Features) -> tuple[np.ndarray, Matrix]:
        """Published clusters and probabilities (n, k) by the frozen model, of other sales of
        stores; a store without sales has NaN, and cluster 0.
        """
        table = read_table(*tables, ignore=settings.ignore)
        X = self.transformers.transform(table)
        known = np.isfinite(X).all(axis=1)
        found = np.full((len(X), self.placer.k), np.nan)
        information = self.transformers.information(table)
        found[known] = self.placer.by_model(X[known], information[known])
        labels = self.placer.published[np.nan_to_num(found).argmax(axis=1)]
        return np.where(known, labels, 0), found


def through_stages(
    values: pl.DataFrame,
    stores: pl.DataFrame,
    settings: Features,
    model: Model,
    select: Select | None = None,
) -> tuple[pl.DataFrame, str]:
    """The assignments of all stores and the verdict, through the stages as `run` calls them."""
    found = outcome((values, stores), settings, model, select)
    return found.assignments, found.verdict


def outcome(
    tables: Tables,
    settings: Features,
    model: Model,
    select: Select | None = None,
    baseline: Outcome | None = None,
) -> Outcome:
    """What features, train and assign make of the tables values and stores; `baseline` is the run
    that is continued.
    """
    values, stores = tables
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
        Baseline(),
        baseline.verdicts if baseline else None,
        baseline.assignments if baseline else None,
    )
    category = str(values["category"][0])

    def assigned(margin: float) -> dict[str, Any]:
        return assign(
            stores,
            made["matrix"],
            {category: fitted["models"]},
            Assign(),
            Caps(),
            Baseline(margin=margin),
            42,
            baseline_assignments=baseline.assignments if baseline else None,
        )

    found = assigned(0.0)
    placer = found["placers"][category]
    return Outcome(found["assignments"], fitted["verdicts"], placer, made["transformers"], assigned)
