"""The client: what it sends, whom it believes, and what it does when answers are lost."""

from datetime import timedelta

import pytest
from lxml import etree
from mezhved.adapter.client.building import is_envelope, prepared_before, read_content
from mezhved.adapter.client.errors import AnswerNotTrusted, AnswerNotUnderstood, ContentUnusable, SenderNotTrusted
from mezhved.adapter.client.smev import Selector
from mezhved.adapter.exchange.faults import (
    DestinationOverflow,
    InvalidContent,
    MessageIsAlreadySent,
    SMEVFailure,
    TargetMessageIsNotFound,
    ValidationError,
)
from mezhved.signing.policy import SMEV
from mezhved.signing.trust import TrustStore
from mezhved.signing.xmldsig import verify
from support.scripted_node import (
    ACKED,
    CONTRACT,
    EMPTY,
    LOST,
    NOW,
    ManualTime,
    ScriptedNode,
    authority,
    client,
    envelope,
    key,
    metadata,
    response,
    signed,
)

T, B = f"{{{CONTRACT.types}}}", f"{{{CONTRACT.basic}}}"
ID = "3c1ab0f2-c5f1-11f0-8de9-0242ac120002"
CONTENT = read_content(
    b'<?xml version="1.0"?>\n<!-- kept --><k:Request xmlns:k="urn:kind" xmlns:u="urn:unused" a="&#9;&quot;1&gt;">\n'
    b"  <k:Name>\xd0\x98\xd0\xb2\xd0\xb0\xd0\xbd&#13; &lt;&amp;&gt;</k:Name><?keep me?>"
    b"<empty xmlns='urn:other'/>\n</k:Request>"
)


def sent_id(octets: bytes) -> str:
    return etree.fromstring(octets).findtext(f".//{T}MessageID") or ""


def accepted(octets: bytes) -> bytes:
    return signed("SendRequestResponse", metadata(sent_id(octets)), key("NODE"))


def test_what_is_sent_verifies_as_it_arrives_and_holds_the_content_unchanged():
    node = ScriptedNode([accepted])
    result = client(node).send(CONTENT)
    root = etree.fromstring(node.calls[0])
    data = root.find(f".//{T}SenderProvidedRequestData")
    signature = root.find(f".//{T}CallerInformationSystemSignature")[0]
    verified = verify(signature, data, policy=SMEV, trust=TrustStore([authority().certificate]), at=NOW)
    assert verified.certificate == key("RMIS").certificate
    arrived = data.find(f"{B}MessagePrimaryContent")[0]
    assert etree.tostring(arrived, method="c14n", exclusive=True, with_comments=True) == etree.tostring(
        CONTENT, method="c14n", exclusive=True, with_comments=True
    )
    assert node.actions == ["urn:SendRequest"]
    assert result.message_id == sent_id(node.calls[0])
    assert (result.metadata.recipient, result.metadata.status, result.again) == ("FRMR", "requestIsQueued", False)


def test_the_fields_of_a_request_stand_in_their_places():
    node = ScriptedNode([accepted])
    smev = client(node)
    smev.send(smev.prepare(CONTENT, message_id=ID, node_id="n1", reference=ID, transaction_code="c", test=True))
    data = etree.fromstring(node.calls[0]).find(f".//{T}SenderProvidedRequestData")
    assert [child.tag.rpartition("}")[2] for child in data] == [
        "MessageID",
        "ReferenceMessageID",
        "TransactionCode",
        "NodeID",
        "MessagePrimaryContent",
        "TestMessage",
    ]
    assert data.findtext(f"{T}MessageID") == ID


def test_the_callers_own_tree_stays_whole_and_can_be_sent_again():
    node = ScriptedNode([accepted, accepted])
    smev = client(node)
    before = etree.tostring(CONTENT)
    first, second = smev.send(CONTENT), smev.send(CONTENT)
    assert etree.tostring(CONTENT) == before
    assert first.message_id != second.message_id


def test_after_a_lost_answer_the_same_octets_go_out_and_already_sent_is_success():
    node = ScriptedNode([LOST, MessageIsAlreadySent(ID)])
    result = client(node).send(CONTENT)
    assert (result.again, result.metadata) == (True, None)
    assert node.calls[0] == node.calls[1]
    assert result.message_id == sent_id(node.calls[0])


