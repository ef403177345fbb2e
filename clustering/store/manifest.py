"""What a stage read, what it made of it, and the fingerprint that says whether it need run
again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from clustering.store.code import Code


@dataclass(frozen=True)
class FileState:
    """One file as it was: size and time of change serve to trust the hash without reading the file
    again.
    """

    path: str
    bytes: int
    mtime_ns: int
    sha256: str


@dataclass
class Manifest:
    """The record beside a stage's tables."""

    stage: str
    env: str
    run_id: str
    fingerprint: str
    code_version: str
    seed: int
    config: dict[str, Any]
    inputs: dict[str, list[FileState]]
    upstream: dict[str, str]
    rows: dict[str, Any]
    packages: dict[str, str]
    started: str
    duration_seconds: float
    outputs: dict[str, FileState] = field(default_factory=dict)
    measures: dict[str, float] = field(
        default_factory=dict
    )  # what it found, in a few numbers (see measures.py)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read a manifest back; raises ValueError, KeyError or TypeError where it is not one."""
        raw = json.loads(text)
        raw["inputs"] = {
            name: [FileState(**state) for state in states] for name, states in raw["inputs"].items()
        }
        raw["outputs"] = {name: FileState(**state) for name, state in raw["outputs"].items()}
        return cls(**raw)


def file_state(path: Path, known: FileState | None = None) -> FileState:
    """Size, time and SHA-256 of a file; the hash is taken from `known` where size and time have not
    changed.
    """
    stat = path.stat()
    if known and (known.path, known.bytes, known.mtime_ns) == (
        str(path),
        stat.st_size,
        stat.st_mtime_ns,
    ):
        return known
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return FileState(str(path), stat.st_size, stat.st_mtime_ns, digest)


def file_states(paths: Iterable[str], known: Iterable[FileState] = ()) -> list[FileState]:
    """The states of several files, in order."""
    by_path = {state.path: state for state in known}
    return [file_state(Path(path), by_path.get(path)) for path in paths]


def fingerprint(
    stage: str,
    code: Code,
    config: Mapping[str, Any],
    seed: int,
    inputs: Mapping[str, list[FileState]],
    upstream: Mapping[str, str],
) -> str:
    """One hash over all that decides a stage's result: code, packages, settings, seed, content of
    inputs, upstream results.
    """
    parts = {
        "stage": stage,
        "code": asdict(code),
        "config": config,
        "seed": seed,
        "inputs": {
            name: [(Path(s.path).name, s.sha256) for s in states] for name, states in inputs.items()
        },
        "upstream": dict(upstream),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
