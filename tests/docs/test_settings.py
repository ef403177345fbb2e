"""docs/settings.md says what is in force."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from clustering.cli.tracks import OPEN_SECTIONS
from clustering.config import Config
from clustering.methods import models
from tests.conftest import command_in
from tests.docs.settings import ENVS, PAGE, TRACKS, _get, _shown, page

CONF = Path(__file__).parents[2] / "conf"


def test_page_is_up_to_date(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CLUSTERING_DATA_DIR", "CLUSTERING_OUTPUT_DIR", "CLUSTERING_LOG_LEVEL"):
        monkeypatch.delenv(name, raising=False)
    assert PAGE.read_text(encoding="utf-8") == page(), "run: nox -s reference"


def _defaults(track: str, env: str) -> dict[str, str]:
    """The defaults that the page gives, by key."""
    text = PAGE.read_text(encoding="utf-8").split("## Model families")[0]
    found = {}
    for key, default in re.findall(r"^\| `([\w.]+)` \| (.*?) \|", text, re.MULTILINE):
        values = dict(re.findall(r"([\w/]+): `(.*?)`", default))
        own = (values.get(name) for name in (f"{track}/{env}", track, env))
        found[key] = next((value for value in own if value is not None), default.strip("`"))
    return found


@pytest.mark.parametrize("track", TRACKS)
@pytest.mark.parametrize("env", ENVS)
def test_every_default_on_the_page_is_in_force(track: str, env: str, tmp_path: Path) -> None:
    done = command_in(
        tmp_path, "train", "--cfg", "job", "--resolve", f"track={track}", f"env={env}"
    )
    assert done.code == 0, done.err
    printed = yaml.safe_load(done.out)
    found = _defaults(track, env)
    assert len(found) > 80
    for key, default in found.items():
        value = printed
        for name in key.split("."):
            value = value[name]
        assert _shown(value) == default, key


def test_every_setting_has_a_meaning() -> None:
    rows = re.findall(r"^\| `([\w.]+)` .*\| *(.*?) *\|$", page(), re.MULTILINE)
    assert [key for key, meaning in rows if not meaning] == []


def _leaves(node: object, prefix: str = "") -> dict[str, object]:
    if not isinstance(node, dict):
        return {prefix.rstrip("."): node}
    found: dict[str, object] = {}
    for name, value in node.items():
        found |= _leaves(value, f"{prefix}{name}.")
    return found


def test_yaml_holds_only_what_differs_from_the_defaults() -> None:
    repeated = []
    for path in sorted(CONF.rglob("*.yaml")):
        text, group = path.read_text(), path.relative_to(CONF).parts[0]
        content = yaml.safe_load(text) or {}
        content = {k: v for k, v in content.items() if k not in ("defaults", "hydra")}
        is_global = "@package _global_" in text or path.parent == CONF
        config = Config()
        if match := re.search(r"override /model: (\w+)", text):
            config.model = models.family(match[1]).Settings()
        if group == "hydra":
            continue
        for key, value in _leaves(content, "" if is_global else f"{group}.").items():
            if key and _get(config, key) == value:
                repeated.append(f"{path.relative_to(CONF)}: {key}")
    assert repeated == []


def test_every_setting_that_the_docs_name_exists() -> None:
    root = PAGE.parents[1]
    known = {*_leaves(_as_dict(Config()))} | {
        f"model.{key}"
        for name in models.names()
        for key in _leaves(_as_dict(models.family(name).Settings()))
    }
    groups = {key.rpartition(".")[0] for key in known}
    sections = {key.partition(".")[0] for key in known if "." in key}
    unknown = []
    for path in [root / "README.md", *(root / "docs").rglob("*.md")]:
        for word in re.findall(r"(?<![\w./])([a-z_]+(?:\.[a-z_]+)+)=", path.read_text("utf-8")):
            key = re.sub(r"^(internal|external)\.", "", word)
            is_setting = key.partition(".")[0] in sections and not key.startswith(OPEN_SECTIONS)
            if is_setting and key not in known | groups:
                unknown.append(f"{path.name}: {word}")
    assert unknown == []


def _as_dict(settings: Any) -> dict[str, Any]:
    """Nested settings; a mapping whose keys are the user's own counts as one."""
    return {
        item.name: _as_dict(value)
        if is_dataclass(value := getattr(settings, item.name))
        else str(value)
        for item in fields(settings)
    }
