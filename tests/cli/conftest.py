"""Windows has no pseudo-terminals in which Bash and Zsh could be tried."""

from __future__ import annotations

import sys

collect_ignore = ["test_completion.py"] if sys.platform == "win32" else []
