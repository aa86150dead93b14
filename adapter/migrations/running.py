"""Bringing a database to the tables of this version of the program, from code.

Alembic keeps the order of the revisions and the number of the last one in the database; there is no alembic.ini and no
env.py, since a program that is installed has no place for them. An upgrade is one transaction on both databases, and
of processes that start at the same time one upgrades while the others wait.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, RevisionStep
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, select

from ..store.engine import read, write
from .tables import METADATA

_LOCK = 0x6D657A68
"""Number of the PostgreSQL advisory lock for upgrades: the letters "mezh"."""


class SchemaMismatch(Exception):  # noqa: N818  named for what is wrong
    """The tables of the database are not those of this version of the program."""

    code = "SCHEMA_MISMATCH"

    def __init__(self, found: str | None, wanted: str, advice: str) -> None:
        """`found` is the revision of the database, None if it was never made."""
        super().__init__(f"the database is at revision {found or 'none'}, the program needs {wanted}: {advice}")
        self.found = found
        self.wanted = wanted


class DatabaseMissing(SchemaMismatch):
    """The file of an SQLite database is not there; a connection would make it, so none was made."""

    def __init__(self, wanted: str, path: str) -> None:
        """`path` is where the file was looked for."""
        advice = "name the node's settings with --config, or make it with `mezhved migrate`"
        super().__init__(None, wanted, advice)
        self.args = (f"there is no database {path}: {advice}",)


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Creates the tables, or brings them to a revision, if not to the newest one; does nothing if they are there.

    Raises SchemaMismatch if the database was made by a newer version of the program.
    """
    script = scripts()
    with write(engine) as conn:
        if conn.dialect.name == "postgresql":
            conn.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        _refuse_newer(script, _revision(conn))
        run(conn, script, revision)


def current(engine: Engine) -> str | None:
    """The revision of the database; None if it was never made."""
    with read(engine) as conn:
        return _revision(conn)


def newest() -> str:
    """The revision that this version of the program needs."""
    return _head(scripts())


def pending(engine: Engine) -> Sequence[str]:
    """The revisions that `upgrade` would apply, oldest first."""
    script, found = scripts(), current(engine)
    _refuse_newer(script, found)
    return [step.revision for step in reversed(list(script.iterate_revisions("head", found or "base")))]


def check(engine: Engine) -> None:
    """Raises SchemaMismatch unless the database is at the newest revision; to look does not make one."""
    script = scripts()
    wanted, path = _head(script), engine.url.database or ""
    if engine.dialect.name == "sqlite" and not Path(path).is_file():
        raise DatabaseMissing(wanted, path)
    found = current(engine)
    _refuse_newer(script, found)
    if found != wanted:
        raise SchemaMismatch(found, wanted, "run `mezhved migrate`")


def differences(engine: Engine) -> Sequence[Any]:
    """In what the tables of the database differ from those declared, in Alembic's terms; empty when they are equal."""
    with read(engine) as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, METADATA))  # type: ignore[arg-type]


def scripts() -> ScriptDirectory:
    """The revisions."""
    return ScriptDirectory(str(Path(__file__).parent), file_template="v%(rev)s_%(slug)s")


def run(conn: Connection, script: ScriptDirectory, revision: str = "head") -> None:
    """Applies what is missing, within the caller's transaction."""

    def steps(found: Any, _context: MigrationContext) -> list[RevisionStep]:
        return script._upgrade_revs(revision, found)

    with EnvironmentContext(Config(), script, fn=steps, as_sql=False) as environment:
        environment.configure(connection=conn, transactional_ddl=True)
        environment.run_migrations()


def _revision(conn: Connection) -> str | None:
    return MigrationContext.configure(conn).get_current_revision()


def _head(script: ScriptDirectory) -> str:
    head = script.get_current_head()
    if head is None:
        raise LookupError("the program was installed without its revisions")
    return head


def _refuse_newer(script: ScriptDirectory, found: str | None) -> None:
    if found is not None and found not in {revision.revision for revision in script.walk_revisions()}:
        raise SchemaMismatch(found, _head(script), "the database is of a newer version of the program")
