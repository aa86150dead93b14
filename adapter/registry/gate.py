"""The gate before the handlers: rights first. Nothing of a person is read for a request that it denies.

The order is that of cost: role and organisation need no query; the purpose reads a dictionary, the signature is
verified, and then the official is looked up. Everything is judged as of the moment at which the node accepted the
request, so that a right that ended while it waited does not matter.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from lxml.etree import QName
from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ...signing.errors import ProviderUnavailable, SignatureMissing, SigningError
from ...signing.policy import SMEV, SignaturePolicy
from ...signing.trust import TrustStore
from ...signing.xmldsig import verify
from ..dispatch.signature_texts import explain
from ..exchange.contract import Contract, SignatureRole
from ..exchange.kept import primary_content
from ..exchange.participants import Participant
from ..exchange.registry_records import RegistryRecord, personal_signatures
from ..exchange.rejection import Rejection
from ..exchange.signature_places import PlacedSignature, find_signatures
from ..exchange.times import moscow_day
from . import access_rules as rules
from .access import Access, Admitted, Denied, Granted, Official, Purpose, admit, read_purpose
from .dictionaries import PURPOSES, look_up
from .officials import Appointment, find


@dataclass(frozen=True, slots=True)
class Arrived:
    """A request at the gate: `data` is the sender's part of the kept envelope, `received_at` when it was accepted.

    `record` is the one of a registry request that is judged, and `ids` are those of the document, read once for all
    records (`signing.xmldsig.ids_of`).
    """

    contract: Contract
    data: Element
    sender: Participant
    received_at: datetime
    record: RegistryRecord | None = None
    ids: Mapping[str, int] | None = None

    @property
    def content(self) -> Element:
        """The element under MessagePrimaryContent: what the official signs and the handler reads; of a record of a
        registry request, that in its RecordContent.
        """
        if self.record is not None:
            return self.record.content
        return primary_content(self.contract, self.data)


@dataclass(frozen=True, slots=True)
class Gate:
    """Judges rights. `trust` is whose certificates of officials are believed."""

    trust: TrustStore
    policy: SignaturePolicy = SMEV

    def admit(self, conn: Connection, access: Access, request: Arrived) -> Granted | Denied:
        """The rights of the request, or every reason for which it has none. Raises ProviderUnavailable.

        A personal signature that is not demanded is verified too, since it is recorded whose it is: a bad one denies
        the request, one of somebody whom the register does not know counts for nothing.
        """
        admitted = admit(access, request.content, request.sender)
        if isinstance(admitted, Denied):
            return admitted
        purpose = read_purpose(request.content) if access.purpose else None
        rejections = list(_judge_purpose(conn, request, purpose))
        signer: Official | None = None
        signatures = _personal(request)
        if signatures or access.signature:
            try:
                signer = self._signer(conn, access, request, admitted, signatures)
            except _NotSigned as refused:
                rejections.append(refused.rejection)
        return Denied(tuple(rejections)) if rejections else Granted(admitted.roles, purpose, signer)

    def _signer(
        self,
        conn: Connection,
        access: Access,
        request: Arrived,
        admitted: Admitted,
        signatures: list[PlacedSignature],
    ) -> Official | None:
        if not signatures:
            raise _NotSigned(rules.SIGNATURE_MISSING.rejection(_root(request)))
        fingerprint = self._verified(request, signatures[0])
        known = find(conn, fingerprint, request.received_at)
        refusal = _judge_official(known, fingerprint, request, admitted)
        if refusal is None:
            return None if known is None else known.official
        if access.signature:
            raise _NotSigned(refusal)
        return None

    def _verified(self, request: Arrived, placed: PlacedSignature) -> str:
        """Fingerprint of the certificate by which the content is validly signed; raises _NotSigned."""
        target = request.content
        if request.record is not None and placed.target is not None:
            target = placed.target  # its RecordContent, or the content in it
        try:
            verified = verify(
                placed.signature,
                target,
                policy=self.policy,
                trust=self.trust,
                at=request.received_at,
                ids=request.ids,
            )
        except ProviderUnavailable:
            raise  # this machine's failure, not the sender's
        except SignatureMissing as error:
            raise _NotSigned(rules.SIGNATURE_MISSING.rejection(_root(request))) from error
        except SigningError as error:
            raise _NotSigned(rules.SIGNATURE_INVALID.rejection(_root(request), why=explain(error))) from error
        return verified.certificate.fingerprint


class _NotSigned(Exception):  # noqa: N818  named for what is wrong
    """The request is not signed as it must be."""

    def __init__(self, rejection: Rejection) -> None:
        super().__init__(rejection.code)
        self.rejection = rejection


def _judge_purpose(conn: Connection, request: Arrived, purpose: Purpose | None) -> Iterator[Rejection]:
    if purpose is None:
        return
    day = moscow_day(request.received_at)
    if look_up(conn, {(PURPOSES, purpose.code)}).on(PURPOSES, purpose.code, day) is None:
        path = f"{_root(request)}/Purpose"
        yield rules.PURPOSE_UNKNOWN.rejection(path, sent=purpose.code, dictionary=PURPOSES, day=day)


def _judge_official(
    known: Appointment | None, fingerprint: str, request: Arrived, admitted: Admitted
) -> Rejection | None:
    """Why the signature of this certificate does not count; None if it does."""
    root, sender = _root(request), request.sender.mnemonic
    day = moscow_day(request.received_at)
    if known is None:
        return rules.OFFICIAL_UNKNOWN.rejection(root, sent=fingerprint)
    if known.official.participant != sender:
        return rules.OFFICIAL_NOT_OF_SENDER.rejection(root, sent=fingerprint, sender=sender)
    if not known.in_office(day):
        return rules.OFFICIAL_NOT_IN_OFFICE.rejection(root, sent=fingerprint, day=day)
    own = known.official.organisations
    if own and admitted.organisation not in own:
        return rules.OFFICIAL_NOT_OF_ORGANISATION.rejection(root, sent=fingerprint, own=", ".join(sorted(own)))
    return None


def _personal(request: Arrived) -> list[PlacedSignature]:
    """The personal signatures at their place in the envelope."""
    operation = request.data.getparent()
    assert operation is not None
    if request.record is not None:
        return personal_signatures(request.contract, operation, request.record)
    found = find_signatures(request.contract, operation)
    return [one for one in found if one.role is SignatureRole.PERSON and one.place is not None]


def _root(request: Arrived) -> str:
    return QName(request.content).localname
