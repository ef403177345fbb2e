"""The stages as Dagster assets, and the jobs as Dagster jobs.

Dagster and Hydra ask for different versions of the ANTLR runtime, so they live in environments of
their own. Dagster's imports this module, but none of the packages that the others need: it imports
the registry, which needs none, and works through the command line of the other environment
($CLUSTERING_COMMAND). See docs/how-to/dagster.md.

Dagster reads annotations as they are, so this module alone does not postpone them.
"""

import hashlib
import json
import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import dagster as dg
from pydantic import Field

from clustering.registry import JOBS, MERGE, STAGES, TRACKS, Stage

DATA_ARE_WRONG = 3
WILL_FAIL_AGAIN = (2, DATA_ARE_WRONG)
OWN_FLAGS = ("--force", "--format", "json")
PLAIN_KEY = re.compile(r"[a-z_][\w.]*")
# sections that name files, addresses or programs; the operator sets them in conf/ or .env
OFF_LIMITS = re.compile(r"((internal|external)\.)?(hydra|paths|source\.|sink\.|log|invocation)")


class CommandLine(dg.ConfigurableResource):
    """How assets call `clustering`; every field can be set in the run configuration, below
    resources.clustering.config.

    Whoever can reach the web page can set these fields, so none of them names a program or a
    folder: the program is $CLUSTERING_COMMAND, else the `clustering` on the PATH, and the folder
    the one Dagster was started in.
    """

    env: str = "dev"
    # as for `clustering run`: internal.model.k_max=6 counts for one track only
    settings: list[str] = Field(default_factory=list)
    force: bool = False

    def make(self, stage: Stage, run_id: str, say: Callable[[str], None]) -> dict[str, Any]:
        """Bring a stage up to date, telling `say` what the command says; give its manifest."""
        words = [stage.name] if stage is MERGE else [stage.name, f"track={stage.track}"]
        words += [*settings_of(stage, self.settings), *(["--force"] if self.force else [])]
        self._call(words, {"CLUSTERING_RUN_ID": run_id}, say)
        manifest: dict[str, Any] = next(
            plan["manifest"] for plan in self.status() if plan["stage"] == stage.key
        )
        return manifest

    def status(self) -> list[dict[str, Any]]:
        """What `clustering status` knows of each stage."""
        told = json.loads(
            self._call(["status", "--format", "json", *self.settings], {}, lambda _: None)
        )
        stages: list[dict[str, Any]] = told["stages"]
        return stages

    def _call(
        self, words: Sequence[str], variables: dict[str, str], say: Callable[[str], None]
    ) -> str:
        _require_settings(words, self.env)
        command = shlex.split(os.environ.get("CLUSTERING_COMMAND") or "clustering")
        with tempfile.TemporaryFile("w+") as results:
            process = subprocess.Popen(
                [*command, *words, f"env={self.env}"],
                env=_environment() | variables,
                text=True,
                stdout=results,
                stderr=subprocess.PIPE,
            )
            try:
                said = list(_told(process, say))
                process.wait()
            finally:
                if process.poll() is None:  # Dagster was told to end the run
                    process.terminate()
            results.seek(0)
            out = results.read()
        if process.returncode:
            raise dg.Failure(
                "\n".join(line for line in said if line.startswith(("error:", "  ")))
                or "\n".join(said[-5:]),
                metadata={
                    "exit_code": process.returncode,
                    "command": shlex.join(["clustering", *words]),
                },
                allow_retries=process.returncode not in WILL_FAIL_AGAIN,
            )
        return out


def _environment() -> dict[str, str]:
    """The variables without the folder that shows this package to Dagster (web.package_alone): the
    command has a package of its own.
    """
    package = Path(__file__).parents[2]
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    if package.is_symlink():
        paths = [path for path in paths if Path(path).absolute() != package.parent.absolute()]
    return os.environ | {"PYTHONPATH": os.pathsep.join(paths)}


def _told(process: subprocess.Popen[str], say: Callable[[str], None]) -> Iterator[str]:
    for line in process.stderr or ():
        say(line.rstrip())
        yield line.rstrip("\n")


def _require_settings(words: Sequence[str], env: str) -> None:
    """Raise dg.Failure where a word is no plain setting: flags and Hydra's own settings can run
    programs and read any file.
    """
    for word in (*words[1:], f"env={env}"):
        key, _, value = word.partition("=")
        is_plain = PLAIN_KEY.fullmatch(key) and not OFF_LIMITS.match(key) and "${" not in value
        if word not in OWN_FLAGS and not is_plain:
            raise dg.Failure(f"{word!r} cannot be set from here", allow_retries=False)


def settings_of(stage: Stage, settings: Sequence[str]) -> list[str]:
    """The settings that count for a stage: those addressed to its track without the address, and
    those of both tracks.
    """
    others = tuple(f"{track}." for track in TRACKS if track != stage.track)
    return [
        word.removeprefix(f"{stage.track}.") for word in settings if not word.startswith(others)
    ]


# --- assets


def key_of(stage_key: str) -> dg.AssetKey:
    """The asset of a stage: internal/train, merged."""
    return dg.AssetKey(stage_key.split("/"))


