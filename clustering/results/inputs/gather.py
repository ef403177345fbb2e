"""The inputs as a run would read them: files, columns, stores in common, periods, money, doubts."""

from __future__ import annotations

from typing import Any

import polars as pl

from clustering.errors import DataError
from clustering.methods.explanation.labels import label_table
from clustering.methods.plausibility.findings import COLUMNS, listed, warning
from clustering.pipeline.one_track import absent_tracks
from clustering.pipeline.runner import Pipeline
from clustering.pipeline.stores_in_common import require_stores_in_common
from clustering.registry import PREPROCESS, Stage
from clustering.results.inputs.found import Inputs

CATEGORIES_OF_MAP = "categories of used sales rows"


def gather(pipeline: Pipeline) -> Inputs:
    """Read and sum all inputs as `preprocess` does, and write nothing."""
    found, tables = Inputs(), {}
    try:
        absent = absent_tracks(pipeline.configs, whole_run=True)
    except DataError as error:
        return Inputs(problems=[error.message, *error.details])
    found.absent = list(absent.values())
    for track in [track for track in pipeline.configs if track not in absent]:
        stage = PREPROCESS[track]
        for name in stage.inputs:
            _try(found, lambda name=name, stage=stage: _files(found, pipeline, stage, name))
        given = _try(found, lambda stage=stage: pipeline.preview(stage))
        if given:
            tables[track] = given[1]
            _add_tables(found, given[1])
            if "sales" in given[0]:
                found.periods = _periods(given[0]["sales"], given[1]["values"])
    found.labels = _labels(tables)
    _try(found, lambda: _like_stores(found, pipeline, tables))
    if "internal" in tables:
        found.categories = _categories(tables["internal"])
    if {"internal", "external"} <= tables.keys():
        stores = {track: table["stores"]["store_nbr"] for track, table in tables.items()}
        _try(found, lambda: require_stores_in_common(stores["internal"], stores["external"]))
        found.stores = _in_common(tables["internal"]["stores"], tables["external"])
    return found


def _labels(tables: dict[str, dict[str, pl.DataFrame]]) -> list[dict[str, str]]:
    """A proposed label for every category, need state and attribute."""
    names = {
        kind: tables[track]["values"][column].unique().to_list()
        for kind, track, column in (
            ("category", "internal", "category"),
            ("need_state", "internal", "feature"),
            ("attribute", "external", "feature"),
        )
        if track in tables
    }
    return label_table(names).to_dicts()


def _try(found: Inputs, work: Any) -> Any:
    """What `work` gives; a fault in the inputs is noted, so that all of them are told at once."""
    try:
        return work()
    except DataError as error:
        said = [error.message, *(f"  {line}" for line in error.details)]
        found.problems += [line for line in said if line not in found.problems]
        return None


def _files(found: Inputs, pipeline: Pipeline, stage: Stage, name: str) -> None:
    found.files[name] = pipeline.source(stage).files(name)


def _like_stores(
    found: Inputs, pipeline: Pipeline, tables: dict[str, dict[str, pl.DataFrame]]
) -> None:
    """Read the like stores, if there are any, and warn of those that no input knows."""
    track = next(iter(tables), None)
    if track is None or not (files := pipeline.source(PREPROCESS[track]).files("like_stores")):
        return
    found.files["like_stores"] = files
    given = pipeline.source(PREPROCESS[track]).like_stores()
    known = pl.concat([each["stores"]["store_nbr"] for each in tables.values()]).unique()
    for column in ("like_store_nbr", "store_nbr") if given is not None else ():
        named = given[column].unique().sort()  # type: ignore[index]
        unknown = named.filter(~named.is_in(known.implode())).to_list()
        if unknown:
            text = f"{column}: {listed(unknown)} in no other input"
            found.findings.append(
                dict(zip(COLUMNS, warning("like_stores", "unknown_store", text), strict=True))
            )


def _add_tables(found: Inputs, tables: dict[str, pl.DataFrame]) -> None:
    found.columns += tables["columns"].to_dicts()
    found.findings += tables["findings"].to_dicts()
    found.rows += tables["reconciliation"].filter(pl.col("input") != CATEGORIES_OF_MAP).to_dicts()


def _periods(sales: Any, values: pl.DataFrame) -> dict[str, Any]:
    """The first and the last period; empty where there are none, or an engine holds the rows."""
    if not isinstance(sales, pl.LazyFrame):
        return {}
    period = pl.col("period")
    ends = sales.select(
        period.min().alias("first"),
        period.max().alias("last"),
        period.drop_nulls().n_unique().alias("number"),
    )
    first, last, number = ends.collect(engine="streaming").row(0)
    if first is None:
        return {}
    sums = values.select(pl.col("half_a", "half_b").sum()).row(0)
    return {"first": first, "last": last, "number": number, "half_a": sums[0], "half_b": sums[1]}


def _categories(tables: dict[str, pl.DataFrame]) -> list[dict[str, Any]]:
    states = tables["values"].group_by("category").agg(pl.col("feature").n_unique().alias("states"))
    stores = (
        tables["stores"]
        .group_by("category")
        .agg(
            (pl.col("sales") > 0).sum().alias("stores"),
            (pl.col("history") == "enough").sum().alias("enough"),
            pl.col("sales").sum(),
        )
    )
    joined = stores.join(states, on="category", how="left")
    return joined.sort("sales", "category", descending=[True, False]).to_dicts()


def _in_common(stores: pl.DataFrame, external: dict[str, pl.DataFrame]) -> list[dict[str, Any]]:
    """How many stores have sales, attributes, or both, with examples of those that lack one."""
    sold = stores["store_nbr"].unique().sort()
    known = external["stores"].filter(pl.col("history") == "enough")["store_nbr"].unique().sort()
    parts = {
        "both": sold.filter(sold.is_in(known.implode())),
        "sales only": sold.filter(~sold.is_in(known.implode())),
        "attributes only": known.filter(~known.is_in(sold.implode())),
    }
    return [
        {"stores": name, "number": len(names), "examples": names.head(3).to_list()}
        for name, names in parts.items()
    ]
