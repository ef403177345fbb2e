"""What the page must say of one category, written from the tables of a run, not from the page."""

from __future__ import annotations

import math
import re
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

Row = dict[str, Any]
WORDS = {
    "groups": "The mixes are separate groups.",
    "continuum": "There are no gaps between the mixes: the lines cut a gradual change.",
}
RULES = {"bic": "lowest BIC", "heldout_r2": "what clusters explain of unseen sales"}
METRICS = {
    "Stores the model was fitted to": "fitted_stores",
    "Outliers, excluded while fitting": "outliers",
    "R2 of internal clusters in their own space": "r2",
    "Silhouette in their own space": "silhouette",
    "Stores the rules below place right": "rules_fidelity",
}
BY_MATES = "Of the {}: each store predicted by the others of its cluster"
SMALLEST = 0.015  # need states below it are summed


def percent(share: float) -> str:
    if 0 < share < 0.01:
        return "<1%"
    return ">99%" if 0.99 < share < 1 else f"{int(100 * share + 0.5)}%"


def money(value: float) -> str:
    return f"${int(round(value, 2) + 0.5):,}"


def stores_of(number: int) -> str:
    return f"{number:,} store{'' if number == 1 else 's'}"


def mixes_of(number: int) -> str:
    return f"{number} mix{'' if number == 1 else 'es'}"


def points(difference: float) -> str:
    size = f"{abs(100 * difference):.1f}"
    return f"{'±' if float(size) == 0 else '+' if difference > 0 else '−'}{size}"


def index(mean: float, overall: float) -> str:
    ratio = 100 * mean / overall
    return ">999" if ratio > 999 else str(int(ratio + 0.5))


