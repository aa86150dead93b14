"""Registry requests of contract 1.3 on both databases: what is wrong with a record is its own affair."""

import pytest
from lxml import etree
from lxml.etree import _Element as Element
from mezhved.adapter.dispatch.record_answers import REGISTRY
from mezhved.adapter.exchange.copies import original_id
from mezhved.adapter.exchange.faults import (
    AccessDenied,
    ExchangeFault,
    IncorrectResponseContentType,
    InvalidContent,
    RecipientIsNotFound,
    SignatureVerificationFault,
)
from mezhved.adapter.exchange.rejection import Rejection, RejectReason
from mezhved.adapter.registry.outcome import Answer, KindRequest, Refusal
from mezhved.adapter.soap.operations.ack import Ack
from mezhved.adapter.soap.operations.get_request import GetRequest
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.soap.operations.send_response import SendResponse
from mezhved.signing.keys import SigningKey
from mezhved.signing.policy import SMEV
from mezhved.signing.xmldsig import verify
from sqlalchemy import Connection, Engine
from support.echo import answer, echo_worker, effects, remember
from support.operations import answered, delivered, refused, text
from support.routed import V13, D, R, T, echo, of_record, registry, routed, send, signature_of, values
from support.world import ECHO, NEWER, NEWS, ProviderOf, World

ROUTES = ProviderOf("FRMR", values={"48": "LIPETSK", "77": "MOSCOW"})
THREE = [(1, echo("one")), (2, echo("two")), (3, echo("three"))]


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def accepted(world: World, key: SigningKey, content: str, inner: str = "", records: list[str] | None = None) -> str:
    call = send(world, key, content)
    if inner or records:
        call = routed(call, key, inner, records=records or ())
    receipt = answered(SendRequest(world.context(routes=ROUTES)), call)
    return text(V13, receipt, "MessageMetadata", "MessageId") or ""


def refusal(world: World, key: SigningKey, content: str, inner: str = "") -> ExchangeFault:
    call = send(world, key, content)
    return refused(SendRequest(world.context(routes=ROUTES)), routed(call, key, inner) if inner else call)


def fetched(world: World, key: SigningKey) -> Element | None:
    context = world.context(routes=ROUTES)
    request = delivered(world, GetRequest(context), world.get_request(key, contract=V13), "Request")
    if request is not None:
        Ack(context)(world.ack(key, text(V13, request, "MessageMetadata", "MessageId") or "", contract=V13))
    return request


def heard(world: World, key: SigningKey) -> Element | None:
    response = delivered(world, GetResponse(world.context()), world.get_response(key, contract=V13), "Response")
    if response is not None:
        message_id = text(V13, response, "MessageMetadata", "MessageId") or ""
        Ack(world.context())(world.ack(key, message_id, contract=V13))
    return response


def numbers(message: Element | None) -> list[str]:
    assert message is not None
    return [one.text or "" for one in message.iter(f"{D}RecordId")]


def told(response: Element | None) -> dict[str, str]:
    """RoutingStatusCode of each record."""
    assert response is not None
    found = response.iter(f"{R}RegistryRoutingStatus")
    return {one.findtext(f"{R}RecordId") or "": one.findtext(f"{R}RoutingStatusCode") or "" for one in found}


def outcomes(response: Element | None) -> dict[str, list[str]]:
    """What the answer says of each record: its text, or the descriptions of its refusals."""
    assert response is not None
    found = {}
    for record in response.iter(f"{D}RegistryRecord"):
        content = record[1][0][0]
        reasons = [one.text or "" for one in content.iter(f"{{{REGISTRY}}}RejectionReasonDescription")]
        found[record[0].text or ""] = reasons or [content.text or ""]
    return found


def test_every_record_is_carried_out_and_told_in_one_answer(world: World) -> None:
    key = world.register("REGION")
    sent = accepted(world, key, registry(THREE, key))
    assert echo_worker(world).run_once() == 1
    response = heard(world, key)
    assert response is not None
    assert text(V13, response, "OriginalMessageId") == sent
    assert outcomes(response) == {"1": ["ответ"], "2": ["ответ"], "3": ["ответ"]}
    done = effects(world)
    assert len(set(done)) == 3
    assert {original_id(one) for one in done} == {sent}
    assert heard(world, key) is None


