"""How many plans a category needs, as a number and a sentence."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import polars as pl

from clustering.methods.merging.category import MergedCategory
from clustering.methods.merging.halves import NONE, Halves
from clustering.methods.transforms.demand import LEAST_GAIN

LEAST_SHARE = 0.02  # of the category's sales: a plan for less is not counted


@dataclass(frozen=True)
class PlannedMix:
    """A mix, the share of the category's sales of each of its pieces, and whether its split beats
    random ones.
    """

    letter: str
    shares_of_sales: list[float]
    carries: bool

    @property
    def plans(self) -> list[float]:
        """The share of sales of each plan: a piece, or the whole mix."""
        return self.shares_of_sales if self.carries else [sum(self.shares_of_sales)]


def plans_table(
    categories: list[MergedCategory],
    halves: dict[str, Halves],
    splits: pl.DataFrame,
    verdicts: pl.DataFrame | None,
    worth: pl.DataFrame,
) -> pl.DataFrame:
    """Give schemas.Plans; `splits` is schemas.Splits, `verdicts` schemas.Verdicts of the internal
    track, `worth` schemas.WorthByPlans.
    """
    carrying = set(splits.filter("carries", "in_label").select("category", "mix").iter_rows())
    gains = gains_too_little(verdicts, worth, {category for category, _ in carrying})
    rows = []
    for found in categories:
        half = halves.get(found.category)
        word, agreement, chance = (
            (half.word, half.agreement, half.chance) if half else (None, None, None)
        )
        planned = _planned(found, carrying)
        number, sentence = plan(planned, word, agreement, chance, gains.get(found.category))
        rows.append(
            (found.category, number, sentence, word, agreement, chance, _to_look_at(found, half))
        )
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


SCHEMA = {
    "category": pl.String,
    "plans": pl.Int64,
    "sentence": pl.String,
    "sureness": pl.String,
    "agreement": pl.Float64,
    "chance": pl.Float64,
    "stores_to_look_at": pl.Int64,
}


def _planned(found: MergedCategory, carrying: set[tuple[str, str]]) -> list[PlannedMix]:
    """The mixes of a category; shares are those of stores where no sales are known."""
    sales = found.stores["sales"].fill_null(0.0).to_numpy()
    weight = sales if sales.sum() > 0 else np.ones(len(sales))
    codes, place = np.unique(found.final.astype(str), return_inverse=True)
    share = np.bincount(place, weight) / weight.sum()
    planned = []
    for letter in sorted(set(found.mix.tolist())):
        own = sorted({str(code) for code in found.final[found.mix == letter]})
        shares = [float(share[np.searchsorted(codes, code)]) for code in own]
        planned.append(PlannedMix(letter, shares, (found.category, letter) in carrying))
    return planned


def _to_look_at(found: MergedCategory, half: Halves | None) -> int:
    """Stores with enough history whose halves disagree."""
    if half is None or half.agreement is None:
        return 0
    differ = (half.by_a != half.by_b) & (half.by_a != NONE) & (half.by_b != NONE)
    return int((differ & found.stores["is_founder"].to_numpy()).sum())


def gains_too_little(
    verdicts: pl.DataFrame | None, worth: pl.DataFrame, split: Collection[str]
) -> dict[str, float]:
    """The gain of the final clusters in the categories where plans gain too little: with any number
    of final clusters, or with internal clusters, as training found. In the categories that are
    `split` by surroundings, which training does not know, only final clusters count.
    """
    best = worth.filter(pl.col("plans") > 1).group_by("category").agg(pl.col("gain").max())
    useless = best.filter(pl.col("gain") <= LEAST_GAIN)["category"].to_list()
    if verdicts is not None:
        own = ~pl.col("category").is_in(list(split))
        useless += verdicts.filter("one_plan_will_do", own)["category"].to_list()
    final = worth.sort("plans").unique("category", keep="last").select("category", "gain")
    return dict(final.filter(pl.col("category").is_in(useless)).iter_rows())


def plan(
    mixes: list[PlannedMix],
    word: str | None,
    agreement: float | None,
    chance: float | None,
    useless_gain: float | None = None,
) -> tuple[int, str]:
    """Give the number of plans and the sentence; `word` says how sure the mixes are, `useless_gain`
    what plans gain where that is too little.
    """
    if word == "unsure" and agreement is not None and chance is not None:
        return 1, (
            "One plan will do: the mixes do not repeat "
            f"({_percent(agreement)} of the stores in both halves of their sales, "
            f"{_percent(chance)} by luck)."
        )
    found = [share for mix in mixes for share in mix.plans]
    if useless_gain is not None and len(found) > 1:
        return 1, (
            f"One plan will do: more plans meet {100 * max(useless_gain, 0.0):.1f} % more of the "
            "demand in unseen sales, too little to count on."
        )
    counted = [share for share in found if share >= LEAST_SHARE] or found[:1]
    covered = sum(counted)
    share = f"{_percent(covered) if covered < 0.995 else 'more than 99 %'} of the sales"
    if len(mixes) == 1 and len(counted) == 1:
        return 1, "One plan will do: the stores sell much the same mix."
    if len(counted) == 1:
        return 1, f"One plan will do: it covers {share}."
    trial = ", on trial" if word == "rather unsure" else ""
    rest = "" if len(counted) == len(found) else f"; they cover {share}"
    return len(counted), f"{len(counted)} plans, {_kinds(mixes)}{trial}{rest}."


def _kinds(mixes: list[PlannedMix]) -> str:
    split = [mix for mix in mixes if len(mix.shares_of_sales) > 1]
    carrying = [mix.letter for mix in split if mix.carries]
    if not split:
        return "one per mix"
    if not carrying:
        return "one per mix (surroundings add nothing)"
    if len(carrying) == len(split):
        return "one per cluster (surroundings change what sells)"
    return f"one per mix, in {' and '.join(carrying)} one per cluster"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
