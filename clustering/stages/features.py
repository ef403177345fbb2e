"""Values of one category to the coordinates a model works on."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from clustering.config import Features
from clustering.methods.transforms.assortment import not_carried
from clustering.methods.transforms.carried import Carried, fit_carried
from clustering.methods.transforms.fitted import FittedFeatures, fit_features
from clustering.methods.transforms.halves import halves_of, noise_of
from clustering.methods.transforms.outliers import outliers
from clustering.methods.transforms.table import Table, read_table


def features(
    values: pl.DataFrame, stores: pl.DataFrame, features: Features, seed: int
) -> dict[str, Any]:
    """Give the tables matrix and not_carried (see schemas) of one category and the fitted
    transformers.

    Outliers are sought among the stores with enough history; they and the stores with poor history
    get coordinates, but do not train. A store of which nothing is known has null coordinates. Where
    fewer than two stores have enough history, all that have values train.
    """
    table = read_table(values, stores, ignore=features.ignore)
    enough = (stores["history"] == "enough").to_numpy()
    transformers = fit_features(table, enough, features, seed)
    carried = _carried(values, stores, table, transformers, features)
    if carried:
        transformers = fit_features(table, enough, features, seed, carried)
    X = transformers.transform(table)
    known = np.asarray(np.isfinite(X).all(axis=1))
    candidates = (enough if (enough & known).sum() >= 2 else np.ones_like(enough)) & known
    is_outlier = np.zeros(len(X), dtype=bool)
    rows = np.flatnonzero(candidates)
    if rows.size:
        information = transformers.information(table)[rows]
        is_outlier[rows] = outliers(X[rows], information, features, seed)
    return {
        "matrix": _frame(
            stores, *transformers.place(table), known, is_outlier, candidates & ~is_outlier
        ),
        "not_carried": not_carried(
            str(stores["category"][0]), table.rows(np.flatnonzero(enough)), carried
        ),
        "transformers": transformers,
    }


def _carried(
    values: pl.DataFrame,
    stores: pl.DataFrame,
    table: Table,
    transformers: FittedFeatures,
    features: Features,
) -> Carried | None:
    """What fills in the need states that stores do not carry, where there are such."""
    rows = np.flatnonzero((stores["history"] == "enough").to_numpy())
    known = table.rows(rows)
    if not (known.is_mix and (known.numbers <= 0).any()):
        return None
    if not np.isfinite(transformers.information(known)).all():
        return None
    halves = halves_of(values, stores, features.ignore)
    one_other = (halves[0].rows(rows), halves[1].rows(rows)) if halves else None
    return fit_carried(known, noise_of(stores, one_other, transformers))


def _frame(
    stores: pl.DataFrame,
    X: np.ndarray,
    information: np.ndarray,
    known: np.ndarray,
    is_outlier: np.ndarray,
    is_fitted: np.ndarray,
) -> pl.DataFrame:
    components = pl.Series("components", X, dtype=pl.Array(pl.Float64, X.shape[1]))
    components = components.cast(pl.List(pl.Float64))
    if not known.all():
        components = pl.select(pl.when(pl.Series(known)).then(components)).to_series()
    return pl.DataFrame(
        [
            stores["category"],
            stores["store_nbr"],
            components,
            pl.Series("information", information, nan_to_null=True),
            pl.Series("is_outlier", is_outlier),
            pl.Series("is_fitted", is_fitted),
        ]
    )
