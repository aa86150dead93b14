"""For developers: writes the next revision from what the declared tables have that the revisions have not.

    python -m mezhved.adapter.migrations.revise "what changes, in a few words"

Read what it wrote before it is committed: a column renamed looks like one dropped and one added.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any, Literal

from alembic.autogenerate import RevisionContext
from alembic.autogenerate.api import AutogenContext
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext

from ...queue.columns import Identifier, Serial, UtcDateTime
from ..store.engine import create_engine, write
from .running import run, scripts
from .tables import METADATA


def revise(text: str) -> str:
    """Writes the revision and returns the path of its file."""
    script = scripts()
    number = f"{len(list(script.walk_revisions())) + 1:04}"
    arguments = {
        "message": text,
        "rev_id": number,
        "autogenerate": True,
        "sql": False,
        "head": "head",
        "splice": False,
        "branch_label": None,
        "version_path": None,
        "depends_on": None,
    }
    revision = RevisionContext(Config(), script, arguments)

    def compare(found: Any, context: Any) -> list[Any]:
        revision.run_autogenerate(found, context)
        return []

    with tempfile.TemporaryDirectory() as folder, write(create_engine(f"sqlite:///{folder}/empty")) as conn:
        run(conn, script)
        with EnvironmentContext(Config(), script, fn=compare, as_sql=False) as environment:
            environment.configure(
                connection=conn,
                target_metadata=METADATA,
                render_item=_render,
                transactional_ddl=True,
            )
            environment.run_migrations()
    (written,) = revision.generate_scripts()
    if written is None:
        raise RuntimeError("Alembic wrote nothing")
    return str(Path(written.path))


def _render(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Writes our own column types by the names under which the tables declare them."""
    if kind != "type" or not isinstance(item, Identifier | Serial | UtcDateTime):
        return False
    context.imports.add("from mezhved.queue.columns import Identifier, Serial, UtcDateTime")
    return f"{type(item).__name__}()"


if __name__ == "__main__":
    print(revise(sys.argv[1]))
