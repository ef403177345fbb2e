"""Secrets in the environment are in nothing that a run prints, writes or starts, and change no
result.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.conftest import clean_environment, command_in
from tests.e2e.snapshot import tables

CANARY = "canary-s3cr\\et'7/@"
SECRETS = {
    "SHOP_PWD": CANARY,
    "SHOP_AUTH": f"Bearer {CANARY}",
    "AWS_SECRET_ACCESS_KEY": CANARY,
    "CLUSTERING_WEBHOOK_URL": f"http://127.0.0.1:9/{quote(CANARY, safe='')}",
    "DATABASE_URL": f"postgresql://ann:{quote(CANARY, safe='')}@127.0.0.1:9/shop",
    "QUERY_URL": f"postgresql://127.0.0.1:9/shop?user=ann&password={quote(CANARY, safe='')}",
}
TRACES = [text.encode() for text in (CANARY, "s3cr", quote(CANARY, safe=""))]


def _leaks(folder: Path, *texts: str) -> list[str]:
    seen = {f"stream {number}": text.encode() for number, text in enumerate(texts)}
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != ".env"]
    seen |= {str(path.relative_to(folder)): path.read_bytes() for path in files}
    return [name for name, content in seen.items() if any(trace in content for trace in TRACES)]


def _dotenv(folder: Path) -> None:
    (folder / ".env").write_text('DOTENV_PASSWORD="canary-s3cr-dotenv"\n')


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("run", "--debug", "source.sales=data/raw/$SHOP_PWD.parquet"), 3),
        (("preprocess", "--debug", "source=sqlite", "source.uri=sqlite:///no/$SHOP_PWD.db"), None),
        (("preprocess", "--debug", "source=postgres", "source.uri=$DATABASE_URL"), None),
        (("preprocess", "--debug", "source=postgres", "source.uri=$QUERY_URL"), None),
        (("preprocess", "--debug", "paths.data_dir=s3://shop/data"), None),
        (("run", "-m", "model.k=2,1000", "model.strict_k=true", "report.page=false"), 4),
        (("preprocess", "--debug", "source.sales='data/${oc.env:SHOP_PWD}.parquet'"), 3),
        (("train", "--cfg", "job", "--resolve", "source.sales='${oc.env:SHOP_PWD}'"), 0),
    ],
)
def test_failures_and_sweeps_show_no_secret(
    words: tuple[str, ...], code: int | None, fresh_project: Path
) -> None:
    _dotenv(fresh_project)
    done = command_in(fresh_project, *words, env=SECRETS)
    assert done.code == code if code is not None else done.code in (2, 3, 4), done.err
    assert _leaks(fresh_project, done.out, done.err) == []


def test_a_run_shows_no_secret_and_has_the_bytes_of_one_without(
    fresh_project: Path, finished_dir: Path
) -> None:
    """Also where alerts cannot be sent, and in the words of every process it starts."""
    _dotenv(fresh_project)
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "clustering",
            "run",
            "executor.workers=2",
            "alerts.min_silhouette=1",
        ],
        cwd=fresh_project,
        env=clean_environment() | SECRETS,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    listed: set[bytes] = set()
    while process.poll() is None:
        listed |= set(_command_lines(process.pid))
        time.sleep(0.05)
    out, err = process.communicate()
    assert process.returncode == 0, err
    assert "could not be delivered" in err
    assert any(b"loky" in line for line in listed)
    assert _leaks(fresh_project, out, err, *(line.decode() for line in listed)) == []
    assert tables(fresh_project) == tables(finished_dir)


def _command_lines(session: int) -> list[bytes]:
    """The words of every process that a command in a session of its own started."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "stat").read_text().rpartition(")")[2].split()[3] == str(session):
                found.append((process / "cmdline").read_bytes())
        except OSError:  # it has ended
            continue
    return found


# every worker process kills itself when it takes its first task
KILLED = """
import os, signal, sys
def hear(event, arguments):
    if event == "import" and arguments[0].startswith("clustering."):
        os.kill(os.getpid(), signal.SIGKILL)
if any("LokyProcess" in word for word in sys.orig_argv):
    sys.addaudithook(hear)
"""


def test_a_killed_worker_is_told_without_a_secret_and_the_next_run_repairs(
    fresh_project: Path, finished_dir: Path, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "sitecustomize.py").write_text(KILLED)
    paths = os.pathsep.join([str(tmp_path / "own"), *filter(None, sys.path)])
    words = ("run", "executor.workers=2", "--debug")
    done = command_in(fresh_project, *words, env=SECRETS | {"PYTHONPATH": paths})
    assert done.code == 4, done.err
    assert "a worker process died" in done.err
    assert _leaks(fresh_project, done.out, done.err) == []
    assert command_in(fresh_project, "run").code == 0
    assert tables(fresh_project) == tables(finished_dir)
