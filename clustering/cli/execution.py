"""What Hydra calls with the composed settings: one command, or one scenario of a sweep."""

from __future__ import annotations

import gc
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clustering.cli.boundary import in_our_words
from clustering.cli.streams import guarded_streams
from clustering.cli.tracks import as_config, per_track
from clustering.errors import StageError
from clustering.redaction import redacted

if TYPE_CHECKING:
    from omegaconf import DictConfig

LEAST = (
    ("RLIMIT_NOFILE", "open files (ulimit -n)", 256),
    ("RLIMIT_AS", "bytes of addresses (ulimit -v)", 2**31),
)
options: dict[str, Any] = {}  # what Typer parsed for the command
failed: list[
    Exception
] = []  # the failure of a single run, raised again outside Hydra, which would print about it


def execute(cfg: DictConfig) -> float | None:
    """What Hydra calls with a composed config, once per job; must stay importable, launchers pickle
    it by name.
    """
    from hydra.core.hydra_config import HydraConfig
    from hydra.types import RunMode

    if HydraConfig.get().mode == RunMode.MULTIRUN:
        return _scenario(cfg)
    try:
        return carry_out(cfg)
    except Exception as error:  # noqa: BLE001 # raised again outside Hydra
        failed.append(error)
        return None


def carry_out(cfg: DictConfig, **of_sweep: Any) -> float | None:
    """Run the command; `of_sweep` are the invocation's fields that only a scenario of a sweep
    has.
    """
    require_limits()
    from clustering.cli import commands

    config = as_config(cfg)
    configs = per_track(config)
    gc.freeze()
    gc.enable()
    for each in (config, *configs.values()):
        for name, value in of_sweep.items():
            setattr(each.invocation, name, value)
        if of_sweep and _beside_others():
            each.executor.workers = each.executor.workers or 1
    return commands.execute(config, configs, **options)


def require_limits() -> None:
    """Raise StageError where a limit of the process is too low to start with: Polars would end it,
    or wait for ever, without a word of ours.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for name, what, least in LEAST:
        limit = resource.getrlimit(getattr(resource, name))[0]
        if limit != resource.RLIM_INFINITY and limit < least:
            raise StageError(
                f"this process may have only {limit:,} {what}; it needs {least:,}",
                ["raise the limit; to limit real memory, run it in a container"],
            )


def _scenario(cfg: DictConfig) -> float:
    """Run one job of a sweep in a folder of its own; its failure is recorded there and does not end
    the sweep.

    Gives its objective: what a searching sweeper maximises, and minus infinity where there is none.
    """
    from hydra.core.hydra_config import HydraConfig

    from clustering.results.sweeps.record import DONE, Record

    hydra_config = HydraConfig.get()
    folder = Path(hydra_config.runtime.output_dir)
    words = [
        word.removeprefix("+")
        for word in hydra_config.overrides.task
        if not word.startswith("invocation.")
    ]
    record = Record(
        str(hydra_config.job.num),
        cfg.invocation.command,
        cfg.env,
        words,
        metric=cfg.objective.metric,
    )
    record.write(folder)
    with guarded_streams():
        try:
            record.objective = carry_out(cfg, run_folder=str(folder))
            record.state = DONE
        except Exception as error:  # noqa: BLE001 # recorded; the sweep goes on
            told = in_our_words(error)
            record.fail(
                redacted(told.message), [redacted(line) for line in told.details], told.exit_code
            )
        record.write(folder)
        said = f"{record.state} in {record.seconds:.1f} s" + (
            f": {record.error}" if record.error else ""
        )
        sys.stderr.write(f"scenario {record.number:<4} {' '.join(words)}  {said}\n")
    return float("-inf") if record.objective is None else record.objective


def _beside_others() -> bool:
    """Whether the scenarios of this sweep share the cores: each uses one then, unless it was told
    otherwise.
    """
    from hydra.core.hydra_config import HydraConfig

    return str(HydraConfig.get().runtime.choices.get("hydra/launcher")) != "basic"
