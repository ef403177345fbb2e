"""Checks the words of a command line before Hydra reads them: flags, and keys written with a plus.

Hydra adds a key written as `+key=value` without checking it. Such a key would have no effect here,
so the plus is removed and Hydra refuses the key if it does not exist.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection, Sequence

from clustering.cli.tracks import OPEN_SECTIONS
from clustering.errors import ConfigError, did_you_mean
from clustering.registry import TRACKS

HYDRA_FLAGS = (
    *("--help", "-h", "--hydra-help", "--version", "--cfg", "-c", "--resolve", "--package", "-p"),
    *("--run", "-r", "--multirun", "-m", "--shell-completion", "-sc", "--config-path", "-cp"),
    *("--config-name", "-cn", "--config-dir", "-cd", "--experimental-rerun", "--info", "-i"),
)
PLAIN_KEY = re.compile(r"^\+\+?([a-z_]+\.[\w.]+)=")
KEPT = ("hydra.", "invocation.", *(f"{track}." for track in TRACKS), *OPEN_SECTIONS)


def refuse_unknown_flags(words: Sequence[str], own: Collection[str]) -> None:
    """Raise ConfigError for the first flag that neither the command (`own`) nor Hydra knows."""
    known = (*own, *HYDRA_FLAGS)
    for word in words:
        flag = word.partition("=")[0]
        if word.startswith("--") and flag not in known:
            near = did_you_mean(flag, [name for name in known if name.startswith("--")])
            raise ConfigError(f"{flag}: no such option{near}")


def without_plus(word: str) -> str:
    """`+model.k=3` as `model.k=3`; a word that adds a group or a key of the user's is kept."""
    match = PLAIN_KEY.match(word)
    return word.lstrip("+") if match and not match[1].startswith(KEPT) else word


def quoted(word: str) -> str:
    """The override as it can be pasted into a shell, with its value in quotes for Hydra."""
    key, _, value = word.partition("=")
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return shlex.quote(f'{key}="{escaped}"')
