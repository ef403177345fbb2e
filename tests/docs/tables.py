"""docs/tables.md: every table and input with its columns, made from clustering/schemas.

`nox -s reference` writes the file; test_tables fails where it is stale.
"""

from __future__ import annotations

import ast
import inspect
import io
import tokenize
from pathlib import Path
from textwrap import fill

import dataframely as dy

from clustering import schemas
from clustering.criteria import CRITERIA
from clustering.registry import BY_KEY, MERGED, TRACKS
from tests.docs.settings import as_text

PAGE = Path(__file__).parents[2] / "docs/tables.md"
INTRODUCTION = """# Tables

Every table that a run writes, with every column, and the inputs in the names the pipeline uses.
This page is made from `clustering/schemas` by `nox -s reference`; a test fails if it is out of
date.

Tables are parquet files: `data/<env>/<track>/<stage>/<table>.parquet`, and
`data/<env>/merged/<table>.parquet` for final clusters. **Bold** columns are the key of a table.
A column that can be empty (null) says so.
"""
INPUT_INTRODUCTION = """## Inputs

The columns as the pipeline calls them. [Your files](how-to/your-files.md) says which names in your
files are recognized.
"""
TYPES = {
    "String": "text",
    "Int32": "whole number",
    "Int64": "whole number",
    "Float64": "number",
    "Bool": "true, false",
    "List": "list of numbers",
}
# columns that mean the same in every table, and those of one schema
SAME = {
    "category": "the category; ALL in the external track",
    "store_nbr": "the store number, as text",
    "cluster": "the number of the cluster",
    "final_cluster": "the code of the final cluster, such as A1",
    "internal_cluster": "the store's cluster by mix",
    "external_cluster": "the store's cluster by attributes",
    "merged_cluster": "the cell: internal and external cluster, such as 2_1",
    "feature": "the need state or attribute",
    "mix": "the letter of the final clusters that share a mix",
    "stores": "number of stores",
    "sales": "sales, in the unit of the input",
    "name": "the name of the cluster",
    "mean": "in the cluster",
    "overall": "in all stores",
    "index": "mean / overall x 100",
    "difference": "mean - overall",
    "rank": "1 is first",
    "track": "internal or external",
    "input": "the input: sales, need_states, external",
    "row": "the row in the file",
    "rows": "number of rows",
    "warning": "a sentence, if something needs a look",
    "note": "a remark",
    "sentence": "the result in a sentence",
    "rule": "the name of the rule",
    "sku_nbr": "the SKU number, as text",
    "need_state": "the need state",
    "total_sales": "sales, in the unit of the input",
    "k": "number of clusters",
    "internal_k": "number of internal clusters",
    "external_k": "number of external clusters",
    "final_k": "number of final clusters",
    "floor": "the fewest stores a final cluster may have",
    "smallest": "stores in the smallest final cluster",
    "largest": "stores in the largest final cluster",
    "plans": "number of shelf plans",
    "trust": "jaccard in words",
    "jaccard": "0 to 1: how alike the cluster and the one it is compared with are",
    "silhouette": "mean silhouette of the stores, -1 to 1",
    "p_value": "of the test of the difference",
    "q_value": "p_value, adjusted for the number of tests",
    "silhouette_lowest_cluster": "silhouette of the cluster where it is lowest",
    "gap_se": "standard error of gap",
    "heldout_r2_se": "standard error of heldout_r2",
    "votes": "criteria that prefer this k",
    "recommended": "the k that select.rule prefers",
    "runner_up": "the second best k",
    "chosen": "the k that was used",
    "sales_rows": "number of sales rows",
    "detail": "what was found in the row",
    "file": "the file",
    "column": "the column, as it is called in the file",
    "reason": "why",
    "example": "a value from the column",
    "text": "the finding in a sentence",
    "is_warning": "whether the end of a run shows it",
    "is_outlier": "whether the store is unlike all others",
    "smallest_cluster": "stores in the smallest cluster",
    "recommended_k": "the k that select.rule prefers",
    "plan_gain_se": "standard error of plan_gain",
    "baseline_stores": "stores of the cluster in the baseline",
    "metric": "the name of the metric",
    "share_of_stores": "stores of the cluster / all stores, 0 to 1",
    "sales_per_store": "sales / stores",
    "outliers": "number of outliers",
    "mean_probability": "mean probability of the stores, 0 to 1",
    "Representatives.role": "typical store, or store at the border",
    "distance": "to the centre of its cluster",
    "x": "first principal component",
    "y": "second principal component",
    "mix_name": "what sets the mix apart",
    "surroundings_name": "what sets the surroundings apart",
    "named_by": "whether its stores or an override gave the name",
    "cells": "the cells it consists of, such as 2_1, 2_4",
    "share_of_sales": "sales of the cluster / sales of the category, 0 to 1",
    "pieces": "number of final clusters of the mix",
    "random_mean": "mean gain_mix of the random splits",
    "value": "sales of the need state, or the value of a numeric attribute",
    "level": "the level of a categorical attribute",
    "half_a": "the part of value in the first half of the sales",
    "half_b": "the part of value in the second half of the sales",
    "history": "whether the store has enough sales to be fitted",
    "role": "the canonical name it was read as",
    "kind": "what the column holds",
    "action": "what was done with the file or column",
    "components": "the coordinates of the store",
    "information": "the sales behind the mix: how exactly it is known",
    "is_fitted": "whether the store was used for fitting",
    "limits": "bounds that shaped the choice of k",
    "plan_gain": "demand that plans by cluster meet beyond one plan, 0 to 1",
    "accuracy": "share of stores that attributes alone would place right, 0 to 1",
    "accuracy_of_largest": "the same for always choosing the largest cluster",
    "shared": "stores of the cluster in both runs",
    "relative_difference": "mean / overall - 1",
    "effect_size": "Cohen's d against the other stores",
    "coverage": "share of the cluster's stores that meet the rule, 0 to 1",
    "precision": "share of the stores meeting the rule that are in the cluster, 0 to 1",
    "reassigned": "whether its cell joined another, or an override moved the store",
    "same_in_halves": "whether either half of its sales alone gives the same mix",
    "other_cluster": "the final cluster that the differing half points to",
    "joined": "whether the cell was below the floor and joined another",
    "kept": "whether no other cell was joined to it",
    "holds_for": "share of the stores that differ from overall in this direction",
    "in_name": "whether the cluster is named after it",
    "gain_mix": "what the split adds to the prediction of unseen sales, by mix",
    "gain_sales_level": "what the split explains of the level of sales (adjusted R2)",
    "gain_attributes": "what the split explains of the attributes (adjusted R2)",
    "carries": "whether the split is better than random ones (q_value at most 0.05)",
    "in_label": "whether the code of the final cluster shows the split",
    "sureness": "how sure the mixes are",
    "agreement": "share of stores whose halves agree on the mix, 0 to 1",
    "chance": "the agreement that luck alone would give",
    "stores_to_look_at": "stores with enough history whose halves disagree",
    "captured": "share of the differences in mix that final clusters explain",
    "kept_internal": "captured / what the internal clusters explain",
    "kept_external": "the same for the attributes and the external clusters",
    "kept_internal_by_mates": "the same, with each store predicted by the others of its cluster",
    "kept_external_by_mates": "the same, with each store predicted by the others of its cluster",
    "distance_before": "of a pinned store to the centre of its old cluster",
    "distance_after": "of a pinned store to the centre of its new cluster",
    "gain": "share of the sales that plans by cluster meet beyond one plan",
    "random": "the gain of random clusters of the same sizes",
    "own": "the gain if each store had a plan of its own",
    "period": "the week or the date, as a number",
    "Labels.kind": "category, need_state or attribute",
    "Rules.rule": "the rule that placed the stores",
    "Quarantine.rule": "the check that the row failed",
    "Descriptions.rule": 'a statement such as "sleep aid above 12 %"',
    "MergeSummary.joined": "stores whose cell joined another, or that an override moved",
    "cramers_v": "Cramer's V, 0 to 1",
    "adjusted_mutual_information": "1 if both agree, about 0 if they are unrelated",
    "from_cluster": "the final cluster in the baseline",
    "to_cluster": "the final cluster now",
    "like_store_nbr": "the store that it resembles",
    "weight": "its weight among the like stores",
    "Overrides.value": "the new name or number (rename, renumber)",
    "AppliedOverrides.value": "the new name or number (rename, renumber)",
    "who": "who decided",
    "why": "the reason",
    "until": "the last day the row applies",
    "raw": "the name in your files",
    "label": "the name to show",
    "Overrides.kind": "pin, exclude, flagship, rename or renumber",
    "AppliedOverrides.kind": "pin, exclude, flagship, rename or renumber",
    "AppliedOverrides.status": "what became of the row",
    "FinalProfiles.kind": "whether the feature is a need state or an attribute",
    "Verdicts.verdict": "whether gaps separate the clusters",
    "Stores.sales": "sales in the category; null in the external track",
    "Metrics.value": "the value of the metric",
    "MergedAssignments.status": "which tracks place the store: both, one, or none in this category",
    "Continuity.status": "what became of the cluster",
    "FinalContinuity.status": "what became of the final cluster",
    "WorthByPlans.gain": "share of the sales, as in worth",
    "standard_error": "standard error of the gain",
    "gain_in_sales": "gain x all sales of the category",
}


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for stage, tables in schemas.TABLES.items():
        found = BY_KEY[stage if stage == MERGED else f"{TRACKS[0]}/{stage}"]
        place = stage if stage == MERGED else f"<track>/{stage}"
        text = fill(f"In `data/<env>/{place}/`: {_summary(stage)}.", 100)
        parts.append(f"## {found.name}\n\n{text}\n")
        parts += [_table(f"{found.name}/{name}", schema) for name, schema in tables.items()]
    parts.append(INPUT_INTRODUCTION)
    parts += [_table(f"source.{name}", schema) for name, schema in schemas.INPUTS.items()]
    return "\n".join(parts)


