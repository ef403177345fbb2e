"""The command `status`: what is fresh, stale or missing, and why."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from rich.table import Table

from clustering.cli.commands.run import stages_of
from clustering.cli.console import messages, results
from clustering.config import Config
from clustering.pipeline.plan import Plan, Planner


def status(config: Config, per_track: dict[str, Config], form: str = "table") -> None:
    """Print the state of every stage of the job under these settings, and why it is so, as a table
    or as JSON.
    """
    stages, absent = stages_of(config, per_track)
    planner = Planner(per_track, absent=absent)
    if form == "json":
        plans = [_as_dict(planner, plan) for plan in planner.plans(stages)]
        results().out(json.dumps(plans, indent=2), highlight=False)
        return
    table = Table(box=None, pad_edge=False)
    for column in ("stage", "state", "why", "made by run"):
        table.add_column(column, overflow="fold")
    for plan in planner.plans(stages):
        manifest = planner.catalog.manifest(plan.stage)
        table.add_row(
            plan.stage.key, _coloured(plan), plan.reason, manifest.run_id if manifest else ""
        )
    results().print(table)
    if holder := planner.catalog.holder():
        messages().print(f"in use by {holder}", markup=False)


def _as_dict(planner: Planner, plan: Plan) -> dict[str, Any]:
    manifest = planner.catalog.manifest(plan.stage)
    return {
        "stage": plan.stage.key,
        "state": plan.state,
        "reason": plan.reason,
        "fingerprint": plan.fingerprint,
        "manifest": asdict(manifest) if manifest else None,
    }


def _coloured(plan: Plan) -> str:
    colour = {"fresh": "green", "stale": "yellow", "missing": "red"}[plan.state]
    return f"[{colour}]{plan.state}[/{colour}]"
