"""What was read, what was set aside, the settings that shape the result, the edits replayed."""

from __future__ import annotations

import polars as pl

from clustering.registry import MERGE
from clustering.results.page.content.run_tables import RunTables
from clustering.results.page.content.words import Part

# outcomes of a row, in words; others are shown as they are called, without underscores
OUTCOMES = {
    "used": "used",
    "return_netted": "returns, netted against sales",
    "sku_not_in_map": "product not in the need-state map",
    "sku_without_need_state": "product without a need state",
    "category_null": "no category",
    "need_state_null": "no need state",
    "total_sales_null": "no amount",
    "store_nbr_null": "no store number",
    "sku_nbr_null": "no product number",
}
# settings, in words: (stage, section, key, what it is called)
SETTINGS = (
    ("internal/train", "model", "family", "Model"),
    ("internal/train", "model", "k", "Number of mixes, fixed"),
    ("internal/train", "model", "k_min", "Fewest mixes tried"),
    ("internal/train", "model", "k_max", "Most mixes tried"),
    ("internal/train", "select", "rule", "Number of mixes chosen by"),
    ("internal/preprocess", "preprocess", "min_sales_rows", "Sales rows needed to judge a store"),
    ("merged", "merge", "method", "Merge"),
    ("merged", "merge", "min_cluster_size", "Smallest cluster, stores at most"),
    ("merged", "merge", "min_cluster_share", "Smallest cluster, share of stores"),
    ("merged", "merge", "internal_weight", "Weight of what sells"),
    ("merged", "merge", "split", "Splits by surroundings kept"),
)
# what some of their values mean
VALUES = {
    "auto": "what predicts unseen sales best",
    "lead": "one track leads, the other splits its clusters",
    "joint": "both tracks at once",
    "nearest": "small cells join the nearest",
}


def data_facts(run: RunTables) -> Part:
    """DataFacts of types.ts."""
    tables = [
        part["reconciliation"] for part in (run.internal, run.external) if "reconciliation" in part
    ]
    rows = [row for table in tables for row in _rows(table)]
    warnings = run.merged["summary"].drop_nulls("warning")["warning"].to_list()
    return {
        "used": [row for row in rows if row["reason"] == "used"],
        "aside": [row for row in rows if row["reason"] != "used"],
        "settings": _settings(run),
        "overrides": [_override(row) for row in run.merged["overrides"].iter_rows(named=True)],
        "warnings": [f"{line[:1].upper()}{line[1:]}." for line in warnings],
    }


def _rows(table: pl.DataFrame) -> list[Part]:
    """Where the rows of each input went."""
    inputs = table.filter(~pl.col("input").str.starts_with("categories of"))
    read = dict(inputs.filter(outcome="read").select("input", "rows").iter_rows())
    money = "sales" if "sales" in table.columns else None
    return [
        {
            "input": row["input"].replace("_", " "),
            "reason": OUTCOMES.get(row["outcome"], row["outcome"].replace("_", " ")),
            "rows": row["rows"],
            "of": read.get(row["input"], row["rows"]),
            "money": None if money is None or row[money] is None else round(row[money], 2),
        }
        for row in inputs.filter(pl.col("outcome") != "read").iter_rows(named=True)
    ]


def _settings(run: RunTables) -> list[tuple[str, str]]:
    found = []
    for stage, section, key, words in SETTINGS:
        manifest = run.manifests.get(stage)
        value = manifest.config.get(section, {}).get(key) if manifest else None
        if value is not None:
            said = f"{value:.0%}" if key.endswith(("_share", "_weight")) else str(value)
            found.append((words, VALUES.get(said, said.replace("_", " "))))
    found.append(("Seed", str(run.manifests[MERGE.key].seed)))
    found.append(("Continues", run.baseline or "no earlier run"))
    return found


def _override(row: Part) -> Part:
    what = [row["kind"], row["store_nbr"] and f"store {row['store_nbr']}", row["category"]]
    what += [row["cluster"], row["value"]]
    return {
        "text": " ".join(str(part) for part in what if part),
        "status": row["status"],
        "who": row["who"] or "",
        "why": row["why"] or "",
        "note": row["note"] or "",
    }
