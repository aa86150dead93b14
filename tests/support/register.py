"""A small register for tests of its kinds, requests as XML, and a way to put them that checks both schemas."""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from lxml import etree
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.participants import Participant
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.access import Denied, Granted, Official, admit, read_purpose
from mezhved.adapter.registry.dictionary_versions import install_dictionaries
from mezhved.adapter.registry.facts import Provenance, add
from mezhved.adapter.registry.kinds import Kinds, load_kinds
from mezhved.adapter.registry.names import folded
from mezhved.adapter.registry.outcome import Answer, KindRequest, Refusal
from mezhved.adapter.registry.schema import (
    accreditations,
    dictionary_items,
    employments,
    identity_documents,
    organisations,
    persons,
    subdivisions,
    workers,
)
from mezhved.adapter.store.engine import write
from sqlalchemy import Engine, Table, insert, select

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
TODAY = date(2026, 11, 23)
CARD = "urn://x-artefacts-mezhved/frmr/worker_card/1.0.0"
EVENT = "urn://x-artefacts-mezhved/frmr/employment_event/1.0.0"

HOSPITAL, CLINIC, CLOSED_CLINIC = "1.2.643.1.1", "1.2.643.1.2", "1.2.643.1.3"
WARD, SURGERY, CLOSED_WARD = f"{HOSPITAL}.0.1", f"{HOSPITAL}.0.2", f"{HOSPITAL}.0.3"
OGRN = "1027700132195"
ANNA = "2024.0000001"
ANNA_SNILS, ANNA_INN = "11223344595", "500100732259"
BORIS = "2024.0000002"
BORIS_SNILS = "08765430300"
EMPLOYMENT = "aaaaaaaa-0000-4000-8000-000000000001"
SENDER = Participant(
    "HOSPITAL_IS",
    "Больница",
    frozenset(),
    organisations=frozenset({HOSPITAL, CLOSED_CLINIC}),
    roles=frozenset({Role.EMPLOYER}),
)
KEEPER = replace(SENDER, mnemonic="KEEPER", name="Оператор регистра", roles=frozenset(Role))
"""A system that holds every role, and so sees everything."""
OFFICIAL = Official("0f" * 32, "Главный врач", "HOSPITAL_IS", frozenset())
"""Who has signed what is asked in tests of kinds; how signatures are judged is tested at the gate."""

LOADED = Provenance("LOADER", "00000000-0000-1000-8000-00000000aaaa", datetime(2020, 1, 1, tzinfo=UTC))


def person(
    oid: str, snils: str, last: str, first: str, patronymic: str | None, born: date, **more: Any
) -> dict[str, Any]:
    """A row of `persons`."""
    return {
        "entity_id": oid,
        "status": "ACTIVE",
        "last_name": last,
        "first_name": first,
        "patronymic": patronymic,
        "last_folded": folded(last),
        "first_folded": folded(first),
        "patronymic_folded": folded(patronymic or ""),
        "gender": "2",
        "birth_date": born,
        "snils": snils,
        "inn": None,
        "citizenship": "1",
        **more,
    }


def employment(worker: str = ANNA, **more: Any) -> dict[str, Any]:
    """A row of `employments`: Anna's main post in the hospital since 2020, unless said otherwise."""
    return {
        "entity_id": EMPLOYMENT,
        "worker_oid": worker,
        "organisation_oid": HOSPITAL,
        "subdivision_oid": WARD,
        "region": "77",
        "post": "109",
        "position_type": "1",
        "rate": 100,
        "service_number": "77",
        "contract_number": "5/20",
        "contract_date": date(2020, 3, 1),
        "valid_from": date(2020, 3, 2),
        "valid_to": None,
        **more,
    }


def passport(worker: str, series: str, number: str) -> dict[str, Any]:
    """A row of `identity_documents`."""
    return {
        "entity_id": f"bbbbbbbb-0000-4000-8000-{int(number):012}",
        "worker_oid": worker,
        "type_code": "1",
        "series": series,
        "number": number,
        "valid_from": date(2010, 5, 5),
    }


