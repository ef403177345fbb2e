"""The commands `publish` and `rollback`: which version is in effect, and who approved it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from clustering.cli.console import results
from clustering.config import Config
from clustering.errors import ConfigError
from clustering.results.comparison.changes import changes
from clustering.results.comparison.show_changes import overall
from clustering.results.export.downstream import renew
from clustering.store.catalog import Catalog
from clustering.store.runs import open_run, run_folder
from clustering.store.version_record import Version
from clustering.store.versions import (
    day_of,
    in_force,
    locked_versions,
    number_in_force,
    publish_version,
    published,
    today,
    version_folder,
    withdraw,
    withdrawals,
)


def publish(
    config: Config, *, run: str, approver: str, note: str, since: str | None, until: str | None
) -> None:
    """Turn a run into the next version, say what it changes, and renew the downstream files."""
    start, end = day_of(since, "--from") or today(), day_of(until, "--until")
    if end and end < start:
        raise ConfigError(f"--until {end} is before --from {start}")
    if not approver.strip():
        raise ConfigError("--approver is empty; name who approves this version")
    chosen, output_dir = open_run(run, config), config.paths.output_dir
    timeout = config.executor.lock_timeout
    with locked_versions(output_dir, timeout), chosen.locked(timeout, "clustering publish"):
        before = in_force(output_dir, config.env, today())
        version = publish_version(
            chosen,
            output_dir,
            run=run,
            effective_from=start,
            effective_to=end,
            approver=approver.strip(),
            note=note,
        )
        # everything is done before anything is printed: the reader of stdout may be gone by then
        files = renew(config, today())
    _say(f"v{version.number} of env={version.env} is published, in effect {_dates(version)}")
    for line in _changes(before, version, output_dir):
        _say(line)
    _say(f"files: {version_folder(output_dir, version.number)}")
    for path in files:
        _say(str(path))


def _changes(before: Version | None, version: Version, output_dir: str) -> Iterator[str]:
    """What a version changes against the one that was in effect."""
    if before is None:
        return
    for row in overall(
        changes(_catalog(before, output_dir), _catalog(version, output_dir))
    ).iter_rows(named=True):
        yield (
            f"against v{before.number}, {row['track']}: {row['retention']:.1%} of "
            f"{row['stores']:,} stores stay in their cluster"
        )


def rollback(config: Config, *, who: str, note: str, to: str | None) -> None:
    """Withdraw the version in effect, or every one newer than `to`; the one before is in effect
    again.
    """
    output_dir = config.paths.output_dir
    with locked_versions(output_dir, config.executor.lock_timeout):
        leaving = _leaving(config, to)
        for number in leaving:
            withdraw(output_dir, number, who, note)
        renew(config, today())
    for number in leaving:
        _say(f"v{number} is withdrawn; its files stay")
    after = in_force(output_dir, config.env, today())
    _say(
        f"v{after.number} is in effect {_dates(after)}"
        if after
        else f"no version of env={config.env} is in effect now"
    )


def _leaving(config: Config, to: str | None) -> list[int]:
    """The versions to withdraw; raises ConfigError where there are none."""
    gone = withdrawals(config.paths.output_dir)
    standing = [
        number
        for number, event in published(config.paths.output_dir).items()
        if event["env"] == config.env and number not in gone
    ]
    now = number_in_force(config.paths.output_dir, config.env, today())
    if now is None:
        raise ConfigError(
            f"no version of env={config.env} is in effect; there is nothing to roll back"
        )
    if to is None:
        return [now]
    if to.removeprefix("v") not in map(str, standing):
        raise ConfigError(
            f"--to {to}: no such version",
            [f"versions: {', '.join(f'v{number}' for number in standing)}"],
        )
    leaving = [number for number in standing if number > int(to.removeprefix("v"))]
    if not leaving:
        raise ConfigError(f"v{now} is already in effect")
    return leaving


def _catalog(version: Version, output_dir: str | Path) -> Catalog:
    return run_folder(version_folder(output_dir, version.number), version.env)


def _dates(version: Version) -> str:
    return f"from {version.effective_from}" + (
        f" until {version.effective_to}" if version.effective_to else ""
    )


def _say(text: str) -> None:
    results().print(text, markup=False, highlight=False, soft_wrap=True)
