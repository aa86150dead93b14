"""Rights on both databases: denied before anything of a person is read, for every reason, and audited."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest
from lxml import etree
from mezhved.adapter.exchange.contract import Operation
from mezhved.adapter.exchange.participants import Participant
from mezhved.adapter.exchange.rejection import RejectReason
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.access import Access, Denied, Granted, Official, Scope, admit, anybody
from mezhved.adapter.registry.dictionary_versions import install_dictionaries
from mezhved.adapter.registry.gate import Arrived, Gate
from mezhved.adapter.registry.officials import Appointment, OfficialKnown, appoint, find, history, holding, remove
from mezhved.adapter.store.engine import read, write
from mezhved.signing.authority import Issued
from mezhved.signing.xmldsig import sign
from sqlalchemy import Engine, event
from support.world import START, V12, World

NS = "urn:test:kind"
OWN, OTHER = "1.2.643.1.1", "1.2.643.1.2"
SENDER = Participant("REGION", "Система", frozenset(), organisations=frozenset({OWN}), roles=frozenset({Role.EMPLOYER}))
UPDATE = Access({Role.EMPLOYER: Scope.OWN_ORGANISATION}, organisation="Organization/Oid", signature=True)
LOOKUP = Access(anybody(Role.EMPLOYER, Role.REGULATOR), purpose=True)


def content(organisation: str = OWN, purpose: str = "1") -> str:
    return (
        f'<Request xmlns="{NS}" Id="CONTENT"><Purpose code="{purpose}">проверка</Purpose>'
        f"<Organization><Oid>{organisation}</Oid></Organization></Request>"
    )


@dataclass
class Door:
    """A gate with an official before it, and what it asks the database."""

    world: World
    signer: Issued
    statements: list[str]

    def request(self, text: str, sender: Participant = SENDER, *, signer: Issued | None = None) -> Arrived:
        """A request as it is kept; signed by `signer`."""
        root = etree.fromstring(
            f'<t:SendRequestRequest xmlns:t="{V12.types}"><t:SenderProvidedRequestData Id="DATA">'
            f'<b:MessagePrimaryContent xmlns:b="{V12.basic}">{text}</b:MessagePrimaryContent>'
            "</t:SenderProvidedRequestData></t:SendRequestRequest>"
        )
        assert root.tag == V12.request_root(Operation.SEND_REQUEST)
        if signer is not None:
            holder = etree.SubElement(root[0], f"{{{V12.types}}}PersonalSignature")
            holder.append(sign(root[0][0][0], signer.signing_key()))
        return Arrived(V12, root[0], sender, self.world.clock.now)

    def judge(self, access: Access, request: Arrived) -> Granted | Denied:
        """What the gate says."""
        with read(self.world.engine) as conn:
            self.statements.clear()
            return Gate(self.world.trust).admit(conn, access, request)

    def codes(self, access: Access, request: Arrived) -> list[str]:
        """The codes of a request that must be denied."""
        denied = self.judge(access, request)
        assert isinstance(denied, Denied), denied
        assert {one.reason for one in denied.rejections} == {RejectReason.ACCESS_DENIED}
        return [one.code for one in denied.rejections]

    def appoint(self, issued: Issued, **more: Any) -> Appointment:
        """Enters an official."""
        values = {"participant": "REGION", "organisations": frozenset(), **more}
        own = {name: values.pop(name) for name in ("participant", "organisations")}
        made = Appointment(
            **{
                "official": Official(issued.certificate.fingerprint, "Главный врач", **own),
                "position": "врач",
                "valid_from": date(2026, 1, 1),
                "valid_to": None,
                "certificate": issued.certificate.der,
                "added_at": START - timedelta(days=1),
                **values,
            }
        )
        with write(self.world.engine) as conn:
            appoint(conn, made)
        return made


@pytest.fixture
def door(engine: Engine) -> Door:
    world = World(engine)
    with write(engine) as conn:
        install_dictionaries(conn, START)
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    return Door(world, world.issue("CN=Official"), statements)


def test_a_role_of_the_kind_is_admitted_and_only_that_counts(door: Door) -> None:
    both = replace(SENDER, roles=frozenset({Role.REGULATOR, Role.AUDITOR}))
    granted = door.judge(LOOKUP, door.request(content(), both))
    assert isinstance(granted, Granted)
    assert granted.roles == {Role.REGULATOR}
    assert (granted.purpose.code, granted.purpose.text) == ("1", "проверка")
    assert granted.signer is None


@pytest.mark.parametrize("access", [LOOKUP, UPDATE], ids=["lookup", "update"])
def test_without_a_role_nothing_at_all_is_read(door: Door, access: Access) -> None:
    stranger = replace(SENDER, roles=frozenset({Role.PUBLIC}))
    assert door.codes(access, door.request(content(), stranger)) == ["ROLE_NOT_PERMITTED"]
    assert door.statements == []


def test_another_organisation_is_denied_before_anything_is_read(door: Door) -> None:
    denied = door.judge(UPDATE, door.request(content(OTHER)))
    assert isinstance(denied, Denied)
    assert [(one.code, one.path) for one in denied.rejections] == [("ORG_NOT_PERMITTED", "Request/Organization/Oid")]
    assert door.statements == []


def test_a_role_that_acts_for_everybody_needs_no_organisation_of_its_own(door: Door) -> None:
    access = Access({Role.EMPLOYER: Scope.OWN_ORGANISATION, Role.AUTHORITY: Scope.ANY}, organisation="Organization/Oid")
    keeper = replace(SENDER, roles=frozenset({Role.EMPLOYER, Role.AUTHORITY}))
    for organisation, roles in ((OWN, {Role.EMPLOYER, Role.AUTHORITY}), (OTHER, {Role.AUTHORITY})):
        granted = door.judge(access, door.request(content(organisation), keeper))
        assert isinstance(granted, Granted)
        assert granted.roles == roles


def test_an_unknown_purpose_is_denied_and_only_the_dictionary_was_asked(door: Door) -> None:
    assert door.codes(LOOKUP, door.request(content(purpose="99"))) == ["PURPOSE_UNKNOWN"]
    assert door.statements
    assert all("dictionar" in statement for statement in door.statements)


def test_a_known_official_signs(door: Door) -> None:
    door.appoint(door.signer)
    granted = door.judge(UPDATE, door.request(content(), signer=door.signer))
    assert isinstance(granted, Granted)
    assert granted.signer is not None
    assert granted.signer.fingerprint == door.signer.certificate.fingerprint


def test_reasons_for_which_a_signature_does_not_count(door: Door) -> None:
    world, now = door.world, START.date()
    stranger, foreign = world.issue("CN=Stranger"), World(world.engine).issue("CN=Foreign")
    elsewhere, former, future, clerk = (
        world.issue(f"CN={name}") for name in ("Elsewhere", "Former", "Future", "Clerk")
    )
    door.appoint(elsewhere, participant="CLINIC")
    door.appoint(former, valid_to=now - timedelta(days=1))
    door.appoint(future, valid_from=now + timedelta(days=1))
    door.appoint(clerk, organisations=frozenset({OTHER}))
    assert door.codes(UPDATE, door.request(content())) == ["SIGNATURE_MISSING"]
    for signer, code in (
        (stranger, "OFFICIAL_UNKNOWN"),
        (foreign, "SIGNATURE_INVALID"),
        (elsewhere, "OFFICIAL_NOT_OF_SENDER"),
        (former, "OFFICIAL_NOT_IN_OFFICE"),
        (future, "OFFICIAL_NOT_IN_OFFICE"),
        (clerk, "OFFICIAL_NOT_OF_ORGANISATION"),
    ):
        assert door.codes(UPDATE, door.request(content(), signer=signer)) == [code], code
        assert not any("persons" in one or "workers" in one for one in door.statements)


def test_an_official_of_some_organisations_signs_for_no_others(door: Door) -> None:
    """Be it that the kind names none, or that the system may write about any."""
    door.appoint(door.signer, organisations=frozenset({OWN}))
    of_all = Access(roles={Role.AUTHORITY: Scope.ANY}, signature=True)
    named = replace(of_all, organisation="Organization/Oid")
    authority = replace(SENDER, roles=frozenset({Role.AUTHORITY}))
    for access, text in ((of_all, content()), (named, content(OTHER))):
        request = door.request(text, authority, signer=door.signer)
        assert door.codes(access, request) == ["OFFICIAL_NOT_OF_ORGANISATION"]
    assert isinstance(door.judge(named, door.request(content(OWN), authority, signer=door.signer)), Granted)


def test_content_that_was_changed_after_the_official_signed_is_denied(door: Door) -> None:
    door.appoint(door.signer)
    request = door.request(content(), signer=door.signer)
    request.content[0].text = "иное"
    assert door.codes(UPDATE, request) == ["SIGNATURE_INVALID"]


def test_an_empty_holder_is_no_signature(door: Door) -> None:
    request = door.request(content())
    etree.SubElement(request.data, f"{{{V12.types}}}PersonalSignature")
    assert door.codes(UPDATE, request) == ["SIGNATURE_MISSING"]


def test_a_signature_that_is_not_demanded_is_judged_all_the_same(door: Door) -> None:
    unknown = door.judge(LOOKUP, door.request(content(), signer=door.signer))
    assert isinstance(unknown, Granted)
    assert unknown.signer is None
    door.appoint(door.signer)
    known = door.judge(LOOKUP, door.request(content(), signer=door.signer))
    assert isinstance(known, Granted)
    assert known.signer is not None
    broken = door.request(content(), signer=door.signer)
    broken.content[0].text = "иное"
    assert door.codes(LOOKUP, broken) == ["SIGNATURE_INVALID"]


def test_what_counts_is_the_moment_of_acceptance(door: Door) -> None:
    """The official was removed, and the certificate expired, while the request waited in the queue."""
    door.appoint(door.signer)
    request = door.request(content(), signer=door.signer)
    with write(door.world.engine) as conn:
        assert remove(conn, door.signer.certificate.fingerprint, START + timedelta(seconds=1))
    assert isinstance(door.judge(UPDATE, request), Granted)
    later = replace(request, received_at=START + timedelta(seconds=2))
    assert door.codes(UPDATE, later) == ["OFFICIAL_UNKNOWN"]
    expired = replace(request, received_at=START + timedelta(days=400))
    assert door.codes(UPDATE, expired) == ["SIGNATURE_INVALID"]


def test_officials_are_never_forgotten(door: Door) -> None:
    made = door.appoint(door.signer, organisations=frozenset({OWN, OTHER}))
    with pytest.raises(OfficialKnown):
        door.appoint(door.signer, added_at=START)
    with write(door.world.engine) as conn:
        assert find(conn, made.official.fingerprint, START) == made
        assert remove(conn, made.official.fingerprint, START + timedelta(hours=1))
        assert not remove(conn, made.official.fingerprint, START + timedelta(hours=2))
        assert holding(conn) == []
    again = door.appoint(door.signer, added_at=START + timedelta(hours=3))
    with read(door.world.engine) as conn:
        assert holding(conn) == [again]
        assert [one.removed_at for one in history(conn)] == [START + timedelta(hours=1), None]
        assert find(conn, made.official.fingerprint, START + timedelta(hours=2)) is None


def test_a_kind_that_grants_rights_by_organisation_must_say_where_it_stands() -> None:
    with pytest.raises(ValueError, match="organisation stands"):
        Access({Role.EMPLOYER: Scope.OWN_ORGANISATION})


def test_rules_of_rights_follow_from_the_access() -> None:
    assert [rule.code for rule in LOOKUP.rules] == ["ROLE_NOT_PERMITTED", "PURPOSE_UNKNOWN"]
    assert [rule.code for rule in UPDATE.rules][:3] == ["ROLE_NOT_PERMITTED", "ORG_NOT_PERMITTED", "SIGNATURE_MISSING"]


def test_judging_roles_needs_no_database() -> None:
    admitted = admit(UPDATE, etree.fromstring(content()), SENDER)
    assert not isinstance(admitted, Denied)
    assert admitted.organisation == OWN
