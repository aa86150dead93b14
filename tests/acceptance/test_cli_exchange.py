"""The exchange by the command line: send, poll, ack against a real node and worker, and what users do wrong."""

import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lxml import etree
from mezhved.adapter.stand.configuring import write_client_settings
from mezhved.adapter.stand.layout import AGENCY, REGION, Layout
from mezhved.adapter.stand.making import Plan, make
from mezhved.adapter.stand.running import Stand

ENVIRONMENT = {**os.environ, "NO_COLOR": "1", "COLUMNS": "200"}


@pytest.fixture(scope="module")
def stand(tmp_path_factory) -> Iterator[Stand]:
    folder = tmp_path_factory.mktemp("stand") / "stand"
    layout = make(Plan(folder, workers=50), now=datetime.now(UTC), random_bits=secrets.randbits)
    with Stand(layout) as running:
        yield running


def mezhved(*arguments: object, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from mezhved.adapter.cli import main; main()", *map(str, arguments)]
    result = subprocess.run(command, env=ENVIRONMENT, capture_output=True, input=stdin, timeout=60, check=False)
    told = subprocess.CompletedProcess(command, result.returncode, result.stdout.decode(), result.stderr.decode())
    assert "Traceback" not in told.stderr, told.stderr
    return told


def as_region(stand: Stand, command: str, *arguments: object, system=REGION, **kwargs):
    return mezhved(command, *arguments, "--config", stand.layout.client(system), **kwargs)


def test_a_request_is_sent_answered_shown_and_acknowledged(stand, tmp_path):
    request = stand.layout.requests / "worker_card.xml"
    kept, answer = tmp_path / "sent.xml", tmp_path / "answer.xml"
    result = as_region(stand, "send", request, "--wait", "--keep", kept, "--output", answer)
    assert result.returncode == 0, result.stderr
    message_id = result.stdout.splitlines()[0]
    assert f"to {message_id}" in result.stdout
    assert "✓ signature of the node" in result.stdout
    assert "✓ signature of the sender: CN=Учебный регистр" in result.stdout
    assert "<LastName>" in result.stdout or ":LastName>" in result.stdout
    assert etree.parse(kept).findtext(".//{*}MessageID") == message_id
    assert etree.parse(answer).findtext(".//{*}OriginalMessageId") == message_id

    again = as_region(stand, "send", kept)
    assert (again.returncode, again.stdout.strip()) == (0, message_id)
    assert "had accepted this message before" in again.stderr


def test_sending_and_fetching_apart(stand):
    request = stand.layout.requests / "worker_card.xml"
    sent = as_region(stand, "send", request, "--json", system=AGENCY)
    message_id = json.loads(sent.stdout)["message_id"]
    polled = as_region(stand, "poll", "--wait", 30, "--json", system=AGENCY)
    assert polled.returncode == 0, polled.stderr
    response = json.loads(polled.stdout)
    assert (response["original_message_id"], response["sender"], response["rejections"]) == (message_id, "FRMR", [])
    assert "WorkerCardResponse" in response["content"]

    assert as_region(stand, "ack", response["message_id"], system=AGENCY).returncode == 0
    twice = as_region(stand, "ack", response["message_id"], system=AGENCY)
    assert twice.returncode == 1
    assert "TargetMessageIsNotFound SMEV-501" in twice.stderr
    empty = as_region(stand, "poll", system=AGENCY)
    assert (empty.returncode, empty.stderr.strip()) == (1, "mezhved: no response is waiting")
    assert "no notice is waiting" in as_region(stand, "poll", "--status", system=AGENCY).stderr


def test_a_change_is_made_once_and_refused_the_second_time_with_its_reasons(stand):
    request = stand.layout.requests / "employment_event.xml"
    first = as_region(stand, "send", request, "--personal", "--wait")
    assert first.returncode == 0, first.stdout + first.stderr
    second = as_region(stand, "send", request, "--personal", "--wait")
    assert second.returncode == 1
    assert "✗ FAILURE DUPLICATE" in second.stdout


def test_a_change_that_no_official_has_signed_is_denied(stand):
    done = as_region(stand, "send", stand.layout.requests / "employment_event.xml", "--wait")
    assert done.returncode == 1
    assert "✗ ACCESS_DENIED SIGNATURE_MISSING" in done.stdout


def test_a_refused_call_is_told_as_json_too(stand, tmp_path):
    content = tmp_path / "nothing.xml"
    content.write_bytes((stand.layout.requests / "worker_card.xml").read_bytes().replace(b"Snils", b"Number"))
    done = as_region(stand, "send", content, "--json")
    told = json.loads(done.stdout)["fault"]
    assert (done.returncode, told["name"], told["action"]) == (1, "InvalidContent", "correct")
    assert told["errors"][0]["path"].endswith("Number")
    assert "InvalidContent" in done.stderr


def test_content_comes_from_standard_input_too(stand):
    octets = (stand.layout.requests / "worker_card.xml").read_bytes()
    assert as_region(stand, "send", "-", "--wait", "--test", stdin=octets).returncode == 0


def test_a_message_id_of_ones_own_makes_a_retry_safe(stand):
    request, message_id = stand.layout.requests / "worker_card.xml", as_region(stand, "send", "-", stdin=b"")
    assert message_id.returncode == 2
    own = json.loads(as_region(stand, "send", request, "--json", "--node-id", "n1").stdout)["message_id"]
    retried = as_region(stand, "send", request, "--message-id", own)
    assert (retried.returncode, retried.stdout.strip()) == (0, own)


def refused(stand: Stand, *arguments: object, **kwargs) -> tuple[int, str]:
    result = as_region(stand, "send", *arguments, **kwargs)
    return result.returncode, result.stderr


def test_what_the_node_refuses_is_told_with_code_reason_and_what_to_do(stand, tmp_path):
    unknown = tmp_path / "unknown.xml"
    unknown.write_text("<Request xmlns='urn:unknown'/>")
    code, told = refused(stand, unknown)
    assert code == 1
    assert "BusinessDataTypeIsNotSupported SMEV-901" in told
    assert "What to do: correct it, then send it anew." in told

    wrong = tmp_path / "wrong.xml"
    text = (stand.layout.requests / "worker_card.xml").read_text("utf-8")
    wrong.write_text(text.replace("<Snils>", "<Snils>x"), "utf-8")
    code, told = refused(stand, wrong)
    assert code == 1
    assert "InvalidContent SMEV-403" in told
    assert told.count("WorkerCardRequest/Snils: ") == 1

    code, told = refused(stand, stand.layout.requests / "employment_event.xml", system=AGENCY)
    assert code == 1
    assert "AccessDenied" in told


def test_mistakes_on_this_side_are_told_before_anything_is_sent(stand, tmp_path):
    not_xml = tmp_path / "not.xml"
    not_xml.write_text("hello")
    request = stand.layout.requests / "worker_card.xml"
    for arguments, words in (
        ((tmp_path / "missing.xml",), "missing.xml: No such file or directory"),
        ((not_xml,), "CONTENT_UNUSABLE: not well-formed XML"),
        ((request, "--message-id", "1"), "is no MessageID"),
        ((request, "--set", "client.urll=x"), "client.urll (flag): there is no such setting; did you mean client.url?"),
        ((request, "--set", "client.key=none.pem"), "client.key (flag): there is no file none.pem"),
    ):
        code, told = refused(stand, *arguments)
        assert (code, words in told) == (2, True), told


def test_without_key_or_trust_it_is_said_which_setting_is_missing(stand, tmp_path):
    request = stand.layout.requests / "worker_card.xml"
    (tmp_path / "empty.toml").write_text("")
    pair = stand.layout.pair(REGION)
    with_key = ["--set", f"client.key={pair.key}", "--set", f"client.certificate={pair.certificate}"]
    for sets, words in (
        ([], "client.key: no key is set"),
        (with_key, "client.node_certificates: not set"),
    ):
        result = mezhved("send", request, "--config", tmp_path / "empty.toml", *sets)
        assert (result.returncode, words in result.stderr) == (2, True), result.stderr


def test_a_node_that_is_not_there_is_told_with_its_address(stand, tmp_path):
    layout = Layout(stand.layout.folder)
    request = stand.layout.requests / "worker_card.xml"
    result = as_region(stand, "send", request, "--set", "client.url=http://127.0.0.1:9")
    assert result.returncode == 2
    assert "NODE_UNREACHABLE: http://127.0.0.1:9/" in result.stderr
    write_client_settings(layout, REGION, stand.url)


def test_an_answer_of_somebody_who_is_not_the_node_is_not_believed(stand):
    request = stand.layout.requests / "worker_card.xml"
    other = stand.layout.pair(AGENCY).certificate
    result = as_region(stand, "send", request, "--set", f"client.node_certificates={other}")
    assert result.returncode == 2
    assert "ANSWER_NOT_TRUSTED" in result.stderr


def test_a_system_switched_off_is_refused_and_heard_again_when_it_is_on(stand):
    config = ("--config", stand.layout.config)
    request = stand.layout.requests / "worker_card.xml"
    # The node may take a while (exchange.participants_cache_seconds) to notice.
    assert mezhved("participants", "switch", AGENCY.mnemonic, "--off", *config).returncode == 0
    eventually(lambda: "SenderIsNotRegistered" in as_region(stand, "send", request, "--wait", system=AGENCY).stderr)
    code, told = refused(stand, request, system=AGENCY)
    assert (code, "SenderIsNotRegistered" in told) == (1, True)
    assert mezhved("participants", "switch", AGENCY.mnemonic, "--on", *config).returncode == 0
    eventually(lambda: as_region(stand, "send", request, "--wait", system=AGENCY).returncode == 0)


def eventually(condition):
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline


@pytest.mark.parametrize("command", ["serve", "worker", "send", "poll", "ack", "participants", "demo", "settings"])
def test_every_command_explains_itself(command):
    result = mezhved(command, "--help")
    assert result.returncode == 0
    assert command == "participants" or "Example" in result.stdout


def test_a_node_without_a_key_says_so_at_the_start(stand, tmp_path):
    config = tmp_path / "node.toml"
    config.write_text(f"[database]\nurl = 'sqlite:///{stand.layout.store}'\n")
    for command in ("serve", "worker"):
        result = mezhved(command, "--config", config)
        assert result.returncode == 2
        assert "MISSING_KEY" in result.stderr
    missing = mezhved("serve", "--config", Path("nowhere.toml"))
    assert (missing.returncode, missing.stderr.strip()) == (
        2,
        "mezhved: config (--config): there is no file nowhere.toml",
    )


@pytest.mark.parametrize(("sent", "fetched"), [("1.1", "1.1"), ("1.3", "1.3"), ("1.3", "1.1"), ("1.1", "1.3")])
def test_a_request_of_one_version_is_answered_in_another(stand, sent, fetched):
    request = stand.layout.requests / "worker_card.xml"
    node_id = f"from-{sent}-to-{fetched}"
    result = as_region(stand, "send", request, "--node-id", node_id, "--set", f"client.contract={sent}")
    assert result.returncode == 0, result.stderr
    polled = as_region(
        stand, "poll", "--node-id", node_id, "--wait", 30, "--ack", "--json", "--set", f"client.contract={fetched}"
    )
    assert polled.returncode == 0, polled.stderr
    response = json.loads(polled.stdout)
    assert response["original_message_id"] == result.stdout.strip()
    assert "WorkerCardResponse" in response["content"]
    assert (response["signed_by"] is not None) is (sent == fetched)
