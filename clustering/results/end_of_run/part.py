"""One part of the summary of a run, as text."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Part:
    """A table, if it has columns, then lines, if it has any, then an empty line, if it
    `ends_open`.
    """

    title: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    ends_open: bool = True
