"""`mezhved doctor`, on this machine as it is and with things taken away."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from mezhved.adapter.commands import doctor
from mezhved.signing.authority import create_authority
from support.gost import gost_provider
from typer.testing import CliRunner

SCRIPT = """
import typer
from mezhved.adapter.commands import doctor
app = typer.Typer()
doctor.register(app)
app()
"""


def run(*arguments: str) -> tuple[int, str]:
    app = typer.Typer()
    doctor.register(app)
    done = CliRunner().invoke(app, list(arguments))
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.exit_code, done.output


def findings(output: str) -> dict[str, dict[str, Any]]:
    return {finding["name"]: finding for finding in json.loads(output)["findings"]}


@pytest.fixture(autouse=True)
def _somewhere_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MEZHVED_CONFIG", raising=False)


def test_a_machine_that_has_everything() -> None:
    gost_provider()
    code, output = run("--json")
    assert code == 0, output
    assert json.loads(output)["ok"] is True
    found = findings(output)
    assert found.keys() == {"Python", "Packages", "OpenSSL", "GOST", "RSA, ECDSA", "libgcrypt", "Database"}
    assert all(finding["works"] for finding in found.values() if finding["needed"])
    assert "gost.so signs and verifies" in found["GOST"]["found"]


def test_the_table_names_everything() -> None:
    gost_provider()
    code, output = run()
    assert code == 0
    for name in ("Python", "Packages", "OpenSSL", "GOST", "libgcrypt", "Database"):
        assert name in output


def test_without_the_engine(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "--json"],
        env={**os.environ, "OPENSSL_ENGINES": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    found = findings(done.stdout)
    assert not found["GOST"]["works"]
    assert str(tmp_path / "gost.so") in found["GOST"]["found"]
    assert "apt-get install libengine-gost-openssl" in found["GOST"]["advice"]
    assert found["RSA, ECDSA"]["works"]


def test_looking_makes_no_database(tmp_path: Path) -> None:
    _, output = run("--json", "--set", f"database.url=sqlite:///{tmp_path}/new/store.sqlite3")
    assert findings(output)["Database"]["works"]
    assert list(tmp_path.iterdir()) == []


def test_keys_are_tried_out(tmp_path: Path) -> None:
    now = datetime.now(UTC)
    period = {"valid_from": now - timedelta(days=2), "valid_to": now + timedelta(days=2)}
    authority = create_authority("p256", "CN=CA", **period)
    good = authority.issue("CN=Node", key_type="p256", serial=2, **period)
    period["valid_to"] = now - timedelta(days=1)
    ended = authority.issue("CN=Register", key_type="p256", serial=3, **period)
    sets = []
    for group, issued in (("node", good), ("registry", ended)):
        key, certificate = tmp_path / f"{group}.key.pem", tmp_path / f"{group}.crt.pem"
        key.write_bytes(issued.key_pem)
        certificate.write_bytes(issued.certificate.to_pem())
        sets += ["--set", f"{group}.key={key}", "--set", f"{group}.certificate={certificate}"]
    code, output = run("--json", *sets)
    found = findings(output)
    assert code == 1
    assert found["Key of the node"]["works"]
    assert not found["Key of the register"]["works"]
    assert "not valid now" in found["Key of the register"]["found"]


def test_a_database_that_is_not_reachable_and_its_password() -> None:
    code, output = run("--json", "--set", "database.url=postgresql://somebody:very-secret@127.0.0.1:1/store")
    assert code == 1
    database = findings(output)["Database"]
    assert not database["works"]
    assert "is not reachable" in database["found"]
    assert "database.url" in database["advice"]
    assert "very-secret" not in output


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        ("lxml>=5.3", "lxml"),
        ("psycopg[binary]>=3.2", "psycopg"),
        ('legacy-cgi>=2.6; python_version >= "3.99"', None),
        ('legacy-cgi>=2.6; python_version >= "3.2"', "legacy-cgi"),
        ('pytest>=9; extra == "dev"', None),
    ],
)
def test_which_packages_are_wanted(requirement: str, name: str | None) -> None:
    assert doctor._wanted_package(requirement) == name


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.metadata.requires", lambda _: ["lxml>=5", "no-such-package>=1"])
    code, output = run("--json")
    assert code == 1
    assert findings(output)["Packages"]["advice"] == "pip install no-such-package"
