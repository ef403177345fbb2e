"""How many final clusters each category would get if all together may have so many plans."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from clustering.errors import ConfigError

COLUMNS = {
    "category": pl.String,
    "plans_now": pl.Int64,
    "plans": pl.Int64,
    "worth_now": pl.Float64,
    "worth": pl.Float64,
    "standard_error": pl.Float64,
    "last_plan": pl.Float64,
}


@dataclass(frozen=True)
class Step:
    """More plans for a category: from one corner of the concave hull of its curve to the next."""

    category: str
    before: int
    plans: int
    worth: float

    @property
    def of_each(self) -> float:
        """What each of the added plans brings."""
        return self.worth / (self.plans - self.before)


@dataclass(frozen=True)
class Budget:
    """`table` has a row per category (COLUMNS, in the unit of sales; `last_plan` is what the last
    plan it gets brings); `curve` the total worth of the best use of every number of plans.
    """

    table: pl.DataFrame
    curve: pl.DataFrame

    @property
    def caps(self) -> dict[str, dict[str, int]]:
        """The setting `categories` that joins clusters as proposed."""
        fewer = self.table.filter(pl.col("plans") < pl.col("plans_now"))
        rows = fewer.select("category", "plans").iter_rows()
        return {category: {"caps.max_clusters": plans} for category, plans in rows}


def shared_out(by_plans: pl.DataFrame, summary: pl.DataFrame, plans: int | None) -> Budget:
    """Share out `plans` (None: as many as the run has) over the categories.

    `by_plans` is schemas.WorthByPlans, `summary` schemas.MergeSummary. Greedy on the concave hulls:
    the next plan goes where it brings the most sales, while it fits. Categories whose worth is not
    known keep their plans. Raises ConfigError where `plans` does not reach for one each.
    """
    unknown = summary.join(by_plans, on="category", how="anti")
    now = by_plans.group_by("category").agg(plans_now=pl.col("plans").max())
    kept = int(unknown["final_k"].sum())
    least, total = now.height + kept, int(now["plans_now"].sum()) + kept
    plans = total if plans is None else plans
    if plans < least:
        raise ConfigError(
            f"--budget {plans}: too few for {summary.height} categories; use {least}-{total}"
        )
    steps = best_steps(by_plans)
    chosen = [(name, 1, None) for name in now["category"]] + list(_chosen(steps, plans - least))
    best = pl.DataFrame(
        chosen,
        schema={name: COLUMNS[name] for name in ("category", "plans", "last_plan")},
        orient="row",
    ).unique("category", keep="last")
    sales = pl.col("gain_in_sales") / pl.col("gain")
    worth = by_plans.select(
        "category",
        "plans",
        worth="gain_in_sales",
        standard_error=pl.col("standard_error") * sales.fill_nan(None).max().over("category"),
    ).with_columns(pl.col("standard_error").fill_null(0.0))
    table = (
        best.join(now, on="category")
        .join(worth, on=["category", "plans"])
        .join(
            worth.select("category", plans_now="plans", worth_now="worth"),
            on=["category", "plans_now"],
        )
    )
    as_it_is = unknown.select("category", plans_now="final_k", plans="final_k")
    table = pl.concat([table, as_it_is], how="diagonal").select(*COLUMNS).sort("category")
    return Budget(table, _curve(steps, least))


def best_steps(by_plans: pl.DataFrame) -> list[Step]:
    """The steps of all categories, those whose plans bring the most first."""
    steps = (step for curve in by_plans.partition_by("category") for step in _steps(curve))
    return sorted(steps, key=lambda step: (-step.of_each, step.category))


def _steps(curve: pl.DataFrame) -> Iterator[Step]:
    """The corners of the concave hull of a category's curve, up to its highest point."""
    category = str(curve["category"][0])
    points: list[tuple[int, float]] = curve.sort("plans").select("plans", "gain_in_sales").rows()
    (plans, worth), *later = points
    while later:
        slopes = [(gain - worth) / (number - plans) for number, gain in later]
        if (steepest := max(slopes)) <= 0:
            return
        place = len(slopes) - 1 - slopes[::-1].index(steepest)
        yield Step(category, plans, later[place][0], later[place][1] - worth)
        (plans, worth), later = later[place], later[place + 1 :]


def _chosen(steps: list[Step], left: int) -> Iterator[tuple[str, int, float]]:
    """The steps that fit, best first; after one that does not, its category gets no other."""
    full: set[str] = set()
    for step in steps:
        needed = step.plans - step.before
        if step.category in full or needed > left:
            full.add(step.category)
            continue
        left -= needed
        yield step.category, step.plans, step.of_each


def _curve(steps: list[Step], least: int) -> pl.DataFrame:
    plans, worth = least, 0.0
    rows = [(plans, worth)]
    for step in steps:
        plans, worth = plans + step.plans - step.before, worth + step.worth
        rows.append((plans, worth))
    return pl.DataFrame(rows, schema={"plans": pl.Int64, "worth": pl.Float64}, orient="row")
