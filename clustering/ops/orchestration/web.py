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
REQUIREMENTS = Path(__file__).resolve().with_name("requirements.txt")
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
    environment = os.environ | {
        "DAGSTER_HOME": str(home),
        "CLUSTERING_COMMAND": command,
        "PYTHONPATH": str(package_alone(home)),
    }
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
    raise ConfigError(
        f"{VARIABLE}={chosen} is not a file"
        if chosen
        else "Dagster is not installed; it needs an environment of its own:",
        [
            f"python -m venv {OWN_FOLDER}",
            f"{OWN_FOLDER}/bin/pip install -r {shlex.quote(str(REQUIREMENTS))}",
            f"or set {VARIABLE} to the `dagster` of an environment that has these",
        ],
    )


def package_alone(home: Path) -> Path:
    """A folder that holds this package and nothing else, for the PYTHONPATH of Dagster's Python:
    it must not see the packages of this environment.
    """
    folder = home / "package"
    link = folder / "clustering"
    folder.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(Path(__file__).resolve().parents[2], target_is_directory=True)
    return folder
