"""The record of a version: version.json in its folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clustering.errors import DataError
from clustering.store.atomic import parse_json

NAME = "version.json"
FORMAT = 2  # of version.json; a larger one was written by a newer tool


@dataclass(frozen=True)
class Version:
    """The record of a version; `stages` holds, by stage, its fingerprint, code version, seed,
    inputs and output hashes; `files` the SHA-256 of every file by its path below the version.
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
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT


class OtherFormatError(DataError):
    """A record that a newer or an older tool wrote."""


def parsed(path: Path) -> tuple[Version, bytes]:
    """The record and its bytes; raises DataError where it is missing or no record, OtherFormatError
    where another tool wrote it.
    """
    try:
        content = path.read_bytes()
        record = parse_json(content)
        _require_known_format(path, int(record.get("format", 1)))
        return Version(**record), content
    except (OSError, ValueError, TypeError, AttributeError) as cause:
        raise DataError(f"{path} is not a valid record of a version: {cause}") from cause


def _require_known_format(path: Path, written: int) -> None:
    if written > FORMAT:
        raise OtherFormatError(
            f"{path} was written by a newer clustering (record format {written}, this one "
            f"reads up to {FORMAT}); update the package"
        )
    if written < FORMAT:
        raise OtherFormatError(
            f"{path} was written by an older clustering (record format {written}), which kept no "
            "hashes to check the files by; publish the run again: clustering publish"
        )
