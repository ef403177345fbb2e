"""What the two tracks have to do with each other: how strongly they agree, and what internal clusters look like outside."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

ASSOCIATION = {
    "category": pl.String, "stores": pl.Int64, "cramers_v": pl.Float64, "adjusted_mutual_information": pl.Float64,
}  # fmt: skip


def association(internal: pl.DataFrame, external: pl.DataFrame) -> pl.DataFrame:
    """Give schemas.Association: Cramer's V and adjusted mutual information of both clusterings on the stores they share."""
    from sklearn.metrics import adjusted_mutual_info_score

    both = internal.join(external.select("store_nbr", other="cluster"), on="store_nbr", maintain_order="left")
    rows = []
    for (category,), part in both.partition_by("category", as_dict=True, maintain_order=True).items():
        one, other = part["cluster"].to_numpy(), part["other"].to_numpy()
        rows.append((category, len(one), cramers_v(one, other), float(adjusted_mutual_info_score(one, other))))
    return pl.DataFrame(rows, schema=ASSOCIATION, orient="row").sort("category")


def cramers_v(one: NDArray[np.int64], other: NDArray[np.int64]) -> float | None:
    """Cramer's V, 0..1 (Cramer 1946), of two label vectors; None where either has one value only."""
    rows, first = np.unique(one, return_inverse=True)
    columns, second = np.unique(other, return_inverse=True)
    smaller = min(len(rows), len(columns)) - 1
    if smaller == 0:
        return None
    table = np.zeros((len(rows), len(columns)))
    np.add.at(table, (first, second), 1)
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0) / len(one)
    return float(np.sqrt(((table - expected) ** 2 / expected).sum() / (len(one) * smaller)))


def cross_profiles(internal: pl.DataFrame, external: pl.DataFrame, attributes: pl.DataFrame | None) -> pl.DataFrame:
    """Give schemas.CrossProfiles: internal clusters by attributes, external clusters by the internal clusters in them."""
    crossed = [_by_clusters(internal, external)]
    if attributes is not None and not attributes.is_empty():
        crossed.insert(0, _by_attributes(internal, _indicators(attributes)))
    index = pl.when((pl.col("overall") > 0) & (pl.col("mean").min().over("track", "feature") >= 0)).then(
        pl.col("mean") / pl.col("overall") * 100
    )
    return (
        pl.concat(crossed)
        .with_columns(index.alias("index"), (pl.col("mean") - pl.col("overall")).alias("difference"))
        .sort("category", "track", "cluster", "feature")
    )


def _indicators(attributes: pl.DataFrame) -> pl.DataFrame:
    """Stores by attributes, a column each; a categorical attribute as one column of 0 and 1 per level."""
    numeric = attributes.filter(pl.col("level").is_null()).select("store_nbr", "feature", "value")
    levels = attributes.filter(pl.col("level").is_not_null()).select(
        "store_nbr", pl.concat_str("feature", pl.lit("="), "level").alias("feature"), pl.lit(1.0).alias("value")
    )
    wide = pl.concat([numeric, levels]).pivot("feature", index="store_nbr", values="value", sort_columns=True)
    return wide.with_columns(pl.col(name).fill_null(0.0) for name in levels["feature"].unique())


def _by_attributes(internal: pl.DataFrame, wide: pl.DataFrame) -> pl.DataFrame:
    features = [name for name in wide.columns if name != "store_nbr"]
    parts = []
    for (category,), part in internal.partition_by("category", as_dict=True, maintain_order=True).items():
        placed = part.select("store_nbr", "cluster").join(wide, on="store_nbr", maintain_order="left")
        overall = placed.select(pl.col(features).mean()).unpivot(variable_name="feature", value_name="overall")
        mean = placed.group_by("cluster").agg(pl.col(features).mean()).unpivot(
            index="cluster", variable_name="feature", value_name="mean"
        )  # fmt: skip
        parts.append(_rows(mean.join(overall, on="feature"), str(category), "internal"))
    return pl.concat(parts)


def _by_clusters(internal: pl.DataFrame, external: pl.DataFrame) -> pl.DataFrame:
    """Per external cluster, the share of its stores that each internal cluster holds."""
    both = internal.select("category", "store_nbr", "cluster").join(
        external.select("store_nbr", outer="cluster"), on="store_nbr"
    )  # fmt: skip
    cells = (
        both.select("category", "outer").unique()
        .join(both.select("category", "cluster").unique(), on="category")
        .join(both.group_by("category", "outer", "cluster").len("stores"), on=["category", "outer", "cluster"], how="left")
        .with_columns(pl.col("stores").fill_null(0))
    )  # fmt: skip
    stores = pl.col("stores")
    overall = stores.sum().over("category", "cluster") / stores.sum().over("category")
    return cells.select(
        "category", pl.lit("external").alias("track"), pl.col("outer").alias("cluster"),
        pl.format("internal cluster {}", "cluster").alias("feature"),
        (stores / stores.sum().over("category", "outer")).alias("mean"), overall.alias("overall"),
    )  # fmt: skip


def _rows(table: pl.DataFrame, category: str, track: str) -> pl.DataFrame:
    return table.select(
        pl.lit(category).alias("category"), pl.lit(track).alias("track"), "cluster", "feature",
        pl.col("mean").cast(pl.Float64), pl.col("overall").cast(pl.Float64),
    )  # fmt: skip
