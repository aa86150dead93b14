"""Where signatures stand: every place of the contract is found, and a signature anywhere else is called stray."""

import pytest
from lxml import etree
from mezhved.adapter.exchange.contract import CONTRACTS, XMLDSIG, Contract, Operation, SignatureRole
from mezhved.adapter.exchange.signature_places import find_signatures, places

SIGNATURE = f'<ds:Signature xmlns:ds="{XMLDSIG}"/>'


def envelope(contract: Contract, body: str, header: str = "") -> etree._Element:
    """The element in soap:Body; the prefixes of the contract are bound on the envelope."""
    spaces = {
        "t": contract.types,
        "b": contract.basic,
        "r": contract.routing,
        "d": contract.directive,
        "s": "http://schemas.xmlsoap.org/soap/envelope/",
        "q": "urn://content",
    }
    declarations = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in spaces.items())
    text = f"<s:Envelope {declarations}><s:Header>{header}</s:Header><s:Body>{body}</s:Body></s:Envelope>"
    return etree.fromstring(text)[1][0]


def summary(contract: Contract, body: etree._Element) -> list[tuple[str | None, str | None, bool]]:
    """Role, name of the element to be signed, and whether a signature is there."""
    return [
        (
            placed.role and placed.role.value,
            None if placed.target is None else etree.QName(placed.target).localname,
            placed.signature is not None,
        )
        for placed in find_signatures(contract, body)
    ]


CALLER = f"<t:CallerInformationSystemSignature>{SIGNATURE}</t:CallerInformationSystemSignature>"
NODE = f"<t:SMEVSignature>{SIGNATURE}</t:SMEVSignature>"
SENDER = f"<t:SenderInformationSystemSignature>{SIGNATURE}</t:SenderInformationSystemSignature>"
PERSON = f"<t:PersonalSignature>{SIGNATURE}</t:PersonalSignature>"
PROVIDED = (
    "<t:SenderProvidedRequestData Id='A'><b:MessagePrimaryContent><q:Ask Id='P'/></b:MessagePrimaryContent>"
    f"{PERSON}</t:SenderProvidedRequestData>"
)
ANSWERED = PROVIDED.replace("RequestData", "ResponseData")

ENVELOPES = [
    (
        f"<t:SendRequestRequest>{PROVIDED}{CALLER}</t:SendRequestRequest>",
        [("caller", "SenderProvidedRequestData", True), ("person", "Ask", True)],
    ),
    (
        f"<t:SendResponseRequest>{ANSWERED}{CALLER}</t:SendResponseRequest>",
        [("caller", "SenderProvidedResponseData", True), ("person", "Ask", True)],
    ),
    (
        f"<t:GetRequestRequest><b:MessageTypeSelector/>{CALLER}</t:GetRequestRequest>",
        [("caller", "MessageTypeSelector", True)],
    ),
    (
        f"<t:GetResponseRequest><b:MessageTypeSelector/>{CALLER}</t:GetResponseRequest>",
        [("caller", "MessageTypeSelector", True)],
    ),
    (f"<t:GetStatusRequest><b:Timestamp/>{CALLER}</t:GetStatusRequest>", [("caller", "Timestamp", True)]),
    (f"<t:AckRequest><b:AckTargetMessage/>{CALLER}</t:AckRequest>", [("caller", "AckTargetMessage", True)]),
    (
        f"<t:GetIncomingQueueStatisticsRequest><b:Timestamp/>{CALLER}</t:GetIncomingQueueStatisticsRequest>",
        [("caller", "Timestamp", True)],
    ),
    (
        f"<t:SendRequestResponse><t:MessageMetadata/>{NODE}</t:SendRequestResponse>",
        [("node", "MessageMetadata", True)],
    ),
    (
        f"<t:SendResponseResponse><t:MessageMetadata/>{NODE}</t:SendResponseResponse>",
        [("node", "MessageMetadata", True)],
    ),
    (
        (
            f"<t:GetRequestResponse><t:RequestMessage><t:Request>{PROVIDED}{SENDER}</t:Request>{NODE}</t:RequestMessage>"
            "</t:GetRequestResponse>"
        ),
        [("node", "Request", True), ("sender", "SenderProvidedRequestData", True), ("person", "Ask", True)],
    ),
    (
        (
            f"<t:GetResponseResponse><t:ResponseMessage><t:Response>{ANSWERED}{SENDER}</t:Response>{NODE}"
            "</t:ResponseMessage></t:GetResponseResponse>"
        ),
        [("node", "Response", True), ("sender", "SenderProvidedResponseData", True), ("person", "Ask", True)],
    ),
    (
        (
            "<t:GetStatusResponse><t:SmevAsyncProcessingMessage><t:AsyncProcessingStatusData/>"
            f"{NODE}</t:SmevAsyncProcessingMessage></t:GetStatusResponse>"
        ),
        [("node", "AsyncProcessingStatusData", True)],
    ),
    ("<t:AckResponse/>", []),
    ("<t:GetResponseResponse/>", []),
    ("<t:GetStatusResponse/>", []),
]


