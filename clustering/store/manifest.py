"""The record of a stage, and the fingerprint that tells whether it is fresh."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from clustering.store.atomic import parse_json
from clustering.store.code import Code


@dataclass(frozen=True)
class FileState:
    """One file as it was: where nothing that the system knows of it has changed the hash is trusted
    without reading the file again.
    """

    path: str
    bytes: int
    mtime_ns: int
    sha256: str
    # size and time of writing can be set back; these two cannot
    ctime_ns: int = 0
    inode: int = 0


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
    # the fingerprint of single categories that have settings of their own; "" is that of all others
    marks: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        return json.dumps(asdict(self), indent=2) + "\n"

    @classmethod
    def from_json(cls, text: str) -> Manifest:
        """Read a manifest back; raises ValueError, KeyError or TypeError where it is not one."""
        raw = parse_json(text)
        raw["inputs"] = {
            name: [FileState(**state) for state in states] for name, states in raw["inputs"].items()
        }
        raw["outputs"] = {name: FileState(**state) for name, state in raw["outputs"].items()}
        return cls(**raw)


def file_state(path: Path, known: FileState | None = None) -> FileState:
    """Size, times and SHA-256 of a file; the hash is taken from `known` where all else is as it
    was.
    """
    stat = path.stat()
    state = FileState(str(path), stat.st_size, stat.st_mtime_ns, "", stat.st_ctime_ns, stat.st_ino)
    if known and replace(known, sha256="") == state:
        return known
    with path.open("rb") as handle:
        digest = hashlib.file_digest(handle, "sha256").hexdigest()
    return replace(state, sha256=digest)


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
