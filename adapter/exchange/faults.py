"""Faults of the contract: one class for each fault element, with its code, its text and what the client should do.

A class bears the name of the element in `…/types/faults/{V}`. The operations raise them, `adapter.soap.fault_xml`
writes and reads them; nothing here knows XML. Texts are Russian, since exchange partners read them. Codes 100, 300,
301, 403, 501 and 600 are those seen in SMEV; the node's own numbers are 901–999 (docs/reference/faults.md).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Self

from .contract import CONTRACTS, Contract, Operation
from .message_id import Staleness

ALL_VERSIONS = frozenset(CONTRACTS)
ONLY_1_3 = frozenset({"1.3"})


class Advice(StrEnum):
    """What a client does about a fault: sends the same again, corrects and sends anew, or stops sending."""

    RETRY = "retry"
    CORRECT = "correct"
    STOP = "stop"

    @property
    def words(self) -> str:
        """What to do, in English."""
        return _ADVICE[self]


_ADVICE = {
    Advice.RETRY: "send the same message again later",
    Advice.CORRECT: "correct it, then send it anew",
    Advice.STOP: "do not send it again",
}


class SignatureProblem(StrEnum):
    """What is wrong with the caller's signature; the value is that of //SignatureVerificationFault."""

    POOR_SOAP_ENVELOPE_FORMAT = "PoorSOAPEnvelopeFormat"
    NO_SIGNATURE_FOUND = "NoSignatureFound"
    INCORRECT_SIGNATURE_TARGET = "IncorrectSignatureTarget"
    SIGNATURE_IS_INVALID = "SignatureIsInvalid"
    CERTIFICATE_IS_NOT_FOUND = "CertificateIsNotFound"
    CERTIFICATE_IS_EXPIRED = "CertificateIsExpired"


@dataclass(frozen=True, slots=True)
class ValidationError:
    """One error of InvalidContent: 1-based line of the envelope as received, path of the element, text for a person."""

    line: int
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A typed field of a fault: the attribute of the class, the element of the contract that carries it, its type."""

    attribute: str
    element: str
    kind: type[int] | type[str]


class Fault(Exception):  # noqa: N818  a fault is the word of SOAP and of the contract
    """Anything that is answered with soap:Fault. `description` is the Russian text, without a code."""

    advice: ClassVar[Advice]

    def __init__(self, description: str) -> None:
        super().__init__(description)
        self.description = description


class ExchangeFault(Fault):
    """A fault of the contract: soap:Server with an element of `…/types/faults/{V}` in its detail.

    `code` is `SMEV-NNN`; `details` lists the fields that the element has beside Code and Description. `versions` are
    those of the contract that know the fault, `typed` those that declare Code and Description for its element (in
    others they need an xsi:type).
    """

    code: str
    details: ClassVar[tuple[Detail, ...]] = ()
    versions: ClassVar[frozenset[str]] = ALL_VERSIONS
    typed: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def name(cls) -> str:
        """Local name of the fault element."""
        return cls.__name__

    @classmethod
    def received(cls, code: str, description: str, fields: Mapping[str, Any]) -> Self:
        """The fault as a node has reported it; `fields` are the attributes named by `details`."""
        fault = cls.__new__(cls)
        Fault.__init__(fault, description)
        fault.code = code or cls.code
        for attribute, value in fields.items():
            setattr(fault, attribute, value)
        return fault


class ClientFault(Fault):
    """What arrived cannot be understood at all, and no fault of the contract fits: soap:Client without detail."""

    advice = Advice.CORRECT


class OperationIsNotOffered(ClientFault):
    """The operation stands in the contract, but this node does not offer it: the same call will never succeed."""

    advice = Advice.STOP

    def __init__(self, operation: str, offered: str) -> None:
        super().__init__(f"операция {operation} на этом узле не предоставляется; предоставляются: {offered}")


class VersionMismatch(Fault):
    """An envelope of another version of SOAP: soap:VersionMismatch."""

    advice = Advice.CORRECT


class MustUnderstand(Fault):
    """A block of soap:Header that must be understood, and is not: soap:MustUnderstand."""

    advice = Advice.CORRECT


class ServerFault(Fault):
    """A soap:Server without a fault of the contract, as another node may send it: nothing is known of its cause."""

    advice = Advice.RETRY


class SignatureVerificationFault(ExchangeFault):
    """The caller's signature (ЭП-ОВ) was not accepted; `problem` says which check it failed."""

    code = "SMEV-100"
    advice = Advice.CORRECT
    typed = ALL_VERSIONS

    def __init__(self, problem: SignatureProblem, reason: str) -> None:
        super().__init__(f"подпись вызывающей системы (ЭП-ОВ) не принята: {reason}")
        self.problem = problem


