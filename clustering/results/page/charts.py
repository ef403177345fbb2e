"""The charts of the page, as Vega-Lite specifications without data: the page and the figures fill
in the same rows.

Plain dictionaries, as https://vega.github.io/vega-lite/docs has them. `data` names the rows a chart
draws (see page.rows).
"""

from __future__ import annotations

from typing import Any

# Okabe and Ito's colours, told apart by colour-blind readers, too; black is left to text
PALETTE = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999"]
WIDTH = 380
Spec = dict[str, Any]


def specifications() -> dict[str, Spec]:
    """Every chart by its name."""
    charts = {
        "sizes": sizes(),
        "stores": store_map(),
        "mix": mix(),
        "effects": effects(),
        "silhouettes": silhouettes(),
        "criteria": criteria(),
        "places": places(),
        "flow": flow(
            "merged",
            "final",
            "joined",
            "Merge: internal x external clusters to final clusters",
            "Lines: stores of each pair of internal and external cluster in its final cluster",
        ),
        "moves": flow(
            "before",
            "after",
            "moved",
            "Stores by cluster, before and after",
            "Lines: stores that flow from each cluster of the baseline to their cluster now",
        ),
    }
    schema = "https://vega.github.io/schema/vega-lite/v6.4.1.json"
    return {
        name: {"$schema": schema, "data": {"name": name}} | chart for name, chart in charts.items()
    }


def _amount(field: str, **details: Any) -> Spec:
    return {"field": field, "type": "quantitative", **details}


def _name(field: str, **details: Any) -> Spec:
    return {"field": field, "type": "nominal", **details}


def _cluster(**details: Any) -> Spec:
    """The colour of a cluster."""
    return _name("cluster", scale={"range": PALETTE}, **details)


def sizes() -> Spec:
    """Stores in each cluster, outliers apart."""
    return {
        "title": "Stores per cluster",
        "description": "Bars: the number of stores in each cluster",
        "mark": "bar",
        "encoding": {
            "x": _amount("stores", title="stores"),
            "y": _name("label", title=None, sort={"field": "cluster"}, axis={"labelLimit": 220}),
            "color": _cluster(legend=None),
            "tooltip": [
                _name("label"),
                _amount("stores"),
                _amount("sales_per_store", format=",.0f"),
                _name("trust"),
            ],
        },
        "width": WIDTH,
        "height": {"step": 26},
    }


def store_map() -> Spec:
    """Stores on the first two principal components."""
    bare = {"labels": False, "ticks": False}
    return {
        "title": "Stores by likeness (first two principal components)",
        "description": "Points: every store, coloured by its cluster",
        "transform": [{"filter": "isValid(datum.x)"}],
        "params": [
            {
                "name": "zoom",
                "select": {"type": "interval", "encodings": ["x", "y"]},
                "bind": "scales",
            }
        ],
        "mark": {"type": "point", "filled": True, "size": 45, "opacity": 0.75},
        "encoding": {
            "x": _amount("x", title=None, axis=bare),
            "y": _amount("y", title=None, axis=bare),
            "color": _cluster(title="cluster"),
            "shape": _name(
                "outlier",
                title="outlier",
                scale={"domain": ["no", "yes"], "range": ["circle", "cross"]},
            ),
            "tooltip": [
                _name("store"),
                _name("cluster"),
                _amount("probability", format=".0%"),
                _name("next"),
                _name("role"),
            ],
        },
        "width": WIDTH,
        "height": 300,
    }


def mix() -> Spec:
    """Index of each need state in each cluster, 100 as in all stores."""
    return _heat("index", "What sets clusters apart (index, 100 = all stores)", [0, 200], 100)


def effects() -> Spec:
    """Effect size of each attribute in each cluster, 0 as in the other stores; attributes below
    zero have no index.
    """
    return _heat("effect", "What sets clusters apart (effect size, 0 = as the others)", [-3, 3], 0)


def _heat(value: str, title: str, domain: list[float], middle: float) -> Spec:
    colours = {
        "scheme": "blueorange",
        "domain": domain,
        "domainMid": middle,
        "clamp": True,
        "reverse": True,
    }
    return {
        "title": title,
        "description": f"Heat map: {value} of features by cluster",
        "mark": "rect",
        "encoding": {
            "x": _name("cluster", title="cluster", axis={"labelAngle": 0}),
            "y": _name("feature", title=None, sort={"field": "place"}, axis={"labelLimit": 220}),
            "color": _amount(value, title=value, scale=colours),
            "tooltip": [
                _name("feature"),
                _name("cluster"),
                _amount("index", format=".0f"),
                _amount("mean", format=".3~g"),
                _amount("overall", format=".3~g"),
                _amount("effect", format=".2f"),
            ],
        },
        "width": WIDTH,
        "height": {"step": 16},
    }


