"""The charts of the page, as Vega-Lite specifications without data: the page and the figures fill in the same rows."""

from __future__ import annotations

from typing import Any

import altair as alt

# Okabe and Ito's colours, told apart by colour-blind readers, too; black is left to text
PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999"]
WIDTH = 380
Spec = dict[str, Any]


def specifications() -> dict[str, Spec]:
    """Every chart by its name; the rows it needs are those of gather.chart_rows by the same name."""
    charts = {
        "sizes": sizes(), "stores": store_map(), "mix": mix(), "effects": effects(), "silhouettes": silhouettes(),
        "criteria": criteria(), "places": places(),
        "flow": flow("merged", "final", "reassigned", "Merge: internal x external clusters to final clusters",
                     "Lines: stores that flow from each merged cluster to its final cluster"),
        "moves": flow("before", "after", "moved", "Stores by cluster, before and after",
                      "Lines: stores that flow from each cluster of the baseline to their cluster now"),
    }  # fmt: skip
    return {name: _plain(chart) for name, chart in charts.items()}


def _plain(chart: Any) -> Spec:
    spec: Spec = chart.to_dict(validate=False)
    _drop_data(spec)
    spec.pop("datasets", None)
    spec.pop("config", None)
    return spec | {"data": {"name": "rows"}}


def _drop_data(spec: Spec) -> None:
    """Leave data to the top: a layer of a facet with data of its own would show all rows in every cell."""
    spec.pop("data", None)
    for inner in [*spec.get("layer", []), *([spec["spec"]] if "spec" in spec else [])]:
        _drop_data(inner)


def _base(title: str, description: str) -> Any:
    return alt.Chart(alt.NamedData("rows"), title=title, description=description)


def _cluster(title: str = "cluster") -> Any:
    return alt.Color("cluster:N", title=title, scale=alt.Scale(range=PALETTE), sort=alt.SortField("order"))


def sizes() -> Any:
    """Stores in each cluster, outliers apart."""
    return (
        _base("Stores per cluster", "Bars: the number of stores in each cluster")
        .mark_bar()
        .encode(
            x=alt.X("stores:Q", title="stores"),
            y=alt.Y("label:N", title=None, sort=alt.SortField("order"), axis=alt.Axis(labelLimit=220)),
            color=alt.Color("cluster:N", scale=alt.Scale(range=PALETTE), legend=None, sort=alt.SortField("order")),
            tooltip=["label:N", "stores:Q", alt.Tooltip("sales_per_store:Q", format=",.0f"), "trust:N"],
        )
        .properties(width=WIDTH, height=alt.Step(26))
    )


def store_map() -> Any:
    """Stores on the first two principal components."""
    return (
        _base("Stores by likeness (first two principal components)", "Points: every store, coloured by its cluster")
        .mark_point(filled=True, size=45, opacity=0.75)
        .encode(
            x=alt.X("x:Q", title=None, axis=alt.Axis(labels=False, ticks=False)),
            y=alt.Y("y:Q", title=None, axis=alt.Axis(labels=False, ticks=False)),
            color=_cluster(),
            shape=alt.Shape("outlier:N", title="outlier", scale=alt.Scale(domain=["no", "yes"], range=["circle", "cross"])),
            tooltip=["store:N", "cluster:N", alt.Tooltip("probability:Q", format=".0%"), "next:N", "role:N"],
        )
        .properties(width=WIDTH, height=300)
        .interactive()
    )


def mix() -> Any:
    """Index of each need state in each cluster, 100 as in all stores."""
    return _heat("index", "What sets clusters apart (index, 100 = all stores)", [0, 200], 100)


def effects() -> Any:
    """Effect size of each attribute in each cluster, 0 as in the other stores; attributes below zero have no index."""
    return _heat("effect", "What sets clusters apart (effect size, 0 = as the others)", [-3, 3], 0)


