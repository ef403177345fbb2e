"""What a run leaves for those who operate it, by the real command."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
from prometheus_client.parser import text_string_to_metric_families

from clustering.registry import STAGES
from tests.conftest import command_in
from tests.ops.operation.listener import listening

CANARIES = {"PGPASSWORD": "canary-password-93", "API_TOKEN": "canary-token-17"}


def _logged(folder: Path, run_id: str) -> list[dict[str, Any]]:
    return [
        json.loads(line)
        for line in (folder / f"outputs/logs/{run_id}.jsonl").read_text().splitlines()
    ]


def _mentions(folder: Path, word: str) -> list[Path]:
    return [
        path for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()
    ]


def test_log_file_tells_the_run_under_the_id_its_manifests_carry(fresh_project: Path) -> None:
    done = command_in(
        fresh_project, "run", env={"CLUSTERING_RUN_ID": "night-7", "CLUSTERING_LOG_LEVEL": "error"}
    )
    assert done.code == 0, done.err
    entries = _logged(fresh_project, "night-7")
    assert {(entry["run_id"], entry["env"], entry["command"]) for entry in entries} == {
        ("night-7", "dev", "run full_pipeline")
    }
    finished = [entry for entry in entries if entry.get("event") == "stage_finished"]
    assert [entry["stage"] for entry in finished] == [stage.key for stage in STAGES]
    assert entries[0]["event"] == "run_started"
    assert entries[-1]["event"] == "run_finished"
    merged = json.loads((fresh_project / "data/dev/merged/manifest.json").read_text())
    assert merged["run_id"] == "night-7"
    assert finished[-1]["measures"] == merged["measures"]


def test_status_leaves_no_log_file(fresh_project: Path) -> None:
    assert command_in(fresh_project, "status").code == 0
    assert not list(fresh_project.rglob("*.jsonl"))


def test_failure_reaches_the_webhook_and_the_log_without_credentials(fresh_project: Path) -> None:
    wrong = "source.sales=no/canary-password-93.parquet"
    with listening() as listener:
        canaries = CANARIES | {
            "CLUSTERING_WEBHOOK_URL": listener.address,
            "CLUSTERING_RUN_ID": "bad",
        }
        done = command_in(
            fresh_project, "run", "--debug", wrong, "log.prometheus_file=m.prom", env=canaries
        )
    assert done.code == 3
    (message,) = listener.received
    assert message["text"] == "clustering run full_pipeline failed in dev"
    assert "no/***.parquet" in message["attachments"][0]["text"]
    assert {"title": "run", "value": "bad", "short": True} in message["attachments"][0]["fields"]
    failed = next(
        entry for entry in _logged(fresh_project, "bad") if entry.get("event") == "run_failed"
    )
    assert "Traceback" in failed["traceback"]
    assert "canary" not in done.out + done.err + json.dumps(message)
    assert not [
        path
        for path in _mentions(fresh_project, "canary")
        if path.suffix in (".jsonl", ".prom", ".json")
    ]
    assert 'clustering_run_success{env="dev"} 0.0' in (fresh_project / "m.prom").read_text()


def test_low_quality_is_reported_once_by_the_run_that_made_it(project: Path) -> None:
    words = ["run", "model.k_max=5", "internal.alerts.min_silhouette=0.99"]
    with listening() as listener:
        webhook = {"CLUSTERING_WEBHOOK_URL": listener.address}
        first, second = (command_in(project, *words, env=webhook) for _ in range(2))
    assert (first.code, second.code) == (0, 0)
    (message,) = listener.received
    categories = (
        pl.read_parquet(project / "data/dev/internal/analyze/metrics.parquet")["category"]
        .unique()
        .sort()
        .to_list()
    )
    lines = message["attachments"][0]["text"].splitlines()
    assert sorted(line.split(":")[0] for line in lines) == [
        f"internal {category}" for category in categories
    ]
    assert all(line in first.err for line in lines)


def test_webhook_and_files_that_fail_do_not_fail_the_run(project: Path) -> None:
    (project / "outputs/logs/held.jsonl").mkdir(parents=True)
    with listening(500, 500) as listener:
        done = command_in(
            project,
            "run",
            "model.k_max=4",
            "alerts.min_silhouette=0.99",
            "alerts.attempts=2",
            "log.prometheus_file=data",
            env={"CLUSTERING_WEBHOOK_URL": listener.address, "CLUSTERING_RUN_ID": "held"},
        )
    assert done.code == 0, done.err
    assert (
        "the alert could not be delivered to $CLUSTERING_WEBHOOK_URL: it answered 500, 2 times"
        in done.err
    )
    assert "this run has no log file" in done.err
    assert "metrics: IsADirectoryError" in done.err
    assert "canary" not in done.err


def test_metrics_file_is_what_prometheus_reads(project: Path) -> None:
    assert command_in(project, "run", "log.prometheus_file=out/clustering.prom").code == 0
    families = {
        family.name: family
        for family in text_string_to_metric_families((project / "out/clustering.prom").read_text())
    }
    rows = {
        (s.labels["stage"], s.labels["table"]): s.value
        for s in families["clustering_stage_rows"].samples
    }
    assert (
        rows["merged", "assignments"]
        == pl.read_parquet(project / "data/dev/merged/assignments.parquet").height
    )
    quality = {
        (s.labels["stage"], s.labels["measure"]): s.value
        for s in families["clustering_quality"].samples
    }
    metrics = pl.read_parquet(project / "data/dev/internal/analyze/metrics.parquet").filter(
        metric="silhouette"
    )
    assert quality["internal/analyze", "silhouette_lowest"] == metrics["value"].min()
    assert families["clustering_run_success"].samples[0].value == 1


def test_run_id_that_is_no_file_name_is_refused(fresh_project: Path) -> None:
    done = command_in(fresh_project, "run", env={"CLUSTERING_RUN_ID": "../up"})
    assert done.code == 2
    assert "CLUSTERING_RUN_ID" in done.err
