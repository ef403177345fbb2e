"""When to send an alert: a failed run, or categories below a threshold.

The message has the shape that Slack, Mattermost and others take at an incoming webhook. The address
is a credential, so it comes from the environment ($CLUSTERING_WEBHOOK_URL) and from nowhere else.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from clustering.config import Alerts, Config
from clustering.errors import ClusteringError
from clustering.ops.operation.webhook import send
from clustering.redaction import redacted_value, visible
from clustering.registry import Stage
from clustering.store.catalog import Catalog

log = logging.getLogger(__name__)

ADDRESS = "CLUSTERING_WEBHOOK_URL"
RED, YELLOW = "#c62828", "#f9a825"
MOST_LINES = 20


@dataclass(frozen=True)
class LowQuality:
    """A metric of one category below its threshold."""

    track: str
    category: str
    metric: str
    value: float
    threshold: float

    def __str__(self) -> str:
        return (
            f"{self.track} {self.category}: {self.metric} {self.value:.3f} is below "
            f"{self.threshold:g}"
        )


def low_quality(
    catalog: Catalog, configs: dict[str, Config], stages: Sequence[Stage], run_id: str
) -> list[LowQuality]:
    """Every category and metric below the threshold of its track, of the `analyze` stages that this
    run made.
    """
    found = []
    for stage in stages:
        manifest = catalog.manifest(stage)
        if (
            stage.name == "analyze"
            and stage.track in configs
            and manifest
            and manifest.run_id == run_id
        ):
            thresholds = dict(_thresholds(configs[stage.track].alerts))
            rows = catalog.read(stage, "metrics").iter_rows() if thresholds else ()
            found += [
                LowQuality(stage.track, category, metric, value, thresholds[metric])
                for category, metric, value in rows
                if metric in thresholds and value is not None and value < thresholds[metric]
            ]
    return found


def _thresholds(alerts: Alerts) -> Iterator[tuple[str, float]]:
    for metric in ("silhouette", "r2", "mean_probability"):
        if (threshold := getattr(alerts, f"min_{metric}")) is not None:
            yield metric, threshold


def alert_of_failure(config: Config, error: Exception) -> None:
    """Say that the run failed, and why."""
    details = error.details if isinstance(error, ClusteringError) else ()
    lines = [str(error) or type(error).__name__, *details]
    _alert(config, f"clustering {_what(config)} failed in {config.env}", RED, lines)


def alert_of_interruption(config: Config, signal_name: str) -> None:
    """Say that the system ended the run (SIGTERM, SIGHUP): nobody at a terminal did."""
    lines = [f"it was ended by {signal_name}; finished stages are kept"]
    _alert(config, f"clustering {_what(config)} was ended in {config.env}", RED, lines)


def alert_of_low_quality(config: Config, found: Sequence[LowQuality]) -> None:
    """Say which categories are below their thresholds; the worst by distance come first."""
    worst = sorted(found, key=lambda each: each.value - each.threshold)
    lines = [str(each) for each in worst[:MOST_LINES]]
    lines += [f"and {len(worst) - MOST_LINES} more"] if len(worst) > MOST_LINES else []
    _alert(
        config,
        f"clustering {_what(config)} in {config.env}: {len(worst)} results below threshold",
        YELLOW,
        lines,
    )


def _what(config: Config) -> str:
    invocation = config.invocation
    return f"run {invocation.job}" if invocation.command == "run" else invocation.command


def _alert(config: Config, title: str, colour: str, lines: Sequence[str]) -> None:
    address = os.environ.get(ADDRESS, "").strip()
    if not address:
        return
    facts = {"environment": config.env, "run": config.invocation.run_id, "command": _what(config)}
    message: dict[str, Any] = {
        "text": _for_slack(title),
        "attachments": [
            {
                "color": colour,
                "fallback": _for_slack(title),
                "text": _for_slack("\n".join(lines)),
                "fields": [
                    {"title": name, "value": _for_slack(value), "short": True}
                    for name, value in facts.items()
                ],
            }
        ],
    }
    problem = send(address, redacted_value(message), config.alerts)
    if problem:
        log.warning("the alert could not be delivered to $%s: %s", ADDRESS, problem)
    else:
        log.info("alert sent: %s", title, extra={"event": {"event": "alert_sent"}})


def _for_slack(text: str) -> str:
    """Text that Slack shows as it is: its three special characters escaped, no control codes."""
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return visible(escaped)
