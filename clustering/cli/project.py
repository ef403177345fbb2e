"""The command `init`: sets up a project folder."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from clustering.cli.hydra_bridge import conf_dir
from clustering.cli.source_file import source_file
from clustering.errors import ConfigError, StageError

DOTENV = """# Read by every `clustering` command started in this folder; variables already set win.
CLUSTERING_CONF_DIR=conf
# CLUSTERING_DATA_DIR=data
# CLUSTERING_OUTPUT_DIR=outputs
# CLUSTERING_LOG_LEVEL=info
"""


LABELS = Path("conf/labels.csv")


def create(directory: Path, files: Sequence[str] = ()) -> list[str]:
    """Write conf/, data/raw/ and .env below `directory`, and conf/source/mine.yaml and LABELS where
    `files` are named; give lines that say what was recognised and what to do next.

    Raises ConfigError where that would overwrite something, DataError where a file is none of the
    inputs, StageError where the disk refuses.
    """
    mine = directory / "conf" / "source" / "mine.yaml"
    taken = [name for name in ("conf", ".env") if (directory / name).exists()]
    if mine.exists() or (taken and not files):
        names = "conf/source/mine.yaml" if files else " and ".join(taken)
        raise ConfigError(f"{directory} already holds {names}; choose an empty folder")
    source, labels, recognised = source_file(files, directory, LABELS) if files else ("", "", [])
    try:
        if not taken:
            shutil.copytree(conf_dir(), directory / "conf")
            (directory / "data" / "raw" / "external").mkdir(parents=True, exist_ok=True)
            (directory / ".env").write_text(DOTENV)
        if files:
            mine.write_text(source, encoding="utf-8")
            (directory / LABELS).write_text(labels, encoding="utf-8")
            _use_by_default(directory / "conf" / "config.yaml")
    except OSError as cause:
        raise StageError(f"cannot write {directory}: {cause}") from cause
    if files:
        return [
            *recognised,
            f"{mine}  what was recognised: read it, edit what is wrong",
            f"{directory / LABELS}  readable names of categories, need states and attributes",
            f"next: cd {directory} && clustering check && clustering run",
        ]
    return [
        f"{directory}/conf  every setting, yours to edit (.env points here)",
        f"{directory}/data/raw  put sales.parquet, need_states.csv and external/* here",
        f"next: cd {directory} && clustering run",
    ]


def _use_by_default(config: Path) -> None:
    """Let every command of this folder read the user's source."""
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace("- source: files\n", "- source: mine\n"), encoding="utf-8")
