"""Settings of single categories: typed, checked, and only what they change is made again."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest
from hydra import compose, initialize_config_dir
from polars.testing import assert_frame_equal

from clustering.cli.hydra_bridge import conf_dir, register
from clustering.cli.tracks import as_config, open_section
from clustering.config import Config
from clustering.config.categories import section_of
from clustering.errors import ConfigError
from clustering.pipeline.executor import spread
from clustering.pipeline.plan import Planner
from clustering.pipeline.runner import Pipeline
from clustering.registry import BY_KEY, STAGES, TRACKS, Stage
from clustering.sample.write import write_sample
from clustering.store.catalog import Catalog
from tests.pipeline.test_every_setting import Silent

TRAIN = BY_KEY["internal/train"]


def _config(*words: str, track: str = "internal") -> Config:
    register()
    with initialize_config_dir(str(conf_dir()), version_base="1.3"):
        return as_config(compose("config", [f"track={track}", *map(open_section, words)]))


def _pipeline(folder: Path, *words: str) -> Pipeline:
    paths = [f"paths.data_dir={folder}/data", f"paths.output_dir={folder}/outputs"]
    configs = {track: _config(*paths, *words, track=track) for track in TRACKS}
    for config in configs.values():
        config.executor.workers = 1
    return Pipeline(configs, Silent())


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A finished run of two categories, and their names."""
    folder = tmp_path_factory.mktemp("two")
    list(write_sample(folder / "data", stores=60, categories=2, clusters=3, weeks=8, seed=3))
    _pipeline(folder).run(STAGES)
    stores = pl.read_parquet(folder / "data/dev/internal/preprocess/stores.parquet")
    one, other = stores["category"].unique().sort()
    return folder, one, other


@pytest.mark.parametrize("given", ["{CHEESE:{model.k:4}}", "{CHEESE:{model:{k:4}}}"])
def test_a_setting_holds_for_its_category_alone(given: str) -> None:
    config = _config(f"categories={given}")
    assert config.categories == {"CHEESE": {"model.k": 4}}
    assert section_of(config, "model", "CHEESE").k == 4
    assert section_of(config, "model", "TEA") is config.model
    assert config.model.k is None


def test_a_list_is_taken_as_one() -> None:
    config = _config("categories={TEA:{select.criteria:[bic]}}")
    assert section_of(config, "select", "TEA").criteria == ["bic"]
    assert config.select.criteria != ["bic"]


def test_settings_of_sales_categories_are_not_of_the_external_track() -> None:
    given = "categories={CHEESE:{model.k:4},ALL:{model.k:2}}"
    assert _config(given, track="external").categories == {"ALL": {"model.k": 2}}


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(ConfigError) as told:
        _config(
            "categories={CHEESE:{model.kk:4},TEA:{caps.max_clusters:0},"
            "MILK:{preprocess.returns:net},EGGS:{merge.method:joint}}"
        )
    assert [told.value.message, *told.value.details] == [
        "categories.CHEESE.model.kk: no such setting, did you mean 'model.k'?",
        "categories.TEA: caps.max_clusters=0 is out of range; use 1 or more",
        "categories.MILK.preprocess.returns: not a setting of a category; these begin with "
        "features, model, select, caps, merge",
        "categories.EGGS.merge.method: all categories have one value; set merge.method",
    ]


def test_a_value_of_the_wrong_type_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"categories\.CHEESE\.model\.k=many: Value 'many'"):
        _config("categories={CHEESE:{model.k:many}}")


@pytest.mark.parametrize("stage", [TRAIN, BY_KEY["internal/assign"]], ids=["train", "assign"])
def test_an_unknown_category_is_refused(two: tuple[Path, str, str], stage: Stage) -> None:
    folder, one, _ = two
    with pytest.raises(ConfigError, match=f"no such category, did you mean '{one}'"):
        _pipeline(folder, f"categories={{{one}S:{{caps.max_size:50}}}}").run([stage])


def test_check_refuses_an_unknown_category(two: tuple[Path, str, str]) -> None:
    folder, one, _ = two
    pipeline = _pipeline(folder, f"categories={{{one}S:{{model.k:4}}}}")
    with pytest.raises(ConfigError, match="no such category"):
        pipeline.preview(BY_KEY["internal/preprocess"])


def test_only_the_category_is_made_again(
    two: tuple[Path, str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, one, other = two
    folder = tmp_path / "project"
    shutil.copytree(before, folder)
    word = f"categories={{{one}:{{model.k:4,merge.min_cluster_size:5}}}}"
    pipeline = _pipeline(folder, word)
    plans = {plan.stage.key: plan for plan in Planner(pipeline.configs).plans(STAGES)}
    assert plans["internal/features"].state == "fresh"
    assert plans["internal/train"].reason == f"categories.{one}.model.k: None -> 4 (only {one})"
    assert plans["internal/analyze"].reason.endswith(f"(only {one})")
    assert plans["external/train"].state == "fresh"
    fitted = []

    def counted(function, work, *rest):  # type: ignore[no-untyped-def]
        return spread(function, (fitted.append(item[1:3]) or item for item in work), *rest)

    monkeypatch.setattr("clustering.pipeline.runner.spread", counted)
    pipeline.run(STAGES)
    assert fitted == [("internal/train", one), ("internal/analyze", one)]
    old = pl.read_parquet(before / "data/dev/merged/assignments.parquet")
    new = pl.read_parquet(folder / "data/dev/merged/assignments.parquet")
    assert_frame_equal(new.filter(category=other), old.filter(category=other))
    assert new.filter(category=one)["internal_cluster"].n_unique() == 4
    _same_as_made_at_once(folder, word, pipeline)


def _same_as_made_at_once(folder: Path, word: str, pipeline: Pipeline) -> None:
    catalog: Catalog = pipeline.catalog
    kept = {stage.key: catalog.manifest(stage).outputs for stage in STAGES}  # type: ignore[union-attr]
    for config in (again := _pipeline(folder, word)).configs.values():
        config.invocation.force = True
    again.run(STAGES)
    for stage in STAGES:
        made = catalog.manifest(stage)
        assert made
        if stage.name == "preprocess":  # its table of columns holds the paths of the files
            continue
        for name, state in made.outputs.items():
            assert state.sha256 == kept[stage.key][name].sha256, (stage.key, name)


def test_what_was_set_is_undone_for_its_category(
    two: tuple[Path, str, str], tmp_path: Path
) -> None:
    before, one, _ = two
    folder = tmp_path / "project"
    shutil.copytree(before, folder)
    _pipeline(folder, f"categories={{{one}:{{model.k:4}}}}").run(STAGES)
    plan = Planner(_pipeline(folder).configs).plan(TRAIN, {})
    assert plan.reason == f"categories.{one}.model.k: 4 -> None (only {one})"
    _pipeline(folder).run(STAGES)
    for name in ("assignments", "clusters", "worth"):
        old, new = (
            pl.read_parquet(f / f"data/dev/merged/{name}.parquet") for f in (before, folder)
        )
        assert_frame_equal(old, new)
