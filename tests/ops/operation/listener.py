"""A web server on loopback that keeps what is posted to it and answers as it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Listener:
    """`answers` are status codes, used up one a request, then 200; None leaves the request
    unanswered.
    """

    def __init__(self, *answers: int | None) -> None:
        self.answers = list(answers)
        self.received: list[Any] = []
        self.address = ""
        self.closing = threading.Event()


@contextmanager
def listening(*answers: int | None) -> Iterator[Listener]:
    """Give a listener whose server runs meanwhile."""
    listener = Listener(*answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            listener.received.append(
                json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            )
            code = listener.answers.pop(0) if listener.answers else 200
            if code is None:
                listener.closing.wait(30)
                return
            self.send_response(code)
            if code == 302:
                self.send_header("Location", listener.address.replace("/hook", "/elsewhere"))
            self.end_headers()

        def log_message(self, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.address = f"http://127.0.0.1:{server.server_port}/hook/canary-token-51"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield listener
    finally:
        listener.closing.set()
        server.shutdown()
        server.server_close()
