from __future__ import annotations

import pytest

from clustering.redaction import redacted, redacted_value


def test_credentials_of_the_environment_and_of_addresses_are_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "sw0rd/fish")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")
    monkeypatch.setenv("WAREHOUSE_URI", "postgresql://anna:geheim77@db/sales")
    text = "sw0rd/fish sw0rd%2Ffish wJalrXUtnFEMI geheim77 mysql://bob:other99@host/db https://host:8080/a@b"
    assert redacted(text) == "*** *** *** *** mysql://***@host/db https://host:8080/a@b"
    assert redacted_value({"a": ["geheim77", 3], "b": None}) == {"a": ["***", 3], "b": None}
