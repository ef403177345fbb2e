"""What other people's systems get to see of hostile names."""

from __future__ import annotations

import re

import pytest

from clustering.ops.operation.alerts import _for_slack
from clustering.redaction import visible
from tests import hostile


def test_slack_shows_names_as_they_are() -> None:
    assert _for_slack("<!channel> R&D \x1b[31m") == "&lt;!channel&gt; R&amp;D \\x1b[31m"


def test_control_characters_are_shown_as_codes() -> None:
    assert visible("a\x1b]0;owned\x07\u202eb\tc\nd") == "a\\x1b]0;owned\\x07\\x202eb\tc\nd"


@pytest.mark.parametrize("name", hostile.NAMES)
def test_a_hostile_name_is_only_text_to_slack_and_to_a_terminal(name: str) -> None:
    assert not re.search(r"[<>]|&(?!(amp|lt|gt);)", _for_slack(name))
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", visible(name))
