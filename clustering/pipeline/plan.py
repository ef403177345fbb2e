"""What each stage would do now: fresh, stale or missing, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from clustering.config import Config
from clustering.errors import DataError
from clustering.pipeline.pool import Pool
from clustering.registry import BY_KEY, MERGE, MERGED, TRACKS, Stage, stage_of_other_run
from clustering.store.code import Code, code_of
from clustering.store.manifest import FileState, Manifest, file_states, fingerprint
from clustering.store.runs import current_run, environment_run, open_run

if TYPE_CHECKING:
    from clustering.io.sources import OpenSource
    from clustering.store.catalog import Catalog

Absent = Mapping[str, str]  # tracks without input, see one_track.py
NOTHING: Absent = {}
OWN = "categories"  # settings of single categories, in a manifest
CELLS = "cells"  # a merge of an earlier release has no such table


@dataclass(frozen=True)
class Plan:
    """What a stage would do now: `state` is fresh, stale or missing, `reason` says why in the
    user's words.
    """

    stage: Stage
    state: Literal["fresh", "stale", "missing"]
    reason: str
    code: Code
    fingerprint: str
    inputs: dict[str, list[FileState]]
    upstream: dict[str, str]
    marks: dict[str, str]  # as in the manifest

    def changed(self, old: Manifest) -> set[str] | None:
        """The categories whose results are not those of the last run; None for all of them."""
        if not old.marks or old.marks[""] != self.marks[""]:
            return None
        names = old.marks.keys() | self.marks.keys()
        return {name for name in names if mark_of(old.marks, name) != mark_of(self.marks, name)}


def mark_of(marks: Mapping[str, str], category: str) -> str:
    """The fingerprint of a category: its own, or that of all others."""
    return marks.get(category, marks[""])


class Planner:
    """Compares what a run of each stage would depend on with what the manifests record."""

    def __init__(
        self, configs: dict[str, Config], catalog: Catalog | None = None, absent: Absent = NOTHING
    ) -> None:
        self.configs = configs
        self.absent = absent
        first = next(iter(configs.values()))
        self.catalog = catalog or current_run(first)
        self.pool = _pool(first)
        self._sources: dict[str, OpenSource] = {}

    def config(self, stage: Stage) -> Config:
        """The settings of the stage's track; those of the first track for `merge`."""
        return self.configs.get(stage.track) or next(iter(self.configs.values()))

    def plans(self, stages: Sequence[Stage]) -> list[Plan]:
        """What each of `stages` would do, in order, if all of them were run now."""
        expected: dict[str, Plan] = {}
        for stage in stages:
            expected[stage.key] = self.plan(stage, expected)
        return list(expected.values())

    def plan(self, stage: Stage, expected: dict[str, Plan]) -> Plan:
        """What `stage` would do now, after the stages `expected` did what they would do."""
        old = self.catalog.manifest(stage)
        upstream = {key: self._upstream_fingerprint(key, expected) for key in stage.upstream}
        inputs = self._input_states(stage, old)
        config = self.config(stage)
        code = code_of(stage, config.model.name)
        mark = fingerprint(stage.key, code, sections(stage, config), config.seed, inputs, upstream)
        marks = self._marks(stage, code, inputs, expected)
        plan = partial(
            Plan, stage, code=code, fingerprint=mark, inputs=inputs, upstream=upstream, marks=marks
        )
        if old is None:
            return plan("missing", self._why_missing(stage))
        if config.invocation.force:
            return plan("stale", "--force")
        reasons = [
            *_changed_code(old, code),
            *_differences(stage, config, old, inputs, upstream, expected),
        ]
        if not reasons and not self.catalog.is_intact(stage, old):
            reasons = ["its files are missing or were changed"]
        found = plan("stale" if reasons else "fresh", "; ".join(reasons))
        if reasons and stage.by_category and (changed := found.changed(old)):
            found = replace(found, reason=f"{found.reason} (only {', '.join(sorted(changed))})")
        return found

    def _marks(
        self,
        stage: Stage,
        code: Code,
        inputs: dict[str, list[FileState]],
        expected: dict[str, Plan],
    ) -> dict[str, str]:
        config = self.config(stage)
        settings = sections(stage, config)
        own = settings.pop(OWN, {})
        upstream = {key: self._upstream_marks(key, expected) for key in stage.upstream}
        names = {"", *own, *(name for marks in upstream.values() for name in marks)}
        return {
            name: fingerprint(
                stage.key,
                code,
                settings | {OWN: own.get(name, {})},
                config.seed,
                inputs,
                {key: mark_of(marks, name) for key, marks in upstream.items()},
            )
            for name in sorted(names)
        }

    def _upstream_marks(self, key: str, expected: dict[str, Plan]) -> dict[str, str]:
        if key in expected:
            return expected[key].marks
        manifest = None if BY_KEY[key].track in self.absent else self.catalog.manifest(BY_KEY[key])
        return (manifest.marks or {"": manifest.fingerprint}) if manifest else {"": ""}

    def _why_missing(self, stage: Stage) -> str:
        path = self.catalog.manifest_path(stage)
        return f"{path} cannot be read" if path.exists() else "never run"

    def _upstream_fingerprint(self, key: str, expected: dict[str, Plan]) -> str:
        if key in expected:
            return expected[key].fingerprint
        if BY_KEY[key].track in self.absent:
            return ""
        manifest = self.catalog.manifest(BY_KEY[key])
        return manifest.fingerprint if manifest else ""

    def input_states(self, stage: Stage) -> dict[str, list[FileState]]:
        """By name, the content of the raw inputs and of other runs' tables as they are now."""
        return self._input_states(stage, None)

    def _input_states(self, stage: Stage, old: Manifest | None) -> dict[str, list[FileState]]:
        states = self._states_of_other_runs(stage, old)
        if not stage.inputs:
            return states
        source = self.source(stage)
        if old is None and self.pool:
            old = self.pool.environment.manifest(
                stage
            )  # it may know the files, which need not be read again then
        known = old.inputs if old else {}
        return states | {name: source.states(name, known.get(name, ())) for name in stage.inputs}

    def _states_of_other_runs(
        self, stage: Stage, old: Manifest | None
    ) -> dict[str, list[FileState]]:
        found = {}
        for name, tables in stage.of_other_runs.items():
            if (other := self.other_run(stage, name)) is None:
                continue
            run, track = other
            known = old.inputs.get(name, ()) if old else ()
            places = (reference.split("/") for reference in tables)
            paths = [
                run.table_path(stage_of_other_run(track, place), table) for place, table in places
            ]
            found[name] = file_states([str(path) for path in paths if path.exists()], known)
        return found

    def other_run(self, stage: Stage, name: str) -> tuple[Catalog, str] | None:
        """The run that is continued or refined, and of which track; None without one.

        Raises ConfigError if it does not exist, DataError if it lacks the track.
        """
        config = self.config(stage)
        key, reference, track = {
            "baseline": ("baseline.run", config.baseline.run, stage.track),
            "outer": ("within.run", config.within.run, config.within.track),
        }[name]
        if reference is None:
            return None
        run = open_run(reference, config)
        if not any(run.manifest(BY_KEY[f"{each}/analyze"]) for each in TRACKS):
            raise DataError(f"{key}={reference} has no clusters")
        made = run.manifest(MERGE if track == MERGED else BY_KEY[f"{track}/analyze"])
        if made is None and name == "outer":
            raise DataError(f"{key}={reference} has no {track} clusters")
        if made is None or (track == MERGED and CELLS not in made.outputs):
            return None  # a baseline of the other track alone, or of an earlier release
        return run, track

    def source(self, stage: Stage) -> OpenSource:
        from clustering.io.sources import open_source

        if stage.track not in self._sources:
            self._sources[stage.track] = open_source(self.config(stage).source)
        return self._sources[stage.track]


