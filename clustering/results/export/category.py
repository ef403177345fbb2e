"""The sheets of a category's workbook, and of the list of all categories."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import polars as pl

from clustering.results.export.colours import colour_of
from clustering.results.export.tables import FINAL, Results
from clustering.results.export.workbook import INDEX, MONEY, NUMBER, POINTS, SHARE, Chart, Sheet
from clustering.results.page.content.content import Content
from clustering.results.page.content.words import (
    Part,
    came_out,
    how_sure,
    lede,
    sureness,
    to_do,
    trait_in_words,
    what_to_do,
)

_PARTS = re.compile(r"\d+|\D+")  # of a code such as A10, which comes after A2
MOST_BUDGETS = 20  # numbers of plans that the workbook lists
TITLES = {"need_state": "Need states", "cdt": "CDT"}
# the list of stores: what each column is called
STORE_COLUMNS = {
    "store_nbr": "Store",
    "final_cluster": "Cluster",
    "final_name": "Cluster name",
    "plan": "Plan",  # where clusters are divided by size
    "sales": "Sales",
    "probability": "Probability of the mix",
    "internal_cluster": "Internal cluster",
    "next_cluster": "Next internal cluster",
    "external_cluster": "Surroundings",
    "external_name": "Surroundings name",
    "assigned_by": "Placed by",
    "reassigned": "Joined a neighbour",
    "is_outlier": "Unusual",
}
# what a category of attributes alone has not
OF_SALES = ("Sales", "Share", "Probability of the mix", "Internal cluster", "Next internal cluster")
SHEETS_OF_SALES = (
    ("Index", "100 = the same share as in all stores"),
    ("Sheets of sales", "their totals are those of the input that was used"),
)


def category_cover(content: Content, place: int, facts: Part) -> list[tuple[str, Any]]:
    """The title sheet of one category: the answer first, the run last."""
    category = content.main["categories"][place]
    answers = (
        ("What came out", came_out(category)),
        ("How sure", how_sure(category)),
        ("What to do", what_to_do(category)),
    )
    return [
        (category["label"], ""),
        *((title, f"{heading}. {sentence}".strip()) for title, (heading, sentence) in answers),
        *([("Sales", category["sales"])] if category["sales"] else []),
        ("Stores", category["stores"]),
        *_period(content),
        *([("Not carried", category["gaps"])] if category["gaps"] else []),
        ("", ""),
        ("Category", category["key"]),
        *facts.items(),
        *(SHEETS_OF_SALES if category["sales"] else ()),
    ]


def _period(content: Content) -> list[tuple[str, Any]]:
    period = content.main["run"]["period"]
    return [("Period", period)] if period else []


def category_sheets(
    results: Results, sales: dict[tuple[str, str], pl.DataFrame], content: Content, place: int
) -> Iterator[Sheet]:
    """Final clusters, what sells in them, the stores, then sales by cluster and level of each
    dimension; `sales` by dimension and kind of cluster.
    """
    category, profile = content.main["categories"][place], content.blocks["profiles"][place]
    key, label = category["key"], category["label"]
    yield _clusters(content, place)
    if category["sales"]:
        yield _differences(category, profile)
    stores = results.stores.filter(category=key).sort(
        "sales", "store_nbr", descending=[True, False]
    )
    yield Sheet(
        "Stores",
        f"{label}: stores",
        _without_sales(_named(stores), category),
        {"Probability of the mix": SHARE, "Sales": MONEY},
        ("Sales",) if category["sales"] else (),
    )
    if (gaps := _not_carried(results, key, label)).frame.height:
        yield gaps
    for (dimension, by), table in sales.items():
        title = TITLES.get(dimension, dimension.replace("_", " ").capitalize())
        wide = _wide(table.filter(category=key), title)
        if dimension == "need_state":
            names = {raw: content.labels.of("need_state", raw) for raw in wide[title]}
            wide = wide.with_columns(pl.col(title).replace(names))
        kinds = {
            name: MONEY if name.endswith("sales") else SHARE if name.endswith("share") else INDEX
            for name in wide.columns[1:]
        }
        yield Sheet(
            f"{title}, final" if by == FINAL else title,
            f"{label}: sales by {title} and {by} cluster",
            wide,
            kinds,
            tuple(name for name, kind in kinds.items() if kind == MONEY),
        )
    yield _internal(results, key, label)


def _named(stores: pl.DataFrame) -> pl.DataFrame:
    known = {name: title for name, title in STORE_COLUMNS.items() if name in stores.columns}
    return stores.select(list(known)).rename(known)


def _not_carried(results: Results, category: str, label: str) -> Sheet:
    """The need states that stores sell none of, those that would sell most first."""
    names = {"store_nbr": "Store", "feature": "Need state", "share": "Expected share"}
    names |= {"sales": "Expected sales"}
    gaps = results.of_clusters["not_carried"].filter(category=category).select(list(names))
    return Sheet(
        "Not carried",
        f"{label}: need states that a store sells none of, which chance does not explain",
        gaps.sort("sales", "store_nbr", "feature", descending=[True, False, False]).rename(names),
        {"Expected share": SHARE, "Expected sales": MONEY},
        ("Expected sales",),
    )


def _clusters(content: Content, place: int) -> Sheet:
    """Final clusters with a native chart of their sales."""
    category, profile = content.main["categories"][place], content.blocks["profiles"][place]
    attributes, whole = content.blocks["stores"]["attributes"], category["sales"] or 1
    numbers = content.main["stores"]["number"]
    rows = [
        {
            "Cluster": cluster["code"],
            "Name": cluster["name"],
            "Stores": cluster["stores"],
            "Sales": cluster["sales"],
            "Share": cluster["sales"] / whole,
            "Who shops there": _traits(profile["traits"][at], attributes),
            "Typical stores": ", ".join(numbers[store] for store in profile["typical"][at]),
        }
        for at, cluster in enumerate(category["clusters"])
    ]
    colours = tuple(colour_of(cluster) for cluster in category["clusters"])
    return Sheet(
        "Clusters",
        f"{category['label']}: final clusters",
        _without_sales(pl.DataFrame(rows), category),
        {"Stores": NUMBER, "Sales": MONEY, "Share": SHARE},
        ("Stores", "Sales") if category["sales"] else ("Stores",),
        chart=(
            Chart("Share of sales by final cluster", ("Share",), colours)
            if category["sales"]
            else Chart("Stores by final cluster", ("Stores",), colours)
        ),
    )


def _without_sales(table: pl.DataFrame, category: Part) -> pl.DataFrame:
    """The table as it is, without what only sales tell where there are none."""
    return table if category["sales"] else table.drop(OF_SALES, strict=False)


def _traits(traits: list[Part], attributes: list[Part]) -> str:
    return "; ".join(trait_in_words(trait, attributes[trait["attribute"]]) for trait in traits)


def _differences(category: Part, profile: Part) -> Sheet:
    """Points of sales share of every cluster against all stores, with a native chart."""
    codes = [cluster["code"] for cluster in category["clusters"]]
    overall = profile["overall"]
    columns = {
        "Need state": [label for _, label in profile["features"]],
        "All stores": overall,
        **{
            code: [100 * (share - all_share) for share, all_share in zip(own, overall, strict=True)]
            for code, own in zip(codes, profile["mean"], strict=True)
        },
    }
    colours = tuple(colour_of(cluster) for cluster in category["clusters"])
    schema = {"Need state": pl.String} | dict.fromkeys(["All stores", *codes], pl.Float64)
    return Sheet(
        "What sells",
        f"{category['label']}: points of sales share against all stores",
        pl.DataFrame(columns, schema=schema),
        {"All stores": SHARE} | dict.fromkeys(codes, POINTS),
        chart=Chart("Points of sales share against all stores", tuple(codes), colours, bars=True),
    )


def _internal(results: Results, category: str, label: str) -> Sheet:
    """The internal clusters with the rules that find their stores: evidence, so it comes late."""
    of = results.of_clusters
    clusters = of["clusters"].filter(category=category)
    rules = of["descriptions"].filter(category=category).drop("category")
    columns = ("cluster", "name", "stores", "share_of_stores", "sales", "sales_per_store")
    frame = clusters.select(*columns, "outliers", "trust").join(rules, on="cluster", how="left")
    kinds = {"stores": NUMBER, "share_of_stores": SHARE, "sales": MONEY, "sales_per_store": MONEY}
    names = {name: name.replace("_", " ").capitalize() for name in frame.columns}
    return Sheet(
        "Internal clusters",
        f"{label}: internal clusters, and rules that find their stores",
        frame.sort("cluster").rename(names),
        {names[name]: kind for name, kind in kinds.items()}
        | {"Coverage": SHARE, "Precision": SHARE},
        ("Stores", "Sales"),
    )


def _wide(table: pl.DataFrame, title: str) -> pl.DataFrame:
    """Levels down, clusters across: sales, share and index of each."""
    clusters = table["cluster"].unique().to_list()
    clusters.sort(
        key=lambda name: [int(part) if part.isdecimal() else part for part in _PARTS.findall(name)]
    )
    overall = table.group_by(pl.col("level").alias(title)).agg(
        pl.col("sales").sum().alias("all sales"), pl.col("overall_share").first().alias("all share")
    )
    for name in clusters:
        own = table.filter(cluster=name).select(
            pl.col("level").alias(title),
            pl.col("sales").alias(f"{name} sales"),
            pl.col("share").alias(f"{name} share"),
            pl.col("index").alias(f"{name} index"),
        )
        overall = overall.join(own, on=title, how="left")
    filled = [pl.col(column).fill_null(0.0) for column in overall.columns[1:]]
    return overall.with_columns(filled).sort("all sales", title, descending=[True, False])


def overview_cover(content: Content, facts: Part) -> list[tuple[str, Any]]:
    """The title sheet of the list: the answer in two sentences."""
    main = content.main
    return [
        ("Which stores belong together?", ""),
        ("In short", lede(main)),
        ("Stores", len(main["stores"]["number"])),
        ("Categories", len(main["categories"])),
        *([("Sales", main["run"]["sales"])] if main["run"]["sales"] else []),
        *_period(content),
        ("", ""),
        *facts.items(),
    ]


def overview(content: Content, files: dict[str, str]) -> Sheet:
    """All categories by sales, with a link to their workbooks."""
    listed = content.main["categories"]
    rows = [
        {
            "Category": category["label"],
            "Sales": category["sales"],
            "Stores": category["stores"],
            "Mixes": len(category["mixes"]),
            "Final clusters": len(category["clusters"]),
            "Captured": category["captured"],
            "How sure": sureness(category["plan"]),
            "What to do": to_do(category["plan"]),
            "Because": category["plan"]["because"],
        }
        for category in listed
    ]
    return Sheet(
        "Categories",
        "Categories by sales (click for the workbook)",
        pl.DataFrame(rows),
        {"Stores": NUMBER, "Sales": MONEY, "Captured": SHARE},
        ("Sales",),
        tuple(files[category["key"]] for category in listed),
    )


def worth(table: pl.DataFrame, content: Content) -> Sheet:
    """What the clusters of each category are worth on unseen sales, the most first; `table` is
    schemas.Worth.
    """
    names = {
        "category": "Category",
        "plans": "Plans",
        "gain": "Gain over one plan",
        "standard_error": "Error",
        "random": "Random clusters",
        "own": "A plan per store",
        "gain_in_sales": "Gain in sales",
    }
    whole = table.filter(pl.col("final_cluster").is_null())
    labels = {category["key"]: category["label"] for category in content.main["categories"]}
    rows = (
        whole.filter(pl.col("category").is_in(list(labels)))
        .sort("gain_in_sales", "category", descending=[True, False])
        .select(list(names))
        .with_columns(pl.col("category").replace(labels))
    )
    shares = dict.fromkeys(list(names.values())[2:6], SHARE)
    return Sheet(
        "Worth",
        "Worth: how much more of the demand a plan per cluster meets, measured on unseen sales",
        rows.rename(names),
        {"Plans": NUMBER, **shares, "Gain in sales": MONEY},
        ("Plans", "Gain in sales"),
    )


def budget(curve: pl.DataFrame, content: Content) -> Sheet:
    """What the best use of some numbers of plans is worth; `curve` is that of results.budget."""
    steps = max(len(curve) // MOST_BUDGETS, 1)
    rows = curve.with_row_index().filter(
        (pl.col("index") % steps == 0) | (pl.col("index") == pl.len() - 1)
    )
    worth = f"Worth ({content.main['run']['currency']})"
    return Sheet(
        "Number of plans",
        "Number of plans in all categories, best shared out, and what they are worth: no forecast",
        rows.select(Plans="plans", worth="worth").rename({"worth": worth}),
        {"Plans": NUMBER, worth: MONEY},
        chart=Chart("Worth by number of plans", (worth,), ("0B57A4",) * rows.height),
    )


def all_clusters(content: Content) -> Sheet:
    """The final clusters of all categories in one list."""
    rows = [
        {
            "Category": category["label"],
            "Cluster": cluster["code"],
            "Name": cluster["name"],
            "Stores": cluster["stores"],
            "Sales": cluster["sales"],
            "Share of category sales": cluster["sales"] / (category["sales"] or 1),
        }
        for category in content.main["categories"]
        for cluster in category["clusters"]
    ]
    kinds = {"Stores": NUMBER, "Sales": MONEY, "Share of category sales": SHARE}
    return Sheet("Final clusters", "Final clusters", pl.DataFrame(rows), kinds, ("Sales",))
