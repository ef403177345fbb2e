from __future__ import annotations

import socket

import pytest

from clustering.config import Alerts
from clustering.ops.operation.webhook import send
from tests.ops.operation.listener import listening

TWICE = Alerts(timeout=60, attempts=2)  # seconds; only silence takes so long


def test_message_arrives_after_the_server_recovers() -> None:
    with listening(503, 500) as listener:
        assert send(listener.address, {"text": "hello"}, Alerts(timeout=60, attempts=3)) is None
    assert listener.received == [{"text": "hello"}] * 3


@pytest.mark.parametrize(("code", "attempts"), [(302, 1), (404, 1), (403, 1), (429, 2), (500, 2)])
def test_refusals_are_final_and_failures_are_tried_again(code: int, attempts: int) -> None:
    with listening(*[code] * 5) as listener:
        problem = send(listener.address, {}, TWICE)
    assert problem is not None
    assert str(code) in problem
    assert len(listener.received) == attempts


def test_silent_server_is_given_up() -> None:
    with listening(None, None) as listener:
        problem = send(listener.address, {}, Alerts(timeout=0.3, attempts=2))
    assert problem is not None
    assert "timed out" in problem


def test_nobody_there_is_said_without_the_address() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/secret-path"
    for wrong in (address, "ftp://secret-path", "http://secret-path:port", "secret-path"):
        problem = send(wrong, {}, TWICE)
        assert problem
        assert "secret-path" not in problem
