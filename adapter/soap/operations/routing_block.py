"""//Routing of SendRequest (contract 1.3): whom the sender wants to have its message, by values that it has signed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

from lxml.etree import _Element as Element

from ....signing.errors import SigningError
from ....signing.xmldsig import verify
from ...exchange.contract import Contract, SignatureRole
from ...exchange.faults import InvalidContent, SignatureProblem, SignatureVerificationFault, ValidationError
from ...exchange.participants import Participant
from ...exchange.ports import MessageKind
from ...exchange.routing_status import Named, ValueStatus
from ...exchange.signature_places import find_scopes, places, signatures_at
from ..call import Call
from .caller import as_fault
from .context import ExchangeContext

_PATH = "SendRequestRequest/Routing/RoutingInformation"


@dataclass(frozen=True, slots=True)
class Values:
    """The values of a DynamicRouting and an IdentifierRouting, each once, in the sender's order."""

    named: tuple[tuple[Named, str], ...]

    def resolve(self, context: ExchangeContext, kind: MessageKind, sender: Participant) -> tuple[ValueStatus, ...]:
        """Where each value leads. An identifier of a system is its mnemonic."""
        return tuple(
            ValueStatus(named, value, _recipient(context, kind, sender, named, value)) for named, value in self.named
        )


@dataclass(frozen=True, slots=True)
class RecordInstructions:
    """What is said of one record; `general` refers it to what is said of the whole message."""

    record_id: int
    general: bool
    values: Values


@dataclass(frozen=True, slots=True)
class Instructions:
    """What a sender says of whom its message is for; `records` is None where it says nothing of single records."""

    values: Values
    records: tuple[RecordInstructions, ...] | None


NOTHING_SAID = Instructions(Values(()), None)


def read_instructions(context: ExchangeContext, call: Call, sender: Participant, message_id: str) -> Instructions:
    """The instructions that come with a message, or NOTHING_SAID.

    Raises SignatureVerificationFault if the sender has not signed them, InvalidContent if they are about another
    message: those of one message must not be put beside another.
    """
    contract = call.contract
    information = call.body.find(f"{{{contract.routing}}}Routing/{{{contract.routing}}}RoutingInformation")
    if information is None:
        return NOTHING_SAID
    _verify(context, call, sender)
    about = information[0]
    if about.text != message_id:
        text = f"указания относятся к сообщению {about.text}, а в конверте сообщение {message_id}"
        raise InvalidContent((ValidationError(cast(int, about.sourceline), f"{_PATH}/MessageID", text),))
    return _read(contract, information)


def _verify(context: ExchangeContext, call: Call, sender: Participant) -> None:
    table = places(call.contract, str(call.body.tag)) or ()
    place = next(one for one in table if one.role is SignatureRole.ROUTING)
    (placed,) = signatures_at(place, find_scopes(call.body, place)[0])
    try:
        # The schema has one RoutingInformation there: nothing else can be meant.
        target = cast(Element, placed.target)
        verified = verify(placed.signature, target, policy=context.policy, trust=context.trust, at=call.received_at)
    except SigningError as error:
        raise as_fault(error, "в элементе RoutingSignature") from error
    owner = context.participants.by_fingerprint(verified.certificate.fingerprint)
    if owner is None or owner.mnemonic != sender.mnemonic:
        raise SignatureVerificationFault(
            SignatureProblem.CERTIFICATE_IS_NOT_FOUND,
            f"указания Routing подписаны сертификатом «{verified.certificate.subject}», а он не закреплён за системой "
            f"{sender.mnemonic}, которая отправила сообщение",
        )


def _read(contract: Contract, information: Element) -> Instructions:
    r = f"{{{contract.routing}}}"
    registry = information.find(f"{r}RegistryRouting")
    records = None
    if registry is not None:
        records = tuple(
            RecordInstructions(
                record_id=int(one.findtext(f"{r}RecordId") or ""),
                general=(one.findtext(f"{r}UseGeneralRouting") or "").strip() in ("true", "1"),
                values=_values(contract, one),
            )
            for one in registry.iterchildren(f"{r}RegistryRecordRouting")
        )
    return Instructions(_values(contract, information), records)


def _values(contract: Contract, holder: Element) -> Values:
    return Values(tuple(dict.fromkeys(_named(contract, holder))))


def _named(contract: Contract, holder: Element) -> Iterator[tuple[Named, str]]:
    r = f"{{{contract.routing}}}"
    for named in Named:
        for block in holder.iterchildren(f"{r}{named}Routing"):
            for value in block.iterchildren(f"{r}{named}Value"):
                yield named, value.text or ""


def _recipient(
    context: ExchangeContext, kind: MessageKind, sender: Participant, named: Named, value: str
) -> str | None:
    if named is Named.DYNAMIC:
        return context.routes.of_value(kind, value, sender)
    return value if context.routes.answers(value, kind) else None