def test_a_record_that_the_register_refuses_does_not_refuse_its_neighbours(world: World) -> None:
    def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
        remember(request, conn)
        if request.content.text == "two":
            return Refusal((Rejection(RejectReason.NO_DATA, "NONE", "EchoRequest", "нет"),))
        return answer(request.content.text or "")

    key = world.register("REGION")
    accepted(world, key, registry(THREE, key))
    echo_worker(world, handle).run_once()
    assert outcomes(heard(world, key)) == {"1": ["one"], "2": ["NONE|EchoRequest|нет"], "3": ["three"]}
    assert len(effects(world)) == 2


def test_a_failure_undoes_all_records(world: World) -> None:
    def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
        remember(request, conn)
        if request.content.text == "three":
            raise RuntimeError("a bug")
        return answer()

    key = world.register("REGION")
    accepted(world, key, registry(THREE, key))
    echo_worker(world, handle).run_once()
    assert effects(world) == []
    assert heard(world, key) is None


def test_a_test_registry_changes_nothing(world: World) -> None:
    key = world.register("REGION")
    call = send(world, key, registry(THREE, key), after="<t:TestMessage/>")
    SendRequest(world.context())(call)
    echo_worker(world).run_once()
    assert effects(world) == []
    assert len(outcomes(heard(world, key))) == 3


def test_a_record_with_errors_is_left_out_and_named(world: World) -> None:
    key, register = world.register("REGION"), world.register("FRMR")
    accepted(world, key, registry([(1, echo("one")), (7, echo("wrong"))], key))
    request = fetched(world, register)
    assert request is not None
    assert numbers(request) == ["1"]
    assert request.find(f"{T}SenderInformationSystemSignature") is None
    (record,) = request.iter(f"{D}RegistryRecord")
    signature = signature_of(record.find(f"{D}RecordSignature"))
    verify(signature, record[1], policy=SMEV, trust=world.trust, at=world.clock())
    response = heard(world, key)
    assert response is not None
    fault = response.find(f".//{T}SmevFault")
    assert fault is not None
    assert "Registry/RegistryRecord[RecordId=7]/EchoRequest" in (fault[1].text or "")


def test_only_a_few_records_are_explained_and_all_are_named(world: World) -> None:
    key = world.register("REGION")
    wrong = [(number, echo("wrong")) for number in range(2, 20)]
    accepted(world, key, registry([(1, echo("one")), *wrong], key))
    response = heard(world, key)
    assert response is not None
    description = response.findtext(f".//{T}SmevFault/{{{V13.basic}}}Description") or ""
    assert description.count("слово wrong запрещено") == 10
    assert all(f"[RecordId={number}]" in description for number, _ in wrong)


def test_all_records_with_errors_are_a_fault(world: World) -> None:
    key = world.register("REGION")
    fault = refusal(world, key, registry([(1, echo("wrong")), (2, echo("wrong"))], key))
    assert isinstance(fault, InvalidContent)
    assert fault.errors[0].path == "Registry/RegistryRecord[RecordId=1]/EchoRequest"


def test_a_number_that_stands_twice_is_nobodys(world: World) -> None:
    key, register = world.register("REGION"), world.register("FRMR")
    accepted(world, key, registry([(1, echo("one")), (2, echo("two")), (1, echo("three"))], key))
    assert numbers(fetched(world, register)) == ["2"]
    assert told(heard(world, key)) == {"1": "invalidRegistryRecordId"}


def test_a_record_without_a_signature_or_of_another_system_is_left_out(world: World) -> None:
    key, other, register = world.register("REGION"), world.register("OTHER"), world.register("FRMR")
    stranger = world.issue("CN=nobody").signing_key()
    four = [*THREE, (4, echo("four"))]
    accepted(world, key, registry(four, key, keys={1: None, 2: other, 3: stranger}))
    assert numbers(fetched(world, register)) == ["4"]
    assert told(heard(world, key)) == {
        "1": "signatureInvalid",
        "2": "certificateInvalid",
        "3": "certificateInvalid",
    }


def test_a_record_that_was_changed_is_left_out(world: World) -> None:
    key, register = world.register("REGION"), world.register("FRMR")
    accepted(world, key, registry(THREE, key).replace(">two<", ">TWO<"))
    assert numbers(fetched(world, register)) == ["1", "3"]
    assert told(heard(world, key)) == {"2": "signatureInvalid"}


def test_no_record_with_a_good_signature_is_a_fault(world: World) -> None:
    key = world.register("REGION")
    assert isinstance(refusal(world, key, registry(THREE, None)), SignatureVerificationFault)


