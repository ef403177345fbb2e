"""Errors of Hydra and OmegaConf, reworded: the key, and what was probably meant."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from clustering.cli.known_settings import families_with, nearest_setting, settings, values
from clustering.cli.typed_words import instead_of, quoted
from clustering.errors import ConfigError, did_you_mean, missing_extra

# lines of Hydra and OmegaConf that tell about their insides, or advise to add a key of no effect
NO_HELP = ("object_type", "reference_type", "full_key", "Set the", "To append")


def as_config_error(error: BaseException) -> ConfigError | None:
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
    if unreadable := getattr(error, "override", None):
        return ConfigError(f"{unreadable}: not of the form KEY=VALUE{instead_of(unreadable)}")
    line = lines[0] if lines else type(error).__name__
    return (
        _unknown_option(lines)
        or _several_values(line)
        or _wrong_type(lines)
        or _unknown_key(line, getattr(error, "__notes__", ()))
        or ConfigError(line, [text for text in lines[1:] if not text.startswith(NO_HELP)][:4])
    )


def _chain(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield from str(error).splitlines()
        error = error.__cause__


def _unknown_option(lines: list[str]) -> ConfigError | None:
    """A group's option that does not exist: "Could not find 'model/kmean'", then the options there
    are, one a line.
    """
    found = [re.search(r"Could not find '(.+)/([^/']*)'", line) for line in lines]
    place = next((n for n, match in enumerate(found) if match), None)
    if place is None or not (match := found[place]):
        return None
    options = [line for line in lines[place + 1 :] if re.fullmatch(r"\w+", line)]
    group, option = match.groups()
    told = f"{group}={option}: no such option" if option else f"{group}= needs a value"
    own = Path("conf", group, f"{option}.yaml")
    if option and own.is_file():
        return ConfigError(f"{told}; to use {own.as_posix()} add --config-dir conf")
    near = did_you_mean(option, options)
    return ConfigError(told + (near or f"; options: {', '.join(options)}"))


# the first part of an option's name -> our extra
PLUGINS = {"joblib": "joblib", "submitit": "submitit", "ray": "ray-launcher", "optuna": "optuna"}


def _missing_plugin(lines: list[str]) -> ConfigError | None:
    """A launcher or sweeper of Hydra's that is an extra of ours and not installed."""
    for line in lines:
        if match := re.search(r"hydra/(launcher|sweeper)/(\w+)'?", line):
            kind, option = match.groups()
            if extra := PLUGINS.get(option.partition("_")[0]):
                return missing_extra(f"hydra/{kind}={option}", extra)
    return None


def _several_values(line: str) -> ConfigError | None:
    """A value with a comma, which is a list, one text, or several values to try."""
    if not (match := re.match("Ambiguous value for argument '(.+)'$", line)):
        return None
    word = match[1]
    key, _, value = word.partition("=")
    item = settings().get(key)
    kind = str(item.type) if item else ""
    if "list" in kind:
        return ConfigError(f"{word}: a list needs brackets: {shlex.quote(f'{key}=[{value}]')}")
    if "str" in kind:
        return ConfigError(f"{word}: put the value in quotes: {quoted(word)}")
    return ConfigError(f"{word}: to run with each value, add -m: clustering run -m {word}")


KINDS = {"Integer": "a whole number", "Float": "a number", "bool": "true or false"}


def _wrong_type(lines: list[str]) -> ConfigError | None:
    """A value of another type than its setting."""
    word = next((line.split(" override ")[1] for line in lines if "merging override " in line), "")
    text = " ".join(lines)
    kind = next((words for name, words in KINDS.items() if f" {name}" in text), None)
    key, _, value = word.partition("=")
    if not word:
        return None
    if "is not Optional" in text or not value:
        return ConfigError(f"{word}: {key} needs a value")
    near = did_you_mean(value, values(key))
    return ConfigError(f"{word}: {value} is not {kind}{near}") if kind else None


def _unknown_key(line: str, addressed: Sequence[str]) -> ConfigError | None:
    if not (match := re.search("Could not (?:override|delete).*? '([^']+)'", line)):
        return None
    key = match[1]
    if key in settings():
        if "delete" in line:
            return ConfigError(f"{key} cannot be removed; set it to another value, or to null")
        having = families_with(key)
        return ConfigError(
            f"{key}: the chosen model has no such setting; it is one of "
            f"{', '.join(f'model={name}' for name in having)}"
        )
    key = next((word.partition("=")[0] for word in addressed if f".{key}=" in word), key)
    near = nearest_setting(key)
    return ConfigError(f"{key}: no such setting" + (f", did you mean {near!r}?" if near else ""))
