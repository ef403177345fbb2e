"""Every choice of every setting works on a small sample, and what it fits can be read back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
from hydra import compose, initialize_config_dir

from clustering.cli.hydra_bridge import conf_dir, register
from clustering.cli.tracks import as_config
from clustering.config import Config
from clustering.methods import models
from clustering.pipeline.runner import Pipeline
from clustering.registry import STAGES, TRACKS, Stage
from clustering.sample.write import write_sample

# tested with the servers and clusters they need (tests/services, tests/engines), or with files of
# the shape they are for (tests/io/sources)
ELSEWHERE = ("executor.name", "engine.name", "sink.name", "source.wide")
# a choice that asks for something to be set beside it, or that has a meaning on one track only
BESIDE = {
    "features.transform": "internal",
    "features": "internal",
    "select.rule=bic": "model=gmm",
    "select.rule=icl": "model=gmm",
}
# options of a group that need a server, an extra, another run or files of another shape: their test
GROUPS_ELSEWHERE = {
    "engine": "tests/engines/test_aggregation.py",
    "executor": "tests/engines/test_clusters.py",
    "sink": "tests/services",
    "source": "tests/services",
    "source=complete_journey": "tests/io/sources/test_complete_journey.py",
    "experiment=nested": "tests/e2e/test_criteria.py",
    "experiment=search": "tests/engines/test_launchers.py",
    "experiment=seasons": "tests/e2e/test_seasonal_profile.py",
}
# every command has these
GROUPS_ALWAYS = ("track", "hydra", "source=files", "engine=polars", "executor=local", "sink=none")


class Silent:
    """A reporter that says nothing."""

    def started(self, stage: Stage, categories: int) -> None: ...
    def advanced(self, stage: Stage, category: str) -> None: ...
    def finished(self, stage: Stage, manifest: object, skipped: bool) -> None: ...


def choices(node: Any, prefix: str = "") -> Iterator[str]:
    """KEY=VALUE for every value of every setting that has a list of them."""
    for item in fields(node):
        key, value = prefix + item.name, getattr(node, item.name)
        if is_dataclass(value):
            yield from choices(value, f"{key}.")
        elif key not in ELSEWHERE:
            yield from (f"{key}={choice}" for choice in item.metadata.get("choices", ()))


OPTIONS = [f"{path.parent.name}={path.stem}" for path in sorted(conf_dir().glob("*/*.yaml"))]
HERE = [
    option
    for option in OPTIONS
    if not {option, option.partition("=")[0]} & {*GROUPS_ELSEWHERE, *GROUPS_ALWAYS}
]
WORDS = [*choices(Config()), *(f"model={name}" for name in models.names()), *HERE]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Raw data of 60 stores in one category, with a finished run under default settings."""
    folder = tmp_path_factory.mktemp("small")
    list(write_sample(folder / "data", stores=60, categories=1, clusters=3, weeks=8, seed=3))
    _run(folder, [])
    return folder


def _run(folder: Path, words: list[str], only: str | None = None) -> Pipeline:
    register()
    paths = [f"paths.data_dir={folder}/data", f"paths.output_dir={folder}/outputs"]
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        configs = {
            track: as_config(
                compose(
                    "config", [f"track={track}", *paths, *(words if only in (None, track) else [])]
                )
            )
            for track in TRACKS
        }
    for config in configs.values():
        config.executor.workers = 1
    pipeline = Pipeline(configs, Silent())
    pipeline.run(STAGES)
    return pipeline


def test_options_that_need_more_are_tested_where_it_is_said() -> None:
    root = Path(__file__).parents[2]
    for option in set(OPTIONS) - set(HERE):
        group, _, name = option.partition("=")
        place = GROUPS_ELSEWHERE.get(option) or GROUPS_ELSEWHERE.get(group)
        if option in GROUPS_ALWAYS or group in GROUPS_ALWAYS:
            continue
        assert place, option
        files = [root / place] if place.endswith(".py") else sorted((root / place).glob("*.py"))
        texts = [path.read_text(encoding="utf-8") for path in files]
        assert any(option in text or f'"{name}"' in text for text in texts), (option, place)


@pytest.mark.parametrize("word", WORDS)
def test_choice_works_and_its_models_are_read_back(word: str, small: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    shutil.copytree(small, project)
    key = word.partition("=")[0]
    beside = BESIDE.get(word)
    only = BESIDE.get(key) if BESIDE.get(key) in TRACKS else None
    pipeline = _run(project, [word, *([beside] if beside else [])], only)
    for stage in STAGES:
        if stage.models:
            assert pipeline.catalog.read_models(stage)