def _pool(config: Config) -> Pool | None:
    """In a sweep, the results its scenarios share; with --force, only what the sweep itself
    makes.
    """
    folder = config.invocation.run_folder
    return (
        Pool(Path(folder).parent, environment_run(config), not config.invocation.force)
        if folder
        else None
    )


# settings of a source that change what its files hold
SHAPE = ("derive", "where", "wide", "external_columns", "need_state_from")


def sections(stage: Stage, config: Config) -> dict[str, Any]:
    """The settings that decide what `stage` computes."""
    sections = {name: asdict(getattr(config, name)) for name in stage.sections}
    if own := _own(stage, config):
        sections[OWN] = own
    if stage.inputs:
        source = config.source
        sections["source"] = {
            "name": source.name,
            "columns": asdict(source.columns),
            "read": asdict(source.read),
            "shape": {name: getattr(source, name) for name in SHAPE},
        }
    return sections


def _own(stage: Stage, config: Config) -> dict[str, dict[str, Any]]:
    """What single categories have of these settings."""
    found = {
        category: {
            key: value for key, value in given.items() if key.split(".")[0] in stage.sections
        }
        for category, given in config.categories.items()
    }
    return {category: given for category, given in found.items() if given}


def _differences(
    stage: Stage,
    config: Config,
    old: Manifest,
    inputs: dict[str, list[FileState]],
    upstream: dict[str, str],
    expected: dict[str, Plan],
) -> Iterator[str]:
    """Say what changed since `old`, cause by cause."""
    yield from _changed_settings(old.config, sections(stage, config))
    if old.seed != config.seed:
        yield f"seed {old.seed} -> {config.seed}"
    for name, states in inputs.items():
        if [s.sha256 for s in states] != [s.sha256 for s in old.inputs.get(name, [])]:
            yield f"input {name} changed"
    for key, mark in upstream.items():
        if old.upstream.get(key) != mark:
            yield f"{key} {'will be' if key in expected else 'was'} made again"


def _changed_code(old: Manifest, code: Code) -> Iterator[str]:
    if old.code_version != code.version:
        yield f"code changed ({old.code_version} -> {code.version})"
    for name in sorted(old.packages.keys() | code.packages.keys()):
        before, after = (each.get(name, "absent") for each in (old.packages, code.packages))
        if before != after:
            yield f"{name} {before} -> {after}"


def _changed_settings(old: dict[str, Any], new: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for key in sorted(old.keys() | new.keys()):
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) or isinstance(after, dict):
            before, after = before or {}, after or {}
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _changed_settings(before, after, f"{prefix}{key}.")
        elif before != after:
            yield f"{prefix}{key}: {before} -> {after}"
