"""Errors of Hydra and OmegaConf, reworded: the key, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from clustering.cli.typed_words import quoted
from clustering.errors import ConfigError, did_you_mean
from clustering.registry import TRACKS

# lines of Hydra and OmegaConf that tell about their insides, or advise to add a key of no effect
NO_HELP = ("object_type", "reference_type", "full_key", "Set the", "To append")


def as_config_error(error: Exception) -> ConfigError | None:
    """Say a Hydra or OmegaConf failure as one line with the key and, where one is near, what was
    probably meant.
    """
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    if not isinstance(error, HydraException | OmegaConfBaseException) and "--run" not in str(error):
        return None
    lines = [line.strip() for line in _chain(error) if line.strip()]
    if plugin := _missing_plugin(lines):
        return plugin
    line = lines[0] if lines else type(error).__name__
    if unreadable := getattr(error, "override", None):
        advice = [f"put the value in quotes: {quoted(unreadable)}"] if "=" in unreadable else []
        return ConfigError(f"{unreadable}: not a valid KEY=VALUE: {line}", advice)
    if option := _unknown_option(lines):
        return option
    key = _offending_key(lines)
    hint = did_you_mean(key, _known_keys()) if key else ""
    if hint:
        return ConfigError(f"{key}: no such setting{hint}")
    return ConfigError(line, [text for text in lines[1:] if not text.startswith(NO_HELP)][:4])


def _chain(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield from str(error).splitlines()
        error = error.__cause__


def _unknown_option(lines: list[str]) -> ConfigError | None:
    """A group's option that does not exist: "Could not find 'model/kmean'", then the options there
    are, one a line.
    """
    place = next((n for n, line in enumerate(lines) if "Could not find '" in line), None)
    if place is None or not (
        match := re.search(r"Could not find '([^/']+)/([^']+)'", lines[place])
    ):
        return None
    options = [line for line in lines[place + 1 :] if re.fullmatch(r"\w+", line)]
    near = did_you_mean(match[2], options)
    return ConfigError(
        f"{match[1]}={match[2]}: no such option{near}",
        [f"options: {', '.join(options)}"] if options else [],
    )


# the first part of an option's name -> our extra
PLUGINS = {"joblib": "joblib", "submitit": "submitit", "ray": "ray-launcher", "optuna": "optuna"}


def _missing_plugin(lines: list[str]) -> ConfigError | None:
    """A launcher or sweeper of Hydra's that is an extra of ours and not installed."""
    for line in lines:
        if match := re.search(r"hydra/(launcher|sweeper)/(\w+)'?", line):
            kind, option = match.groups()
            if extra := PLUGINS.get(option.partition("_")[0]):
                return ConfigError(
                    f"hydra/{kind}={option} is an extra; install it: pip install "
                    f'"clustering[{extra}]"'
                )
    return None


def _offending_key(lines: list[str]) -> str:
    for line in lines:
        if match := re.search(r"Could not override '([^']+)'", line):
            return match[1]
    return ""


def _known_keys() -> list[str]:
    from dataclasses import fields, is_dataclass

    from clustering.config import Config

    def walk(node: Any, prefix: str) -> Iterator[str]:
        for item in fields(node):
            value = getattr(node, item.name)
            yield from (
                walk(value, f"{prefix}{item.name}.")
                if is_dataclass(value)
                else [prefix + item.name]
            )

    keys = list(walk(Config(), ""))
    return keys + [f"{track}.{key}" for track in TRACKS for key in keys]
