"""All transforms of a category, fitted together, so that any store can go the same way later."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustering.arrays import Matrix, Transformer
from clustering.config import Features
from clustering.methods.transforms import composition
from clustering.methods.transforms.carried import Carried
from clustering.methods.transforms.composition import are_shares
from clustering.methods.transforms.encode import Encoding, fit_encoding
from clustering.methods.transforms.impute import filled, fit_imputer
from clustering.methods.transforms.performance import Performance, fit_performance
from clustering.methods.transforms.reduce import Components, fit_components, no_components
from clustering.methods.transforms.scale import fit_scaler, scaled
from clustering.methods.transforms.table import Table


@dataclass
class FittedFeatures:
    """Fitted on some stores of a category; `transform` takes any table to coordinates (n_stores,
    d).

    A feature that was not there when this was fitted is left out; one that is absent now counts as
    unknown (of a mix: as no sales). A store of which nothing is known becomes a row of NaN.
    """

    features: list[str]
    level_features: list[str]
    is_mix: bool
    transform_name: str
    zero: float
    imputer: Transformer | None
    encoding: Encoding
    scaler: Transformer | None
    components: Transformer
    performance: Performance | None = None
    has_amounts: bool = True  # of a mix: sales, not shares
    carried: Carried | None = None  # of a mix that some stores do not carry all of

    def transform(self, table: Table) -> Matrix:
        if not (self.features or self.level_features):  # nothing was ever sold
            return np.full((len(table.stores), 1), np.nan)
        aligned = self._aligned(table)
        X, known = self._columns(aligned)
        coordinates = self.components.transform(
            scaled(np.where(known[:, None], X, 0.0), self.scaler)
        )
        if self.performance:
            coordinates = self.performance.coordinates(coordinates, aligned)
        return np.where(
            known[:, None], np.hstack([coordinates, self.encoding.transform(aligned)]), np.nan
        )

    def place(self, table: Table) -> tuple[Matrix, Matrix]:
        """The coordinates (n_stores, d) a model works on, and the information (n_stores,) behind
        them.
        """
        aligned = self._aligned(table)
        # twelve decimals: what lies below is rounding of sums, which differs between machines
        return np.asarray(np.round(self.transform(aligned), 12)), self.information(aligned)

    def information(self, table: Table) -> Matrix:
        """The sales (n_stores,) a mix was seen in, which say how noisy it is; NaN where coordinates
        are not of a mix alone, or where the mix came as shares.
        """
        if not self.is_mix or self.performance or not self.has_amounts:
            return np.full(len(table.stores), np.nan)
        return np.asarray(self._aligned(table).numbers.sum(axis=1))

    @property
    def loadings(self) -> Matrix | None:
        """What leads from coordinates back to scaled attributes (d, p); None where they are not
        their principal axes alone.
        """
        components = self.components if not (self.is_mix or self.performance) else None
        if not isinstance(components, Components):
            return None
        # categorical attributes that became one number each are not among the components
        encoded = 0 if self.encoding.is_one_hot else len(self.encoding.tables)
        d, p = components.axes.shape
        loadings = np.zeros((d + encoded, p + encoded))
        loadings[:d, :p], loadings[d:, p:] = components.axes, np.eye(encoded)
        return loadings

    @property
    def blocks(self) -> list[tuple[int, int]]:
        """The columns (start, stop) of each categorical feature among the coordinates, where it is
        one-hot encoded.
        """
        start, found = self.width, []
        for table in self.encoding.tables:
            found.append((start, start + table.shape[1]))
            start += table.shape[1]
        return found if self.encoding.is_one_hot else []

    @property
    def width(self) -> int:
        """The number of coordinates that come from numbers; those of categories follow them."""
        fewer = self.transform_name in ("alr", "ilr") and len(self.features) > 1
        columns = len(self.features) - fewer
        return int(self.components.transform(np.zeros((1, columns))).shape[1]) + 2 * (
            self.performance is not None
        )

    def _aligned(self, table: Table) -> Table:
        if table.features == self.features and table.level_features == self.level_features:
            return table
        numbers = np.full((len(table.stores), len(self.features)), 0.0 if self.is_mix else np.nan)
        for column, feature in enumerate(self.features):
            if feature in table.features:
                numbers[:, column] = table.numbers[:, table.features.index(feature)]
        levels = np.full((len(table.stores), len(self.level_features)), -1)
        names: list[list[str]] = [[] for _ in self.level_features]
        for column, feature in enumerate(self.level_features):
            if feature in table.level_features:
                there = table.level_features.index(feature)
                levels[:, column], names[column] = table.levels[:, there], table.level_names[there]
        return replace(
            table,
            features=self.features,
            numbers=numbers,
            level_features=self.level_features,
            levels=levels,
            level_names=names,
        )

    def mix(self, numbers: Matrix) -> Matrix:
        """Sales (n_stores, p) as shares, filled where a need state is not carried."""
        return self.carried.filled(numbers) if self.carried else composition.shares(numbers)

    def _columns(self, table: Table) -> tuple[Matrix, NDArray[np.bool_]]:
        """The numeric columns without gaps, and which stores anything is known of."""
        if self.is_mix:
            mix = self.mix(table.numbers)
            known = np.isfinite(mix).all(axis=1) & (mix.shape[1] > 0)
            return composition.coordinates(mix, self.transform_name, self.zero), known
        known = np.asarray(np.isfinite(table.numbers).any(axis=1) | (table.levels >= 0).any(axis=1))
        return filled(table.numbers, self.imputer), known


def fit_features(
    table: Table,
    fit_rows: NDArray[np.bool_],
    config: Features,
    seed: int,
    carried: Carried | None = None,
) -> FittedFeatures:
    """Fit every step of `config` on the rows of `table` that `fit_rows` marks (on all known ones
    where it marks too few).

    The principal axes of a mix are those of the larger half of its stores: the shares of small ones
    are mostly noise.
    """
    rows = np.flatnonzero(fit_rows) if fit_rows.sum() >= 2 else np.arange(len(table.stores))
    part = table.rows(rows)
    mix = composition.shares(part.numbers) if table.is_mix else None
    fitted = FittedFeatures(
        features=table.features,
        level_features=table.level_features,
        is_mix=table.is_mix,
        transform_name=config.transform if table.is_mix else "none",
        zero=composition.replacement_for_zero(mix, config.zero_replacement)
        if mix is not None
        else 0.0,
        imputer=None if table.is_mix else fit_imputer(part.numbers, config, seed),
        encoding=fit_encoding(part, config.encode),
        scaler=None,
        components=no_components(),
        carried=carried,
        has_amounts=not (table.is_mix and are_shares(table.information[table.information > 0])),
    )
    X, known = fitted._columns(part)
    X = X[known] if known.any() else np.zeros((1, X.shape[1]))
    fitted.scaler = fit_scaler(X, config.scale, seed)
    X = scaled(X, fitted.scaler)
    fitted.components = fit_components(
        X[_larger_half(part.information[known], len(X))], config, seed
    )
    if known.any():
        fitted.performance = fit_performance(
            fitted.components.transform(X), part.rows(np.flatnonzero(known)), config.weights
        )
    return fitted


def _larger_half(information: Matrix, rows: int) -> NDArray[np.bool_]:
    if len(information) != rows or rows < 20 or not np.isfinite(information).all():
        return np.ones(rows, dtype=bool)
    return np.asarray(information >= np.median(information))
