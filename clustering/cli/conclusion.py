"""The end of a sweep: its leaderboard and its failures."""

from __future__ import annotations

from pathlib import Path

from clustering.cli.answers import Compare, to_json
from clustering.cli.console import results
from clustering.errors import ClusteringError, StageError
from clustering.results.comparison.leaderboard import RULE, leaderboard
from clustering.results.comparison.scenarios import scenarios_of
from clustering.results.comparison.show import print_leaderboard

EXIT_CODE = StageError.exit_code


def conclude(sweep: Path, form: str, quiet: bool) -> None:
    """Print the leaderboard of a sweep that is over, as a table or as JSON; raises ClusteringError
    where a scenario failed.
    """
    scenarios = scenarios_of(sweep)
    failed = [scenario.record for scenario in scenarios if not scenario.is_done]
    table = leaderboard(scenarios)
    if form == "json":
        results().out(to_json(Compare(rule=RULE, scenarios=table.to_dicts())), highlight=False)
    elif not quiet:
        print_leaderboard(results(), table, [])
        told = f"files: {sweep}   compare again: clustering compare {sweep}"
        results().print(told, markup=False, soft_wrap=True)
    if failed:
        codes = {record.exit_code or EXIT_CODE for record in failed}
        error = ClusteringError(
            f"{len(failed)} of {len(scenarios)} scenarios failed; the others are kept",
            [f"{record.number}: {record.error or record.state}" for record in failed],
        )
        error.exit_code = codes.pop() if len(codes) == 1 else EXIT_CODE
        raise error
