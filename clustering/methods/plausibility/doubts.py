"""What looks wrong, or was assumed, in sales that could be summed: a note or a warning each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import polars as pl

from clustering.methods.aggregation.clean_keys import without_zeros
from clustering.methods.aggregation.overlap import REPEATS
from clustering.methods.aggregation.plausible import shown_period
from clustering.methods.aggregation.rules import CATEGORY_IS_A_TOTAL, NETTED, STORE_IS_A_TOTAL
from clustering.methods.aggregation.sales import Aggregated
from clustering.methods.aggregation.totals import UNITS
from clustering.methods.plausibility.findings import EXAMPLES, Finding, listed, note, warning
from clustering.schemas import ALL

if TYPE_CHECKING:
    from clustering.methods.aggregation.engines import EngineSales

LISTED = re.compile(r"[;|/,+&]")
ONE_HALF, LARGE = 0.02, 0.05  # of a need state's sales in its other half; of its category's sales


def one_category_where_none(
    sales: pl.LazyFrame | EngineSales, need_states: pl.DataFrame
) -> tuple[pl.DataFrame, list[Finding]]:
    """Give the map with the category ALL where neither it nor any sales row names a category."""
    if need_states["category"].null_count() < need_states.height or _has_category(sales):
        return need_states, []
    text = f"no category anywhere: all sales are one category, {ALL} (source.columns.category)"
    one = need_states.with_columns(pl.lit(ALL).alias("category"))
    return one, [note("sales", "no_category", text)]


def _has_category(sales: pl.LazyFrame | EngineSales) -> bool:
    if isinstance(sales, pl.LazyFrame):
        first: Any = sales.select("category").drop_nulls().head(1).collect(engine="streaming")
    else:
        import narwhals as nw

        named = sales.rows.filter(~nw.col("category").is_null()).select("category")
        first = named.head(1).collect("polars").to_native()
    return bool(first.height)


def findings(
    found: Aggregated,
    reconciliation: pl.DataFrame,
    quarantine: pl.DataFrame,
    totals: dict[str, pl.DataFrame],
    halves: pl.DataFrame,
    shares: list[str],
    partial_shares: list[str],
) -> list[Finding]:
    """All there is to say of sales and map.

    `totals` are those among the stores and categories, by outcome, `halves` the sales by need state
    in both halves, `shares` the categories whose mixes came as shares, `partial_shares` those where
    parts of them seem to be missing.
    """
    rows = {
        outcome: (number, sales)
        for name, outcome, number, sales in reconciliation.iter_rows()
        if name == "sales"
    }
    return [
        *_totals(found, rows, totals),
        *_returns(rows),
        *_stores(found, rows),
        *_skus(found, rows, quarantine),
        *_shares(shares, partial_shares),
        *_one_half_only(found, halves),
        *_lopsided(found, halves),
    ]


Counts = dict[str, tuple[int, float]]


def _totals(found: Aggregated, rows: Counts, totals: dict[str, pl.DataFrame]) -> Iterator[Finding]:
    for outcome, what in ((STORE_IS_A_TOTAL, "store"), (CATEGORY_IS_A_TOTAL, "category")):
        if outcome in rows:
            names = totals[outcome].to_series().to_list()
            text = f"{what} {listed(names)} is a total of the others: set aside"
            yield warning("sales", outcome, text, *rows[outcome])
    if found.overlap:
        one, other, _ = found.overlap
        kept = "those of the later file count" if REPEATS in rows else "they are added up"
        text = f"{one} and {other} repeat the same stores, SKUs and periods: {kept}"
        yield warning("sales", "overlap", text, *rows.get(REPEATS, (None, None)))
    if found.repeated:
        kept = "each counts once" if REPEATS in rows else "they are added up"
        text = f"rows repeat others of the same store, SKU, period and amount: {kept}"
        yield warning("sales", "repeated_rows", text, *rows.get(REPEATS, (None, None)))
    if found.without_period is not None:
        text = f"period {shown_period(found.without_period)} is the sum of the others: set aside"
        yield warning("sales", "period_is_a_total", text, *rows["period_is_a_total"])


def _returns(rows: Counts) -> Iterator[Finding]:
    if NETTED in rows:
        text = "returns were taken from the sales of the same store, SKU and period"
        yield note("sales", NETTED, text, *rows[NETTED])
    if "total_sales_negative" in rows:
        text = "returns set aside: no sales of the same store, SKU and period to take them from"
        yield note("sales", "total_sales_negative", text, *rows["total_sales_negative"])


def _stores(found: Aggregated, rows: Counts) -> Iterator[Finding]:
    names = pl.DataFrame({"store_nbr": found.stores.names}, schema={"store_nbr": pl.String})
    bare = names.with_columns(without_zeros(pl.col("store_nbr")).str.to_uppercase().alias("bare"))
    twice = bare.filter(pl.col("bare").is_duplicated()).sort("bare", "store_nbr")
    if twice.height:
        stores = listed(twice["store_nbr"].to_list())
        text = (
            f"stores differ by leading zeros or case only: {stores}. If they are the same, write "
            "them one way (source.derive.store_nbr)"
        )
        yield warning("sales", "stores_differ_by_zeros", text, twice.height)
    nameless, _ = rows.get("store_nbr_null", (0, 0.0))
    if nameless > LARGE * rows["read"][0]:
        text = "rows have no store; where cells of a sheet were merged, write the store in each row"
        yield warning("sales", "store_nbr_null", text, *rows["store_nbr_null"])


def _skus(found: Aggregated, rows: Counts, quarantine: pl.DataFrame) -> Iterator[Finding]:
    for rule, words in (
        ("sku_not_in_map", "are not in the need-state map"),
        ("sku_without_need_state", "have no need state in the map"),
    ):
        if rule in rows:
            kept = quarantine.filter(pl.col("rule") == rule)
            text = f"SKUs {words}; most sales: {_most_sales(kept)}"
            yield warning("sales", rule, text, *rows[rule])
    if differs := found.rows["category_differs_from_map"]:
        other = found.other_categories.with_columns(pl.col("units") / UNITS)
        named = [f"{sku} in {of} ({sales:,.0f})" for sku, of, sales in other.iter_rows()]
        text = (
            "sales rows name another category than the map for their SKU; the sales file wins. "
            f"Is a SKU number used again? Most sales: {listed(named)}"
        )
        sales = float(other["units"].sum())
        yield warning("sales", "category_differs_from_map", text, differs, sales)
    yield from _split_skus(found)
    yield from _lists(found)
    if found.need_states.in_several:
        text = (
            f"{len(found.need_states.in_several)} SKUs have several categories in the map, such as "
            f"{listed(found.need_states.in_several)}; each category has its own need states of "
            "them, and a sales row without a category counts in the first"
        )
        yield note("need_states", "sku_in_several_categories", text)


def _split_skus(found: Aggregated) -> Iterator[Finding]:
    """SKUs with several need states in one category: meant so, or a number that is used again."""
    of_map = found.need_states
    split = [number for number, states in enumerate(of_map.sets) if len(states) > 1]
    skus = of_map.by_sku().filter(pl.col("states").is_in(split))["sku_nbr"].sort().to_list()
    if skus:
        text = (
            f"{len(skus)} SKUs have several need states, which share their sales equally: "
            f"{listed(skus)}"
        )
        yield note("need_states", "sku_in_several_need_states", text)


def _lists(found: Aggregated) -> Iterator[Finding]:
    """Need states such as "green; black" beside "green" and "black"."""
    states = {state for states in found.need_states.sets for state in states}
    parts = {state: [part.strip() for part in LISTED.split(state)] for state in sorted(states)}
    lists = [
        state
        for state, each in parts.items()
        if len(each) > 1 and (states >= set(each) or (states & set(each) and {*";|"} & {*state}))
    ]
    if lists:
        text = (
            f"need state {listed(lists)} lists several others: write a row of the map for each, "
            "and the SKU counts in all of them"
        )
        yield warning("need_states", "several_in_one_cell", text, len(lists))


def _most_sales(kept: pl.DataFrame) -> str:
    sums = kept.group_by("sku_nbr").agg(pl.col("total_sales").sum())
    top = sums.sort("total_sales", "sku_nbr", descending=[True, False]).head(EXAMPLES)
    return ", ".join(f"{sku} ({sales:,.0f})" for sku, sales in top.iter_rows())


def _shares(categories: list[str], partial: list[str]) -> Iterator[Finding]:
    if partial:
        text = (
            f"the stores sum to nearly 100 % in {listed(partial)}: shares of which parts are "
            "missing? Their noise is estimated as if they were sales; give all shares of each store"
        )
        yield warning("sales", "partial_shares", text)
    if categories:
        text = (
            f"every store sums to the same number in {listed(categories)}: shares, not sales. No "
            "sampling noise is estimated from them, and all stores weigh the same"
        )
        yield note("sales", "shares", text)


def _one_half_only(found: Aggregated, sums: pl.DataFrame) -> Iterator[Finding]:
    """Need states that were sold in one half of the time only: a hierarchy that was renamed."""
    if found.split is None or sums.is_empty():
        return
    total = pl.sum_horizontal("half_a", "half_b")
    of_category = total.sum().over("category")
    lopsided = sums.filter(
        pl.min_horizontal(pl.col("half_a", "half_b").sum().over("category")) > LARGE * of_category,
        pl.min_horizontal("half_a", "half_b") <= ONE_HALF * total,
        total >= LARGE * of_category,
    ).sort(total, "category", "feature", descending=[True, False, False])
    if lopsided.height:
        names = [f"{state} of {of}" for of, state in lopsided.select("category", "feature").rows()]
        text = (
            f"need states sold in one half of the time only: {listed(names)}. If the hierarchy "
            "was renamed, stores are told apart by when they sold: map the old names, too"
        )
        sales = float(lopsided.select(total).sum().item())
        yield warning("need_states", "one_half_only", text, None, sales)


def _lopsided(found: Aggregated, sums: pl.DataFrame) -> Iterator[Finding]:
    """Halves of the time of which one has hardly any sales: a wrong date moved the middle."""
    if found.split is None or sums.is_empty():
        return
    early, late = sums.select(pl.col("half_a", "half_b").sum()).row(0)
    if min(early, late) < LARGE * (early + late):
        share = early / (early + late)
        text = (
            f"the periods up to {shown_period(found.split)}, the middle of the time, hold "
            f"{share:.0%} of the sales, and clusters are tested on the other half. Is a period "
            "wrong? Set preprocess.first_period and preprocess.last_period"
        )
        yield warning("sales", "lopsided_halves", text, None, min(early, late))
