"""The one place where Typer meets Hydra: composes the settings of a command.

Typer parses the command and its own flags; everything else on the line belongs to Hydra. Hydra
composes the config (one for a stage, a base for `run`, whose tracks are composed again with the
overrides addressed to them) and calls `execution.execute` once, or once per job of a sweep. A
command without Hydra's flags is composed by Hydra and run here. Nothing of Hydra's private
interface is used.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustering.cli import execution
from clustering.cli.boundary import boundary
from clustering.cli.streams import guarded_streams
from clustering.cli.tracks import address, open_section
from clustering.cli.typed_words import FLAGS_WITH_A_VALUE, INFO, without_plus
from clustering.errors import ConfigError
from clustering.redaction import holds_password

if TYPE_CHECKING:
    from omegaconf import DictConfig

HYDRA_VERSION_BASE = "1.3"
DUMPS = ("--cfg", "-c", "--info", "-i")  # flags that print settings on stdout


def conf_dir() -> Path:
    """The folder of configs: $CLUSTERING_CONF_DIR, else the one in the wheel, else the
    checkout's.
    """
    if chosen := os.environ.get("CLUSTERING_CONF_DIR"):
        return Path(chosen).resolve()
    package = Path(__file__).parents[1]
    inside = package / "conf"
    return inside if inside.is_dir() else package.parent / "conf"


def launch(
    command: str,
    overrides: Sequence[str],
    *,
    job: str = "",
    force: bool = False,
    debug: bool = False,
    **options: Any,
) -> None:
    """Run `command` on a config composed from `overrides`; exits the process with the contract's
    code on failure.

    `options` are handed to the command as they are; commands that can be swept have none, workers
    would not see them.
    """
    execution.options.clear()
    execution.options.update(options)
    filled = [f"invocation.command={command}"]
    filled += [f"invocation.job={job}"] if job else []
    filled += ["invocation.force=true"] if force else []
    flags, words = split_flags(overrides)
    own = [Path(value) for flag, value in pairwise(flags) if flag in ("--config-dir", "-cd")]
    folders = (conf_dir(), *own)
    words = [address(open_section(without_plus(word, folders))) for word in words]
    with boundary(debug):
        prepare(words)
        if flags or not _composed_here([*words, *filled]):
            _hand_over([*flags, *words, *([] if "--hydra-help" in flags else filled)])


def split_flags(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Separate Hydra's flags, with their values, from the rest: Hydra wants no override on both
    sides of a flag.
    """
    flags: list[str] = []
    rest: list[str] = []
    values = 0
    for word in words:
        takes_info = bool(flags) and flags[-1] in ("--info", "-i") and word in INFO
        if values or takes_info or word.startswith("-"):
            flags.append(word)
            values = 1 if word in FLAGS_WITH_A_VALUE and not values else 0
        else:
            rest.append(word)
    for place in [n for n, flag in enumerate(flags) if flag in ("--info", "-i")]:
        if flags[place + 1 : place + 2] not in [[choice] for choice in INFO]:
            flags.insert(
                place + 1, "all"
            )  # its default, which must not be mistaken for the override that follows
    return flags, rest


def _refuse_passwords(words: Sequence[str]) -> None:
    """Hydra writes overrides to files, and other users see a command line: no place for a
    password.
    """
    for word in words:
        if holds_password(word):
            raise ConfigError(
                f"{word.partition('=')[0].lstrip('+')} contains a password; put it into a variable "
                "of the environment or .env and write the name of the variable instead, "
                "such as postgresql://$PGUSER:$PGPASSWORD@host/db, in single quotes"
            )


def prepare(words: Sequence[str]) -> None:
    """Make Hydra know our settings; raises ConfigError where overrides hold a password, or where
    there are no settings.
    """
    _refuse_passwords(words)
    read_dotenv()
    register()
    if not (conf_dir() / "config.yaml").is_file():
        raise ConfigError(
            f"{conf_dir()} has no config.yaml; unset CLUSTERING_CONF_DIR or run: clustering "
            "init DIR"
        )


