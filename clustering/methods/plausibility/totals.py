"""Stores, categories and need states that are the sum of others, which would count twice."""

from __future__ import annotations

import polars as pl

from clustering.errors import DataError
from clustering.methods.aggregation.plausible import EQUAL, labels_of_totals, sum_of_the_others
from clustering.methods.plausibility.findings import Finding, listed, warning
from clustering.schemas import ALL


def totals_among(stores: pl.DataFrame, column: str, totals: str) -> pl.DataFrame:
    """The totals in `column` (store_nbr or category) of schemas.Stores, by label or by sales: the
    column, sales, sales_rows.

    Raises DataError where there is one and `totals` (preprocess.totals) is "error".
    """
    sums = stores.group_by(column).agg(pl.col("sales", "sales_rows").sum()).sort(column)
    if totals == "keep":
        return sums.clear()
    names = labels_of_totals(sums[column])
    if column == "category":  # what all sales are where there is no category
        names = [name for name in names if name != ALL]
    rest = sums.filter(~pl.col(column).is_in(names))
    if rest.is_empty():  # one category that is called Total
        return sums.clear()
    if (place := sum_of_the_others(rest["sales"].to_numpy())) is not None:
        names.append(rest[column][place])
    elif column == "store_nbr":
        names += _regions(rest)
    if names and totals == "error":
        what = "store" if column == "store_nbr" else "category"
        raise DataError(
            f"sales: {what} {listed(names)} is a total of the others; remove it, or set "
            "preprocess.totals=drop"
        )
    return sums.filter(pl.col(column).is_in(names))


def _regions(stores: pl.DataFrame) -> list[str]:
    """Stores without a number, where all others have one and both sum to the same: subtotals."""
    has_number = pl.col("store_nbr").str.contains(r"\d")
    numbers, words = stores.filter(has_number), stores.filter(~has_number)
    parts, total = (float(each["sales"].sum()) for each in (words, numbers))
    is_equal = words.height and total and abs(parts - total) <= EQUAL * total
    return words["store_nbr"].to_list() if is_equal else []


def without_total_need_states(
    need_states: pl.DataFrame, totals: str
) -> tuple[pl.DataFrame, list[Finding]]:
    """Give the map without need states that are totals by their label, "Total" or "TOTAL TEA" of
    TEA; their SKUs have none. One that is the only need state of its category stays.

    Raises DataError where there is one and `totals` (preprocess.totals) is "error".
    """
    if totals == "keep":
        return need_states, []
    pairs = need_states.select("need_state", "category").unique().drop_nulls("need_state")
    found = [
        (state, category)
        for state, category in pairs.iter_rows()
        if labels_of_totals([state, state.replace(category or " ", "")])
    ]
    named = pl.DataFrame(found, schema=pairs.schema, orient="row")
    others = pairs.join(named, on=pairs.columns, how="anti", nulls_equal=True)
    named = named.join(others, on="category", how="semi", nulls_equal=True)
    if named.is_empty():
        return need_states, []
    states = listed(named["need_state"].unique().sort().to_list())
    if totals == "error":
        raise DataError(f"need_states: {states} is a total; remove it from the map")
    marked = need_states.join(
        named.with_columns(is_total=True),
        on=pairs.columns,
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    kept = pl.when(pl.col("is_total").is_null()).then(pl.col("need_state"))
    text = f"need state {states} is a total of the others: its SKUs are set aside"
    rest = marked.with_columns(kept.alias("need_state")).drop("is_total")
    return rest, [warning("need_states", "need_state_is_a_total", text)]
