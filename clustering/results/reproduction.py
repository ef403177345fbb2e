"""Computes a version again from its manifests and compares it byte for byte."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import polars as pl

from clustering.config import Columns, Config, Read, Source, restored
from clustering.config.categories import of_track
from clustering.errors import DataError
from clustering.methods import models
from clustering.pipeline.plan import OWN
from clustering.pipeline.reporter import Reporter
from clustering.pipeline.runner import Pipeline
from clustering.registry import BY_KEY, OTHER_RUNS, STAGES, TRACKS, Stage
from clustering.store.bucket import is_remote
from clustering.store.catalog import Catalog
from clustering.store.code import code_of
from clustering.store.manifest import Manifest
from clustering.store.runs import run_folder
from clustering.store.version_record import Version

SCHEMA = {
    "stage": pl.String,
    "file": pl.String,
    "same": pl.Boolean,
    "published": pl.String,
    "made": pl.String,
}


def reproduce(
    version: Version, published: Catalog, config: Config, folder: Path, reporter: Reporter
) -> pl.DataFrame:
    """Run the stages of `version` in `folder`, under its own settings and seed; give SCHEMA, a row
    a file.

    Inputs are looked for where the version read them, or where `config.source` says. Raises
    DataError naming every input that is missing or whose content has changed.
    """
    stages = tuple(BY_KEY[key] for key in version.stages)
    made = run_folder(folder, version.env)
    configs = {track: _config(track, published, config) for track in TRACKS if _has(version, track)}
    pipeline = Pipeline(configs, reporter, made)
    _require_same_inputs(version, pipeline, stages)
    pipeline.run(stages)
    rows = []
    for stage in stages:
        manifest, recorded = made.manifest(stage), version.stages[stage.key]["outputs"]
        outputs = (
            {name: state.sha256 for name, state in manifest.outputs.items()} if manifest else {}
        )
        rows += [
            (
                stage.key,
                name,
                outputs.get(name) == recorded.get(name),
                recorded.get(name),
                outputs.get(name),
            )
            for name in sorted(recorded.keys() | outputs.keys())
        ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def circumstances(version: Version, published: Catalog) -> Iterator[str]:
    """What is not as it was when the version was made: the code of stages, packages."""
    packages: dict[str, str] = {}
    for key, recorded in version.stages.items():
        manifest = published.manifest(BY_KEY[key])
        family = manifest.config["model"]["name"] if manifest and "model" in manifest.config else ""
        code = code_of(BY_KEY[key], family)
        packages |= code.packages
        if recorded["code_version"] != code.version:
            yield f"code of {key} is {code.version}, it was {recorded['code_version']}"
    for name, now in packages.items():
        if (then := version.packages.get(name)) != now:
            yield f"{name} is {now}, it was {then}"


def _has(version: Version, track: str) -> bool:
    return any(BY_KEY[key].track == track for key in version.stages)


def _config(track: str, published: Catalog, config: Config) -> Config:
    """The configuration of a track as the manifests have it; what no result depends on is
    today's.
    """
    sections: dict[str, Any] = {}
    inputs: dict[str, list[str]] = {}
    categories: dict[str, dict[str, Any]] = {}
    seed = config.seed
    for stage in STAGES:
        manifest = published.manifest(stage)
        if manifest and stage.track in (track, "merged"):
            seed = manifest.seed if stage.track == track else seed
            inputs |= {
                name: [state.path for state in states] for name, states in manifest.inputs.items()
            }
            sections |= {
                name: _section(name, values, config)
                for name, values in manifest.config.items()
                if name not in ("source", OWN)
            }
            for category, given in manifest.config.get(OWN, {}).items():
                categories.setdefault(category, {}).update(given)
            if "source" in manifest.config:
                sections["source"] = _source(manifest, config.source, sections.get("source"))
    sections["source"] = _with_paths(sections.get("source", config.source), inputs)
    invocation = replace(config.invocation, run_folder="")
    return replace(
        config,
        track=track,
        env=published.env,
        seed=seed,
        categories=of_track(track, categories),
        invocation=invocation,
        **sections,
    )


def _section(name: str, values: dict[str, Any], config: Config) -> Any:
    kind = (
        models.family(values["name"]).Settings if name == "model" else type(getattr(config, name))
    )
    known = {item.name for item in fields(kind)}
    if unknown := sorted(values.keys() - known):
        raise DataError(
            f"the version has the setting {name}.{unknown[0]}, which this code does not "
            "know; use the code of that version"
        )
    return restored(kind, values)


def _source(manifest: Manifest, today: Source, found: Source | None) -> Source:
    recorded = manifest.config["source"]
    return replace(
        found or today,
        name=recorded["name"],
        columns=restored(Columns, recorded["columns"]),
        read=restored(Read, recorded.get("read", {})),
        **recorded.get("shape", {}),
    )


def _with_paths(source: Source, inputs: dict[str, list[str]]) -> Source:
    """The paths the version read, where they are files that are there; today's otherwise."""
    if source.name != "files":
        return source
    known = {item.name for item in fields(Source)}
    paths: dict[str, Any] = {}
    for name, files in inputs.items():
        if (
            name in known
            and files
            and all(is_remote(file) or Path(file).is_file() for file in files)
        ):
            paths[name] = files if name == "external" else _pattern(files)
    return replace(source, **{name: path for name, path in paths.items() if path})


def _pattern(files: list[str]) -> str | None:
    """One path or glob for several files of one folder."""
    if len(files) == 1:
        return files[0]
    folders = {file.rpartition("/")[0] for file in files}
    return f"{folders.pop()}/*{Path(files[0]).suffix}" if len(folders) == 1 else None


def _require_same_inputs(version: Version, pipeline: Pipeline, stages: tuple[Stage, ...]) -> None:
    problems = []
    for stage in stages:
        recorded = version.stages[stage.key]["inputs"]
        for name, states in pipeline.input_states(stage).items():
            label = name if name in OTHER_RUNS else f"source.{name}"
            then = _by_name((state["path"], state["sha256"]) for state in recorded.get(name, []))
            problems += _changed(
                label, then, _by_name((state.path, state.sha256) for state in states)
            )
    if problems:
        raise DataError(
            f"the inputs differ from those of v{version.number}: {problems[0]}", problems[1:]
        )


def _by_name(files: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path, content in sorted(files, key=lambda file: file[1]):
        found.setdefault(Path(path).name, []).append(content)
    return found


def _changed(label: str, then: dict[str, list[str]], now: dict[str, list[str]]) -> list[str]:
    gone, added, both = then.keys() - now.keys(), now.keys() - then.keys(), then.keys() & now.keys()
    return [
        *(f"{label}: {file} is missing" for file in sorted(gone)),
        *(f"{label}: {file} was not there" for file in sorted(added)),
        *(
            f"{label}: the content of {file} has changed"
            for file in sorted(both)
            if then[file] != now[file]
        ),
    ]
