"""`mezhved keys`, as somebody types it."""

import json
import stat
from pathlib import Path

import pytest
import typer
from mezhved.adapter.commands import keys
from mezhved.signing.certificates import Certificate, load_pem_many
from mezhved.signing.crls import load_crls
from mezhved.signing.errors import CertificateRevoked
from mezhved.signing.keys import load_pem, load_pkcs12
from mezhved.signing.trust import TrustStore
from support.gost import require_for
from typer.testing import CliRunner

AT = "2026-06-01T12:00:00Z"


def run(*arguments: str | Path, code: int = 0) -> str:
    app = typer.Typer()
    keys.register(app)
    app.command("other")(lambda: None)  # with a single command typer would leave its name out
    done = CliRunner().invoke(app, ["keys", *map(str, arguments)])
    assert done.exit_code == code, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    return done.output


@pytest.fixture(params=["gost256", "gost512-tc26-b", "p256"])
def kind(request: pytest.FixtureRequest) -> str:
    require_for(request.param)
    return str(request.param)


@pytest.fixture
def ca(tmp_path: Path, kind: str) -> Path:
    name = tmp_path / "keys" / "ca"
    run("authority", name, "--subject", "CN=Корень,O=Стенд,C=RU", "--type", kind, "--from", AT)
    return name


def issue(ca: Path, name: Path, kind: str, *more: str | Path) -> None:
    run("issue", name, "--ca", ca, "--subject", "CN=Система,O=Стенд,C=RU", "--type", kind, "--from", AT, *more)


def certificate_of(name: Path) -> Certificate:
    return load_pem_many(Path(f"{name}.crt.pem").read_bytes())[0]


def test_an_authority_and_a_certificate_that_it_issues(ca: Path, kind: str, tmp_path: Path) -> None:
    name = tmp_path / "system"
    issue(ca, name, kind, "--days", "30")
    leaf = certificate_of(name)
    TrustStore([certificate_of(ca)]).check(leaf, leaf.not_before)
    assert (leaf.not_after - leaf.not_before).days == 30
    assert leaf.not_before.isoformat() == "2026-06-01T12:00:00+00:00"
    key = load_pem(Path(f"{name}.key.pem").read_bytes(), Path(f"{name}.crt.pem").read_bytes())
    assert key.issuers == (certificate_of(ca),)


