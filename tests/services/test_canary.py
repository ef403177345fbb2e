"""A password and a token in the environment appear in nothing that a run prints or writes, whether
it ends well or not.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest

from tests.conftest import Result, command_in
from tests.services.conftest import PASSWORD, TOKEN, fill, sample_tables
from tests.services.servers import PostgresServer

SPELLINGS = [
    text.encode() for secret in (PASSWORD, TOKEN) for text in (secret, quote(secret, safe=""))
]
# the piece that is left where a driver takes a password with / and @ apart
PIECES = [b"canary-Pa55", b"w@rd:1", b"w%40rd"]


@pytest.fixture
def environment(shop: PostgresServer) -> dict[str, str]:
    """Secrets in every form a user may export them."""
    return {
        "SHOP_PASSWORD": PASSWORD,
        "SHOP_TOKEN": TOKEN,
        "SHOP_ADDRESS": _address(PASSWORD, shop.port),
        "BROKEN_ADDRESS": f"postgresql://analyst:{PASSWORD}@127.0.0.1:{shop.port}/postgres",
        "WRONG_ADDRESS": _address(PASSWORD + "x", shop.port),
    }


def _address(password: str, port: int) -> str:
    return f"postgresql://analyst:{quote(password, safe='')}@127.0.0.1:{port}/postgres"


def leaks(folder: Path, done: Result) -> list[str]:
    """Where a secret is in what a command printed or wrote."""
    seen = {"stdout": done.out.encode(), "stderr": done.err.encode()}
    seen |= {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    return [
        f"{text.decode()} in {name}"
        for name, content in seen.items()
        for text in SPELLINGS + PIECES
        if text in content
    ]


BOTH = ("source=postgres", "sink=postgres")
INTERPOLATED = "${oc.env:SHOP_ADDRESS}"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (
            ("run", *BOTH, "source.uri=$SHOP_ADDRESS", "sink.uri=$SHOP_ADDRESS", "log.level=debug"),
            0,
        ),
        (
            (
                "run",
                "-m",
                *BOTH,
                "source.uri=$SHOP_ADDRESS",
                "sink.uri=$SHOP_ADDRESS",
                "model.k_max=3,4",
            ),
            0,
        ),
        (("train", "--cfg", "all", "source=postgres", f"source.uri='{INTERPOLATED}'"), 0),
        (
            (
                "train",
                "--cfg",
                "job",
                "--resolve",
                "source=postgres",
                f"source.uri='{INTERPOLATED}'",
            ),
            0,
        ),
        (("train", "--info", "all", "source=postgres", f"source.uri='{INTERPOLATED}'"), 0),
        (("preprocess", "source=postgres", f"source.uri='{INTERPOLATED}'", "--debug"), 2),
        (
            (
                "preprocess",
                "source=postgres",
                f"source.uri='postgresql://analyst:{PASSWORD}@h/db'",
                "--debug",
            ),
            2,
        ),
        (("preprocess", "source=postgres", "source.uri=$BROKEN_ADDRESS", "--debug"), 2),
        (("preprocess", "source=postgres", "source.uri=$WRONG_ADDRESS", "--debug"), 3),
        (
            (
                "preprocess",
                "source=postgres",
                "source.uri=$SHOP_ADDRESS",
                "source.sales=absent",
                "--debug",
            ),
            3,
        ),
        (("run", *BOTH, "source.uri=$SHOP_ADDRESS", "sink.uri=$WRONG_ADDRESS", "--debug"), 4),
    ],
)
def test_no_secret_is_seen(
    words: tuple[str, ...],
    code: int,
    sample_dir: Path,
    shop: PostgresServer,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    fill(shop.uri_of_variables, sample_tables(sample_dir))
    done = command_in(tmp_path, *words, env=environment)
    assert done.code == code, done.err
    assert leaks(tmp_path, done) == []


def test_secrets_from_dotenv_are_not_seen_either(
    sample_dir: Path, shop: PostgresServer, tmp_path: Path
) -> None:
    fill(shop.uri_of_variables, sample_tables(sample_dir))
    (tmp_path / ".env").write_text(f"MY_SECRET='{PASSWORD}'\n")
    uri = shop.uri_of_variables.replace("SHOP_PASSWORD", "MY_SECRET")
    done = command_in(tmp_path, "run", *BOTH, f"source.uri='{uri}'", f"sink.uri='{uri}'")
    assert done.code == 0, done.err
    (tmp_path / ".env").unlink()
    assert leaks(tmp_path, done) == []
