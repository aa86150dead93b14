"""The family of faults: codes that do not change, texts for partners, advice for clients."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree
from mezhved import wsdl
from mezhved.adapter.exchange import faults
from mezhved.adapter.exchange.contract import CONTRACTS, Contract
from mezhved.adapter.exchange.faults import EXCHANGE_FAULTS, Advice, ExchangeFault, Fault, SignatureProblem, declared
from mezhved.adapter.exchange.message_id import Staleness

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
ALL: list[ExchangeFault] = [
    faults.SignatureVerificationFault(SignatureProblem.NO_SIGNATURE_FOUND, "подписи нет"),
    faults.InvalidMessageIdFormat("X"),
    faults.MessageIsAlreadySent("f81d4fae"),
    faults.InvalidContent((faults.ValidationError(7, "A/B", "не так"), faults.ValidationError(9, "A", "и не эдак"))),
    faults.TargetMessageIsNotFound("f81d4fae"),
    faults.DestinationOverflow("node", "QUEUE"),
    faults.BusinessDataTypeIsNotSupported("Ask", "urn:k"),
    faults.UnknownMessageType("{urn:k}Ask"),
    faults.TransactionCodeInvalid(),
    faults.StaleMessageId("f81d4fae", NOW - timedelta(days=3), NOW, Staleness.STALE),
    faults.AttachmentContentMiscoordination("лишнее вложение"),
    faults.AttachmentSizeLimitExceeded(permitted=0, real=10),
    faults.QuoteLimitExceeded(remained=1, real=10),
    faults.AccessDenied("REGION", "worker_card"),
    faults.SMEVFailure(),
    faults.IncorrectResponseContentType("urn:k", "Ask", "{urn:k}Other"),
    faults.RecipientIsNotFound("somewhere"),
    faults.SenderIsNotRegistered("выключен"),
    faults.RequestIsNotFound("f81d4fae"),
    faults.EndOfLifeReached("2020-01-01T00:00:00Z"),
    faults.PersonalAccessDenied("CN=Иванов", "worker_card"),
]


def test_one_of_each_is_tried_here() -> None:
    assert [type(fault) for fault in ALL] == list(EXCHANGE_FAULTS.values())
    assert {name: fault.__name__ for name, fault in EXCHANGE_FAULTS.items()} == {name: name for name in EXCHANGE_FAULTS}


def test_codes_are_unique_and_those_of_smev_are_kept() -> None:
    codes = {name: fault.code for name, fault in EXCHANGE_FAULTS.items()}
    assert len(set(codes.values())) == len(codes)
    assert all(re.fullmatch(r"SMEV-\d{3}", code) for code in codes.values())
    public = {
        "SignatureVerificationFault": "SMEV-100",
        "InvalidMessageIdFormat": "SMEV-300",
        "MessageIsAlreadySent": "SMEV-301",
        "InvalidContent": "SMEV-403",
        "TargetMessageIsNotFound": "SMEV-501",
        "DestinationOverflow": "SMEV-600",
    }
    assert codes.items() >= public.items()
    assert all(code >= "SMEV-901" for name, code in codes.items() if name not in public)


@pytest.mark.parametrize("fault", ALL, ids=lambda fault: type(fault).__name__)
def test_a_fault_speaks_russian_and_gives_advice(fault: ExchangeFault) -> None:
    assert re.search("[а-я]{3}", fault.description)
    assert str(fault) == fault.description
    assert fault.advice in Advice
    assert all(isinstance(getattr(fault, detail.attribute), detail.kind) for detail in fault.details)


def test_what_matters_most_to_a_client() -> None:
    assert faults.SMEVFailure.advice is faults.DestinationOverflow.advice is Advice.RETRY
    assert faults.MessageIsAlreadySent.advice is Advice.STOP
    assert faults.InvalidContent.advice is faults.StaleMessageId.advice is Advice.CORRECT
    # A call that this node will never answer must not be repeated for ever.
    assert faults.OperationIsNotOffered("GetRequest", "Ack").advice is Advice.STOP


def test_texts_name_what_they_are_about() -> None:
    text = faults.InvalidContent((faults.ValidationError(7, "A/B", "не так"),) * 2).description
    assert "строка 7, A/B: не так (всего ошибок: 2)" in text
    stale = faults.StaleMessageId("f81d4fae", NOW + timedelta(days=1), NOW, Staleness.FUTURE).description
    assert "в будущем" in stale
    assert "2026-11-23T10:00:00" in stale
    assert "2026-11-22T10:00:00" in stale


def test_a_sender_gets_back_only_a_little_of_what_it_has_sent() -> None:
    assert len(faults.InvalidMessageIdFormat("x" * 100_000).description) < 500
    assert len(faults.RecipientIsNotFound("x" * 4000).description) < 500


def test_faults_of_soap_itself_have_no_code() -> None:
    for fault in (faults.ClientFault("нет"), faults.VersionMismatch("нет"), faults.MustUnderstand("нет")):
        assert isinstance(fault, Fault)
        assert not isinstance(fault, ExchangeFault)


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=CONTRACTS.keys())
def test_an_operation_answers_with_what_its_wsdl_declares(contract: Contract) -> None:
    tree = etree.parse(
        Path(wsdl.__path__[0], contract.version, f"smev-message-exchange-service-{contract.version}.wsdl")
    )
    elements = {
        message.get("name"): message.find(f"{WSDL}part").get("element").rpartition(":")[2]
        for message in tree.iter(f"{WSDL}message")
    }
    for operation in contract.operations:
        (found,) = tree.iterfind(f"{WSDL}portType/{WSDL}operation[@name='{operation}']")
        written = {elements[fault.get("message").rpartition(":")[2]] for fault in found.iterchildren(f"{WSDL}fault")}
        assert {fault.name() for fault in declared(operation, contract)} == written, operation
