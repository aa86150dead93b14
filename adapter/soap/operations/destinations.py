"""Where a request goes: to the provider of its kind, or to whom the sender names; a registry request by its records."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast

from lxml.etree import QName
from lxml.etree import _Element as Element

from ....signing.errors import CertificateRefused, ProviderUnavailable, SigningError
from ....signing.xmldsig import ids_of, verify
from ...dispatch.selecting import with_records
from ...exchange.contract import Contract, SignatureRole
from ...exchange.faults import (
    ExchangeFault,
    InvalidContent,
    RecipientIsNotFound,
    SignatureProblem,
    SignatureVerificationFault,
    ValidationError,
)
from ...exchange.handling import Handling
from ...exchange.participants import Participant
from ...exchange.ports import MessageKind
from ...exchange.registry_records import RegistryRecord, is_registry, records_of
from ...exchange.routing_status import RecordStatus, RoutingCode, RoutingStatus, ValueStatus
from ...exchange.signature_places import places, signatures_at
from ..call import Call
from .accepting import check_content
from .caller import as_fault
from .context import ExchangeContext
from .routing_block import Instructions, RecordInstructions, Values

_MOST_STATUSES = 1000
"""Most statuses of values, and of records, that the contract has room for."""


@dataclass(frozen=True, slots=True)
class Destination:
    """What one recipient gets: octets of its own, or empty for those of the message; and the order keys of that."""

    octets: bytes
    order_keys: frozenset[str]

    def handling(self, priority: int, expires_at: datetime | None) -> Handling:
        """How it goes there."""
        if len(self.order_keys) > 1:
            return Handling(priority, None, expires_at, self.order_keys)
        return Handling(priority, next(iter(self.order_keys), None), expires_at)


@dataclass(frozen=True, slots=True)
class Destinations:
    """Who gets a request. `status` tells what the sender named in vain, `errors` what content was left out for its
    errors: of both, the rest goes on without it.
    """

    of: Mapping[str, Destination]
    status: RoutingStatus
    errors: tuple[ValidationError, ...] = ()

    @property
    def whole(self) -> str | None:
        """The only recipient, if it gets the message as it was sent; else each gets a copy."""
        (first, *others) = self.of.items()
        return None if others or first[1].octets else first[0]

    @property
    def complete(self) -> bool:
        """Whether all of it goes to everybody that the sender named."""
        return self.status.complete and not self.errors


@dataclass(frozen=True, slots=True)
class Request:
    """A request that is being routed."""

    call: Call
    sender: Participant
    kind: MessageKind
    content: Element
    instructions: Instructions


def root_of(contract: Contract, content: Element) -> QName:
    """The name by which the kind of a request is known: that of the content, or of what all records of it hold.

    Raises InvalidContent if the records are not of one kind.
    """
    if not is_registry(contract, content):
        return QName(content)
    records = list(records_of(contract, content))
    root = QName(records[0].content)
    for record in records:
        if record.content.tag != root.text:
            text = f"все записи реестрового запроса должны быть одного вида: {root.text}, а здесь {record.content.tag}"
            raise InvalidContent((ValidationError(_line(record.content), f"{record.path}/Record/RecordContent", text),))
    return root


def route(context: ExchangeContext, request: Request) -> Destinations:
    """Who gets the request, its content judged.

    Raises InvalidContent, RecipientIsNotFound, or SMEVFailure where a signature cannot be checked on this node; and for
    a registry request of which no record is left, the fault of the first.
    """
    general = request.instructions.values.resolve(context, request.kind, request.sender)
    if is_registry(request.call.contract, request.content):
        return _Registry(context, request, general).route()
    if request.instructions.records is not None:
        raise InvalidContent((ValidationError(_line(request.content), "Routing/RegistryRouting", _NO_REGISTRY),))
    recipients = _found(general) if general else _usual(context, request)
    check_content(request.kind, request.content)
    key = request.kind.order_key(request.content)
    whole = Destination(b"", frozenset() if key is None else frozenset({key}))
    return Destinations(dict.fromkeys(recipients, whole), RoutingStatus(general))


_MOST_EXPLAINED = 10
_NOT_EXPLAINED = (
    f"содержание не соответствует схеме вида сведений (подробности даны для первых {_MOST_EXPLAINED} записей)"
)
_NO_REGISTRY = "указания для записей допустимы только в реестровом запросе"


def _found(statuses: Sequence[ValueStatus]) -> list[str]:
    """The recipients that values lead to, each once. Raises RecipientIsNotFound if there is none."""
    recipients = list(dict.fromkeys(one.recipient for one in statuses if one.recipient is not None))
    if not recipients:
        named = ", ".join(one.value for one in statuses)
        raise RecipientIsNotFound(f"ни одно из значений блока Routing не ведёт к поставщику этого вида: {named}")
    return recipients


def _usual(context: ExchangeContext, request: Request) -> list[str]:
    """The provider that requests go to which name nobody."""
    provider = context.routes.provider(request.kind, request.sender)
    if provider is None:
        raise RecipientIsNotFound(f"у вида сведений {request.kind.name} нет поставщика")
    return [provider]


class _Refused(Exception):  # noqa: N818  named for what is wrong
    """A record is left out: with a code for its sender, or for errors of its content."""

    def __init__(
        self,
        fault: ExchangeFault,
        code: RoutingCode | None,
        values: tuple[ValueStatus, ...] = (),
        errors: tuple[ValidationError, ...] = (),
    ) -> None:
        super().__init__(fault.description)
        self.fault = fault
        self.code = code
        self.values = values
        self.errors = errors


class _Registry:
    """A registry request on its way to its recipients: what is wrong with one record does not concern the others."""

    def __init__(self, context: ExchangeContext, request: Request, general: tuple[ValueStatus, ...]) -> None:
        self._context = context
        self._request = request
        self._general = general
        self._explained = 0
        self._element_ids = ids_of(request.content)
        self._owned: dict[str, bool] = {}
        contract = request.call.contract
        self._records = list(records_of(contract, request.content))
        table = places(contract, str(request.call.body.tag)) or ()
        self._place = next(one for one in table if one.role is SignatureRole.RECORD)
        self._ids = Counter(record.record_id for record in self._records)
        said = request.instructions.records or ()
        self._said = {one.record_id: one for one in said}
        self._said_twice = {number for number, times in Counter(one.record_id for one in said).items() if times > 1}

    def route(self) -> Destinations:
        chosen: dict[str, list[int]] = {}
        statuses: dict[int, RecordStatus] = {}
        errors: list[ValidationError] = []
        faults: list[ExchangeFault] = []
        for number, record in enumerate(self._records):
            try:
                recipients, values = self._judged(record)
            except _Refused as refused:
                faults.append(refused.fault)
                errors.extend(refused.errors)
                if refused.code is not None:
                    statuses[record.record_id] = RecordStatus(record.record_id, refused.code, refused.values)
                continue
            if record.record_id in self._said or self._request.instructions.records is not None:
                statuses[record.record_id] = RecordStatus(record.record_id, RoutingCode.SUCCESS, values)
            for recipient in recipients:
                chosen.setdefault(recipient, []).append(number)
        if not chosen:
            raise faults[0] if faults else RecipientIsNotFound("в реестровом запросе нет записей")
        for number in self._said.keys() - self._ids.keys():
            statuses[number] = RecordStatus(number, RoutingCode.INVALID_RECORD_ID)
        return Destinations(
            {recipient: self._destination(numbers) for recipient, numbers in chosen.items()},
            RoutingStatus(self._general, _that_fit(statuses.values())),
            tuple(errors),
        )

    def _judged(self, record: RegistryRecord) -> tuple[Sequence[str], tuple[ValueStatus, ...]]:
        """Whom the record goes to, and what has become of the values for it alone. Raises _Refused."""
        number = record.record_id
        if self._ids[number] > 1 or number in self._said_twice:
            text = f"номер записи {number} повторяется: что относится к какой записи, установить нельзя"
            error = ValidationError(_line(record.element), f"{record.path}/RecordId", text)
            raise _Refused(InvalidContent((error,)), RoutingCode.INVALID_RECORD_ID)
        self._verify(record)
        self._validate(record)
        return self._recipients(record, self._said.get(number))

    def _verify(self, record: RegistryRecord) -> None:
        context, call = self._context, self._request.call
        placed = next(iter(signatures_at(self._place, record.element)), None)
        where = f"в записи {record.record_id} (RecordSignature)"
        try:
            verified = verify(
                None if placed is None else placed.signature,
                record.signed,
                policy=context.policy,
                trust=context.trust,
                at=call.received_at,
                ids=self._element_ids,
            )
        except ProviderUnavailable as error:
            raise as_fault(error) from error
        except CertificateRefused as error:
            raise _Refused(as_fault(error, where), RoutingCode.CERTIFICATE_INVALID) from error
        except SigningError as error:
            raise _Refused(as_fault(error, where), RoutingCode.SIGNATURE_INVALID) from error
        if not self._is_senders(verified.certificate.fingerprint):
            text = f"{where}: сертификат не закреплён за системой {self._request.sender.mnemonic}"
            fault = SignatureVerificationFault(SignatureProblem.CERTIFICATE_IS_NOT_FOUND, text)
            raise _Refused(fault, RoutingCode.CERTIFICATE_INVALID)

    def _is_senders(self, fingerprint: str) -> bool:
        """Whether the certificate is one of the sender's."""
        if fingerprint not in self._owned:
            owner = self._context.participants.by_fingerprint(fingerprint)
            self._owned[fingerprint] = owner is not None and owner.mnemonic == self._request.sender.mnemonic
        return self._owned[fingerprint]

    def _validate(self, record: RegistryRecord) -> None:
        kind, errors = self._request.kind, []
        # To explain an error costs far more than to find it, and a thousand explanations are of use to nobody.
        if self._explained >= _MOST_EXPLAINED:
            if not kind.is_valid(record.content):
                errors.append(ValidationError(_line(record.content), record.path, _NOT_EXPLAINED))
        elif found := kind.validate(record.content):
            self._explained += 1
            errors.extend(ValidationError(one.line, f"{record.path}/{one.path}", one.text) for one in found)
        basic = self._request.call.contract.basic
        for name in ("AttachmentHeaderList", "RefAttachmentHeaderList"):
            for header in record.signed.iterchildren(f"{{{basic}}}{name}"):
                text = "вложений записей узел не принимает"
                errors.append(ValidationError(_line(header), f"{record.path}/Record/{name}", text))
        if errors:
            raise _Refused(InvalidContent(tuple(errors)), None, errors=tuple(errors))

    def _recipients(
        self, record: RegistryRecord, said: RecordInstructions | None
    ) -> tuple[Sequence[str], tuple[ValueStatus, ...]]:
        if said is None:
            said = RecordInstructions(record.record_id, bool(self._general), Values(()))
            if not self._general:
                return self._default(), ()
        elif said.general and not self._general:
            text = f"запись {record.record_id} ссылается на общие указания Routing, а их нет"
            raise _Refused(RecipientIsNotFound(text), RoutingCode.GENERAL_ROUTING_NOT_FOUND)
        own = said.values.resolve(self._context, self._request.kind, self._request.sender)
        try:
            return _found([*(self._general if said.general else ()), *own]), own
        except RecipientIsNotFound as fault:
            raise _Refused(fault, RoutingCode.RECIPIENT_NOT_FOUND, own) from fault

    def _default(self) -> Sequence[str]:
        """The usual provider, for a record of which nothing is said where nothing is said of the whole."""
        try:
            return _usual(self._context, self._request)
        except RecipientIsNotFound as fault:
            raise _Refused(fault, RoutingCode.RECIPIENT_NOT_FOUND) from fault

    def _destination(self, numbers: Sequence[int]) -> Destination:
        request = self._request
        keys = (request.kind.order_key(self._records[number].content) for number in numbers)
        whole = len(numbers) == len(self._records)
        octets = b"" if whole else with_records(request.call.contract, request.call.body[0], numbers)
        return Destination(octets, frozenset(key for key in keys if key is not None))


def _that_fit(statuses: Iterable[RecordStatus]) -> tuple[RecordStatus, ...]:
    """As many as the contract has room for, refusals before successes; values only for as long as there is room."""
    found = sorted(statuses, key=lambda one: (one.code is RoutingCode.SUCCESS, one.record_id))[:_MOST_STATUSES]
    room, told = _MOST_STATUSES, []
    for one in found:
        values = one.values if len(one.values) <= room else ()
        room -= len(values)
        told.append(replace(one, values=values))
    return tuple(sorted(told, key=lambda one: one.record_id))


def _line(element: Element) -> int:
    return cast(int, element.sourceline)
