"""Hydra tells here where a sweep was when it is over (hydra.callbacks.sweep)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hydra.experimental.callback import Callback
from omegaconf import DictConfig

ended: list[Path] = []


class SweepEnds(Callback):
    """Notes the folder of the sweep; in the process that launched it, whatever the launcher."""

    def on_multirun_end(self, config: DictConfig, **kwargs: Any) -> None:
        ended.append(Path(config.hydra.sweep.dir))
