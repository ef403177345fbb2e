"""Sales rows and the need-state map to sales per category, store and need state."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from clustering.config import Preprocess, Within
from clustering.errors import DataError
from clustering.methods.aggregation.aggregate import aggregate
from clustering.methods.aggregation.category_groups import grouped
from clustering.methods.aggregation.overlap import REPEATS
from clustering.methods.aggregation.plausible import shown_period
from clustering.methods.aggregation.rules import (
    CATEGORY_IS_A_TOTAL,
    NETTED,
    NOT_FAULTS,
    RULES,
    STORE_IS_A_TOTAL,
    WITHOUT_AMOUNT,
)
from clustering.methods.aggregation.sales import Aggregated
from clustering.methods.aggregation.tables import halves_of_need_states, values_and_stores
from clustering.methods.aggregation.totals import UNITS
from clustering.methods.plausibility.doubts import findings, one_category_where_none
from clustering.methods.plausibility.findings import findings_table
from clustering.methods.plausibility.shares import (
    as_shares,
    categories_of_partial_shares,
    categories_of_shares,
)
from clustering.methods.plausibility.totals import totals_among, without_total_need_states
from clustering.stages.quarantine import column_report, quarantine_frame, require_few, tally

if TYPE_CHECKING:
    from clustering.methods.aggregation.engines import EngineSales

OUTCOMES = ("used", *RULES, STORE_IS_A_TOTAL, CATEGORY_IS_A_TOTAL, REPEATS, NETTED)
DIVIDER = " / "  # of a category and the outer cluster


def preprocess_internal(
    sales: pl.LazyFrame | EngineSales,
    need_states: pl.DataFrame,
    preprocess: Preprocess,
    seed: int,
    within: Within | None = None,
    outer: pl.DataFrame | None = None,
) -> dict[str, pl.DataFrame]:
    """Give the tables values, stores, quarantine, reconciliation, columns and findings (see
    schemas) of the internal track.

    A SKU mapped to m need states counts 1/m of its sales in each. Where sales file and map disagree
    on the category of a SKU the sales file wins; such rows are counted. Amounts are rounded to
    1/10,000 of a currency unit. With `outer` (schemas.Assignments of another run) every cluster of
    it becomes a category of its own, "TEA / 2". Raises DataError where no row is usable or the
    quarantined share exceeds preprocess.max_quarantined_share.
    """
    need_states, found_out = one_category_where_none(sales, need_states)
    need_states, of_map = without_total_need_states(need_states, preprocess.totals)
    found_out += of_map
    found = aggregate(sales, need_states, preprocess, seed)
    if found.rows["used"] == 0:
        raise DataError(*_nothing_used(found, preprocess, need_states["sku_nbr"].drop_nulls()))
    quarantine = _quarantine(found, preprocess)
    halves = halves_of_need_states(found)
    parts = values_and_stores(found, preprocess)
    found.forget_sums()  # putting the parts together takes as much memory as the sums
    values, stores = (pl.concat(tables, rechunk=False) for tables in zip(*parts, strict=True))
    del parts
    totals = {}
    for outcome, column in ((CATEGORY_IS_A_TOTAL, "category"), (STORE_IS_A_TOTAL, "store_nbr")):
        totals[outcome] = of_column = totals_among(stores, column, preprocess.totals)
        if not of_column.is_empty():
            values, stores, halves = (
                table.join(of_column, on=column, how="anti", maintain_order="left")
                if column in table.columns
                else table
                for table in (values, stores, halves)
            )
    if preprocess.group_categories:
        values, stores = grouped(values, stores, preprocess, need_states["category"])
    shares, partial = categories_of_shares(stores), categories_of_partial_shares(stores)
    stores = as_shares(stores, shares)
    if found.split is None:
        from clustering.methods.fitting.random_halves import split_at_random

        values, stores = split_at_random(values, stores, seed)
    reconciliation = _reconciliation(found, totals)
    require_few(reconciliation, preprocess.max_quarantined_share, ignored=NOT_FAULTS)
    found_out += findings(found, reconciliation, quarantine, totals, halves, shares, partial)
    if within and outer is not None:
        values, stores = (_divided(table, outer, within.track) for table in (values, stores))
    return {
        "values": values,
        "stores": stores,
        "quarantine": quarantine,
        "reconciliation": reconciliation,
        "columns": column_report(_of_sales(found)),
        "findings": findings_table(found_out),
    }


def _of_sales(found: Aggregated) -> Iterator[tuple[str, str, str | None, str, str | None]]:
    if found.covered:
        ends = " to ".join(map(shown_period, found.covered))
        yield "sales", "period", "period", "covers", ends
    for old, new, rows in found.respelt:
        reason = f"{old!r} is read as {new!r}, in {rows:,} rows"
        yield "sales", "category", "name", "joined", reason


def _nothing_used(
    found: Aggregated, preprocess: Preprocess, mapped: pl.Series
) -> tuple[str, list[str]]:
    counts = _counts(_reconciliation(found))
    if found.rows["outside_periods"]:
        return (
            f"no sales row lies between preprocess.first_period={preprocess.first_period} and "
            f"preprocess.last_period={preprocess.last_period}; change them, or set them to null",
            counts,
        )
    if found.rows["sku_not_in_map"] == found.rows["read"] and len(mapped):
        sold = found.kept[0]["sku_nbr"].min()
        counts.insert(0, f"a SKU of the sales is {sold!r}, one of the map {mapped.min()!r}")
    return "no sales row is usable", counts


def _divided(table: pl.DataFrame, outer: pl.DataFrame, track: str) -> pl.DataFrame:
    """The table with the outer cluster in the name of its category; stores without one are
    together, in "TEA / -".
    """
    key = ["category", "store_nbr"] if track == "internal" else ["store_nbr"]
    names = outer.select(*key, pl.col("cluster").cast(pl.String))
    joined = table.join(names, on=key, how="left", maintain_order="left")
    divided = pl.concat_str("category", pl.col("cluster").fill_null("-"), separator=DIVIDER)
    order = [name for name in ("category", "store_nbr", "feature") if name in table.columns]
    return joined.with_columns(divided.alias("category")).drop("cluster").sort(order)


def _reconciliation(
    found: Aggregated, totals: dict[str, pl.DataFrame] | None = None
) -> pl.DataFrame:
    """Where every row went; those in `totals`, by outcome, were summed before they were found."""
    need_states, rows = found.need_states, dict(found.rows)
    sales = {
        name: units / UNITS for name, units in found.units.items() if name not in WITHOUT_AMOUNT
    }
    for outcome, table in (totals or {}).items():
        if not table.is_empty():
            rows[outcome] = int(table["sales_rows"].sum())
            sales[outcome] = round(float(table["sales"].sum()), 4)
            rows["used"] -= rows[outcome]
            sales["used"] = round(sales["used"] - sales[outcome], 4)
    map_rows = dict(need_states.rejected["rule"].value_counts().sort("rule").iter_rows())
    differs = found.rows["category_differs_from_map"]
    return pl.concat(
        [
            tally(
                "sales", found.rows["read"], {name: rows.get(name, 0) for name in OUTCOMES}, sales
            ),
            tally(
                "need_states", need_states.rows_read, {"used": need_states.rows_used, **map_rows}
            ),
            tally(
                "categories of used sales rows",
                found.rows["used"],
                {
                    "same as map or map silent": found.rows["used"] - differs,
                    "sales file wins over map": differs,
                },
            ),
        ]
    )


def _counts(reconciliation: pl.DataFrame) -> list[str]:
    rows = (
        reconciliation.filter(pl.col("outcome") != "used")
        .select("input", "outcome", "rows")
        .iter_rows()
    )
    return [f"{name}: {n:,} row{'s' * (n != 1)} {outcome}" for name, outcome, n in rows]


def _quarantine(found: Aggregated, preprocess: Preprocess) -> pl.DataFrame:
    of_map = found.need_states.rejected.group_by("rule", maintain_order=True).head(
        preprocess.quarantine_rows
    )
    parts = [quarantine_frame("sales", part) for part in found.kept] + [
        quarantine_frame("need_states", of_map)
    ]
    return pl.concat(parts).sort(pl.all())
