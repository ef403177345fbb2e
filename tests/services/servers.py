"""Servers of the tests' own, on loopback: started when a test needs one, stopped with the
session.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

from tests.conftest import PATIENCE

DEBIAN = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _program(name: str) -> str:
    found = shutil.which(name) or next(
        (str(folder / name) for folder in reversed(DEBIAN) if (folder / name).exists()), None
    )
    assert found, f"{name} is not installed: apt-get install postgresql"
    return found


@dataclass
class PostgresServer:
    """A cluster in a folder of its own. PostgreSQL refuses root, so as root it belongs to the user
    postgres.
    """

    password: str
    port: int = field(default_factory=free_port)
    folder: Path = field(
        default_factory=lambda: Path(tempfile.mkdtemp(prefix="clustering-postgres-"))
    )

    def __post_init__(self) -> None:
        secret = self.folder / "secret"
        secret.write_text(self.password)
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "postgres", self.folder], check=True)
        self._as_postgres(
            "initdb",
            "-D",
            str(self.folder / "db"),
            "-U",
            "analyst",
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        )
        self.start()

    @property
    def uri(self) -> str:
        return f"postgresql://analyst:{self.password}@127.0.0.1:{self.port}/postgres"

    @property
    def uri_of_variables(self) -> str:
        return f"postgresql://analyst:$SHOP_PASSWORD@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 "
            f"-c unix_socket_directories={self.folder} -c fsync=off"
        )
        self._as_postgres(
            "pg_ctl",
            "-D",
            str(self.folder / "db"),
            "-o",
            options,
            "-l",
            str(self.folder / "log"),
            "-w",
            "-t",
            str(PATIENCE),
            "start",
        )

    def kill(self) -> None:
        """Stop as a power cut would: no goodbye to anyone."""
        self._as_postgres(
            "pg_ctl",
            "-D",
            str(self.folder / "db"),
            "-m",
            "immediate",
            "-w",
            "-t",
            str(PATIENCE),
            "stop",
        )

    def remove(self) -> None:
        if (self.folder / "db/postmaster.pid").exists():
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _as_postgres(self, program: str, *words: str) -> None:
        command = [_program(program), *words]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        done = subprocess.run(
            command, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
        )
        assert done.returncode == 0, done.stderr


@dataclass
class S3Server:
    """moto's server: the S3 protocol in memory."""

    secret: str
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(10 * PATIENCE):
            try:
                urlopen(f"{self.address}/moto-api/", timeout=60).close()
                return
            except OSError:
                assert self._process.poll() is None, "moto's server ended"
                time.sleep(0.1)
        raise AssertionError("moto's server does not answer")

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def env(self) -> dict[str, str]:
        """What a user would export."""
        return {
            "AWS_ENDPOINT_URL": self.address,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "analyst",
            "AWS_SECRET_ACCESS_KEY": self.secret,
        }

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()
