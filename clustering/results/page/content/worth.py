"""What plans are worth: of each category, and of all together for every number of plans."""

from __future__ import annotations

import polars as pl

from clustering.methods.aggregation.category_groups import OTHERS
from clustering.results.budget import best_steps
from clustering.results.page.content.run_tables import RunTables
from clustering.results.page.content.words import Part


def worth_by_category(run: RunTables) -> dict[str, Part]:
    """Worth of types.ts by category, where it is known."""
    whole = run.merged["worth"].filter(pl.col("final_cluster").is_null())
    return {
        row["category"]: {
            "gain": round(row["gain"], 6),
            "error": round(row["standard_error"], 6),
            "random": round(row["random"], 6),
            "own": round(row["own"], 6),
            "sales": round(row["gain_in_sales"], 2),
        }
        for row in whole.iter_rows(named=True)
    }


def budget(run: RunTables) -> Part | None:
    """Budget of types.ts; None where no category has a curve."""
    own = run.merged["worth_by_plans"].filter(pl.col("category").is_in(run.categories))
    if own.is_empty():
        return None
    own = own.sort("category", "plans")
    curves = {key[0]: part for key, part in own.partition_by("category", as_dict=True).items()}
    known = {str(key): part["gain_in_sales"].round(2).to_list() for key, part in curves.items()}
    kept = run.merged["summary"].filter(pl.col("category").is_in(run.categories))
    return {
        "curves": {run.place[category]: worth for category, worth in known.items()},
        "kept": int(kept.filter(~pl.col("category").is_in(list(known)))["final_k"].sum()),
        "steps": [
            [run.place[step.category], step.before, step.plans, round(step.worth, 2)]
            for step in best_steps(own)
        ],
    }


def groups(run: RunTables) -> dict[str, list[Part]]:
    """Member of types.ts by category that stands for several; what each loses is known where the
    baseline had it apart.
    """
    manifest = run.manifests.get("internal/preprocess")
    asked = manifest.config["preprocess"].get("group_categories") if manifest else None
    lost = {} if run.sharing is None else run.sharing.rows_by_key("other", named=True)
    return {
        group: [_member(run, row) for row in lost.get(group, _not_known(names))]
        for group, names in (asked or {}).items()
    }


def _not_known(names: list[str]) -> list[Part]:
    return [{"category": name, "worth": None, "shared": None} for name in names]


def _member(run: RunTables, row: Part) -> Part:
    name = row["category"]
    label = "all other categories" if name == OTHERS else run.labels.of("category", name)
    return {"label": label, "own": row["worth"], "shared": row["shared"]}