def unexplained() -> list[str]:
    """Columns that neither their comment, nor the text of their table, nor SAME explains."""
    every = [*schemas.TABLES.items(), ("source", schemas.INPUTS)]
    return [
        f"{stage}/{name}.{column}"
        for stage, tables in every
        for name, schema in tables.items()
        for column in schema.columns()
        if not _meaning(schema, column)
    ]


def _summary(stage: str) -> str:
    found = {BY_KEY[key].summary for key in BY_KEY if key == stage or key.endswith(f"/{stage}")}
    return "; or ".join(sorted(found, reverse=True))


def _table(title: str, schema: type[dy.Schema]) -> str:
    rows = ["| column | type | meaning |", "| --- | --- | --- |"]
    for name, column in schema.columns().items():
        shown = f"**`{name}`**" if column.primary_key else f"`{name}`"
        meaning = as_text(_meaning(schema, name))
        rows.append(f"| {shown} | {_type(column)} | {meaning} |")
    text = "\n\n".join(fill(as_text(part), 100) for part in _text(schema).split("\n\n"))
    return f"### {title}\n\n{text}\n\n" + "\n".join(rows) + "\n"


def _type(column: dy.Column) -> str:
    kind = type(column).__name__
    shown = ", ".join(column.categories) if isinstance(column, dy.Enum) else TYPES[kind]
    low, high = getattr(column, "min", None), getattr(column, "max", None)
    if low is not None:
        shown += f", at least {low:g}" if high is None else f", {low:g} to {high:g}"
    elif high is not None:
        shown += f", at most {high:g}"
    return shown + ("; or null" if column.nullable else "")


