"""Learns from Hydra where a sweep was, when it is over (hydra.callbacks.sweep)."""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from clustering.errors import ConfigError
from clustering.results.sweeps.record import plan

OWNER = ".sweep"
ended: list[Path] = []
_BASIC = "BasicSweeper"  # others decide on a job when they know how the earlier ones went


class SweepEnds(Callback):
    """Notes the folder of the sweep; in the process that launched it, whatever the launcher."""

    def on_multirun_start(self, config: DictConfig, **kwargs: Any) -> None:
        """Take the sweep's folder; ends the process where another sweep has it.

        Hydra turns every Exception of a callback into a warning and goes on.
        """
        folder = Path(config.hydra.sweep.dir)
        folder.mkdir(parents=True, exist_ok=True)
        try:
            (folder / OWNER).touch(exist_ok=False)
        except FileExistsError as cause:
            sys.stderr.write(
                f"error: {folder} belongs to another sweep; choose one: hydra.sweep.dir=FOLDER\n"
            )
            raise SystemExit(ConfigError.exit_code) from cause
        if jobs := _jobs(config):
            plan(folder, config.invocation.command, config.env, jobs)

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        ended.append(Path(config.hydra.sweep.dir))


def _jobs(config: DictConfig) -> list[list[str]]:
    """The overrides of every job; none where only the sweeper knows them."""
    from hydra.core.override_parser.overrides_parser import OverridesParser
    from hydra.errors import HydraException

    sweeper = config.hydra.sweeper
    if not sweeper._target_.endswith(_BASIC) or sweeper.params:
        return []
    words = [word for word in config.hydra.overrides.task if not word.startswith("invocation.")]
    choices: list[list[str]] = []
    try:
        for word in OverridesParser.create().parse_overrides(words):
            swept = word.is_sweep_override()
            values = word.sweep_string_iterator() if swept else [word.get_value_element_as_str()]
            choices.append([f"{word.get_key_element()}={value}" for value in values])
    except (HydraException, AssertionError):  # of a glob: it needs the folder of the settings
        return []
    return [[word.removeprefix("+") for word in job] for job in product(*choices)]
