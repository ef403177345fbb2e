"""The state of an environment as a Prometheus text file, for node_exporter's textfile collector.

Format: https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from pathlib import Path

from clustering.config import Config
from clustering.registry import STAGES
from clustering.store.atomic import write_text
from clustering.store.catalog import Catalog

HELP = {
    "clustering_run_success": "1 if the last run ended well, else 0.",
    "clustering_run_duration_seconds": "How long the last run took.",
    "clustering_run_finished_timestamp_seconds": "When the last run ended (Unix time).",
    "clustering_stage_duration_seconds": "How long the stage took when it was last made.",
    "clustering_stage_made_timestamp_seconds": "When the stage was last begun (Unix time).",
    "clustering_stage_rows": "Rows of each table of the stage.",
    "clustering_quality": "What the stage measured: counts, or the lowest, median and highest "
    "value over categories.",
}


def write_metrics(
    path: Path, config: Config, catalog: Catalog, *, success: bool, seconds: float, now: float
) -> None:
    """Write how the run that took `seconds` ended, and what the manifests of its environment say,
    in one atomic step.
    """
    env = {"env": config.env}
    samples: dict[str, list[str]] = defaultdict(list)

    def add(name: str, value: float, **labels: str) -> None:
        samples[name].append(f"{name}{_labels(env | labels)} {float(value)!r}")

    add("clustering_run_success", success)
    add("clustering_run_duration_seconds", seconds)
    add("clustering_run_finished_timestamp_seconds", now)
    for stage in STAGES:
        if manifest := catalog.manifest(stage):
            add("clustering_stage_duration_seconds", manifest.duration_seconds, stage=stage.key)
            began = datetime.fromisoformat(manifest.started).timestamp()
            add("clustering_stage_made_timestamp_seconds", began, stage=stage.key)
            for table, rows in manifest.rows["out"].items():
                add("clustering_stage_rows", rows, stage=stage.key, table=table)
            for measure, value in manifest.measures.items():
                add("clustering_quality", value, stage=stage.key, measure=measure)
    lines = [line for name in HELP if samples[name] for line in (*_head(name), *samples[name])]
    write_text(path, "\n".join(lines) + "\n")


def _head(name: str) -> tuple[str, str]:
    return f"# HELP {name} {HELP[name]}", f"# TYPE {name} gauge"


def _labels(labels: dict[str, str]) -> str:
    escaped = {
        name: text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
        for name, text in labels.items()
    }
    return "{" + ",".join(f'{name}="{text}"' for name, text in escaped.items()) + "}"
