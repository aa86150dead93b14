"""`mezhved kinds`: the register's kinds and declared ones, with who answers them."""

import json
from pathlib import Path

import pytest
from mezhved.adapter.cli import build_app
from mezhved.adapter.migrations import upgrade
from mezhved.adapter.store.engine import opened
from typer.testing import CliRunner, Result

KEYS = Path(__file__).resolve().parents[2] / "fixtures" / "keys"
NAMESPACE = "urn://x-artefacts-mezhved/test/licence/1.0.0"
SCHEMA = (
    f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}">'
    '<xs:element name="LicenceRequest" type="xs:date"/><xs:element name="LicenceResponse" type="xs:date"/></xs:schema>'
)
ANSWERED = 'title = "Лицензия"\npurpose = "Licences."\nrequest = "LicenceRequest"\nresponse = "LicenceResponse"\n'
BROADCAST = 'title = "Новости"\npurpose = "News."\nrequest = "LicenceRequest"\nbroadcast = true\n'


@pytest.fixture
def config(tmp_path: Path) -> Path:
    for name, description in (("licence_card", ANSWERED), ("news", BROADCAST)):
        place = tmp_path / "kinds" / name
        place.mkdir(parents=True)
        (place / "kind.toml").write_text(description, encoding="utf-8")
        (place / "1.0.0.xsd").write_text(SCHEMA.replace("licence", name), encoding="utf-8")
    path = tmp_path / "node.toml"
    path.write_text(
        '[database]\nurl = "sqlite:///store.sqlite3"\n[exchange]\nkinds = "kinds"\n'
        f'[node]\nkey = "{KEYS}/node-ecdsa.key.pem"\ncertificate = "{KEYS}/node-ecdsa.crt.pem"\n',
        encoding="utf-8",
    )
    return path


def run(config: Path, *arguments: str) -> Result:
    return CliRunner().invoke(build_app(), [*arguments, "--config", str(config)])


def test_before_there_is_a_database_nobody_answers_but_the_register_and_none_is_made(config: Path) -> None:
    said = {one["name"]: one for one in map(json.loads, run(config, "kinds", "--json").output.splitlines())}
    assert said["worker_card"]["provider"] == "FRMR"
    assert (said["licence_card"]["provider"], said["licence_card"]["title"]) == (None, "Лицензия")
    assert (said["news"]["broadcast"], said["news"]["response"]) == (True, None)
    assert not (config.parent / "store.sqlite3").exists()


def test_every_kind_is_listed_with_its_provider_routes_and_subscribers(config: Path) -> None:
    with opened(f"sqlite:///{config.parent}/store.sqlite3") as engine:
        upgrade(engine)
    for mnemonic, *options in (("LICENCES", "--provides", "licence_card"), ("EAST", "--subscribes", "news")):
        assert run(config, "participants", "add", mnemonic, "--name", "x", *options).exit_code == 0
    assert run(config, "routes", "set", "licence_card", "EAST", "--region", "25").exit_code == 0
    said = run(config, "kinds").output
    for line in (
        "provider   LICENCES",
        "EAST for region 25",
        "broadcast  to EAST",
        "provider   FRMR",
        f"namespace  {NAMESPACE.replace('licence', 'licence_card')}",
    ):
        assert line in said


@pytest.mark.parametrize("command", ["kinds", "doctor", "serve"])
def test_a_broken_schema_is_told_by_everything_that_reads_it(config: Path, command: str) -> None:
    schema = config.parent / "kinds" / "licence_card" / "1.0.0.xsd"
    schema.write_text(SCHEMA.replace("xs:date", "xs:dat"), encoding="utf-8")
    with opened(f"sqlite:///{config.parent}/store.sqlite3") as engine:
        upgrade(engine)
    result = run(config, command)
    assert result.exit_code in {1, 2}
    assert "1.0.0.xsd" in result.output.replace("\n", "")
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)
