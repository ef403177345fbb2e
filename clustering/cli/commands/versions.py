"""The commands `versions` and `verify`: which versions exist, and whether they are intact."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.table import Table

from clustering.cli.answers import Verify, VersionListed, Versions, to_json
from clustering.cli.console import results
from clustering.config import Config
from clustering.errors import DataError, NotProvenError
from clustering.results.export.downstream import downstream_folder, edited, is_renewed, settle
from clustering.store.intact import faults
from clustering.store.ledger import Event
from clustering.store.runs import CURRENT, folder_of, open_run
from clustering.store.version_record import OtherFormatError
from clustering.store.versions import (
    is_published,
    number_in_force,
    published,
    read_version,
    today,
    version_folder,
    withdrawals,
)
from clustering.store.wholeness import of_one_piece

MOST_FAULTS = 5  # of a version, below the table; `verify` names them all
log = logging.getLogger(__name__)


def versions(config: Config, *, form: str) -> None:
    """List every version, which is in effect, and whether its files are as they were published."""
    output_dir = config.paths.output_dir
    if wrong := settle(config, thorough=True):
        log.warning("%s", wrong)
    gone = withdrawals(output_dir)
    rows = [
        {
            **_record(output_dir, event),
            "state": _state(output_dir, event, gone),
            "withdrawn": gone.get(number),
            "faults": faults(version_folder(output_dir, number)),
        }
        for number, event in published(output_dir).items()
    ]
    by_others = {
        number for number in published(output_dir) if _is_by_other_tool(output_dir, number)
    }
    if form == "json":
        listed = Versions(versions=[VersionListed(**row) for row in rows])
        results().out(to_json(listed), highlight=False)
    elif rows:
        results().print(_table(rows, by_others))
        for row in rows:
            for fault in row["faults"][:MOST_FAULTS]:
                _say(f"v{row['number']}: {fault}")
    else:
        _say("nothing is published; publish a run: clustering publish --approver NAME")


def _record(output_dir: str, event: Event) -> dict[str, Any]:
    """The version's own record, or what the ledger knows where that was changed."""
    try:
        return asdict(read_version(version_folder(output_dir, event["number"])))
    except DataError:
        known = ("number", "env", "effective_from", "effective_to", "note")
        return {name: event[name] for name in known} | {"approver": event["who"]}


def _is_by_other_tool(output_dir: str, number: int) -> bool:
    try:
        read_version(version_folder(output_dir, number))
    except OtherFormatError:
        return True
    except DataError:
        return False
    return False


def _table(rows: list[dict[str, Any]], by_others: set[int]) -> Table:
    table = Table(box=None, pad_edge=False)
    for name in ("version", "env", "state", "files", "from", "until", "approver", "note"):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(
            f"v{row['number']}",
            row["env"],
            row["state"],
            _files(row, by_others),
            row["effective_from"],
            row["effective_to"] or "",
            row["approver"],
            row["note"],
        )
    return table


def _files(row: dict[str, Any], by_others: set[int]) -> str:
    if row["number"] in by_others:
        return "[red]of another tool version[/red]"
    return "[red]changed[/red]" if row["faults"] else "intact"


def _state(output_dir: str | Path, event: Event, gone: dict[int, Any]) -> str:
    day = today()
    if event["number"] in gone:
        return "withdrawn"
    if number_in_force(output_dir, event["env"], day) == event["number"]:
        return "in effect"
    if event["effective_from"] > day.isoformat():
        return "scheduled"
    ended = event["effective_to"] is not None and event["effective_to"] < day.isoformat()
    return "over" if ended else "superseded"


def verify(config: Config, *, run: str | None, form: str) -> None:
    """Hold every file of a run, or of all versions, against what was recorded when it was made.

    Raises NotProvenError naming every file that differs.
    """
    output_dir = config.paths.output_dir
    found = (
        {run: _faults_of(run, config)}
        if run
        else {
            f"v{number}": faults(version_folder(output_dir, number))
            for number in published(output_dir)
        }
    )
    if not run and not any(found.values()):
        found |= _faults_downstream(config)
    lines = [f"{name}: {fault}" for name, wrong in found.items() for fault in wrong]
    if form == "json":
        results().out(to_json(Verify(intact=not lines, faults=found)), highlight=False)
    if lines:
        first, *rest = lines
        raise NotProvenError(f"not as recorded: {first}", rest[:50])
    if form == "table":
        _say(
            f"{', '.join(found)}: every file is as recorded"
            if found
            else "nothing is published; to check the last run: clustering verify current"
        )


def _faults_downstream(config: Config) -> dict[str, list[str]]:
    """What is wrong with the files for other systems, by their folder."""
    output_dir, env = config.paths.output_dir, config.env
    folder = str(downstream_folder(output_dir, env))
    if not is_renewed(output_dir, env, today()):
        return {folder: ["is not that of the version in effect; run: clustering versions"]}
    wrong = edited(config)
    return {folder: [f"{wrong} was changed; run: clustering versions"]} if wrong else {}


def _faults_of(run: str, config: Config) -> list[str]:
    try:
        if run != CURRENT and is_published(folder := folder_of(run, config)):
            return faults(folder)
        of_one_piece(open_run(run, config))
    except DataError as error:
        return [error.message, *error.details]
    return []


def _say(text: str) -> None:
    results().print(text, markup=False, highlight=False, soft_wrap=True)
