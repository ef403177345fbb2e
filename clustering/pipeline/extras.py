"""Optional packages that the settings need: looked for before any work, not after minutes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.util import find_spec

from clustering.config import Config
from clustering.errors import ConfigError, missing_extra
from clustering.registry import Stage

# by setting: the module it needs, the extra that brings it, and the stages that use it (by name)
NEEDED = {
    "model=kprototypes": ("kmodes", "models", ("train",)),
    "model=constrained_kmeans": ("k_means_constrained", "models", ("train",)),
    "executor=dask": ("distributed", "dask", ("train", "assign", "analyze")),
    "executor=ray": ("ray", "ray", ("train", "assign", "analyze")),
}


def require_extras(configs: Mapping[str, Config], stages: Iterable[Stage]) -> None:
    """Raise ConfigError naming every package that `stages` would need and that is not installed."""
    names = {(stage.track, stage.name) for stage in stages}
    wanted = {
        setting
        for track, config in configs.items()
        for setting in (f"model={config.model.name}", f"executor={config.executor.name}")
        if setting in NEEDED and any((track, name) in names for name in NEEDED[setting][2])
    }
    problems = [
        missing_extra(setting, extra).message
        for setting in sorted(wanted)
        for module, extra, _ in [NEEDED[setting]]
        if find_spec(module) is None
    ]
    if problems:
        raise ConfigError(problems[0], problems[1:])
