"""Hides secrets in text: the one place that knows what a secret is.

Settings name the environment variable that holds a credential
(`postgresql://$PGUSER:$PGPASSWORD@host/db`); it is put in at the moment of connecting and nowhere
else. Messages, logs and dumps of settings are redacted all the same, because drivers and Hydra
quote what they were given. Results are never changed.
"""

from __future__ import annotations

import os
import re
from functools import cache
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from clustering.errors import ConfigError

BLOT = "***"
SECRET_NAME = re.compile(
    r"PASSWORD|PASSWD|PASSPHRASE|_PASS$|_PWD$|PGPASS|SECRET|TOKEN|CREDENTIAL|WEBHOOK|PRIVATE|AUTH"
    r"|BEARER|DSN|CONNECTION_?STRING|(API|ACCESS|ACCOUNT|SHARED|SAS|SIGNING)_?KEY",
    re.IGNORECASE,
)
SHORTEST = 6  # blotting out shorter values would make text unreadable and hide nothing
# values of variables such as TOKENIZERS_PARALLELISM=true, which are no secrets
HARMLESS = re.compile(r"true|false|none|null|[\d.,+-]+", re.IGNORECASE)
LOGIN = re.compile(
    r"(?P<scheme>[A-Za-z][\w+.-]*://)(?P<user>[^\s/:@'\"]*):(?P<password>(?!\d+/)[^\s'\"]*)@"
)  # 8080/... is a port
PARAMETER = re.compile(
    r"(?P<name>[?&;]\w*(?:password|passwd|secret|token|signature|sig|key)\w*=)[^&;\s'\"]+",
    re.IGNORECASE,
)
# C0 and C1 but tab and line breaks, and the marks that reverse the direction of text
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|\r(?!\n)")
VARIABLE = re.compile(r"\$(\w+)")


def redacted(text: str, hidden: list[str] | None = None) -> str:
    """Give `text` without passwords in URIs and without the values of environment variables that
    hold secrets.

    `hidden` are those values, where the caller looked them up for many texts.
    """
    for secret in secrets() if hidden is None else hidden:
        text = text.replace(secret, BLOT)
    text = LOGIN.sub(
        lambda found: found[0] if _is_reference(found["password"]) else f"{found['scheme']}{BLOT}@",
        text,
    )
    return PARAMETER.sub(lambda found: f"{found['name']}{BLOT}", text)


def visible(text: str) -> str:
    """Show control characters but line breaks and tabs as their codes, so that a name in the data
    cannot move the cursor, change colours or hide text.
    """
    return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def redacted_value(value: Any, hidden: list[str] | None = None) -> Any:
    """Give a value made of dicts, lists and texts with every text redacted."""
    hidden = secrets() if hidden is None else hidden
    if isinstance(value, dict):
        return {key: redacted_value(item, hidden) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [redacted_value(item, hidden) for item in value]
    return redacted(value, hidden) if isinstance(value, str) else value


def secrets() -> list[str]:
    """Every value that must not be seen, the longest first, as it is and as it stands in a URI."""
    found: set[str] = set()
    for name, value in os.environ.items():
        if _names_secret(name):
            found.add(value)
        elif "://" in value and (login := LOGIN.search(value)):
            found.add(login["password"])
    spellings = {
        spelling
        for value in found
        for spelling in (value, quote(value, safe=""), quote_plus(value), unquote(value))
    }
    hidden = [text for text in spellings if len(text) >= SHORTEST and not HARMLESS.fullmatch(text)]
    return sorted(hidden, key=lambda text: (-len(text), text))


@cache
def _names_secret(variable: str) -> bool:
    return bool(SECRET_NAME.search(variable))


def holds_password(uri: str) -> bool:
    """Whether a URI of the settings holds a password in plain text, instead of naming a
    variable.
    """
    return any(not _is_reference(login["password"]) for login in LOGIN.finditer(uri)) or bool(
        PARAMETER.search(uri)
    )


def _is_reference(text: str) -> bool:
    return (
        bool(VARIABLE.fullmatch(text)) or (text.startswith("${") and text.endswith("}")) or not text
    )


def with_environment(key: str, uri: str) -> str:
    """Put the environment's values in for each $NAME; raises ConfigError naming the variable that
    is not set.

    A variable that is a whole URI goes in as it is; any other is spelt as URIs want it.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] not in os.environ:
            raise ConfigError(
                f"{key}={uri} needs the environment variable {found[1]}; export it, or put it in "
                ".env"
            )
        text = os.environ[found[1]]
        return text if "://" in text else quote(text, safe="")

    return VARIABLE.sub(value, uri)