class InvalidMessageIdFormat(ExchangeFault):
    """MessageID is not a UUID of version 1 in lower case."""

    code = "SMEV-300"
    advice = Advice.CORRECT

    def __init__(self, message_id: str) -> None:
        super().__init__(
            f"идентификатор «{shortened(message_id)}» не годится: нужен UUID версии 1 (RFC 4122, RFC 9562) "
            "строчными буквами, например f81d4fae-7dec-11d0-a765-00a0c91e6bf6"
        )


class MessageIsAlreadySent(ExchangeFault):
    """A message with this MessageID was accepted before, by whoever sent it: do not send it again."""

    code = "SMEV-301"
    advice = Advice.STOP

    def __init__(self, message_id: str) -> None:
        super().__init__(
            f"сообщение {message_id} уже принято ранее; повторять отправку не нужно. "
            "Если это другое сообщение, присвойте ему новый идентификатор"
        )


class InvalidContent(ExchangeFault):
    """The envelope or its business content does not follow its schema. `errors` holds every violation.

    The text names the first of them; `every` has it name them all, each in a line.
    """

    code = "SMEV-403"
    advice = Advice.CORRECT
    typed = ALL_VERSIONS

    def __init__(self, errors: tuple[ValidationError, ...], *, every: bool = False) -> None:
        told = [f"строка {one.line}, {one.path}: {one.text}" for one in (errors if every else errors[:1])]
        more = f" (всего ошибок: {len(errors)})" if len(errors) > len(told) else ""
        super().__init__("сообщение не соответствует схеме: " + "\n".join(told) + more)
        self.errors = errors


class TargetMessageIsNotFound(ExchangeFault):
    """Ack names a message that is not waiting for an Ack of this system."""

    code = "SMEV-501"
    advice = Advice.STOP

    def __init__(self, message_id: str) -> None:
        super().__init__(
            f"сообщение {message_id} не ждёт подтверждения от вашей системы: оно не выдавалось ей, "
            "уже подтверждено или после окончания срока вернулось в очередь"
        )


class DestinationOverflow(ExchangeFault):
    """The receiver's queue is full."""

    code = "SMEV-600"
    advice = Advice.RETRY
    typed = ALL_VERSIONS
    details = (
        Detail("broker", "MessageBrokerAddress", str),
        Detail("destination", "DestinationName", str),
    )

    def __init__(self, broker: str, destination: str) -> None:
        super().__init__(f"очередь получателя {destination} заполнена; повторите отправку позже")
        self.broker = broker
        self.destination = destination


class BusinessDataTypeIsNotSupported(ExchangeFault):
    """No kind of message is registered with this root element."""

    code = "SMEV-901"
    advice = Advice.CORRECT
    typed = ALL_VERSIONS
    details = (
        Detail("local_name", "RootElementLocalName", str),
        Detail("namespace", "RootElementNamespaceURI", str),
    )

    def __init__(self, local_name: str, namespace: str) -> None:
        super().__init__(
            f"вид сведений с корневым элементом {{{namespace}}}{local_name} на узле не зарегистрирован; "
            "проверьте имя элемента и пространство имён с версией"
        )
        self.local_name = local_name
        self.namespace = namespace


class UnknownMessageType(ExchangeFault):
    """The selector names a kind that is not registered, or is not the caller's."""

    code = "SMEV-902"
    advice = Advice.CORRECT

    def __init__(self, name: str) -> None:
        super().__init__(
            f"селектор указывает вид сведений {shortened(name, 300)}, который не зарегистрирован "
            "или не закреплён за вашей системой"
        )