def test_after_a_lost_call_the_message_is_accepted_at_the_second_attempt():
    node = ScriptedNode([LOST, accepted])
    assert not client(node).send(CONTENT).again
    assert node.calls[0] == node.calls[1]


def test_already_sent_at_the_first_attempt_is_the_fault_of_an_id_used_twice():
    with pytest.raises(MessageIsAlreadySent):
        client(ScriptedNode([MessageIsAlreadySent(ID)])).send(CONTENT)


def test_already_sent_is_good_news_for_a_message_that_may_have_gone_out_before_a_crash():
    smev = client(ScriptedNode([MessageIsAlreadySent(ID)]))
    assert smev.send(smev.prepare(CONTENT, message_id=ID), sent_before=True).again


def test_faults_that_ask_for_it_are_retried_with_growing_pauses():
    time = ManualTime()
    node = ScriptedNode([SMEVFailure(), DestinationOverflow("b", "d"), LOST, accepted])
    client(node, time).send(CONTENT)
    assert time.pauses == [1, 2, 3]
    assert len(set(node.calls)) == 1


def test_faults_that_must_be_corrected_are_not_retried():
    node = ScriptedNode([InvalidContent((ValidationError(3, "/a/b", "wrong"),))])
    with pytest.raises(InvalidContent, match="wrong"):
        client(node).send(CONTENT)
    assert len(node.calls) == 1


@pytest.mark.parametrize("step", [LOST, SMEVFailure()], ids=["unreachable", "failure"])
def test_after_the_last_attempt_the_failure_is_told(step):
    node = ScriptedNode([step] * 4)
    with pytest.raises(type(step)):
        client(node).send(CONTENT)
    assert len(node.calls) == 4


def refused(answer: bytes, match: str) -> None:
    node = ScriptedNode([answer])
    with pytest.raises(AnswerNotTrusted, match=match):
        client(node).send(client(node).prepare(CONTENT, message_id=ID))


def test_an_answer_changed_on_its_way_is_refused():
    refused(accepted_of(ID).replace(b"requestIsQueued", b"underProcessing"), "DIGEST_MISMATCH")


def accepted_of(message_id: str) -> bytes:
    return signed("SendRequestResponse", metadata(message_id), key("NODE"))


def test_an_answer_without_a_signature_is_refused():
    body = b'<t:SendRequestResponse xmlns:t="%s">%s</t:SendRequestResponse>' % (CONTRACT.types.encode(), metadata(ID))
    refused(envelope(body), "NO_SIGNATURE")


def test_an_answer_signed_by_another_participant_of_the_same_authority_is_refused():
    refused(signed("SendRequestResponse", metadata(ID), key("OTHER")), "not one of the node's")


def test_an_answer_signed_under_a_foreign_authority_is_refused():
    refused(signed("SendRequestResponse", metadata(ID), key("NODE", "FOREIGN")), "CERTIFICATE_UNTRUSTED")


def test_an_answer_about_another_message_is_refused():
    other = "3c1ab0f2-c5f1-11f0-8de9-0242ac120003"
    refused(accepted_of(other), f"speaks of message {other}")


def test_a_second_signature_in_the_answer_is_refused():
    answer = accepted_of(ID)
    start, end = answer.index(b"<t:SMEVSignature>"), answer.index(b"</t:SendRequestResponse>")
    refused(answer[:end] + answer[start:end] + answer[end:], "no place for one|signatures")


def test_a_signature_elsewhere_in_the_answer_is_refused():
    answer = accepted_of(ID)
    start, end = answer.index(b"<ds:Signature "), answer.index(b"</t:SMEVSignature>")
    header = b"<s:Header>%s</s:Header><s:Body>" % answer[start:end]
    refused(answer.replace(b"<s:Body>", header), "no place for one")


@pytest.mark.parametrize(
    ("answer", "match"),
    [
        (b"<html/>", "no SOAP 1.1 envelope"),
        (b"not xml", "not well-formed"),
        (b'<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>', "document type"),
        (envelope(b"<a xmlns='urn:x'/>"), "answered with"),
        (envelope(b""), "0 elements"),
        (ACKED, "answered with"),
    ],
)
def test_an_answer_that_is_not_of_the_contract_is_refused(answer, match):
    with pytest.raises(AnswerNotUnderstood, match=match):
        client(ScriptedNode([answer])).send(CONTENT)


