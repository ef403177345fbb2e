"""Altair charts of a run, in the colours of the page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from clustering.errors import ConfigError, DataError, did_you_mean, missing_extra
from clustering.registry import BY_KEY, MERGE, TRACKS
from clustering.results.export.colours import INK, LESS, MIXES, MORE, RULE
from clustering.store.catalog import Catalog

if TYPE_CHECKING:
    from altair import Chart

MOST_FEATURES = 12  # of a chart of profiles: those that differ most


def plot(catalog: Catalog, category: str | None, kind: str) -> Chart:
    """The chart `kind` of a category; see api.Run.plot."""
    if kind not in CHARTS:
        raise ConfigError(
            f"kind={kind} is not one of {', '.join(CHARTS)}{did_you_mean(kind, CHARTS)}"
        )
    try:
        import altair as alt
    except ImportError as cause:
        raise missing_extra("charts", "notebook") from cause
    clusters = catalog.read(MERGE, "clusters")
    name = category or _largest(clusters)
    known = clusters["category"].unique().sort().to_list()
    if name not in known:
        raise ConfigError(f"the run has no category {name!r}{did_you_mean(name, known)}")
    ink = f"#{INK}"
    chart: Chart = (
        CHARTS[kind](alt, catalog, name)
        .properties(title=name)
        .configure(
            axis=alt.AxisConfig(labelColor=ink, titleColor=ink, gridColor=f"#{RULE}"),
            title=alt.TitleConfig(color=ink),
        )
    )
    return chart


def _largest(clusters: pl.DataFrame) -> str:
    by_sales = clusters.group_by("category").agg(pl.col("sales").sum())
    return str(by_sales.sort("sales", "category", descending=[True, False])["category"][0])


def _clusters(alt: Any, catalog: Catalog, category: str) -> Any:
    frame = catalog.read(MERGE, "clusters").filter(pl.col("category") == category)
    return (
        alt.Chart(_values(alt, frame, "final_cluster", "name", "mix", "stores"))
        .mark_bar()
        .encode(
            x=alt.X("stores:Q", title="stores"),
            y=alt.Y("final_cluster:N", title="final cluster"),
            color=_colour(alt, "mix"),
            tooltip=["final_cluster:N", "name:N", "stores:Q"],
        )
    )


def _profiles(alt: Any, catalog: Catalog, category: str) -> Any:
    frame = catalog.read(MERGE, "profiles").filter(
        pl.col("category") == category, pl.col("index").is_not_null()
    )
    of_mix = frame.filter(pl.col("kind") == "need_state")
    frame = frame if of_mix.is_empty() else of_mix  # attributes, where they are all there is
    differs = frame.group_by("feature").agg((pl.col("index") - 100).abs().max().alias("by"))
    most = differs.sort("by", "feature", descending=[True, False]).head(MOST_FEATURES)["feature"]
    frame = frame.filter(pl.col("feature").is_in(most.to_list()))
    colours = [f"#{LESS}", "#FFFFFF", f"#{MORE}"]
    scale = alt.Scale(domain=[0, 100, 200], range=colours, clamp=True, interpolate="rgb")
    return (
        alt.Chart(_values(alt, frame, "final_cluster", "feature", "index"))
        .mark_rect()
        .encode(
            x=alt.X("final_cluster:N", title="final cluster"),
            y=alt.Y("feature:N", title=None, sort=most.to_list()),
            color=alt.Color("index:Q", title="index", scale=scale),
            tooltip=["final_cluster:N", "feature:N", alt.Tooltip("index:Q", format=".0f")],
        )
    )


def _stores(alt: Any, catalog: Catalog, category: str) -> Any:
    track = next((one for one in TRACKS if catalog.manifest(BY_KEY[f"{one}/analyze"])), None)
    if track is None:
        raise DataError(f"{catalog.name} holds no analyzed track; run first: clustering run")
    places = catalog.read(BY_KEY[f"{track}/analyze"], "positions")
    final = catalog.read(MERGE, "assignments").filter(pl.col("category") == category)
    on = ["category", "store_nbr"] if track == "internal" else ["store_nbr"]
    frame = final.join(places, on=on).drop_nulls("x")
    frame = frame.with_columns(mix=pl.col("final_cluster").str.extract("^([A-Z]+)"))
    names = ("store_nbr", "final_cluster", "mix", "x", "y")
    return (
        alt.Chart(_values(alt, frame, *names))
        .mark_circle(size=60)
        .encode(
            x=alt.X("x:Q", title="first component"),
            y=alt.Y("y:Q", title="second component"),
            color=_colour(alt, "mix"),
            tooltip=["store_nbr:N", "final_cluster:N"],
        )
    )


def _colour(alt: Any, column: str) -> Any:
    return alt.Color(
        f"{column}:N", title="mix", scale=alt.Scale(range=[f"#{hue}" for hue in MIXES])
    )


def _values(alt: Any, frame: pl.DataFrame, *columns: str) -> Any:
    """The rows inside the chart, however many there are."""
    return alt.InlineData(values=frame.select(columns).to_dicts())


CHARTS = {"profiles": _profiles, "clusters": _clusters, "stores": _stores}
