"""What the user should know of the inputs although nothing stopped: rows of schemas.Findings."""

from __future__ import annotations

from typing import Any

import polars as pl

COLUMNS: dict[str, type[pl.DataType]] = {
    "input": pl.String,
    "finding": pl.String,
    "text": pl.String,
    "rows": pl.Int64,
    "sales": pl.Float64,
    "is_warning": pl.Boolean,
}
EXAMPLES = 3
Finding = tuple[str, str, str, int | None, float | None, bool]


def note(
    name: str, finding: str, text: str, rows: int | None = None, sales: float | None = None
) -> Finding:
    """Something that was done or assumed."""
    return (name, finding, text, rows, sales, False)


def warning(
    name: str, finding: str, text: str, rows: int | None = None, sales: float | None = None
) -> Finding:
    """Something that looks wrong."""
    return (name, finding, text, rows, sales, True)


def listed(names: list[str]) -> str:
    """The first of `names`, and how many more there are."""
    more = f" and {len(names) - EXAMPLES} more" if len(names) > EXAMPLES else ""
    return ", ".join(names[:EXAMPLES]) + more


def findings_table(found: list[Finding]) -> pl.DataFrame:
    """Give schemas.Findings, in the order of `found`."""
    return pl.DataFrame(found, schema=COLUMNS, orient="row")


def of_readings(readings: pl.DataFrame) -> pl.DataFrame:
    """Give schemas.Findings: what was not understood while inputs were read (ColumnReport)."""
    unread = readings.filter(action="unread").select("input", "file", "column", "reason")
    return findings_table(
        [
            warning(name, "unread", ": ".join(part for part in (file, column, reason) if part))
            for name, file, column, reason in unread.iter_rows()
        ]
    )


def told(findings: pl.DataFrame) -> list[str]:
    """Give schemas.Findings as lines for people, warnings first."""
    return [
        f"{'warning' if row['is_warning'] else 'note'}: {row['input']}: {row['text']}{_about(row)}"
        for row in findings.sort("is_warning", descending=True, maintain_order=True).to_dicts()
    ]


def _about(row: dict[str, Any]) -> str:
    parts = [] if row["rows"] is None else [f"{row['rows']:,} row{'s' * (row['rows'] != 1)}"]
    parts += [] if row["sales"] is None else [f"sales {row['sales']:,.2f}"]
    return f" ({', '.join(parts)})" if parts else ""
