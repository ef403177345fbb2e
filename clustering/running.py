"""`clustering.run`: the whole pipeline from Python, on files or on frames in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clustering.api import Run, as_polars, each
from clustering.cli.boundary import in_our_words
from clustering.cli.commands.run import bring_up_to_date
from clustering.cli.hydra_bridge import composed, hydra_of_the_caller_kept, prepare
from clustering.cli.progress import StageProgress
from clustering.cli.tracks import address, as_config, open_section, per_track
from clustering.config import Config
from clustering.errors import ConfigError
from clustering.ops.operation.run_log import run_log
from clustering.pipeline.run_id import new_run_id
from clustering.store.atomic import replacing

GIVEN = "given"  # the folder of the data directory that holds frames as files


def run(
    sales: Any = None,
    need_states: Any = None,
    external: Any = None,
    *,
    data_dir: str | Path | None = "data",
    output_dir: str | Path = "outputs",
    env: str = "dev",
    overrides: Sequence[str] = (),
) -> Run:
    """Cluster stores as `clustering run` does, and give the run.

    Each input is a path, a glob or a frame (Polars, pandas, Arrow, or what else narwhals knows)
    with the columns of the files (docs/how-to/your-files.md): `sales` has a row per store and SKU
    with the sales, `need_states` a row per SKU, each of `external` a row per store. `external` is
    one of them or a list. Inputs that are not given are sought below `data_dir`, as by the command.
    `overrides` are settings as typed on the command line: `["internal.model.k=4", "seed=7"]`.

    Frames are first written below `data_dir`; None stands for a temporary folder that lives as long
    as the run does, its outputs included. Stages that are up to date are not repeated. Nothing is
    printed. Raises ConfigError for settings, DataError for inputs, StageError where a stage fails.
    """
    temporary = tempfile.TemporaryDirectory(prefix="clustering-") if data_dir is None else None
    if temporary:
        data_dir, output_dir = f"{temporary.name}/data", f"{temporary.name}/outputs"
    folder = Path(str(data_dir))
    words = [f"env={env}", f"paths.data_dir={_quoted(folder)}"]
    words += [f"paths.output_dir={_quoted(output_dir)}"]
    for name, given in (("sales", sales), ("need_states", need_states)):
        if given is not None:
            words.append(f"source.{name}={_quoted(_as_path(name, given, folder))}")
    if external is not None:
        paths = [
            _quoted(_as_path(f"external_{number}", one, folder))
            for number, one in enumerate(each(external), start=1)
        ]
        words.append(f"source.external=[{','.join(paths)}]")
    config, catalog = _carry_out([*words, *overrides])
    return Run(catalog, config, temporary)


def _carry_out(given: list[str]) -> tuple[Config, Any]:
    if flags := [word for word in given if word.startswith("-")]:
        raise ConfigError(f"{flags[0]}: flags are for the command line; give settings, KEY=VALUE")
    try:
        with hydra_of_the_caller_kept():
            return _composed_and_run(given)
    except Exception as error:
        told = in_our_words(error)
        if told is error or told.exit_code == 1:  # ours already, or a bug, which keeps its type
            raise
        raise told from error


def _composed_and_run(given: list[str]) -> tuple[Config, Any]:
    words = [address(open_section(word)) for word in given]
    prepare(given)
    with composed([*words, "invocation.command=run", "invocation.job=full_pipeline"]) as cfg:
        if cfg is None:
            raise ConfigError("settings of Hydra's own, and sweeps, are for the command line")
        config = as_config(cfg)
        configs, run_id = per_track(config), new_run_id()
        for one in (config, *configs.values()):
            one.invocation.run_id = run_id
        with run_log(config):
            pipeline, _ = bring_up_to_date(config, configs, StageProgress("none"))
    return config, pipeline.catalog


def _as_path(name: str, given: Any, data_dir: Path) -> str | Path:
    """The file of an input: the one that was given, or one that holds the frame."""
    if isinstance(given, str | Path):
        return given
    path = data_dir / GIVEN / f"{name}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as file:
        as_polars(name, given).write_parquet(file)
    return path


def _quoted(value: object) -> str:
    """A value as Hydra reads it back unchanged, whatever characters it holds."""
    escaped = str(value).replace("'", "\\'")
    return f"'{escaped}'"
