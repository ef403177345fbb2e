"""What a stage reads: raw inputs, tables of earlier stages, and tables of other runs."""

from __future__ import annotations

from typing import Any

from clustering.errors import DataError
from clustering.pipeline.plan import Planner
from clustering.registry import BY_KEY, OTHER_RUNS, Stage, stage_of_other_run


def load(planner: Planner, stage: Stage) -> dict[str, Any]:
    """Give what `stage` reads by parameter name; None for an optional table that is not there."""
    return {
        name: _one(planner, stage, reference)
        for name, reference in (stage.reads | stage.optional).items()
    }


def _one(planner: Planner, stage: Stage, reference: str) -> Any:
    is_optional = reference in stage.optional.values()
    if reference.startswith("source/"):
        name = reference.removeprefix("source/")
        if is_optional and not planner.source(stage).files(name):
            return None
        return _with_columns_of_schema(name, _input(planner, stage, name))
    if reference.partition("/")[0] in OTHER_RUNS:
        other, name, table = reference.split("/")
        if (found := planner.other_run(stage, other)) is None:
            return None
        return found[0].read(stage_of_other_run(found[1], name), table)
    *track, name, table = reference.split("/")
    producer = BY_KEY[f"{track[0] if track else stage.track}/{name}"]
    is_missing = producer.track in planner.absent or planner.catalog.manifest(producer) is None
    if is_optional and is_missing:
        return None
    if table == producer.models:
        return planner.catalog.read_models(producer)
    return planner.catalog.read(producer, table)


def _input(planner: Planner, stage: Stage, name: str) -> Any:
    config = planner.config(stage)
    if name == "sales" and config.engine.name != "polars":
        from clustering.io.sources.engines import open_sales

        return open_sales(config.engine, planner.source(stage), config.preprocess.overlap)
    return getattr(planner.source(stage), name)()


def _with_columns_of_schema(name: str, table: Any) -> Any:
    """Give an input back if it, or each of its files, has the columns of its schema; else raise
    DataError.
    """
    from clustering import schemas

    wanted = set(schemas.INPUTS[name].column_names())
    for part in table.values() if isinstance(table, dict) else [table]:
        missing = sorted(wanted - set(part.collect_schema().names()))
        if missing:
            raise DataError(
                f"source.{name} gives no column {', '.join(missing)}; it has "
                f"{', '.join(part.collect_schema())}"
            )
    return table
