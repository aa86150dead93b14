"""Fixtures are read strictly: what would go unchecked for a typing error is refused, with file and place."""

from pathlib import Path

import pytest
from mezhved.adapter.conformance.fixture import Await, FixtureError, Resend, Send, find_fixtures
from mezhved.adapter.conformance.fixture_reading import load_fixture
from mezhved.adapter.exchange.contract import SignatureRole

GOOD = """
title = "A card"
origin = "Written by hand."
values.snils = 7

[[step]]
send = "request.xml"
content = "card.xml"
sign = ["system", { key = "official", role = "person" }]
change = [{ replace = "a", with = "b" }]
http.soap_action = "urn:SendRequest"
expect = { root = "SendRequestResponse", status = 200 }

[[step]]
resend = 1
expect = { fault = "MessageIsAlreadySent", text = "принято" }

[[step]]
await = 1
expect = { rejected = ["NO_DATA WORKER_NOT_FOUND"] }
"""


def write(folder: Path, text: str, name: str = "a.fixture.toml") -> Path:
    (folder / "request.xml").write_text("<a>{{content}}</a>")
    (folder / "card.xml").write_text("<card/>\n")
    path = folder / name
    path.write_text(text)
    return path


def test_a_fixture_says_what_to_send_and_what_must_come_of_it(tmp_path: Path) -> None:
    fixture = load_fixture(write(tmp_path, GOOD))
    send, resend, wait = fixture.runs[0].steps
    assert isinstance(send, Send)
    assert isinstance(resend, Resend)
    assert isinstance(wait, Await)
    assert (fixture.runs[0].contracts, fixture.values) == ({"1.2"}, {"snils": "7"})
    assert send.values == {"content": "<card/>"}
    assert [(one.key, one.role) for one in send.sign] == [
        ("system", SignatureRole.CALLER),
        ("official", SignatureRole.PERSON),
    ]
    assert (send.expect.root, send.expect.status, send.http.soap_action) == (
        "SendRequestResponse",
        (200,),
        "urn:SendRequest",
    )
    assert (resend.step, resend.expect.text) == (1, ("принято",))
    assert (wait.expect.rejected, wait.ack) == (("NO_DATA WORKER_NOT_FOUND",), True)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("root =", "rot =", "rot"),
        ("expect = { root", "expects = { root", "expects"),
        ('origin = "Written by hand."', "", "origin"),
        ("request.xml", "absent.xml", "absent.xml"),
        ("resend = 1", "resend = 2", "step 2"),
        ("resend = 1", 'resend = 1\nsend = "request.xml"', "exactly one"),
        ('{ root = "SendRequestResponse", status = 200 }', "{}", "empty"),
        (
            'rejected = ["NO_DATA WORKER_NOT_FOUND"]',
            "holds = []",
            "exactly one of content, rejected, interim and notice",
        ),
        ('role = "person"', 'role = "friend"', "friend"),
        ("[[step]]\nsend", "[[step]\nsend", "line"),
        ('title = "A card"', 'title = "A card"\neach.contract = ["9.9"]', "9.9"),
        ('title = "A card"', 'title = "A card"\neach.operation = ["SendGreeting"]', "SendGreeting"),
        ('title = "A card"', 'title = "A card"\neach.contract = "1.2"', "list of values"),
        ('send = "request.xml"\ncontent', 'send = "request.xml"\ncontract = "2.0"\ncontent', "2.0"),
        ('send = "request.xml"', 'call = "Ack"', "no calls.toml"),
    ],
)
def test_a_fixture_with_an_error_is_refused_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(FixtureError, match=says) as caught:
        load_fixture(path)
    assert "a.fixture.toml" in str(caught.value)


def test_folders_are_searched_for_fixtures(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    deep = write(tmp_path / "deep", GOOD, "b.fixture.toml")
    top = write(tmp_path, GOOD)
    (tmp_path / "participants.toml").write_text("")
    assert find_fixtures([tmp_path]) == [top, deep]
    assert find_fixtures([deep]) == [deep]


def test_a_folder_without_fixtures_is_no_success(tmp_path: Path) -> None:
    with pytest.raises(FixtureError):
        find_fixtures([tmp_path])
    with pytest.raises(FixtureError):
        find_fixtures([tmp_path / "absent"])


CALLS = """
[SendRequest]
send = "request.xml"
values = { a = "1", b = "2" }
sign = "system"

[Ack]
send = "ack.xml"
sign = "system"

[GetIncomingQueueStatistics]
send = "statistics.xml"
sign = "system"
"""
MANY = """
title = "A call that nobody signed"
origin = "Written by hand."
each = { contract = "*", operation = ["SendRequest", "Ack", "GetIncomingQueueStatistics"] }

[[step]]
call = "{{operation}}"
values.b = 3
sign = []
expect = { fault = "SignatureVerificationFault" }
"""


def test_a_fixture_is_run_for_each_version_and_operation_that_it_is_for(tmp_path: Path) -> None:
    folder = tmp_path / "deep"
    folder.mkdir()
    path = write(folder, MANY)
    for name, operation in (("request", "SendRequest"), ("ack", "Ack"), ("statistics", "GetIncomingQueueStatistics")):
        (tmp_path / f"{name}.xml").write_text(f"<e><t:{operation}Request a='b'/></e>")
    (tmp_path / "calls.toml").write_text(CALLS)
    runs = load_fixture(path).runs
    both = [(version, operation) for version in ("1.1", "1.2", "1.3") for operation in ("SendRequest", "Ack")]
    # Only 1.1 has statistics.
    both.insert(2, ("1.1", "GetIncomingQueueStatistics"))
    assert [tuple(run.parameters.values()) for run in runs] == both
    for run, (version, operation) in zip(runs, both, strict=True):
        (step,) = run.steps
        assert isinstance(step, Send)
        assert (step.contract.version, step.operation, step.sign) == (version, operation, ())
    (step,) = runs[0].steps
    assert isinstance(step, Send)
    assert (step.envelope, step.values) == (tmp_path / "request.xml", {"a": "1", "b": "3"})


def test_a_call_that_is_not_known_is_refused_with_those_that_are(tmp_path: Path) -> None:
    (tmp_path / "calls.toml").write_text(CALLS)
    with pytest.raises(FixtureError, match="no call GetStatus; known: SendRequest, Ack"):
        load_fixture(write(tmp_path, MANY.replace("{{operation}}", "GetStatus")))
