"""How a replay polls: patiently, within bounds, by its own sub-queue, and acknowledging nothing that is not its own."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random

import pytest
from lxml import etree
from mezhved.adapter.conformance.fixture_reading import load_fixture
from mezhved.adapter.conformance.key_ring import KeyRing
from mezhved.adapter.conformance.replay import Outcome, Replayer, RunResult
from mezhved.adapter.conformance.scenario import ReplaySettings, endpoint_url
from mezhved.adapter.exchange.contract import CONTRACTS, SOAP_ENVELOPE, XMLDSIG
from mezhved.signing.errors import ProviderUnavailable
from mezhved.signing.keys import SigningKey

CONTRACT = CONTRACTS["1.2"]
KEYS = Path(__file__).parents[2] / "fixtures" / "keys"
TYPES = f"{{{CONTRACT.types}}}"
REQUEST = (
    f'<s:Envelope xmlns:s="{SOAP_ENVELOPE}"><s:Body><t:SendRequestRequest xmlns:t="{CONTRACT.types}" '
    f'xmlns:b="{CONTRACT.basic}"><t:SenderProvidedRequestData Id="A"><t:MessageID>{{{{message_id}}}}</t:MessageID>'
    "<t:NodeID>{{node_id}}</t:NodeID><b:MessagePrimaryContent><q:Ask xmlns:q='urn:q'/></b:MessagePrimaryContent>"
    "</t:SenderProvidedRequestData></t:SendRequestRequest></s:Body></s:Envelope>"
)
HEAD = """
title = "A question"
origin = "this test"
"""
SEND = """
[[step]]
send = "request.xml"
sign = "region-ecdsa"
expect.root = "SendRequestResponse"
"""
AWAIT = """
[[step]]
await = {step}
expect.content = "Reply"
"""
FIXTURE = HEAD + SEND + AWAIT.format(step=1)

Call = etree._Element


def soap(body: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{SOAP_ENVELOPE}"><s:Body xmlns:t="{CONTRACT.types}" xmlns:b="{CONTRACT.basic}">'
        f"{body}</s:Body></s:Envelope>"
    ).encode()


def response(to: str, message_id: str) -> str:
    return (
        f"<t:GetResponseResponse><t:ResponseMessage><t:Response><t:OriginalMessageId>{to}</t:OriginalMessageId>"
        f"<t:SenderProvidedResponseData><t:MessageID>{message_id}</t:MessageID><b:MessagePrimaryContent>"
        "<q:Reply xmlns:q='urn:q'/></b:MessagePrimaryContent></t:SenderProvidedResponseData></t:Response>"
        "</t:ResponseMessage></t:GetResponseResponse>"
    )


class Node:
    """A node by script: `answers` are what polls for responses give, one after another, and `requests` what polls for
    requests give; it refuses the first `full` requests that it is sent. `calls` is what it heard."""

    def __init__(
        self, answers: list[Callable[[str], str]], requests: list[Callable[[str], str]] | None = None, full: int = 0
    ) -> None:
        self.answers = answers
        self.requests = requests or []
        self.full = full
        self.calls: list[Call] = []

    def __call__(self, octets: bytes) -> bytes:
        call = etree.fromstring(octets).find(f"{{{SOAP_ENVELOPE}}}Body")[0]
        self.calls.append(call)
        match etree.QName(call).localname:
            case "SendRequestRequest":
                self.full -= 1
                return soap("<t:SendRequestResponse/>" if self.full < 0 else "<t:SendRequestFull/>")
            case "GetRequestRequest":
                asked = self.calls[0].findtext(f".//{TYPES}MessageID") or ""
                return soap(self.requests.pop(0)(asked) if self.requests else "<t:GetRequestResponse/>")
            case "GetResponseRequest":
                asked = self.calls[0].findtext(f".//{TYPES}MessageID") or ""
                return soap(self.answers.pop(0)(asked) if self.answers else "<t:GetResponseResponse/>")
            case _:
                return soap("<t:AckResponse/>")

    def heard(self, name: str) -> list[Call]:
        return [call for call in self.calls if etree.QName(call).localname == name]


def request(message_id: str) -> str:
    return (
        "<t:GetRequestResponse><t:RequestMessage><t:Request><t:SenderProvidedRequestData>"
        f"<t:MessageID>{message_id}</t:MessageID><b:MessagePrimaryContent><q:Ask xmlns:q='urn:q'/>"
        "</b:MessagePrimaryContent></t:SenderProvidedRequestData><t:ReplyTo>back</t:ReplyTo></t:Request>"
        "</t:RequestMessage></t:GetRequestResponse>"
    )


def interim(to: str, message_id: str, code: str) -> str:
    return (
        f"<t:GetResponseResponse><t:ResponseMessage><t:Response><t:OriginalMessageId>{to}</t:OriginalMessageId>"
        f"<t:SenderProvidedResponseData><t:MessageID>{message_id}</t:MessageID><t:RequestStatus>"
        f"<t:StatusCode>{code}</t:StatusCode></t:RequestStatus></t:SenderProvidedResponseData></t:Response>"
        "</t:ResponseMessage></t:GetResponseResponse>"
    )


@contextmanager
def serving(node: Node) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            answer = node(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Clock:
    """Time that passes only in pauses."""

    def __init__(self) -> None:
        self.now = datetime(2027, 1, 1, tzinfo=UTC)

    def pause(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def keys(_fixture: Path, name: str) -> SigningKey:
    return KeyRing().key(KEYS, name)


def run(folder: Path, node: Node, text: str = FIXTURE, find: Callable[[Path, str], SigningKey] = keys) -> RunResult:
    (folder / "request.xml").write_text(REQUEST)
    (folder / "a.fixture.toml").write_text(text)
    clock = Clock()
    with serving(node) as url:
        settings = ReplaySettings(url, patience=timedelta(seconds=5), interval=timedelta(seconds=1))
        replayer = Replayer(settings, find, lambda: clock.now, Random(1).getrandbits, clock.pause)
        fixture = load_fixture(folder / "a.fixture.toml")
        return replayer.run(fixture, fixture.runs[0])


def empty(_asked: str) -> str:
    return "<t:GetResponseResponse/>"


def empty_requests(_asked: str) -> str:
    return "<t:GetRequestResponse/>"


def test_it_polls_its_own_sub_queue_until_the_response_is_there_and_acknowledges_it(tmp_path: Path) -> None:
    node = Node([empty, empty, lambda asked: response(asked, "the-response")])
    assert run(tmp_path, node).outcome is Outcome.PASSED
    sub_queues = {poll.findtext(f".//{{{CONTRACT.basic}}}NodeID") for poll in node.heard("GetResponseRequest")}
    assert sub_queues == {node.calls[0].findtext(f".//{TYPES}NodeID")}
    assert len(node.heard("GetResponseRequest")) == 3
    assert [ack[0].text for ack in node.heard("AckRequest")] == ["the-response"]


def test_the_response_to_somebody_else_is_left_alone(tmp_path: Path) -> None:
    node = Node([lambda _: response("another", "not-ours"), lambda asked: response(asked, "ours")])
    assert run(tmp_path, node).outcome is Outcome.PASSED
    assert [ack[0].text for ack in node.heard("AckRequest")] == ["ours"]


def test_responses_that_come_in_another_order_find_their_steps(tmp_path: Path) -> None:
    text = HEAD + SEND + SEND + AWAIT.format(step=2) + AWAIT.format(step=1)
    node = Node([])

    def second(_asked: str) -> str:
        return response(node.heard("SendRequestRequest")[1].findtext(f".//{TYPES}MessageID") or "", "to-second")

    node.answers = [lambda asked: response(asked, "to-first"), second]
    assert run(tmp_path, node, text).outcome is Outcome.PASSED
    assert [ack[0].text for ack in node.heard("AckRequest")] == ["to-second", "to-first"]


def test_it_does_not_wait_for_ever(tmp_path: Path) -> None:
    node = Node([])
    result = run(tmp_path, node)
    assert result.outcome is Outcome.FAILED
    assert result.steps[-1].differences == ("nothing came within 5 s",)
    assert len(node.heard("GetResponseRequest")) == 6


def test_a_response_that_is_to_be_left_is_not_acknowledged(tmp_path: Path) -> None:
    node = Node([lambda asked: response(asked, "ours")])
    assert run(tmp_path, node, FIXTURE.replace("await = 1", "await = 1\nack = false")).outcome is Outcome.PASSED
    assert not node.heard("AckRequest")


FETCH = """
[[step]]
fetch = 1
sign = "provider-ecdsa"
contract = "1.2"
keep.reply_to = "//t:ReplyTo"
expect = { content = "Ask", holds = ["//t:ReplyTo"] }
"""


def test_a_provider_fetches_what_was_sent_and_leaves_what_others_have_sent(tmp_path: Path) -> None:
    node = Node([], [empty_requests, lambda _: request("of-another"), request])
    result = run(tmp_path, node, HEAD + SEND + FETCH)
    assert (result.outcome, result.steps[-1].got) == (Outcome.PASSED, "Ask")
    assert [ack[0].text for ack in node.heard("AckRequest")] == [node.calls[0].findtext(f".//{TYPES}MessageID")]
    polls = node.heard("GetRequestRequest")
    assert len(polls) == 3
    # Sub-queues are for responses; and the provider signs with its own key.
    assert {poll.findtext(f".//{{{CONTRACT.basic}}}NodeID") for poll in polls} == {None}
    certificates = {call.findtext(f".//{{{XMLDSIG}}}X509Certificate") for call in node.calls[:2]}
    assert len(certificates) == 2


def test_a_status_and_then_the_answer_are_awaited_one_by_one(tmp_path: Path) -> None:
    status = AWAIT.format(step=1).replace('expect.content = "Reply"', 'expect.interim = "10"')
    node = Node([lambda asked: interim(asked, "status", "10"), lambda asked: response(asked, "answer")])
    assert run(tmp_path, node, HEAD + SEND + status + AWAIT.format(step=1)).outcome is Outcome.PASSED
    assert [ack[0].text for ack in node.heard("AckRequest")] == ["status", "answer"]
    node = Node([lambda asked: interim(asked, "status", "11")])
    result = run(tmp_path, node, HEAD + SEND + status)
    assert result.steps[-1].differences == ("interim status expected 10, got interim status 11",)


def test_what_is_to_be_repeated_is_sent_as_another_message_until_the_answer_is_the_expected_one(tmp_path: Path) -> None:
    node = Node([], full=2)
    text = HEAD + SEND.replace("expect.root", "repeat = true\nexpect.root")
    assert run(tmp_path, node, text).outcome is Outcome.PASSED
    sent = [call.findtext(f".//{TYPES}MessageID") for call in node.heard("SendRequestRequest")]
    assert len(set(sent)) == len(sent) == 3
    node = Node([], full=99)
    assert run(tmp_path, node, text).outcome is Outcome.FAILED
    assert 5 <= len(node.calls) <= 7


def test_the_steps_after_a_difference_are_not_done(tmp_path: Path) -> None:
    node = Node([])
    result = run(tmp_path, node, FIXTURE.replace("SendRequestResponse", "AckResponse"))
    assert (result.outcome, len(result.steps), len(node.calls)) == (Outcome.FAILED, 1, 1)


def test_what_this_machine_cannot_sign_is_skipped_and_says_why(tmp_path: Path) -> None:
    def without_engine(_fixture: Path, _name: str) -> SigningKey:
        raise ProviderUnavailable("install the engine")

    node = Node([])
    result = run(tmp_path, node, find=without_engine)
    assert (result.outcome, result.reason, node.calls) == (Outcome.SKIPPED, "install the engine", [])


@pytest.mark.parametrize(
    ("url", "path", "replace", "called"),
    [
        ("http://h:1", "/smev/v1.2/ws", False, "http://h:1/smev/v1.2/ws"),
        ("http://h:1/", "/smev/v1.2/ws", False, "http://h:1/smev/v1.2/ws"),
        ("http://h/other/endpoint", "/smev/v1.2/ws", False, "http://h/other/endpoint"),
        ("http://h/other/endpoint", "/health", True, "http://h/health"),
    ],
)
def test_a_base_url_gets_the_customary_path(url: str, path: str, replace: bool, called: str) -> None:
    assert endpoint_url(url, path, replace=replace) == called