def silhouettes() -> Spec:
    """The silhouette of every store, by cluster."""
    falling = [{"field": "cluster"}, {"field": "silhouette", "order": "descending"}]
    return {
        "title": "Silhouettes (above 0: nearer to its own cluster)",
        "description": "Bars: the silhouette of each store, sorted by cluster",
        "data": {"name": "stores"},
        "transform": [
            {"filter": "isValid(datum.silhouette)"},
            {"window": [{"op": "row_number", "as": "place"}], "sort": falling},
        ],
        "mark": {"type": "bar", "size": 2},
        "encoding": {
            "x": _amount("place", title=None, axis=None),
            "y": _amount("silhouette", title="silhouette", stack=None),
            "color": _cluster(title="cluster"),
            "order": _amount("place"),
            "tooltip": [_name("store"), _name("cluster"), _amount("silhouette", format=".2f")],
        },
        "width": WIDTH,
        "height": 180,
    }


def criteria() -> Spec:
    """Every criterion against k, the chosen k marked."""
    line = {
        "mark": {"type": "line", "point": True, "color": PALETTE[0]},
        "encoding": {
            "x": {"field": "k", "type": "ordinal", "title": "k", "axis": {"labelAngle": 0}},
            "y": _amount("value", title=None, scale={"zero": False}),
            "tooltip": [_amount("k"), _amount("value", format=".4~g")],
        },
    }
    chosen = {
        "mark": {"type": "rule", "strokeDash": [4, 3], "color": PALETTE[5]},
        "encoding": {"x": {"field": "chosen_k", "type": "ordinal", "title": "k"}},
    }
    return {
        "title": "Criteria against k (dashed: the chosen k)",
        "description": "Lines: each criterion against k",
        "facet": _name("criterion", title=None, sort={"field": "place"}),
        "columns": 2,
        "resolve": {"scale": {"y": "independent"}},
        "spec": {"layer": [line, chosen], "width": 180, "height": 90},
    }


def places() -> Spec:
    """Stores where they are, where the attributes hold latitude and longitude: looked up in the
    rows `places`.
    """
    position = {"data": {"name": "places"}, "key": "store", "fields": ["longitude", "latitude"]}
    return {
        "title": "Where the stores are",
        "description": "Points: stores by longitude and latitude, coloured by cluster",
        "data": {"name": "stores"},
        "transform": [
            {"lookup": "store", "from": position},
            {"filter": "isValid(datum.longitude)"},
        ],
        "mark": {"type": "point", "filled": True, "size": 45, "opacity": 0.8},
        "encoding": {
            "x": _amount("longitude", scale={"zero": False}),
            "y": _amount("latitude", scale={"zero": False}),
            "color": _cluster(title="cluster"),
            "tooltip": [_name("store"), _name("cluster")],
        },
        "width": WIDTH,
        "height": 300,
    }


def flow(left: str, right: str, moved: str, title: str, description: str) -> Spec:
    """Clusters on the left, clusters on the right, and the stores that go from one to the other."""
    sides = _name("side", title=None, sort=[left, right], axis={"labelAngle": 0, "orient": "top"})
    lines = {
        "mark": {"type": "line", "opacity": 0.55},
        "encoding": {
            "x": sides,
            "y": _amount("y", axis=None, scale={"padding": 8}),
            "detail": _name("pair"),
            "strokeWidth": _amount("stores", scale={"range": [1, 14], "domainMin": 0}, legend=None),
            "color": _name(
                "moved",
                title=moved,
                scale={"domain": ["no", "yes"], "range": [PALETTE[0], PALETTE[5]]},
            ),
            "tooltip": [_name(left), _name(right), _amount("stores")],
        },
    }
    names = [
        {
            "transform": [{"filter": f"datum.side == '{side}'"}],
            "mark": {"type": "text", "align": align, "dx": dx},
            "encoding": {"x": sides, "y": _amount("y"), "text": _name(side)},
        }
        for side, align, dx in ((left, "right", -6), (right, "left", 6))
    ]
    return {
        "title": title,
        "description": description,
        "layer": [lines, *names],
        "width": WIDTH,
        "height": 320,
    }
