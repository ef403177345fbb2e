"""Final clusters divided by the size of their stores: small, medium and large."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from clustering.arrays import Matrix
from clustering.config import Merge
from clustering.errors import ConfigError, did_you_mean
from clustering.methods.merging.category import MergedCategory
from clustering.schemas import SpaceBreaks

NAMES = {2: "SL", 3: "SML"}  # more classes are numbered


def space_breaks(
    assignments: pl.DataFrame,
    categories: list[MergedCategory],
    settings: Mapping[str, Merge],
    attributes: pl.DataFrame | None,
) -> pl.DataFrame:
    """Give schemas.SpaceBreaks of the categories whose merge.space_by names an attribute.

    `assignments` are final; `settings` by category; `attributes` (schemas.Values) are those of the
    external track. Breaks are those of merge.space_breaks, or quantiles over the stores of the
    category. Within a final cluster, a class below the floor joins the smaller one beside it. A
    store whose size is not known is in the largest class. Raises ConfigError for an attribute that
    is not there, or holds no numbers.
    """
    parts: list[pl.DataFrame] = [SpaceBreaks.create_empty()]
    for one in categories:
        if not (name := settings[one.category].space_by):
            continue
        sizes = _sizes(attributes, name)
        stores = assignments.filter(pl.col("category") == one.category).join(
            sizes, on="store_nbr", how="left", maintain_order="left"
        )
        parts.append(_divided(stores, settings[one.category], one.floor))
    return pl.concat(parts).sort("category", "store_nbr")


def _sizes(attributes: pl.DataFrame | None, name: str) -> pl.DataFrame:
    known = pl.DataFrame(schema={"store_nbr": pl.String, "feature": pl.String, "value": pl.Float64})
    if attributes is not None:
        known = attributes.select("store_nbr", "feature", "value").drop_nulls("value")
    sizes = known.filter(pl.col("feature") == name)
    if sizes.is_empty():
        names = known["feature"].unique().sort().to_list()
        raise ConfigError(
            f"merge.space_by={name}: no numeric attribute of that name{did_you_mean(name, names)}"
        )
    return sizes.select("store_nbr", size="value")


def _divided(stores: pl.DataFrame, merge: Merge, floor: int) -> pl.DataFrame:
    size = stores["size"].to_numpy().astype(np.float64)
    breaks = np.array(sorted(merge.space_breaks), dtype=np.float64)
    if not breaks.size and np.isfinite(size).any():
        shares = np.arange(1, merge.space_classes) / merge.space_classes
        breaks = np.unique(np.quantile(size[np.isfinite(size)], shares))
    found = np.where(np.isfinite(size), np.searchsorted(breaks, size, side="right"), -1)
    names = _names(len(breaks) + 1)
    codes = stores["final_cluster"].to_numpy().astype(str)
    space = np.full(len(codes), None, dtype=object)
    for code in np.unique(codes):
        own = codes == code
        space[own] = [names[place] for place in _above_floor(found[own], len(names), floor)]
    alone = pl.col("space").n_unique().over("final_cluster") == 1
    plan = pl.when(alone).then("final_cluster")
    return stores.select(
        "category",
        "store_nbr",
        "final_cluster",
        "size",
        pl.Series("space", space.tolist(), pl.String),
    ).with_columns(plan=plan.otherwise(pl.concat_str("final_cluster", "space", separator=" ")))


def _names(count: int) -> list[str]:
    return list(NAMES.get(count) or map(str, range(1, count + 1)))


def _above_floor(found: NDArray[np.int64], count: int, floor: int) -> Iterator[int]:
    """The class of each store of a final cluster once every class has `floor` stores; -1 in `found`
    is not known.
    """
    sizes: Matrix = np.bincount(found[found >= 0], minlength=count).astype(np.float64)
    place = np.arange(count)
    used = [one for one in range(count) if sizes[one] > 0] or [0]
    while len(used) > 1 and sizes[used].min() < floor:
        at = int(sizes[used].argmin())
        beside = [used[near] for near in (at - 1, at + 1) if 0 <= near < len(used)]
        to = min(beside, key=lambda one: (sizes[one], one))
        place[place == used[at]] = to
        sizes[to] += sizes[used.pop(at)]
    largest = max(used, key=lambda one: (sizes[one], -one))
    return (int(place[one]) if one >= 0 else largest for one in found)
