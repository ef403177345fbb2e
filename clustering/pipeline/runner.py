"""Runs the stages of the registry (load, call, save) and skips those that are fresh."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import dropwhile, takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustering.config import Config
from clustering.config.categories import own_sections, require_known, section_of
from clustering.errors import ClusteringError, DataError, StageError, is_panic
from clustering.pipeline.categories import categories_of, gather, read_pieces, split
from clustering.pipeline.executor import (
    connections,
    in_processes,
    is_worthwhile,
    load_meanwhile,
    on_one_thread,
    prepare,
    spread,
)
from clustering.pipeline.extras import require_extras
from clustering.pipeline.loading import load
from clustering.pipeline.measures import measures
from clustering.pipeline.one_track import forget
from clustering.pipeline.plan import NOTHING, Absent, Plan, Planner, sections
from clustering.pipeline.pool import Pool
from clustering.pipeline.reporter import Reporter
from clustering.pipeline.run_id import new_run_id
from clustering.pipeline.stores_in_common import require_after
from clustering.registry import BY_KEY, MERGE, STAGES, Stage, StageFunction
from clustering.store.manifest import Manifest

if TYPE_CHECKING:
    from clustering.store.catalog import Catalog

log = logging.getLogger(__name__)

LARGE = 10_000_000  # bytes of input


class Pipeline(Planner):
    """The stages of one environment under one configuration for each track."""

    def __init__(
        self,
        configs: dict[str, Config],
        reporter: Reporter,
        catalog: Catalog | None = None,
        absent: Absent = NOTHING,
    ) -> None:
        super().__init__(configs, catalog, absent)
        self.reporter = reporter
        self.run_id = next(iter(configs.values())).invocation.run_id or new_run_id()

    def run(self, stages: Sequence[Stage]) -> list[Manifest]:
        """Bring `stages` up to date in order, under the lock of the data directory; give their
        manifests.
        """
        require_extras(self.configs, stages)
        first = self.configs[next(iter(self.configs))]
        with (
            connections(),
            self.catalog.locked(
                first.executor.lock_timeout, f"clustering {first.invocation.command}"
            ),
        ):
            for told in forget(self.catalog, STAGES, self.absent if MERGE in stages else {}):
                log.warning(told)
            manifests = []
            for place, stage in enumerate(stages):
                manifests.append(self._bring_up_to_date(stage, stages[place + 1 :]))
                require_after(stage, stages, self.catalog)
            return manifests

    def preview(self, stage: Stage) -> tuple[dict[str, Any], dict[str, Any]]:
        """What `stage` reads, and what it would write now; nothing is written."""
        tables = load(self, stage)
        return tables, self._call(stage, tables, self.config(stage), {})

    def borrow(self, stages: Sequence[Stage]) -> None:
        """In a sweep over a later stage: start from what the environment has of the earlier ones,
        as it is.
        """
        for stage in stages if self.pool else ():
            if self.pool and self.pool.environment.manifest(stage):
                self.catalog.adopt(stage, self.pool.environment)

    def _bring_up_to_date(self, stage: Stage, ahead: Sequence[Stage]) -> Manifest:
        plan = self.plan(stage, {})
        old = self.catalog.manifest(stage)
        if plan.state == "fresh" and old is not None:
            log.info(
                "%s is fresh",
                stage.key,
                extra={"event": {"event": "stage_skipped", "stage": stage.key}},
            )
            self.reporter.finished(stage, old, skipped=True)
            return old
        started = {
            "event": "stage_started",
            "stage": stage.key,
            "state": plan.state,
            "reason": plan.reason,
        }
        log.info("%s started", stage.key, extra={"event": started})
        if stage.by_category:
            load_meanwhile(() if not ahead or ahead[0].by_category else ahead[0].loads)
        else:
            self._prepare(plan, ahead)
        manifest = self._share(stage, plan, self.pool) if self.pool else self._execute(stage, plan)
        log.info("%s finished", stage.key, extra={"event": _finished(manifest)})
        self.reporter.finished(stage, manifest, skipped=False)
        return manifest

    def _is_large(self, plan: Plan, effort: float) -> bool:
        """Whether there will probably be work for several processes, by the bytes it reads or by an
        earlier stage's counts; `effort` is that of the stages to come.
        """
        if (
            self.config(plan.stage).executor.workers
            or sum(state.bytes for states in plan.inputs.values() for state in states) > LARGE
        ):
            return True
        counts = [
            manifest.rows
            for key in plan.upstream
            if (manifest := self.catalog.manifest(BY_KEY[key]))
        ]
        return any(
            is_worthwhile(rows["out"].get("verdicts", 0), rows["in"].get("stores", 0), effort)
            for rows in counts
        )

    def _prepare(self, plan: Plan, ahead: Sequence[Stage]) -> None:
        """Let worker processes load what the next stages that use them need, while this stage uses
        one.
        """
        coming = list(
            takewhile(
                lambda stage: stage.by_category,
                dropwhile(lambda stage: not stage.by_category, ahead),
            )
        )
        if coming and self._is_large(plan, max(stage.effort for stage in coming)):
            modules = [module for stage in coming for module in (stage.module, *stage.loads)]
            prepare(modules, self.config(coming[0]).executor)

    def _share(self, stage: Stage, plan: Plan, pool: Pool) -> Manifest:
        """Take what another scenario made of the same settings and inputs, else make it for all."""
        with pool.claimed(plan.fingerprint):
            manifest = pool.take(stage, plan.fingerprint, self.catalog)
            if manifest is None:
                manifest = self._execute(stage, plan)
                pool.announce(plan.fingerprint, Path(self.config(stage).invocation.run_folder))
        return manifest

    def _execute(self, stage: Stage, plan: Plan) -> Manifest:
        started, clock = datetime.now(UTC), time.perf_counter()
        config = self.config(stage)
        tables = load(self, stage)
        try:
            outputs = self._call(stage, tables, config, self._kept(stage, plan))
        finally:  # a file that was exchanged is also why reading it failed
            self._require_unchanged_inputs(stage, plan)
        manifest = Manifest(
            stage=stage.key,
            env=config.env,
            run_id=self.run_id,
            fingerprint=plan.fingerprint,
            code_version=plan.code.version,
            seed=config.seed,
            config=sections(stage, config),
            inputs=plan.inputs,
            upstream=plan.upstream,
            rows=_row_counts(tables, outputs),
            packages=plan.code.packages,
            started=started.isoformat(timespec="seconds"),
            duration_seconds=round(time.perf_counter() - clock, 3),
            measures=measures(outputs),
            marks=plan.marks,
        )
        return self.catalog.write(stage, outputs, manifest)

    def _require_unchanged_inputs(self, stage: Stage, plan: Plan) -> None:
        """Raise DataError where a raw input is not the one whose hash the plan recorded."""
        for name in stage.inputs:
            before = plan.inputs[name]
            now = self.source(stage).states(name, before)
            if [state.sha256 for state in now] != [state.sha256 for state in before]:
                raise DataError(
                    f"source.{name} was changed while it was read; nothing was written",
                    ["run again when the file is complete"],
                )

    def _kept(self, stage: Stage, plan: Plan) -> dict[str, dict[str, Any]]:
        """By category, the results of the last run that are still valid, where only settings of
        other categories changed.
        """
        old = self.catalog.manifest(stage)
        if not stage.by_category or old is None or self.config(stage).invocation.force:
            return {}
        changed = plan.changed(old)
        if not changed or not self.catalog.is_intact(stage, old):
            return {}
        tables: dict[str, Any] = {name: self.catalog.read(stage, name) for name in stage.writes}
        if stage.models:
            tables[stage.models] = self.catalog.read_models(stage)
        names = sorted(set().union(*(tables[name]["category"] for name in stage.writes)))
        return {name: part for name, part in split(tables, names, {}) if name not in changed}

    def _call(
        self,
        stage: Stage,
        tables: dict[str, Any],
        config: Config,
        kept: Mapping[str, dict[str, Any]],
    ) -> dict[str, Any]:
        """`kept` are results of categories that need not be computed again."""
        function = stage.load()
        _require_known(config, tables)
        if not stage.by_category:
            settings = {section: getattr(config, section) for section in stage.sections}
            settings |= {"seed": config.seed}
            settings |= {f"own_{name}": own_sections(config, name) for name in stage.own}
            self.reporter.started(stage, 0)
            result = on_one_thread(_guarded, function, stage.key, "", tables | settings)
            _require_known(config, result)
            if "columns" in result:  # how the inputs were read goes before what became of them
                from clustering.methods.plausibility.findings import of_readings

                readings = self.source(stage).readings(stage.inputs)
                result["columns"] = readings.vstack(result["columns"])
                result["findings"] = result["findings"].vstack(of_readings(readings))
            return result
        everything = categories_of(tables)
        categories = [category for category in everything if category not in kept]
        self.reporter.started(stage, len(categories))
        several = is_worthwhile(len(categories), tables["stores"].height, stage.effort)
        files = (
            self._files(stage) if in_processes(len(categories), config.executor, several) else {}
        )
        work = (
            (function, stage.key, category, parts | _settings(stage, config, category))
            for category, parts in split(tables, categories, files)
        )
        results: dict[str, dict[str, Any]] = {}
        found = spread(_guarded, work, len(categories), config.executor, several)
        for category, result in zip(categories, found, strict=True):
            results[category] = result
            self.reporter.advanced(stage, category)
        results |= kept
        return gather(stage, {category: results[category] for category in everything})

    def _files(self, stage: Stage) -> dict[str, Path]:
        """The files of the tables that earlier stages of the track wrote."""
        places = {name: reference.split("/") for name, reference in stage.reads.items()}
        producers = {
            name: (BY_KEY[f"{stage.track}/{place[0]}"], place[1]) for name, place in places.items()
        }
        return {
            name: self.catalog.table_path(*found)
            for name, found in producers.items()
            if found[1] != found[0].models
        }


def _require_known(config: Config, tables: Mapping[str, Any]) -> None:
    """Refuse settings of categories that are not among the stores of a stage."""
    if config.categories and tables.get("stores") is not None:
        require_known(config, categories_of(tables))


def _settings(stage: Stage, config: Config, category: str) -> dict[str, Any]:
    sections = {section: section_of(config, section, category) for section in stage.sections}
    return sections | {"seed": config.seed}


def _guarded(
    function: StageFunction, key: str, category: str, arguments: dict[str, Any]
) -> dict[str, Any]:
    """Call a stage function; what it did not foresee becomes a StageError that names the stage and
    the category.
    """
    try:
        return function(**read_pieces(arguments))
    except ClusteringError:
        raise
    except MemoryError as cause:
        raise StageError(f"{key}{_on(category)} ran out of memory") from cause
    except BaseException as cause:
        if not isinstance(cause, Exception) and not is_panic(cause):
            raise
        raise StageError(f"{key} failed{_on(category)}: {type(cause).__name__}: {cause}") from cause


def _on(category: str) -> str:
    return f" on category {category!r}" if category else ""


def _row_counts(tables: dict[str, Any], outputs: dict[str, Any]) -> dict[str, Any]:
    """Rows in and out by table, and for stages that set rows aside, where each input row went."""
    counts: dict[str, Any] = {
        "in": {name: table.height for name, table in tables.items() if hasattr(table, "height")},
        "out": {name: table.height for name, table in outputs.items() if hasattr(table, "height")},
    }
    if "reconciliation" in outputs:
        for name, outcome, rows in (
            outputs["reconciliation"].select("input", "outcome", "rows").iter_rows()
        ):
            counts.setdefault("reconciliation", {}).setdefault(name, {})[outcome] = rows
    return counts


def _finished(manifest: Manifest) -> dict[str, Any]:
    facts = {
        name: getattr(manifest, name) for name in ("stage", "duration_seconds", "rows", "measures")
    }
    return {"event": "stage_finished"} | facts
