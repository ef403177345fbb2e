"""The results of a project, for comparing them before and after."""

from __future__ import annotations

import hashlib
from pathlib import Path


def tables(folder: Path, env: str = "dev") -> dict[str, str]:
    """Content hash of every parquet table below data/<env>, by its place."""
    root = folder / "data" / env
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*.parquet"))
    }
