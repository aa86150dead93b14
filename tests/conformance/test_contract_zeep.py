"""A common SOAP client, knowing nothing but the URL of our WSDL, calls the node and understands its answers."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
import zeep
from lxml import etree
from mezhved import wsdl
from mezhved.adapter.exchange.contract import CONTRACTS, XMLDSIG, Operation
from mezhved.adapter.exchange.faults import InvalidContent, ValidationError
from mezhved.adapter.http.app import create_app
from mezhved.adapter.soap.call import Call
from mezhved.adapter.soap.endpoint import SoapEndpoint
from mezhved.adapter.soap.metadata import Metadata, Party
from support.envelopes import MESSAGE_ID
from support.served import served

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
SIGNATURE = etree.fromstring(f'<ds:Signature xmlns:ds="{XMLDSIG}"><ds:SignedInfo/></ds:Signature>')


def send_request(call: Call) -> bytes:
    metadata = Metadata(
        MESSAGE_ID, "REQUEST", Party("REGION", "Region"), NOW, Party("FRMR", "FRMR"), None, "requestIsQueued"
    ).write(call.contract, "M")
    return f'<t:SendRequestResponse xmlns:t="{call.contract.types}">{metadata}</t:SendRequestResponse>'.encode()


def get_response(call: Call) -> bytes:
    return f'<t:GetResponseResponse xmlns:t="{call.contract.types}"></t:GetResponseResponse>'.encode()


def ack(_call: Call) -> bytes:
    raise InvalidContent((ValidationError(3, "AckRequest", "не так"),))


@pytest.fixture(scope="module", params=list(CONTRACTS))
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def client(version: str) -> Iterator[zeep.Client]:
    handlers = {Operation.SEND_REQUEST: send_request, Operation.GET_RESPONSE: get_response, Operation.ACK: ack}
    endpoint = SoapEndpoint(handlers, clock=lambda: NOW)
    session = requests.Session()
    session.trust_env = False
    with served(create_app(endpoint)) as (host, port):
        settings = zeep.Settings(forbid_dtd=True, forbid_external=False)
        transport = zeep.Transport(session=session)
        yield zeep.Client(f"http://{host}:{port}/smev/v{version}/ws?wsdl", settings=settings, transport=transport)
        session.close()


def test_all_operations_are_found_at_the_address_of_the_node(client: zeep.Client, version: str) -> None:
    service = client.wsdl.services["SMEVMessageExchangeService"].ports["SMEVMessageExchangeEndpoint"]
    assert set(service.binding._operations) == set(CONTRACTS[version].operations)
    assert service.binding_options["address"].endswith(f"/smev/v{version}/ws")


def test_the_file_alone_builds_a_client_as_well(version: str) -> None:
    path = Path(wsdl.__path__[0], version, f"smev-message-exchange-service-{version}.wsdl")
    client = zeep.Client(str(path))
    (service,) = client.wsdl.services.values()
    (port,) = service.ports.values()
    assert set(port.binding._operations) == set(CONTRACTS[version].operations)


def test_a_request_is_sent_and_its_metadata_understood(client: zeep.Client) -> None:
    content = etree.fromstring('<k:Ask xmlns:k="urn:kind"/>')
    answer = client.service.SendRequest(
        SenderProvidedRequestData={
            "MessageID": MESSAGE_ID,
            "MessagePrimaryContent": {"_value_1": content},
            "TestMessage": {},
            "Id": "SIGNED",
        },
        CallerInformationSystemSignature={"_value_1": SIGNATURE},
    )
    assert answer.MessageMetadata.MessageId == MESSAGE_ID
    assert answer.MessageMetadata.Sender.Mnemonic == "REGION"
    assert answer.MessageMetadata.SendingTimestamp == NOW
    assert answer.MessageMetadata.Status == "requestIsQueued"


def test_an_empty_queue_is_understood(client: zeep.Client) -> None:
    answer = client.service.GetResponse(
        # zeep cannot leave out an optional group of elements, so the selector names a kind.
        MessageTypeSelector={
            "NamespaceURI": "urn:kind",
            "RootElementLocalName": "Ask",
            "Timestamp": NOW,
            "Id": "SIGNED",
        },
        CallerInformationSystemSignature={"_value_1": SIGNATURE},
    )
    assert answer is None or answer.ResponseMessage is None


def test_a_fault_is_understood(client: zeep.Client, version: str) -> None:
    with pytest.raises(zeep.exceptions.Fault) as raised:
        client.service.Ack(
            AckTargetMessage={"_value_1": MESSAGE_ID, "accepted": True, "Id": "SIGNED"},
            CallerInformationSystemSignature={"_value_1": SIGNATURE},
        )
    fault = raised.value
    assert fault.code.endswith(":Server")
    assert fault.message.startswith("SMEV-403:")
    detail = client.get_type(f"{{{CONTRACTS[version].faults}}}InvalidContent").parse_xmlelement(
        fault.detail[0], client.wsdl.types
    )
    assert detail.Code == "SMEV-403"
    assert [(error.errorPosition, error._value_1) for error in detail.ValidationError] == [(3, "AckRequest: не так")]
