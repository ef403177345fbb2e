"""The compiled page, built anew from its sources."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from clustering.results.page.html import BUNDLE


def test_component_tests_pass_and_the_bundle_comes_out_byte_for_byte(tmp_path: Path):
    page = BUNDLE.parent
    app = tmp_path / "app"
    shutil.copytree(page / "app", app, ignore=shutil.ignore_patterns("node_modules"))
    shutil.copytree(BUNDLE, tmp_path / "bundle")
    for command in (["ci", "--no-audit", "--no-fund"], ["run", "check"], ["test"]):
        done = subprocess.run(
            ["npm", *command], cwd=app, capture_output=True, text=True, check=False, timeout=600
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
