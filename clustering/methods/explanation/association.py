"""How strongly both tracks agree on the stores they share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix, runs

ASSOCIATION = {
    "category": pl.String,
    "stores": pl.Int64,
    "cramers_v": pl.Float64,
    "adjusted_mutual_information": pl.Float64,
}


def association(labels: pl.DataFrame) -> pl.DataFrame:
    """Give schemas.Association: Cramer's V and adjusted mutual information of both clusterings on
    the stores they share.

    `labels` has a row for each category and store, with its internal_cluster and external_cluster,
    null where unknown.
    """
    rows = [
        (category, int(table.sum()), cramers_v(table), adjusted_mutual_information(table))
        for category, table in _contingency_tables(
            labels.drop_nulls(["internal_cluster", "external_cluster"])
        )
    ]
    return pl.DataFrame(rows, schema=ASSOCIATION, orient="row")


def _contingency_tables(both: pl.DataFrame) -> Iterator[tuple[str, Matrix]]:
    counts = (
        both.group_by("category", "internal_cluster", "external_cluster").len().sort("category")
    )
    one, other = counts["internal_cluster"].to_numpy(), counts["external_cluster"].to_numpy()
    stores = counts["len"].to_numpy().astype(np.float64)
    for category, rows in runs(counts["category"]).items():
        yield category, contingency_table(one[rows], other[rows], stores[rows])


def contingency_table(one: NDArray[np.int64], other: NDArray[np.int64], stores: Matrix) -> Matrix:
    """How many `stores` (n,) have each pair of the labels `one` and `other` (n,); no row and no
    column is empty.
    """
    rows, first = np.unique(one, return_inverse=True)
    columns, second = np.unique(other, return_inverse=True)
    counts = np.bincount(first * len(columns) + second, stores, minlength=len(rows) * len(columns))
    return np.asarray(counts.reshape(len(rows), len(columns)), dtype=np.float64)


def cramers_v(table: Matrix) -> float | None:
    """Cramer's V, 0..1 (Cramer 1946), of a contingency table; None where it has one row or one
    column.
    """
    smaller = min(table.shape) - 1
    if smaller == 0:
        return None
    n = table.sum()
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / n
    return float(np.sqrt(((table - expected) ** 2 / expected).sum() / (n * smaller)))


def adjusted_mutual_information(table: Matrix) -> float:
    """Mutual information of a contingency table, adjusted for chance: 0 as of random labels, 1 of
    equal ones.

    Normalised by the mean of both entropies (Vinh, Epps and Bailey 2010). As scikit-learn's, which
    takes longer to check its arguments, and seconds to be imported.
    """
    if 1 in table.shape:
        return float(table.size == 1)
    n, rows, columns = table.sum(), table.sum(axis=1), table.sum(axis=0)
    cells = table > 0
    found = float(
        (table[cells] / n * np.log(table[cells] * n / np.outer(rows, columns)[cells])).sum()
    )
    by_chance = _expected_information(rows.astype(np.int64), columns.astype(np.int64))
    most = sum(-float((sizes / n * np.log(sizes / n)).sum()) for sizes in (rows, columns)) / 2
    # where chance alone agrees fully, as of clusters of one store each, so do these labels
    return (found - by_chance) / (most - by_chance) if most - by_chance > 1e-12 else 1.0


def _expected_information(rows: NDArray[np.int64], columns: NDArray[np.int64]) -> float:
    """The mean mutual information of all tables with these row and column sums: each cell is
    hypergeometric.
    """
    n = int(rows.sum())
    log_factorial = np.append(0.0, np.cumsum(np.log(np.arange(1, n + 1))))
    a, b = np.repeat(rows, len(columns)), np.tile(columns, len(rows))
    lowest = np.maximum(1, a + b - n)
    lengths = np.minimum(a, b) - lowest + 1
    of_cell = (
        log_factorial[a]
        + log_factorial[b]
        + log_factorial[n - a]
        + log_factorial[n - b]
        - log_factorial[n]
    )
    a, b, logs = np.repeat(a, lengths), np.repeat(b, lengths), np.repeat(of_cell, lengths)
    count = np.arange(len(a)) + np.repeat(
        lowest - np.cumsum(lengths) + lengths, lengths
    )  # all values of every cell
    for rest in (count, a - count, b - count, n - a - b + count):
        logs -= log_factorial[rest]
    return float((count / n * np.log(n * count / (a * b)) * np.exp(logs)).sum())
