"""The one place where Typer meets Hydra: lends `hydra.main` an argv, and turns every failure into a line and an exit code.

Typer parses the command and its own flags; everything else on the line belongs to Hydra. Hydra composes the config (one
for a stage, a base for `run`, whose tracks are composed again with the overrides addressed to them) and calls `execute`
once, or once per job of a sweep. A command without Hydra's flags is composed by Hydra and run here. Nothing of Hydra's
private interface is used.
"""

from __future__ import annotations

import gc
import logging
import os
import re
import signal
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustering.config_errors import as_config_error
from clustering.errors import ClusteringError, ConfigError, StageError
from clustering.redaction import holds_password, redacted, redacted_streams
from clustering.registry import JOBS, TRACKS

if TYPE_CHECKING:
    from omegaconf import DictConfig

    from clustering.config import Config

INTERRUPTED = 130
HYDRA_VERSION_BASE = "1.3"
# as joblib, dask and ray name the end of a worker process
DEAD_WORKER = ("TerminatedWorkerError", "BrokenProcessPool", "KilledWorker", "WorkerCrashedError", "OutOfMemoryError")
FLAGS_WITH_A_VALUE = (
    "--cfg", "-c", "--package", "-p", "--config-path", "-cp", "--config-name", "-cn", "--config-dir", "-cd",
    "--experimental-rerun", "--shell-completion", "-sc",
)  # fmt: skip
INFO = ("all", "config", "defaults", "defaults-tree", "plugins", "searchpath")


def conf_dir() -> Path:
    """The folder of configs: $CLUSTERING_CONF_DIR, else the one in the wheel, else the checkout's."""
    if chosen := os.environ.get("CLUSTERING_CONF_DIR"):
        return Path(chosen).resolve()
    package = Path(__file__).parent
    inside = package / "conf"
    return inside if inside.is_dir() else package.parent / "conf"


def launch(
    command: str, overrides: Sequence[str], *, job: str = "", force: bool = False, debug: bool = False, **options: Any
) -> None:
    """Run `command` on a config composed from `overrides`; exits the process with the contract's code on failure.

    `options` are handed to the command as they are; commands that can be swept have none, workers would not see them.
    """
    _options.clear()
    _options.update(options)
    filled = [f"invocation.command={command}"]
    filled += [f"invocation.job={job}"] if job else []
    filled += ["invocation.force=true"] if force else []
    flags, words = split_flags(overrides)
    addressed = [_address(word) for word in words] if command in ("run", "status") else words
    with boundary(debug):
        _refuse_passwords(words)
        _prepare()
        if flags or not _composed_here([*addressed, *filled]):
            _hand_over([*flags, *addressed, *([] if "--hydra-help" in flags else filled)])


def split_flags(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Separate Hydra's flags, with their values, from the rest: Hydra wants no override on both sides of a flag."""
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
            flags.insert(place + 1, "all")  # its default, which must not be mistaken for the override that follows
    return flags, rest


def _refuse_passwords(words: Sequence[str]) -> None:
    """Hydra writes overrides to files, and other users see a command line: no place for a password."""
    for word in words:
        if holds_password(word):
            raise ConfigError(
                f"{word.partition('=')[0]} holds a password; put it into the environment or .env and write its name there, "
                "such as postgresql://$PGUSER:$PGPASSWORD@host/db, in single quotes"
            )


@contextmanager
def boundary(debug: bool) -> Iterator[None]:
    """The only place that prints errors: one line and a few of detail on stderr, then the exit code of its class."""
    with redacted_streams(), _interruptible():
        try:
            yield
        except KeyboardInterrupt:
            _fail("interrupted; finished stages are kept, the next run goes on from there", (), INTERRUPTED, False)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        except Exception as error:
            told = _in_our_words(error)
            _fail(told.message, told.details, told.exit_code, debug)


class _Interrupted(KeyboardInterrupt):
    """Ours. One of Python's own that has passed through `exec` of a text, as in the making of a dataclass while a module is
    imported, ends the process by the signal, whatever exit code it was to have."""


@contextmanager
def _interruptible() -> Iterator[None]:
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) != signal.default_int_handler
    ):
        yield
        return

    def interrupt(number: int, frame: object) -> None:
        raise _Interrupted

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _in_our_words(error: Exception) -> ClusteringError:
    """Any failure as a line, details and an exit code; what nobody foresaw is a bug, with code 1."""
    if isinstance(error, ClusteringError):
        return error
    if configuration := as_config_error(error):
        return configuration
    if type(error).__name__ in DEAD_WORKER:
        return StageError("a worker process died, perhaps for want of memory; what was finished is kept",
                          ["fewer workers need less memory: executor.workers, hydra.launcher.n_jobs"])  # fmt: skip
    return ClusteringError(f"bug: {type(error).__name__}: {error}", ["--debug shows the traceback; please report it"])


