"""Rows set aside and rows counted, for both preprocess stages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import polars as pl

from clustering.errors import DataError, StageError
from clustering.schemas import ColumnReport

COLUMNS: dict[str, type[pl.DataType]] = {
    "store_nbr": pl.String,
    "sku_nbr": pl.String,
    "category": pl.String,
    "need_state": pl.String,
    "total_sales": pl.Float64,
    "detail": pl.String,
}


def quarantine_frame(name: str, faulty: pl.DataFrame) -> pl.DataFrame:
    """Give faulty rows of input `name`, which have a column `rule`, the columns of
    schemas.Quarantine.
    """
    return faulty.select(
        pl.lit(name).alias("input"),
        pl.col("rule").cast(pl.String),
        *(
            (pl.col(column) if column in faulty.columns else pl.lit(None)).cast(kind).alias(column)
            for column, kind in COLUMNS.items()
        ),
    )


def column_report(rows: Iterable[tuple[str, str, str | None, str, str | None]]) -> pl.DataFrame:
    """Give schemas.ColumnReport of rows of input, column, kind, action and reason."""
    names = ("input", "column", "kind", "action", "reason")
    found = pl.DataFrame(list(rows), schema=dict.fromkeys(names, pl.String), orient="row")
    return found.select(
        pl.col(name) if name in names else pl.lit(None, pl.String).alias(name)
        for name in ColumnReport.column_names()
    )


def tally(
    name: str, read: int, outcomes: Mapping[str, int], sales: Mapping[str, float] | None = None
) -> pl.DataFrame:
    """Give the reconciliation rows of one input, with the money of each outcome where `sales` knows
    it; raises StageError where the rows do not add up (a bug).
    """
    known = sales or {}
    counted = {
        outcome: rows
        for outcome, rows in outcomes.items()
        if rows or known.get(outcome) or outcome == "used"
    }
    if sum(counted.values()) != read:
        raise StageError(f"bug: {name}: read {read} rows, accounted for {counted}")
    money = [sum(known.values()), *map(known.get, counted)] if sales else None
    return pl.DataFrame(
        {
            "input": name,
            "outcome": ["read", *counted],
            "rows": [read, *counted.values()],
            "sales": money,
        },
        schema={"input": pl.String, "outcome": pl.String, "rows": pl.Int64, "sales": pl.Float64},
    )


def require_few(
    reconciliation: pl.DataFrame, largest_share: float, ignored: Collection[str] = ()
) -> None:
    """Raise DataError where an input has a larger share of rows under a rule than
    `largest_share`.
    """
    for (name,), part in reconciliation.partition_by(
        "input", as_dict=True, maintain_order=True
    ).items():
        rows = dict(part.select("outcome", "rows").iter_rows())
        if "used" not in rows:
            continue
        faults = {
            outcome: n for outcome, n in rows.items() if outcome not in ("read", "used", *ignored)
        }
        share = sum(faults.values()) / max(rows["read"], 1)
        if share > largest_share:
            raise DataError(
                f"{name}: {sum(faults.values()):,} of {rows['read']:,} rows ({share:.1%}) are "
                "faulty, more than "
                f"preprocess.max_quarantined_share={largest_share:g}; mend the input or raise the "
                "limit",
                [f"{n:,} row{'s' * (n != 1)}: {rule}" for rule, n in faults.items()],
            )
