"""TAB proposes what can be typed: in Bash and Zsh on a terminal, and to every other shell."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import pexpect
import pytest

from tests.conftest import clean_environment, command_in

BIN = Path(sys.executable).parent
SHELLS = ("bash", "zsh", "fish", "powershell", "pwsh")
WAIT = 600  # seconds; only a shell that hangs takes longer
READY = "\x1b[?2004h"  # the shell asks to be told of pasted text: it reads a line
CONTROL = r"\x1b\[[\d;?]*[A-Za-z]|\x1b[=>]|\x07|\r"


@pytest.fixture(scope="module")
def project(finished_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished project with v1, and a home folder of its own."""
    folder = tmp_path_factory.mktemp("completion") / "project"
    shutil.copytree(finished_dir, folder)
    assert command_in(folder, "publish", "--approver", "Ann").code == 0
    return folder


def environment(project: Path) -> dict[str, str]:
    home = project.parent / "home"
    home.mkdir(exist_ok=True)
    (home / ".zshrc").touch()  # without it, zsh asks new users what they want
    own = {"HOME": str(home), "ZDOTDIR": str(home), "TERM": "xterm", "PS1": "$ "}
    paths = {"PATH": f"{BIN}:{clean_environment()['PATH']}", "XDG_CACHE_HOME": str(home / "cache")}
    return clean_environment() | own | paths


def in_terminal(shell: str, project: Path) -> pexpect.spawn:
    """An interactive shell on a terminal of 80 columns."""
    return pexpect.spawn(
        shell,
        ["-i"],
        cwd=str(project),
        env=environment(project),
        dimensions=(70, 80),
        encoding="utf-8",
        timeout=WAIT,
    )


def end_of(child: pexpect.spawn) -> None:
    """Kill a shell; pexpect's own way gives a slow machine a tenth of a second."""
    child.kill(signal.SIGKILL)
    child.wait()
    child.close()


def on_screen(shell: str, project: Path, line: str, tabs: int, awaited: Sequence[str]) -> str:
    """What the terminal shows after a line and TABs: once it shows all awaited, or after WAIT."""
    child, text, end = in_terminal(shell, project), line, time.monotonic() + WAIT
    child.expect_exact(READY)
    child.send(line)
    child.expect_exact(line[1:])
    child.send("\t" * tabs)
    while time.monotonic() < end and not all(word in text for word in awaited):
        with suppress(pexpect.TIMEOUT):
            text = re.sub(CONTROL, "", text + child.read_nonblocking(10_000, timeout=1))
    end_of(child)
    return text


@pytest.fixture(scope="module", params=["bash", "zsh"])
def shell(request: pytest.FixtureRequest, project: Path) -> str:
    """A shell for which `clustering --install-completion` was typed."""
    name = str(request.param)
    assert shutil.which(name), f"install it: apt-get install {name}"
    child = in_terminal(name, project)
    child.expect_exact(READY)
    child.sendline("clustering --install-completion")
    child.expect("completion installed in")
    end_of(child)
    return name


@pytest.mark.parametrize(
    ("typed", "proposed"),
    [
        ("run inter", ["internal_preprocessing", "internal_ml", "internal."]),
        ("train model=", ["gmm", "kmeans", "spectral"]),
        ("train model.k", ["model.k=", "model.k_max=", "model.k_min="]),
        ("export --format ", ["xlsx", "pptx", "planogram"]),
        ("diff ", ["current", "published", "v1"]),
        ("train log.level=", ["debug", "warning"]),
        ("run internal.model.k_m", ["internal.model.k_max=", "internal.model.k_min="]),
    ],
)
def test_tab_lists_what_can_be_typed(
    shell: str, project: Path, typed: str, proposed: list[str]
) -> None:
    shown = on_screen(shell, project, f"clustering {typed}", 3, proposed)
    assert [name for name in proposed if name not in shown] == []


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("train model=kme", "train model=kmeans"),
        ("train model.k_ma", "train model.k_max="),
        ("train repor", "train report."),
        ("export --form", "export --format"),
    ],
)
def test_tab_completes_the_only_word(shell: str, project: Path, typed: str, completed: str) -> None:
    # Typer's script for Zsh only loads itself at the first TAB of a session
    shown = on_screen(shell, project, f"clustering {typed}", 2, [completed])
    assert completed in shown


def proposals(shell: str, words: list[str], project: Path) -> list[str]:
    """What the completion of `shell` prints for the last of `words`."""
    line = " ".join(["clustering", *words])
    asked = {
        "COMP_WORDS": "\n".join(["clustering", *words]).replace("=", "\n=\n").removesuffix("\n"),
        "_TYPER_COMPLETE_ARGS": line,
        "_TYPER_COMPLETE_WORD_TO_COMPLETE": words[-1],
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "_CLUSTERING_COMPLETE": f"complete_{shell}",
    }
    asked["COMP_CWORD"] = str(asked["COMP_WORDS"].count("\n"))
    if shell != "bash":
        del asked["COMP_WORDS"]
    done = subprocess.run(
        [sys.executable, "-m", "clustering"],
        cwd=project,
        env=environment(project) | asked,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize("shell_name", SHELLS)
def test_every_shell_gets_keys_values_and_categories(shell_name: str, project: Path) -> None:
    def said(*words: str) -> str:
        return " ".join(proposals(shell_name, list(words), project))

    assert "model.k_max=" in said("train", "model.k")
    assert "birch" in said("train", "model=")
    assert "COFFEE" in said("report", "--category", "CO")
    assert "model.n_init" not in said("train", "model.")
    assert "weighted=" in said("train", "model=kmeans", "model.")
    assert "experiment=" in said("run", "+exp")
    assert "true" in said("run", "report.page=")


def test_names_that_are_kept_come_without_hydra(project: Path) -> None:
    asked = ["train", "model.k"]
    first = proposals("zsh", asked, project)
    assert first != ["_files"]
    broken = project / "hydra.py"  # found before the package, as the command runs in this folder
    broken.write_text("raise ImportError('loaded')\n")
    try:
        assert proposals("zsh", asked, project) == first
        assert proposals("zsh", ["train", "select.n"], project) == ["_files"]  # none
    finally:
        broken.unlink()


def test_kept_names_are_asked_for_again_when_a_config_changes(project: Path) -> None:
    assert command_in(project, "init", "own").code == 0
    (project / ".env").write_text("CLUSTERING_CONF_DIR=own/conf\n")
    assert "env=test" not in proposals("fish", ["run", "env="], project)
    (project / "own/conf/env/test.yaml").write_text("# @package _global_\nenv: test\n")
    assert "env=test" in proposals("fish", ["run", "env="], project)
    (project / ".env").unlink()


def test_completion_of_hydra_names_the_command_that_works(project: Path) -> None:
    done = command_in(project, "run", "-sc", "install=bash")
    assert (done.code, done.out) == (2, "")
    assert "clustering --install-completion" in done.err
