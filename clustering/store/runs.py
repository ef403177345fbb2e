"""Run folders, and the names by which commands refer to them.

    <folder>/data/<env>/...      tables and manifests, as in the data directory
    <folder>/models/<env>/...    what was fitted

A scenario of a sweep and a published version are run folders.
"""

from __future__ import annotations

import re
from pathlib import Path

from clustering.config import Config
from clustering.errors import ConfigError
from clustering.store.bucket_catalog import open_catalog
from clustering.store.catalog import Catalog
from clustering.store.intact import require_intact
from clustering.store.ledger import NAME as LEDGER
from clustering.store.version_record import NAME as VERSION
from clustering.store.versions import VersionCatalog, in_force, is_published, today, versions_folder
from clustering.store.wholeness import require_unmixed

CURRENT, PUBLISHED = "current", "published"
OF_VERSION = r"v(\d+)"


def run_folder(folder: Path, env: str) -> Catalog:
    """The catalog of a run folder, whether it exists or not; that of a version checks each read."""
    if (folder / VERSION).exists() or (folder.parent / LEDGER).exists():
        return VersionCatalog(folder, env)
    return Catalog(str(folder / "data"), str(folder), env)


def current_run(config: Config) -> Catalog:
    """The catalog a command works on: the scenario's own in a sweep, else the environment's."""
    if config.invocation.run_folder:
        return run_folder(Path(config.invocation.run_folder), config.env)
    return environment_run(config)


def environment_run(config: Config) -> Catalog:
    """The catalog of the environment, in a sweep, too."""
    return open_catalog(config.paths.data_dir, config.paths.output_dir, config.env)


def open_run(reference: str, config: Config) -> Catalog:
    """Give the run a reference means: `current`, `published` (the version in effect), `v3`, `3`
    (scenario of the newest sweep), or a folder.

    Raises ConfigError where there is no such run, or it holds nothing for the environment, and
    DataError where its stages were not made from each other, or a version is not as published.
    """
    catalog = _named_run(reference, config)
    require_unmixed(catalog)
    return catalog


def _named_run(reference: str, config: Config) -> Catalog:
    if reference == CURRENT:
        return environment_run(config)
    folder = folder_of(reference, config)
    if is_published(folder) or (re.fullmatch(OF_VERSION, reference) and folder.is_dir()):
        require_intact(folder)
    if not folder.is_dir():
        raise ConfigError(f"{reference}: no such run; {folder} is not a folder", [USAGE])
    held = (
        sorted(path.name for path in (folder / "data").iterdir() if path.is_dir())
        if (folder / "data").is_dir()
        else []
    )
    if config.env not in held:
        has = f"it has {', '.join(held)}" if held else "it holds no results"
        raise ConfigError(f"{reference}: {folder} has no run of env={config.env}; {has}", [USAGE])
    return run_folder(folder, config.env)


USAGE = (
    "use current, published, v3 (a version), 3 (a scenario of the newest sweep), or the path of "
    "a run's folder"
)


def folder_of(reference: str, config: Config) -> Path:
    """The folder that a reference other than `current` means, whether it is there or not."""
    output_dir = Path(config.paths.output_dir)
    if reference == PUBLISHED:
        version = in_force(output_dir, config.env, today())
        if version is None:
            raise ConfigError(
                f"no version of env={config.env} is in effect; publish one: clustering publish "
                "--approver NAME"
            )
        return versions_folder(output_dir) / str(version.number)
    if named := re.fullmatch(OF_VERSION, reference):
        return versions_folder(output_dir) / named[1]
    if reference.isdecimal():
        return newest_sweep(output_dir) / reference
    return Path(reference)


def newest_sweep(output_dir: Path) -> Path:
    """The folder of the last sweep; raises ConfigError where there was none."""
    sweeps = sorted((output_dir / "sweeps").glob("*/*/multirun.yaml"))
    if not sweeps:
        raise ConfigError(
            f"{output_dir / 'sweeps'} has no sweep; start one: clustering run -m model=gmm,kmeans"
        )
    return sweeps[-1].parent
