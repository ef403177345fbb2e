"""The configuration: one dataclass per config group, with the range of every field beside it.

Hydra composes YAML against these types, so an unknown key or a wrong type is refused at
composition. What a type cannot say (ranges, choices, one field against another) is in the metadata
of the fields and in `problems`, and `check` reports all of it at once. Below this package there is
no DictConfig, only these dataclasses.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from clustering.config.categories import own_problems
from clustering.config.fields import one_of, problems, restored, subset_of, within
from clustering.config.inputs import (
    ColumnNames,
    Columns,
    Paths,
    Preprocess,
    Read,
    ReadSettings,
    Source,
    Within,
)
from clustering.config.methods import (
    Assign,
    Baseline,
    Caps,
    Features,
    Merge,
    Model,
    Overrides,
    Select,
    Weights,
)
from clustering.config.operation import (
    Alerts,
    Engine,
    Executor,
    Invocation,
    Log,
    Objective,
    Report,
    Sink,
)
from clustering.errors import ConfigError

__all__ = [
    "Alerts",
    "Assign",
    "Baseline",
    "Caps",
    "ColumnNames",
    "Columns",
    "Config",
    "Engine",
    "Executor",
    "Features",
    "Invocation",
    "Log",
    "Merge",
    "Model",
    "Objective",
    "Overrides",
    "Paths",
    "Preprocess",
    "Read",
    "ReadSettings",
    "Report",
    "Select",
    "Sink",
    "Source",
    "Weights",
    "Within",
    "check",
    "one_of",
    "restored",
    "subset_of",
    "within",
]


@dataclass
class Config:
    """All settings of one run on one track."""

    # where the run belongs: its tables are in data/<env>, its limits in conf/env/<env>.yaml
    env: str = "dev"
    # internal (need-state mix) or external (attributes)
    track: str = "internal"
    # seed of every random choice
    seed: int = within(0, 2**32 - 1, default=42)
    paths: Paths = field(default_factory=Paths)
    source: Source = field(default_factory=Source)
    within: Within = field(default_factory=Within)
    preprocess: Preprocess = field(default_factory=Preprocess)
    features: Features = field(default_factory=Features)
    model: Model = field(default_factory=Model)
    select: Select = field(default_factory=Select)
    caps: Caps = field(default_factory=Caps)
    baseline: Baseline = field(default_factory=Baseline)
    assign: Assign = field(default_factory=Assign)
    merge: Merge = field(default_factory=Merge)
    overrides: Overrides = field(default_factory=Overrides)
    # settings of single categories, in place of those of all: {CHEESE: {model.k: 4}}
    categories: dict[str, Any] = field(default_factory=dict)
    sink: Sink = field(default_factory=Sink)
    executor: Executor = field(default_factory=Executor)
    engine: Engine = field(default_factory=Engine)
    objective: Objective = field(default_factory=Objective)
    report: Report = field(default_factory=Report)
    log: Log = field(default_factory=Log)
    alerts: Alerts = field(default_factory=Alerts)
    invocation: Invocation = field(default_factory=Invocation)

    def problems(self) -> Iterator[str]:
        yield from own_problems(self)


def check(config: Config) -> Config:
    """Return `config` unchanged, or raise one ConfigError that lists every value out of range."""
    found = list(problems(config))
    if found:
        first, *rest = found
        raise ConfigError(first, rest)
    return config