def test_private_keys_are_for_their_owner_only(ca: Path, kind: str, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("пароль\n")
    issue(ca, tmp_path / "system", kind, "--pkcs12", "--password-file", tmp_path / "secret.txt")
    for file in Path(f"{ca}.key.pem"), tmp_path / "system.key.pem", tmp_path / "system.p12":
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"ENCRYPTED" in (tmp_path / "system.key.pem").read_bytes()
    assert load_pkcs12((tmp_path / "system.p12").read_bytes(), "пароль").certificate == certificate_of(
        tmp_path / "system"
    )
    assert {file.name for file in tmp_path.iterdir()} == {
        "keys", "secret.txt", "system.key.pem", "system.crt.pem", "system.p12",
    }  # fmt: skip


def test_nothing_is_overwritten_unless_told(tmp_path: Path) -> None:
    name = tmp_path / "ca"
    arguments = ("authority", name, "--subject", "CN=Root", "--type", "p256")
    run(*arguments)
    before = {file: file.read_bytes() for file in tmp_path.iterdir()}
    assert "--force" in run(*arguments, code=1)
    Path(f"{name}.key.pem").unlink()
    run(*arguments, code=1)
    assert {file: file.read_bytes() for file in tmp_path.iterdir()}.items() <= before.items()
    run(*arguments, "--force")
    assert Path(f"{name}.crt.pem").read_bytes() != before[Path(f"{name}.crt.pem")]


def test_force_makes_a_readable_key_private_again(tmp_path: Path) -> None:
    key = tmp_path / "ca.key.pem"
    key.write_text("old")
    key.chmod(0o644)
    run("authority", tmp_path / "ca", "--subject", "CN=Root", "--type", "p256", "--force")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_a_subordinate_authority_under_a_password(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    protected = ("--password-file", tmp_path / "secret.txt")
    run("authority", tmp_path / "ca", "--subject", "CN=Root", "--type", "p256", *protected)
    run(
        "authority", tmp_path / "between", "--ca", tmp_path / "ca", "--ca-password-file", tmp_path / "secret.txt",
        "--subject", "CN=Between", "--type", "p384",
    )  # fmt: skip
    run("issue", tmp_path / "leaf", "--ca", tmp_path / "between", "--subject", "CN=Leaf", "--type", "p256")
    leaf, between, root = load_pem_many((tmp_path / "leaf.crt.pem").read_bytes())
    TrustStore([root], [between]).check(leaf, leaf.not_before)
    assert "password" in run(
        "issue", tmp_path / "more", "--ca", tmp_path / "ca", "--subject", "CN=Leaf", "--type", "p256", code=2
    )


def test_a_revocation_list_and_the_next_one(ca: Path, kind: str, tmp_path: Path) -> None:
    for name in ("one", "two", "three"):
        issue(ca, tmp_path / name, kind)
    first, second = tmp_path / "first.crl.pem", tmp_path / "second.crl.pem"
    run("crl", first, "--ca", ca, "--revoke", tmp_path / "one.crt.pem", "--from", AT, "--revoked-at", AT)
    serial = f"{certificate_of(tmp_path / 'two').serial:x}"
    run("crl", second, "--ca", ca, "--revoke", serial, "--previous", first, "--from", AT)
    (read,) = load_crls(second.read_bytes())
    assert read.number == 2
    store = TrustStore([certificate_of(ca)], crls=[read])
    for name in ("one", "two"):
        with pytest.raises(CertificateRevoked):
            store.check(certificate_of(tmp_path / name), read.this_update)
    store.check(certificate_of(tmp_path / "three"), read.this_update)


def test_a_renewed_certificate(ca: Path, kind: str, tmp_path: Path) -> None:
    issue(ca, tmp_path / "system", kind)
    run("renew", tmp_path / "system", "--ca", ca, "--to", tmp_path / "next", "--from", "2027-05-01")
    former, renewed = certificate_of(tmp_path / "system"), certificate_of(tmp_path / "next")
    assert (former.subject, former.serial == renewed.serial) == (renewed.subject, False)
    load_pem((tmp_path / "system.key.pem").read_bytes(), renewed.to_pem())


def test_show(ca: Path, kind: str, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    secret = ("--password-file", tmp_path / "secret.txt")
    issue(ca, tmp_path / "system", kind, "--pkcs12", *secret, "--serial", "1a2b")
    run("crl", tmp_path / "ca.crl.pem", "--ca", ca, "--revoke", "1a2b", "--from", AT)
    (tmp_path / "system.der").write_bytes(certificate_of(tmp_path / "system").der)
    for name in ("system.crt.pem", "system.der", "system.p12"):
        shown = run("show", tmp_path / name, *secret)
        assert "CN=Система,O=Стенд,C=RU" in shown
        assert "1a2b" in shown
        assert certificate_of(tmp_path / "system").fingerprint in shown
    assert "1a2b at " in run("show", tmp_path / "ca.crl.pem")
    assert "without a certificate" in run("show", tmp_path / "system.key.pem", *secret)
    (line,) = run("show", "--json", tmp_path / "system.p12", *secret).splitlines()
    assert json.loads(line)["issuers"] == ["CN=Корень,O=Стенд,C=RU"]
    for name in ("system.p12", "system.key.pem"):
        assert "KEY_UNUSABLE" in run("show", tmp_path / name, code=2)


def test_show_never_shows_a_private_key(tmp_path: Path) -> None:
    run("authority", tmp_path / "ca", "--subject", "CN=Root", "--type", "p256")
    both = tmp_path / "both.pem"
    both.write_bytes((tmp_path / "ca.key.pem").read_bytes() + (tmp_path / "ca.crt.pem").read_bytes())
    shown = run("show", both) + run("show", "--json", both)
    assert "PRIVATE KEY" not in shown
    assert (tmp_path / "ca.key.pem").read_text().splitlines()[1] not in shown


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("authority", "x", "--subject", "nonsense"), "RFC 4514"),
        (("authority", "x", "--subject", "CN=Root", "--type", "rsa1"), "gost256-tc26-a"),
        (("authority", "x", "--subject", "CN=Root", "--serial", "xyz"), "hexadecimal"),
        (("authority", "x", "--subject", "CN=Root", "--from", "yesterday"), "yesterday"),
        (("authority", "x", "--subject", "CN=Root", "--days", "99999999"), "9999"),
        (("issue", "x", "--ca", "nowhere", "--subject", "CN=Leaf"), "nowhere.key.pem"),
        (("issue", "x", "--ca", "nowhere", "--subject", "CN=Leaf", "--pkcs12"), "password"),
        (("show", "nowhere"), "nowhere"),
    ],
)
def test_mistakes_are_explained(arguments, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert text in run(*arguments, code=2)
    assert list(tmp_path.iterdir()) == []


def test_every_command_has_an_example() -> None:
    app = typer.Typer()
    keys.register(app)
    commands = typer.main.get_command(app).commands["keys"].commands
    assert {
        name: command.epilog.partition(f" keys {name} ")[0] for name, command in commands.items() if name != "kinds"
    } == (dict.fromkeys(commands.keys() - {"kinds"}, "Example: mezhved"))


def test_kinds() -> None:
    shown = run("kinds")
    assert "gost256-tc26-a  (short: gost256)" in shown
    assert "p521" in shown


def test_what_is_nothing_of_the_kind(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("text")
    assert "KEY_UNUSABLE" in run("show", tmp_path / "text", code=2)
