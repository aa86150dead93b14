"""The contract's files: documented in Russian, linked by relative URLs, and what each version is known to say."""

import re
from pathlib import Path

import pytest
from lxml import etree
from mezhved import wsdl, xsd
from mezhved.adapter.exchange.contract import CONTRACTS
from mezhved.adapter.exchange.faults import EXCHANGE_FAULTS
from mezhved.adapter.soap.schemas import contract_schema_path
from mezhved.adapter.soap.statuses import STATUS_WORDS
from support.schema_outline import outline

XS = "{http://www.w3.org/2001/XMLSchema}"
WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
SCHEMAS = sorted(Path(xsd.__path__[0], "contract").rglob("*.xsd"))
STATISTICS = "GetIncomingQueueStatistics"
OPERATIONS = ["SendRequest", "SendResponse", "GetStatus", "GetRequest", "GetResponse", "Ack"]
SERVED = {"1.1": [*OPERATIONS, STATISTICS], "1.2": OPERATIONS, "1.3": OPERATIONS}
SEND = {
    "BusinessDataTypeIsNotSupported",
    "SignatureVerificationFault",
    "InvalidContent",
    "AttachmentContentMiscoordination",
    "AttachmentSizeLimitExceeded",
    "QuoteLimitExceeded",
    "SenderIsNotRegistered",
    "RecipientIsNotFound",
    "DestinationOverflow",
    "SMEVFailure",
    "MessageIsAlreadySent",
    "InvalidMessageIdFormat",
    "StaleMessageId",
}
GET = {"InvalidContent", "SignatureVerificationFault", "SenderIsNotRegistered", "SMEVFailure"}
FAULTS = {
    "SendRequest": SEND | {"TransactionCodeInvalid", "AccessDenied", "EndOfLifeReached"},
    "SendResponse": SEND | {"IncorrectResponseContentType"},
    "GetStatus": GET | {"UnknownMessageType"},
    "GetRequest": GET | {"UnknownMessageType"},
    "GetResponse": GET | {"UnknownMessageType"},
    "Ack": GET | {"TargetMessageIsNotFound"},
    STATISTICS: GET,
}
PERSONAL = {"1.3": {"SendRequest": {"PersonalAccessDenied"}}}


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_component_is_documented_in_russian(path: Path) -> None:
    undocumented = [
        f"{component.sourceline}: {component.get('name') or component.get('value')}"
        for component in etree.parse(path).getroot().iter(*(f"{XS}{kind}" for kind in ("element", "attribute")))
        if component.get("name") and not is_documented(component)
    ]
    globals_and_values = (
        etree.parse(path).getroot().xpath("/x:schema/*[@name] | //x:enumeration", namespaces={"x": XS[1:-1]})
    )
    undocumented += [str(component.attrib) for component in globals_and_values if not is_documented(component)]
    assert undocumented == []


def is_documented(component: etree._Element) -> bool:
    return re.search("[а-яё]{3}", component.findtext(f"{XS}annotation/{XS}documentation") or "") is not None


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_schema_stands_alone_with_what_it_links(path: Path) -> None:
    etree.XMLSchema(file=str(path))
    for imported in etree.parse(path).getroot().iter(f"{XS}import"):
        assert (path.parent / imported.get("schemaLocation", "")).is_file()


def test_what_contract_1_2_says() -> None:
    types = set(outline(contract_schema_path("1.2", "types"), "1.2"))
    basic = set(outline(contract_schema_path("1.2", "basic"), "1.2"))
    data = "/SenderProvidedResponseData"
    assert types >= {
        "/Request/ReplyTo element type=types/basic/V:string-4000",
        f"{data}/RequestStatus/StatusCode element type=http://www.w3.org/2001/XMLSchema:int",
        f"{data}/RequestRejected element maxOccurs=unbounded",
        "/MessageMetadata/Sender/Mnemonic element type=types/basic/V:string-50",
        "/MessageTypeType simpleType",
    }
    assert basic >= {
        "/SmevFault/Code element type=types/basic/V:string-50 minOccurs=0",
        "/MessagePrimaryContent any namespace=##other processContents=skip",
        "/AckTargetMessage/accepted attribute type=http://www.w3.org/2001/XMLSchema:boolean",
        "/InteractionStatusType enumeration value=messageIsDelivered",
    }
    for absent in ("/Cancel", "/GetIncomingQueueStatisticsRequest", "HumanReadableName", "OriginalMessageID "):
        assert not [line for line in types if absent in line]
    assert "/MessageTypeType enumeration value=CANCEL" not in types
    assert not [line for line in types if re.match(r"/(Ack|Get\w+|Send\w+)Request/Sender ", line)]


def test_what_contract_1_1_has_of_its_own() -> None:
    types = set(outline(contract_schema_path("1.1", "types"), "1.1"))
    assert types >= {
        f"/{STATISTICS}Response/QueueStatistics element minOccurs=0 maxOccurs=unbounded",
        f"/{STATISTICS}Request/NodeID element type=types/basic/V:string-50 minOccurs=0",
        "/Cancel/MessageID element type=types/basic/V:UUID",
        "/MessageMetadata/Sender/HumanReadableName element type=types/basic/V:string-500",
        "/MessageMetadata/DestinationName element type=types/basic/V:string-500",
        "/MessageMetadata/SupplementaryData element",
    }
    assert "/AckTargetMessage/accepted attribute type=http://www.w3.org/2001/XMLSchema:boolean use=required" in outline(
        contract_schema_path("1.1", "basic"), "1.1"
    )


