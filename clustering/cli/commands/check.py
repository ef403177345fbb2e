"""The command `check`: what a run would read, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from clustering.cli.answers import Check, to_json
from clustering.cli.console import messages, results
from clustering.cli.progress import StageProgress
from clustering.config import Config
from clustering.errors import ConfigError, DataError, StageError
from clustering.pipeline.runner import Pipeline
from clustering.store.atomic import replacing


def check(
    _: Config, per_track: dict[str, Config], form: str = "table", labels: Path | None = None
) -> None:
    """Print what was recognised in every input, as text or as JSON; write proposed labels to the
    file `labels`, if that is given and not there yet.

    Raises DataError, listing everything at once, where a run would stop.
    """
    from clustering.results.inputs.gather import gather
    from clustering.results.inputs.show import print_inputs

    found = gather(Pipeline(per_track, StageProgress("none")))
    if form == "json":
        results().out(to_json(Check(**vars(found))), highlight=False)
    else:
        print_inputs(results(), found)
    if found.problems:
        raise DataError(found.problems[0], found.problems[1:])
    if labels:
        _write_labels(labels, found.labels)
    if form != "json":
        results().print("\nready: clustering run", markup=False)


def _write_labels(path: Path, rows: list[dict[str, str]]) -> None:
    """Write schemas.Labels as CSV; raises ConfigError where the file is there already."""
    if path.exists():
        raise ConfigError(f"--labels {path} is there already; name another file, or remove it")
    try:
        with replacing(path) as temporary:
            pl.DataFrame(rows).write_csv(temporary)
    except OSError as cause:
        raise StageError(f"{path} cannot be written: {cause.strerror or cause}") from cause
    messages().print(f"{len(rows)} labels in {path}; use them: source.labels={path}", markup=False)
