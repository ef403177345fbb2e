"""The command `reproduce`: computes a published version again and compares every file."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from clustering.cli.console import results
from clustering.cli.progress import StageProgress
from clustering.config import Config
from clustering.errors import NotProvenError
from clustering.results.reproduction import circumstances, reproduce
from clustering.store.intact import faults
from clustering.store.runs import run_folder
from clustering.store.versions import is_published, read_version, versions_folder


def reproduce_version(config: Config, *, version: str) -> None:
    """Say whether the version comes out the same, byte for byte; raises NotProvenError where it
    does not.
    """
    path = Path(version)
    folder = (
        path
        if path.is_dir()
        else versions_folder(config.paths.output_dir) / version.removeprefix("v")
    )
    if (folder.is_dir() or is_published(folder)) and (differing := faults(folder)):
        raise NotProvenError(
            f"{version} is not as it was published: {differing[0]}", differing[1:20]
        )
    record = read_version(folder)
    published = run_folder(folder, record.env)
    different = list(circumstances(record, published))
    for line in different:
        results().print(line, markup=False, highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory(prefix="clustering-") as scratch, StageProgress() as progress:
        found = reproduce(record, published, config, Path(scratch), progress)
    wrong = found.filter(~pl.col("same"))
    if wrong.height:
        files = [f"{row['stage']}: {row['file']}" for row in wrong.iter_rows(named=True)]
        raise NotProvenError(
            f"v{record.number} could not be reproduced: {wrong.height} of {found.height} files "
            "differ",
            [*files[:20], *different],
        )
    text = f"v{record.number} is reproduced: all {found.height} files are the same, byte for byte"
    results().print(text, markup=False, highlight=False, soft_wrap=True)
