"""The commands `run`, `preprocess` ... `merge`: bring stages up to date."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clustering.cli.answers import Run, StageDone, to_json
from clustering.cli.commands.report import page_of_run
from clustering.cli.console import results
from clustering.cli.progress import StageProgress
from clustering.config import Config
from clustering.io.databases import open_database
from clustering.ops.operation.watch import watched
from clustering.pipeline.one_track import absent_tracks, without
from clustering.pipeline.reporter import Reporter
from clustering.pipeline.runner import Pipeline
from clustering.registry import JOBS, MERGE, MERGED, TRACKS, WHOLE_RUN, Stage, stage_for
from clustering.store.ledger import NAME as LEDGER
from clustering.store.versions import versions_folder

if TYPE_CHECKING:
    from clustering.store.catalog import Catalog

log = logging.getLogger(__name__)


def stages_of(
    config: Config, per_track: dict[str, Config]
) -> tuple[tuple[Stage, ...], dict[str, str]]:
    """The registry rows a command stands for, and the tracks without input, which are left out."""
    command, invocation = config.invocation.command, config.invocation
    if command not in ("run", "status"):
        stage = MERGE if command == MERGE.name else stage_for(command, config.track)
        return (stage,), absent_tracks(dict.fromkeys(TRACKS, config), whole_run=False)
    stages = JOBS[invocation.job].stages
    if invocation.track:
        return tuple(stage for stage in stages if stage.track in (invocation.track, MERGED)), {}
    if invocation.job != WHOLE_RUN:
        return stages, absent_tracks(per_track, whole_run=False)
    absent = absent_tracks(per_track, whole_run=True)
    return without(stages, absent), absent


def run(
    config: Config,
    per_track: dict[str, Config],
    *,
    form: str = "table",
    quiet: bool = False,
    progress: str = "auto",
) -> float | None:
    """Bring the stages of a job, or one stage, up to date; print what came of it, unless `quiet`:
    a summary, or where the tables are, or as JSON.
    """
    in_sweep = bool(config.invocation.run_folder)
    hidden = in_sweep or (quiet and progress == "auto")
    with StageProgress("none" if hidden else progress) as shown:
        pipeline, stages = bring_up_to_date(config, per_track, shown)
    if in_sweep:  # what came of it is in the leaderboard
        from clustering.results.comparison.measure import objective

        return objective(pipeline.catalog, config.objective.metric)
    _settle(config)
    catalog, is_run = pipeline.catalog, config.invocation.command == "run"
    page = page_of_run(config, catalog) if is_run and MERGE in stages else None
    if form == "json":
        answer = _answer(config, catalog, stages, shown.done, page)
        results().out(to_json(answer), highlight=False)
    elif is_run and not quiet:
        _print_summary(config, catalog, stages, page)
    elif not quiet:
        for path in _tables(catalog, stages):
            _say(path)
    return None


def _print_summary(
    config: Config, catalog: Catalog, stages: Sequence[Stage], page: Path | None
) -> None:
    from clustering.results.end_of_run.summary import print_summary
    from clustering.results.page.marks import page_folder

    print_summary(results(), catalog, stages, page_folder(config.paths.output_dir, config.env))
    if page:
        _say(f"page: {page}")


def _answer(
    config: Config,
    catalog: Catalog,
    stages: Sequence[Stage],
    done: list[StageDone],
    page: Path | None,
) -> Run:
    from clustering.results.end_of_run.outcome import outcomes, warnings

    return Run(
        run_id=config.invocation.run_id,
        env=config.env,
        stages=done,
        categories=outcomes(catalog, stages),
        warnings=warnings(catalog, stages),
        tables=_tables(catalog, stages),
        page=str(page) if page else None,
    )


def _tables(catalog: Catalog, stages: Sequence[Stage]) -> list[str]:
    return [str(catalog.shown_path(stage, table)) for stage in stages for table in stage.writes]


def _say(text: str) -> None:
    results().print(text, markup=False, soft_wrap=True)


def bring_up_to_date(
    config: Config, per_track: dict[str, Config], reporter: Reporter
) -> tuple[Pipeline, tuple[Stage, ...]]:
    """Bring the stages a command stands for up to date; give them and their pipeline. Prints
    nothing.
    """
    stages, absent = stages_of(config, per_track)
    for told in absent.values() if MERGE in stages else ():
        log.warning(told)
    in_sweep = bool(config.invocation.run_folder)
    pipeline = Pipeline(per_track, reporter, absent=absent)
    if in_sweep:
        pipeline.borrow([stage for stage in _ancestors(stages) if stage not in stages])
    elif config.invocation.command != "preprocess":
        whole = config.invocation.command == "run"
        judged = {*(stage.track for stage in stages), *(per_track if whole else ())}
        _warn_of_stale_upstream(pipeline, stages, judged - absent.keys())
    if config.sink.name != "none" and MERGE in stages:
        Path(config.paths.output_dir).mkdir(parents=True, exist_ok=True)
        open_database("sink.uri", config.sink.uri or "")  # a missing driver is told at once
    _read_early(pipeline, stages)
    with watched(per_track, stages, pipeline.catalog):
        pipeline.run(stages)
        if config.sink.name != "none" and MERGE in stages and not in_sweep:
            from clustering.io.sinks import publish

            publish(config.sink, pipeline.catalog)
    return pipeline, stages


def _settle(config: Config) -> None:
    """Finish a publication that was cut off; imported only where something was published."""
    if (versions_folder(config.paths.output_dir) / LEDGER).exists():
        from clustering.results.export.downstream import settle

        if wrong := settle(config):
            log.warning("%s", wrong)


def _read_early(pipeline: Pipeline, stages: tuple[Stage, ...]) -> None:
    """Read the small inputs that later stages need: a fault in one is told before any work."""
    for name in ("like_stores", "overrides"):
        stage = next((stage for stage in stages if name in stage.inputs), None)
        if stage and pipeline.source(stage).files(name):
            getattr(pipeline.source(stage), name)()


def _warn_of_stale_upstream(
    pipeline: Pipeline, stages: tuple[Stage, ...], tracks: Collection[str]
) -> None:
    """A part of the pipeline works on what is there; say so when that was made under other settings
    or of other inputs.

    Only the tracks whose inputs are configured here can be judged.
    """
    before = [
        stage for stage in _ancestors(stages) if stage not in stages and stage.track in tracks
    ]
    for plan in pipeline.plans(before):
        if plan.state == "stale" and plan.reason != "--force":
            log.warning(
                "%s is stale (%s); using it anyway; update it with: clustering run",
                plan.stage.key,
                plan.reason,
            )


def _ancestors(stages: tuple[Stage, ...]) -> tuple[Stage, ...]:
    order = JOBS[WHOLE_RUN].stages
    wanted = {key for stage in stages for key in stage.upstream}
    for stage in reversed(order):
        if stage.key in wanted:
            wanted |= set(stage.upstream)
    return tuple(stage for stage in order if stage.key in wanted)