def _composed_here(words: list[str]) -> bool:
    """Run the command, where Hydra is only needed to compose its settings, and say whether it was
    run.

    `hydra.main` composes once to learn whether it sweeps, once to run, and keeps a folder for every
    run: half of the time of a command that finds everything fresh.
    """
    with composed(words) as cfg:
        if cfg is not None:
            execution.carry_out(cfg)
    return cfg is not None


@contextmanager
def composed(words: list[str]) -> Iterator[DictConfig | None]:
    """Give the settings composed from overrides, or None where they ask Hydra for more than that;
    meanwhile Hydra can compose those of each track.
    """
    from hydra import compose, initialize_config_dir
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import flag_override

    if any(word.lstrip("+~").startswith("hydra") for word in words):
        yield None
        return
    with initialize_config_dir(
        str(conf_dir()), job_name="clustering", version_base=HYDRA_VERSION_BASE
    ):
        cfg = compose("config", words, return_hydra_config=True)
        if not _only_composes(cfg.hydra):
            yield None
            return
        HydraConfig.instance().set_config(cfg)
        with flag_override(cfg, ["struct", "readonly"], False):
            del cfg["hydra"]
        yield cfg


@contextmanager
def hydra_of_the_caller_kept() -> Iterator[None]:
    """Use Hydra in a program that uses it, too, such as a notebook: what the program initialized
    and stored is as before afterwards.
    """
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.singleton import Singleton

    before = Singleton.get_state()
    GlobalHydra.instance().clear()
    try:
        yield
    finally:
        Singleton.set_state(before)


def _only_composes(settings: DictConfig) -> bool:
    """Whether Hydra's own settings, which a project may edit, ask for nothing beyond composing."""
    from hydra.types import RunMode

    return (
        settings.mode != RunMode.MULTIRUN
        and settings.runtime.choices["hydra/job_logging"] == "none"
        and not settings.job.chdir
        and not settings.job.env_set
        and set(settings.callbacks) <= {"sweep"}
    )


def _hand_over(arguments: list[str]) -> None:
    import hydra

    execution.failed.clear()
    dumps = any(word in DUMPS for word in arguments)
    with lent_argv(arguments), guarded_streams(redact_results=dumps):
        hydra.main(
            version_base=HYDRA_VERSION_BASE, config_path=str(conf_dir()), config_name="config"
        )(execution.execute)()
    if execution.failed:
        raise execution.failed[0]
    if callback := sys.modules.get("clustering.results.sweeps.callback"):
        for sweep in callback.ended:
            from clustering.cli.conclusion import conclude

            shown = execution.options
            conclude(sweep, shown.get("form", "table"), shown.get("quiet", False))


@contextmanager
def lent_argv(arguments: list[str]) -> Iterator[None]:
    """Let Hydra read `arguments` as its command line; put all it changes back afterwards."""
    argv, full_error = sys.argv, os.environ.get("HYDRA_FULL_ERROR")
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    sys.argv = ["clustering", *arguments]
    os.environ["HYDRA_FULL_ERROR"] = "1"
    try:
        yield
    finally:
        sys.argv = argv
        root.handlers[:], root.level = handlers, level
        if full_error is None:
            del os.environ["HYDRA_FULL_ERROR"]
        else:
            os.environ["HYDRA_FULL_ERROR"] = full_error


def read_dotenv() -> None:
    """Take variables from .env in this folder; those already set win."""
    if Path(".env").is_file():
        from dotenv import load_dotenv

        load_dotenv(".env", override=False)


def register() -> None:
    """Tell Hydra the types, and the options that are listed in the code: model families and
    criteria.
    """
    from hydra.core.config_store import ConfigStore

    from clustering import criteria
    from clustering.config import Config
    from clustering.methods import models

    store = ConfigStore.instance()
    store.store(name="base_config", node=Config)
    for name in models.names():
        store.store(group="model", name=name, node=models.family(name).Settings)
    for name in criteria.NAMES:
        store.store(group="select", name=name, node={"rule": name})