@dataclass
class Register:
    """A register with Anna and Boris, a hospital, a clinic, and one that is closed; kinds to ask it by."""

    engine: Engine
    kinds: Kinds = field(default_factory=load_kinds)
    ids: count = field(default_factory=lambda: count(1))

    def furnish(self) -> "Register":
        """Puts the people and organisations in."""
        with write(self.engine) as conn:
            install_dictionaries(conn, LOADED.recorded_at)
            since = date(1990, 1, 1)
            for oid, end in ((HOSPITAL, None), (CLINIC, None), (CLOSED_CLINIC, date(2019, 12, 31))):
                name = f"Учреждение {oid[-1]}"
                row = {"full_name": name, "short_name": name, "inn": "7707083893", "ogrn": OGRN, "region": "77"}
                add(conn, organisations, LOADED, {"entity_id": oid, **row, "valid_from": since, "valid_to": end})
            for oid, end in ((WARD, None), (SURGERY, None), (CLOSED_WARD, date(2020, 12, 31))):
                row = {"organisation_oid": HOSPITAL, "name": f"Отделение {oid[-1]}"}
                add(conn, subdivisions, LOADED, {"entity_id": oid, **row, "valid_from": since, "valid_to": end})
            conn.execute(insert(workers), [{"oid": oid, "registered_at": LOADED.recorded_at} for oid in (ANNA, BORIS)])
            anna = person(ANNA, ANNA_SNILS, "Семёнова-Ясная", "Анна", "Петровна", date(1985, 4, 12), inn=ANNA_INN)
            add(conn, persons, LOADED, anna, person(BORIS, BORIS_SNILS, "Крутой", "Борис", None, date(1990, 1, 31)))
            documents = passport(ANNA, "9900", "000001"), passport(BORIS, "9900", "000002")
            add(conn, identity_documents, LOADED, *documents)
            add(
                conn,
                accreditations,
                LOADED,
                {
                    "entity_id": "cccccccc-0000-4000-8000-000000000001",
                    "worker_oid": ANNA,
                    "accreditation_kind": "3",
                    "specialty": "37",
                    "institution": "41",
                    "registry_number": "123456",
                    "protocol_number": "7",
                    "protocol_date": date(2024, 1, 1),
                    "valid_from": date(2024, 1, 1),
                    "valid_to": date(2028, 12, 31),
                },
            )
        return self

    def put(self, table: Table, *rows: dict[str, Any]) -> None:
        """Adds facts to the register."""
        with write(self.engine) as conn:
            add(conn, table, LOADED, *rows)

    def change(self, table: Table, entity_id: str, **values: Any) -> None:
        """Changes a fact in place, as only a test may."""
        with write(self.engine) as conn:
            conn.execute(table.update().where(table.c.entity_id == entity_id).values(**values))

    def end_code(self, oid: str, code: str, last: date) -> None:
        """Lets a code of a sample have ended, as only a test may."""
        items = dictionary_items.c
        with write(self.engine) as conn:
            ended = dictionary_items.update().where(items.dictionary == oid, items.code == code)
            conn.execute(ended.values(valid_to=last, holds_to=last))

    def ask(
        self, content: str, sender: Participant = SENDER, now: datetime = NOW, *, test: bool = False
    ) -> Element | Refusal:
        """Puts a request that must be valid; the response, which must be valid as well, or the refusal.

        Role and organisation of the sender are judged as at the gate.

        A `test` is undone, as the worker undoes a TestMessage.
        """
        element = etree.fromstring(content)
        kind = self.kinds.by_request(element.tag)
        assert kind is not None
        assert kind.validate(element) == []
        admitted = admit(kind.access, element, sender)
        if isinstance(admitted, Denied):
            return Refusal(admitted.rejections)
        granted = Granted(admitted.roles, read_purpose(element), OFFICIAL)
        message_id = f"00000000-0000-1000-8000-{next(self.ids):012}"
        with write(self.engine) as conn:
            changes = conn.begin_nested()
            outcome = kind.handler(KindRequest(element, message_id, sender, granted, now, now), conn)
            if isinstance(outcome, Answer):
                (changes.rollback if test else changes.commit)()
                assert kind.validate(outcome.content) == []
                assert outcome.content.tag == kind.response_root
                return outcome.content
            changes.rollback()
            return outcome

    def codes(self, content: str, **more: Any) -> list[tuple[str, str]]:
        """Code and path of every rejection of a request that must be refused; nothing may have changed."""
        before = self.rows(employments)
        outcome = self.ask(content, **more)
        assert isinstance(outcome, Refusal), etree.tostring(outcome, encoding="unicode")
        assert self.rows(employments) == before
        return [(rejection.code, rejection.path) for rejection in outcome.rejections]

    def warnings(self, content: str, **more: Any) -> list[tuple[str, str]]:
        """Code and path of every warning to a request that must be carried out."""
        outcome = self.ask(content, **more)
        assert not isinstance(outcome, Refusal), outcome
        return [
            (found.findtext(f"{{{EVENT}}}Code"), found.findtext(f"{{{EVENT}}}Path"))
            for found in outcome.iter(f"{{{EVENT}}}Warning")
        ]

    def rows(self, table: Table) -> list[dict[str, Any]]:
        """All versions of all facts of a table, in order."""
        with write(self.engine) as conn:
            order = table.c.entity_id, table.c.version
            return [dict(row) for row in conn.execute(select(table).order_by(*order)).mappings()]