@pytest.mark.parametrize("version", CONTRACTS)
@pytest.mark.parametrize(("body", "expected"), ENVELOPES, ids=[body[3:].split(">")[0] for body, _ in ENVELOPES])
def test_every_place_of_every_operation_is_found(
    version: str, body: str, expected: list[tuple[str, str, bool]]
) -> None:
    contract = CONTRACTS[version]
    if body.startswith("<t:GetIncomingQueueStatistics") and version != "1.1":
        assert places(contract, f"{{{contract.types}}}GetIncomingQueueStatisticsRequest") is None
    else:
        assert summary(contract, envelope(contract, body)) == expected


def test_a_cancellation_is_signed_by_the_node_and_by_its_sender() -> None:
    contract = CONTRACTS["1.1"]
    cancel = f"<t:Cancel><b:MessageReference/>{SENDER}</t:Cancel>"
    body = envelope(
        contract, f"<t:GetRequestResponse><t:RequestMessage>{cancel}{NODE}</t:RequestMessage></t:GetRequestResponse>"
    )
    assert summary(contract, body) == [("node", "Cancel", True), ("sender", "MessageReference", True)]


def test_routing_has_its_own_signature_in_contract_1_3() -> None:
    contract = CONTRACTS["1.3"]
    routing = f"<r:Routing><r:RoutingInformation/><r:RoutingSignature>{SIGNATURE}</r:RoutingSignature></r:Routing>"
    body = envelope(contract, f"<t:SendRequestRequest>{PROVIDED}{CALLER}{routing}</t:SendRequestRequest>")
    assert ("routing", "RoutingInformation", True) in summary(contract, body)


RECORD = (
    "<d:RegistryRecord><d:RecordId>{n}</d:RecordId><d:Record Id='R{n}'><d:RecordContent Id='C{n}'><q:Ask Id='Q{n}'/>"
    "</d:RecordContent><d:PersonalSignature>{person}</d:PersonalSignature></d:Record><d:RecordSignature>{record}"
    "</d:RecordSignature></d:RegistryRecord>"
)


def registry(contract: Contract, person: str) -> etree._Element:
    records = "".join(RECORD.format(n=n, person=person.format(n=n), record=SIGNATURE) for n in (1, 2))
    return envelope(
        contract,
        "<t:SendRequestRequest><t:SenderProvidedRequestData Id='A'><b:MessagePrimaryContent><d:Registry>"
        f"{records}</d:Registry></b:MessagePrimaryContent></t:SenderProvidedRequestData>{CALLER}</t:SendRequestRequest>",
    )


