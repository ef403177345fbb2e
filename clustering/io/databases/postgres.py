"""PostgreSQL: postgresql://user@host:port/database."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from adbc_driver_postgresql import dbapi

from clustering.errors import ConfigError
from clustering.io.databases.adbc import AdbcDatabase

LOCK_TIMEOUT = "60s"  # unless the user, the role or PGOPTIONS="-c lock_timeout=..." set another


class Postgres(AdbcDatabase):
    """Reads by COPY in the binary format, in batches; libpq's variables (PGPASSWORD, PGSSLMODE ...)
    count, too. Waits LOCK_TIMEOUT at most for a table that another transaction has locked.
    """

    def __init__(self, uri: str) -> None:
        plain = "postgresql://" + uri.split("://", 1)[1]
        parts = urlsplit(plain)
        if (
            plain.count("@") > 1 or "@" in parts.path or not _has_port(parts)
        ):  # libpq would quote pieces of the password
            raise ConfigError(
                "a postgresql:// URI cannot be read; is a / or @ in the password not spelt %2F, "
                "%40?"
            )
        host = f"{parts.hostname or 'localhost'}:{parts.port or 5432}"
        super().__init__(f"postgresql://{host}{parts.path}", lambda: _connected(plain))


def _connected(uri: str) -> dbapi.Connection:
    connection = dbapi.connect(uri)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT set_config('lock_timeout', '{LOCK_TIMEOUT}', false) "
            "WHERE current_setting('lock_timeout') = '0'"
        )
        cursor.fetchall()
    return connection


def _has_port(parts: SplitResult) -> bool:
    try:
        return parts.port is None or parts.port > 0
    except ValueError:
        return False
