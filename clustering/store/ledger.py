"""The ledger of published versions: one line per event, sealed and chained.

    <output_dir>/versions/ledger.jsonl

An event is the publication or the withdrawal of a version. A line holds the SHA-256 of the line
before it and a seal over its own content, so a line that was changed, removed or moved is found.
The seal is a plain SHA-256, or an HMAC (RFC 2104) where $CLUSTERING_SIGNING_KEY holds a key: then
nobody without the key can write a line that passes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from pathlib import Path
from typing import Any

from clustering.errors import DataError
from clustering.store.atomic import write_text

NAME = "ledger.jsonl"
SIGNING_KEY = "CLUSTERING_SIGNING_KEY"
PUBLISHED, WITHDRAWN = "published", "withdrawn"
Event = dict[str, Any]


def events(folder: Path) -> list[Event]:
    """Every event, oldest first; raises DataError naming the first line that is not as written."""
    path = folder / NAME
    if not path.exists():
        return []
    found: list[Event] = []
    previous = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        event = _event(line)
        if event is None or event.get("previous") != previous or not _is_sealed(event):
            raise DataError(
                f"{path}, line {number} is not as it was written",
                [
                    "restore it from a backup; nothing is published or rolled back until then",
                    f"where {SIGNING_KEY} is set, every line must be signed with that key",
                ],
            )
        found.append(event)
        previous = _digest(line)
    return found


def append(folder: Path, event: Event) -> None:
    """Add an event as the last line; a reader sees the old ledger or the new one."""
    events(folder)  # never build on a ledger that was tampered with
    path = folder / NAME
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = text.splitlines()
    event = event | {"previous": _digest(lines[-1]) if lines else "", "signed": bool(_key())}
    line = json.dumps(event | {"seal": _seal(event)}, sort_keys=True)
    write_text(path, f"{text}{line}\n")


def _event(line: str) -> Event | None:
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and "number" in event else None


def _is_sealed(event: Event) -> bool:
    """Whether the seal fits the content. With a key every line must be signed; without one a signed
    line is trusted as far as the chain goes.
    """
    content = {name: value for name, value in event.items() if name != "seal"}
    if event.get("signed") and not _key():
        return True
    return bool(event.get("signed")) == bool(_key()) and hmac.compare_digest(
        str(event.get("seal")), _seal(content)
    )


def _seal(content: Event) -> str:
    data = json.dumps(content, sort_keys=True).encode()
    key = _key()
    return hmac.new(key, data, hashlib.sha256).hexdigest() if key else _digest(data.decode())


def _key() -> bytes:
    return os.environ.get(SIGNING_KEY, "").encode()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
