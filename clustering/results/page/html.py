"""The page as one file: the compiled application, the first screen's data, then the blocks."""

from __future__ import annotations

import base64
import hashlib
from html import escape
from pathlib import Path

from clustering.results.page.content.content import Content
from clustering.results.page.deflated import deflated_blocks, script_json

BUNDLE = Path(__file__).parent / "bundle"
POLICY = (
    "default-src 'none'; script-src {script}; style-src 'unsafe-inline'; font-src data:; "
    "img-src data: blob:; base-uri 'none'; form-action 'none'"
)


def page_html(content: Content, mark: str) -> str:
    """The text of the page; `mark` says what it was made from (marks.made_from).

    Nothing in it may be fetched, and no script but its own runs (content security policy).
    """
    script = (BUNDLE / "page.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = POLICY.format(script=f"'sha256-{digest}'")
    blocks = deflated_blocks(content.blocks)
    outline = BUNDLE / "outline.txt"
    if content.blocks["stores"]["latitude"]:
        blocks["outline"] = outline.read_text(encoding="ascii")
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="en"><head><meta charset="utf-8"><meta name="made-from" content="{mark}">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f'<meta http-equiv="Content-Security-Policy" content="{escape(policy)}">',
            '<title>Store clusters</title><link rel="icon" href="data:,">',
            f"<style>{(BUNDLE / 'page.css').read_text(encoding='utf-8')}</style></head>",
            '<body><div id="app"></div><div id="print"></div>',
            "<noscript>This page draws its tables with JavaScript. The same tables are beside it, "
            "in the folder tables.</noscript>",
            f'<script type="application/json" id="data">{script_json(content.main)}</script>',
            f"<script>{script}</script>",
            *(
                f'<script type="text/plain" id="{name}">{block}</script>'
                for name, block in blocks.items()
            ),
            "</body></html>",
        ]
    )
