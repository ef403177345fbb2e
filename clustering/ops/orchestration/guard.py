"""Dagster's web server behind a guard, in Dagster's own environment.

Dagster trusts whoever can reach its port, and every page open in a browser can reach a port of the
same machine: it may post a form there, or resolve its own name to 127.0.0.1. So a request is only
let through if it was made for this very address (Host), by a page of this very address or by no
page (Origin, Sec-Fetch-Site), and if what it posts is JSON, which another page's form cannot be.
Beyond loopback a token is asked for as well.

    python -m clustering.ops.orchestration.guard --module-name MODULE --host HOST --port PORT
"""

import ipaddress
import os
import secrets
import sys
from collections.abc import Awaitable, Callable
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs

TOKEN = "CLUSTERING_UI_TOKEN"  # noqa: S105 # the name of a variable
COOKIE = "clustering_token"
HARMLESS = ("GET", "HEAD", "OPTIONS")
Scope = dict[str, Any]
Asgi = Callable[[Scope, Any, Any], Awaitable[None]]


class Guard:
    """An ASGI application that refuses what was not asked for by its own pages."""

    def __init__(self, app: Asgi, host: str, port: int, token: str = "") -> None:
        self.app, self.port, self.token = app, port, token
        self.names = {"127.0.0.1", "localhost", "[::1]"} if is_loopback(host) else None

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Hand the request on, or refuse it with 403 and the reason."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        if reason := self._reason(scope, headers):
            await _refuse(scope, send, reason)
        elif self.token and (granted := _query_token(scope)) == self.token:
            await _redirect(scope, send, granted)
        else:
            await self.app(scope, receive, send)

    def _reason(self, scope: Scope, headers: dict[str, str]) -> str | None:
        """Why a request is refused; None where it is not."""
        method = scope.get("method", "GET")
        host, origin = headers.get("host", ""), headers.get("origin")
        if self.names is not None and host not in self._hosts():
            return f"the address {host!r} is not this server's"
        if origin is not None and origin not in (f"http://{host}", f"https://{host}"):
            return f"requests of pages from {origin!r} are refused"
        if scope["type"] == "websocket" and origin is None:
            return "a websocket needs an Origin"
        if method not in HARMLESS:
            if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
                return "requests of other pages are refused"
            if headers.get("content-type", "").split(";")[0].strip() != "application/json":
                return "only JSON is accepted"
        elif scope["path"].rstrip("/").endswith("/graphql") and b"query=" in scope["query_string"]:
            return "queries must be posted"
        if self.token and not secrets.compare_digest(
            _token(scope, headers).encode(), self.token.encode()
        ):
            return f"the token in ${TOKEN} is needed: open /?token=..."
        return None

    def _hosts(self) -> set[str]:
        return {f"{name}:{self.port}" for name in self.names or ()}


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _token(scope: Scope, headers: dict[str, str]) -> str:
    """The token a request brings: in its address, as a bearer, or in the cookie set by the first
    visit.
    """
    if bearer := headers.get("authorization", "").removeprefix("Bearer ").strip():
        return bearer
    cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    return _query_token(scope) or (cookie.value if cookie else "")


def _query_token(scope: Scope) -> str:
    found: list[str] = parse_qs(scope["query_string"].decode()).get("token", [""])
    return found[0]


async def _refuse(scope: Scope, send: Any, reason: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": reason[:100]})
        return
    await _answer(send, 403, [(b"content-type", b"text/plain; charset=utf-8")], reason)


async def _redirect(scope: Scope, send: Any, token: str) -> None:
    """Keep the token in a cookie, and show the address without it."""
    cookie = f"{COOKIE}={token}; HttpOnly; SameSite=Strict; Path=/"
    headers = [(b"location", scope["path"].encode()), (b"set-cookie", cookie.encode())]
    await _answer(send, 303, headers, "")


async def _answer(send: Any, status: int, headers: list[tuple[bytes, bytes]], text: str) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": text.encode()})


def main(words: list[str]) -> None:
    """Run dagster-webserver with its own options, behind the guard."""
    from dagster_webserver import cli

    host, port = _option(words, "--host", "127.0.0.1"), int(_option(words, "--port", "3000"))
    token = "" if is_loopback(host) else os.environ.get(TOKEN, "")
    if not is_loopback(host) and not token:
        sys.exit(f"error: --host {host} can be reached by others; set ${TOKEN} to a secret")
    make = cli.create_app_from_workspace_process_context
    cli.create_app_from_workspace_process_context = lambda *given, **options: Guard(
        make(*given, **options), host, port, token
    )
    cli.cli(words, auto_envvar_prefix="DAGSTER_WEBSERVER")


def _option(words: list[str], name: str, default: str) -> str:
    return words[words.index(name) + 1] if name in words else default


if __name__ == "__main__":
    main(sys.argv[1:])
