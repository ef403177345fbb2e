"""The command `compare`: scenarios side by side."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from clustering.cli.answers import Compare, to_json
from clustering.cli.console import results, write_text
from clustering.config import Config
from clustering.errors import ConfigError, did_you_mean
from clustering.results.comparison.agreement import agreements, partition
from clustering.results.comparison.leaderboard import RULE, SORTABLE, leaderboard
from clustering.results.comparison.scenarios import Scenario, scenario_of, scenarios_of
from clustering.results.comparison.show import MOST_IN_HEAT_MAP, print_leaderboard
from clustering.results.export.spreadsheet import for_spreadsheets
from clustering.store.runs import newest_sweep, open_run


def compare(
    config: Config,
    *,
    runs: Sequence[str],
    baseline: str | None,
    prefer: str | None,
    sort: str | None,
    form: str,
    output: Path | None,
) -> None:
    """Print the leaderboard of a sweep or of single runs, and how far they agree."""
    if sort is not None and sort not in SORTABLE:
        near = did_you_mean(sort, SORTABLE) or f"; columns: {', '.join(SORTABLE)}"
        raise ConfigError(f"--sort {sort}: no such column{near}")
    scenarios = _scenarios(runs, config)
    reference = scenario_of(baseline, open_run(baseline, config)) if baseline else None
    table = leaderboard(scenarios, baseline=reference, prefer=_known(prefer, scenarios), sort=sort)
    by_name = {scenario.name: scenario for scenario in scenarios}
    ordered = [by_name[name] for name in table["scenario"] if by_name[name].is_done]
    matrix = (
        agreements([partition(scenario.catalog) for scenario in ordered])
        if len(ordered) <= MOST_IN_HEAT_MAP
        else []
    )
    if form == "table":
        print_leaderboard(results(), table, matrix)
    elif form == "json":
        names = [scenario.name for scenario in ordered]
        pairs = {
            name: dict(zip(names, row, strict=True))
            for name, row in zip(names, matrix, strict=False)
        }
        write_text(
            to_json(Compare(rule=RULE, scenarios=table.to_dicts(), agreement=pairs)) + "\n", output
        )
    elif form == "csv":
        safe = for_spreadsheets(table, config.report.csv_for_spreadsheets)
        write_text(safe.write_csv(), output)
    else:
        if output is None:
            raise ConfigError("--format parquet needs --output FILE")
        table.write_parquet(output)


def _scenarios(runs: Sequence[str], config: Config) -> list[Scenario]:
    """The scenarios of the newest sweep, of the sweep folder that is named, or the runs that
    are.
    """
    if not runs:
        return scenarios_of(newest_sweep(Path(config.paths.output_dir)))
    found: list[Scenario] = []
    for reference in runs:
        inside = scenarios_of(Path(reference)) if Path(reference).is_dir() else []
        found += inside or [scenario_of(reference, open_run(reference, config))]
    doubled = len({scenario.name for scenario in found}) < len(found)
    return (
        [scenario_of(str(scenario.catalog.data_dir.parent), scenario.catalog) for scenario in found]
        if doubled
        else found
    )


def _known(name: str | None, scenarios: Sequence[Scenario]) -> str | None:
    names = [scenario.name for scenario in scenarios]
    if name is not None and name not in names:
        raise ConfigError(
            f"--prefer {name}: no such scenario{did_you_mean(name, names)}",
            [f"scenarios: {', '.join(names)}"],
        )
    return name
