"""Which categories group their stores alike: found by the adjusted Rand index of all pairs at once,
told by adjusted mutual information.
"""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.methods.explanation.association import adjusted_mutual_information
from clustering.results.page.content.run_tables import RunTables
from clustering.results.page.content.summaries import sold_nothing

MOST, LEAST_AGREEMENT, LEAST_STORES = 2, 0.1, 30


def alike(run: RunTables) -> dict[str, list[tuple[int, float]]]:
    """For each category the places of those that group its stores most alike, with the adjusted
    mutual information of the mixes of the stores they share.
    """
    placed = run.merged["assignments"].filter(
        ~sold_nothing(), pl.col("category").is_in(run.categories)
    )
    mixes = run.merged["clusters"].select("category", "final_cluster", "mix")
    known = placed.join(mixes, on=["category", "final_cluster"]).join(
        run.store_places, on="store_nbr"
    )
    columns = known.select("category", "mix").unique().sort("category", "mix").with_row_index("at")
    known = known.join(columns, on=["category", "mix"])
    member = np.zeros((len(run.stores), columns.height), dtype=np.float64)
    member[known["place"].to_numpy(), known["at"].to_numpy()] = 1
    category = columns["category"].replace_strict(run.place, return_dtype=pl.Int64).to_numpy()
    scores = agreements(member, category, len(run.categories))
    of = [member[:, category == place] for place in range(len(run.categories))]
    return {
        name: [(other, _information(of[place], of[other])) for other in _best(scores[place])]
        for name, place in run.place.items()
    }


def _information(one: Matrix, other: Matrix) -> float:
    table = one.T @ other
    table = table[table.any(axis=1)][:, table.any(axis=0)]
    return round(adjusted_mutual_information(table), 4)


def agreements(member: Matrix, category: NDArray[np.int64], count: int) -> Matrix:
    """The adjusted Rand index (count, count) of categories (Hubert and Arabie 1985), over the
    stores each pair shares; NaN on the diagonal and where too few stores or clusters are shared.

    `member` (n_stores, n_columns) has a column for each cluster, of the category `category`.
    """
    of_category = (category[None] == np.arange(count)[:, None]).astype(np.float64)
    shared = member.T @ member

    def pairs(values: Matrix) -> Matrix:
        return np.asarray(values * (values - 1) / 2)

    def summed(values: Matrix) -> Matrix:
        return np.asarray(of_category @ values @ of_category.T)

    both = summed(pairs(shared))
    # clusters of one category restricted to the stores of the other
    own = of_category @ pairs(shared @ of_category.T)
    whole = pairs(summed(shared))
    with np.errstate(divide="ignore", invalid="ignore"):
        expected = own * own.T / whole
        scores = (both - expected) / ((own + own.T) / 2 - expected)
    scores[(summed(shared) < LEAST_STORES) | np.eye(count, dtype=bool)] = np.nan
    return np.asarray(scores)


def _best(scores: Matrix) -> list[int]:
    known = np.flatnonzero(np.nan_to_num(scores, nan=-1.0, posinf=-1.0) >= LEAST_AGREEMENT)
    found: list[int] = known[np.argsort(-scores[known], kind="stable")][:MOST].tolist()
    return found
