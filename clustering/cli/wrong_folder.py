"""A command in a wrong folder leaves no data/ and outputs/ behind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clustering.config import Config
from clustering.errors import ConfigError, DataError

TRACES = (".lock", "*.jsonl")  # of a command that found nothing to work on: its lock and its log


@contextmanager
def without_trace(config: Config) -> Iterator[None]:
    """Where there is no data directory, and the input or the settings are wrong: remove the folders
    that were made meanwhile and hold no result. In a project the log of the failure stays.
    """
    places = [Path(place) for place in (config.paths.data_dir, config.paths.output_dir)]
    new = [] if places[0].exists() else [place for place in places if not place.exists()]
    try:
        yield
    except (ConfigError, DataError):
        for folder in new:
            files = [path for path in folder.rglob("*") if not path.is_dir()]
            if all(any(map(path.match, TRACES)) for path in files):
                shutil.rmtree(folder, ignore_errors=True)
        raise