def _fail(message: str, details: Sequence[str], code: int, debug: bool) -> None:
    if debug:
        traceback.print_exc()
    lines = [f"error: {message}", *(f"  {line}" for line in details)]
    sys.stderr.write("\n".join(lines) + "\n")
    sys.exit(code)


# --- Hydra -----------------------------------------------------------------------------------------------------------


def _prepare() -> None:
    read_dotenv()
    _register()
    if not (conf_dir() / "config.yaml").is_file():
        raise ConfigError(f"{conf_dir()} holds no config.yaml; unset CLUSTERING_CONF_DIR or run: clustering init DIR")


def _composed_here(words: list[str]) -> bool:
    """Run the command, where Hydra is only needed to compose its settings, and say whether it was run.

    `hydra.main` composes once to learn whether it sweeps, once to run, and keeps a folder for every run: half of the time
    of a command that finds everything fresh.
    """
    from hydra import compose, initialize_config_dir
    from hydra.core.hydra_config import HydraConfig
    from omegaconf import flag_override

    if any(word.lstrip("+~").startswith("hydra") for word in words):
        return False
    with initialize_config_dir(str(conf_dir()), job_name="clustering", version_base=HYDRA_VERSION_BASE):
        cfg = compose("config", words, return_hydra_config=True)
        if not _only_composes(cfg.hydra):
            return False
        HydraConfig.instance().set_config(cfg)
        with flag_override(cfg, ["struct", "readonly"], False):
            del cfg["hydra"]
        _carry_out(cfg)
    return True


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

    _failed.clear()
    with _lent_argv(arguments):
        hydra.main(version_base=HYDRA_VERSION_BASE, config_path=str(conf_dir()), config_name="config")(execute)()
    if _failed:
        raise _failed[0]
    if callback := sys.modules.get("clustering.sweeps.callback"):
        for sweep in callback.ended:
            from clustering.sweeps.conclusion import conclude

            conclude(sweep)


@contextmanager
def _lent_argv(arguments: list[str]) -> Iterator[None]:
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


def _register() -> None:
    """Tell Hydra the types: the whole config, and the settings of every model family."""
    from hydra.core.config_store import ConfigStore

    from clustering import models
    from clustering.config import Config

    store = ConfigStore.instance()
    store.store(name="base_config", node=Config)
    for name in models.names():
        store.store(group="model", name=f"{name}_settings", node=models.family(name).Settings)


def _address(word: str) -> str:
    """Turn `internal.model.k=4` into an override Hydra keeps aside for that track; leave every other word alone."""
    match = re.match(rf"^(\+\+?|~)?({'|'.join(TRACKS)})\.(.+)$", word)
    return f"+{match[2]}.{match[3]}" if match and "=" in word else word


_options: dict[str, Any] = {}  # what Typer parsed for the command
_failed: list[Exception] = []  # of a single run: raised again outside Hydra, which would print about it otherwise


