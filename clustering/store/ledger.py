"""The ledger of published versions: one line per event, sealed and chained.

    <output_dir>/versions/ledger.jsonl     the events
    <output_dir>/versions/ledger.head      how many there are, and the SHA-256 of the last line

An event is the publication or the withdrawal of a version. A line holds the SHA-256 of the line
before it and a seal over its own content, so a line that was changed, removed or moved is found.
The head is written after the line, so a ledger that is shorter than its head lost lines.
The seal is a plain SHA-256, or an HMAC (RFC 2104) where $CLUSTERING_SIGNING_KEY holds a key: then
nobody without the key can write a line that passes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
from pathlib import Path
from typing import Any

from clustering.errors import DataError
from clustering.store.atomic import parse_json, temporary_of, write_text

NAME, HEAD = "ledger.jsonl", "ledger.head"
SIGNING_KEY = "CLUSTERING_SIGNING_KEY"
PUBLISHED, WITHDRAWN = "published", "withdrawn"
Event = dict[str, Any]
log = logging.getLogger(__name__)


def events(folder: Path) -> list[Event]:
    """Every event, oldest first; raises DataError naming the first line that is not as written, or
    that lines are missing.
    """
    head = _head(folder)  # before the ledger: a line may be added between the two
    lines = _lines(folder)
    found: list[Event] = []
    previous = ""
    for number, line in enumerate(lines, 1):
        event = _event(line)
        if event is None or event.get("previous") != previous or not _is_sealed(event):
            raise _not_as_written(folder, f", line {number} is not as it was written")
        found.append(event)
        previous = _digest(line)
    if "seal" in head and not _is_sealed(head):
        raise _not_as_written(folder, f": {HEAD} beside it is not as it was written")
    count = int(head["events"])
    if len(lines) < count or (count and _digest(lines[count - 1]) != head["last"]):
        raise _not_as_written(folder, f" lacks lines: it had {count}, it has {len(lines)}")
    return found


def begin(folder: Path) -> None:
    """Make an empty ledger where there is none, before the first version is written: from then on a
    missing ledger is one that was deleted.
    """
    events(folder)
    if not (folder / HEAD).exists():
        write_text(folder / NAME, "")
        _write_head(folder, [])


def append(folder: Path, event: Event) -> None:
    """Add an event as the last line; a reader sees the old ledger or the new one.

    The event counts as soon as its line is there. A head that cannot be written is written by the
    next command that looks.
    """
    events(folder)  # never build on a ledger that was tampered with
    lines = _lines(folder)
    event = event | {"previous": _digest(lines[-1]) if lines else "", "signed": bool(_key())}
    lines.append(json.dumps(event | {"seal": _seal(event)}, sort_keys=True).encode())
    write_text(folder / NAME, b"".join(line + b"\n" for line in lines).decode())
    try:
        _write_head(folder, lines)
    except OSError as error:
        log.warning("%s cannot be written: %s; run: clustering versions", folder / HEAD, error)


def is_settled(folder: Path) -> bool:
    """Whether the last event was recorded to its end."""
    head = _head(folder)
    left = any(temporary_of(folder / name).exists() for name in (NAME, HEAD))
    return not left and int(head["events"]) == len(_lines(folder))


def settle(folder: Path) -> None:
    """Finish the recording of an event that was cut off."""
    events(folder)
    if not is_settled(folder):
        for name in (NAME, HEAD):
            temporary_of(folder / name).unlink(missing_ok=True)
        _write_head(folder, _lines(folder))


def _lines(folder: Path) -> list[bytes]:
    path = folder / NAME
    return path.read_bytes().splitlines() if path.exists() else []


def _head(folder: Path) -> Event:
    """What the head says; raises DataError where it is missing or damaged, or where there is no
    ledger although there are versions.
    """
    path = folder / HEAD
    if path.exists():
        head = _event(path.read_bytes())
        if head is None or "seal" not in head or not isinstance(head.get("events"), int):
            raise _not_as_written(folder, f": {HEAD} beside it is not as it was written")
        return head
    if _lines(folder):
        raise _not_as_written(folder, f": {HEAD} beside it is missing")
    numbered = sorted(
        (each.name for each in folder.glob("[0-9]*") if each.name.isdecimal()), key=int
    )
    if numbered:
        raise _not_as_written(folder, f" is missing, but there are versions: {', '.join(numbered)}")
    return {"events": 0, "last": ""}


def _write_head(folder: Path, lines: list[bytes]) -> None:
    head = {"events": len(lines), "last": _digest(lines[-1]) if lines else ""}
    head |= {"signed": bool(_key())}
    write_text(folder / HEAD, json.dumps(head | {"seal": _seal(head)}, sort_keys=True) + "\n")


def _not_as_written(folder: Path, what: str) -> DataError:
    return DataError(
        f"{folder / NAME}{what}",
        [
            "restore it from a backup; nothing is published or rolled back until then",
            f"where {SIGNING_KEY} is set, every line must be signed with that key",
            "versions that an older clustering published have no ledger: move their folders away",
        ],
    )


def _event(line: bytes) -> Event | None:
    try:
        event = parse_json(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) and {"number", "events"} & event.keys() else None


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
    return hmac.new(key, data, hashlib.sha256).hexdigest() if key else _digest(data)


def _key() -> bytes:
    return os.environ.get(SIGNING_KEY, "").encode()


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
