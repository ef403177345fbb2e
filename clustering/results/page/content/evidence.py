"""The evidence behind a category's clusters, for those who ask."""

from __future__ import annotations

from typing import Any

import polars as pl

from clustering.criteria import COLUMNS as CRITERIA
from clustering.methods.selection.verdict import CHOSEN_BY
from clustering.results.page.content.run_tables import RunTables
from clustering.results.page.content.stores import significant
from clustering.results.page.content.words import Part

METRICS = {
    "fitted_stores": "Stores the model was fitted to",
    "outliers": "Outliers, excluded while fitting",
    "r2": "R2 of internal clusters in their own space",
    "silhouette": "Silhouette in their own space",
    "rules_fidelity": "Stores the rules below place right",
}
KEPT = {
    "kept_internal": "Kept of the internal clusters (ratio of R2)",
    "kept_internal_by_mates": "Of the internal: each store predicted by the others of its cluster",
    "kept_external": "Kept of the external clusters (ratio of R2)",
    "kept_external_by_mates": "Of the external: each store predicted by the others of its cluster",
}
SELECTION = {
    "k": "Mixes",
    **CRITERIA,
    "smallest_cluster": "Stores in the smallest",
    "votes": "Criteria in favour",
    "recommended": "Recommended",
    "runner_up": "Second best",
    "chosen": "Chosen",
}
SPLITS = {
    "mix": "Mix",
    "pieces": "Pieces",
    "gain_mix": "Gain in what sells",
    "random_mean": "the same by luck",
    "gain_sales_level": "Gain in size of sales",
    "gain_attributes": "Gain in attributes",
    "p_value": "p value",
    "q_value": "p value, adjusted for all categories",
    "carries": "Beyond chance",
    "in_label": "Used",
}
ASSOCIATION = {
    "cramers_v": "Internal and external clusters together: Cramer's V",
    "adjusted_mutual_information": "the same: adjusted mutual information",
}


def evidence_by_category(run: RunTables) -> dict[str, Part]:
    """Evidence of types.ts by category."""
    selection, descriptions, verdicts, metrics = (
        _parts(run.internal[name]) if run.internal else {}
        for name in ("selection", "descriptions", "verdicts", "metrics")
    )
    splits, kept, association = (
        _parts(run.merged[name]) for name in ("splits", "summary", "association")
    )
    return {
        category: {
            "rows": [
                *_verdict(verdicts.get(category)),
                *_metrics(metrics.get(category)),
                *_named(kept.get(category), KEPT),
                *_named(association.get(category), ASSOCIATION),
            ],
            "selection": _columns(selection.get(category), SELECTION),
            "splits": _columns(splits.get(category), SPLITS),
            "descriptions": (
                descriptions[category].drop("category").sort("cluster").to_dicts()
                if category in descriptions
                else []
            ),
        }
        for category in run.categories
    }


def _parts(table: pl.DataFrame) -> dict[str, pl.DataFrame]:
    parts = table.partition_by("category", as_dict=True, maintain_order=True)
    return {str(key[0]): part for key, part in parts.items()}


def _verdict(table: pl.DataFrame | None) -> list[tuple[str, str]]:
    if table is None:
        return []
    row = table.row(0, named=True)
    rule = CHOSEN_BY.get(row["rule"], row["rule"].replace("_", " "))
    return [("Verdict", row["sentence"]), ("Internal clusters", f"{row['k']}, by {rule}")]


def _metrics(table: pl.DataFrame | None) -> list[tuple[str, str]]:
    if table is None:
        return []
    known = dict(table.select("metric", "value").iter_rows())
    return [
        (words, _written(known[name]))
        for name, words in METRICS.items()
        if known.get(name) is not None
    ]


def _named(table: pl.DataFrame | None, names: dict[str, str]) -> list[tuple[str, str]]:
    if table is None:
        return []
    row = table.row(0, named=True)
    return [
        (words, _written(row[name])) for name, words in names.items() if row.get(name) is not None
    ]


def _columns(table: pl.DataFrame | None, words: dict[str, str]) -> dict[str, list[Any]]:
    """The columns that `words` names, called so."""
    if table is None:
        return {}
    return {
        called: [significant(v, 6) if isinstance(v, float) else v for v in table[name].to_list()]
        for name, called in words.items()
    }


def _written(value: float) -> str:
    return f"{value:,.0f}" if float(value).is_integer() else _signed(value, 3)


def _signed(value: float, digits: int) -> str:
    """With a true minus, and none before a zero."""
    size = f"{abs(value):.{digits}f}"
    return f"−{size}" if value < 0 and float(size) else size
