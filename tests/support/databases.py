"""Fresh databases for tests: SQLite files, and PostgreSQL in a throw-away cluster of its own.

PostgreSQL comes from the server named in MEZHVED_TEST_POSTGRES (a URL whose user may create databases), else from the
distribution's package: a cluster in memory or in a temporary folder, on a Unix socket, with settings as in earnest.
Without either a test is skipped, saying what to install; where CI is set it fails instead.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path

import psycopg
import pytest
from mezhved.adapter.migrations import upgrade
from mezhved.adapter.store.engine import create_engine
from psycopg import sql
from sqlalchemy import URL, make_url

from .cluster import clusters, find_programs

KINDS = ("sqlite", "postgresql")
_MEMORY = Path("/dev/shm")
_ROOM = 3 << 30
"""Free octets that the cluster must find in memory: its log may grow to a gigabyte, and tests fill databases."""
_ABSENT = (
    "PostgreSQL is missing: install the package postgresql (Debian, Ubuntu), or name a server in "
    "MEZHVED_TEST_POSTGRES=postgresql+psycopg://USER@HOST/postgres"
)


class Databases:
    """Makes databases of both kinds; keeps one migrated database of each as a template to copy."""

    def __init__(self, folder: Path) -> None:
        """`folder` is for SQLite files. PostgreSQL is started when it is first needed."""
        self._folder = folder
        self._open = ExitStack()

    @contextmanager
    def fresh(self, kind: str, *, migrated: bool = True) -> Iterator[str]:
        """The URL of a database that nobody else uses; it is removed afterwards."""
        if kind == "sqlite":
            with tempfile.TemporaryDirectory(dir=self._folder) as folder:
                path = Path(folder) / "mezhved.sqlite3"
                if migrated:
                    shutil.copyfile(self._sqlite_template, path)
                yield f"sqlite:///{path}"
            return
        server = self._server
        name = server.create(self._postgres_template if migrated else None)
        try:
            yield server.url(name)
        finally:
            server.drop(name)

    def close(self) -> None:
        """Removes what was made, and stops PostgreSQL if it was started here."""
        self._open.close()

    @cached_property
    def _sqlite_template(self) -> Path:
        path = self._folder / "template.sqlite3"
        engine = create_engine(f"sqlite:///{path}")
        upgrade(engine)
        engine.dispose()  # the last connection that closes brings the write-ahead log into the file
        return path

    @cached_property
    def _postgres_template(self) -> str:
        server = self._server
        name = server.create(None)
        self._open.callback(server.drop, name)
        engine = create_engine(server.url(name))
        upgrade(engine)
        engine.dispose()  # a template must have no connections
        return name

    @cached_property
    def _server(self) -> "Server":
        found = self._open.enter_context(server())
        if found is None:
            if os.environ.get("CI"):
                pytest.fail(_ABSENT)
            pytest.skip(_ABSENT)
        return found


class Server:
    """A PostgreSQL server in which databases may be made."""

    def __init__(self, url: URL) -> None:
        """`url` names a database to connect to first."""
        self._url = url

    def url(self, name: str) -> str:
        """The URL of a database on this server."""
        return self._url.set(database=name).render_as_string(hide_password=False)

    def create(self, template: str | None) -> str:
        """A new database, empty or a copy; returns its name."""
        name = f"mezhved_test_{uuid.uuid4().hex}"
        with self._connect() as conn:
            conn.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                    sql.Identifier(name), sql.Identifier(template or "template0")
                )
            )
        return name

    def drop(self, name: str) -> None:
        """Removes a database, whoever is still connected."""
        with self._connect() as conn:
            conn.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def _connect(self) -> psycopg.Connection:
        dsn = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        return psycopg.connect(dsn, autocommit=True)


def _memory() -> Path | None:
    """A file system in memory with room for the cluster; None: there is none.

    Each test makes a database of some three hundred files and drops it: on a disk that takes longer than the test. That
    the server itself crashes is tested with clusters of their own, on the disk.
    """
    found = _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free >= _ROOM
    return _MEMORY if found else None


@contextmanager
def server() -> Iterator[Server | None]:
    """The PostgreSQL server for the tests; None where there is none."""
    if named := os.environ.get("MEZHVED_TEST_POSTGRES"):
        yield Server(make_url(named))
        return
    programs = find_programs()
    if programs is None:
        yield None
        return
    with clusters(programs, {}, within=_memory()) as (cluster,):
        cluster.create()
        cluster.start()
        yield Server(cluster.url)
