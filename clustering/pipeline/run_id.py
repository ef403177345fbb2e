"""The ID of a run, used in manifests, logs and alerts."""

from __future__ import annotations

import os
import re
import uuid
from datetime import UTC, datetime

from clustering.errors import ConfigError

VARIABLE = "CLUSTERING_RUN_ID"


def new_run_id() -> str:
    """Give $CLUSTERING_RUN_ID, by which an orchestrator makes several commands one run, else time
    of start plus chance.

    Raises ConfigError where the variable could not be the name of a file.
    """
    given = os.environ.get(VARIABLE)
    if not given:
        return datetime.now(UTC).strftime("%Y%m%dT%H%M%S-") + uuid.uuid4().hex[:6]
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", given):
        raise ConfigError(
            f"{VARIABLE}={given!r} is not a valid run ID; use up to 100 letters, digits, '.', '_' "
            "and '-'"
        )
    return given
