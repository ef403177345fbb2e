"""The scripts that draw are bundled once."""

from __future__ import annotations

import pytest

from clustering.results.page import vega


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_scripts_are_bundled_once_and_kept(cache, monkeypatch):
    script = vega.vega_script()
    assert "window.vegaEmbed" in script
    assert "</script" not in script
    monkeypatch.setattr(vega, "_bundled", lambda: pytest.fail("it is in the cache"))
    assert vega.vega_script() == script
    assert [path.suffix for path in (cache / "clustering").iterdir()] == [".js"]


def test_another_version_is_bundled_anew(cache, monkeypatch):
    monkeypatch.setattr(vega, "_bundled", lambda: "old")
    assert vega.vega_script() == "old"
    monkeypatch.setattr(vega, "version", lambda _: "99")
    monkeypatch.setattr(vega, "_bundled", lambda: "new")
    assert vega.vega_script() == "new"


def test_a_cache_that_cannot_be_written_costs_only_time(cache, monkeypatch):
    cache.write_text("a file where the folder should be")
    monkeypatch.setattr(vega, "_bundled", lambda: "script")
    assert vega.vega_script() == "script"
