"""Checks the words of a command line before Hydra reads them: flags, and keys written with a plus.

Hydra adds a key written as `+key=value` without checking it. Such a key would have no effect here,
so the plus is removed and Hydra refuses the key if it does not exist.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from clustering.cli.tracks import OPEN_SECTIONS
from clustering.errors import ConfigError, did_you_mean
from clustering.registry import JOBS, STAGE_NAMES, TRACKS

HYDRA_FLAGS = (
    *("--help", "-h", "--hydra-help", "--version", "--cfg", "-c", "--resolve", "--package", "-p"),
    *("--run", "-r", "--multirun", "-m", "--shell-completion", "-sc", "--config-path", "-cp"),
    *("--config-name", "-cn", "--config-dir", "-cd", "--experimental-rerun", "--info", "-i"),
)
FLAGS_WITH_A_VALUE = (
    *("--cfg", "-c", "--package", "-p", "--config-path", "-cp", "--config-name", "-cn"),
    *("--config-dir", "-cd", "--experimental-rerun", "--shell-completion", "-sc"),
)
INFO = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")
CHOICES = {**dict.fromkeys(("--cfg", "-c"), ("job", "hydra", "all")), "--info": INFO, "-i": INFO}
PLAIN_KEY = re.compile(r"^\+\+?([a-z_][\w.]*)=")
KEPT = ("hydra.", "invocation.", *(f"{track}." for track in TRACKS), *OPEN_SECTIONS)


def refuse_unknown_flags(words: Sequence[str], own: Collection[str]) -> None:
    """Raise ConfigError for the first flag that neither the command (`own`) nor Hydra knows, or
    that has a value Hydra does not know.
    """
    known = (*own, *HYDRA_FLAGS)
    for place, word in enumerate(words):
        flag, sign, value = word.partition("=")
        given = value or " ".join(words[place + 1 : place + 2])
        if flag.startswith("-") and flag not in known:
            raise ConfigError(f"{flag}: no such option{_flag_meant(flag, given, known)}")
        if flag in ("--shell-completion", "-sc"):
            raise ConfigError(f"{flag}: to complete words by TAB: clustering --install-completion")
        if flag in FLAGS_WITH_A_VALUE and not given:
            raise ConfigError(f"{flag} needs a value")
        choices = CHOICES.get(flag, ())
        if choices and given not in choices and (sign or flag in FLAGS_WITH_A_VALUE):
            near = did_you_mean(given, choices)
            raise ConfigError(f"{flag} {given} is not one of {', '.join(choices)}{near}")


def _flag_meant(flag: str, value: str, known: Collection[str]) -> str:
    """A setting typed like a flag, or the nearest flag."""
    from clustering.cli.known_settings import settings

    key = flag.lstrip("-")
    groups = {name.partition(".")[0] for name in settings()}
    if key in groups or key in settings():
        return f", a setting is typed without dashes: {key}={value or '...'}"
    return did_you_mean(flag, [name for name in known if name.startswith("--")])


def refuse_split_lists(words: Sequence[str]) -> None:
    """Raise ConfigError for a list or a mapping that a space has cut into several words."""
    for place, word in enumerate(words):
        for opening, closing in ("[]", "{}"):
            if word.partition("=")[2].startswith(opening) and closing not in word:
                ends = [n for n, other in enumerate(words) if n > place and closing in other]
                if ends:
                    whole = shlex.quote(" ".join(words[place : ends[0] + 1]))
                    raise ConfigError(f"{word}: a value with spaces needs quotes: {whole}")


def instead_of(word: str) -> str:
    """What to type in place of a word that is no KEY=VALUE."""
    from clustering.cli.known_settings import nearest_setting
    from clustering.methods import models

    key, sign, value = word.partition("=")
    if value.startswith("=") or key.endswith(" "):
        return f", did you mean {key.strip() + '=' + value.strip('= ')!r}?"
    if sign and key:
        return f"; put the value in quotes: {quoted(word)}"
    if key in TRACKS:
        return f", did you mean 'track={key}'?"
    if key in models.names():
        return f", did you mean 'model={key}'?"
    near = None if key in ("run", *STAGE_NAMES, *JOBS) else nearest_setting(key)
    return f", did you mean '{near}=VALUE'?" if near else ""


def without_plus(word: str, folders: Iterable[Path]) -> str:
    """`+model.k=3` as `model.k=3`; a word that adds a group, which is a folder in one of `folders`,
    or a key of the user's is kept.
    """
    match = PLAIN_KEY.match(word)
    if match is None or match[1].startswith(KEPT):
        return word
    return word if any((folder / match[1]).is_dir() for folder in folders) else word.lstrip("+")


def quoted(word: str) -> str:
    """The override as it can be pasted into a shell, with its value in quotes for Hydra."""
    key, _, value = word.partition("=")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return shlex.quote(f'{key}="{escaped}"')
