"""Categorical attributes as numbers, each attribute with the weight of one numeric one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustering.arrays import Matrix
from clustering.methods.transforms.table import Table


@dataclass
class Encoding:
    """How each categorical feature becomes columns: `tables[j]` is (n_levels, n_columns) for
    feature j.

    A level that was not there when this was fitted, and an unknown one, become the mean over the
    fitted stores.
    """

    level_names: list[list[str]]
    tables: list[Matrix]
    unknown: list[Matrix]
    is_one_hot: bool

    def transform(self, table: Table) -> Matrix:
        parts = [np.zeros((len(table.stores), 0))]
        for number, (names, coded, unknown) in enumerate(
            zip(self.level_names, self.tables, self.unknown, strict=True)
        ):
            here = _codes(table, number, names)
            parts.append(np.where(here[:, None] >= 0, coded[here], unknown[None, :]))
        return np.hstack(parts)


def fit_encoding(table: Table, method: str) -> Encoding:
    """Fit one_hot (indicators scaled to unit total variance), ordinal (by name) or frequency (share
    of stores).
    """
    tables, unknown = [], []
    for number, names in enumerate(table.level_names):
        codes = table.levels[:, number]
        frequency = np.bincount(codes[codes >= 0], minlength=len(names)) / max(
            (codes >= 0).sum(), 1
        )
        coded = _coded(method, frequency)
        tables.append(coded)
        unknown.append(frequency @ coded)
    return Encoding(
        [list(names) for names in table.level_names], tables, unknown, method == "one_hot"
    )


def _coded(method: str, frequency: Matrix) -> Matrix:
    levels = len(frequency)
    if method == "frequency":
        return frequency[:, None]
    if method == "ordinal":
        return np.arange(levels, dtype=float)[:, None]
    spread = float((frequency * (1 - frequency)).sum())
    return np.eye(levels) / np.sqrt(spread) if spread > 0 else np.eye(levels)


def _codes(table: Table, number: int, names: list[str]) -> np.ndarray:
    """The table's levels in the numbering of `names`; -1 where unknown there."""
    position = {name: code for code, name in enumerate(names)}
    translated = np.array([position.get(name, -1) for name in table.level_names[number]] + [-1])
    return translated[table.levels[:, number]]
