"""`clustering publish`, `versions` and `rollback`: what is in force, since when, by whose
approval.
"""

from __future__ import annotations

import json
from collections.abc import Container
from dataclasses import asdict
from datetime import date
from pathlib import Path

from rich.table import Table

from clustering.cli.console import results
from clustering.config import Config
from clustering.errors import ConfigError
from clustering.registry import BY_KEY
from clustering.results.comparison.changes import changes
from clustering.results.comparison.show_changes import overall
from clustering.store.catalog import Catalog
from clustering.store.runs import open_run, run_folder
from clustering.store.versions import (
    Version,
    all_versions,
    day_of,
    in_force,
    publish_version,
    versions_folder,
    withdraw,
    withdrawals,
)


def publish(
    config: Config,
    per_track: dict[str, Config],
    *,
    run: str,
    approver: str,
    note: str,
    since: str | None,
    until: str | None,
) -> None:
    """Turn a run into the next version, say what it changes, and renew the downstream files."""
    start, end = day_of(since, "--from") or date.today(), day_of(until, "--until")
    if end and end < start:
        raise ConfigError(f"--until {end} is before --from {start}")
    if not approver.strip():
        raise ConfigError("--approver is empty; name who approves this version")
    chosen, output_dir = open_run(run, config), config.paths.output_dir
    before = in_force(output_dir, config.env, date.today())
    with chosen.locked(config.executor.lock_timeout, "clustering publish"):
        version = publish_version(
            chosen,
            output_dir,
            run=run,
            effective_from=start,
            effective_to=end,
            approver=approver.strip(),
            note=note,
        )
    _say(f"v{version.number} of env={version.env} is published, in force {_dates(version)}")
    if before:
        found = changes(_catalog(before, output_dir), _catalog(version, output_dir))
        for row in overall(found).iter_rows(named=True):
            _say(
                f"against v{before.number}, {row['track']}: {row['retention']:.1%} of "
                f"{row['stores']:,} stores stay "
                "in their cluster"
            )
    _say(f"files: {versions_folder(output_dir) / str(version.number)}")
    _renew(config)


def versions(config: Config, per_track: dict[str, Config], *, format: str) -> None:
    """List every version and which is in force."""
    output_dir, today = config.paths.output_dir, date.today()
    found, gone = all_versions(output_dir), withdrawals(output_dir)
    rows = [
        asdict(each)
        | {"state": _state(each, gone, config, today), "withdrawn": gone.get(each.number)}
        for each in found
    ]
    if format == "json":
        results().out(json.dumps(rows, indent=2), highlight=False)
        return
    if not rows:
        _say("nothing is published; publish a run: clustering publish --approver NAME")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("version", "env", "state", "from", "until", "approver", "note"):
        table.add_column(name, overflow="fold")
    for version, row in zip(found, rows, strict=True):
        table.add_row(
            f"v{version.number}",
            version.env,
            str(row["state"]),
            version.effective_from,
            version.effective_to or "",
            version.approver,
            version.note,
        )
    results().print(table)


def rollback(
    config: Config, per_track: dict[str, Config], *, who: str, note: str, to: str | None
) -> None:
    """Withdraw the version in force, or every one newer than `to`; the one before is in force
    again.
    """
    output_dir, today = config.paths.output_dir, date.today()
    gone = withdrawals(output_dir)
    standing = [
        each
        for each in all_versions(output_dir)
        if each.env == config.env and each.number not in gone
    ]
    now = in_force(output_dir, config.env, today)
    if now is None:
        raise ConfigError(
            f"no version of env={config.env} is in force; there is nothing to roll back"
        )
    if to is None:
        leaving = [now]
    else:
        target = next(
            (each for each in standing if f"v{each.number}" == to or str(each.number) == to), None
        )
        if target is None:
            raise ConfigError(
                f"--to {to}: no such version",
                [f"versions: {', '.join(f'v{each.number}' for each in standing)}"],
            )
        leaving = [each for each in standing if each.number > target.number]
    if not leaving:
        raise ConfigError(f"v{now.number} is in force already")
    for version in leaving:
        withdraw(output_dir, version.number, who, note)
        _say(f"v{version.number} is withdrawn; its files stay")
    after = in_force(output_dir, config.env, today)
    _say(
        f"v{after.number} is in force {_dates(after)}"
        if after
        else f"no version of env={config.env} is in force now"
    )
    _renew(config)


def _renew(config: Config) -> None:
    """Write the downstream files of the version in force; take them away where none is."""
    from clustering.results.export.downstream import downstream_folder, write_downstream

    version = in_force(config.paths.output_dir, config.env, date.today())
    folder = downstream_folder(config.paths.output_dir, config.env)
    if version is None:
        for path in folder.glob("*"):
            path.unlink()
        return
    catalog = _catalog(version, config.paths.output_dir)
    if catalog.manifest(BY_KEY["internal/analyze"]):
        for path in write_downstream(catalog, folder, version.number):
            _say(str(path))


def _catalog(version: Version, output_dir: str | Path) -> Catalog:
    return run_folder(versions_folder(output_dir) / str(version.number), version.env)


def _state(version: Version, gone: Container[int], config: Config, today: date) -> str:
    if version.number in gone:
        return "withdrawn"
    now = in_force(config.paths.output_dir, version.env, today)
    if now and now.number == version.number:
        return "in force"
    return (
        "scheduled"
        if version.effective_from > today.isoformat()
        else "superseded"
        if version.holds_on(today)
        else "over"
    )


def _dates(version: Version) -> str:
    return f"from {version.effective_from}" + (
        f" until {version.effective_to}" if version.effective_to else ""
    )


def _say(text: str) -> None:
    results().print(text, markup=False, highlight=False, soft_wrap=True)