def business(inner: bytes) -> bytes:
    return b"<b:MessagePrimaryContent>%s</b:MessagePrimaryContent>" % inner


ANSWER = business(b'<k:Answer xmlns:k="urn:kind" xmlns:x="urn:x" x:type="x:unknown">\n <k:V>1</k:V></k:Answer>')
RESPONSE_ID = "4c1ab0f2-c5f1-11f0-8de9-0242ac120002"


def delivered(inner: bytes = ANSWER, *, node: str = "NODE", sender: str | None = "FRMR") -> bytes:
    signer = None if sender is None else key(sender)
    return response(inner, node=key(node), sender=signer, message_id=RESPONSE_ID, original=ID)


def test_a_response_comes_with_its_content_and_both_signers():
    answer = delivered()
    found = client(ScriptedNode([answer])).get_response()
    assert (found.message_id, found.original_message_id) == (RESPONSE_ID, ID)
    assert (found.sender, found.node) == (key("FRMR").certificate, key("NODE").certificate)
    assert found.content.tag == "{urn:kind}Answer"
    assert found.content.findtext("{urn:kind}V") == "1"
    assert found.octets == answer
    assert found.rejections == ()


def test_content_with_a_type_that_nobody_knows_does_not_stop_the_reading():
    typed = b'<k:A xmlns:k="urn:kind" xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:type="k:T">1</k:A>'
    assert client(ScriptedNode([delivered(business(typed))])).get_response().content.text == "1"


def test_an_empty_queue_is_none():
    assert client(ScriptedNode([EMPTY])).get_response() is None


def test_rejections_are_split_into_code_path_and_text():
    one = b"<t:RequestRejected><t:RejectionReasonCode>NO_DATA</t:RejectionReasonCode>"
    inner = b"".join(
        one + b"<t:RejectionReasonDescription>%s</t:RejectionReasonDescription></t:RequestRejected>" % text
        for text in (b"SNILS|A/B|one | two", b"plain text")
    )
    first, second = client(ScriptedNode([delivered(inner)])).get_response().rejections
    assert (first.reason, first.code, first.path, first.text) == ("NO_DATA", "SNILS", "A/B", "one | two")
    assert (second.code, second.path, second.text) == ("", "", "plain text")


NOTICE = (
    b"<t:AsyncProcessingStatus><t:OriginalMessageId>%s</t:OriginalMessageId>"
    b"<t:StatusCategory>requestIsRejectedBySmev</t:StatusCategory><t:StatusDetails>d</t:StatusDetails>"
    b"<t:SmevFault><b:Code>SMEV-1</b:Code><b:Description>text</b:Description></t:SmevFault></t:AsyncProcessingStatus>"
) % ID.encode()


def test_a_rejection_by_the_node_itself_needs_no_sender():
    notice = client(ScriptedNode([delivered(NOTICE, sender=None)])).get_response().notice
    assert (notice.message_id, notice.status, notice.code) == (ID, "requestIsRejectedBySmev", "SMEV-1")


def test_for_content_from_another_version_the_node_alone_vouches():
    found = client(ScriptedNode([delivered(sender=None)])).get_response()
    assert (found.sender, found.node) == (None, key("NODE").certificate)
    assert found.content.tag == "{urn:kind}Answer"


def test_content_changed_before_the_node_signed_it_is_refused():
    octets = delivered()
    forged = response(
        ANSWER.replace(b">1<", b">2<"), node=key("NODE"), sender=None, message_id=RESPONSE_ID, original=ID
    )
    signature = octets[octets.index(b"<t:SenderInformationSystemSignature>") : octets.index(b"</t:Response>")]
    inner = forged[forged.index(b"<t:Response ") : forged.index(b"</t:Response>")] + signature + b"</t:Response>"
    canonical = etree.tostring(etree.fromstring(inner), method="c14n", exclusive=True)
    with pytest.raises(SenderNotTrusted, match=r"sender.*DIGEST_MISMATCH") as caught:
        client(ScriptedNode([signed("GetResponseResponse", canonical, key("NODE"), "ResponseMessage")])).get_response()
    # What the node vouches for is enough to acknowledge it.
    assert (caught.value.message_id, caught.value.reply_to) == (RESPONSE_ID, None)


