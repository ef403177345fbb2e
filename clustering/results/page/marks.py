"""Where pages are, and what results they show; asked by every `run`, so nothing that draws is
loaded here.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from clustering.registry import STAGES
from clustering.store.catalog import Catalog


def made_from(catalog: Catalog, room: Path = Path(__file__).parent) -> str:
    """A mark of the results as they are, and of the code in `room` that shows them; what carries it
    is made once.
    """
    manifests = (catalog.manifest(stage) for stage in STAGES)
    marks = [manifest.fingerprint + manifest.run_id for manifest in manifests if manifest]
    drawing = [
        path.read_bytes()
        for path in sorted([*room.glob("bundle/*"), *room.glob("*.py"), *room.glob("content/*.py")])
    ]
    return hashlib.sha256(b"".join([*(mark.encode() for mark in marks), *drawing])).hexdigest()[:16]


def is_current(page: Path, catalog: Catalog) -> bool:
    """Whether the page shows the results as they are."""
    if not page.is_file():
        return False
    with page.open(encoding="utf-8") as lines:
        return made_from(catalog) in lines.read(400)


def page_folder(output_dir: str, env: str) -> Path:
    """Where the page of an environment is."""
    return Path(output_dir) / "report" / env
