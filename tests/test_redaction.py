"""What is blotted out of text, and what is not."""

from __future__ import annotations

import pytest

from clustering.errors import ConfigError
from clustering.redaction import holds_password, redacted, with_environment


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("cannot reach postgresql://ann:hunter2@db/shop", "cannot reach postgresql://***@db/shop"),
        ("postgresql://ann:p@ss/w@db/shop", "postgresql://***@db/shop"),
        ("postgresql://ann:$PGPASSWORD@db/shop", "postgresql://ann:$PGPASSWORD@db/shop"),
        ("https://x/blob?sig=abc&v=1", "https://x/blob?sig=***&v=1"),
        ("the value tulips-42 and tulips%2D42", "the value *** and tulips%2D42"),
        ("https://host:8080/a@b", "https://host:8080/a@b"),
        ("nothing of the sort: a@b", "nothing of the sort: a@b"),
    ],
)
def test_text_is_shown_without_secrets(
    text: str, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TOKEN", "tulips-42")
    assert redacted(text) == seen


def test_password_inside_an_address_of_the_environment_is_a_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_ADDRESS", "postgresql://ann:p%40ssword@db/shop")
    assert (
        redacted("libpq stumbled over p@ssword and p%40ssword") == "libpq stumbled over *** and ***"
    )


def test_only_plain_passwords_are_refused() -> None:
    assert holds_password("source.uri=postgresql://ann:hunter2@db/shop")
    assert holds_password("postgresql://db/shop?password=hunter2")
    assert not holds_password("postgresql://ann:$PGPASSWORD@db/shop")
    assert not holds_password("postgresql://ann@db/shop")
    assert not holds_password("s3://bucket/key=1/sales.parquet")


def test_variables_are_spelt_as_uris_want_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "p@ss/word")
    assert (
        with_environment("source.uri", "postgresql://ann:$PGPASSWORD@db/x")
        == "postgresql://ann:p%40ss%2Fword@db/x"
    )
    with pytest.raises(
        ConfigError,
        match=r"source\.uri=\$ABSENT_ADDRESS needs the environment variable ABSENT_ADDRESS",
    ):
        with_environment("source.uri", "$ABSENT_ADDRESS")