def execute(cfg: DictConfig) -> float | None:
    """What Hydra calls with a composed config, once per job; must stay importable, launchers pickle it by name."""
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    if HydraConfig.get().mode == RunMode.MULTIRUN:
        return _scenario(cfg)
    try:
        return _carry_out(cfg)
    except Exception as error:
        _failed.append(error)
        return None


def _carry_out(cfg: DictConfig, **of_sweep: Any) -> float | None:
    """Run the command; `of_sweep` are the invocation's fields that only a scenario of a sweep has."""
    from clustering import commands

    config = as_config(cfg)
    per_track = _per_track(config)
    gc.freeze()
    gc.enable()
    for each in (config, *per_track.values()):
        for name, value in of_sweep.items():
            setattr(each.invocation, name, value)
        if of_sweep and _beside_others():
            each.executor.workers = each.executor.workers or 1
    return commands.execute(config, per_track, **_options)


def _beside_others() -> bool:
    """Whether the scenarios of this sweep share the cores: each uses one then, unless it was told otherwise."""
    from hydra.core.hydra_config import HydraConfig

    return str(HydraConfig.get().runtime.choices.get("hydra/launcher")) != "basic"


def _scenario(cfg: DictConfig) -> float:
    """Run one job of a sweep in a folder of its own; its failure is recorded there and does not end the sweep.

    Gives its objective: what a searching sweeper maximises, and minus infinity where there is none.
    """
    from hydra.core.hydra_config import HydraConfig

    from clustering.sweeps.record import DONE, Record

    hydra_config = HydraConfig.get()
    folder = Path(hydra_config.runtime.output_dir)
    words = [word.removeprefix("+") for word in hydra_config.overrides.task if not word.startswith("invocation.")]
    record = Record(str(hydra_config.job.num), cfg.invocation.command, cfg.env, words, metric=cfg.objective.metric)
    record.write(folder)
    with redacted_streams():
        try:
            record.objective = _carry_out(cfg, run_folder=str(folder))
            record.state = DONE
        except Exception as error:
            told = _in_our_words(error)
            record.fail(redacted(told.message), [redacted(line) for line in told.details], told.exit_code)
        record.write(folder)
        said = f"{record.state} in {record.seconds:.1f} s" + (f": {record.error}" if record.error else "")
        sys.stderr.write(f"scenario {record.number:<4} {' '.join(words)}  {said}\n")
    return float("-inf") if record.objective is None else record.objective


def _per_track(config: Config) -> dict[str, Config]:
    """The config of each track the command touches."""
    command = config.invocation.command
    if command not in ("run", "status"):
        return {config.track: config}
    from hydra import compose
    from hydra.core.hydra_config import HydraConfig

    words = list(HydraConfig.get().overrides.task)
    named = [word for word in words if re.match(r"^track=", word)]
    if named:
        raise ConfigError(
            f"{named[0]}: {command} covers both tracks; address one with internal. or external., or name a job "
            f"({', '.join(JOBS)})"
        )
    own = {track: [word for word in words if word.startswith(f"+{track}.")] for track in TRACKS}
    # composing takes longer than all else in a run where everything is fresh: what is composed already is not again
    return {
        track: config
        if track == config.track and not own[track]
        else as_config(compose("config", overrides=_for_track(words, track)))
        for track in TRACKS
    }


def _for_track(words: list[str], track: str) -> list[str]:
    prefixes = {name: f"+{name}." for name in TRACKS}
    common = [word for word in words if not word.startswith(tuple(prefixes.values()))]
    own = [word.removeprefix(prefixes[track]) for word in words if word.startswith(prefixes[track])]
    return [f"track={track}", *common, *own]


def as_config(cfg: DictConfig) -> Config:
    """Leave OmegaConf: give the typed, range-checked config; raises ConfigError listing all that is wrong."""
    from omegaconf import OmegaConf

    from clustering.config import check

    config: Any = OmegaConf.to_object(cfg)
    if config.source.overrides and config.overrides.as_of is None:
        config.overrides.as_of = date.today().isoformat()  # what expires tomorrow makes the merge stale tomorrow
    return check(config)