def plain(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else with_minus(value, 3)


def with_minus(value: float, digits: int) -> str:
    """A true minus, and none before a zero."""
    text = f"{value:.{digits}f}".replace("-", "−")
    return text if float(text.strip("−")) else text.strip("−")


class Expected:
    """One category of the run in `folder`; `rank` is its place by sales."""

    def __init__(self, folder: Path, key: str) -> None:
        self.folder, self.key = folder / "data/dev", key

    def table(self, path: str) -> pl.DataFrame:
        found = pl.read_parquet(self.folder / f"{path}.parquet")
        return found.filter(category=self.key) if "category" in found.columns else found

    def row(self, path: str) -> Row:
        return self.table(path).row(0, named=True)

    @cached_property
    def clusters(self) -> list[Row]:
        return self.table("merged/clusters").sort("final_cluster").to_dicts()

    @cached_property
    def sales(self) -> float:
        return math.fsum(row["sales"] for row in self.clusters)

    @cached_property
    def mixes(self) -> dict[str, str]:
        """The names of the mixes by letter."""
        return {row["mix"]: row["mix_name"] for row in self.clusters}

    @cached_property
    def stores(self) -> pl.DataFrame:
        """The stores by number: assignments with sales and history, and what the model says."""
        key = ["category", "store_nbr"]
        known = self.table("internal/preprocess/stores").select(*key, "sales", "history")
        placed = self.table("internal/assign/assignments").select(
            *key, "probability", "next_cluster"
        )
        mix = {row["final_cluster"]: row["mix"] for row in self.clusters}
        unsold = pl.col("status").cast(pl.String).is_in(["no_sales", "external_only"])
        return (
            self.table("merged/assignments")
            .join(known, on=key, how="left")
            .join(placed, on=key, how="left")
            .sort("store_nbr")
            .with_columns(
                pl.col("sales").fill_null(0.0),
                mix=pl.col("final_cluster").replace_strict(mix),
                unsold=unsold,
                few=~unsold & (pl.col("history") != "enough"),
                fence=(pl.col("history") == "enough") & ~pl.col("same_in_halves").fill_null(True),
            )
        )

    @cached_property
    def shares(self) -> pl.DataFrame:
        """merged/profiles of need states: final_cluster, feature, mean, overall."""
        found = self.table("merged/profiles").filter(kind="need_state")
        return found.select("final_cluster", "feature", "mean", "overall")

    @cached_property
    def features(self) -> list[str]:
        """The need states with a row of their own."""
        sizes = self.shares.unique("feature").sort("overall", "feature", descending=[True, False])
        large = sizes.filter(pl.col("overall") >= SMALLEST)["feature"].to_list()
        return large if sizes.height - len(large) > 1 else sizes["feature"].to_list()

    def heading(self) -> str:
        sales = pl.read_parquet(self.folder / "merged/clusters.parquet").group_by("category")
        order = sales.agg(pl.col("sales").sum()).sort("sales", descending=True)["category"]
        rank = order.to_list().index(self.key) + 1
        return (
            f"{stores_of(self.stores.height)}, {money(self.sales)}, "
            f"rank {rank} of {len(order)} by sales"
        )

    def answer(self) -> list[str]:
        """The three boxes: what came out, how sure, what to do."""
        plan, whole = self.row("merged/plans"), self.row("merged/summary")
        few, unsold = (self.stores.filter(name) for name in ("few", "unsold"))
        came_out = (
            f"{mixes_of(len(self.mixes))}, {len(self.clusters)} clusters once surroundings are "
            f"added They capture {percent(whole['captured'])} of the store-to-store difference in "
            "what sells."
        )
        if few.height:
            came_out += (
                f" {stores_of(few.height)} sold too little to judge alone "
                f"({percent(few['sales'].sum() / self.sales)} of sales) and "
                f"{'was' if few.height == 1 else 'were'} placed beside the most similar."
            )
        if unsold.height:
            came_out += f" {stores_of(unsold.height)} sold nothing here."
        came_out += self._not_carried()
        sure = (
            f"{plan['sureness'].capitalize()} {percent(plan['agreement'])} of stores land in the "
            f"same mix by either half of their sales; luck gives {percent(plan['chance'])}. "
            f"{WORDS[self.row('internal/train/verdicts')['verdict']]}"
        )
        heading, _, because = plan["sentence"].replace(" %", "%").partition(", ")
        to_do = f"{heading} {because[:1].upper()}{because[1:]}"
        if plan["stores_to_look_at"]:
            look = stores_of(plan["stores_to_look_at"])
            to_do += f" Look at {look} that could as well belong next door."
        return [f"What came out {came_out}", f"How sure ●●●● {sure}", f"What to do {to_do}"]

    def _not_carried(self) -> str:
        """Need states that stores sell none of, those that most stores lack."""
        lacking = self.table("internal/features/not_carried")
        if lacking.is_empty():
            return ""
        most = lacking.group_by("feature").len().sort("len", "feature", descending=[True, False])
        named = ", ".join(f"{name} ({count})" for name, count in most.head(3).iter_rows())
        return (
            f" {stores_of(lacking['store_nbr'].n_unique())} probably do not carry some need state; "
            f"most often: {named}."
        )

    def columns(self) -> list[str]:
        """The headings of the comparison."""
        return [
            f"{row['final_cluster']} {row['surroundings_name'] or 'all surroundings'} "
            f"{stores_of(row['stores'])} {percent(row['sales'] / self.sales)} of sales"
            for row in self.clusters
        ]

    def lines(self) -> list[list[str]]:
        """The rows of the comparison: need state with its share, then points and index by
        cluster.
        """
        rest = pl.col("feature").is_in(self.features).not_()
        small = self.shares.filter(rest)["feature"].n_unique()
        wanted = [(name, pl.col("feature") == name) for name in self.features]
        wanted += [(f"{small} smaller need states", rest)] if small else []
        return [self._line(name, own) for name, own in wanted]

    def _line(self, name: str, own: pl.Expr) -> list[str]:
        found = []
        for row in self.clusters:
            part = self.shares.filter(own, final_cluster=row["final_cluster"])
            mean, overall = part["mean"].sum(), part["overall"].sum()
            found.append(f"{points(mean - overall)} {index(mean, overall)}")
        return [f"{name} {percent(overall)}", *found]

    def scale(self) -> str:
        """The scale of the bars: the largest difference in a cluster that sells enough."""
        large = [row["final_cluster"] for row in self.clusters if row["sales"] >= 0.02 * self.sales]
        name = pl.when(pl.col("feature").is_in(self.features)).then("feature").fill_null("")
        summed = (
            self.shares.filter(pl.col("final_cluster").is_in(large))
            .group_by("final_cluster", name.alias("feature"))
            .agg(pl.col("mean").sum() - pl.col("overall").sum())
        )
        return str(int(100 * max(0.05, summed["mean"].abs().max()) + 0.5))  # type: ignore[arg-type, operator]

    def cards(self) -> list[str]:
        """Who shops in each cluster."""
        return [
            f"{row['final_cluster']} {row['name']} {stores_of(row['stores'])}, "
            f"{percent(row['sales'] / self.sales)} of sales {self._traits(row['final_cluster'])} "
            f"Typical stores {self._typical(row['final_cluster'])}"
            f"{self._boundary(row['final_cluster'])}"
            for row in self.clusters
        ]

    def _traits(self, code: str) -> str:
        found = self.table("merged/profiles").filter(
            pl.col("q_value") <= 0.05, kind="attribute", final_cluster=code
        )
        strongest = found.sort("rank").head(4).to_dicts()
        told = [
            f"{label(row['feature'])} {self._value(row['feature'], row['mean'])} "
            f"(all {self._value(row['feature'], row['overall'])})"
            for row in strongest
            if row["feature"] not in ("latitude", "longitude")
            and not row["feature"].endswith("=false")
        ]
        return " ".join(told) or "No marked surroundings."

    def _value(self, feature: str, value: float) -> str:
        """A share of stores of a level, or a number with as many digits as its spread needs."""
        if "=" in feature:
            share = 100 * value
            return f"{share:.{1 if share and share < 5 else 0}f}%"
        values = pl.read_parquet(self.folder / "external/preprocess/values.parquet")
        spread = values.filter(feature=feature)["value"].std(ddof=0)
        digits = min(3, max(0, 1 - math.floor(math.log10(spread))))  # type: ignore[arg-type]
        return f"{math.floor(value * 10**digits + 0.5) / 10**digits:,.{digits}f}"

    def _typical(self, code: str) -> str:
        """The stores of enough sales nearest to the cluster's mix (Hellinger)."""
        own = self.stores.filter(final_cluster=code, history="enough")
        mean = self.shares.filter(final_cluster=code).select("feature", "mean")
        values = self.table("internal/preprocess/values").select("store_nbr", "feature", "value")
        wide = own.select("store_nbr").join(mean, how="cross")
        wide = wide.join(values, on=["store_nbr", "feature"], how="left").with_columns(
            share=pl.col("value").fill_null(0) / pl.col("value").sum().over("store_nbr")
        )
        far = wide.group_by("store_nbr").agg(
            ((pl.col("share").sqrt() - pl.col("mean").sqrt()) ** 2).sum().round(10).alias("far")
        )
        return ", ".join(far.sort("far", "store_nbr").head(4)["store_nbr"])

    def _boundary(self, code: str) -> str:
        fence = self.stores.filter("fence", final_cluster=code).sort("sales", descending=True)
        mixes = {row["final_cluster"]: row["mix"] for row in self.clusters}
        told = [
            f"{row['store_nbr']} (or {mixes[row['other_cluster']]})"
            for row in fence.iter_rows(named=True)
            if row["other_cluster"] in mixes
        ]
        return f" Nearest to another mix {', '.join(told[:2])}" if told else ""

    def filters(self) -> str:
        """The buttons above the list of stores."""
        codes = [f"{row['final_cluster']} {row['stores']}" for row in self.clusters]
        fence = self.stores["fence"].sum()
        last = [f"On the fence {fence}"] if fence else []
        return " ".join([f"All {self.stores.height}", *codes, *last])

    def store_list(self) -> list[str]:
        """The list of stores, largest first."""
        names = {row["final_cluster"]: row["name"] for row in self.clusters}
        rows = self.stores.sort("sales", descending=True, maintain_order=True)
        return [
            f"{row['store_nbr']} {row['final_cluster']} {names[row['final_cluster']]} "
            f"{money(row['sales'])} {_clarity(row)} {self._next(row)}".strip()
            for row in rows.iter_rows(named=True)
        ]

    @cached_property
    def _mix_of_internal(self) -> dict[int, str]:
        """The mix that an internal cluster became, where 9 of 10 of its stores are in it."""
        counted = self.stores.drop_nulls("internal_cluster").group_by("internal_cluster", "mix")
        share = pl.col("len") / pl.col("len").sum().over("internal_cluster")
        whole = counted.len().filter(share >= 0.9)
        return dict(whole.select("internal_cluster", "mix").iter_rows())

    def _next(self, row: Row) -> str:
        mixes = {one["final_cluster"]: one["mix"] for one in self.clusters}
        found = mixes.get(row["other_cluster"]) or self._mix_of_internal.get(row["next_cluster"])
        return found if found and found != row["mix"] else ""

    def flow(self) -> list[list[set[str]]]:
        """Stores by mix and surroundings, each with its final cluster."""
        grid = self.stores.with_columns(pl.col("external_cluster").fill_null(10**6))
        across = grid["external_cluster"].unique().sort().to_list()
        counted = grid.group_by("mix", "external_cluster", "final_cluster", "reassigned").len()
        return [
            [
                {
                    f"{n}{code}"
                    for code, n in counted.filter(mix=letter, external_cluster=place)
                    .select("final_cluster", "len")
                    .iter_rows()
                }
                for place in across
            ]
            for letter in self.mixes
        ]

    def worth(self) -> list[str]:
        """What a plan per cluster gains, and on what that is measured."""
        worth = self.table("merged/worth").filter(pl.col("final_cluster").is_null())
        row = worth.row(0, named=True)
        error, random = (
            f"{with_minus(100 * row[name], 1)}%" for name in ("standard_error", "random")
        )
        gain, own = (
            f"{abs(100 * row[name]):.1f}% {'more' if row[name] >= 0 else 'less'}"
            for name in ("gain", "own")
        )
        return [
            f"A plan per cluster meets {gain} of the demand than one plan for all stores: "
            f"{money(row['gain_in_sales'])} of sales. A plan for every store would meet {own}.",
            f"Give or take {error}, measured on sales that the plans were not made from; random "
            f"clusters of the same sizes: {random}. Not a forecast, and nothing about prices or "
            "the cost of a plan. A gain says that stores differ, not that they form separate "
            "groups.",
        ]

    def evidence(self) -> list[tuple[str, str]]:
        """The figures of the folded part."""
        verdict, kept = self.row("internal/train/verdicts"), self.row("merged/summary")
        metrics = dict(self.table("internal/analyze/metrics").select("metric", "value").iter_rows())
        association = self.row("merged/association")
        return [
            ("Verdict", verdict["sentence"]),
            ("Internal clusters", f"{verdict['k']}, by {RULES[verdict['rule']]}"),
            *((name, plain(metrics[metric])) for name, metric in METRICS.items()),
            ("Kept of the internal clusters (ratio of R2)", plain(kept["kept_internal"])),
            (BY_MATES.format("internal"), plain(kept["kept_internal_by_mates"])),
            ("Kept of the external clusters (ratio of R2)", plain(kept["kept_external"])),
            (BY_MATES.format("external"), plain(kept["kept_external_by_mates"])),
            (
                "Internal and external clusters together: Cramer's V",
                plain(association["cramers_v"]),
            ),
            (
                "the same: adjusted mutual information",
                plain(association["adjusted_mutual_information"]),
            ),
        ]

    def rules(self) -> list[str]:
        return [
            f"{row['cluster']}: {row['rule']} coverage {100 * row['coverage']:.0f}%, "
            f"precision {100 * row['precision']:.0f}%"
            for row in self.table("internal/analyze/descriptions").sort("cluster").to_dicts()
        ]


def label(feature: str) -> str:
    """Store format: hyper."""
    name, _, level = feature.partition("=")
    text = name.replace("_", " ").capitalize()
    return f"{text}: {level}" if level not in ("", "true") else text


def _clarity(row: Row) -> str:
    if row["unsold"] or row["few"] or row["fence"]:
        return (
            "sold nothing" if row["unsold"] else "sold too little" if row["few"] else "on the fence"
        )
    chance = row["probability"]
    said = ">99%" if chance >= 0.995 else percent(chance)
    return f"{'clear' if chance >= 0.9 else 'likely'} {said}"


def squeezed(text: str | None) -> str:
    """Text without blanks, which marks and cells do not keep."""
    return re.sub(r"\s+", "", text or "")


def is_close(shown: str, value: float | str | bool | None) -> bool:
    """Whether a cell of the evidence is the value to four digits."""
    if value is None:
        return shown == "–"
    if isinstance(value, bool):
        return shown == ("yes" if value else "")
    if isinstance(value, str):
        return shown == value
    number = float(shown.replace(",", "").replace("−", "-"))
    return bool(np.isclose(number, value, rtol=5e-4, atol=0))
