"""The rules by which sales rows are set aside."""

from __future__ import annotations

import polars as pl

from clustering.methods.aggregation.overlap import REPEATS

LARGEST_AMOUNT = 1e9  # currency units in one row; sums of rows above it would no longer be exact
# the order decides which rule a row with several faults is counted under
RULES = (
    "store_nbr_null",
    "sku_nbr_null",
    "total_sales_unreadable",
    "total_sales_null",
    "total_sales_not_finite",
    "total_sales_too_large",
    "period_unreadable",
    "sku_not_in_map",
    "sku_without_need_state",
    "category_null",
    "outside_periods",
    "not_sampled",
    "period_is_a_total",
    "total_sales_negative",
)
NEGATIVE = RULES[-1]
UNREAD = ("unread_sales", "unread_period")
NETTED = "return_netted"
STORE_IS_A_TOTAL, PERIOD_IS_A_TOTAL = "store_is_a_total", "period_is_a_total"
CATEGORY_IS_A_TOTAL = "category_is_a_total"
# what no limit on faulty rows counts
NOT_FAULTS = (
    "outside_periods",
    "not_sampled",
    NETTED,
    STORE_IS_A_TOTAL,
    PERIOD_IS_A_TOTAL,
    CATEGORY_IS_A_TOTAL,
    REPEATS,
)
# rows of these rules have no amount that could be added up
WITHOUT_AMOUNT = (
    "total_sales_unreadable",
    "total_sales_null",
    "total_sales_not_finite",
    "total_sales_too_large",
)


def as_text(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows of a batch in the columns of the input, keys as text; `detail` is what is not
    understood.
    """
    return rows.select(
        pl.col("store_nbr", "sku_nbr", "category").cast(pl.String),
        "total_sales",
        "period",
        pl.coalesce(
            *(name for name in UNREAD if name in rows.columns), pl.lit(None, pl.String)
        ).alias("detail"),
    )
