"""The tables of the public grocery panel: sales, need states, and store attributes derived from
who shops there (weighted by their spend), how, and under which offers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

MIDDLE_OF_AGE = {"19-24": 22, "25-34": 30, "35-44": 40, "45-54": 50, "55-64": 60, "65+": 70}
MIDDLE_OF_INCOME = {
    "Under 15K": 10,
    "15-24K": 20,
    "25-34K": 30,
    "35-49K": 42,
    "50-74K": 62,
    "75-99K": 87,
    "100-124K": 112,
    "125-149K": 137,
    "150-174K": 162,
    "175-199K": 187,
    "200-249K": 225,
    "250K+": 300,
}


def sales(folder: Path) -> pl.LazyFrame:
    """The sales rows, with the columns of schemas.Sales."""
    category = _table(folder, "products").select("product_id", "product_category")
    return (
        _table(folder, "transactions")
        .join(category, on="product_id", how="left", maintain_order="left")
        .select(
            pl.col("store_id").alias("store_nbr"),
            pl.col("product_id").alias("sku_nbr"),
            pl.col("product_category").alias("category"),
            pl.col("sales_value").alias("total_sales"),
            pl.col("week").cast(pl.Int32).alias("period"),
        )
    )


def need_states(folder: Path) -> pl.DataFrame:
    """The need-state map."""
    return (
        _table(folder, "products")
        .select(
            pl.col("product_id").cast(pl.String).alias("sku_nbr"),
            pl.col("product_type").alias("need_state"),
            pl.col("product_category").alias("category"),
            pl.col("brand").alias("attribute_1"),
            pl.col("department").alias("attribute_2"),
            pl.col("package_size").alias("attribute_3"),
        )
        .collect()
    )


def external(folder: Path) -> dict[str, pl.DataFrame]:
    """Store attributes by what they tell of."""
    baskets = _baskets(folder)
    shopping, spend, surveyed = pl.collect_all(
        [_shopping(baskets), _spend(baskets), _surveyed(folder)], engine="streaming"
    )
    frames = {
        "shopping": shopping,
        "shoppers": _shoppers(spend, surveyed),
        "offers": _offers(folder).join(shopping, on="store_nbr", how="semi"),
    }
    return {name: _as_text(frame) for name, frame in frames.items()}


def _table(folder: Path, name: str) -> pl.LazyFrame:
    return pl.scan_parquet(folder / f"{name}.parquet")


def _baskets(folder: Path) -> pl.LazyFrame:
    """Sales lines above zero of products that have a category and a type, amounts in whole
    cents.

    Sums of whole numbers are the same in whatever order the threads add them.
    """
    amounts = pl.col("sales_value", "retail_disc", "coupon_disc")
    products = _table(folder, "products").select(
        "product_id", "brand", "product_category", "product_type", "department"
    )
    return (
        _table(folder, "transactions")
        .filter(pl.col("sales_value") > 0)
        .with_columns((amounts * 100).round().cast(pl.Int64))
        .join(products.drop_nulls(["product_category", "product_type"]), on="product_id")
        .rename({"store_id": "store_nbr"})
    )


def _spend(baskets: pl.LazyFrame) -> pl.LazyFrame:
    """What each household spent in each store, in cents."""
    return baskets.group_by("store_nbr", "household_id").agg(pl.col("sales_value").sum())


def _surveyed(folder: Path) -> pl.LazyFrame:
    """Demographics of the surveyed households, as numbers."""
    return _table(folder, "demographics").select(
        "household_id",
        pl.col("age")
        .replace_strict(MIDDLE_OF_AGE, default=None, return_dtype=pl.Float64)
        .alias("mean_age"),
        pl.col("income")
        .replace_strict(MIDDLE_OF_INCOME, default=None, return_dtype=pl.Float64)
        .alias("mean_income_thousands"),
        (pl.col("home_ownership") == "Homeowner").cast(pl.Float64).alias("share_homeowners"),
        (pl.col("marital_status") == "Married").cast(pl.Float64).alias("share_married"),
        pl.col("household_size")
        .str.head(1)
        .cast(pl.Float64, strict=False)
        .alias("mean_household_size"),
        (pl.col("kids_count") != "0").cast(pl.Float64).alias("share_with_children"),
    )


def _shoppers(spend: pl.DataFrame, surveyed: pl.DataFrame) -> pl.DataFrame:
    """Demographics of the surveyed households of each store, weighted by their spend there;
    null where there are none.
    """
    traits = [name for name in surveyed.columns if name != "household_id"]
    return (
        spend.join(surveyed, on="household_id")
        .group_by("store_nbr")
        .agg(_weighted(name) for name in traits)
    )


def _offers(folder: Path) -> pl.DataFrame:
    """How often a store displays and mails products, from the promotion log; stores not in it
    have no row.
    """
    log = _table(folder, "promotions")
    offers = np.bincount(_stores(log))
    unseen, unmailed = (
        np.bincount(_stores(log.filter(pl.col(place) == "0")), minlength=len(offers))
        for place in ("display_location", "mailer_location")
    )
    stores = np.flatnonzero(offers)
    count = offers[stores]
    return pl.DataFrame(
        {
            "store_nbr": stores,
            "offer_count": count.astype(float),
            "share_displayed": (count - unseen[stores]) / count,
            "share_mailed": (count - unmailed[stores]) / count,
        }
    )


def _stores(log: pl.LazyFrame) -> pl.Series:
    return log.select("store_id").collect().to_series()


def _shopping(baskets: pl.LazyFrame) -> pl.LazyFrame:
    """Trips, baskets, discounts, assortment and hours of each store."""
    sales, trips = pl.col("sales_value"), pl.col("basket_id").n_unique()
    paid = sales.sum()
    time = pl.col("transaction_timestamp").dt
    return baskets.group_by("store_nbr").agg(
        trips.cast(pl.Float64).alias("trip_count"),
        pl.col("household_id").n_unique().cast(pl.Float64).alias("household_count"),
        (paid / 100 / trips).alias("sales_per_trip"),
        (pl.len() / trips).alias("lines_per_trip"),
        (pl.col("quantity").clip(upper_bound=100).sum() / trips).alias("units_per_trip"),
        (trips / pl.col("household_id").n_unique()).alias("trips_per_household"),
        (pl.col("retail_disc").abs().sum() / (paid + pl.col("retail_disc").abs().sum())).alias(
            "share_discount"
        ),
        (pl.col("coupon_disc").abs().sum() / paid).alias("share_coupon"),
        (sales.filter(pl.col("brand") == "Private").sum() / paid).alias("share_private_label"),
        (sales.filter(pl.col("department") == "PRODUCE").sum() / paid).alias("share_produce"),
        pl.col("product_category").n_unique().cast(pl.Float64).alias("category_count"),
        (time.weekday() >= 6).mean().alias("share_weekend"),
        (time.hour() >= 18).mean().alias("share_evening"),
        time.hour().cast(pl.Float64).mean().alias("mean_hour"),
    )


def _weighted(trait: str) -> pl.Expr:
    known = pl.col(trait).is_not_null()
    weight = pl.col("sales_value").filter(known).sum()
    total = (pl.col(trait) * pl.col("sales_value")).filter(known).sum()
    return pl.when(weight > 0).then(total / weight).alias(trait)


def _as_text(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col("store_nbr").cast(pl.String)).sort("store_nbr")