def test_each_record_of_a_registry_request_has_its_signatures() -> None:
    contract = CONTRACTS["1.3"]
    found = find_signatures(contract, registry(contract, SIGNATURE))
    assert [(placed.role, placed.target.get("Id")) for placed in found if placed.target is not None] == [
        (SignatureRole.CALLER, "A"),
        (SignatureRole.RECORD, "R1"),
        (SignatureRole.RECORD, "R2"),
        (SignatureRole.PERSON, "C1"),
        (SignatureRole.PERSON, "C2"),
    ]


def test_an_official_may_sign_the_content_of_a_record_or_the_element_in_it() -> None:
    contract = CONTRACTS["1.3"]
    reference = '<ds:Signature xmlns:ds="%s"><ds:SignedInfo><ds:Reference URI="#Q{n}"/></ds:SignedInfo></ds:Signature>'
    found = find_signatures(contract, registry(contract, reference % XMLDSIG))
    signed = [placed.target.get("Id") for placed in found if placed.target is not None]
    assert signed[-2:] == ["Q1", "Q2"]


def test_a_missing_signature_is_reported_only_where_the_contract_demands_one() -> None:
    contract = CONTRACTS["1.2"]
    bare = PROVIDED.replace(PERSON, "")
    body = envelope(contract, f"<t:SendRequestRequest>{bare}</t:SendRequestRequest>")
    assert summary(contract, body) == [("caller", "SenderProvidedRequestData", False)]


def test_two_elements_at_the_place_of_one_leave_nothing_to_be_signed() -> None:
    contract = CONTRACTS["1.2"]
    body = envelope(contract, f"<t:SendRequestRequest>{PROVIDED}{PROVIDED}{CALLER}</t:SendRequestRequest>")
    assert ("caller", None, True) in summary(contract, body)


@pytest.mark.parametrize(
    ("body", "header", "role"),
    [
        (f"<t:SendRequestRequest>{PROVIDED}{CALLER}{CALLER}</t:SendRequestRequest>", "", "caller"),
        (f"<t:SendRequestRequest>{PROVIDED}{CALLER}{SIGNATURE}</t:SendRequestRequest>", "", None),
        (
            f"<t:SendRequestRequest>{PROVIDED}{CALLER.replace(SIGNATURE, SIGNATURE * 2)}</t:SendRequestRequest>",
            "",
            "caller",
        ),
        (f"<t:SendRequestRequest>{PROVIDED}{CALLER}</t:SendRequestRequest>", SIGNATURE, None),
        (f"<t:SendRequestRequest>{PROVIDED}{CALLER}</t:SendRequestRequest>", CALLER, "caller"),
        (f"<t:AckRequest><b:AckTargetMessage/>{CALLER}{NODE}</t:AckRequest>", "", None),
    ],
    ids=["second holder", "bare", "two in one holder", "header", "holder in header", "answer's place in a request"],
)
def test_a_signature_outside_its_place_is_stray(body: str, header: str, role: str | None) -> None:
    contract = CONTRACTS["1.2"]
    found = find_signatures(contract, envelope(contract, body, header))
    assert [placed.role for placed in found if placed.stray] == [role]


@pytest.mark.parametrize(
    "place",
    [
        "<b:MessagePrimaryContent><q:Ask>{}</q:Ask></b:MessagePrimaryContent>",
        "<t:BusinessProcessMetadata><q:Step>{}</q:Step></t:BusinessProcessMetadata>",
    ],
)
def test_signatures_inside_business_content_are_its_own_matter(place: str) -> None:
    contract = CONTRACTS["1.2"]
    provided = f"<t:SenderProvidedRequestData>{place.format(SIGNATURE)}</t:SenderProvidedRequestData>"
    body = envelope(contract, f"<t:SendRequestRequest>{provided}{CALLER}</t:SendRequestRequest>")
    assert not [placed for placed in find_signatures(contract, body) if placed.stray]


def test_an_element_of_no_contract_has_no_places() -> None:
    assert places(CONTRACTS["1.2"], "{urn://other}SendRequestRequest") is None
    assert places(CONTRACTS["1.2"], CONTRACTS["1.1"].request_root(Operation.ACK)) is None
