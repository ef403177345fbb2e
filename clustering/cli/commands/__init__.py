"""What a command does once its settings are composed: one module per command.

A command is a function of the composed config; the commands of the pipeline take the config of each
track as well. What Typer parsed (`--format` and the like) comes as keyword arguments. A command
prints results, and returns the objective of a sweep or None.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from clustering.cli.console import configure_logging
from clustering.cli.wrong_folder import without_trace
from clustering.config import Config
from clustering.ops.operation.run_log import run_log
from clustering.pipeline.run_id import new_run_id

# modules are imported when their command is called: one command must not pay for what another needs
COMMANDS = {
    "alike": "clustering.cli.commands.alike:alike",
    "check": "clustering.cli.commands.check:check",
    "compare": "clustering.cli.commands.compare:compare",
    "diff": "clustering.cli.commands.diff:diff",
    "export": "clustering.cli.commands.export:export",
    "plans": "clustering.cli.commands.plans:plans",
    "predict": "clustering.cli.commands.predict:predict",
    "promote": "clustering.cli.commands.promote:promote",
    "publish": "clustering.cli.commands.publish:publish",
    "report": "clustering.cli.commands.report:report",
    "reproduce": "clustering.cli.commands.reproduce:reproduce_version",
    "rollback": "clustering.cli.commands.publish:rollback",
    "status": "clustering.cli.commands.status:status",
    "verify": "clustering.cli.commands.versions:verify",
    "versions": "clustering.cli.commands.versions:versions",
}
STAGES = "clustering.cli.commands.run:run"  # `run`, and every stage by its name
OF_TRACKS = (STAGES, COMMANDS["check"], COMMANDS["status"])


def execute(config: Config, per_track: dict[str, Config], **options: Any) -> float | None:
    """Carry out `config.invocation` and return the objective of a sweep, if the command has one."""
    run_id = new_run_id()
    for each in (config, *per_track.values()):
        each.invocation.run_id = run_id
    configure_logging(config.log.level)
    place = COMMANDS.get(config.invocation.command, STAGES)
    if place in OF_TRACKS:
        options["per_track"] = per_track
    module, name = place.split(":")
    function: Callable[..., float | None] = getattr(import_module(module), name)
    with without_trace(config), run_log(config):
        return function(config, **options)