def test_records_are_of_one_kind(world: World) -> None:
    key = world.register("REGION")
    newer = f'<e:EchoRequest xmlns:e="{NEWER}">two</e:EchoRequest>'
    fault = refusal(world, key, registry([(1, echo()), (2, newer)], key))
    assert isinstance(fault, InvalidContent)
    assert "RecordId=2" in fault.errors[0].path


def test_rights_are_those_to_the_kind_of_the_records(world: World) -> None:
    key = world.register("REGION", sends=["news"])
    assert isinstance(refusal(world, key, registry(THREE, key)), AccessDenied)


def test_a_broadcast_is_no_registry(world: World) -> None:
    key = world.register("REGION")
    assert isinstance(refusal(world, key, registry([(1, f'<n:News xmlns:n="{NEWS}"/>')], key)), InvalidContent)


def test_each_recipient_gets_its_own_records(world: World) -> None:
    key, moscow, lipetsk = (world.register(name) for name in ("REGION", "MOSCOW", "LIPETSK"))
    records = [
        of_record(1, values(["77"])),
        of_record(2, values(["48", "77"])),
        of_record(3, values(["00"])),
        of_record(9, values(["77"])),
    ]
    accepted(world, key, registry(THREE, key), records=records)
    assert numbers(fetched(world, moscow)) == ["1", "2"]
    assert numbers(fetched(world, lipetsk)) == ["2"]
    assert told(heard(world, key)) == {
        "1": "success",
        "2": "success",
        "3": "recipientNotFound",
        "9": "invalidRegistryRecordId",
    }


def test_a_record_may_go_where_the_message_goes(world: World) -> None:
    key, moscow, lipetsk = (world.register(name) for name in ("REGION", "MOSCOW", "LIPETSK"))
    records = [of_record(1, general=True), of_record(2, values(["48"]), general=True), of_record(3, values(["48"]))]
    accepted(world, key, registry(THREE, key), values(["77"]), records)
    assert numbers(fetched(world, moscow)) == ["1", "2"]
    assert numbers(fetched(world, lipetsk)) == ["2", "3"]
    assert heard(world, key) is None


def test_what_refers_to_instructions_that_are_not_there_is_left_out(world: World) -> None:
    key, register = world.register("REGION"), world.register("FRMR")
    accepted(world, key, registry(THREE, key), records=[of_record(1, general=True)])
    assert numbers(fetched(world, register)) == ["2", "3"]
    assert told(heard(world, key))["1"] == "generalRoutingNotFound"


def test_instructions_that_stand_twice_for_a_record_do_not_count(world: World) -> None:
    key, moscow, _ = (world.register(name) for name in ("REGION", "MOSCOW", "LIPETSK"))
    records = [of_record(1, values(["77"])), of_record(1, values(["48"])), of_record(2, values(["77"]))]
    accepted(world, key, registry(THREE[:2], key), records=records)
    assert numbers(fetched(world, moscow)) == ["2"]
    assert told(heard(world, key)) == {"1": "invalidRegistryRecordId", "2": "success"}


def test_a_registry_for_nobody_is_refused_at_once(world: World) -> None:
    key = world.register("REGION")
    assert isinstance(refusal(world, key, registry(THREE, key), values(["00"])), RecipientIsNotFound)


def test_records_wait_for_earlier_requests_about_the_same_and_later_ones_for_them(world: World) -> None:
    key, register, context = world.register("REGION"), world.register("FRMR"), world.context()
    first = accepted(world, key, echo("first", "a"))
    batch = accepted(world, key, registry([(1, echo("x", "a")), (2, echo("y", "b"))], key))
    later = accepted(world, key, echo("later", "b"))
    free = accepted(world, key, echo("free", "c"))

    def fetch() -> str | None:
        request = delivered(world, GetRequest(context), world.get_request(register, contract=V13), "Request")
        return None if request is None else text(V13, request, "MessageMetadata", "MessageId")

    assert [fetch() for _ in range(3)] == [first, free, None]
    Ack(context)(world.ack(register, first, contract=V13))
    assert [fetch() for _ in range(2)] == [batch, None]
    Ack(context)(world.ack(register, batch, contract=V13))
    assert fetch() == later


