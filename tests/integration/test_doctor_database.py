"""`mezhved doctor` with a PostgreSQL that answers."""

import json

import typer
from mezhved.adapter.commands import doctor
from support.databases import Databases
from typer.testing import CliRunner


def test_a_database_that_answers(databases: Databases) -> None:
    app = typer.Typer()
    doctor.register(app)
    with databases.fresh("postgresql") as url:
        done = CliRunner().invoke(app, ["--json", "--set", f"database.url={url}"])
    (database,) = (one for one in json.loads(done.output)["findings"] if one["name"] == "Database")
    assert database["works"], database
    assert database["found"].startswith("PostgreSQL ")
