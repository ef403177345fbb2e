"""Learns from Hydra where a sweep was, when it is over (hydra.callbacks.sweep)."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

from clustering.errors import ConfigError

OWNER = ".sweep"
ended: list[Path] = []


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

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        ended.append(Path(config.hydra.sweep.dir))
