"""The first screen: every category with its clusters, how sure it is, and what to do."""

from __future__ import annotations

import re

import polars as pl

from clustering.results.page.content.assortment import gaps_by_category
from clustering.results.page.content.run_tables import KEY, RunTables
from clustering.results.page.content.words import Part
from clustering.results.page.content.worth import groups, worth_by_category
from clustering.schemas import ALL


def summaries(run: RunTables, alike: dict[str, list[tuple[int, float]]]) -> list[Part]:
    """Category of types.ts, one for each of run.categories."""
    clusters = _by_category(run.merged["clusters"].sort("category", "final_cluster"))
    plans, whole, few = _first(run.merged["plans"]), _first(run.merged["summary"]), _few(run)
    carrying = set(run.merged["splits"].filter("carries", "in_label")["category"])
    unsold = dict(
        run.merged["assignments"].filter(sold_nothing()).group_by("category").len().iter_rows()
    )
    verdicts = _first(run.internal["verdicts"]) if run.internal else {}
    gaps, worth, members = gaps_by_category(run), worth_by_category(run), groups(run)
    return [
        {
            "key": category,
            "label": _label(run, category),
            **_clusters(sorted(clusters[category], key=_code_order)),
            "captured": _rounded(whole[category]["captured"], 6),
            "floor": whole[category]["floor"],
            "verdict": verdicts.get(category, {}).get("verdict"),
            **few.get(category, {"few": 0, "fewSales": 0.0}),
            "unsold": unsold.get(category, 0),
            "gaps": gaps.get(category, ""),
            "plan": _plan(plans[category], category in carrying, bool(run.internal)),
            "alike": alike.get(category, []),
            "worth": worth.get(category),
            "group": members.get(category, []),
        }
        for category in run.categories
    ]


def sold_nothing() -> pl.Expr:
    """The store has a cluster in the category by its surroundings, or by rule, not by its sales."""
    return pl.col("status").cast(pl.String).is_in(["no_sales", "external_only"])


def _clusters(rows: list[Part]) -> Part:
    """Mixes and clusters in the order of their codes: A, B1, B2 ..."""
    letters = list(dict.fromkeys(row["mix"] for row in rows))
    mixes = [
        {"letter": letter, "name": next(row["mix_name"] for row in rows if row["mix"] == letter)}
        for letter in letters
    ]
    shades: dict[str, int] = {}
    clusters = []
    for row in rows:
        shade = shades[row["mix"]] = shades.get(row["mix"], -1) + 1
        clusters.append(
            {
                "code": row["final_cluster"],
                "mix": letters.index(row["mix"]),
                "shade": shade,
                "name": row["name"],
                "surroundings": row["surroundings_name"] or "",
                "stores": row["stores"],
                "sales": _rounded(row["sales"] or 0.0, 2),
            }
        )
    return {
        "stores": sum(row["stores"] for row in rows),
        "sales": _rounded(sum(row["sales"] or 0.0 for row in rows), 2),
        "mixes": mixes,
        "clusters": clusters,
    }


def code_order(code: str) -> tuple[int, str, int]:
    """A before B before AA, A2 before A10, what an override named last."""
    found = re.fullmatch(r"([A-Z]+)(\d*)", code)
    if not found:
        return 99, code, 0
    return len(found[1]), found[1], int(found[2] or 0)


def _code_order(row: Part) -> tuple[int, str, int]:
    return code_order(row["final_cluster"])


def _label(run: RunTables, category: str) -> str:
    """The one category of attributes alone holds all stores."""
    if not run.internal and category == ALL and ("category", ALL) not in run.labels.known:
        return "All stores"
    return run.labels.of("category", category)


def _plan(row: Part, carries: bool, has_sales: bool) -> Part:
    is_one = row["plans"] == 1
    return {
        "kind": "one" if is_one else "cluster" if carries else "mix",
        "plans": row["plans"],
        "because": _because(row["sentence"]) if has_sales else "One per cluster.",
        "sureness": row["sureness"],
        "agreement": _rounded(row["agreement"], 6),
        "chance": _rounded(row["chance"], 6),
        "look": row["stores_to_look_at"],
    }


def _because(sentence: str) -> str:
    """The sentence without what the heading above it says already."""
    tail = re.sub(r"^(\d+ plans, |One plan will do:? ?)", "", sentence.replace(" %", "%"))
    tail = tail.replace(", on trial", "").strip("; ")
    return tail[:1].upper() + tail[1:]


def _few(run: RunTables) -> dict[str, Part]:
    """Stores that sold too little to be judged alone, and their sales."""
    if not run.internal:
        return {}
    placed = run.merged["assignments"].select(KEY)
    poor = run.internal["stores"].filter(history="poor").join(placed, on=KEY, how="semi")
    summed = poor.group_by("category").agg(
        pl.len().cast(pl.Int64).alias("few"), pl.col("sales").sum().round(2).alias("fewSales")
    )
    return {row.pop("category"): row for row in summed.to_dicts()}


def _by_category(table: pl.DataFrame) -> dict[str, list[Part]]:
    return table.rows_by_key("category", named=True, include_key=True)


def _first(table: pl.DataFrame) -> dict[str, Part]:
    return table.rows_by_key("category", named=True, unique=True)


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
