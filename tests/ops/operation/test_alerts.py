"""What other people's systems get to see of hostile names."""

from __future__ import annotations

from clustering.ops.operation.alerts import _for_slack
from clustering.redaction import visible


def test_slack_shows_names_as_they_are() -> None:
    assert _for_slack("<!channel> R&D \x1b[31m") == "&lt;!channel&gt; R&amp;D \\x1b[31m"


def test_control_characters_are_shown_as_codes() -> None:
    assert visible("a\x1b]0;owned\x07\u202eb\tc\nd") == "a\\x1b]0;owned\\x07\\x202eb\tc\nd"
