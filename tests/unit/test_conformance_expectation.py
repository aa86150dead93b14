"""What a node did is compared with what was expected; every difference is named, and none is overlooked."""

import pytest
from lxml import etree
from mezhved.adapter.conformance.expectation import compare_delivery, compare_reply
from mezhved.adapter.conformance.fixture import DeliveryExpectation, FixtureError, ReplyExpectation
from mezhved.adapter.conformance.reply import Delivered, Reply, read_delivered, read_reply
from mezhved.adapter.conformance.wire import HttpReply
from mezhved.adapter.exchange.contract import CONTRACTS

CONTRACT = CONTRACTS["1.2"]


def soap(body: str) -> bytes:
    return (
        f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="{CONTRACT.types}" '
        f'xmlns:b="{CONTRACT.basic}" xmlns:f="{CONTRACT.faults}"><s:Body>{body}</s:Body></s:Envelope>'
    ).encode()


def reply(octets: bytes, status: int = 200) -> Reply:
    return read_reply(HttpReply(status, {}, octets))


def unchanged(text: str) -> str:
    return text


def delivered(data: str) -> Delivered:
    octets = soap(
        "<t:GetResponseResponse><t:ResponseMessage><t:Response><t:OriginalMessageId>one</t:OriginalMessageId>"
        f"<t:SenderProvidedResponseData><t:MessageID>two</t:MessageID>{data}</t:SenderProvidedResponseData>"
        "</t:Response></t:ResponseMessage></t:GetResponseResponse>"
    )
    found = read_delivered(CONTRACT, etree.fromstring(octets)[0][0])
    assert found is not None
    return found


OK = reply(soap("<t:AckResponse/>"))
FAULT = reply(
    soap(
        "<s:Fault><faultcode>s:Server</faultcode><faultstring>SMEV-100:нет подписи</faultstring><detail>"
        "<f:SignatureVerificationFault><b:Code>SMEV-100</b:Code><b:Description>SMEV-100:нет подписи</b:Description>"
        "<f:SignatureVerificationFault>NoSignatureFound</f:SignatureVerificationFault></f:SignatureVerificationFault>"
        "</detail></s:Fault>"
    ),
    500,
)
INVALID = reply(
    soap(
        "<s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring><detail><f:InvalidContent>"
        '<f:ValidationError errorPosition="3">первая</f:ValidationError>'
        '<f:ValidationError errorPosition="4">вторая</f:ValidationError></f:InvalidContent></detail></s:Fault>'
    ),
    500,
)
NOTHING = reply(b"Not Found", 404)


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (ReplyExpectation(root="AckResponse", status=(200,), holds=("not(*)",)), OK),
        (
            ReplyExpectation(
                fault="SignatureVerificationFault",
                code="SMEV-100",
                problem="NoSignatureFound",
                faultcode="Server",
                text=("нет подписи",),
            ),
            FAULT,
        ),
        (ReplyExpectation(fault="InvalidContent", errors=2, text=("первая", "вторая")), INVALID),
        (ReplyExpectation(status=(404, 405)), NOTHING),
    ],
    ids=["root", "fault", "errors", "status"],
)
def test_what_is_as_expected_has_no_differences(expected: ReplyExpectation, got: Reply) -> None:
    assert compare_reply(expected, got, CONTRACT, unchanged) == []


@pytest.mark.parametrize(
    ("expected", "got", "says"),
    [
        (ReplyExpectation(root="AckResponse"), FAULT, "NoSignatureFound"),
        (ReplyExpectation(root="AckResponse"), NOTHING, "no SOAP"),
        (ReplyExpectation(status=(500,)), OK, "500"),
        (ReplyExpectation(fault="AccessDenied"), FAULT, "SignatureVerificationFault"),
        (ReplyExpectation(fault="AccessDenied"), OK, "AckResponse"),
        (ReplyExpectation(code="SMEV-300"), FAULT, "SMEV-100"),
        (ReplyExpectation(problem="CertificateIsExpired"), FAULT, "NoSignatureFound"),
        (ReplyExpectation(faultcode="Client"), FAULT, "Server"),
        (ReplyExpectation(text=("срок",)), FAULT, "срок"),
        (ReplyExpectation(errors=3), INVALID, "got 2"),
        (ReplyExpectation(holds=("//t:AckRequest",)), OK, "AckRequest"),
        (ReplyExpectation(holds=("true()",)), NOTHING, "no SOAP"),
    ],
)
def test_every_difference_is_named(expected: ReplyExpectation, got: Reply, says: str) -> None:
    differences = compare_reply(expected, got, CONTRACT, unchanged)
    assert len(differences) == 1
    assert says in differences[0]


CONTENT = (
    "<b:MessagePrimaryContent><q:CardResponse xmlns:q='urn:q'><q:Name>Анна</q:Name></q:CardResponse>"
    "</b:MessagePrimaryContent>"
)
REJECTED = "".join(
    f"<t:RequestRejected><t:RejectionReasonCode>{reason}</t:RejectionReasonCode>"
    f"<t:RejectionReasonDescription>{text}</t:RejectionReasonDescription></t:RequestRejected>"
    for reason, text in (("FAILURE", "SNILS|/a/b|не сходится | проверьте"), ("NO_DATA", "NOT_FOUND||нет"))
)


@pytest.mark.parametrize(
    ("expected", "data"),
    [
        (DeliveryExpectation(content="CardResponse", holds=("//k:Name = 'Анна'", "//t:OriginalMessageId")), CONTENT),
        (DeliveryExpectation(rejected=("NOT_FOUND", "SNILS")), REJECTED),
        (DeliveryExpectation(rejected=("FAILURE SNILS", "NO_DATA NOT_FOUND")), REJECTED),
    ],
)
def test_responses_as_expected_have_no_differences(expected: DeliveryExpectation, data: str) -> None:
    assert compare_delivery(expected, delivered(data), CONTRACT, unchanged) == []


@pytest.mark.parametrize(
    ("expected", "data", "says"),
    [
        (DeliveryExpectation(content="CardResponse"), REJECTED, "NOT_FOUND"),
        (DeliveryExpectation(content="CardResponse", holds=("//k:Name",)), REJECTED, "NOT_FOUND"),
        (DeliveryExpectation(rejected=("SNILS",)), REJECTED, "NOT_FOUND"),
        (DeliveryExpectation(rejected=("NO_DATA SNILS", "NOT_FOUND")), REJECTED, "FAILURE SNILS"),
        (DeliveryExpectation(content="CardResponse", holds=("//k:Name = 'Ольга'",)), CONTENT, "Ольга"),
    ],
)
def test_responses_that_differ_are_named(expected: DeliveryExpectation, data: str, says: str) -> None:
    differences = compare_delivery(expected, delivered(data), CONTRACT, unchanged)
    assert says in " ".join(differences)


def test_a_rejection_is_split_on_the_first_two_bars() -> None:
    first = delivered(REJECTED).rejected[0]
    assert (first.reason, first.code, first.path, first.text) == ("FAILURE", "SNILS", "/a/b", "не сходится | проверьте")


def test_a_condition_that_is_no_xpath_is_an_error_of_the_fixture() -> None:
    with pytest.raises(FixtureError):
        compare_reply(ReplyExpectation(holds=("//t:(",)), OK, CONTRACT, unchanged)
