"""`clustering ui`: Dagster's web page on this project, from Dagster's own environment."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import NoReturn

from clustering.errors import ConfigError

OWN_FOLDER = Path(".dagster")
VARIABLE = "CLUSTERING_DAGSTER"
INSTANCE = "telemetry:\n  enabled: false\nnux:\n  enabled: false\n"


def serve(port: int, output_dir: Path) -> NoReturn:
    """Become `dagster dev` on 127.0.0.1:`port`, its history below `output_dir`; raises ConfigError
    where Dagster is absent.
    """
    dagster = find_dagster()
    home = (output_dir / "dagster").resolve()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        (home / "dagster.yaml").write_text(INSTANCE)
    command = os.environ.get("CLUSTERING_COMMAND") or shlex.join(
        [sys.executable, "-m", "clustering"]
    )
    environment = os.environ | {"DAGSTER_HOME": str(home), "CLUSTERING_COMMAND": command}
    module = "clustering.ops.orchestration.definitions"
    words = ["dagster", "dev", "--module-name", module, "--host", "127.0.0.1", "--port", str(port)]
    os.execve(dagster, words, environment)


def find_dagster() -> Path:
    """Dagster's program: $CLUSTERING_DAGSTER, else that of .dagster/ in this folder, else the one
    on the PATH.
    """
    chosen = os.environ.get(VARIABLE)
    places = (
        [Path(chosen)]
        if chosen
        else [OWN_FOLDER / "bin" / "dagster", Path(shutil.which("dagster") or "")]
    )
    for place in places:
        if place.is_file():
            return place.absolute()
    dagster, package = _what_to_install()
    raise ConfigError(
        f"{VARIABLE}={chosen} is not a file"
        if chosen
        else "Dagster is not installed; it needs an environment of its own:",
        [
            f"python -m venv {OWN_FOLDER}",
            f"{OWN_FOLDER}/bin/pip install {dagster}",
            f"{OWN_FOLDER}/bin/pip install --no-deps {package}",
            f"or set {VARIABLE} to the `dagster` of an environment that has these",
        ],
    )


def _what_to_install() -> tuple[str, str]:
    """Dagster and this package, as pip takes them: from the checkout, else by name."""
    project = Path(__file__).resolve().parents[3] / "pyproject.toml"
    if project.is_file():
        return f"--group {project}:dagster", f"-e {project.parent}"
    return "dagster dagster-webserver", "clustering"
