"""Logs the start and end of a run, then sends alerts and writes metrics."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from clustering.config import Config
from clustering.ops.operation.alerts import (
    alert_of_failure,
    alert_of_interruption,
    alert_of_low_quality,
    low_quality,
)
from clustering.ops.operation.prometheus import write_metrics
from clustering.registry import Stage
from clustering.store.catalog import Catalog

log = logging.getLogger(__name__)


@contextmanager
def watched(
    configs: dict[str, Config], stages: Sequence[Stage], catalog: Catalog
) -> Iterator[None]:
    """Do what the module says for a run of `stages` under the config of each track; lets every
    error through.
    """
    config = next(iter(configs.values()))
    clock = time.perf_counter()
    log.info(
        "run started",
        extra={"event": {"event": "run_started", "stages": [stage.key for stage in stages]}},
    )
    try:
        yield
    except KeyboardInterrupt as interruption:
        told_by = str(interruption) or "SIGINT"
        ended = {"event": "run_interrupted", "signal": told_by}
        log.warning("run interrupted by %s", told_by, extra={"event": ended})
        if told_by != "SIGINT" and config.alerts.on_failure:
            _harmless("alert", alert_of_interruption, config, told_by)
        raise
    except Exception as error:
        seconds = round(time.perf_counter() - clock, 3)
        fields = {"event": "run_failed", "duration_seconds": seconds, "error": type(error).__name__}
        log.error("run failed: %s", error, extra={"event": fields}, exc_info=True)
        if config.alerts.on_failure:
            _harmless("alert", alert_of_failure, config, error)
        _harmless("metrics", _count, config, catalog, False, seconds)
        raise
    seconds = round(time.perf_counter() - clock, 3)
    log.info(
        "run finished", extra={"event": {"event": "run_finished", "duration_seconds": seconds}}
    )
    _harmless("quality check", _check_quality, config, configs, stages, catalog)
    _harmless("metrics", _count, config, catalog, True, seconds)


def _harmless(what: str, action: Callable[..., None], *arguments: Any) -> None:
    try:
        action(*arguments)
    except Exception as error:  # noqa: BLE001 # whatever it is, the run goes on
        log.warning("%s: %s: %s", what, type(error).__name__, error)


def _check_quality(
    config: Config, configs: dict[str, Config], stages: Sequence[Stage], catalog: Catalog
) -> None:
    found = low_quality(catalog, configs, stages, config.invocation.run_id)
    for each in found:
        log.warning("%s", each)
    if found:
        alert_of_low_quality(config, found)


def _count(config: Config, catalog: Catalog, success: bool, seconds: float) -> None:
    if config.log.prometheus_file:
        path = Path(config.log.prometheus_file)
        write_metrics(path, config, catalog, success=success, seconds=seconds, now=time.time())
