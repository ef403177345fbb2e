"""Packages that are missing are named before any work."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from clustering.config import Config, Executor, Model
from clustering.errors import ConfigError, missing_extra
from clustering.pipeline import extras
from clustering.registry import STAGES, stage_for


def test_every_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    find: Any = importlib.util.find_spec
    missing = {"kmodes", "ray"}
    monkeypatch.setattr(extras, "find_spec", lambda name: None if name in missing else find(name))
    config = Config(model=Model(name="kprototypes"), executor=Executor(name="ray"))
    with pytest.raises(ConfigError) as caught:
        extras.require_extras({"external": config}, STAGES)
    told = [caught.value.message, *caught.value.details]
    assert told == [
        missing_extra("executor=ray", "ray").message,
        missing_extra("model=kprototypes", "models").message,
    ]
    extras.require_extras({"external": config}, [stage_for("preprocess", "external")])
    extras.require_extras({"internal": Config()}, STAGES)


def test_extras_are_those_of_the_project() -> None:
    text = (Path(__file__).parents[2] / "pyproject.toml").read_text()
    for _, extra, _ in extras.NEEDED.values():
        assert f"\n{extra} = [" in text
