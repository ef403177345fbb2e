"""Whether a version is as it was published, file by file."""

from __future__ import annotations

from pathlib import Path

from clustering.errors import DataError
from clustering.store.version_record import NAME
from clustering.store.versions import read_version, sha256_of


def require_intact(folder: Path) -> None:
    """Raise DataError naming what is wrong with a version."""
    if wrong := faults(folder):
        see = f"see all that differs: clustering verify v{folder.name}"
        raise DataError(f"{folder} is not as it was published: {wrong[0]}", [*wrong[1:20], see])


def faults(folder: Path) -> list[str]:
    """What is wrong with a version: files that are missing, changed, replaced by links, or were
    added.
    """
    try:
        version = read_version(folder)
    except DataError as error:
        return [error.message]
    found = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or not path.is_dir()
    }
    del found[NAME]
    missing = [f"{name} is missing" for name in version.files if name not in found]
    added = [f"{name} was added" for name in found if name not in version.files]
    changed = [
        f"{name} {wrong}"
        for name, expected in version.files.items()
        if name in found and (wrong := _change(found[name], expected))
    ]
    return missing + changed + added


def _change(path: Path, expected: str) -> str:
    """What happened to a file of a version, empty where it has the expected SHA-256."""
    if path.is_symlink() or not path.is_file():
        return "was replaced by something that is no file"
    try:
        return "" if sha256_of(path) == expected else "was changed"
    except OSError as error:
        return f"cannot be read: {error.strerror}"
