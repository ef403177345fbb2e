"""The results as a page of the documentation, with a picture of how time and memory grow."""

from __future__ import annotations

import os
import platform
import shlex
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import altair as alt
import polars as pl

from tests.benchmarks.measure import Row

PAGE = Path("docs/speed.md")
PACKAGES = ("polars", "duckdb", "numpy", "scipy", "scikit-learn")
PICTURE = Path("docs/speed.svg")
NAMES = {
    "start-up": "Start-up: commands that have nothing to compute",
    "aggregation": "Aggregation: the whole of `clustering preprocess`, checks and manifest "
    "included",
    "selection": "Selection: criteria of a range of k",
    "chain": "Chain: the whole of `clustering run`, from sales rows to the page",
    "entities": "Entities: the external track",
    "demo": "The demo",
}
INTRODUCTION = """# How fast, and beside what

Every line compares two whole processes (selection: two functions) measured in the same run: median wall and CPU seconds,
the largest memory of any process, and how many times faster ours is by the wall clock. A rival is the plainest program
that gives the same table. Where the rival is a smaller size of our own, the ratio says how time grows. Made by

    {command}

on {machine} with {processors} processors, {memory} GiB of memory; {versions}.
"""


def write_page(rows: Sequence[Row], words: Sequence[str]) -> None:
    """Write docs/speed.md and docs/speed.svg."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    parts = [
        INTRODUCTION.format(
            command=f"nox -s bench -- {shlex.join(words)}",
            machine=f"{_processor()} ({platform.system()})",
            processors=os.cpu_count(),
            memory=round(memory),
            versions=versions,
        )
    ]
    for part in dict.fromkeys(row.part for row in rows):
        lines = [
            f"## {NAMES[part]}",
            "",
            "| | rival | ours, s | rival, s | times | ours, CPU s | rival, CPU s | ours, MiB | "
            "rival, MiB |",
        ]
        lines.append("| --- | --- |" + " ---: |" * 7)
        lines += [_line(row) for row in rows if row.part == part]
        parts.append("\n".join(lines) + "\n")
    if growing := [row for row in rows if row.size]:
        _draw(growing)
        parts.append(
            f"## Growth\n\n![Seconds and memory by size, both axes logarithmic]({PICTURE.name})\n"
        )
    PAGE.write_text("\n".join(parts))


def _processor() -> str:
    """The name of the processor; its kind where Linux does not say."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _line(row: Row) -> str:
    both = (row.ours, row.theirs)
    cpu = " | ".join(f"{one.cpu:.2f}" if one.cpu else "" for one in both)
    memory = " | ".join(f"{one.peak_mib:.0f}" if one.peak_mib else "" for one in both)
    return (
        f"| {row.what} | {row.rival} | {row.ours.seconds:.2f} | {row.theirs.seconds:.2f} | "
        f"{row.times:.2f} | {cpu} | {memory} |"
    )


def _draw(rows: Sequence[Row]) -> None:
    points = [
        {"part": row.part, "size": row.size, "value": value, "measure": measure, "who": who}
        for row in rows
        if row.part in ("aggregation", "entities")
        for who, cost in (("clustering", row.ours), (row.rival, row.theirs))
        if row.part == "aggregation" or who == "clustering"
        for measure, value in (("seconds", cost.seconds), ("MiB", cost.peak_mib))
    ]
    table = (
        pl.DataFrame(points)
        .group_by("part", "size", "measure", "who")
        .agg(pl.col("value").median())
        .sort("size")
    )
    charts = [
        alt.Chart(table.filter((pl.col("part") == part) & (pl.col("measure") == measure)))
        .mark_line(point=True)
        .encode(
            alt.X("size:Q", title="sales rows" if part == "aggregation" else "entities").scale(
                type="log"
            ),
            alt.Y("value:Q", title=measure).scale(type="log"),
            alt.Color("who:N", title=None).scale(scheme="tableau10"),
        )
        .properties(width=260, height=200, title=f"{part}: {measure}")
        for part in table["part"].unique(maintain_order=True)
        for measure in ("seconds", "MiB")
    ]
    alt.concat(*charts, columns=2).save(PICTURE)
