"""Published versions: numbered run folders that never change.

    <output_dir>/versions/3/data/<env>/...      the tables, read-only
    <output_dir>/versions/3/models/<env>/...    what was fitted
    <output_dir>/versions/3/version.json        dates, approver, note, code, packages, inputs, and
                                                the SHA-256 of every file of the version
    <output_dir>/versions/ledger.jsonl          which versions were published and withdrawn

A version exists once the ledger lists it, and the ledger holds the SHA-256 of its version.json. So
every byte of a version is covered, and every read checks what it reads. In force is the newest
version that is not withdrawn and whose dates hold on the day, by the calendar of UTC.
"""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from clustering.errors import ConfigError, DataError, StageError
from clustering.registry import BY_KEY, Stage
from clustering.store import ledger
from clustering.store.catalog import Catalog
from clustering.store.manifest import Manifest
from clustering.store.version_record import NAME, Version, parsed
from clustering.store.wholeness import of_one_piece

UNFINISHED = ".publishing-"


def today() -> date:
    """The day versions are compared with: the date in UTC, the same for every reader."""
    return datetime.now(UTC).date()


def versions_folder(output_dir: str | Path) -> Path:
    """Where the versions of all environments are."""
    return Path(output_dir) / "versions"


def version_folder(output_dir: str | Path, number: int) -> Path:
    """Where one version is."""
    return versions_folder(output_dir) / str(number)


def published(output_dir: str | Path) -> dict[int, ledger.Event]:
    """The ledger's line of every publication, by number, oldest first."""
    return _listed(versions_folder(output_dir))


def read_version(folder: Path) -> Version:
    """The record in a version's folder; raises DataError where it is missing, was changed since it
    was published, was never published, or was written by a newer tool.
    """
    path = folder / NAME
    version, content = parsed(path)
    event = _listed(folder.parent).get(int(folder.name)) if folder.name.isdecimal() else None
    if event is None and (folder.parent / ledger.HEAD).exists():
        raise DataError(f"{folder} is not in {folder.parent / ledger.NAME}: nobody published it")
    if event and (event["record"] != _sha256(content) or event["number"] != version.number):
        raise DataError(f"{path} is not as it was published; see: clustering verify")
    return version


def is_published(folder: Path) -> bool:
    """Whether the ledger beside a folder lists it as a version, even if the folder is gone."""
    marks = (folder / NAME, folder.parent / ledger.NAME, folder.parent / ledger.HEAD)
    if not folder.name.isdecimal() or not any(path.exists() for path in marks):
        return False
    return int(folder.name) in _listed(folder.parent)


class VersionCatalog(Catalog):
    """The tables of a version. Every file is checked against version.json before it is read."""

    def __init__(self, folder: Path, env: str) -> None:
        super().__init__(str(folder / "data"), str(folder), env)
        self._folder = folder
        self._files = read_version(folder).files

    def manifest(self, stage: Stage) -> Manifest | None:
        """As Catalog.manifest; raises DataError where it is not the one that was published."""
        path = self.manifest_path(stage)
        if self._name(path) not in self._files and not path.exists():
            return None
        self._require_as_published(path)
        return super().manifest(stage)

    def _verified(self, stage: Stage, name: str) -> Path:
        path = super()._verified(stage, name)
        self._require_as_published(path)
        return path

    def _name(self, path: Path) -> str:
        return path.relative_to(self._folder).as_posix()

    def _require_as_published(self, path: Path) -> None:
        expected = self._files.get(self._name(path))
        if expected is None or not path.exists() or sha256_of(path) != expected:
            raise DataError(
                f"{path} is not as it was published in v{self._folder.name}",
                [f"see all that differs: clustering verify v{self._folder.name}"],
            )


def withdrawals(output_dir: str | Path) -> dict[int, dict[str, Any]]:
    """By number, when, by whom and why a version was rolled back."""
    return {
        event["number"]: {name: event[name] for name in ("number", "at", "who", "note")}
        for event in ledger.events(versions_folder(output_dir))
        if event["event"] == ledger.WITHDRAWN
    }


def in_force(output_dir: str | Path, env: str, day: date) -> Version | None:
    """The newest version of the environment that is not withdrawn and whose dates hold on `day`.

    Raises DataError where its record is not as it was published.
    """
    number = number_in_force(output_dir, env, day)
    return read_version(version_folder(output_dir, number)) if number else None


