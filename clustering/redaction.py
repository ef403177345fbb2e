"""What must not be shown: credentials that the environment holds, and those inside addresses."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit

HIDDEN = "***"
TELLING_NAME = re.compile(r"PASSWORD|PASSWD|PGPASS|SECRET|TOKEN|CREDENTIAL|API_?KEY|ACCESS_?KEY|ACCOUNT_?KEY|PRIVATE|WEBHOOK"
                          r"|CONNECTION_STRING|DSN|(DATABASE|_)UR[IL]$")  # fmt: skip
USER_INFO = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
SHORTEST = 4  # hiding every "no" or "1" would make texts unreadable and protect nothing


def redacted(text: str) -> str:
    """Give `text` without the credentials of this process's environment and without user:password in addresses."""
    for secret in sorted(set(_secrets()), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return USER_INFO.sub(HIDDEN, text)


def redacted_value(value: Any) -> Any:
    """Give a value made of dicts, lists and texts with every text redacted."""
    if isinstance(value, dict):
        return {key: redacted_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted_value(item) for item in value]
    return redacted(value) if isinstance(value, str) else value


def _secrets() -> Iterator[str]:
    for name, value in os.environ.items():
        if TELLING_NAME.search(name.upper()) and len(value) >= SHORTEST:
            yield value
            yield quote(value, safe="")
            if (password := _password(value)) and len(password) >= SHORTEST:
                yield password


def _password(address: str) -> str | None:
    try:
        return urlsplit(address).password
    except ValueError:
        return None
