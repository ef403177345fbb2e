"""`clustering ui`: Dagster's web page on this project, from Dagster's own environment."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path
from typing import NoReturn

from clustering.errors import ConfigError
from clustering.ops.orchestration.guard import TOKEN, is_loopback

OWN_FOLDER = Path(".dagster")
VARIABLE = "CLUSTERING_DAGSTER"
INSTANCE = "telemetry:\n  enabled: false\nnux:\n  enabled: false\n"


def serve(host: str, port: int, output_dir: Path) -> NoReturn:
    """Become Dagster's guarded web server and daemon, with their history below `output_dir`.

    Raises ConfigError where Dagster is absent, or where others could reach it without a token.
    """
    python = find_dagster().resolve().with_name("python")
    if not is_loopback(host) and not os.environ.get(TOKEN):
        raise ConfigError(f"--host {host} can be reached by others; set ${TOKEN} to a secret")
    home = (output_dir / "dagster").resolve()
    home.mkdir(parents=True, exist_ok=True)
    if not (home / "dagster.yaml").exists():
        (home / "dagster.yaml").write_text(INSTANCE)
    command = os.environ.get("CLUSTERING_COMMAND") or shlex.join(
        [sys.executable, "-m", "clustering"]
    )
    environment = os.environ | {"DAGSTER_HOME": str(home), "CLUSTERING_COMMAND": command}
    words = ["-m", "clustering.ops.orchestration.serve", "--host", host, "--port", str(port)]
    os.execve(python, [str(python), *words], environment)  # noqa: S606 # no shell is wanted


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
