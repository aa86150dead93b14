"""Questions to the register as XML, and their answers as plain values."""

from dataclasses import replace
from typing import Any

from lxml import etree
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.outcome import Refusal
from mezhved.adapter.registry.schema import consents
from support.register import ANNA, KEEPER, Register

TYPES = "urn://x-artefacts-mezhved/frmr/types/1.0.0"


def question(kind: str, body: str, purpose: str = "1") -> str:
    """The request of a kind; `t:` stands for the shared types."""
    name = kind.title().replace("_", "")
    namespace = f"urn://x-artefacts-mezhved/frmr/{kind}/1.0.0"
    return f'<{name}Request xmlns="{namespace}" xmlns:t="{TYPES}"><Purpose code="{purpose}"/>{body}</{name}Request>'


def about(snils: str = "11223344595", rest: str = "", *, as_of: str | None = None, known_on: str | None = None) -> str:
    """The body of a question about one worker."""
    return f"<Worker><t:Snils>{snils}</t:Snils></Worker>{rest}{_moments(as_of, known_on)}"


def _moments(as_of: str | None, known_on: str | None) -> str:
    moments = {"Date": as_of, "KnownOn": known_on}
    given = "".join(f"<t:{name}>{value}</t:{name}>" for name, value in moments.items() if value is not None)
    return f"<AsOf>{given}</AsOf>" if given else ""


def answered(register: Register, kind: str, body: str, sender: Any = KEEPER) -> Element:
    """The answer to a question that must be answered."""
    found = register.ask(question(kind, body), sender)
    assert not isinstance(found, Refusal), found
    return found


def refused(register: Register, kind: str, body: str, sender: Any = KEEPER) -> list[tuple[str, str]]:
    """Code and path of each rejection of a question that must be refused."""
    found = register.ask(question(kind, body), sender)
    assert isinstance(found, Refusal), etree.tostring(found, encoding="unicode")
    return [(one.code, one.path.partition("/")[2]) for one in found.rejections]


def about_organisation(oid: str, rest: str = "", *, as_of: str | None = None, known_on: str | None = None) -> str:
    """The body of a question about one organisation."""
    return f"<Organization><t:Oid>{oid}</t:Oid></Organization>{rest}{_moments(as_of, known_on)}"


def _put(register: Register, kind: str, body: str, role: Role) -> Element | Refusal:
    asking = question(kind, body).replace('<Purpose code="1"/>', "")
    return register.ask(asking, replace(KEEPER, roles=frozenset({role})))


def ask_organisation(
    register: Register, kind: str, oid: str, rest: str = "", *, role: Role = Role.EMPLOYER, **moments: str | None
) -> Element:
    """The answer to a question about an organisation, which must be answered."""
    found = _put(register, kind, about_organisation(oid, rest, **moments), role)
    assert not isinstance(found, Refusal), found
    return found


def refused_organisation(register: Register, kind: str, body: str, role: Role = Role.EMPLOYER) -> list[tuple[str, str]]:
    """Code and path of each rejection of a question about an organisation, which must be refused."""
    found = _put(register, kind, body, role)
    assert isinstance(found, Refusal), etree.tostring(found, encoding="unicode")
    return [(one.code, one.path.partition("/")[2]) for one in found.rejections]


def plain(element: Element) -> Any:
    """An element as nested lists of (name, text or children)."""
    return [(etree.QName(one).localname, plain(one)) for one in element] if len(element) else element.text


def texts(element: Element, path: str) -> list[str]:
    """The texts of elements at a path of local names."""
    return [one.text or "" for one in element.iterfind("/".join(f"{{*}}{step}" for step in path.split("/")))]


def consent(register: Register, worker: str = ANNA, **more: Any) -> None:
    """The worker consents to the release of the record."""
    entity = f"dddddddd-0000-4000-8000-00000{worker[-7:]}"
    row = {"entity_id": entity, "worker_oid": worker, "consent_kind": "RELEASE", "valid_from": None, "valid_to": None}
    register.put(consents, {**row, **more})
