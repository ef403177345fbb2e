"""The files that other systems read, from the version in effect.

    <output_dir>/published/<env>                 points to the folder of the version in effect
    <output_dir>/published/.<env>-v3/            its planogram.csv, stores.parquet and version.json

A version's folder is written in full, then the pointer is moved in one step, so a reader never sees
files of two versions. A publication that was cut off before that step is finished by the next
command that looks: `renew` compares what is there with the version in effect.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import tempfile
from datetime import date
from itertools import count
from pathlib import Path

import polars as pl

from clustering.config import Config, Report
from clustering.errors import DataError, StageError
from clustering.results.export.spreadsheet import for_spreadsheets
from clustering.results.export.tables import Results, read_results
from clustering.store import ledger
from clustering.store.atomic import read_json, replacing, write_text
from clustering.store.runs import run_folder
from clustering.store.version_record import Version
from clustering.store.versions import (
    in_force,
    locked_versions,
    published,
    today,
    version_folder,
    versions_folder,
)

RECORD, PLANOGRAM_FILE, STORES_FILE = "version.json", "planogram.csv", "stores.parquet"
PLANOGRAM = {
    "category": "CATEGORY",
    "store_nbr": "STORE_NBR",
    "final_cluster": "CLUSTER",
    "final_name": "CLUSTER_NAME",
}
log = logging.getLogger(__name__)


def downstream_folder(output_dir: str | Path, env: str) -> Path:
    """Where the files of the version in effect are."""
    return Path(output_dir) / "published" / env


def is_renewed(output_dir: str | Path, env: str, day: date) -> bool:
    """Whether other systems read exactly the version in effect on `day`, or nothing if none is,
    and nothing of another version is left.
    """
    version, folder = in_force(output_dir, env, day), downstream_folder(output_dir, env)
    beside = _others(folder)
    if version is None:
        return not beside and not _is_there(folder)
    return not beside and _holds(folder, version)


def _holds(folder: Path, version: Version) -> bool:
    """Whether a folder has the files of a version as they were written."""
    try:
        record = read_json(folder / RECORD)
        return bool(
            record["version"] == version.number
            and record["published_at"] == version.published_at
            and record["files"] == _hashes(folder)
        )
    except (OSError, ValueError, KeyError, TypeError):
        return False


def edited(config: Config) -> str:
    """Which file for other systems is not what the version in effect gives, though the record
    beside it fits; empty where none is.

    Raises DataError where the version's own files are not as they were published.
    """
    output_dir, env = config.paths.output_dir, config.env
    version, folder = in_force(output_dir, env, today()), downstream_folder(output_dir, env)
    if version is None or not _holds(folder, version):
        return ""
    results = read_results(run_folder(version_folder(output_dir, version.number), version.env))
    if not _is_planogram(folder / PLANOGRAM_FILE, results):
        return str(folder / PLANOGRAM_FILE)
    return (
        "" if _has(folder / STORES_FILE, _stores(results, version)) else str(folder / STORES_FILE)
    )


def _is_planogram(path: Path, results: Results) -> bool:
    """Whether a file is the planogram of a run, for spreadsheets or for machines."""
    with tempfile.TemporaryDirectory(prefix="clustering-") as made:
        both = [Report(csv_for_spreadsheets=asked) for asked in (True, False)]
        texts = [write_planogram(results, Path(made), each).read_bytes() for each in both]
    return path.is_file() and path.read_bytes() in texts


def _has(path: Path, table: pl.DataFrame) -> bool:
    """Whether a file holds a table."""
    try:
        return pl.read_parquet(path).equals(table)
    except (OSError, pl.exceptions.PolarsError):
        return False


def renew(config: Config, day: date, anew: bool = False) -> list[Path]:
    """Let other systems read the version in effect; give the files, none where none is in effect.

    Files that are right stay untouched, unless all are to be made `anew`. Raises StageError where
    the disk refuses; the version stays in effect, and the next call tries again.
    """
    output_dir, env = config.paths.output_dir, config.env
    version, folder = in_force(output_dir, env, day), downstream_folder(output_dir, env)
    try:
        if version is None:
            _remove(folder)
        elif anew or not _holds(folder, version):
            _point(folder, _written(version, config, folder))
        for other in _others(folder):
            _remove(other)
    except OSError as cause:
        raise StageError(
            f"v{version.number if version else '-'}: files for other systems cannot be written to "
            f"{folder}: {cause}",
            ["the version is in effect; remove the obstacle, then run: clustering versions"],
        ) from cause
    return [folder / name for name in sorted(_hashes(folder))] if version else []


def settle(config: Config, thorough: bool = False) -> str | None:
    """Finish a publication or rollback that was cut off, follow a change of date, and replace files
    that were changed; `thorough` also where their record was changed to fit.

    Gives what is still wrong, or None. Costs next to nothing where nothing was ever published.
    Another process that publishes now does the same work, so it is not waited for.
    """
    output_dir, env = config.paths.output_dir, config.env
    versions, folder = versions_folder(output_dir), downstream_folder(output_dir, env)
    try:
        if not published(output_dir):
            return None
        wrong = edited(config) if thorough else ""
        if not wrong and is_renewed(output_dir, env, today()) and ledger.is_settled(versions):
            return None
        with locked_versions(output_dir, 0):
            ledger.settle(versions)
            renew(config, today(), anew=bool(wrong))
        log.warning("%s was not that of the version in effect; it is now", wrong or folder)
    except (DataError, StageError) as error:
        return error.message
    except OSError as error:
        return f"what was published last is not finished: {error}"
    return None


def _written(version: Version, config: Config, folder: Path) -> Path:
    """A new folder beside `folder` with the files of a version; what is read now is not touched."""
    place = version_folder(config.paths.output_dir, version.number)
    results = read_results(run_folder(place, version.env))
    whole = first = folder.with_name(f".{folder.name}-v{version.number}")
    again = count(2)
    while _is_there(whole):
        whole = first.with_name(f"{first.name}-{next(again)}")
    with replacing(whole / STORES_FILE) as temporary:
        _stores(results, version).write_parquet(temporary)
    write_planogram(results, whole, config.report)
    record = {"version": version.number, "published_at": version.published_at}
    write_text(whole / RECORD, json.dumps(record | {"files": _hashes(whole)}, indent=2) + "\n")
    return whole


def _stores(results: Results, version: Version) -> pl.DataFrame:
    return results.stores.with_columns(pl.lit(version.number, pl.Int64).alias("version"))


def _point(folder: Path, whole: Path) -> None:
    """Make `folder` another name of `whole` in one step; where links are not allowed, move it."""
    link = folder.with_name(f".pointing-{folder.name}")
    _remove(link)
    try:
        link.symlink_to(whole.name, target_is_directory=True)
    except (OSError, NotImplementedError):  # Windows without the right to make links
        link = whole
    if _is_there(folder) and not (folder.is_symlink() and link.is_symlink()):
        _remove(folder)
    link.replace(folder)


def _others(folder: Path) -> list[Path]:
    """What was written for `folder` and is not what it means now."""
    beside = [
        *folder.parent.glob(f".{folder.name}-v[0-9]*"),
        *folder.parent.glob(f".pointing-{folder.name}"),
    ]
    return [path for path in beside if path.is_symlink() or path.resolve() != folder.resolve()]


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()


def _remove(path: Path) -> None:
    if path.is_symlink() or path.is_file():
        path.unlink()
    elif path.exists():
        shutil.rmtree(path)


def _hashes(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.iterdir())
        if path.name != RECORD
    }


def write_planogram(results: Results, folder: Path, report: Report) -> Path:
    """Write planogram.csv."""
    path = folder / PLANOGRAM_FILE
    with replacing(path) as temporary:
        table = as_planogram(results.stores)
        for_spreadsheets(table, report.csv_for_spreadsheets).write_csv(temporary)
    return path


def as_planogram(stores: pl.DataFrame) -> pl.DataFrame:
    """The columns planogram systems read, of the stores that have a final cluster; with PLAN where
    clusters are divided by size.
    """
    named = stores.filter(pl.col("final_cluster").is_not_null())
    columns = PLANOGRAM | ({"plan": "PLAN"} if "plan" in stores.columns else {})
    return named.select(*columns).rename(columns)
