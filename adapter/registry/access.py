"""Who may put a request of a kind: declared by the kind, judged before anything of a person is read.

A kind says for each role that may use it how far the right goes, whether a request must say what for, and whether an
official must have signed it. What is judged here depends on the request and its sender alone: no query is needed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from lxml.etree import QName
from lxml.etree import _Element as Element

from ..exchange.participants import Participant
from ..exchange.rejection import Rejection
from ..exchange.roles import Role
from .access_rules import ORG_NOT_PERMITTED, PURPOSE_UNKNOWN, ROLE_NOT_PERMITTED, SIGNATURE_RULES
from .projection import Projection, projection_of
from .rule import Rule


class Scope(StrEnum):
    """How far the right of a role goes."""

    ANY = "ANY"
    """About everybody and everything."""
    OWN_ORGANISATION = "OWN_ORGANISATION"
    """On behalf of the organisations that the operator has given to the sender (`Participant.organisations`)."""


@dataclass(frozen=True, slots=True)
class Access:
    """The rights to a kind, as its Description declares them.

    `roles` says who may, and how far. `organisation` is the path of the OID of the organisation on whose behalf the
    request is put, below the request's root (`Organization/Oid`); a kind that grants OWN_ORGANISATION names one.
    `purpose`: the request begins with a Purpose (types.PurposeType), as every lookup about people does. `signature`:
    the personal signature of a known official is demanded, as for every legally significant update.
    """

    roles: Mapping[Role, Scope]
    organisation: str | None = None
    purpose: bool = False
    signature: bool = False

    def __post_init__(self) -> None:
        if self.organisation is None and Scope.OWN_ORGANISATION in self.roles.values():
            raise ValueError("a kind that grants OWN_ORGANISATION must say where its organisation stands")

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of rights by which a request of the kind may be denied."""
        return (
            ROLE_NOT_PERMITTED,
            *((ORG_NOT_PERMITTED,) if self.organisation else ()),
            *((PURPOSE_UNKNOWN,) if self.purpose else ()),
            *(SIGNATURE_RULES if self.signature else ()),
        )


def anybody(*roles: Role) -> Mapping[Role, Scope]:
    """These roles, each about everybody."""
    return dict.fromkeys(roles, Scope.ANY)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a lookup is for: a code of dictionary 2.999.643.3, and the sender's own words (may be empty)."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Official:
    """A person who may sign for organisations, known to the register by a certificate.

    `fingerprint` is the certificate's SHA-256 (lower-case hex); `participant` the mnemonic of the system through which
    the official acts; `organisations` are those for which the official signs, none meaning all that the system has.
    """

    fingerprint: str
    name: str
    participant: str
    organisations: frozenset[str]


@dataclass(frozen=True, slots=True)
class Granted:
    """The rights that a request has: what its handler may rely on and must keep within.

    `roles` are those of the sender's that the kind admits; `signer` is the official whose signature was verified, None
    where there was none.
    """

    roles: frozenset[Role]
    purpose: Purpose | None = None
    signer: Official | None = None

    @property
    def projection(self) -> Projection:
        """What may be read where consent is given, or does not matter: all that any of the roles may see."""
        return projection_of(self.roles)

    def released(self, *, consent: bool) -> Projection:
        """What may be read of a person with or without that person's consent; empty: nothing, refuse CONSENT_ABSENT."""
        return projection_of(self.roles, consent=consent)


@dataclass(frozen=True, slots=True)
class Denied:
    """The request has no right to what it asks."""

    rejections: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class Admitted:
    """The sender's roles that the kind admits; `organisation` is the one on whose behalf it asks, if that matters."""

    roles: frozenset[Role]
    organisation: str | None


def admit(access: Access, content: Element, sender: Participant) -> Admitted | Denied:
    """Judges role and organisation. `content` is the request, valid against the kind's schema."""
    held = {role: scope for role, scope in access.roles.items() if role in sender.roles}
    root = QName(content)
    if not held:
        values = {"sender": sender.mnemonic, "roles": names(access.roles)}
        return Denied((ROLE_NOT_PERMITTED.rejection(root.localname, **values),))
    unbounded = frozenset(role for role, scope in held.items() if scope is Scope.ANY)
    if access.organisation is None:
        return Admitted(unbounded, None)
    path = access.organisation
    organisation = content.findtext("/".join(f"{{*}}{step}" for step in path.split("/")))
    if organisation in sender.organisations:
        return Admitted(frozenset(held), organisation)
    if unbounded:
        return Admitted(unbounded, None)
    place = f"{root.localname}/{path}"
    return Denied((ORG_NOT_PERMITTED.rejection(place, sender=sender.mnemonic, sent=organisation),))


def read_purpose(content: Element) -> Purpose | None:
    """The Purpose with which a request begins; None where it has none."""
    first = next(content.iterchildren("*"), None)
    if first is None or QName(first).localname != "Purpose":
        return None
    return Purpose(first.get("code", ""), first.text or "")


def names(roles: Iterable[Role]) -> str:
    """Roles for people."""
    return ", ".join(sorted(roles))
