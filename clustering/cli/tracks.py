"""The settings of each track, as typed dataclasses."""

from __future__ import annotations

import logging
import re
from datetime import date
from typing import TYPE_CHECKING, Any

from clustering.registry import STAGE_NAMES, TRACKS

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from clustering.config import Config

log = logging.getLogger(__name__)

OF_BOTH_TRACKS = ("check", "run", "status")  # commands
OPEN_SECTIONS = ("source.derive", "source.columns.files", "categories", "preprocess.group_")


def address(word: str) -> str:
    """Turn `internal.model.k=4` into an override Hydra keeps aside for that track; leave every
    other word alone.
    """
    match = re.match(rf"^(\+\+?|~)?({'|'.join(TRACKS)})\.(.+)$", word)
    return f"+{match[2]}.{match[3]}" if match and "=" in word else word


def open_section(word: str) -> str:
    """An override of a section whose keys are the user's own, as Hydra wants it: with ++."""
    return f"++{word}" if word.startswith(OPEN_SECTIONS) else word


def per_track(config: Config) -> dict[str, Config]:
    """The config of each track the command touches."""
    from hydra.core.hydra_config import HydraConfig

    given = list(HydraConfig.get().overrides.task)
    words = [word for word in given if not word.startswith("track=")]
    own = {track: [word for word in words if word.startswith(f"+{track}.")] for track in TRACKS}
    touched: tuple[str, ...] = (config.track,)
    if config.invocation.command in OF_BOTH_TRACKS:
        touched = TRACKS
        if len(words) < len(given):
            config.invocation.track = config.track
    # composing takes longer than all else in a run where everything is fresh: what is composed
    # already is not again; what is addressed to another track has no effect, but must be right
    configs = {
        track: as_config(_composed(words, track)) if track != config.track or own[track] else config
        for track in TRACKS
        if track in touched or own[track]
    }
    if config.invocation.command in STAGE_NAMES[:-1]:
        for word in (word for track in configs.keys() - touched for word in own[track]):
            log.warning("%s has no effect on track=%s", word.removeprefix("+"), config.track)
    return {track: configs[track] for track in touched}


def _composed(words: list[str], track: str) -> DictConfig:
    """The settings of one track; an error notes the words that are addressed to it."""
    from hydra import compose
    from hydra.errors import HydraException

    try:
        return compose("config", overrides=_for_track(words, track))
    except HydraException as error:
        for word in words:
            if word.startswith(f"+{track}."):
                error.add_note(word.removeprefix("+"))
        raise


def _for_track(words: list[str], track: str) -> list[str]:
    prefixes = {name: f"+{name}." for name in TRACKS}
    common = [word for word in words if not word.startswith(tuple(prefixes.values()))]
    own = [
        open_section(word.removeprefix(prefixes[track]))
        for word in words
        if word.startswith(prefixes[track])
    ]
    return [f"track={track}", *common, *own]


def as_config(cfg: DictConfig) -> Config:
    """Leave OmegaConf: give the typed, range-checked config; raises ConfigError listing all that is
    wrong.
    """
    from omegaconf import OmegaConf

    from clustering.cli.category_settings import own_settings
    from clustering.config import check

    config: Any = OmegaConf.to_object(cfg)
    if config.source.overrides and config.overrides.as_of is None:
        config.overrides.as_of = (
            date.today().isoformat()
        )  # what expires tomorrow makes the merge stale tomorrow
    if config.within.run:  # a store is in one cluster of the outer run, not in all of them
        config.assign.stores = "with_sales"
    config.categories = own_settings(config)
    return check(config)
