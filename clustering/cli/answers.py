"""What commands print with --format json: a class each, from which docs/json.md is made.

The number at the end of `schema` rises when a field is renamed or removed, or changes its meaning.
New fields can appear without that.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from clustering.results.end_of_run.outcome import CategoryOutcome
from clustering.results.inputs.found import Inputs
from clustering.store.manifest import Manifest


def to_json(answer: Any, indent: int | None = 2) -> str:
    """An answer as JSON, its schema first."""
    return json.dumps({"schema": answer.schema, **asdict(answer)}, indent=indent, default=str)


@dataclass(kw_only=True)
class StageDone:
    """A stage of a run; `fresh` if its results were up to date, so that it was skipped."""

    stage: str
    fresh: bool
    seconds: float


@dataclass(kw_only=True)
class Run:
    """`clustering run --format json`, and the command of a stage: what was done, what came out.

    `warnings` are about the inputs and about single categories. `page` is null if none was written.
    """

    schema: Literal["clustering/run/1"] = "clustering/run/1"
    run_id: str
    env: str
    stages: list[StageDone]
    categories: list[CategoryOutcome]
    warnings: list[str]
    tables: list[str]
    page: str | None


@dataclass(kw_only=True)
class Progress:
    """`--progress json`: a line on stderr for each event.

    `done` and `of` count categories; `of` is 0 for a stage that does not work by category.
    """

    schema: Literal["clustering/progress/1"] = "clustering/progress/1"
    event: Literal["started", "advanced", "finished"]
    stage: str
    done: int
    of: int
    category: str | None = None
    fresh: bool | None = None
    seconds: float | None = None


@dataclass(kw_only=True)
class StageState:
    """Whether a stage is up to date, and why not. `manifest` is the record beside its tables."""

    stage: str
    state: Literal["fresh", "stale", "missing"]
    reason: str
    fingerprint: str
    manifest: Manifest | None


@dataclass(kw_only=True)
class Status:
    """`clustering status --format json`."""

    schema: Literal["clustering/status/1"] = "clustering/status/1"
    fresh: bool
    stages: list[StageState]


@dataclass(kw_only=True)
class JobListed:
    """A job that `run` accepts, with the keys of its stages in order."""

    name: str
    summary: str
    stages: list[str]


@dataclass(kw_only=True)
class Jobs:
    """`clustering jobs --format json`."""

    schema: Literal["clustering/jobs/1"] = "clustering/jobs/1"
    jobs: list[JobListed]


@dataclass
class Check(Inputs):
    """`clustering check --format json`: all that was recognised in the inputs. With `problems`, a
    run cannot start, and the exit code is 3.
    """

    schema: Literal["clustering/check/1"] = "clustering/check/1"


@dataclass(kw_only=True)
class Compare:
    """`clustering compare --format json`: a row for each scenario with the columns of the
    leaderboard, and the adjusted Rand index of every pair.
    """

    schema: Literal["clustering/compare/1"] = "clustering/compare/1"
    rule: str
    scenarios: list[dict[str, str | float | bool | None]]
    agreement: dict[str, dict[str, float | None]] = field(default_factory=dict)


@dataclass(kw_only=True)
class Plans:
    """`clustering plans --format json`: a row for each category, the best worth of every number of
    plans, and the setting `categories` that would bring the proposal about.
    """

    schema: Literal["clustering/plans/1"] = "clustering/plans/1"
    proposal: list[dict[str, str | float | None]]
    curve: list[dict[str, float]]
    categories: dict[str, dict[str, int]]


@dataclass(kw_only=True)
class Alike:
    """`clustering alike --format json`: a row for each pair of categories."""

    schema: Literal["clustering/alike/1"] = "clustering/alike/1"
    pairs: list[dict[str, str | float | None]]


@dataclass(kw_only=True)
class VersionListed:
    """A published version. `faults` name files that are not as published; from `run` on, fields are
    empty if the version's own record was changed.
    """

    number: int
    env: str
    state: Literal["in effect", "scheduled", "over", "superseded", "withdrawn"]
    effective_from: str
    effective_to: str | None
    approver: str
    note: str
    withdrawn: dict[str, Any] | None
    faults: list[str]
    run: str | None = None
    run_id: str | None = None
    published_at: str | None = None
    python: str | None = None
    packages: dict[str, str] = field(default_factory=dict)
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    format: int | None = None


@dataclass(kw_only=True)
class Versions:
    """`clustering versions --format json`."""

    schema: Literal["clustering/versions/1"] = "clustering/versions/1"
    versions: list[VersionListed]


@dataclass(kw_only=True)
class Verify:
    """`clustering verify --format json`: by version, run or folder for other systems, the files
    that are not as recorded. The exit code is 1 if there are any.
    """

    schema: Literal["clustering/verify/1"] = "clustering/verify/1"
    intact: bool
    faults: dict[str, list[str]] = field(default_factory=dict)


ANSWERS = (Run, Progress, Status, Jobs, Check, Compare, Plans, Alike, Versions, Verify)
