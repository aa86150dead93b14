"""The stand's foreign provider: it answers before it acknowledges, and survives what providers have to survive."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from lxml import etree
from mezhved.adapter.catalogue.catalogue import load_catalogue
from mezhved.adapter.client.answers import Rejected
from mezhved.adapter.client.errors import AnswerNotTrusted, AnswerNotUnderstood, NodeUnreachable, SenderNotTrusted
from mezhved.adapter.exchange.faults import RecipientIsNotFound, SMEVFailure, TargetMessageIsNotFound
from mezhved.adapter.stand import licences
from mezhved.adapter.stand.licences import answer_to, licence_card, licence_suspended, provide

ORGANISATION = "1.2.643.5.1.13.13.12.2.78.900001"


def request(message_id: str, reply_to: str | None = "address", organisation: str = ORGANISATION) -> Any:
    content = etree.fromstring(licence_card(organisation))
    return SimpleNamespace(
        message_id=message_id, reply_to=reply_to, content=content, metadata=SimpleNamespace(sender="AGENCY")
    )


@dataclass
class Node:
    """A client's view of a node: what it gives out, in order, and what it was told. Ends the provider at the end."""

    given: list[Any]
    stop: threading.Event = field(default_factory=threading.Event)
    told: list[tuple[str, str]] = field(default_factory=list)
    refusing: Callable[[], Exception] | None = None
    acknowledging: Callable[[], Exception] | None = None

    def get_request(self) -> Any:
        if not self.given:
            self.stop.set()
            return None
        one = self.given.pop(0)
        if isinstance(one, Exception):
            raise one
        return one

    def send_response(self, reply_to: str, answer: Any) -> None:
        if self.refusing is not None:
            raise self.refusing()
        refused = isinstance(answer, list) and all(isinstance(one, Rejected) for one in answer)
        self.told.append(("refusal" if refused else "answer", reply_to))

    def ack(self, message_id: str) -> None:
        if self.acknowledging is not None:
            raise self.acknowledging()
        self.told.append(("ack", message_id))


def provided(node: Node) -> list[tuple[str, str]]:
    provide(node, node.stop, pause=0)  # type: ignore[arg-type]
    return node.told


def test_a_request_is_answered_and_then_acknowledged() -> None:
    assert provided(Node([request("1"), request("2")])) == [
        ("answer", "address"),
        ("ack", "1"),
        ("answer", "address"),
        ("ack", "2"),
    ]


def test_what_was_answered_before_a_crash_is_only_acknowledged() -> None:
    node = Node([request("1")], refusing=lambda: RecipientIsNotFound("дан окончательный ответ"))
    assert provided(node) == [("ack", "1")]


def test_a_broadcast_is_only_acknowledged_and_a_lost_node_is_asked_again() -> None:
    assert provided(Node([NodeUnreachable("gone"), request("1", reply_to=None)])) == [("ack", "1")]


def test_a_request_whose_senders_signature_is_not_accepted_is_refused_and_acknowledged() -> None:
    untrusted = [SenderNotTrusted("revoked", "1", "address"), SenderNotTrusted("revoked", "2", None), request("3")]
    told = [("refusal", "address"), ("ack", "1"), ("ack", "2"), ("answer", "address"), ("ack", "3")]
    assert provided(Node(untrusted)) == told


@pytest.mark.parametrize("error", [AnswerNotTrusted("not the node"), AnswerNotUnderstood("no request")])
def test_what_the_node_itself_does_not_vouch_for_is_left_and_the_next_request_is_answered(error: Exception) -> None:
    assert provided(Node([error, request("1")])) == [("answer", "address"), ("ack", "1")]


def test_a_request_that_has_gone_to_another_process_does_not_end_the_provider() -> None:
    node = Node([request("1"), request("2")], acknowledging=lambda: TargetMessageIsNotFound("1"))
    assert provided(node) == [("answer", "address"), ("answer", "address")]


def test_what_the_node_asks_to_try_again_is_tried_again_and_another_fault_ends_the_provider() -> None:
    assert provided(Node([SMEVFailure(), request("1")])) == [("answer", "address"), ("ack", "1")]
    with pytest.raises(RecipientIsNotFound):
        provided(Node([RecipientIsNotFound("x")]))


def test_the_answer_is_always_the_same_and_valid_by_the_declared_schema() -> None:
    catalogue = load_catalogue([], licences.KINDS)
    kind = catalogue.by_request(f"{{{licences.LICENCE_CARD}}}LicenceCardRequest")
    assert kind is not None
    asked = etree.fromstring(licence_card(ORGANISATION))
    first, second = answer_to(asked), answer_to(asked)
    assert isinstance(first, etree._Element)
    assert etree.tostring(first) == etree.tostring(second)
    assert list(kind.validate(asked)) == list(kind.validate(first)) == []
    (refusal,) = answer_to(etree.fromstring(licence_card("1.2.3")))
    assert refusal.reason == "NO_DATA"


def test_the_broadcast_is_valid_by_its_declared_schema() -> None:
    kind = load_catalogue([], licences.KINDS).by_request(f"{{{licences.LICENCE_NOTICE}}}LicenceSuspended")
    assert kind is not None
    assert kind.broadcast
    assert not kind.validate(etree.fromstring(licence_suspended(ORGANISATION, date(2026, 11, 23))))
