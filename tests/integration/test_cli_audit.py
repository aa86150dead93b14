"""`mezhved audit` and `mezhved officials` on a node that has answered requests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from mezhved import testing
from mezhved.adapter.cli import build_app
from mezhved.adapter.client.building import read_content
from mezhved.adapter.registry.schema import audit_entries
from mezhved.adapter.store.engine import write
from mezhved.adapter.timing import build_timers
from mezhved.signing.certificates import load_pem_many
from sqlalchemy import update
from typer.testing import CliRunner, Result


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[testing.Node]:
    with testing.node(tmp_path_factory.mktemp("stand") / "node") as found:
        with found.client(testing.REGION.mnemonic) as region:
            region.send(read_content(found.request("worker_card")))
            official = found.official(testing.REGION.mnemonic)
            region.send(region.prepare(read_content(found.request("employment_event")), personal=official))
            region.send(read_content(found.request("employment_event")))
        found.work()
        yield found


def run(node: testing.Node, *arguments: str) -> Result:
    return CliRunner().invoke(build_app(), [*arguments, "--config", str(node.layout.config)], terminal_width=220)


def ok(node: testing.Node, *arguments: str) -> str:
    done = run(node, *arguments)
    assert done.exit_code == 0, done.output
    return done.output


def test_what_was_asked_and_changed_is_shown_with_who_signed(node: testing.Node, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    told = ok(node, "audit", "show")
    assert "worker_card about 2024.0000001, purpose 4: ANSWERED" in told
    assert "DENIED SIGNATURE_MISSING" in told
    assert node.official(testing.REGION.mnemonic).certificate.fingerprint[:16] in told
    assert max(map(len, told.splitlines())) <= 80
    assert ok(node, "audit", "show", "--message", "nobody's") == "no entries\n"


def test_the_audit_is_sealed_verified_and_what_was_altered_is_named(node: testing.Node) -> None:
    assert "waiting to be sealed 4" in ok(node, "audit", "verify")
    head = ok(node, "audit", "seal").splitlines()[-1].removeprefix("head ")
    assert head.startswith("1:")
    assert "nothing was altered" in ok(node, "audit", "verify", "--head", head)
    assert head in ok(node, "audit", "seal")
    assert run(node, "audit", "verify", "--head", "nonsense").exit_code == 2
    assert "SEAL_BROKEN seal 1" in run(node, "audit", "verify", "--head", f"1:{'00' * 32}").output
    with write(node.store.engine) as conn:
        first = audit_entries.c.number == 1
        conn.execute(update(audit_entries).where(first).values(system="OTHER"))
    found = run(node, "audit", "verify")
    assert found.exit_code == 1
    assert "ALTERED seal 1, position 1, entry 1" in found.output
    with write(node.store.engine) as conn:
        conn.execute(update(audit_entries).where(first).values(system=testing.REGION.mnemonic))
    ok(node, "audit", "verify")


def test_a_timer_seals_too(node: testing.Node) -> None:
    from mezhved.adapter.settings_sources import load

    jobs = build_timers(load(node.layout.config), node.store).jobs
    [job] = [one for one in jobs if one.name == "audit"]
    with node.client(testing.REGION.mnemonic) as region:
        region.send(read_content(node.request("worker_card")))
    node.work()
    batch = job.begin()
    with write(node.store.engine) as conn:
        assert batch(conn, node.clock()).more
        while batch(conn, node.clock()).more:
            pass
    assert "waiting to be sealed 0" in ok(node, "audit", "verify")


def test_officials_are_entered_taken_back_and_remembered(node: testing.Node, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    pem = node.layout.pair(testing.AGENCY).certificate
    fingerprint = load_pem_many(pem.read_bytes())[0].fingerprint
    add = ("officials", "add", str(pem), "--name", "Петров", "--position", "врач", "--from", "2026-01-01")
    ok(node, *add, "--participant", testing.AGENCY.mnemonic, "--to", "2030-12-31", "--organisation", "1.2.643.1")
    listed = ok(node, "officials", "list")
    assert "Петров" in listed
    assert fingerprint[:16] in listed
    assert "in office from 2026-01-01 to 2030-12-31" in listed
    assert max(map(len, listed.splitlines())) <= 80
    assert run(node, *add, "--participant", testing.AGENCY.mnemonic).exit_code == 1
    assert run(node, *add, "--participant", "NOBODY").exit_code == 1
    ok(node, "officials", "remove", fingerprint[:10])
    assert "Петров" not in ok(node, "officials", "list")
    assert "Петров" in ok(node, "officials", "history")
    assert run(node, "officials", "remove", fingerprint[:10]).exit_code == 1
    backwards = run(node, *add, "--participant", testing.AGENCY.mnemonic, "--to", "2025-12-31")
    assert "is before valid_from" in backwards.output


def test_a_file_of_officials_is_taken_over_whole_or_not_at_all(node: testing.Node, tmp_path: Path) -> None:
    pem = node.layout.pair(testing.AGENCY).certificate
    table = (
        f'[[official]]\ncertificate = "{pem}"\nname = "Сидоров"\nposition = "врач"\nvalid_from = 2026-01-01\n'
        'participant = "{}"\n'
    )
    file = tmp_path / "officials.toml"
    file.write_text(table.format(testing.AGENCY.mnemonic) + table.format(testing.AGENCY.mnemonic), "utf-8")
    assert run(node, "officials", "import", str(file)).exit_code == 1
    assert "Сидоров" not in ok(node, "officials", "list")
    file.write_text(table.format(testing.AGENCY.mnemonic), "utf-8")
    assert "officials entered: 1" in ok(node, "officials", "import", str(file))
    file.write_text(table.replace("name", "nome"), "utf-8")
    assert run(node, "officials", "import", str(file)).exit_code == 2
