"""The command `promote`: makes a scenario the current result."""

from __future__ import annotations

import logging

from clustering.cli.console import results
from clustering.config import Config
from clustering.errors import ConfigError
from clustering.registry import STAGES
from clustering.results.sweeps.record import DONE, read_record
from clustering.store.runs import environment_run, open_run

log = logging.getLogger(__name__)


def promote(config: Config, *, run: str) -> None:
    """Put every stage of a run in the place of the environment's; what the run does not have stays.

    Stage by stage, each as a whole; a promotion that is cut off is finished by the same command.
    """
    chosen, current = open_run(run, config), environment_run(config)
    if chosen.root.resolve() == current.root.resolve():
        raise ConfigError(f"{run} is the current result already")
    record = read_record(chosen.data_dir.parent)
    if record and record.state != DONE:
        raise ConfigError(f"{run} {record.state}, nothing to promote: {record.error}")
    with current.locked(config.executor.lock_timeout, "clustering promote"):
        taken = [stage for stage in STAGES if chosen.manifest(stage)]
        for stage in taken:
            current.adopt(stage, chosen)
    if config.sink.name != "none" and any(stage.key == "merged" for stage in taken):
        from clustering.io.sinks import publish

        publish(config.sink, current)
    results().print(
        f"{run} is now the result of env={config.env}: {', '.join(stage.key for stage in taken)}",
        soft_wrap=True,
    )
    results().print(f"files: {current.name}", markup=False, soft_wrap=True)
