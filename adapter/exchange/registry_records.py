"""A registry request (contract 1.3): one message with up to a thousand records, each with content of its own."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml.etree import _Element as Element

from .contract import Contract, SignatureRole
from .signature_places import PlacedSignature, places, signatures_at


@dataclass(frozen=True, slots=True)
class RegistryRecord:
    """One record, in its place in the envelope.

    `element` is the RegistryRecord, `signed` the Record in it that the system signs, `content` the business content.
    """

    record_id: int
    element: Element
    signed: Element
    content: Element

    @property
    def path(self) -> str:
        """Where it stands, for people: what is wrong in it is told with this before its own path."""
        return f"Registry/RegistryRecord[RecordId={self.record_id}]"


def is_registry(contract: Contract, content: Element) -> bool:
    """Whether a message's content is a registry of records, and no business content itself."""
    return bool(content.tag == f"{{{contract.directive}}}Registry")


def records_of(contract: Contract, registry: Element) -> Iterator[RegistryRecord]:
    """The records of a Registry that is valid against the contract's schema, in their order."""
    d = f"{{{contract.directive}}}"
    for element in registry.iterchildren(f"{d}RegistryRecord"):
        number, signed = element[0], element[1]
        yield RegistryRecord(int(number.text or ""), element, signed, next(signed[0].iterchildren("*")))


def personal_signatures(contract: Contract, operation: Element, record: RegistryRecord) -> list[PlacedSignature]:
    """The signatures of officials over one record; `operation` is the envelope's element in soap:Body."""
    holder = str(record.signed.tag)
    return [
        placed
        for place in places(contract, str(operation.tag)) or ()
        if place.role is SignatureRole.PERSON and place.scope and place.scope[-1] == holder
        for placed in signatures_at(place, record.signed)
    ]
