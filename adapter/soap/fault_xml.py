"""Faults as XML: writing them for callers, reading those of a node for clients. The one place that knows their shape.

Source: SOAP 1.1 §4.4; the contract's schema of faults; protocol §5.
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.etree import QName
from lxml.etree import _Element as Element

from ..exchange.contract import SOAP_ENVELOPE, Contract
from ..exchange.faults import (
    EXCHANGE_FAULTS,
    AccessDenied,
    ClientFault,
    ExchangeFault,
    Fault,
    InvalidContent,
    MustUnderstand,
    ServerFault,
    SignatureProblem,
    SignatureVerificationFault,
    ValidationError,
    VersionMismatch,
)
from ..exchange.writing import escape_text

_SOAP = f"{{{SOAP_ENVELOPE}}}"
_FAULTS_NAMESPACE = re.compile(r"urn://x-artefacts-smev-gov-ru/services/message-exchange/types/faults/\S+")
_DESCRIPTION = re.compile(r"(SMEV-\d+):\s*(.*)", re.DOTALL)
_NOT_XML = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""Characters that XML 1.0 cannot carry; a text that repeats what a caller has sent may hold some."""
_CODES = {ClientFault: "Client", VersionMismatch: "VersionMismatch", MustUnderstand: "MustUnderstand"}


def render(fault: Fault, contract: Contract) -> bytes:
    """The SOAP envelope that tells of `fault`, in the namespaces of `contract`."""
    code = next((name for kind, name in _CODES.items() if isinstance(fault, kind)), "Server")
    text, detail = fault.description, ""
    if isinstance(fault, ExchangeFault):
        text = _description(fault)
        detail = f"<detail>{_detail(fault, contract)}</detail>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<soap:Envelope xmlns:soap="{SOAP_ENVELOPE}"><soap:Body><soap:Fault><faultcode>soap:{code}</faultcode>'
        f"<faultstring>{_safe(text)}</faultstring>{detail}</soap:Fault></soap:Body></soap:Envelope>"
    ).encode()


def parse_fault(octets: bytes) -> Fault:
    """The fault in an envelope of any contract version; ServerFault for one that the contract does not know.

    Raises ValueError if the octets are no envelope with a fault.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(octets, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"no XML: {error}") from error
    fault = root.find(f"{_SOAP}Body/{_SOAP}Fault")
    if fault is None:
        raise ValueError("no soap:Fault in soap:Body")
    code = fault.findtext("faultcode", "").rpartition(":")[2].partition(".")[0].strip()
    text = fault.findtext("faultstring", "")
    for child in fault.iterfind("detail/*"):
        if _FAULTS_NAMESPACE.fullmatch(QName(child).namespace or "") and (
            kind := EXCHANGE_FAULTS.get(QName(child).localname)
        ):
            return _received(kind, child, text)
    return next((known for known, name in _CODES.items() if name == code), ServerFault)(text)


def _detail(fault: ExchangeFault, contract: Contract) -> str:
    # The only fault that a version lacks is a narrower AccessDenied.
    kind = type(fault) if contract.version in fault.versions else AccessDenied
    name = kind.name()
    # An element of the type Void may hold Code and Description only as a SmevFault, which is derived from it.
    declared = contract.version in kind.typed
    typed = "" if declared else ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="b:SmevFault"'
    return (
        f'<f:{name} xmlns:f="{contract.faults}" xmlns:b="{contract.basic}"{typed}>'
        f"<b:Code>{fault.code}</b:Code><b:Description>{_safe(_description(fault))}</b:Description>"
        f"{''.join(_fields(fault))}</f:{name}>"
    )


def _fields(fault: ExchangeFault) -> Iterator[str]:
    if isinstance(fault, InvalidContent):
        for error in fault.errors:
            text = _safe(f"{error.path}: {error.text}" if error.path else error.text)
            yield f'<f:ValidationError errorPosition="{error.line}">{text}</f:ValidationError>'
    elif isinstance(fault, SignatureVerificationFault):
        yield f"<f:SignatureVerificationFault>{fault.problem}</f:SignatureVerificationFault>"
    for detail in fault.details:
        value = _safe(str(getattr(fault, detail.attribute)))
        yield f"<f:{detail.element}>{value}</f:{detail.element}>"


def _description(fault: ExchangeFault) -> str:
    return f"{fault.code}:{fault.description}"


def _safe(text: str) -> str:
    return escape_text(_NOT_XML.sub("\ufffd", text))


def _received(kind: type[ExchangeFault], element: Element, text: str) -> ExchangeFault:
    parts = {QName(child).localname: _text(child) for child in element.iterchildren("*")}
    written, description = _split((parts.get("Description") or text).strip())
    code = parts.get("Code", "").strip() or written
    fields: dict[str, Any] = {}
    if issubclass(kind, InvalidContent):
        fields["errors"] = tuple(_errors(element))
    elif issubclass(kind, SignatureVerificationFault):
        fields["problem"] = _problem(parts.get("SignatureVerificationFault", ""))
    for detail in kind.details:
        value = parts.get(detail.element, "")
        fields[detail.attribute] = (_number(value) if detail.kind is int else value) or detail.kind()
    return kind.received(code, description, fields)


def _split(text: str) -> tuple[str, str]:
    """The code before a description, if there is one, and the description."""
    match = _DESCRIPTION.fullmatch(text)
    return (match[1], match[2]) if match else ("", text)


def _errors(element: Element) -> Iterator[ValidationError]:
    for error in element.iterchildren("*"):
        if QName(error).localname == "ValidationError":
            text = _text(error)
            path, found, reason = text.partition(": ")
            is_path = bool(found) and re.fullmatch(r"[^\s:]+", path) is not None
            yield ValidationError(
                _number(error.get("errorPosition", "")), path if is_path else "", reason if is_path else text
            )


def _problem(value: str) -> SignatureProblem:
    known = {problem.value: problem for problem in SignatureProblem}
    return known.get(value.strip(), SignatureProblem.SIGNATURE_IS_INVALID)


def _number(text: str) -> int:
    digits = text.strip()
    return int(digits) if re.fullmatch(r"-?\d{1,18}", digits, re.ASCII) else 0


def _text(element: Element) -> str:
    return "".join(str(part) for part in element.itertext())
