"""What the guard in front of Dagster lets through."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from clustering.ops.orchestration.guard import Guard, is_loopback

OWN = {"host": "127.0.0.1:3000"}
JSON = {"content-type": "application/json"}


async def _app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"dagster"})


def _ask(
    guard: Guard, headers: dict[str, str], method: str = "GET", path: str = "/", query: str = ""
) -> dict[str, Any]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    asyncio.run(guard(scope, None, send))
    return sent[0]


LOCAL = Guard(_app, "127.0.0.1", 3000)


@pytest.mark.parametrize(
    ("headers", "method", "path", "query"),
    [
        (OWN, "GET", "/", ""),
        ({"host": "localhost:3000"}, "GET", "/runs", ""),
        (OWN | JSON | {"origin": "http://127.0.0.1:3000"}, "POST", "/graphql", ""),
        (OWN | JSON, "POST", "/graphql", ""),
    ],
)
def test_its_own_pages_and_programs_are_served(
    headers: dict[str, str], method: str, path: str, query: str
) -> None:
    assert _ask(LOCAL, headers, method, path, query)["status"] == 200


@pytest.mark.parametrize(
    ("headers", "method", "path", "query"),
    [
        ({"host": "evil.example:3000"}, "GET", "/", ""),  # DNS rebinding
        ({"host": "127.0.0.1:3001"}, "GET", "/", ""),
        ({}, "GET", "/", ""),
        (OWN | JSON | {"origin": "http://evil.example"}, "POST", "/graphql", ""),
        (OWN | JSON | {"origin": "null"}, "POST", "/graphql", ""),
        (OWN | JSON | {"sec-fetch-site": "cross-site"}, "POST", "/graphql", ""),
        (OWN | {"content-type": "text/plain"}, "POST", "/graphql", ""),  # needs no preflight
        (OWN | {"content-type": "multipart/form-data; boundary=x"}, "POST", "/graphql", ""),
        (OWN, "POST", "/graphql", ""),
        (OWN, "GET", "/graphql", "query=mutation%7B%7D"),
    ],
)
def test_requests_of_other_pages_are_refused(
    headers: dict[str, str], method: str, path: str, query: str
) -> None:
    assert _ask(LOCAL, headers, method, path, query)["status"] == 403


def test_beyond_loopback_a_token_is_asked_for() -> None:
    open_ = Guard(_app, "0.0.0.0", 3000, "a long secret")
    anywhere = {"host": "server.example:3000"}
    assert _ask(open_, anywhere)["status"] == 403
    assert _ask(open_, anywhere, query="token=wrong")["status"] == 403
    first = _ask(open_, anywhere, query="token=a+long+secret")
    assert first["status"] == 303
    assert b"SameSite=Strict" in dict(first["headers"])[b"set-cookie"]
    assert _ask(open_, anywhere | {"authorization": "Bearer a long secret"})["status"] == 200


def test_which_addresses_only_this_machine_reaches() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "::1", "localhost")] == [True] * 3
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "10.0.0.5", "db")] == [False] * 4
