"""Run by the Python of Dagster's environment: prints as JSON what Dagster knows. The first word
says what.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import dagster as dg

from clustering.ops.orchestration.definitions import CommandLine, defs


def definitions() -> dict[str, Any]:
    graph = defs.resolve_asset_graph()
    return {
        "loaded": sorted(
            name for name in sys.modules if name.split(".")[0] in ("hydra", "omegaconf", "polars")
        ),
        "jobs": sorted(
            job.name for job in defs.resolve_all_job_defs() if not job.name.startswith("__")
        ),
        "assets": {
            key.to_user_string(): {
                "group": graph.get(key).group_name,
                "parents": sorted(parent.to_user_string() for parent in graph.get(key).parent_keys),
            }
            for key in graph.materializable_asset_keys
        },
    }


def history() -> dict[str, Any]:
    """The metadata of each asset's last materialization and the outcome of each check."""
    found: dict[str, Any] = {"metadata": {}, "checks": {}}
    with dg.DagsterInstance.get() as instance:
        for key in defs.resolve_asset_graph().materializable_asset_keys:
            event = instance.get_latest_materialization_event(key)
            if event and event.asset_materialization:
                facts = event.asset_materialization.metadata.items()
                found["metadata"][key.to_user_string()] = {
                    name: value.value for name, value in facts
                }
        records = instance.fetch_materializations(dg.AssetKey("merged"), limit=1).records
        run = records[0].run_id
        for entry in instance.all_logs(run, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION):
            check = entry.dagster_event.asset_check_evaluation_data
            found["checks"][f"{check.asset_key.to_user_string()}: {check.check_name}"] = (
                check.passed
            )
    return found


def sensor() -> dict[str, Any]:
    """What the sensor answers, twice."""
    answers = []
    for _ in range(2):
        with (
            dg.DagsterInstance.ephemeral() as instance,
            dg.build_sensor_context(
                instance=instance, resources={"clustering": CommandLine()}
            ) as context,
        ):
            answers.append(defs.resolve_sensor_def("raw_files").evaluate_tick(context))
    return {
        "keys": [[run.run_key for run in answer.run_requests or []] for answer in answers],
        "skip": answers[0].skip_message,
    }


def failure(*settings: str) -> dict[str, Any]:
    """How a run of the first job ends where raw files are wrong, or under bad settings."""
    with dg.DagsterInstance.ephemeral() as instance:
        job = defs.resolve_job_def("internal_preprocessing_job")
        config = {"resources": {"clustering": {"config": {"settings": list(settings)}}}}
        done = job.execute_in_process(run_config=config, instance=instance, raise_on_error=False)
        event = next(event for event in done.all_events if event.is_step_failure)
        data = event.step_failure_data.user_failure_data
        return {
            "success": done.success,
            "description": data.description,
            "code": data.metadata["exit_code"].value if data.metadata else None,
        }


def chapter(page: str) -> dict[str, Any]:
    """What the examples of docs/how-to/dagster.md add, once they are run one after the other."""
    names: dict[str, Any] = {}
    for block in re.findall(r"```python\n(.*?)```", Path(page).read_text(), re.DOTALL):
        exec(block.replace("import polars as pl\n", ""), names)  # it is used in assets alone
    every = dg.Definitions.merge(names["all_defs"], dg.Definitions(schedules=[names["weekly"]]))
    parents = every.resolve_asset_graph().get(dg.AssetKey("stores_by_cluster")).parent_keys
    return {
        "parents": [parent.to_user_string() for parent in parents],
        "job": every.resolve_schedule_def("every_sunday").job_name,
    }


if __name__ == "__main__":
    views = {view.__name__: view for view in (definitions, history, sensor, failure, chapter)}
    print("ANSWER", json.dumps(views[sys.argv[1]](*sys.argv[2:])))