def test_the_selector_names_kind_and_sub_queue():
    node = ScriptedNode([EMPTY])
    client(node).get_response(Selector("{urn:kind}Answer", "n1"))
    selector = etree.fromstring(node.calls[0]).find(f".//{B}MessageTypeSelector")
    assert [child.text for child in selector] == ["urn:kind", "Answer", "2026-06-01T12:00:00.123000Z", "n1"]


def test_every_attempt_to_fetch_has_its_own_signed_moment():
    node = ScriptedNode([LOST, EMPTY])
    client(node).get_response()
    moments = [etree.fromstring(octets).findtext(f".//{B}Timestamp") for octets in node.calls]
    assert moments == ["2026-06-01T12:00:00.123000Z", "2026-06-01T12:00:01.123000Z"]


def test_waiting_polls_with_growing_pauses_until_a_response_comes():
    time = ManualTime()
    found = client(ScriptedNode([EMPTY, EMPTY, EMPTY, delivered()]), time).wait_for_response(timedelta(seconds=60))
    assert found.message_id == RESPONSE_ID
    assert time.pauses == [1, 2, 3]


def test_waiting_ends_when_its_time_has_passed():
    time = ManualTime()
    assert client(ScriptedNode([EMPTY] * 4), time).wait_for_response(timedelta(seconds=5)) is None
    assert time.pauses == [1, 2, 2]


def test_ack_names_the_message_and_whether_it_could_be_used():
    node = ScriptedNode([ACKED])
    client(node).ack(RESPONSE_ID, accepted=False)
    target = etree.fromstring(node.calls[0]).find(f".//{B}AckTargetMessage")
    assert (target.text, target.get("accepted"), node.actions) == (RESPONSE_ID, "false", ["urn:Ack"])


def test_an_ack_whose_answer_was_lost_is_done_when_nothing_waits_any_more():
    client(ScriptedNode([LOST, TargetMessageIsNotFound(ID)])).ack(ID)


def test_an_ack_of_what_does_not_wait_is_an_error():
    with pytest.raises(TargetMessageIsNotFound):
        client(ScriptedNode([TargetMessageIsNotFound(ID)])).ack(ID)


def test_a_notice_is_read_from_the_status_queue():
    data = b'<t:AsyncProcessingStatusData xmlns:t="%s" Id="S">%s</t:AsyncProcessingStatusData>' % (
        CONTRACT.types.encode(),
        NOTICE.replace(b"<t:SmevFault>", b'<t:SmevFault xmlns:b="%s">' % CONTRACT.basic.encode()),
    )
    canonical = etree.tostring(etree.fromstring(data), method="c14n", exclusive=True)
    answer = signed("GetStatusResponse", canonical, key("NODE"), "SmevAsyncProcessingMessage")
    notice = client(ScriptedNode([answer])).get_status()
    assert (notice.message_id, notice.details, notice.description) == (ID, "d", "text")


def test_an_envelope_kept_before_a_crash_is_sent_just_as_it_is():
    smev = client(ScriptedNode([]))
    kept = smev.prepare(CONTENT, message_id=ID).octets
    assert is_envelope(read_content(kept))
    again = prepared_before(kept, "1.2")
    assert (again.octets, again.message_id) == (kept, ID)
    with pytest.raises(ContentUnusable, match=r"contract 1\.2, but the client speaks 1\.1"):
        prepared_before(kept, "1.1")


@pytest.mark.parametrize(
    ("octets", "match"),
    [(b"<a/>", "no namespace"), (b"<a", "not well-formed"), (b"<!DOCTYPE a><a xmlns='urn:a'/>", "document type")],
)
def test_content_that_cannot_be_sent_is_refused_before_anything_is_signed(octets, match):
    with pytest.raises(ContentUnusable, match=match):
        read_content(octets)


@pytest.mark.parametrize("message_id", ["1", ID.upper(), "3c1ab0f2-c5f1-41f0-8de9-0242ac120002"])
def test_what_is_no_message_id_is_told_before_anything_is_signed(message_id):
    with pytest.raises(ContentUnusable, match="is no MessageID"):
        client(ScriptedNode([])).prepare(CONTENT, message_id=message_id)
