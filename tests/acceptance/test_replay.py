"""`mezhved replay` against a stand of real processes: all our fixtures, twice in a row, and what must not pass."""

import json
import os
import pty
import secrets
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from mezhved.adapter.conformance.fixture import find_fixtures
from mezhved.adapter.conformance.fixture_reading import load_fixture
from mezhved.adapter.stand.making import Plan, make
from mezhved.adapter.stand.running import Stand
from support.gost import gost_provider

FIXTURES = Path(__file__).parents[2] / "fixtures"
COMMAND = (sys.executable, "-c", "from mezhved.adapter.cli import main; main()")
SLOWEST = 600
"""Seconds after which a run is given up."""


@pytest.fixture(scope="module")
def stand(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stand]:
    """A running node with the register and the participants that the fixtures are made for."""
    plan = Plan(tmp_path_factory.mktemp("replay") / "stand", ecdsa=True, fixtures=FIXTURES)
    layout = make(plan, now=datetime.now(UTC), random_bits=secrets.randbits)
    with Stand(layout) as running:
        yield running


def replay(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "replay", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=SLOWEST)


def trust(stand: Stand) -> list[str | Path]:
    """Whom to believe: the stand's own authority for the node, that of the fixtures for who has sent what."""
    return ["--trust", stand.layout.keys / "ca.crt.pem", "--trust", FIXTURES / "keys" / "ca-ecdsa.crt.pem"]


def test_all_fixtures_go_as_expected_twice_in_a_row(stand: Stand) -> None:
    gost_provider()
    number = sum(len(load_fixture(path).runs) for path in find_fixtures([FIXTURES]))
    for _ in range(2):
        done = replay(FIXTURES, "--url", stand.url, "--json", *trust(stand))
        results = [json.loads(line) for line in done.stdout.splitlines()]
        assert [one for one in results if one["outcome"] != "passed"] == []
        assert (done.returncode, Counter(one["outcome"] for one in results)) == (0, {"passed": number})


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """One good fixture with all that it needs, to be spoilt."""
    for name in ("keys", "envelopes"):
        shutil.copytree(FIXTURES / name, tmp_path / name)
    folder = tmp_path / "kinds" / "worker_card"
    folder.mkdir(parents=True)
    for name in ("by_snils.xml", "by_snils_ecdsa.fixture.toml"):
        shutil.copy(FIXTURES / "kinds" / "worker_card" / name, folder)
    return folder / "by_snils_ecdsa.fixture.toml"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('root = "SendRequestResponse"', 'root = "AckResponse"', "SendRequestResponse"),
        ("Белинская", "Яблонская", "does not hold"),
        ('content = "WorkerCardResponse"', 'rejected = ["WORKER_NOT_FOUND"]', "WorkerCardResponse"),
        ("98541811650", "11223344595", "WORKER_NOT_FOUND"),
        ("region-ecdsa", "unregistered-ecdsa", "CertificateIsNotFound"),
    ],
)
def test_what_goes_otherwise_than_expected_is_told(stand: Stand, copied: Path, old: str, new: str, says: str) -> None:
    text = copied.read_text("utf-8")
    assert old in text
    if new.startswith("rejected"):
        text = text.partition(", holds = [")[0] + " }"
    copied.write_text(text.replace(old, new, 1), "utf-8")
    done = replay(copied, "--url", stand.url)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 failed" in done.stdout
    assert says in done.stdout


def test_a_replay_can_be_limited_to_versions_and_operations(stand: Stand) -> None:
    paths = [FIXTURES / "signature" / "sha1.fixture.toml", FIXTURES / "scenarios" / "two_versions.fixture.toml"]
    done = replay(*paths, "--url", stand.url, "--contract", "1.3", "--operation", "Ack", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    runs = [json.loads(line)["run"] for line in done.stdout.splitlines()]
    assert runs == [{"contract": "1.3", "operation": "Ack"}, {"contract": "1.3", "provider": "1.3"}]
    # The endpoint of one version, by its own URL.
    done = replay(*paths, "--url", f"{stand.url}/smev/v1.1/ws", "--contract", "1.1")
    assert (done.returncode, "8 passed" in done.stdout) == (0, True), done.stdout + done.stderr
    done = replay(*paths, "--url", stand.url, "--contract", "2.0")
    assert (done.returncode, "2.0" in done.stderr) == (2, True)


def test_each_refusal_is_explained_and_each_operation_counted(stand: Stand) -> None:
    done = replay(FIXTURES / "send_response" / "to_made_up.fixture.toml", "--url", stand.url)
    (row,) = (line for line in done.stdout.splitlines() if line.startswith("RecipientIsNotFound"))
    assert row == "RecipientIsNotFound SMEV-911 × 3: correct it, then send it anew"
    (row,) = (line for line in done.stdout.splitlines() if line.startswith("SendResponse"))
    assert row.count("1 of 1") == 3


@pytest.mark.parametrize(("options", "told"), [((), b"replaying"), (("--json",), b"")])
def test_a_terminal_shows_how_far_the_replay_is(
    stand: Stand, options: tuple[str, ...], told: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    terminal, slave = pty.openpty()
    path = FIXTURES / "send_response" / "to_made_up.fixture.toml"
    command = [*COMMAND, "replay", str(path), "--url", stand.url, *options]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=slave, timeout=120, check=True)
    os.write(slave, b"end")  # so that there is something to read
    said = os.read(terminal, 65536)
    os.close(slave)
    os.close(terminal)
    assert told in said
    assert b"replaying" not in done.stdout
    assert (said == b"end") is bool(options)


def test_an_answer_that_nobody_vouches_for_is_no_success(stand: Stand, copied: Path) -> None:
    done = replay(copied, "--url", stand.url, "--trust", FIXTURES / "keys" / "ca-ecdsa.crt.pem")
    assert done.returncode == 1
    assert "CERTIFICATE_UNTRUSTED" in done.stdout


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("region-ecdsa", "nobody", "nobody.key.pem"),
        ('values.snils = "98541811650"', "", "{{snils}}"),
        ("[[step]]\nawait", 'change = [{ remove = "//t:Nothing" }]\n\n[[step]]\nawait', "//t:Nothing"),
        ("title", "titel", "titel"),
    ],
)
def test_a_fixture_that_cannot_be_run_is_no_failure_of_the_node(
    stand: Stand, copied: Path, old: str, new: str, says: str
) -> None:
    copied.write_text(copied.read_text("utf-8").replace(old, new, 1), "utf-8")
    done = replay(copied, "--url", stand.url)
    assert done.returncode == 2
    assert says in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_node_that_is_not_there_is_named(copied: Path) -> None:
    done = replay(copied, "--url", "http://127.0.0.1:1")
    assert (done.returncode, done.stdout) == (2, "")
    assert "127.0.0.1:1" in done.stderr


def test_the_people_of_the_fixtures_are_in_the_synthetic_register() -> None:
    """Fixtures name people by hand; a change of the generator must not leave them to be found by nobody."""
    from mezhved.adapter.registry.generator import SyntheticRegister

    register = SyntheticRegister(1)
    known = {register.worker(index).person["snils"] for index in range(1000)}
    named = {"98541811650", "93607589951", "97159618161", "94164870734", "91246910196"}
    assert named <= known
