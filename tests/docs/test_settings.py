"""docs/settings.md says what is in force."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

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
