"""The log file of a run where the disk is full."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from clustering.ops.operation.run_log import RunFile


def test_a_log_on_a_full_disk_is_given_up_and_hides_no_other_error(
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler = RunFile(Path("/dev/full"))
    record = logging.LogRecord("clustering", logging.INFO, __file__, 1, "run started", None, None)
    handler.emit(record)
    handler.close()
    assert "/dev/full cannot be written" in capsys.readouterr().err