def test_what_contract_1_3_has_of_its_own() -> None:
    types = set(outline(contract_schema_path("1.3", "types"), "1.3"))
    assert types >= {
        "/SendRequestRequest/types/routing/V:Routing element minOccurs=0",
        "/AsyncProcessingStatus/types/routing/V:RoutingStatus element minOccurs=0",
        "/Request/ReplyTo element type=types/basic/V:string-4000 minOccurs=0",
        "/MessageMetadata/Sender element minOccurs=0",
    }
    directive = outline(contract_schema_path("1.3", "directive"), "1.3")
    assert "/Record/PersonalSignature element type=types/basic/V:XMLDSigSignatureType minOccurs=0 maxOccurs=10" in (
        directive
    )


@pytest.mark.parametrize("version", CONTRACTS)
def test_the_words_for_states_are_those_of_the_schema(version: str) -> None:
    schema = etree.parse(contract_schema_path(version, "basic")).getroot()
    declared = schema.xpath(
        "x:simpleType[@name='InteractionStatusType']//x:enumeration/@value", namespaces={"x": XS[1:-1]}
    )
    assert STATUS_WORDS[version] == set(declared)


@pytest.mark.parametrize("version", CONTRACTS)
def test_every_fault_of_the_contract_has_a_class(version: str) -> None:
    schema = etree.parse(contract_schema_path(version, "faults")).getroot()
    declared = {element.get("name"): element.get("type") for element in schema.iterchildren(f"{XS}element")}
    assert declared.keys() == {name for name, kind in EXCHANGE_FAULTS.items() if version in kind.versions}
    for name, kind in declared.items():
        fault = EXCHANGE_FAULTS[name]
        assert (version in fault.typed) == (kind != "basic:Void"), name
        fields = schema.findall(f"{XS}complexType[@name='{name}']/*/*/{XS}sequence/{XS}element")
        written = [field.get("name") for field in fields]
        if name not in ("InvalidContent", "SignatureVerificationFault"):
            assert written == [detail.element for detail in fault.details], name


def service(version: str) -> etree._Element:
    return etree.parse(service_path(version)).getroot()


def service_path(version: str) -> Path:
    return Path(wsdl.__path__[0], version, f"smev-message-exchange-service-{version}.wsdl")


@pytest.mark.parametrize("version", CONTRACTS)
def test_the_service_is_that_of_the_contract(version: str) -> None:
    described = service(version)
    assert described.get("targetNamespace") == CONTRACTS[version].service
    (binding,) = described.iter(f"{WSDL}binding")
    assert binding.find(f"{SOAP}binding").get("style") == "document"
    assert binding.find("{http://schemas.xmlsoap.org/ws/2004/09/policy}PolicyReference").get("URI") == "#MTOM_Policy"
    assert {body.get("use") for body in binding.iter(f"{SOAP}body", f"{SOAP}fault")} == {"literal"}
    actions = {
        operation.get("name"): operation.find(f"{SOAP}operation").get("soapAction")
        for operation in binding.iterchildren(f"{WSDL}operation")
    }
    assert actions == {name: f"urn:{name}" for name in SERVED[version]}
    (port,) = described.iter(f"{WSDL}port")
    assert (port.getparent().get("name"), port.get("name")) == (
        "SMEVMessageExchangeService",
        "SMEVMessageExchangeEndpoint",
    )


@pytest.mark.parametrize(("version", "name"), [(version, name) for version in SERVED for name in SERVED[version]])
def test_an_operation_has_its_messages_and_faults(version: str, name: str) -> None:
    described = service(version)
    messages = {message.get("name"): message[0].get("element") for message in described.iter(f"{WSDL}message")}
    operation = described.find(f"{WSDL}portType/{WSDL}operation[@name='{name}']")
    bound = described.find(f"{WSDL}binding/{WSDL}operation[@name='{name}']")
    for direction, suffix in (("input", "Request"), ("output", "Response")):
        message = operation.find(f"{WSDL}{direction}").get("message").partition(":")[2]
        assert messages[message] == f"types:{name}{suffix}"
    faults = {
        fault.get("name"): messages[fault.get("message").partition(":")[2]]
        for fault in operation.iterchildren(f"{WSDL}fault")
    }
    expected = FAULTS[name] | PERSONAL.get(version, {}).get(name, set())
    assert set(faults.values()) == {f"faults:{fault}" for fault in expected}
    assert {fault.get("name") for fault in bound.iterchildren(f"{WSDL}fault")} == faults.keys()


@pytest.mark.parametrize("version", CONTRACTS)
def test_the_service_is_documented_in_russian(version: str) -> None:
    for component in service(version).iterfind(f"{WSDL}portType//*"):
        if component.tag in (f"{WSDL}operation", f"{WSDL}fault"):
            assert re.search("[а-яё]{3}", component.findtext(f"{WSDL}documentation") or ""), component.get("name")


@pytest.mark.parametrize("version", CONTRACTS)
def test_schemas_are_linked_relatively(version: str) -> None:
    links = [imported.get("schemaLocation", "") for imported in service(version).iter(f"{XS}import")]
    assert len(links) == 2
    assert all((service_path(version).parent / link).is_file() for link in links)
