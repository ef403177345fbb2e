"""Errors about missing packages show a command that works where this package came from."""

from __future__ import annotations

import json
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from clustering import errors

ROOT = Path(errors.__file__).parents[1]


def _hint() -> str:
    return str(errors.missing_extra("executor=dask", "dask")).rpartition("pip install ")[2]


def test_from_a_checkout_the_checkout_is_installed_again() -> None:
    assert _hint() == f'-e "{ROOT}[dask]"'


@pytest.mark.parametrize(
    ("origin", "hint"),
    [
        (None, '"clustering[dask]"'),
        ({"url": "file:///tmp/c.whl"}, '"clustering[dask] @ file:///tmp/c.whl"'),
        (
            {"url": "https://host/c", "vcs_info": {"vcs": "git", "commit_id": "abc"}},
            '"clustering[dask] @ git+https://host/c@abc"',
        ),
    ],
)
def test_an_installed_package_is_named_by_its_origin(
    origin: dict[str, object] | None, hint: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(errors, "__file__", str(tmp_path / "clustering/errors.py"))
    recorded = json.dumps(origin) if origin else None
    found = SimpleNamespace(read_text=lambda name: recorded)
    monkeypatch.setattr(metadata, "distribution", lambda name: found)
    assert _hint() == hint


def test_every_hint_names_an_extra_that_exists() -> None:
    import re
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"][
        "optional-dependencies"
    ]
    text = "\n".join(path.read_text() for path in (ROOT / "clustering").rglob("*.py"))
    named = set(re.findall(r'missing_extra\([^)]*, "([\w-]+)"\)', text))
    assert len(named) >= 7
    assert named <= set(extras)
