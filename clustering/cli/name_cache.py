"""Names for completion, kept in a file of the user's cache: asking for them takes too long."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import redirect_stderr, suppress
from io import StringIO
from pathlib import Path
from typing import Any

from clustering.store.atomic import write_text

MOST = 300  # questions


def kept(key: str, state: list[float], ask: Callable[[], list[str]]) -> list[str]:
    """The names under `key`, if they were kept at the same `state`; else what `ask` gives, which is
    kept. Empty where the question cannot be answered, such as for a setting that does not exist.
    """
    path = _path()
    answers: dict[str, Any] = {}
    with suppress(OSError, ValueError):
        answers = json.loads(path.read_text(encoding="utf-8"))
    entry = answers.pop(key, None)
    if entry and entry["state"] == state:
        return list(entry["names"])
    try:
        with redirect_stderr(StringIO()):
            names = ask()
    except (Exception, SystemExit):  # noqa: BLE001 # nothing is told while somebody types
        return []
    answers[key] = {"state": state, "names": names}
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_text(path, json.dumps(dict(list(answers.items())[-MOST:])))
    return names


def _path() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".cache") / "clustering" / "names.json"
