"""The colours of the page for slides and workbooks: one hue a mix, one shade a cluster."""

from __future__ import annotations

from typing import Any

MIXES = ("6FA8DC", "EAB14C", "8FD6AE", "E58BB0", "C8C8CC", "B3E6EA", "BFC06A", "C9A58A")
SHADES = (1.0, 0.74, 0.54, 0.40, 0.30)
INK, SOFT, RULE, ACCENT, WASH = "16191D", "535B64", "DDE0E4", "0B57A4", "F5F6F7"
MORE, LESS = "00736B", "B0591C"


def colour_of(cluster: dict[str, Any]) -> str:
    """RRGGBB of a cluster (Cluster of the page's types.ts): its mix's hue, the lighter the later
    it stands in it.
    """
    hue, part = MIXES[cluster["mix"] % len(MIXES)], SHADES[min(cluster["shade"], len(SHADES) - 1)]
    channels = (int(hue[at : at + 2], 16) for at in (0, 2, 4))
    return "".join(f"{round(255 - part * (255 - channel)):02X}" for channel in channels)
