"""The command `diff`: what changed between two runs."""

from __future__ import annotations

import json
from pathlib import Path

from clustering.cli.console import results, write_text
from clustering.config import Config
from clustering.errors import ConfigError
from clustering.results.comparison.changes import changes
from clustering.results.comparison.drift import CAVEAT
from clustering.results.comparison.show_changes import overall, print_changes
from clustering.store.runs import CURRENT, open_run


def diff(config: Config, *, runs: list[str], form: str, output: Path | None) -> None:
    """Print or write the changes from the first run to the second, which is the current one by
    default.
    """
    if not 1 <= len(runs) <= 2:
        raise ConfigError("diff needs one run or two: clustering diff v1 current")
    if form == "parquet" and output is None:
        raise ConfigError("--format parquet needs --output FOLDER")
    before, after = (open_run(run, config) for run in (runs[0], [*runs, CURRENT][1]))
    found = changes(before, after)
    if form == "table":
        print_changes(results(), found)
    elif form == "json":
        tables = {name: table.to_dicts() for name, table in found.tables().items()}
        write_text(
            json.dumps({"overall": overall(found).to_dicts(), **tables, "caveat": CAVEAT}, indent=2)
            + "\n",
            output,
        )
    elif output is not None:
        output.mkdir(parents=True, exist_ok=True)
        for name, table in found.tables().items():
            table.write_parquet(output / f"{name}.parquet")
        results().print(str(output), markup=False, soft_wrap=True)