class TransactionCodeInvalid(ExchangeFault):
    """TransactionCode has a wrong form."""

    code = "SMEV-903"
    advice = Advice.CORRECT
    typed = ALL_VERSIONS

    def __init__(self) -> None:
        super().__init__("код транзакции (TransactionCode) имеет недопустимую форму; исправьте его или не указывайте")


class StaleMessageId(ExchangeFault):
    """The moment inside MessageID lies too far in the past, or in the future."""

    code = "SMEV-904"
    advice = Advice.CORRECT

    def __init__(self, message_id: str, timestamp: datetime, now: datetime, staleness: Staleness) -> None:
        direction = "в будущем" if staleness is Staleness.FUTURE else "в слишком далёком прошлом"
        super().__init__(
            f"идентификатор {message_id} создан {direction}: время в нём {timestamp.isoformat(timespec='seconds')}, "
            f"часы узла {now.isoformat(timespec='seconds')}; сверьте часы и присвойте сообщению новый идентификатор"
        )


class AttachmentContentMiscoordination(ExchangeFault):
    """Headers of attachments and their contents do not match one to one."""

    code = "SMEV-905"
    advice = Advice.CORRECT

    def __init__(self, reason: str) -> None:
        super().__init__(f"заголовки вложений не соответствуют их содержимому: {reason}")


class AttachmentSizeLimitExceeded(ExchangeFault):
    """The attachments are larger in total than permitted. Sizes in bytes."""

    code = "SMEV-906"
    advice = Advice.CORRECT
    typed = ALL_VERSIONS
    details = (
        Detail("permitted", "PermittedTotalAttachmentSize", int),
        Detail("real", "RealTotalAttachmentSize", int),
    )

    def __init__(self, permitted: int, real: int) -> None:
        super().__init__(
            f"общий размер вложений {real} байт больше допустимого ({permitted} байт)"
            if permitted
            else f"узел не принимает сообщения с вложениями (общий размер вложений {real} байт); отправьте без вложений"
        )
        self.permitted = permitted
        self.real = real


class QuoteLimitExceeded(ExchangeFault):
    """The receiver's quota of the file store has no room for the attachments. Sizes in bytes."""

    code = "SMEV-907"
    advice = Advice.RETRY
    typed = ALL_VERSIONS
    details = (
        Detail("remained", "RemainedTotalQuoteSize", int),
        Detail("real", "RealTotalAttachmentSize", int),
    )

    def __init__(self, remained: int, real: int) -> None:
        super().__init__(
            f"вложения ({real} байт) не помещаются в остаток квоты получателя ({remained} байт); "
            "повторите отправку, когда квота освободится"
        )
        self.remained = remained
        self.real = real


class AccessDenied(ExchangeFault):
    """The system has no right to send this kind of message."""

    code = "SMEV-908"
    advice = Advice.STOP

    def __init__(self, mnemonic: str, kind: str) -> None:
        super().__init__(
            f"системе {mnemonic} не разрешено отправлять вид сведений {kind}; обратитесь к оператору узла за доступом"
        )


class SMEVFailure(ExchangeFault):
    """The node cannot do its work now: send the same message again later, without limit."""

    code = "SMEV-909"
    advice = Advice.RETRY

    def __init__(self, reason: str = "внутренняя ошибка узла; повторите отправку позже") -> None:
        super().__init__(reason)


class IncorrectResponseContentType(ExchangeFault):
    """The content of a response is a request, or answers another kind of request or version of it than was asked."""

    code = "SMEV-910"
    advice = Advice.CORRECT

    def __init__(self, namespace: str, local_name: str, asked: str) -> None:
        super().__init__(
            f"элемент {{{namespace}}}{local_name} — не ответ на запрос {asked}; через SendResponse отправляется ответ "
            "того же вида и той же версии, что и запрос"
        )


class RecipientIsNotFound(ExchangeFault):
    """No receiver for the message: no provider of the kind; `To` names no request that the caller may still answer.

    `reason` may repeat the address that was given.
    """

    code = "SMEV-911"
    advice = Advice.CORRECT

    def __init__(self, reason: str) -> None:
        super().__init__(f"получатель сообщения не найден: {shortened(reason)}")


