"""Published versions: numbered run folders that never change, and which of them is in force on a
day.

    <output_dir>/versions/3/data/<env>/...      the tables, read-only
    <output_dir>/versions/3/models/<env>/...    what was fitted <output_dir>/versions/3/version.json
    what it is: dates, approver, note, code, packages, inputs, hashes
    <output_dir>/versions/withdrawn.jsonl       which were rolled back, when, by whom and why

In force is the newest version that is not withdrawn and whose dates hold that day; it is the run
`published`.
"""

from __future__ import annotations

import json
import platform
import shutil
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from clustering.errors import ConfigError, DataError, StageError
from clustering.registry import BY_KEY, STAGES, TRACKS
from clustering.store.catalog import Catalog
from clustering.store.manifest import Manifest

NAME, WITHDRAWN, UNFINISHED = "version.json", "withdrawn.jsonl", ".publishing-"


@dataclass(frozen=True)
class Version:
    """The record of a version; `stages` holds, by stage, its fingerprint, code version, seed,
    inputs and output hashes.
    """

    number: int
    env: str
    run: str
    run_id: str
    published_at: str
    effective_from: str
    effective_to: str | None
    approver: str
    note: str
    python: str
    packages: dict[str, str]
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)

    def holds_on(self, day: date) -> bool:
        """Whether its dates hold on `day`, both ends included."""
        return self.effective_from <= day.isoformat() and (
            self.effective_to is None or day.isoformat() <= self.effective_to
        )


def versions_folder(output_dir: str | Path) -> Path:
    return Path(output_dir) / "versions"


def all_versions(output_dir: str | Path) -> list[Version]:
    """Every version, oldest first; raises DataError where a record cannot be read."""
    folder = versions_folder(output_dir)
    numbers = (
        sorted(int(path.name) for path in folder.iterdir() if path.name.isdecimal())
        if folder.is_dir()
        else []
    )
    return [read_version(folder / str(number)) for number in numbers]


def read_version(folder: Path) -> Version:
    """The record in a version's folder; raises DataError where there is none that can be read."""
    try:
        return Version(**json.loads((folder / NAME).read_text()))
    except (OSError, ValueError, TypeError) as cause:
        raise DataError(f"{folder / NAME} is not the record of a version: {cause}") from cause


def withdrawals(output_dir: str | Path) -> dict[int, dict[str, Any]]:
    """By number, when, by whom and why a version was rolled back."""
    path = versions_folder(output_dir) / WITHDRAWN
    lines = path.read_text().splitlines() if path.exists() else []
    return {row["number"]: row for row in map(json.loads, lines)}


def in_force(output_dir: str | Path, env: str, day: date) -> Version | None:
    """The newest version of the environment that is not withdrawn and whose dates hold on `day`."""
    gone = withdrawals(output_dir)
    standing = [
        each
        for each in all_versions(output_dir)
        if each.env == env and each.number not in gone and each.holds_on(day)
    ]
    return standing[-1] if standing else None


def withdraw(output_dir: str | Path, number: int, who: str, note: str) -> None:
    """Record that a version is rolled back; its files stay."""
    row = {
        "number": number,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "who": who,
        "note": note,
    }
    with (versions_folder(output_dir) / WITHDRAWN).open("a") as file:
        file.write(json.dumps(row) + "\n")


def publish_version(
    catalog: Catalog,
    output_dir: str | Path,
    *,
    run: str,
    effective_from: date,
    effective_to: date | None,
    approver: str,
    note: str,
) -> Version:
    """Copy a whole run to the next number and make it read-only; give its record.

    Raises DataError where the run is incomplete, its stages were not made from each other, or its
    files are not what they were; StageError where the disk refuses. What is cut off leaves no
    number behind.
    """
    manifests = _of_one_piece(catalog)
    last = list(manifests.values())[-1]
    folder = versions_folder(output_dir)
    unfinished = folder / f"{UNFINISHED}{catalog.env}"
    try:
        shutil.rmtree(unfinished, ignore_errors=True)
        copy = Catalog(str(unfinished / "data"), str(unfinished), catalog.env)
        for key in manifests:
            copy.adopt(BY_KEY[key], catalog, link=False)
        number = 1 + max(
            (int(path.name) for path in folder.iterdir() if path.name.isdecimal()), default=0
        )
        version = Version(
            number=number,
            env=catalog.env,
            run=run,
            run_id=last.run_id,
            published_at=datetime.now(UTC).isoformat(timespec="seconds"),
            effective_from=effective_from.isoformat(),
            effective_to=effective_to.isoformat() if effective_to else None,
            approver=approver,
            note=note,
            python=platform.python_version(),
            packages={
                name: version
                for manifest in manifests.values()
                for name, version in manifest.packages.items()
            },
            stages={key: _record(manifest) for key, manifest in manifests.items()},
        )
        (unfinished / NAME).write_text(json.dumps(asdict(version), indent=2) + "\n")
        for path in unfinished.rglob("*"):
            if path.is_file():
                path.chmod(0o444)
        unfinished.rename(folder / str(number))
    except OSError as cause:
        raise StageError(f"the version cannot be written below {folder}: {cause}") from cause
    return version


def _of_one_piece(catalog: Catalog) -> dict[str, Manifest]:
    """The stages of a run that is whole, by key: every one was made from those that are there, and
    is as it was written.
    """
    found = {stage.key: manifest for stage in STAGES if (manifest := catalog.manifest(stage))}
    tracks = [track for track in TRACKS if any(key.startswith(f"{track}/") for key in found)]
    if not tracks:
        raise DataError(
            f"{catalog.name} holds no finished track to publish; run first: clustering run"
        )
    lacking = [stage.key for stage in STAGES if stage.track in tracks and stage.key not in found]
    if lacking:
        raise DataError(f"{catalog.name} lacks {lacking[0]}; run first: clustering run")
    for key, manifest in found.items():
        for origin, mark in manifest.upstream.items():
            if mark and (origin not in found or found[origin].fingerprint != mark):
                raise DataError(
                    f"{key} was not made from the present {origin}; run first: clustering run"
                )
        if not catalog.is_intact(BY_KEY[key], manifest):
            raise DataError(
                f"{catalog.folder(BY_KEY[key])} is not what {key} wrote; make it again: "
                "clustering run --force"
            )
    return found


def _record(manifest: Manifest) -> dict[str, Any]:
    return {
        "fingerprint": manifest.fingerprint,
        "code_version": manifest.code_version,
        "seed": manifest.seed,
        "inputs": {
            name: [{"path": state.path, "sha256": state.sha256} for state in states]
            for name, states in manifest.inputs.items()
        },
        "outputs": {name: state.sha256 for name, state in manifest.outputs.items()},
    }


def day_of(text: str | None, option: str) -> date | None:
    """A date as 2026-12-31, or None; raises ConfigError naming the option."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as cause:
        raise ConfigError(f"{option} {text} is not a date such as 2026-12-31") from cause