def number_in_force(output_dir: str | Path, env: str, day: date) -> int | None:
    """As `in_force`, by the ledger alone: also of a version whose own files were changed."""
    gone = withdrawals(output_dir)
    return max(
        (
            number
            for number, event in published(output_dir).items()
            if event["env"] == env and number not in gone and _holds(event, day)
        ),
        default=None,
    )


def _holds(event: ledger.Event, day: date) -> bool:
    first, last = event["effective_from"], event["effective_to"]
    return bool(first <= day.isoformat() and (last is None or day.isoformat() <= last))


def withdraw(output_dir: str | Path, number: int, who: str, note: str) -> None:
    """Record that a version is rolled back; its files stay."""
    event = {"event": ledger.WITHDRAWN, "number": number}
    ledger.append(versions_folder(output_dir), event | {"at": _now(), "who": who, "note": note})


@contextmanager
def locked_versions(output_dir: str | Path, timeout: float) -> Iterator[None]:
    """Admit one publication or rollback at a time; raises StageError after `timeout` seconds."""
    from filelock import FileLock, Timeout

    folder = versions_folder(output_dir)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / ".lock", timeout=timeout):
            yield
    except Timeout as cause:
        raise StageError(
            f"{folder} is in use by another publication or rollback; wait for it, or set "
            f"executor.lock_timeout (now {timeout:g} s) higher"
        ) from cause


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
    """Copy a whole run to the next number, make it read-only and list it; give its record.

    The caller holds `locked_versions`. Raises DataError where the run is incomplete, its stages
    were not made from each other, or its files are not what they were; StageError where the disk
    refuses. What is cut off before the ledger lists it is no version; the next publication removes
    it.
    """
    manifests = of_one_piece(catalog)
    folder = versions_folder(output_dir)
    unfinished = folder / f"{UNFINISHED}{catalog.env}"
    try:
        ledger.begin(folder)
        _remove_unlisted(folder)
        copy = Catalog(str(unfinished / "data"), str(unfinished), catalog.env)
        for key in manifests:
            copy.adopt(BY_KEY[key], catalog, link=False)
        last = list(manifests.values())[-1]
        version = Version(
            number=1 + max(_listed(folder), default=0),
            env=catalog.env,
            run=run,
            run_id=last.run_id,
            published_at=_now(),
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
            files=_hashes(unfinished),
        )
        content = (json.dumps(asdict(version), indent=2) + "\n").encode()
        (unfinished / NAME).write_bytes(content)
        for path in unfinished.rglob("*"):
            if path.is_file():
                path.chmod(0o444)
        unfinished.rename(folder / str(version.number))
        ledger.append(folder, _publication(version, content))
    except OSError as cause:
        raise StageError(f"the version cannot be written below {folder}: {cause}") from cause
    return version


def _publication(version: Version, content: bytes) -> ledger.Event:
    return {
        "event": ledger.PUBLISHED,
        "number": version.number,
        "env": version.env,
        "at": version.published_at,
        "who": version.approver,
        "note": version.note,
        "effective_from": version.effective_from,
        "effective_to": version.effective_to,
        "record": _sha256(content),
    }


def _remove_unlisted(folder: Path) -> None:
    """Remove what a publication that was cut off left behind: its unfinished copy, or the next
    version, which the ledger does not list yet. Raises DataError where there is any other.
    """
    listed = _listed(folder)
    for path in folder.glob(f"{UNFINISHED}*"):
        shutil.rmtree(path)
    unlisted = [
        path for path in folder.iterdir() if path.name.isdecimal() and int(path.name) not in listed
    ]
    due = 1 + max(listed, default=0)
    for path in unlisted:
        if len(unlisted) > 1 or path.name != str(due) or _number_in(path) != due:
            raise DataError(
                f"{path} is not in {folder / ledger.NAME}; move the folder away, or restore the "
                "ledger from a backup"
            )
        shutil.rmtree(path)


def _number_in(folder: Path) -> int | None:
    try:
        return parsed(folder / NAME)[0].number
    except DataError:
        return None


def _listed(folder: Path) -> dict[int, ledger.Event]:
    """The event of every publication by number."""
    return {
        event["number"]: event
        for event in ledger.events(folder)
        if event["event"] == ledger.PUBLISHED
    }


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): sha256_of(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


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
