"""The scripts that draw charts in a browser: Vega, Vega-Lite and Vega-Embed, as one text."""

from __future__ import annotations

import os
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

from clustering.store.atomic import write_text

WHOLE: Any = None  # what to bundle: None is the default, but its stub wants a text


def vega_script() -> str:
    """Give the scripts, ready to stand in a page; kept in the user's cache, as bundling takes
    longer than a page does.
    """
    kept = _kept()
    with suppress(OSError):
        return kept.read_text(encoding="utf-8")
    script = _bundled()
    with suppress(OSError):  # a cache that cannot be written costs time, nothing else
        write_text(kept, script)
    return script


def _kept() -> Path:
    """A file for every version of what bundles, so that none goes stale."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))  # noqa: PTH111 - knows no home: no error
    return cache / "clustering" / f"vega-of-vl-convert-{version('vl-convert-python')}.js"


def _bundled() -> str:
    import vl_convert

    return vl_convert.javascript_bundle(WHOLE).replace("</script", "<\\/script")
