"""What was decided about every file and column while it was read, as a table."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from clustering.schemas import ColumnReport


@dataclass
class Reading:
    """Collects the rows of schemas.ColumnReport for one input."""

    name: str
    rows: list[dict[str, str | None]] = field(default_factory=list)
    # the unit of each file and column of numbers in text: a currency, "percent" or nothing
    units: dict[tuple[str, str], str] = field(default_factory=dict)

    def file(self, path: str, how: str) -> None:
        """A file, and how its bytes were read."""
        self.add(path, None, "file", reason=how)

    def add(
        self,
        path: str | None,
        column: str | None,
        action: str,
        role: str | None = None,
        kind: str | None = None,
        reason: str | None = None,
        example: str | None = None,
    ) -> None:
        """One decision; `role` is the canonical name of a column."""
        row = {"input": self.name, "file": path, "column": column, "role": role, "kind": kind}
        self.rows.append(row | {"action": action, "reason": reason, "example": example})

    def frame(self) -> pl.DataFrame:
        """All decisions, in the order they were made; equal ones once."""
        kinds = dict.fromkeys(ColumnReport.column_names(), pl.String)
        return pl.DataFrame(self.rows, schema=kinds).unique(maintain_order=True)
