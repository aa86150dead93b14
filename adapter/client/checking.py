"""Whether an answer may be believed: the node's signature over it, and the sender's over what is passed on.

Nothing of an answer is used before this, and only the very elements that are returned here are used after it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from lxml.etree import _Element as Element

from ...signing.certificates import Certificate
from ...signing.errors import SigningError
from ...signing.policy import SignaturePolicy
from ...signing.trust import TrustStore
from ...signing.xmldsig import Verified, verify
from ..exchange.contract import Contract, SignatureRole
from ..exchange.signature_places import PlacedSignature, find_signatures
from ..exchange.times import read_date_time
from .answers import ReceivedFile
from .errors import AnswerNotTrusted, SenderNotTrusted
from .packages import Judging, received_files, waiting_files
from .storing import WaitingFile


@dataclass(frozen=True, slots=True)
class Checked:
    """What an answer proves: the element that the node signed, what a sender signed inside it, and the files that were
    signed by themselves.
    """

    signed: Element
    node: Certificate
    sent: Element | None = None
    sender: Certificate | None = None
    attachments: tuple[ReceivedFile, ...] = ()
    files: tuple[WaitingFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Checker:
    """Whom the client believes. `nodes` are fingerprints of the node's certificates: any other signature, however
    well trusted its certificate, is not the node's.
    """

    contract: Contract
    trust: TrustStore
    nodes: frozenset[str]
    policy: SignaturePolicy
    clock: Callable[[], datetime]

    def check(self, body: Element, contents: Sequence[bytes] = ()) -> Checked:
        """The signed parts of the answer in `body` (the only child of soap:Body); `contents` are those of its
        attachments. Raises AnswerNotTrusted, and of that family SenderNotTrusted where only the sender's signature is
        at fault, over the message or over an attachment.
        """
        found = find_signatures(self.contract, body)
        if any(placed.stray for placed in found):
            raise AnswerNotTrusted("the answer has a signature where the contract has no place for one")
        node = self._verified(_only(found, SignatureRole.NODE), self.clock(), "the node's signature")
        if node.certificate.fingerprint not in self.nodes:
            raise AnswerNotTrusted(
                f"the answer is signed by «{node.certificate.subject}», whose certificate is not one of the node's; "
                "if the node has a new one, add it to client.node_certificates"
            )
        senders = [placed for placed in found if placed.role is SignatureRole.SENDER]
        # The node, just verified, vouches for the moment at which it accepted this.
        accepted_at = self._accepted_at(node.element)
        try:
            judging = Judging(self.trust, accepted_at, self.policy)
            inside = received_files(self.contract, node.element, body, contents, judging)
            waiting = waiting_files(self.contract, node.element, judging)
            if not senders:
                return Checked(node.element, node.certificate, attachments=inside, files=waiting)
            sender = self._verified(_only(senders, SignatureRole.SENDER), accepted_at, "the sender's signature")
        except AnswerNotTrusted as error:
            types = f"{{{self.contract.types}}}"
            message_id = node.element.findtext(f"{types}MessageMetadata/{types}MessageId") or ""
            reply_to = node.element.findtext(f"{types}ReplyTo") or None
            raise SenderNotTrusted(str(error), message_id, reply_to) from error
        return Checked(node.element, node.certificate, sender.element, sender.certificate, inside, waiting)

    def _verified(self, placed: PlacedSignature, at: datetime, whose: str) -> Verified:
        if placed.target is None:
            raise AnswerNotTrusted(f"{whose}: the element that it should sign is not in its place")
        try:
            return verify(placed.signature, placed.target, policy=self.policy, trust=self.trust, at=at)
        except SigningError as error:
            raise AnswerNotTrusted(f"{whose} is not accepted: {error.code}: {error}") from error

    def _accepted_at(self, signed: Element) -> datetime:
        types = f"{{{self.contract.types}}}"
        written = signed.findtext(f"{types}MessageMetadata/{types}SendingTimestamp")
        try:
            return self.clock() if written is None else read_date_time(written)
        except ValueError as error:
            raise AnswerNotTrusted(f"the node signed a moment that is none: {error}") from error


def _only(found: list[PlacedSignature], role: SignatureRole) -> PlacedSignature:
    placed = [one for one in found if one.role is role]
    if len(placed) != 1:
        raise AnswerNotTrusted(f"the answer has {len(placed)} signatures of the {role} instead of one")
    return placed[0]