def _heat(value: str, title: str, domain: list[float], middle: float) -> Any:
    return (
        _base(title, f"Heat map: {value} of features by cluster")
        .mark_rect()
        .encode(
            x=alt.X("cluster:N", title="cluster", sort=alt.SortField("order"), axis=alt.Axis(labelAngle=0)),
            y=alt.Y("feature:N", title=None, sort=alt.SortField("place"), axis=alt.Axis(labelLimit=220)),
            color=alt.Color(f"{value}:Q", title=value, scale=alt.Scale(scheme="blueorange", domain=domain, domainMid=middle,
                                                                       clamp=True, reverse=True)),
            tooltip=["feature:N", "cluster:N", alt.Tooltip("index:Q", format=".0f"), alt.Tooltip("mean:Q", format=".3~g"),
                     alt.Tooltip("overall:Q", format=".3~g"), alt.Tooltip("effect:Q", format=".2f")],
        )
        .properties(width=WIDTH, height=alt.Step(16))
    )  # fmt: skip


def silhouettes() -> Any:
    """The silhouette of every store, by cluster."""
    return (
        _base("Silhouettes (above 0: nearer to its own cluster)", "Bars: the silhouette of each store, sorted by cluster")
        .mark_bar(size=2)
        .encode(
            x=alt.X("place:Q", title=None, axis=None),
            y=alt.Y("silhouette:Q", title="silhouette"),
            color=_cluster(),
            tooltip=["store:N", "cluster:N", alt.Tooltip("silhouette:Q", format=".2f")],
        )
        .properties(width=WIDTH, height=180)
    )


def criteria() -> Any:
    """Every criterion against k, the chosen k marked."""
    base = _base("", "")
    line = base.mark_line(point=True, color=PALETTE[0]).encode(
        x=alt.X("k:O", title="k", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("value:Q", title=None, scale=alt.Scale(zero=False)),
        tooltip=["k:Q", alt.Tooltip("value:Q", format=".4~g")],
    )
    chosen = base.mark_rule(strokeDash=[4, 3], color=PALETTE[5]).encode(x=alt.X("chosen_k:O", title="k"))
    return (
        alt.layer(line, chosen, data=alt.NamedData("rows"))
        .properties(width=180, height=90)
        .facet(facet=alt.Facet("criterion:N", title=None, sort=alt.SortField("place")), columns=2)
        .resolve_scale(y="independent")
        .properties(title="Criteria against k (dashed: the chosen k)", description="Lines: each criterion against k")
    )


def places() -> Any:
    """Stores where they are, where the attributes hold latitude and longitude."""
    return (
        _base("Where the stores are", "Points: stores by longitude and latitude, coloured by cluster")
        .mark_point(filled=True, size=45, opacity=0.8)
        .encode(
            x=alt.X("longitude:Q", scale=alt.Scale(zero=False)),
            y=alt.Y("latitude:Q", scale=alt.Scale(zero=False)),
            color=_cluster(),
            tooltip=["store:N", "cluster:N"],
        )
        .properties(width=WIDTH, height=300)
    )


def flow(left: str, right: str, moved: str, title: str, description: str) -> Any:
    """Clusters on the left, clusters on the right, and the stores that go from one to the other."""
    base = _base("", "")
    sides = alt.X("side:N", title=None, sort=[left, right], axis=alt.Axis(labelAngle=0, orient="top"))
    lines = base.mark_line(opacity=0.55).encode(
        x=sides,
        y=alt.Y("y:Q", axis=None, scale=alt.Scale(padding=8)),
        detail="pair:N",
        strokeWidth=alt.StrokeWidth("stores:Q", scale=alt.Scale(range=[1, 14], domainMin=0), legend=None),
        color=alt.Color("moved:N", title=moved, scale=alt.Scale(domain=["no", "yes"], range=[PALETTE[0], PALETTE[5]])),
        tooltip=[f"{left}:N", f"{right}:N", "stores:Q"],
    )
    names = [
        base.transform_filter(f"datum.side == '{side}'")
        .mark_text(align=align, dx=dx)
        .encode(x=sides, y="y:Q", text=f"{side}:N")
        for side, align, dx in ((left, "right", -6), (right, "left", 6))
    ]
    return alt.layer(lines, *names, data=alt.NamedData("rows")).properties(
        width=WIDTH, height=320, title=title, description=description
    )