@dataclass(frozen=True)
class EventRequest:
    """An EmploymentEventRequest: a field that is None is left out."""

    kind: str
    snils: str = ANNA_SNILS
    last_name: str = "Семенова Ясная"
    first_name: str = "АННА"
    patronymic: str | None = "Петровна"
    birth_date: str = "1985-04-12"
    inn: str | None = None
    organisation: str = HOSPITAL
    ogrn: str | None = None
    fields: tuple[tuple[str, str | tuple[str, ...] | None], ...] = ()

    def but(self, **changes: Any) -> str:
        """The request with some of it changed; names in capitals are elements of the event's own part."""
        own = {name: value for name, value in changes.items() if name[0].isupper()}
        others = {name: value for name, value in changes.items() if name not in own}
        known = dict(self.fields)
        assert own.keys() <= known.keys(), own
        return replace(self, fields=tuple((known | own).items()), **others).xml()

    def xml(self) -> str:
        """The request."""
        worker = {
            "Snils": self.snils,
            "LastName": self.last_name,
            "FirstName": self.first_name,
            "Patronymic": self.patronymic,
            "BirthDate": self.birth_date,
            "Inn": self.inn,
        }
        return (
            f'<EmploymentEventRequest xmlns="{EVENT}"><Worker>{_elements(worker)}</Worker>'
            f"<Organization>{_elements({'Oid': self.organisation, 'Ogrn': self.ogrn})}</Organization>"
            f"<{self.kind}>{_elements(dict(self.fields))}</{self.kind}></EmploymentEventRequest>"
        )


def _elements(values: dict[str, str | tuple[str, ...] | None]) -> str:
    return "".join(f"<{name}>{_value(value)}</{name}>" for name, value in values.items() if value is not None)


def _value(value: str | tuple[str, ...]) -> str:
    if isinstance(value, str):
        return value
    return "".join(f"<{name}>{text}</{name}>" for name, text in zip(("Code", "Name"), value, strict=False))


HIRE = EventRequest(
    "Hire",
    fields=(
        ("SubdivisionOid", WARD),
        ("Post", ("109", "врач-терапевт")),
        ("PositionType", ("1",)),
        ("Rate", "1.0"),
        ("ServiceNumber", "00123"),
        ("ContractNumber", "15/26"),
        ("ContractDate", "2026-11-20"),
        ("OrderNumber", "44-л"),
        ("OrderDate", "2026-11-20"),
        ("BeginDate", "2026-11-23"),
    ),
)
TRANSFER = EventRequest(
    "Transfer",
    fields=(
        ("EmploymentId", EMPLOYMENT),
        ("TransferDate", "2026-12-01"),
        ("SubdivisionOid", SURGERY),
        ("Post", ("113",)),
        ("PositionType", ("1",)),
        ("Rate", "0.75"),
        ("OrderNumber", "45-л"),
        ("OrderDate", "2026-11-20"),
    ),
)
DISMISSAL = EventRequest(
    "Dismissal",
    fields=(
        ("EmploymentId", EMPLOYMENT),
        ("EndDate", "2026-11-30"),
        ("Reason", ("3", "По инициативе работника")),
        ("OrderNumber", "46-л"),
        ("OrderDate", "2026-11-20"),
    ),
)
RATE_CHANGE = EventRequest(
    "RateChange",
    fields=(
        ("EmploymentId", EMPLOYMENT),
        ("ChangeDate", "2026-12-01"),
        ("Rate", "0.5"),
        ("OrderNumber", "47-л"),
        ("OrderDate", "2026-11-20"),
    ),
)
ABSENCE = EventRequest(
    "Absence",
    fields=(
        ("EmploymentId", EMPLOYMENT),
        ("Reason", ("2", "Отпуск по уходу за ребёнком")),
        ("BeginDate", "2026-11-16"),
        ("EndDate", None),
        ("OrderNumber", "48-л"),
        ("OrderDate", "2026-11-13"),
    ),
)
ABSENCE_ID = "dddddddd-0000-4000-8000-000000000001"
ABSENCE_END = EventRequest("AbsenceEnd", fields=(("AbsenceId", ABSENCE_ID), ("EndDate", "2026-11-20")))


def absence(**more: Any) -> dict[str, Any]:
    """A row of `absences`: Anna is on leave from the hospital since the tenth, without end, unless said otherwise."""
    return {
        "entity_id": ABSENCE_ID,
        "worker_oid": ANNA,
        "employment_id": EMPLOYMENT,
        "reason": "2",
        "order_number": "30-л",
        "order_date": date(2026, 11, 9),
        "valid_from": date(2026, 11, 10),
        "valid_to": None,
        **more,
    }
