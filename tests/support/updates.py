"""Requests of the kinds that enter, change or withdraw one record, as XML; and what came of them."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

from lxml.etree import _Element as Element

from .register import HOSPITAL, Register

TYPES = "urn://x-artefacts-mezhved/frmr/types/1.0.0"
Fields = Mapping[str, Any]
"""Elements by name: a text, (code, name) of a dictionary, or elements inside; None: left out."""
SHARED = ("Document", "Order", "Protocol", "Recognition")
"""Elements whose own ones are of the shared types."""
KEY = ("Snils", "LastName", "FirstName", "Patronymic", "BirthDate", "Inn")
ANNA_KEY = {"Snils": "11223344595", "LastName": "Семёнова-Ясная", "FirstName": "Анна", "BirthDate": "1985-04-12"}


@dataclass(frozen=True)
class Update:
    """A request of the kind, about one record of a section."""

    kind: str
    section: str
    fields: Fields
    action: str = "Create"
    entity_id: str | None = None
    version: int | None = None
    worker: Fields = field(default_factory=lambda: ANNA_KEY)
    organisation: str | None = HOSPITAL
    shared: bool = False
    """Whether the record is of a type that several kinds share."""

    @property
    def path(self) -> str:
        """The path to the action, as refusals tell it."""
        return f"{self.camel}Request/{self.section}/{self.action}"

    @property
    def camel(self) -> str:
        """The kind's name as its roots have it."""
        return self.kind.title().replace("_", "")

    def but(self, changes: Fields | None = None, **other: Any) -> "Update":
        """The request with some fields changed (`Document/Number` names an inner one), or some of the rest."""
        fields: dict[str, Any] = dict(self.fields)
        for path, value in (changes or {}).items():
            outer, _, inner = path.partition("/")
            fields[outer] = {**fields[outer], inner: value} if inner else value
        return replace(self, fields=fields, **other)

    def of(self, **worker: str) -> "Update":
        """The request with some of the worker's key changed."""
        merged = {**self.worker, **worker}
        return replace(self, worker={name: merged[name] for name in KEY if name in merged})

    def change(self, entity_id: str, version: int, changes: Fields | None = None) -> "Update":
        """The request that puts the record, with these changes, in the place of a version."""
        return self.but(changes, action="Change", entity_id=entity_id, version=version)

    def withdraw(self, entity_id: str, version: int) -> "Update":
        """The request that withdraws a version."""
        reason = {"t:Reason": "внесено ошибочно"}
        return replace(self, fields=reason, action="Withdraw", entity_id=entity_id, version=version)

    def xml(self) -> str:
        """The request."""
        namespace = f"urn://x-artefacts-mezhved/frmr/{self.kind}/1.0.0"
        given = (("entityId", self.entity_id), ("version", self.version))
        marks = "".join(f' {name}="{value}"' for name, value in given if value is not None)
        fields = elements(self.fields, "t:" if self.shared else "")
        organisation = elements({"Organization": self.organisation and {"t:Oid": self.organisation}})
        return (
            f'<{self.camel}Request xmlns="{namespace}" xmlns:t="{TYPES}"><Worker>{elements(self.worker, "t:")}</Worker>'
            f"{organisation}<{self.section}><{self.action}{marks}>{fields}</{self.action}></{self.section}>"
            f"</{self.camel}Request>"
        )


PERSON_DATA = {
    "Snils": "90000000081",
    "LastName": "Воробьёва",
    "FirstName": "Вера",
    "Patronymic": "Ильинична",
    "Gender": ("2", "Женский"),
    "BirthDate": "1991-03-08",
    "BirthPlace": "г. Примерск",
    "Inn": "123456789047",
    "Citizenship": ("1",),
    "Country": None,
    "MilitaryRelation": None,
    "Disability": None,
    "Student": None,
}
PASSPORT = {
    "Type": ("1", "Паспорт гражданина Российской Федерации"),
    "Series": "99 01",
    "Number": "123456",
    "IssueDate": "2011-04-01",
    "Issuer": "Отделом № 1 города Примерска",
    "IssuerCode": "770-001",
    "EndDate": None,
}
ADDRESS = {"Type": ("1",), "Region": ("77",), "Area": "г. Примерск", "Street": "ул. Садовая", "House": "5"}
CONTACT = {"Kind": "PHONE", "Value": "0001234567", "Preferred": "true"}
CONSENT = {"Kind": "PROCESSING", "BeginDate": "2026-11-20"}


@dataclass(frozen=True)
class Registration:
    """A WorkerRegisterRequest about somebody whom the register does not know."""

    data: Fields = field(default_factory=lambda: PERSON_DATA)
    documents: tuple[Fields, ...] = (PASSPORT,)
    addresses: tuple[Fields, ...] = (ADDRESS,)
    contacts: tuple[Fields, ...] = (CONTACT,)
    consents: tuple[Fields, ...] = (CONSENT,)

    def person(self, **changes: Any) -> "Registration":
        """The request with other personal data."""
        return replace(self, data={**self.data, **changes})

    def document(self, **changes: Any) -> "Registration":
        """The request with another document."""
        return replace(self, documents=({**self.documents[0], **changes},))

    def address(self, **changes: Any) -> "Registration":
        """The request with another address."""
        return replace(self, addresses=({**self.addresses[0], **changes},))

    def contact(self, **changes: Any) -> "Registration":
        """The request with another way to reach the worker."""
        return replace(self, contacts=({**self.contacts[0], **changes},))

    def xml(self) -> str:
        """The request."""
        parts = [("Organization", {"Oid": HOSPITAL}), ("Person", self.data)]
        parts += [("IdentityDocument", one) for one in self.documents]
        parts += [("Address", one) for one in self.addresses]
        parts += [("Contact", one) for one in self.contacts]
        parts += [("Consent", one) for one in self.consents]
        inner = "".join(f"<{name}>{elements(values, 't:')}</{name}>" for name, values in parts)
        namespace = "urn://x-artefacts-mezhved/frmr/worker_register/1.0.0"
        return f'<WorkerRegisterRequest xmlns="{namespace}" xmlns:t="{TYPES}">{inner}</WorkerRegisterRequest>'


def elements(values: Fields, prefix: str = "") -> str:
    """The fields as XML."""
    parts = []
    for name, value in values.items():
        if value is None:
            continue
        tag = name if ":" in name else f"{prefix}{name}"
        if isinstance(value, tuple):
            inner = "".join(f"<t:{one}>{text}</t:{one}>" for one, text in zip(("Code", "Name"), value, strict=False))
        elif isinstance(value, Mapping):
            inner = elements(value, "t:" if name in SHARED else prefix)
        else:
            inner = value
        parts.append(f"<{tag}>{inner}</{tag}>")
    return "".join(parts)


def told(answer: Element, name: str) -> str:
    """What an answer says: WorkerOid, EntityId, Version, RecordedAt."""
    return str(answer.findtext(f"{{{TYPES}}}{name}"))


def warned(answer: Element) -> list[tuple[str, str]]:
    """Code and path of every warning of an answer."""
    return [
        (found.findtext(f"{{{TYPES}}}Code"), found.findtext(f"{{{TYPES}}}Path"))
        for found in answer.iter(f"{{{TYPES}}}Warning")
    ]


def ask_at_once(register: Register, requests: list[str], first_message: int) -> list[Any]:
    """What becomes of requests that are all ready before any may begin."""
    ready = threading.Barrier(len(requests))
    outcomes: list[Any] = []

    def ask(number: int) -> None:
        mine = Register(register.engine, register.kinds, count(first_message + number))
        ready.wait()
        outcomes.append(mine.ask(requests[number]))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes
