"""The client in every version of the contract: what it sends is valid there, and it reads what a node of it answers."""

import pytest
from lxml import etree
from mezhved.adapter.client.answers import BusinessStatus, QueueStatistics, Rejected
from mezhved.adapter.client.building import prepared_before, read_content
from mezhved.adapter.client.errors import ContentUnusable, SenderNotTrusted
from mezhved.adapter.client.smev import Selector
from mezhved.adapter.exchange.contract import CONTRACTS, SOAP_ENVELOPE, Contract
from mezhved.adapter.soap.metadata import Metadata, Party
from mezhved.adapter.soap.schemas import contract_schema_path
from mezhved.signing.canonical import exclusive_c14n
from mezhved.signing.xmldsig import sign_octets
from support.scripted_node import NOW, ScriptedNode, client, envelope, key, signed

ID = "3c1ab0f2-c5f1-11f0-8de9-0242ac120002"
CONTENT = read_content(b'<k:Ask xmlns:k="urn:kind" a="1"><k:Name>n</k:Name></k:Ask>')
VERSIONS = pytest.mark.parametrize("version", CONTRACTS)


@pytest.fixture(scope="module")
def schemas() -> dict[str, etree.XMLSchema]:
    return {version: etree.XMLSchema(file=str(contract_schema_path(version))) for version in CONTRACTS}


def metadata(contract: Contract, element_id: str = "S", message_type: str = "REQUEST") -> str:
    sender, recipient = Party("RMIS", "RMIS of a region"), Party("FRMR", "The register")
    return Metadata(ID, message_type, sender, NOW, recipient, NOW, "requestIsQueued").write(contract, element_id)


def request(contract: Contract, *, reply_to: str = "address", signer: str | None = "RMIS") -> bytes:
    """A GetRequestResponse with everything in it that a request may have."""
    data = exclusive_c14n(
        etree.fromstring(
            f'<t:SenderProvidedRequestData xmlns:t="{contract.types}" xmlns:b="{contract.basic}" Id="P">'
            f"<t:MessageID>{ID}</t:MessageID><t:ReferenceMessageID>{ID}</t:ReferenceMessageID>"
            "<t:TransactionCode>c</t:TransactionCode><t:NodeID>n</t:NodeID><t:EOL>2030-01-01T00:00:00Z</t:EOL>"
            f"<b:MessagePrimaryContent>{etree.tostring(CONTENT, encoding='unicode')}</b:MessagePrimaryContent>"
            '<t:BusinessProcessMetadata><m xmlns="urn:m"/></t:BusinessProcessMetadata><t:TestMessage/>'
            "</t:SenderProvidedRequestData>"
        )
    ).decode()
    to = f"<t:ReplyTo>{reply_to}</t:ReplyTo>" if reply_to else ""
    by = "" if signer is None else sign_octets(data.encode(), "P", key(signer)).decode()
    sender = f"<t:SenderInformationSystemSignature>{by}</t:SenderInformationSystemSignature>" if by else ""
    whole = f'<t:Request xmlns:t="{contract.types}" Id="S">{data}{metadata(contract, "M")}{to}{sender}</t:Request>'
    canonical = exclusive_c14n(etree.fromstring(whole))
    return signed("GetRequestResponse", canonical, key("NODE"), "RequestMessage", contract)


def body(octets: bytes) -> etree._Element:
    return etree.fromstring(octets).find(f"{{{SOAP_ENVELOPE}}}Body")[0]


@VERSIONS
def test_every_call_is_valid_in_its_version(schemas: dict[str, etree.XMLSchema], version: str) -> None:
    contract = CONTRACTS[version]
    empty = f'<t:%sResponse xmlns:t="{contract.types}"/>'
    answers = [
        signed("SendRequestResponse", metadata(contract).encode(), key("NODE"), contract=contract),
        *[signed("SendResponseResponse", metadata(contract).encode(), key("NODE"), contract=contract)] * 3,
        *[envelope((empty % name).encode()) for name in ("GetRequest", "GetResponse", "GetStatus", "Ack")],
    ]
    node = ScriptedNode([*answers], version=version)
    smev = client(node)
    everything = {"node_id": "n", "reference": ID, "transaction_code": "c", "end_of_life": NOW, "test": True}
    smev.send(smev.prepare(CONTENT, message_id=ID, **everything))
    for answer in (CONTENT, [Rejected("NO_DATA", "t", "C", "p")] * 2, BusinessStatus("7", "d", (("k", "v"),))):
        smev.send(smev.prepare_response("address", answer, message_id=ID))
    assert smev.get_request(Selector("{urn:kind}Ask", "n")) is None
    assert smev.get_response() is None
    assert smev.get_status() is None
    smev.ack(ID)
    for octets in [*node.calls, *answers]:
        schemas[version].assertValid(body(octets))
    assert len(node.calls) == 8


