"""What was recognised in the inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Inputs:
    """All that `check` shows; `problems` would stop a run."""

    files: dict[str, list[str]] = field(default_factory=dict)
    columns: list[dict[str, Any]] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    stores: list[dict[str, Any]] = field(default_factory=list)
    periods: dict[str, Any] = field(default_factory=dict)
    categories: list[dict[str, Any]] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    labels: list[dict[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
