"""Names as a reader wants them: the retailer's own labels, else the raw name made tidy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from clustering.config import Read, restored
from clustering.methods.explanation.labels import proposed_label
from clustering.store.manifest import Manifest


@dataclass(frozen=True)
class ReadableLabels:
    """Labels by kind (category, need_state, attribute) and raw name."""

    known: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def of(self, kind: str, raw: str) -> str:
        """The label of a name; of a level such as "format=express" that of the attribute, with the
        level.
        """
        if (kind, raw) in self.known:
            return self.known[kind, raw]
        name, _, level = raw.partition("=") if kind == "attribute" else (raw, "", "")
        label = self.known.get((kind, name)) or tidy(name)
        return f"{label}: {level}" if level not in ("", "true") else label


def labels_of(manifest: Manifest | None) -> ReadableLabels:
    """The labels that the merge was given (source.labels), read as it read them; none where the
    file is gone. Raises DataError where it is no table of labels any more.
    """
    from clustering.io.sources.optional import LABELS, read_labels

    if manifest is None:
        return ReadableLabels()
    files = manifest.inputs.get("labels", [])
    known: dict[tuple[str, str], str] = {}
    for path in (file.path for file in files if Path(file.path).is_file()):
        table = read_labels(path, restored(Read, manifest.config["source"]["read"]))
        rows = table.drop_nulls(LABELS).select(LABELS).iter_rows()
        known |= {(kind, raw): label for kind, raw, label in rows}
    return ReadableLabels(known)


def tidy(raw: str) -> str:
    """The name SOFT_DRINKS becomes Soft drinks; a name that is written with care stays as it is."""
    if "_" in raw or raw == raw.upper():
        return proposed_label(raw)
    spaced = re.sub(r"\s+", " ", raw).strip()
    return spaced[:1].upper() + spaced[1:]