@VERSIONS
def test_an_answer_says_what_the_provider_says(version: str) -> None:
    contract, types = CONTRACTS[version], f"{{{CONTRACTS[version].types}}}"
    accepted = signed("SendResponseResponse", metadata(contract).encode(), key("NODE"), contract=contract)
    node = ScriptedNode([accepted] * 3, version=version)
    smev = client(node)
    for answer in (CONTENT, [Rejected("NO_DATA", "t | u", "C", "p")], BusinessStatus("7", "d", (("k", "v"),))):
        smev.send(smev.prepare_response("to & fro", answer, message_id=ID))
    said = [body(octets)[0] for octets in node.calls]
    assert {data.findtext(f"{types}To") for data in said} == {"to & fro"}
    assert exclusive_c14n(said[0].find(f"{{{contract.basic}}}MessagePrimaryContent")[0]) == exclusive_c14n(CONTENT)
    assert said[1].findtext(f"{types}RequestRejected/{types}RejectionReasonDescription") == "C|p|t | u"
    status = said[2].find(f"{types}RequestStatus")
    assert status.xpath("string()") == "7kvd"


@VERSIONS
def test_a_request_comes_with_its_address_and_both_signers(schemas: dict[str, etree.XMLSchema], version: str) -> None:
    octets = request(CONTRACTS[version])
    schemas[version].assertValid(body(octets))
    found = client(ScriptedNode([octets], version=version)).get_request()
    assert found is not None
    assert (found.message_id, found.reply_to, found.octets) == (ID, "address", octets)
    assert (found.sender, found.node) == (key("RMIS").certificate, key("NODE").certificate)
    assert (found.reference, found.transaction_code, found.node_id, found.test) == (ID, "c", "n", True)
    assert found.end_of_life is not None
    assert found.end_of_life.isoformat() == "2030-01-01T00:00:00+00:00"
    assert exclusive_c14n(found.content) == exclusive_c14n(CONTENT)
    assert (found.metadata.sender, found.metadata.recipient) == ("RMIS", "FRMR")


def test_a_request_from_another_version_has_no_signature_of_its_sender_and_a_broadcast_no_address() -> None:
    octets = request(CONTRACTS["1.3"], reply_to="", signer=None)
    found = client(ScriptedNode([octets], version="1.3")).get_request()
    assert found is not None
    assert (found.sender, found.reply_to) == (None, None)


def test_a_request_changed_before_the_node_signed_it_is_refused() -> None:
    contract = CONTRACTS["1.1"]
    whole = body(request(contract)).find(f"{{{contract.types}}}RequestMessage/{{{contract.types}}}Request")
    canonical = exclusive_c14n(whole).replace(b">n</k:Name>", b">m</k:Name>")
    forged = signed("GetRequestResponse", canonical, key("NODE"), "RequestMessage", contract)
    with pytest.raises(SenderNotTrusted, match=rf"{ID}: .*sender.*DIGEST_MISMATCH") as caught:
        client(ScriptedNode([forged], version="1.1")).get_request()
    # What the node vouches for is enough to refuse it.
    assert (caught.value.message_id, caught.value.reply_to) == (ID, "address")


def test_statistics_are_told_by_1_1_only(schemas: dict[str, etree.XMLSchema]) -> None:
    types = CONTRACTS["1.1"].types
    answer = envelope(
        f'<t:GetIncomingQueueStatisticsResponse xmlns:t="{types}"><t:QueueStatistics queueName="a" '
        'pendingMessageNumber="3"/><t:QueueStatistics queueName="b" pendingMessageNumber="0"/>'
        "</t:GetIncomingQueueStatisticsResponse>".encode()
    )
    empty = envelope(f'<t:GetIncomingQueueStatisticsResponse xmlns:t="{types}"/>'.encode())
    node = ScriptedNode([answer, empty], version="1.1")
    smev = client(node)
    assert smev.get_statistics("n") == (QueueStatistics("a", 3), QueueStatistics("b", 0))
    assert smev.get_statistics() == ()
    for octets in (*node.calls, answer, empty):
        schemas["1.1"].assertValid(body(octets))
    assert node.actions == ["urn:GetIncomingQueueStatistics"] * 2
    for version in ("1.2", "1.3"):
        with pytest.raises(ContentUnusable, match=f"contract {version}"):
            client(ScriptedNode([], version=version)).get_statistics()


@VERSIONS
def test_an_answer_kept_before_a_crash_is_sent_just_as_it_is(version: str) -> None:
    kept = client(ScriptedNode([], version=version)).prepare_response("address", CONTENT, message_id=ID)
    assert prepared_before(kept.octets, version) == kept
