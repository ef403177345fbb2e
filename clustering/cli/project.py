"""`clustering init`: a folder of one's own."""

from __future__ import annotations

import shutil
from pathlib import Path

from clustering.cli.hydra_bridge import conf_dir
from clustering.errors import ConfigError, StageError

DOTENV = """# Read by every `clustering` command started in this folder; variables already set win.
CLUSTERING_CONF_DIR=conf
# CLUSTERING_DATA_DIR=data
# CLUSTERING_OUTPUT_DIR=outputs
# CLUSTERING_LOG_LEVEL=info
"""


def create(directory: Path) -> list[str]:
    """Write conf/, data/raw/ and .env below `directory`; give lines that say what to do next.

    Raises ConfigError where that would overwrite something, StageError where the disk refuses.
    """
    taken = [name for name in ("conf", ".env") if (directory / name).exists()]
    if taken:
        raise ConfigError(
            f"{directory} already holds {' and '.join(taken)}; choose an empty folder"
        )
    try:
        shutil.copytree(conf_dir(), directory / "conf")
        (directory / "data" / "raw" / "external").mkdir(parents=True, exist_ok=True)
        (directory / ".env").write_text(DOTENV)
    except OSError as cause:
        raise StageError(f"cannot write {directory}: {cause}") from cause
    return [
        f"{directory}/conf  every setting, yours to edit (.env points here)",
        f"{directory}/data/raw  put sales.parquet, need_states.csv and external/* here",
        f"next: cd {directory} && clustering run",
    ]
