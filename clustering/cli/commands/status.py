"""The command `status`: what is fresh, stale or missing, and why."""

from __future__ import annotations

from rich.table import Table

from clustering.cli.answers import StageState, Status, to_json
from clustering.cli.commands.run import stages_of
from clustering.cli.console import messages, results
from clustering.config import Config
from clustering.errors import NotFreshError
from clustering.pipeline.plan import Plan, Planner


def status(
    config: Config, per_track: dict[str, Config], form: str = "table", must_be_fresh: bool = False
) -> None:
    """Print the state of every stage of the job under these settings, and why it is so, as a table
    or as JSON. Raises NotFreshError where all `must_be_fresh` and are not.
    """
    stages, absent = stages_of(config, per_track)
    planner = Planner(per_track, absent=absent)
    plans = planner.plans(stages)
    waiting = [plan for plan in plans if plan.state != "fresh"]
    if form == "json":
        states = [_state(planner, plan) for plan in plans]
        results().out(to_json(Status(fresh=not waiting, stages=states)), highlight=False)
    else:
        _print(planner, plans)
    if must_be_fresh and waiting:
        first = waiting[0]
        raise NotFreshError(
            f"{len(waiting)} of {len(plans)} stages are not fresh; the first is "
            f"{first.stage.key} ({first.reason}); update: clustering run"
        )


def _print(planner: Planner, plans: list[Plan]) -> None:
    table = Table(box=None, pad_edge=False)
    for column in ("stage", "state", "why", "made by run"):
        table.add_column(column, overflow="fold")
    for plan in plans:
        manifest = planner.catalog.manifest(plan.stage)
        table.add_row(
            plan.stage.key, _coloured(plan), plan.reason, manifest.run_id if manifest else ""
        )
    results().print(table)
    if holder := planner.catalog.holder():
        messages().print(f"in use by {holder}", markup=False)


def _state(planner: Planner, plan: Plan) -> StageState:
    return StageState(
        stage=plan.stage.key,
        state=plan.state,
        reason=plan.reason,
        fingerprint=plan.fingerprint,
        manifest=planner.catalog.manifest(plan.stage),
    )


def _coloured(plan: Plan) -> str:
    colour = {"fresh": "green", "stale": "yellow", "missing": "red"}[plan.state]
    return f"[{colour}]{plan.state}[/{colour}]"
