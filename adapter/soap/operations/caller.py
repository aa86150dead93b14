"""Who is calling: the caller's signature, then the system that owns its certificate.

The system is found by the certificate, never by a value in the message (protocol §2). Only the element that this
module has verified is handed on.
"""

from lxml.etree import _Element as Element

from ....signing.errors import (
    CertificateExpired,
    CertificateNotYetValid,
    CertificateRefused,
    ProviderUnavailable,
    SignatureMissing,
    SigningError,
    WrongTarget,
)
from ....signing.xmldsig import verify
from ...dispatch.signature_texts import explain
from ...exchange.contract import SignatureRole
from ...exchange.faults import (
    ExchangeFault,
    SenderIsNotRegistered,
    SignatureProblem,
    SignatureVerificationFault,
    SMEVFailure,
)
from ...exchange.observing import Step, StepRecord
from ...exchange.participants import Participant
from ...exchange.signature_places import find_signatures
from ...exchange.times import is_within, read_date_time
from ..call import Call
from .context import ExchangeContext


def identify(context: ExchangeContext, call: Call, target: Element) -> Participant:
    """The registered system that signed `target` with its certificate.

    `target` is the element that the operation processes, taken from its fixed place in the contract. Raises
    SignatureVerificationFault, SenderIsNotRegistered or SMEVFailure (no provider for the algorithm on this node).
    """
    found = find_signatures(call.contract, call.body)
    callers = (one.signature for one in found if one.role is SignatureRole.CALLER and not one.stray)
    step = StepRecord(Step.VERIFY)
    try:
        with call.observer.watch(step):
            signature = next(callers, None)
            verified = verify(signature, target, policy=context.policy, trust=context.trust, at=call.received_at)
            step.algorithm = verified.algorithm
    except SigningError as error:
        raise as_fault(error) from error
    for stray in (one.signature for one in found if one.stray):
        line = 0 if stray is None else stray.sourceline
        raise SignatureVerificationFault(
            SignatureProblem.SIGNATURE_IS_INVALID,
            f"лишняя подпись в строке {line}: контракт не предусматривает её в этом месте конверта; уберите её",
        )
    participant = context.participants.by_fingerprint(verified.certificate.fingerprint)
    if participant is None:
        raise SignatureVerificationFault(
            SignatureProblem.CERTIFICATE_IS_NOT_FOUND,
            f"сертификат «{verified.certificate.subject}» (серийный номер {verified.certificate.serial:x}) "
            "не закреплён ни за одной информационной системой; передайте его оператору узла",
        )
    call.record.sender = participant.mnemonic
    if not participant.active:
        raise SenderIsNotRegistered(f"информационная система {participant.mnemonic} отключена оператором узла")
    return participant


def as_fault(error: SigningError, where: str = "", *, file: bool = False) -> ExchangeFault:
    """The contract's fault for an error of verification: the one place where the two vocabularies meet.

    `where` tells which signature it is, in Russian, if it is not the caller's over the whole message; `file` says that
    it is that of a file.
    """
    if isinstance(error, ProviderUnavailable):
        return SMEVFailure("узел сейчас не может проверить подпись по этому алгоритму; повторите запрос позже")
    problem = next((problem for kinds, problem in _PROBLEMS if isinstance(error, kinds)), _ANY_OTHER)
    reason = explain(error, file=file)
    return SignatureVerificationFault(problem, f"{where}: {reason}" if where else reason)


_PROBLEMS: tuple[tuple[tuple[type[SigningError], ...], SignatureProblem], ...] = (
    ((SignatureMissing,), SignatureProblem.NO_SIGNATURE_FOUND),
    ((WrongTarget,), SignatureProblem.INCORRECT_SIGNATURE_TARGET),
    ((CertificateExpired, CertificateNotYetValid), SignatureProblem.CERTIFICATE_IS_EXPIRED),
    ((CertificateRefused,), SignatureProblem.CERTIFICATE_IS_NOT_FOUND),
)
_ANY_OTHER = SignatureProblem.SIGNATURE_IS_INVALID


def check_timestamp(context: ExchangeContext, call: Call, written: str) -> None:
    """Refuses a signed moment outside the window, so that a captured call cannot be replayed later (protocol §2)."""
    try:
        moment = read_date_time(written)
    except ValueError:
        moment = None
    if moment is None or not is_within(moment, call.received_at, context.limits.timestamp_window):
        minutes = int(context.limits.timestamp_window.total_seconds() // 60)
        raise SignatureVerificationFault(
            SignatureProblem.SIGNATURE_IS_INVALID,
            f"отметка времени {written} отличается от часов узла {call.received_at.isoformat(timespec='seconds')} "
            f"более чем на {minutes} мин; сверьте часы и подпишите запрос заново",
        )