def _meaning(schema: type[dy.Schema], column: str) -> str:
    own = SAME.get(f"{schema.__name__}.{column}")
    if text := own or _comments(schema).get(column):
        return text
    return SAME.get(column) or ("see above" if f"`{column}`" in _text(schema) else "")


def _text(schema: type[dy.Schema]) -> str:
    """What is written about the table: its docstring, or the comment above it."""
    if schema is schemas.Selection:  # it is made from the list of criteria
        return "Every k that was tried, with every criterion; null where it was not computed."
    return "\n\n".join(
        " ".join(part.split()) for part in (inspect.getdoc(schema) or "").split("\n\n")
    )


def _comments(schema: type[dy.Schema]) -> dict[str, str]:
    """The comment above each column, or behind it."""
    if schema is schemas.Selection:
        return {each.name: each.meaning for each in CRITERIA}
    source = inspect.getsource(schema)
    words = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    found = {}
    body = ast.parse(source).body[0]
    assert isinstance(body, ast.ClassDef)
    for node in body.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            above = []
            for line in range(node.lineno - 1, 0, -1):
                if not source.splitlines()[line - 1].strip().startswith("#"):
                    break
                above.insert(0, words[line])
            behind = [words[node.end_lineno]] if node.end_lineno in words else []
            if text := " ".join([*above, *behind]):
                found[node.targets[0].id] = text
    return found


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