def test_two_batches_about_the_same_come_one_after_the_other(world: World) -> None:
    key = world.register("REGION")
    order: list[str] = []

    def handle(request: KindRequest, conn: Connection) -> Answer:
        order.append(f"{request.content.text}")
        return remember(request, conn)

    for name in ("first", "second"):
        accepted(world, key, registry([(1, echo(f"{name} a", "a")), (2, echo(f"{name} b", "b"))], key))
    worker = echo_worker(world, handle)
    assert [worker.run_once(), worker.run_once(), worker.run_once()] == [1, 1, 0]
    assert order == ["first a", "first b", "second a", "second b"]


ANSWERS = (
    '<b:MessagePrimaryContent><d:Registry xmlns:d="{directive}"><d:RegistryRecord><d:RecordId>{number}</d:RecordId>'
    "<d:Record><d:RecordContent>{content}</d:RecordContent></d:Record></d:RegistryRecord></d:Registry>"
    "</b:MessagePrimaryContent>"
)
ECHOED = f'<e:EchoResponse xmlns:e="{ECHO}">да</e:EchoResponse>'
REJECTED = (
    f'<m:RecordRejected xmlns:m="{REGISTRY}"><m:Rejection><m:RejectionReasonCode>NO_DATA</m:RejectionReasonCode>'
    "<m:RejectionReasonDescription>нет</m:RejectionReasonDescription></m:Rejection></m:RecordRejected>"
)


@pytest.mark.parametrize("content", [ECHOED, REJECTED])
def test_another_provider_answers_in_the_same_way(world: World, content: str) -> None:
    key, moscow = world.register("REGION"), world.register("MOSCOW")
    accepted(world, key, registry(THREE, key), values(["77"]))
    request = fetched(world, moscow)
    assert request is not None
    business = ANSWERS.format(directive=V13.directive, number=2, content=content)
    response = world.send_response(moscow, request.findtext(f"{T}ReplyTo") or "", business, contract=V13)
    SendResponse(world.context())(response)
    assert numbers(heard(world, key)) == ["2"]


@pytest.mark.parametrize(
    ("number", "content"),
    [(4, ECHOED), (2, echo()), (2, REJECTED.replace("NO_DATA", "WHATEVER"))],
    ids=["a record that was not asked", "no answer", "no known reason"],
)
def test_what_is_no_answer_to_the_records_is_refused(world: World, number: int, content: str) -> None:
    key, moscow = world.register("REGION"), world.register("MOSCOW")
    accepted(world, key, registry(THREE, key), values(["77"]))
    request = fetched(world, moscow)
    assert request is not None
    business = ANSWERS.format(directive=V13.directive, number=number, content=content)
    response = world.send_response(moscow, request.findtext(f"{T}ReplyTo") or "", business, contract=V13)
    assert isinstance(refused(SendResponse(world.context()), response), InvalidContent)


def test_a_record_is_answered_once(world: World) -> None:
    key, moscow = world.register("REGION"), world.register("MOSCOW")
    accepted(world, key, registry(THREE, key), values(["77"]))
    request = fetched(world, moscow)
    assert request is not None
    business = ANSWERS.format(directive=V13.directive, number=2, content=ECHOED)
    start, end = business.index("<d:RegistryRecord>"), business.index("</d:Registry>")
    twice = business[:end] + business[start:end] + business[end:]
    response = world.send_response(moscow, request.findtext(f"{T}ReplyTo") or "", twice, contract=V13)
    assert isinstance(refused(SendResponse(world.context()), response), InvalidContent)


def test_an_ordinary_request_is_not_answered_by_records(world: World) -> None:
    key, register = world.register("REGION"), world.register("FRMR")
    accepted(world, key, echo())
    request = fetched(world, register)
    assert request is not None
    business = ANSWERS.format(directive=V13.directive, number=1, content=ECHOED)
    response = world.send_response(register, request.findtext(f"{T}ReplyTo") or "", business, contract=V13)
    assert isinstance(refused(SendResponse(world.context()), response), IncorrectResponseContentType)


def test_the_schema_of_refusals_is_what_the_register_writes(world: World) -> None:
    from mezhved.adapter.soap.operations.registry_response import _refusals

    def refuse(request: KindRequest, conn: Connection) -> Refusal:
        return Refusal((Rejection(RejectReason.FAILURE, "LONG", "", "я" * 5000),))

    key = world.register("REGION")
    accepted(world, key, registry(THREE, key))
    echo_worker(world, refuse).run_once()
    response = heard(world, key)
    assert response is not None
    for rejected in response.iter(f"{{{REGISTRY}}}RecordRejected"):
        assert _refusals().errors(etree.fromstring(etree.tostring(rejected))) == []
