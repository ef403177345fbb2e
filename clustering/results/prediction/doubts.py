"""What a merchant should know before trusting where a later store was placed."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import numpy as np
import polars as pl

from clustering.arrays import Matrix
from clustering.results.prediction.track_inputs import TrackInputs

log = logging.getLogger(__name__)

DOUBTS = {"store_nbr": pl.String, "note": pl.String}
FAR = 1.5  # times the widest gap between a store of the run and its nearest neighbour
MOST_NAMES = 5


def no_doubts() -> pl.DataFrame:
    """A table without rows."""
    return pl.DataFrame(schema=DOUBTS)


def is_far(X: Matrix, own: Matrix) -> np.ndarray:
    """Whether stores X (n, d) lie farther from every store of the run, `own` (m, d), than any of
    these does from its nearest neighbour; never where X or too little is known.
    """
    from scipy.spatial import cKDTree

    found = np.zeros(len(X), dtype=bool)
    known = np.isfinite(X).all(axis=1)
    if len(own) < 3 or not known.any() or own.shape[1] != X.shape[1]:
        return found
    tree = cKDTree(own)
    widest = tree.query(own, k=2)[0][:, 1].max()
    found[known] = tree.query(X[known])[0] > FAR * widest
    return found


def attribute_doubts(given: TrackInputs, saved: TrackInputs) -> pl.DataFrame:
    """Give DOUBTS of attributes (of the stores of an input) that the run's stores never had."""
    known = saved.values.group_by("feature").agg(
        pl.col("value").min().alias("low"),
        pl.col("value").max().alias("high"),
        pl.col("level").unique().drop_nulls().alias("levels"),
    )
    both = given.values.join(known, on="feature")
    width = pl.col("high") - pl.col("low")
    outside = both.filter(
        (pl.col("value") > pl.col("high") + width) | (pl.col("value") < pl.col("low") - width)
    ).select(
        "store_nbr",
        note=pl.format(
            "{}={} is far outside {} to {}",
            "feature",
            *(pl.col(name).round(4).cast(pl.String) for name in ("value", "low", "high")),
        ),
    )
    unknown = both.filter(
        pl.col("level").is_not_null() & ~pl.col("level").is_in(pl.col("levels"))
    ).select("store_nbr", note=pl.format("{}={} is unknown to the run", "feature", "level"))
    return pl.concat([outside, unknown])


def lost_zeros(names: Iterable[str], of_run: Iterable[str]) -> pl.DataFrame:
    """Give DOUBTS of store numbers that the run knows with other leading zeros only."""
    known = {name.lstrip("0"): name for name in of_run}
    rows = [
        (name, f"the run has no store {name}, but {meant}: are leading zeros lost?")
        for name in names
        if (meant := known.get(name.lstrip("0"))) and meant != name
    ]
    return pl.DataFrame(rows, schema=DOUBTS, orient="row")


def in_one_line(doubts: pl.DataFrame) -> pl.DataFrame:
    """One row a store: its notes, at most three."""
    return doubts.group_by("store_nbr", maintain_order=True).agg(
        pl.col("note").unique(maintain_order=True).head(3).str.join("; ")
    )


def say(notes: pl.DataFrame, far: pl.Series) -> None:
    """Warn of doubtful stores, the first few by name."""
    for names, words in (
        (notes["store_nbr"], "have values the run cannot judge well (column reason)"),
        (far.unique().sort(), "are unlike every store of the run (column is_outlier)"),
    ):
        if len(names):
            shown = ", ".join(names.head(MOST_NAMES)) + (" ..." if len(names) > MOST_NAMES else "")
            log.warning("%d stores %s: %s", len(names), words, shown)
