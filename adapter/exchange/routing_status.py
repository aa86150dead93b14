"""//RoutingStatus (contract 1.3): what became of each thing that a sender wrote about whom its message is for."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from .contract import Contract
from .writing import element


class RoutingCode(StrEnum):
    """//RoutingStatusCodeType; what the node means by each."""

    SUCCESS = "success"
    """There is a recipient, and it gets the message."""
    RECIPIENT_NOT_FOUND = "recipientNotFound"
    """Nobody on this node stands for the value, or the one that does not answer this kind."""
    INVALID_RECORD_ID = "invalidRegistryRecordId"
    """No record bears the number, or more than one does."""
    CERTIFICATE_INVALID = "certificateInvalid"
    """The certificate in the record's signature is not one of the sender's, or is not accepted."""
    SIGNATURE_INVALID = "signatureInvalid"
    """The record's signature is missing or does not hold."""
    GENERAL_ROUTING_NOT_FOUND = "generalRoutingNotFound"
    """The record is to go where the whole message goes, and that says nothing."""
    PERSONAL_ACCESS_DENIED = "personalAccessDenied"
    """Who has signed the record may not send it. The node itself knows no officials: the register judges them."""


class Named(StrEnum):
    """How a sender names a recipient; the value is what the contract's elements begin with."""

    DYNAMIC = "Dynamic"
    IDENTIFIER = "Identifier"


@dataclass(frozen=True, slots=True)
class ValueStatus:
    """What became of one value. `recipient` is the mnemonic that it led to; None with any code but SUCCESS."""

    named: Named
    value: str
    recipient: str | None

    @property
    def code(self) -> RoutingCode:
        """What the sender is told."""
        return RoutingCode.RECIPIENT_NOT_FOUND if self.recipient is None else RoutingCode.SUCCESS


@dataclass(frozen=True, slots=True)
class RecordStatus:
    """What became of one record of a registry request, and of the values named for it alone."""

    record_id: int
    code: RoutingCode
    values: tuple[ValueStatus, ...] = ()


@dataclass(frozen=True, slots=True)
class RoutingStatus:
    """What became of the values for the whole message, and of single records."""

    values: tuple[ValueStatus, ...] = ()
    records: tuple[RecordStatus, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether everything went where it was to go."""
        codes = [one.code for one in (*self.values, *(value for record in self.records for value in record.values))]
        return all(code is RoutingCode.SUCCESS for code in (*codes, *(record.code for record in self.records)))

    def write(self, contract: Contract) -> str:
        """The element in canonical form, with its own namespace declared."""
        return "".join(
            (
                f'<r:RoutingStatus xmlns:r="{contract.routing}">',
                *_written(self.values),
                *(
                    "<r:RegistryRoutingStatus>"
                    + element("r:RecordId", str(record.record_id))
                    + element("r:RoutingStatusCode", record.code)
                    + "".join(_written(record.values))
                    + "</r:RegistryRoutingStatus>"
                    for record in self.records
                ),
                "</r:RoutingStatus>",
            )
        )


def _written(values: tuple[ValueStatus, ...]) -> Iterator[str]:
    for named in Named:  # in the order of the contract's sequence
        for one in values:
            if one.named is named:
                yield (
                    f"<r:{named}RoutingStatus>"
                    + element(f"r:{named}Value", one.value)
                    + element("r:RoutingStatusCode", one.code)
                    + f"</r:{named}RoutingStatus>"
                )
