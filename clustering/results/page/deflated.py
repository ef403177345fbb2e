"""Data as the page carries it: JSON in which nothing can end its script, and deflated blocks."""

from __future__ import annotations

import base64
import json
import zlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

LEVEL = 6


def script_json(value: Any) -> str:
    """JSON that may stand in a script element; raises ValueError for what is not finite."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character, escape in (("<", "\\u003c"), ("\u2028", "\\u2028"), ("\u2029", "\\u2029")):
        text = text.replace(character, escape)
    return text


def deflated(value: Any) -> str:
    """JSON, raw deflate (RFC 1951), base64."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    packer = zlib.compressobj(LEVEL, wbits=-15)
    return base64.b64encode(packer.compress(text.encode()) + packer.flush()).decode()


def deflated_blocks(blocks: dict[str, Any]) -> dict[str, str]:
    """Every block deflated, in the same order."""
    with ThreadPoolExecutor() as threads:  # zlib lets other threads run
        return dict(zip(blocks, threads.map(deflated, blocks.values()), strict=True))