class SenderIsNotRegistered(ExchangeFault):
    """The calling system is not registered, or was switched off."""

    code = "SMEV-912"
    advice = Advice.STOP

    def __init__(self, reason: str) -> None:
        super().__init__(f"отправитель не зарегистрирован: {reason}")


class RequestIsNotFound(ExchangeFault):
    """The request to be cancelled is not known (contract 1.1)."""

    code = "SMEV-913"
    advice = Advice.STOP

    def __init__(self, message_id: str) -> None:
        super().__init__(f"запрос {message_id} не найден среди принятых узлом")


class EndOfLifeReached(ExchangeFault):
    """The message's EOL had passed before it was accepted."""

    code = "SMEV-914"
    advice = Advice.CORRECT
    typed = ONLY_1_3

    def __init__(self, end_of_life: str) -> None:
        super().__init__(
            f"срок жизни сообщения (EOL) {end_of_life} уже истёк или указан неверно; отправьте новое с большим сроком"
        )


class PersonalAccessDenied(ExchangeFault):
    """The official whose certificate signed the message has no right to send it (contract 1.3)."""

    code = "SMEV-915"
    advice = Advice.STOP
    versions = typed = ONLY_1_3

    def __init__(self, subject: str, kind: str) -> None:
        super().__init__(f"владельцу сертификата «{subject}» не разрешено отправлять вид сведений {kind}")


EXCHANGE_FAULTS: Mapping[str, type[ExchangeFault]] = {
    fault.name(): fault
    for fault in (
        SignatureVerificationFault,
        InvalidMessageIdFormat,
        MessageIsAlreadySent,
        InvalidContent,
        TargetMessageIsNotFound,
        DestinationOverflow,
        BusinessDataTypeIsNotSupported,
        UnknownMessageType,
        TransactionCodeInvalid,
        StaleMessageId,
        AttachmentContentMiscoordination,
        AttachmentSizeLimitExceeded,
        QuoteLimitExceeded,
        AccessDenied,
        SMEVFailure,
        IncorrectResponseContentType,
        RecipientIsNotFound,
        SenderIsNotRegistered,
        RequestIsNotFound,
        EndOfLifeReached,
        PersonalAccessDenied,
    )
}
"""Every fault of the contract by the local name of its element, in the order of their codes."""


_ALWAYS = frozenset({SignatureVerificationFault, InvalidContent, SenderIsNotRegistered, SMEVFailure})
_OF_BOTH_SENDS = _ALWAYS | {
    InvalidMessageIdFormat,
    MessageIsAlreadySent,
    StaleMessageId,
    BusinessDataTypeIsNotSupported,
    AttachmentContentMiscoordination,
    AttachmentSizeLimitExceeded,
    QuoteLimitExceeded,
    RecipientIsNotFound,
    DestinationOverflow,
}
DECLARED: Mapping[Operation, frozenset[type[ExchangeFault]]] = {
    Operation.SEND_REQUEST: _OF_BOTH_SENDS
    | {TransactionCodeInvalid, AccessDenied, EndOfLifeReached, PersonalAccessDenied},
    Operation.SEND_RESPONSE: _OF_BOTH_SENDS | {IncorrectResponseContentType},
    Operation.GET_REQUEST: _ALWAYS | {UnknownMessageType},
    Operation.GET_RESPONSE: _ALWAYS | {UnknownMessageType},
    # The contract declares it, though GetStatus selects nothing: this node never answers it there.
    Operation.GET_STATUS: _ALWAYS | {UnknownMessageType},
    Operation.ACK: _ALWAYS | {TargetMessageIsNotFound},
    Operation.GET_INCOMING_QUEUE_STATISTICS: _ALWAYS,
}
"""The faults that the WSDL declares for each operation, in any version of the contract."""


def declared(operation: Operation, contract: Contract) -> frozenset[type[ExchangeFault]]:
    """The faults that may answer an operation of this version of the contract."""
    return frozenset(fault for fault in DECLARED[operation] if contract.version in fault.versions)


def shortened(text: str, limit: int = 100) -> str:
    """`text` of a caller as it may stand in a fault: at most `limit` characters of it."""
    return text if len(text) <= limit else text[:limit] + "…"
