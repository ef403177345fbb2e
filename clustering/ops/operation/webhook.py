"""Sends a message to a web address, with a time limit."""

from __future__ import annotations

import json
import threading
import time
from typing import Any
from urllib.parse import urlsplit

from clustering.config import Alerts

PAUSE = 0.5  # seconds before the second attempt; doubles with each further one
WORTH_ANOTHER = (408, 425, 429)  # besides 5xx


def send(address: str, message: dict[str, Any], settings: Alerts) -> str | None:
    """POST `message` as JSON; give None when it arrived, else why not, in words that do not hold
    the address.

    Redirects are not followed and count as not sent: the message must not go to another address.
    Takes `timeout` seconds per attempt plus the pauses between them at most, even where the other
    side answers one byte at a time: the thread that waits for it does not keep the process alive.
    """
    if urlsplit(address).scheme not in ("http", "https"):
        return "the address does not begin with http:// or https://"
    outcome: list[str | None] = []
    thread = threading.Thread(
        target=lambda: outcome.append(_attempts(address, message, settings)), daemon=True
    )
    thread.start()
    pauses = PAUSE * (2 ** (settings.attempts - 1) - 1)
    thread.join(settings.timeout * settings.attempts + pauses + 1)
    return (
        outcome[0]
        if outcome
        else f"no answer within {settings.timeout:g} s, {settings.attempts} times"
    )


def _attempts(address: str, message: dict[str, Any], settings: Alerts) -> str | None:
    # imported here because TLS takes longer to import than a run where everything is fresh
    from http.client import HTTPException
    from urllib.error import HTTPError
    from urllib.request import HTTPRedirectHandler, Request, build_opener

    class NotFollowed(HTTPRedirectHandler):
        def redirect_request(self, *_: Any) -> None:
            return None

    opener = build_opener(NotFollowed)
    request = Request(  # noqa: S310 # the address was checked
        address, json.dumps(message).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    reason = None
    for attempt in range(settings.attempts):
        if attempt:
            time.sleep(PAUSE * 2 ** (attempt - 1))
        try:
            with opener.open(request, timeout=settings.timeout):
                return None
        except HTTPError as error:
            error.close()
            reason = f"it answered {error.code}"
            if error.code < 500 and error.code not in WORTH_ANOTHER:
                return reason
        except (OSError, HTTPException, ValueError) as error:
            reason = str(getattr(error, "reason", None) or error) or type(error).__name__
    return f"{reason}, {settings.attempts} times"
