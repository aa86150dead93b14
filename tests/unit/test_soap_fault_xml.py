"""Faults as XML: valid by the contract's schema, and read back as what they were."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from mezhved.adapter.exchange.contract import CONTRACTS, SOAP_ENVELOPE
from mezhved.adapter.exchange.faults import (
    EXCHANGE_FAULTS,
    AccessDenied,
    BusinessDataTypeIsNotSupported,
    ClientFault,
    DestinationOverflow,
    EndOfLifeReached,
    ExchangeFault,
    Fault,
    InvalidContent,
    MessageIsAlreadySent,
    MustUnderstand,
    OperationIsNotOffered,
    PersonalAccessDenied,
    QuoteLimitExceeded,
    ServerFault,
    SignatureProblem,
    SignatureVerificationFault,
    SMEVFailure,
    TransactionCodeInvalid,
    ValidationError,
    VersionMismatch,
)
from mezhved.adapter.soap.fault_xml import parse_fault, render
from mezhved.adapter.soap.schemas import contract_schema_path

CONTRACT = CONTRACTS["1.2"]
SOAP = f"{{{SOAP_ENVELOPE}}}"
FAULTS: list[ExchangeFault] = [
    AccessDenied("REGION", "worker_card"),
    BusinessDataTypeIsNotSupported("Ask", "urn:k?a=1&b=<2>"),
    DestinationOverflow("node", "QUEUE"),
    EndOfLifeReached("2026-01-01T00:00:00Z"),
    InvalidContent((ValidationError(3, "A/B[2]", "не так: «<>&»"), ValidationError(70_000, "", "без места"))),
    MessageIsAlreadySent("f81d4fae-7dec-11d0-a765-00a0c91e6bf6"),
    QuoteLimitExceeded(remained=0, real=2**40),
    *(SignatureVerificationFault(problem, "причина") for problem in SignatureProblem),
    SMEVFailure(),
    TransactionCodeInvalid(),
]


@pytest.fixture(scope="module")
def schemas() -> dict[str, etree.XMLSchema]:
    return {version: etree.XMLSchema(file=str(contract_schema_path(version, "faults"))) for version in CONTRACTS}


def parts(octets: bytes) -> tuple[str, str, etree._Element | None]:
    """faultcode, faultstring and the only element of detail."""
    (fault,) = etree.fromstring(octets).iterfind(f"{SOAP}Body/{SOAP}Fault")
    assert [child.tag for child in fault][:2] == ["faultcode", "faultstring"]
    detail = fault.find("detail")
    return fault[0].text or "", fault[1].text or "", None if detail is None else detail[0]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("version", CONTRACTS)
def test_an_exchange_fault_is_valid_by_the_contract(
    schemas: dict[str, etree.XMLSchema], version: str, fault: ExchangeFault
) -> None:
    contract = CONTRACTS[version]
    code, text, detail = parts(render(fault, contract))
    assert (code, text) == ("soap:Server", f"{fault.code}:{fault.description}")
    assert detail is not None
    assert detail.tag == f"{{{contract.faults}}}{type(fault).__name__}"
    assert detail.findtext(f"{{{contract.basic}}}Code") == fault.code
    assert detail.findtext(f"{{{contract.basic}}}Description") == text
    schemas[version].assertValid(etree.ElementTree(detail))


@pytest.mark.parametrize("version", CONTRACTS)
def test_a_fault_that_a_version_lacks_is_told_by_the_nearest(schemas: dict[str, etree.XMLSchema], version: str) -> None:
    fault = PersonalAccessDenied("CN=Official", "worker_card")
    _, text, detail = parts(render(fault, CONTRACTS[version]))
    assert detail is not None
    assert etree.QName(detail).localname == ("PersonalAccessDenied" if version == "1.3" else "AccessDenied")
    assert text.startswith("SMEV-915:")
    schemas[version].assertValid(etree.ElementTree(detail))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("version", CONTRACTS)
def test_a_client_reads_what_a_node_wrote(fault: ExchangeFault, version: str) -> None:
    read = parse_fault(render(fault, CONTRACTS[version]))
    assert type(read) is type(fault)
    assert isinstance(read, ExchangeFault)
    assert (read.code, read.description) == (fault.code, fault.description)
    assert {key: value for key, value in vars(read).items() if key != "code"} == vars(fault)


def test_a_code_of_the_longest_kind_fits_the_contract() -> None:
    assert all(len(fault.code) <= 50 for fault in EXCHANGE_FAULTS.values())


@pytest.mark.parametrize(
    ("fault", "code", "read_as"),
    [
        (ClientFault("это не XML"), "soap:Client", ClientFault),
        (OperationIsNotOffered("GetRequest", "Ack"), "soap:Client", ClientFault),
        (VersionMismatch("SOAP 1.2"), "soap:VersionMismatch", VersionMismatch),
        (MustUnderstand("заголовок"), "soap:MustUnderstand", MustUnderstand),
        (ServerFault("сбой"), "soap:Server", ServerFault),
    ],
)
def test_a_fault_of_soap_has_no_detail(fault: Fault, code: str, read_as: type[Fault]) -> None:
    octets = render(fault, CONTRACT)
    assert parts(octets) == (code, fault.description, None)
    read = parse_fault(octets)
    assert type(read) is read_as
    assert read.description == fault.description


def test_a_fault_of_another_node_is_read_though_it_is_written_otherwise() -> None:
    octets = f"""<e:Envelope xmlns:e="{SOAP_ENVELOPE}"><e:Header/><e:Body><e:Fault>
        <faultcode>e:Server</faultcode><faultstring>SMEV-403:Ошибка</faultstring><faultactor>urn:a</faultactor>
        <detail><trace xmlns="urn:other">secret</trace><n:InvalidContent xmlns:n="{CONTRACTS["1.1"].faults}">
          <n:ValidationError errorPosition="12">cvc-complex-type.2.4.a: Invalid content</n:ValidationError>
        </n:InvalidContent></detail></e:Fault></e:Body></e:Envelope>""".encode()
    fault = parse_fault(octets)
    assert isinstance(fault, InvalidContent)
    assert (fault.code, fault.description) == ("SMEV-403", "Ошибка")
    (error,) = fault.errors
    assert (error.line, f"{error.path}: {error.text}") == (12, "cvc-complex-type.2.4.a: Invalid content")


@pytest.mark.parametrize("octets", [b"", b"<a/>", b"<html>", f'<S:Envelope xmlns:S="{SOAP_ENVELOPE}"/>'.encode()])
def test_what_is_no_fault_is_no_fault(octets: bytes) -> None:
    with pytest.raises(ValueError, match=r"no XML|no soap:Fault"):
        parse_fault(octets)


@given(st.text())
def test_any_text_can_be_told(text: str) -> None:
    fault = parse_fault(render(InvalidContent((ValidationError(1, "A", text),)), CONTRACT))
    assert isinstance(fault, InvalidContent)
    assert len(fault.errors) == 1
