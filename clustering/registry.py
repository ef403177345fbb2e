"""The single list of stages: what each is called, which function does it, what it reads and writes.

Commands, `run`'s order, `status` and the documentation are derived from these two tables. A table
is named "<stage>/<table>" within a track, "<track>/<stage>/<table>" across tracks, "source/<input>"
for a raw input, and "baseline/<stage>/<table>" of the run that is continued,
"outer/<stage>/<table>" of the one that is refined. Functions are named, not imported: `clustering
--help` must not load what computes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Protocol, cast

# the run that is continued, the run in whose clusters stores are clustered again
OTHER_RUNS = ("baseline", "outer")
TRACKS = ("internal", "external")
MERGED = "merged"


class StageFunction(Protocol):
    """Tables, fitted objects and sections of the settings by name in; tables and fitted objects by
    name out.
    """

    def __call__(self, **arguments: Any) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Stage:
    """One row of the table: `function` ("module:name") takes the tables of `reads` and `optional`
    by parameter name, the `sections` of the settings, and the seed.
    """

    name: str
    track: str
    summary: str
    function: str
    reads: dict[str, str]
    writes: tuple[str, ...]
    sections: tuple[str, ...]
    # what it reads if it exists; otherwise None is passed
    optional: dict[str, str] = field(default_factory=dict)
    models: str | None = None  # the fitted objects it saves beside its tables
    by_category: bool = True
    own: tuple[str, ...] = ()  # of a stage over all categories: sections that single ones change
    loads: tuple[str, ...] = ()  # what its function imports when it is called, and takes long
    effort: float = 1.0  # the time a category takes, compared with training

    @property
    def key(self) -> str:
        """The stage's folder below the environment: "internal/train", or "merged"."""
        return MERGED if self.track == MERGED else f"{self.track}/{self.name}"

    @property
    def module(self) -> str:
        """The module of its function."""
        return self.function.partition(":")[0]

    def load(self) -> StageFunction:
        """Import its function."""
        name = self.function.partition(":")[2]
        return cast(StageFunction, getattr(import_module(self.module), name))

    @property
    def upstream(self) -> tuple[str, ...]:
        """Keys of the stages whose tables it reads, in order."""
        keys = (producer(self, reference) for reference in (self.reads | self.optional).values())
        return tuple(dict.fromkeys(key for key in keys if key))

    @property
    def of_other_runs(self) -> dict[str, list[str]]:
        """The tables it reads of other runs, as {"baseline": ["<stage>/<table>", ...]}."""
        found: dict[str, list[str]] = {}
        for reference in self.optional.values():
            run, _, table = reference.partition("/")
            if run in OTHER_RUNS:
                found.setdefault(run, []).append(table)
        return found

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the raw inputs it reads."""
        references = (self.reads | self.optional).values()
        return tuple(ref.removeprefix("source/") for ref in references if ref.startswith("source/"))


def producer(stage: Stage, reference: str) -> str | None:
    """The key of the stage that writes what `stage` calls `reference`, or None for a raw input."""
    if reference.partition("/")[0] in ("source", *OTHER_RUNS):
        return None
    *track, name, _ = reference.split("/")
    return f"{track[0] if track else stage.track}/{name}"


PREPROCESSED = ("values", "stores", "quarantine", "reconciliation", "columns", "findings")

PREPROCESS = {
    "internal": Stage(
        "preprocess",
        "internal",
        "sales and the need-state map become sales per category, store and need state",
        "clustering.stages.preprocess_internal:preprocess_internal",
        {"sales": "source/sales", "need_states": "source/need_states"},
        PREPROCESSED,
        ("preprocess", "within"),
        optional={"outer": "outer/assign/assignments"},
        by_category=False,
    ),
    "external": Stage(
        "preprocess",
        "external",
        "files of store attributes become one table",
        "clustering.stages.preprocess_external:preprocess_external",
        {"external": "source/external"},
        PREPROCESSED,
        ("preprocess",),
        by_category=False,
    ),
}


BASELINE = {
    "baseline_assignments": "baseline/assign/assignments",
    "baseline_continuity": "baseline/assign/continuity",
}
LABELS = {"labels_table": "source/labels"}
LIKE_STORES = {"like_stores": "source/like_stores"}
# what places stores that have no sales of their own
ATTRIBUTES = {
    "attributes": "external/preprocess/values",
    "attribute_stores": "external/preprocess/stores",
}


def _after_preprocess(track: str) -> tuple[Stage, ...]:
    values, stores = {"values": "preprocess/values"}, {"stores": "preprocess/stores"}
    matrix = {"matrix": "features/matrix"}
    return (
        Stage(
            "features",
            track,
            "values become the coordinates a model works on; outliers are set aside",
            "clustering.stages.features:features",
            values | stores,
            ("matrix", "not_carried"),
            ("features",),
            models="transformers",
            loads=("scipy.spatial",),
        ),
        Stage(
            "train",
            track,
            "candidates for every k, the choice among them, the fitted models",
            "clustering.stages.train:train",
            values | stores | matrix | {"transformers": "features/transformers"},
            ("selection", "verdicts"),
            ("features", "model", "select", "caps", "baseline"),
            optional={
                "baseline_verdicts": "baseline/train/verdicts",
                "baseline_assignments": "baseline/assign/assignments",
            },
            models="models",
            loads=("scipy.cluster.hierarchy",),
        ),
        Stage(
            "assign",
            track,
            "every store gets a cluster, with its probability and the rule that placed it",
            "clustering.stages.assign:assign",
            stores | matrix | {"models": "train/models"},
            ("assignments", "rules", "trust", "continuity"),
            ("assign", "caps", "baseline"),
            optional=BASELINE | LIKE_STORES | (ATTRIBUTES if track == "internal" else {}),
            models="placers",
            by_category=False,
            own=("caps",),
        ),
        Stage(
            "analyze",
            track,
            "what is in each cluster and how good the clusters are",
            "clustering.stages.analyze:analyze",
            values
            | stores
            | matrix
            | {"verdicts": "train/verdicts"}
            | {
                "assignments": "assign/assignments",
                "trust": "assign/trust",
                "continuity": "assign/continuity",
                "transformers": "features/transformers",
                "placer": "assign/placers",
            },
            (
                "metrics",
                "clusters",
                "profiles",
                "descriptions",
                "representatives",
                "positions",
                "worth",
            ),
            ("features",),
            optional={"baseline_clusters": "baseline/analyze/clusters"} | LABELS,
            effort=0.15,
        ),
    )


MERGE = Stage(
    "merge",
    MERGED,
    "internal clusters split by surroundings become final clusters above a floor",
    "clustering.stages.merge:merge",
    {},
    (
        "assignments",
        "cells",
        "clusters",
        "profiles",
        "splits",
        "plans",
        "summary",
        "overrides",
        "association",
        "cross_profiles",
        "continuity",
        "movers",
        "worth",
        "worth_by_plans",
        "space_breaks",
    ),
    ("merge", "caps", "overrides"),
    optional={
        "internal": "internal/assign/assignments",
        "external": "external/assign/assignments",
        "internal_matrix": "internal/features/matrix",
        "external_matrix": "external/features/matrix",
        "values": "internal/preprocess/values",
        "stores": "internal/preprocess/stores",
        "attributes": "external/preprocess/values",
        "overrides_table": "source/overrides",
        "verdicts": "internal/train/verdicts",
        "labels_table": "source/labels",
        "baseline_assignments": "baseline/merged/assignments",
        "baseline_cells": "baseline/merged/cells",
        "baseline_clusters": "baseline/merged/clusters",
    },
    by_category=False,
    own=("merge", "caps"),
)

STAGES: tuple[Stage, ...] = (
    *PREPROCESS.values(),
    *_after_preprocess("internal"),
    *_after_preprocess("external"),
    MERGE,
)
BY_KEY = {stage.key: stage for stage in STAGES}
STAGE_NAMES = tuple(dict.fromkeys(stage.name for stage in STAGES))


@dataclass(frozen=True)
class Job:
    """Stages that `run` carries out under one name."""

    name: str
    summary: str
    stages: tuple[Stage, ...]


def _of(track: str, *names: str) -> tuple[Stage, ...]:
    return tuple(stage for stage in STAGES if stage.track == track and stage.name in names)


WHOLE_RUN = "full_pipeline"
_ML = ("features", "train", "assign", "analyze")
JOBS: dict[str, Job] = {
    job.name: job
    for job in (
        Job(
            "internal_preprocessing",
            "raw sales to need-state values",
            _of("internal", "preprocess"),
        ),
        Job(
            "external_preprocessing",
            "raw attribute files to one table",
            _of("external", "preprocess"),
        ),
        Job("internal_ml", "need-state values to internal clusters", _of("internal", *_ML)),
        Job("external_ml", "attributes to external clusters", _of("external", *_ML)),
        Job("merging", "internal and external clusters to final clusters", (MERGE,)),
        Job(WHOLE_RUN, "everything, from raw files to final clusters", STAGES),
    )
}


def stage_of_other_run(track: str, name: str) -> Stage:
    """The stage of another run that a reference such as "baseline/assign/..." means."""
    return MERGE if name == MERGED else BY_KEY[f"{track}/{name}"]


def stage_for(name: str, track: str) -> Stage:
    """The stage called `name` on `track` ("merge" is the same on either)."""
    return MERGE if name == MERGE.name else BY_KEY[f"{track}/{name}"]
