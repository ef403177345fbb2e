"""Dagster, from its own environment, on sample data: the assets, the six jobs, a run, the web
page.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import polars as pl
import pytest

from clustering.ops.orchestration.web import INSTANCE, package_alone
from clustering.registry import JOBS, STAGES
from tests.conftest import PATIENCE, command_in

DAGSTER = os.environ.get("CLUSTERING_DAGSTER", "")
pytestmark = pytest.mark.skipif(
    not DAGSTER, reason="CLUSTERING_DAGSTER names no Dagster; `nox -s services` makes one"
)
STAGING = {
    "resources": {
        "clustering": {"config": {"env": "staging", "settings": ["internal.model.k_max=6"]}}
    }
}
CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def _environment(folder: Path) -> dict[str, str]:
    home = folder / "outputs/dagster"
    home.mkdir(parents=True, exist_ok=True)
    (home / "dagster.yaml").write_text(INSTANCE)
    command = shlex.join([sys.executable, "-m", "clustering"])
    return os.environ | {
        "DAGSTER_HOME": str(home),
        "CLUSTERING_COMMAND": command,
        "PYTHONPATH": str(package_alone(home)),
    }


def _ask(what: str, folder: Path, *words: str) -> dict[str, Any]:
    script = Path(__file__).with_name("inside_dagster.py")
    python = Path(DAGSTER).with_name("python")
    done = subprocess.run(
        [python, script, what, *words],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    answers = [
        line.removeprefix("ANSWER ")
        for line in done.stdout.splitlines()
        if line.startswith("ANSWER ")
    ]
    assert answers, done.stderr[-3000:]
    return json.loads(answers[0])


@pytest.fixture(scope="module")
def executed_dir(sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project on which `dagster job execute` ran the full pipeline in the environment staging."""
    folder = tmp_path_factory.mktemp("dagster") / "project"
    shutil.copytree(sample_dir, folder)
    (folder / "staging.json").write_text(json.dumps(STAGING))  # JSON is YAML
    module = ("-m", "clustering.ops.orchestration.definitions")
    done = subprocess.run(
        [DAGSTER, "job", "execute", *module, "-j", "full_pipeline_job", "-c", "staging.json"],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def test_definitions_are_those_of_the_registry_and_load_nothing_of_ours(tmp_path: Path) -> None:
    found = _ask("definitions", tmp_path)
    assert found["loaded"] == []
    assert found["jobs"] == sorted(f"{name}_job" for name in JOBS)
    assert set(found["assets"]) == {stage.key for stage in STAGES}
    for stage in STAGES:
        asset = found["assets"][stage.key]
        assert asset["group"] == stage.track
        assert asset["parents"] == sorted(
            [*stage.upstream, *(f"source/{name}" for name in stage.inputs)]
        )


def test_job_makes_what_the_command_line_makes(
    executed_dir: Path, sample_dir: Path, tmp_path: Path
) -> None:
    shutil.copytree(sample_dir, tmp_path / "project")
    done = command_in(tmp_path / "project", "run", "env=staging", "internal.model.k_max=6")
    assert done.code == 0, done.err
    ours = sorted((tmp_path / "project/data/staging").rglob("assignments.parquet"))
    assert len(ours) == 3
    for path in ours:
        assert (
            executed_dir / path.relative_to(tmp_path / "project")
        ).read_bytes() == path.read_bytes()


def test_assets_show_rows_k_and_quality_and_rows_are_checked(executed_dir: Path) -> None:
    found = _ask("history", executed_dir)
    assert set(found["metadata"]) == {stage.key for stage in STAGES}
    analyzed = found["metadata"]["internal/analyze"]
    metrics = pl.read_parquet(executed_dir / "data/staging/internal/analyze/metrics.parquet")
    assert analyzed["rows of metrics"] == metrics.height
    assert analyzed["silhouette_lowest"] == metrics.filter(metric="silhouette")["value"].min()
    assert analyzed["k_highest"] == metrics.filter(metric="k")["value"].max()
    assert analyzed["duration (s)"] > 0
    (log,) = (executed_dir / "outputs/logs").glob("*.jsonl")
    assert {facts["made by run"] for facts in found["metadata"].values()} == {log.stem}
    assert found["checks"] == {
        f"{track}/preprocess: {check}": True
        for track in ("internal", "external")
        for check in ("every_row_accounted_for", "nothing_quarantined")
    }


def test_sensor_asks_for_one_run_per_state_of_the_raw_files(fresh_project: Path) -> None:
    first = _ask("sensor", fresh_project)
    assert first["keys"][0] == first["keys"][1] != []
    done = command_in(fresh_project, "run", "full_pipeline")
    assert done.code == 0, done.err
    assert _ask("sensor", fresh_project)["skip"] == "no raw file changed"
    path = fresh_project / "data/raw/external/competition.csv"
    path.write_text("\n".join(path.read_text().splitlines()[:-3]) + "\n")
    assert _ask("sensor", fresh_project)["keys"][0] not in ([], first["keys"][0])


def test_failure_says_what_the_command_said(fresh_project: Path) -> None:
    (fresh_project / "data/raw/sales.parquet").write_bytes(b"not parquet")
    said = _ask("failure", fresh_project)
    assert said["success"] is False
    assert said["code"] == 3
    assert "sales.parquet" in said["description"]


def test_examples_of_the_chapter_load(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs/how-to/dagster.md"
    found = _ask("chapter", tmp_path, str(page))
    assert found == {"parents": ["merged"], "job": "full_pipeline_job"}


@contextmanager
def _page(folder: Path) -> Iterator[str]:
    """The address of `clustering ui` on `folder`, which is ended like a user would end it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "clustering", "ui", "--port", str(port)],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(PATIENCE):
            assert server.poll() is None, "it ended"
            try:
                urlopen(f"{address}/server_info", timeout=60).close()
                break
            except OSError:
                time.sleep(1)
        yield address
    finally:
        server.send_signal(signal.SIGINT)
        try:
            server.wait(PATIENCE)
        finally:
            os.killpg(server.pid, signal.SIGKILL) if server.poll() is None else None


def test_web_page_shows_the_asset_graph(executed_dir: Path, tmp_path: Path) -> None:
    from playwright.sync_api import sync_playwright

    with _page(executed_dir) as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=list(CHROMIUM)
        )
        page = browser.new_page(viewport={"width": 1900, "height": 1100})
        page.set_default_timeout(1_000 * PATIENCE)
        page.goto(
            f"{address}/locations/clustering.ops.orchestration.definitions/asset-groups/internal/lineage"
        )
        for name in ("preprocess", "features", "train", "assign", "analyze"):
            page.get_by_text(name, exact=True).first.wait_for()
        page.wait_for_timeout(2_000)  # the graph is drawn after its names are known
        page.screenshot(path=os.environ.get("SCREENSHOT", str(tmp_path / "graph.png")))
        page.goto(f"{address}/assets/internal/analyze")
        page.get_by_text("silhouette_lowest").first.wait_for()
        browser.close()


ATTACK = """async (address) => {
    const query = `mutation { launchRun(executionParams: {
        selector: {jobName: "internal_preprocessing_job",
                   repositoryName: "__repository__",
                   repositoryLocationName: "clustering.ops.orchestration.definitions"},
        runConfigData: {resources: {clustering: {config: {env: "dev"}}}}}) { __typename } }`;
    const body = JSON.stringify({query});
    const outcomes = [];
    for (const type of ["text/plain", "application/json"]) {
        try {
            const answer = await fetch(address + "/graphql",
                {method: "POST", mode: type === "text/plain" ? "no-cors" : "cors",
                 headers: {"Content-Type": type}, body});
            outcomes.push(answer.type + " " + answer.status);
        } catch (error) { outcomes.push("refused"); }
    }
    return outcomes;
}"""


def test_another_page_in_the_same_browser_starts_nothing(fresh_project: Path) -> None:
    """The page of another origin, and one whose name is made to resolve to this machine."""
    from playwright.sync_api import sync_playwright

    with _page(fresh_project) as address, sync_playwright() as playwright:
        port = address.rpartition(":")[2]
        rebinding = "--host-resolver-rules=MAP evil.example 127.0.0.1"
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=[*CHROMIUM, rebinding]
        )
        page = browser.new_page()
        page.set_default_timeout(1_000 * PATIENCE)
        page.goto("data:text/html,<title>elsewhere</title>")
        page.evaluate(ATTACK, address)
        answer = page.goto(f"http://evil.example:{port}/")
        assert answer is not None
        assert answer.status == 403
        page.evaluate(ATTACK, "")
        page.goto(address)
        page.wait_for_selector("text=Runs")
        browser.close()
        request = Request(
            f"{address}/graphql",
            b'{"query": "{ runsOrError { ... on Runs { results { id } } } }"}',
            {"Content-Type": "application/json"},
        )
        with urlopen(request, timeout=PATIENCE) as found:
            assert json.load(found) == {"data": {"runsOrError": {"results": []}}}


@pytest.mark.parametrize(
    "setting",
    [
        "hydra.run.dir=/tmp/x",
        "paths.data_dir=/",
        "--config-dir=/tmp",
        "+hydra.callbacks.x=1",
        "sink.uri=sqlite:///x",
        "model.k=${oc.env:HOME}",
    ],
)
def test_a_run_started_from_the_page_cannot_name_files_or_programs(
    setting: str, fresh_project: Path
) -> None:
    said = _ask("failure", fresh_project, setting)
    assert said["success"] is False
    assert "cannot be set from here" in said["description"]
