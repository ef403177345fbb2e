"""Final clusters that go on from a baseline: the same cells, the same codes, the same names.

Cells stay together as in the baseline while its final clusters keep most of the floor; only where
they do not, or where a track has a new cluster, are they merged anew. New final clusters are then
matched to old ones by the stores they share, letter by letter and within a letter digit by digit.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.methods.continuity.matching import CONTINUED, NEW, RETIRED, match
from clustering.methods.merging.category import MergedCategory
from clustering.methods.merging.codes import Codes, letters
from clustering.methods.merging.lead import Merged

# of the floor: a final cluster that has shrunk below is merged anew
HOLDS = 2 / 3
VANISHED = "vanished"
KEY = ["category", "store_nbr"]


def held(found: MergedCategory, cells: pl.DataFrame) -> MergedCategory:
    """Give the category with the final clusters of the baseline, whose schemas.Cells of the
    category are `cells`, where these know every cluster of both tracks and keep most of the floor.
    """
    of_cell = {
        (internal, external): (final, joined)
        for internal, external, final, joined in cells.select(
            "internal_cluster", "external_cluster", "final_cluster", "joined"
        ).iter_rows()
    }
    pairs = [
        (row, column)
        for row in (*found.labels.internal, None)
        for column in (*found.labels.external, None)
    ]
    if not all(pair in of_cell for pair in pairs):
        return found
    shape = found.labels.shape
    codes, place = np.unique([of_cell[pair][0] for pair in pairs], return_inverse=True)
    sizes = np.bincount(place, found.cells.stores.ravel())
    if (sizes[sizes > 0] < HOLDS * found.floor).any():
        return found
    _, group = np.unique([_letter(code) for code in codes], return_inverse=True)
    joined = np.array([of_cell[pair][1] for pair in pairs]).reshape(shape)
    merged = Merged(
        group[place].reshape(shape), place.reshape(shape), joined & (found.cells.stores > 0)
    )
    return replace(found, merged=merged)


def recoded(found: MergedCategory, old: pl.DataFrame) -> MergedCategory:
    """Give the category with the codes of the baseline's final clusters that it continues; `old`
    are store_nbr and final_cluster of the baseline in the category.
    """
    before = found.stores.select("store_nbr").join(
        old, on="store_nbr", how="left", maintain_order="left"
    )["final_cluster"]
    ever = old["final_cluster"].to_list()
    old_letter, old_digit = _numbers(before.fill_null("").to_numpy())
    new_letter, new_digit = _numbers(found.codes.mix)[0], _numbers(found.codes.final)[1]
    own = found.labels.row, found.labels.column
    used, _ = _numbers(np.array(ever, dtype=object))
    letter = _matched(new_letter[own], old_letter, new_letter.max(), used.max(initial=0))[
        new_letter
    ]
    digit = new_digit.copy()
    for number in np.unique(letter):
        cells = letter == number
        if new_digit[cells].max() == 0:
            continue
        stores = cells[own]
        same = np.where(old_letter == number, old_digit, 0)[stores]
        known = _numbers(np.array([code for code in ever if _letter(code) == letters(number - 1)]))
        digit[cells] = _matched(
            new_digit[own][stores], same, new_digit[cells].max(), known[1].max(initial=0)
        )[new_digit[cells]]
    return replace(found, named=_codes(letter, digit))


def _matched(
    new: NDArray[np.int64], old: NDArray[np.int64], k: int, used: int
) -> NDArray[np.int64]:
    """The old number of each new one (1..k), or the next that was never given; place 0 is 0."""
    numbers = match("", new - 1, old, np.zeros((len(new), 1)), int(k), int(used)).numbers
    return np.append(0, numbers)


def _codes(letter: NDArray[np.int64], digit: NDArray[np.int64]) -> Codes:
    mix, final = np.empty(letter.shape, dtype=object), np.empty(letter.shape, dtype=object)
    for place in np.ndindex(letter.shape):
        mix[place] = letters(int(letter[place]) - 1)
        final[place] = mix[place] + (str(digit[place]) if digit[place] else "")
    return Codes(final, mix)


def _letter(code: str) -> str:
    return code.rstrip("0123456789")


def _numbers(codes: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The letter (A is 1, AA is 27) and the digit of codes such as "B2"; 0 where there is none."""
    letter, digit = np.zeros(codes.shape, dtype=np.int64), np.zeros(codes.shape, dtype=np.int64)
    for place in np.ndindex(codes.shape):
        code = str(codes[place])
        text = _letter(code)
        for character in text:
            letter[place] = letter[place] * 26 + ord(character) - ord("A") + 1
        digit[place] = int(code[len(text) :] or 0)
    return letter, digit


def final_continuity(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Give schemas.FinalContinuity of two tables of final assignments."""
    both = now.join(before, on=KEY, suffix="_before")
    own = ["category", "final_cluster"]
    sizes = now.group_by(own).agg(pl.len().cast(pl.Int64).alias("stores"))
    old = both.group_by("category", final_cluster="final_cluster_before").agg(
        pl.len().cast(pl.Int64).alias("baseline_stores"),
        (pl.col("final_cluster") == pl.col("final_cluster_before")).sum().alias("shared"),
    )
    gone = (
        before.join(now, on="category", how="anti")
        .group_by(own)
        .agg(pl.len().cast(pl.Int64).alias("baseline_stores"), pl.lit(VANISHED).alias("status"))
    )
    status = (
        pl.when(pl.col("stores").is_null())
        .then(pl.lit(RETIRED))
        .when(pl.col("shared").fill_null(0) > 0)
        .then(pl.lit(CONTINUED))
        .otherwise(pl.lit(NEW))
    )
    there = sizes.join(old, on=own, how="full", coalesce=True).with_columns(status=status)
    return (
        pl.concat([there, gone], how="diagonal")
        .select(
            *own,
            "status",
            pl.col("stores").fill_null(0),
            "baseline_stores",
            pl.col("shared").cast(pl.Int64).fill_null(0),
        )
        .sort(own)
    )


def final_movers(now: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Give schemas.FinalMovers: the stores whose final cluster is another than before."""
    both = before.select(*KEY, from_cluster="final_cluster").join(
        now.select(*KEY, to_cluster="final_cluster"), on=KEY
    )
    return both.filter(pl.col("from_cluster") != pl.col("to_cluster")).sort(KEY)


def with_old_final_names(
    names: pl.DataFrame, continuity: pl.DataFrame, baseline: pl.DataFrame
) -> pl.DataFrame:
    """Replace, in the names of final clusters, those that continue one of the baseline
    (schemas.FinalClusters).
    """
    own, words = ["category", "final_cluster"], ["mix_name", "surroundings_name", "name"]
    old = baseline.join(continuity.filter(status=CONTINUED), on=own, how="semi").select(
        *own, *(pl.col(word).alias(f"old_{word}") for word in words)
    )
    has_old = pl.col("old_name").is_not_null()
    return (
        names.join(old, on=own, how="left", maintain_order="left")
        .with_columns(
            pl.when(has_old).then(f"old_{word}").otherwise(word).alias(word) for word in words
        )
        .select(names.columns)
    )
