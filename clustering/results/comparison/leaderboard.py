"""One row per scenario: its settings, its quality, and the preferred one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from clustering.results.comparison.agreement import agreement, partition
from clustering.results.comparison.measure import measurements
from clustering.results.comparison.scenarios import Scenario, differences

RULE = (
    "system preferred: the highest held-out R2; among those within one standard error of it, the "
    "fewest clusters, "
    "then the higher held-out R2 (silhouette where no run has a held-out R2)"
)
SCHEMA = {
    "scenario": pl.String,
    "state": pl.String,
    "settings": pl.String,
    "k": pl.Float64,
    "heldout_r2": pl.Float64,
    "heldout_r2_se": pl.Float64,
    "r2": pl.Float64,
    "silhouette": pl.Float64,
    "stability": pl.Float64,
    "largest_share": pl.Float64,
    "smallest_cluster": pl.Float64,
    "final_k": pl.Float64,
    "agreement": pl.Float64,
    "objective": pl.Float64,
    "seconds": pl.Float64,
    "system_preferred": pl.Boolean,
    "user_preferred": pl.Boolean,
    "reason": pl.String,
    "folder": pl.String,
}
SORTABLE = tuple(SCHEMA)


def leaderboard(
    scenarios: Sequence[Scenario],
    *,
    baseline: Scenario | None = None,
    prefer: str | None = None,
    sort: str | None = None,
) -> pl.DataFrame:
    """Give one row for each scenario (columns: SCHEMA); `agreement` is with the baseline, the first
    that is done by default.

    Rejected and failed scenarios keep their row, with the reason; `settings` are only those that
    differ.
    """
    reference = baseline or next((scenario for scenario in scenarios if scenario.is_done), None)
    truth = partition(reference.catalog) if reference else None
    rows = [
        _row(scenario, settings, truth, prefer)
        for scenario, settings in zip(scenarios, differences(scenarios), strict=True)
    ]
    best = _preferred(rows)
    for row in rows:
        row["system_preferred"] = row["scenario"] == best
    table = pl.DataFrame(rows, schema=SCHEMA)
    if sort is None:
        return table
    return table.sort(
        sort, descending=table.schema[sort].is_numeric(), nulls_last=True, maintain_order=True
    )


def _row(
    scenario: Scenario, settings: dict[str, Any], truth: pl.DataFrame | None, prefer: str | None
) -> dict[str, Any]:
    record = scenario.record
    text = " ".join(f"{key}={_text(value)}" for key, value in settings.items()) or " ".join(
        record.overrides
    )
    row: dict[str, Any] = dict.fromkeys(SCHEMA) | {
        "scenario": scenario.name,
        "state": record.state,
        "settings": text,
        "objective": record.objective,
        "seconds": record.seconds or None,
        "user_preferred": scenario.name == prefer,
        "reason": record.error,
        "folder": str(scenario.catalog.data_dir.parent),
    }
    if scenario.is_done:
        row |= measurements(scenario.catalog)
        row["agreement"] = agreement(partition(scenario.catalog), truth)
    return row


def _text(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ",".join(map(_text, value)) + "]"
    return "null" if value is None else str(value)


def _preferred(rows: Sequence[dict[str, Any]]) -> str | None:
    """The name of the scenario RULE prefers."""
    metric = "heldout_r2" if any(row["heldout_r2"] is not None for row in rows) else "silhouette"
    judged = [row for row in rows if row[metric] is not None]
    if not judged:
        return None
    best = max(judged, key=lambda row: row[metric])
    floor = best[metric] - (best["heldout_r2_se"] or 0.0 if metric == "heldout_r2" else 0.0)
    near = [row for row in judged if row[metric] >= floor]
    return str(min(near, key=lambda row: (row["k"], -row[metric]))["scenario"])
