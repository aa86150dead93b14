"""`mezhved participants`: systems are added, changed and removed, and mistakes end in a line for a person."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mezhved.adapter.cli import build_app
from mezhved.adapter.migrations import upgrade
from mezhved.adapter.store.engine import create_engine, read, write
from mezhved.adapter.store.participants import ParticipantStore
from mezhved.queue.model import Channel, Entry
from mezhved.queue.store import queue_for
from mezhved.signing.authority import create_authority
from typer.testing import CliRunner

NOW = datetime.now(UTC)


class Node:
    """A node's database and the command line over it."""

    def __init__(self, folder) -> None:
        self.folder = folder
        self.engine = create_engine(f"sqlite:///{folder}/store.sqlite3")
        upgrade(self.engine)
        self.authority = create_authority("p256", "CN=CA", valid_from=NOW, valid_to=NOW + timedelta(days=1))
        (folder / "node.toml").write_text("[database]\nurl = 'sqlite:///store.sqlite3'\n")

    def run(self, *arguments: str):
        return CliRunner().invoke(
            build_app(), ["participants", *arguments, "--config", str(self.folder / "node.toml")], terminal_width=200
        )

    def ok(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.output

    def certificate(self, name: str, serial: int) -> str:
        period = {"valid_from": NOW, "valid_to": NOW + timedelta(days=1)}
        issued = self.authority.issue(f"CN={name}", key_type="p256", serial=serial, **period)
        path = self.folder / f"{name}.pem"
        path.write_bytes(issued.certificate.to_pem())
        return str(path)

    def stored(self, mnemonic: str):
        with read(self.engine) as conn:
            return ParticipantStore().by_mnemonic(conn, mnemonic)


@pytest.fixture
def node(tmp_path):
    node = Node(tmp_path)
    yield node
    node.engine.dispose()


def add(node: Node, mnemonic: str = "RMIS", *more: str) -> str:
    return node.ok("add", mnemonic, "--name", "Тестовая МИС", *more)


def test_a_system_is_added_with_certificates_and_rights_and_shown(node):
    first, second = node.certificate("one", 2), node.certificate("two", 3)
    add(
        node,
        "RMIS",
        "--certificate",
        first,
        "--certificate",
        second,
        "--sends",
        "worker_card",
        "--organisation",
        "1.2.643.5.77",
        "--role",
        "EMPLOYER",
    )
    stored = node.stored("RMIS")
    assert stored.roles == {"EMPLOYER"}
    assert (stored.name, stored.sends, stored.organisations) == ("Тестовая МИС", {"worker_card"}, {"1.2.643.5.77"})
    shown = node.ok("show", "RMIS")
    assert len(stored.certificates) == 2
    assert all(fingerprint in shown for fingerprint in stored.certificates)
    assert "CN=two" in shown
    assert "role EMPLOYER" in shown
    assert "RMIS" in node.ok("list")


def test_an_exchange_without_systems_says_so(node):
    assert node.ok("list") == "no systems\n"


def test_a_role_that_nobody_knows_is_refused(node):
    result = node.run("add", "RMIS", "--name", "МИС", "--role", "EMPLOYEE")
    assert result.exit_code == 2
    assert "given 'EMPLOYEE'" in result.output
    assert "'EMPLOYER'" in result.output
    assert node.stored("RMIS") is None


def test_a_renewed_certificate_stands_beside_the_old_one_until_that_is_taken_away(node):
    add(node, "RMIS", "--certificate", node.certificate("old", 2))
    [old] = node.stored("RMIS").certificates
    node.ok("renew", "RMIS", node.certificate("new", 3))
    assert len(node.stored("RMIS").certificates) == 2
    node.ok("remove-certificate", "RMIS", old[:12].upper())
    assert old not in node.stored("RMIS").certificates
    assert len(node.stored("RMIS").certificates) == 1


def test_the_chain_in_a_file_is_not_taken_for_the_system_and_the_authority_certifies_others_too(node):
    for serial, mnemonic in ((2, "ONE"), (3, "TWO")):
        path = node.certificate(mnemonic, serial)
        with Path(path).open("ab") as file:
            file.write(node.authority.certificate.to_pem())
        add(node, mnemonic, "--certificate", path)
        assert len(node.stored(mnemonic).certificates) == 1
        assert "CN=CA" not in node.ok("show", mnemonic)


def test_mnemonics_are_listed_in_full_on_a_narrow_terminal(node, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    add(node, "A_SYSTEM_WITH_A_LONG_MNEMONIC", "--sends", "worker_card", "--sends", "employment_event")
    assert "A_SYSTEM_WITH_A_LONG_MNEMONIC" in node.ok("list")


def test_names_of_kinds_are_not_broken_on_a_narrow_terminal(node, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    add(node, "MIS", "--sends", "employment_history", "--role", "ACCREDITATION_BODY")
    add(node, "RMIS", "--sends", "worker_card", "--sends", "employment_event")
    listed = node.ok("list")
    assert "sends employment_history" in listed
    assert "role ACCREDITATION_BODY" in listed
    assert "sends 2 kinds" in listed


def test_a_file_is_taken_over_and_taking_it_over_again_changes_what_it_says(node):
    node.certificate("one", 2)
    file = node.folder / "systems.toml"
    text = '[[participant]]\nmnemonic = "A"\nname = "Первая"\ncertificates = ["one.pem"]\nsends = ["*"]\n'
    file.write_text(text + '[[participant]]\nmnemonic = "B"\nname = "Вторая"\ncertificates = []\n')
    assert "taken over: 2" in node.ok("import", str(file))
    file.write_text(text.replace("Первая", "Новая"))
    node.ok("import", str(file))
    assert (node.stored("A").name, node.stored("B").name) == ("Новая", "Вторая")


def test_a_system_is_switched_off_and_on_and_removed(node):
    add(node)
    node.ok("switch", "RMIS", "--off")
    assert not node.stored("RMIS").active
    node.ok("switch", "RMIS", "--on")
    assert node.stored("RMIS").active
    node.ok("remove", "RMIS")
    assert node.stored("RMIS") is None


def refused(node: Node, *arguments: str) -> tuple[int, str]:
    result = node.run(*arguments)
    assert "Traceback" not in result.output
    assert not isinstance(result.exception, Exception) or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stderr


def test_mistakes_are_told_without_a_traceback(node):
    taken = node.certificate("one", 2)
    add(node, "RMIS", "--certificate", taken)
    broken = node.folder / "broken.toml"
    broken.write_text('[[participant]]\nmnemonic = "A B"\nnmae = "x"\ncertificates = []\n')
    no_certificate = node.folder / "no.pem"
    no_certificate.write_text("nothing")
    for arguments, code, words in (
        (("add", "RMIS", "--name", "x"), 1, "RMIS is there already"),
        (("add", "B", "--name", "x", "--certificate", taken), 1, "belongs to RMIS"),
        (("add", "A B", "--name", "x"), 2, "mnemonic"),
        (("add", "B", "--name", "x", "--organisation", "77"), 2, "organisations"),
        (("add", "B", "--name", "x", "--certificate", "missing.pem"), 2, "missing.pem: No such file"),
        (("add", "B", "--name", "x", "--certificate", str(no_certificate)), 2, "no certificate in the PEM"),
        (("show", "NONE"), 1, "there is no system NONE"),
        (("remove", "NONE"), 1, "there is no system NONE"),
        (("remove-certificate", "RMIS", "00ff00ff"), 1, "0 certificates"),
        (("remove-certificate", "RMIS", ""), 2, "at least 8 digits"),
        (("import", str(broken)), 2, "participant.0.nmae"),
    ):
        assert (refused(node, *arguments)[0], words in refused(node, *arguments)[1]) == (code, True), arguments


def test_a_database_that_was_never_made_is_told_with_the_command_that_makes_it(tmp_path):
    (tmp_path / "node.toml").write_text("[database]\nurl = 'sqlite:///other.sqlite3'\n")
    result = CliRunner().invoke(build_app(), ["participants", "list", "--config", str(tmp_path / "node.toml")])
    assert result.exit_code == 2
    assert "mezhved migrate" in result.stderr


def routes(node: Node, *arguments: str):
    return CliRunner().invoke(build_app(), ["routes", *arguments, "--config", str(node.folder / "node.toml")])


def test_all_that_is_known_of_a_system_can_be_given_changed_and_taken_back(node):
    options = ("--region", "77", "--priority", "1", "--queue-limit", "100", "--sends", "worker_card")
    add(node, "RMIS", *options, "--subscribes", "news", "--provides", "licence_card")
    stored = node.stored("RMIS")
    assert (stored.region, stored.priority, stored.queue_limit) == ("77", 1, 100)
    assert (stored.subscriptions, stored.provides) == ({"news"}, {"licence_card"})
    shown = node.ok("change", "RMIS", "--region", "", "--queue-limit", "", "--priority", "0", "--provides", "")
    assert "region: 77 → none" in shown
    assert "provides: −licence_card" in shown
    changed = node.stored("RMIS")
    assert (changed.region, changed.priority, changed.queue_limit, changed.provides) == (None, 0, None, frozenset())
    assert (changed.name, changed.sends, changed.subscriptions) == ("Тестовая МИС", {"worker_card"}, {"news"})
    assert node.run("change", "RMIS", "--priority", "2").exit_code == 2
    assert "unchanged" in node.ok("change", "RMIS", "--priority", "0")


def test_an_import_shows_what_it_changes_and_a_dry_run_changes_nothing(node):
    add(node, "A", "--sends", "worker_card")
    file = node.folder / "systems.toml"
    file.write_text(
        '[[participant]]\nmnemonic = "A"\nname = "Тестовая МИС"\ncertificates = []\nsends = ["employment_event"]\n'
        'region = "77"\n[[participant]]\nmnemonic = "B"\nname = "Вторая"\ncertificates = []\n'
        '[[route]]\nkind = "worker_card"\nprovider = "B"\nregion = "77"\n'
    )
    shown = node.ok("import", str(file), "--dry-run")
    for words in ("sends: −worker_card +employment_event", "region: 77", "B: new", "from region 77 → B: new"):
        assert words in shown
    assert (node.stored("A").sends, node.stored("B")) == ({"worker_card"}, None)
    assert routes(node, "list").output == "no routes\n"
    assert "changes: 3" in node.ok("import", str(file))
    assert node.stored("A").sends == {"employment_event"}
    again = node.ok("import", str(file))
    assert "changes: 0" in again
    assert "A: unchanged" in again


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[[route]]\nkind = "worker_card"\nprovider = "NONE"\n', "NONE"),
        ('[[route]]\nkind = "other"\nprovider = "FRMR"\n', "there is no kind other"),
        ('[[route]]\nkind = "worker_card"\nprovider = "FRMR"\nversion = "9"\n', "no version 9"),
        ('[[route]]\nkind = "worker_card"\nprovider = "FRMR"\n' * 2, "more than one"),
        ('[[participant]]\nmnemonic = "A"\nname = "x"\ncertificates = []\n' * 2, "more than one"),
        ('[[participant]]\nmnemonic = "A"\nname = "x"\ncertificates = []\npriority = 2\n', "priority"),
        ('[[participant]]\nmnemonic = "A"\nname = "x"\ncertificates = []\nprovides = ["worker_card"]\n', "A and FRMR"),
        ("", "neither"),
    ],
)
def test_a_file_that_cannot_be_carried_out_changes_nothing_at_all(node, text, said):
    add(node, "GOOD")
    file = node.folder / "systems.toml"
    file.write_text('[[participant]]\nmnemonic = "GOOD"\nname = "y"\ncertificates = []\n' * bool(text) + text)
    code, stderr = refused(node, "import", str(file))
    assert code in {1, 2}
    assert said in stderr
    assert node.stored("GOOD").name == "Тестовая МИС"
    assert node.stored("A") is None


def test_the_history_tells_who_has_changed_what(node):
    add(node, "RMIS", "--by", "alice")
    node.ok("switch", "RMIS", "--off", "--by", "bob")
    routes(node, "set", "worker_card", "RMIS", "--region", "77", "--by", "carol")
    node.ok("remove", "RMIS", "--by", "dave")
    lines = node.ok("history", "RMIS").splitlines()
    assert [line.split()[-1] for line in lines if "UTC" in line] == ["alice", "bob", "dave"]
    assert "  active: True → False" in lines
    assert "RMIS: removed" in lines
    whole = node.ok("history")
    assert "carol" in whole
    assert "route of worker_card: new" in whole


def test_a_system_for_which_messages_wait_is_removed_only_by_force(node):
    add(node, "RMIS")
    queue = queue_for(node.engine)
    with write(node.engine) as conn:
        for number in range(3):
            entry = Entry(f"{number}", "RMIS", Channel.RESPONSE, "worker_card", None)
            queue.accept(conn, entry.message_id, b"x", NOW)
            queue.enqueue(conn, [entry], NOW)
    code, stderr = refused(node, "remove", "RMIS")
    assert (code, "3 of RESPONSE" in stderr) == (1, True)
    assert node.stored("RMIS") is not None
    node.ok("remove", "RMIS", "--force")
    assert node.stored("RMIS") is None


def test_certificates_are_listed_by_their_end_and_those_that_have_ended_are_dropped(node, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    past = {"valid_from": NOW - timedelta(days=9), "valid_to": NOW - timedelta(days=2)}
    ended = node.authority.issue("CN=ended", key_type="p256", serial=9, **past).certificate
    (node.folder / "ended.pem").write_bytes(ended.to_pem())
    add(node, "RMIS", "--certificate", node.certificate("good", 2), "--certificate", str(node.folder / "ended.pem"))
    listed = node.ok("certificates").splitlines()
    assert (ended.fingerprint[:12] in listed[1], "ended" in listed[1], "CN=good" in listed[2]) == (True, True, True)
    assert "−" + ended.fingerprint in node.ok("drop-expired", "--dry-run")
    assert len(node.stored("RMIS").certificates) == 2
    node.ok("drop-expired", "RMIS")
    assert node.stored("RMIS").certificates == node.stored("RMIS").certificates - {ended.fingerprint}
    assert len(node.stored("RMIS").certificates) == 1


def test_the_list_stays_within_80_columns(node, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    kinds = [argument for number in range(9) for argument in ("--sends", f"kind_with_a_long_name_{number}")]
    add(
        node,
        "RMIS_DEMO",
        *kinds,
        "--role",
        "EMPLOYER",
        "--role",
        "REGULATOR",
        "--certificate",
        node.certificate("a", 2),
    )
    listed = node.ok("list")
    assert max(map(len, listed.splitlines())) <= 80
    assert f"{NOW + timedelta(days=1):%Y-%m-%d}" in listed


def test_a_value_has_a_route_of_its_own(node):
    add(node, "EAST")
    assert routes(node, "set", "worker_card", "EAST", "--value", "Чита").exit_code == 0
    assert routes(node, "set", "worker_card", "FRMR").exit_code == 0
    listed = routes(node, "list").output
    assert "from all regions, named “Чита” → EAST" in listed
    assert "from all regions → FRMR" in listed
    assert routes(node, "remove", "worker_card", "--value", "Омск").exit_code == 1
    assert routes(node, "remove", "worker_card", "--value", "Чита").exit_code == 0
    assert "EAST" not in routes(node, "list").output


def test_routes_are_set_listed_and_removed(node):
    add(node, "EAST")
    assert routes(node, "set", "worker_card", "EAST", "--region", "25").exit_code == 0
    assert "worker_card, every version, from region 25 → EAST" in routes(node, "list").output
    assert routes(node, "set", "worker_card", "FRMR", "--region", "25").exit_code == 0
    assert routes(node, "remove", "worker_card").exit_code == 1
    assert routes(node, "remove", "worker_card", "--region", "25").exit_code == 0
    assert routes(node, "list").output == "no routes\n"
    assert routes(node, "set", "worker_card", "NOBODY").exit_code == 1
    routes(node, "set", "worker_card", "EAST")
    assert "leads to EAST still" in node.run("remove", "EAST").stderr
    assert "no such system" in routes(node, "list").output
