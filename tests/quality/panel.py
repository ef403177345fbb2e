"""The real panel: clusters of weeks 1-26, scored on the sales of weeks 27-52."""

from __future__ import annotations

import numpy as np
import polars as pl

from clustering.config import Preprocess, Source
from clustering.io.sources.complete_journey import CompleteJourney
from clustering.methods.selection.agreement import adjusted_rand_index as agreement
from clustering.methods.selection.heldout import heldout_r2
from clustering.methods.transforms.table import Table
from clustering.stages.preprocess_internal import preprocess_internal
from tests.quality.planted_tables import MIX, our_default
from tests.quality.rivals import kmeans_on_shares, shares, usual_recipe

CATEGORIES = 12
METHODS = ("ours", "KMeans", "usual")
KINDS = {"between": "between clusters", "predicted": "predicted by mates"}
FEWEST_ROWS = 1_000  # sales rows a store needs over all categories: 113 of the 457 have them


def seen_r2(labels: np.ndarray, later: np.ndarray) -> float:
    """Sales-weighted share of the store-to-store variance of the mix in the later weeks that lies
    between clusters.
    """
    weight, mix = later.sum(axis=1), shares(later)
    mean = weight @ mix / weight.sum()
    total = float(weight @ ((mix - mean) ** 2).sum(axis=1))
    between = 0.0
    for cluster in np.unique(labels):
        own = labels == cluster
        centre = weight[own] @ mix[own] / max(weight[own].sum(), 1e-12)
        between += float(weight[own].sum() * ((centre - mean) ** 2).sum())
    return between / total


def predicted_r2(labels: np.ndarray, later: np.ndarray) -> float:
    """The same, of the variance that the later mix of a store's cluster mates predicts: it does not
    grow with k by chance.
    """
    nothing = np.zeros((len(later), 0), dtype=np.int64)
    table = Table(
        [""] * len(later),
        [],
        later,
        [],
        [],
        nothing,
        later.sum(axis=1),
        True,
        np.full((len(later), 2), np.nan),
    )
    return heldout_r2(table, np.unique(labels, return_inverse=True)[1]).r2


def _tables(first: int, last: int) -> dict[str, pl.DataFrame]:
    """What preprocess makes of the weeks first..last."""
    source = CompleteJourney(Source())
    sales = source.sales().filter(pl.col("period").is_between(first, last))
    return preprocess_internal(sales, source.need_states(), Preprocess(holdout="random"), 42)


def score_panel(quick: bool) -> None:
    """Print, by category, held-out R2 of our clusters, of KMeans on shares at the same k, and of
    the usual recipe.

    The largest categories by sales rows, and by sales: there fuel ("COUPON/MISC ITEMS") and two
    more are others.
    """
    early, late = _tables(1, 26), _tables(27, 52)
    rows = (
        pl.concat([early["stores"], late["stores"]])
        .group_by("store_nbr")
        .agg(pl.col("sales_rows").sum())
    )
    large = rows.filter(pl.col("sales_rows") >= FEWEST_ROWS).select("store_nbr")
    for measure in ("sales_rows", "sales"):
        ranked = (
            early["stores"]
            .group_by("category")
            .agg(pl.col(measure).sum())
            .top_k(CATEGORIES, by=measure)["category"]
        )
        print(f"\n{len(ranked)} largest categories by {measure.replace('_', ' ')}")
        _score(early, late, large, ranked.sort()[: 3 if quick else CATEGORIES])


def _score(
    early: dict[str, pl.DataFrame],
    late: dict[str, pl.DataFrame],
    large: pl.DataFrame,
    categories: pl.Series,
) -> None:
    totals: dict[str, list[float]] = {}
    heads = "".join(f"{name:>8}" for name in (*METHODS, *METHODS))
    print(f"{'':<39}{'between clusters':^24}{'predicted by mates':^24}")
    print(f"{'category':<28}{'stores':>7}{'k':>4}{heads}{'largest':>9}{'halves':>8}  verdict")
    for category in categories:
        stores, k, verdict, found = _category(early, late, large, category)
        for key, value in found.items():
            totals.setdefault(key, []).append(value)
        cells = "".join(f"{found[f'{method} {kind}']:8.2f}" for kind in KINDS for method in METHODS)
        print(
            f"{category[:27]:<28}{stores:>7}{k:>4}{cells}{found['largest']:>9.0%}"
            f"{found['halves']:>8.2f}  {verdict}"
        )
    mean = {key: float(np.mean(values)) for key, values in totals.items()}
    for kind, text in KINDS.items():
        ours, kmeans, usual = (mean[f"{method} {kind}"] for method in METHODS)
        times = f"{ours / usual:.1f} times" if usual > 0 else "more than any multiple of"
        print(
            f"mean held-out R2 {text}: ours {ours:.3f}, KMeans on shares {kmeans:.3f} (ratio "
            f"{ours / kmeans:.2f}), "
            f"usual recipe {usual:.3f} (ours is {times} that)"
        )


def _category(
    early: dict[str, pl.DataFrame],
    late: dict[str, pl.DataFrame],
    large: pl.DataFrame,
    category: str,
) -> tuple[int, int, str, dict[str, float]]:
    """Number of stores, k, verdict and scores, over the large stores with enough history in both
    halves of the year.
    """
    both = large
    for table in (early, late):
        sold = table["stores"].filter(
            (pl.col("category") == category) & (pl.col("history") == "enough")
        )
        both = both.join(sold, on="store_nbr", how="semi")
    parts = [_part(table, both, category) for table in (early, late)]
    features = pl.concat([values for values, _ in parts])["feature"].unique().sort().to_list()
    before, after = (_wide(values, stores, features) for values, stores in parts)
    labels, verdict = our_default(*parts[0], MIX, k_min=2)
    again, _ = our_default(*parts[1], MIX, k_min=2)
    k = len(np.unique(labels))
    methods = {"ours": labels, "KMeans": kmeans_on_shares(before, k), "usual": usual_recipe(before)}
    found = {f"{name} between": seen_r2(one, after) for name, one in methods.items()}
    found |= {f"{name} predicted": predicted_r2(one, after) for name, one in methods.items()}
    found |= {
        "largest": float(np.bincount(labels).max() / len(labels)),
        "halves": agreement(labels, again),
    }
    return len(labels), k, verdict, found


def _part(
    table: dict[str, pl.DataFrame], chosen: pl.DataFrame, category: str
) -> tuple[pl.DataFrame, pl.DataFrame]:
    values = (
        table["values"]
        .filter(pl.col("category") == category)
        .join(chosen, on="store_nbr", how="semi")
    )
    stores = (
        table["stores"]
        .filter(pl.col("category") == category)
        .join(chosen, on="store_nbr", how="semi")
    )
    return values, stores.sort("store_nbr")


def _wide(values: pl.DataFrame, stores: pl.DataFrame, features: list[str]) -> np.ndarray:
    place = {name: number for number, name in enumerate(features)}
    row = {name: number for number, name in enumerate(stores["store_nbr"])}
    wide = np.zeros((stores.height, len(features)))
    for store, feature, value in values.select("store_nbr", "feature", "value").iter_rows():
        wide[row[store], place[feature]] = value
    return wide
