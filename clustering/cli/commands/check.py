"""The command `check`: what a run would read, and what is wrong with it."""

from __future__ import annotations

import json
from dataclasses import asdict

from rich.console import Console

from clustering.cli.console import StageProgress, results
from clustering.config import Config
from clustering.errors import DataError
from clustering.pipeline.runner import Pipeline


def check(_: Config, per_track: dict[str, Config], form: str = "table") -> None:
    """Print what was recognised in every input, as text or as JSON; nothing is written.

    Raises DataError, listing everything at once, where a run would stop.
    """
    from clustering.results.inputs.gather import gather
    from clustering.results.inputs.show import print_inputs

    found = gather(Pipeline(per_track, StageProgress(Console(quiet=True))))
    if form == "json":
        results().out(json.dumps(asdict(found), indent=2, default=str), highlight=False)
    else:
        print_inputs(results(), found)
    if found.problems:
        raise DataError(found.problems[0], found.problems[1:])
    if form != "json":
        results().print("\nready: clustering run", markup=False)