def asset_of(stage: Stage) -> dg.AssetsDefinition:
    """The asset that stands for all tables of a stage; where rows are validated, with checks of
    where each row went.
    """
    key = key_of(stage.key)
    checks = [dg.AssetCheckSpec(name, asset=key, description=text) for name, text in CHECKS.items()]

    @dg.asset(
        key=key,
        group_name=stage.track,
        description=f"{stage.summary}. Tables: {', '.join(stage.writes)}.",
        deps=[
            *map(key_of, stage.upstream),
            *(dg.AssetKey(["source", name]) for name in stage.inputs),
        ],
        check_specs=checks if "reconciliation" in stage.writes else None,
        kinds={"parquet"},
    )
    def made(context: dg.AssetExecutionContext, clustering: CommandLine) -> dg.MaterializeResult:
        manifest = clustering.make(stage, context.run_id, context.log.info)
        return dg.MaterializeResult(
            metadata=metadata_of(manifest),
            data_version=dg.DataVersion(manifest["fingerprint"][:16]),
            check_results=list(check_results(key, manifest)),
        )

    return made


def metadata_of(manifest: dict[str, Any]) -> dict[str, Any]:
    """What the asset's page shows: rows of every table, what the stage measured, how long it took,
    which run made it.
    """
    return {
        **{f"rows of {table}": rows for table, rows in manifest["rows"]["out"].items()},
        **manifest["measures"],
        "duration (s)": manifest["duration_seconds"],
        "made by run": manifest["run_id"],
        "started": manifest["started"],
        "seed": manifest["seed"],
        "code version": manifest["code_version"],
        "settings": dg.MetadataValue.json(manifest["config"]),
    }


CHECKS = {
    "every_row_accounted_for": "Rows read are rows used plus rows set aside, for every input.",
    "nothing_quarantined": "No row broke a rule; a warning where some did "
    "(preprocess.max_quarantined_share stops a run).",
}


def check_results(key: dg.AssetKey, manifest: dict[str, Any]) -> Iterator[dg.AssetCheckResult]:
    """The checks of a stage that validates rows, from the outcomes its manifest counts; nothing for
    the others.
    """
    if (reconciliation := manifest["rows"].get("reconciliation")) is None:
        return
    lost = {
        name: 2 * outcomes["read"] - sum(outcomes.values())
        for name, outcomes in reconciliation.items()
    }
    found = {name: dg.MetadataValue.json(outcomes) for name, outcomes in reconciliation.items()}
    accounted, clean = CHECKS
    yield dg.AssetCheckResult(
        asset_key=key, check_name=accounted, passed=not any(lost.values()), metadata=lost
    )
    yield dg.AssetCheckResult(
        asset_key=key,
        check_name=clean,
        passed=manifest["rows"]["out"]["quarantine"] == 0,
        metadata=found,
        severity=dg.AssetCheckSeverity.WARN,
    )


# --- jobs, and examples of what starts them


SOURCES = [
    dg.AssetSpec(
        ["source", name], group_name="source", description="A raw input; no stage writes it."
    )
    for name in dict.fromkeys(name for stage in STAGES for name in stage.inputs)
]
ASSETS = [asset_of(stage) for stage in STAGES]
DAGSTER_JOBS = {
    job.name: dg.define_asset_job(
        f"{job.name}_job",
        selection=dg.AssetSelection.assets(*(key_of(stage.key) for stage in job.stages)),
        description=job.summary,
    )
    for job in JOBS.values()
}
FULL = DAGSTER_JOBS["full_pipeline"]

every_monday = dg.ScheduleDefinition(
    name="every_monday",
    job=FULL,
    cron_schedule="0 5 * * 1",
    run_config={"resources": {"clustering": {"config": {"env": "prod"}}}},
    description="An example: prod, before the week begins. Off until it is switched on.",
)


@dg.sensor(
    name="raw_files",
    job=FULL,
    minimum_interval_seconds=300,
    description="An example: runs when raw files changed.",
)
def raw_files(clustering: CommandLine) -> dg.RunRequest | dg.SkipReason:
    """Ask `clustering status` whether what reads raw files is stale; run once for every state of
    the files.
    """
    try:
        plans = clustering.status()
    except dg.Failure as failure:
        if failure.metadata["exit_code"].value != DATA_ARE_WRONG:
            raise
        return dg.SkipReason(failure.description)
    readers = {stage.key for stage in STAGES if "reconciliation" in stage.writes}
    reading = [plan for plan in plans if plan["stage"] in readers]
    if all(plan["state"] == "fresh" for plan in reading):
        return dg.SkipReason("no raw file changed")
    state = hashlib.sha256("".join(plan["fingerprint"] for plan in reading).encode()).hexdigest()
    return dg.RunRequest(run_key=state)


defs = dg.Definitions(
    assets=[*SOURCES, *ASSETS],
    jobs=list(DAGSTER_JOBS.values()),
    schedules=[every_monday],
    sensors=[raw_files],
    resources={"clustering": CommandLine()},
    # one stage at a time: a data directory admits one run
    executor=dg.in_process_executor,
)
