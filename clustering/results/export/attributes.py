"""Sales by product attribute: one more pass over the sales."""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from clustering.config import Config, Preprocess, Source
from clustering.errors import ClusteringError, DataError
from clustering.io.sources import OpenSource, open_source
from clustering.io.sources.columns import PRODUCT_ATTRIBUTES
from clustering.registry import PREPROCESS
from clustering.results.prediction.saved_run import SavedRun
from clustering.store.catalog import Catalog
from clustering.store.manifest import Manifest

NONE = "(none)"
SEPARATOR = "\x1f"  # of levels in the name of a combination; text files have no use for it


def attribute_values(config: Config, catalog: Catalog) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield each product attribute of the need-state map with values like schemas.Values: category,
    store_nbr, feature, value.

    The pass is the one of preprocess, on the same files and under the settings of the run, so the
    same rows are left out and the sums agree to the cent. Raises ClusteringError where the files
    are not those of the run, or gone.
    """
    from clustering.methods.aggregation.category_groups import groups_of_categories
    from clustering.stages.preprocess_internal import preprocess_internal

    stage = PREPROCESS["internal"]
    if (manifest := catalog.manifest(stage)) is None:
        raise DataError(f"{catalog.name} holds no {stage.key}; run first: clustering run")
    try:
        source = _as_read(config.source, manifest)
    except ClusteringError:  # the settings of today name other files than those of the run
        source = _as_read(SavedRun(catalog).sales_and_map(config.source), manifest)
    need_states = source.need_states()
    present = [name for name in PRODUCT_ATTRIBUTES if name in need_states.columns]
    if not present:
        return
    combined = need_states.with_columns(
        need_state=pl.when(pl.col("need_state").is_not_null()).then(
            pl.concat_str(
                [pl.col(name).cast(pl.String).fill_null(NONE) for name in present],
                separator=SEPARATOR,
            )
        )
    ).unique(["sku_nbr", "need_state"], keep="first", maintain_order=True)
    # one combination per SKU: the first, whatever need states it is split over
    combined = combined.filter(
        pl.col("need_state").is_null() | pl.struct("sku_nbr").is_first_distinct()
    )
    settings = Preprocess(**manifest.config["preprocess"])
    settings.max_quarantined_share = 1.0  # judged by the run
    groups, settings.group_categories = settings.group_categories, {}
    values = preprocess_internal(source.sales(), combined, settings, manifest.seed)["values"]
    group_of = groups_of_categories(groups, values["category"].unique().to_list())
    values = values.with_columns(pl.col("category").replace(group_of))
    if manifest.config.get("within", {}).get("run"):
        values = _divided_like(values, catalog.read(stage, "stores"))
    for place, name in enumerate(present):
        level = pl.col("feature").str.split(SEPARATOR).list.get(place)
        summed = values.group_by("category", "store_nbr", level.alias("feature")).agg(
            pl.col("value").sum()
        )
        yield name, summed.sort("category", "store_nbr", "feature")


def _as_read(where: Source, manifest: Manifest) -> OpenSource:
    """The sales and the need-state map, if they are what the run read; else ClusteringError."""
    source = open_source(where)
    for name in PREPROCESS["internal"].inputs:
        known = manifest.inputs.get(name, [])
        found = source.states(name, known)
        if [state.sha256 for state in found] != [state.sha256 for state in known]:
            raise ClusteringError(f"source.{name} is not what the run read; run again first")
    return source


def _divided_like(values: pl.DataFrame, stores: pl.DataFrame) -> pl.DataFrame:
    """The values under the categories that a nested run has for their stores."""
    names = stores.select(
        "store_nbr", "category", whole=pl.col("category").str.replace(r" / [^/]*$", "")
    )
    return values.rename({"category": "whole"}).join(names, on=["whole", "store_nbr"]).drop("whole")
