"""What each role may see: the declared projections name what is there, and hide what must be hidden."""

import pytest
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.projection import Section, consent_matters, projection_of, views
from mezhved.adapter.registry.schema import WORKER_FACTS, persons, section_of, worker_merges

TABLES = {section_of(table): table for table in (persons, worker_merges, *WORKER_FACTS)}


def of(*roles: Role, consent: bool = True):
    return projection_of(frozenset(roles), consent=consent)


def test_every_section_of_the_record_is_known_and_every_column_is_there() -> None:
    assert set(Section) == set(TABLES)
    for role, view in views().items():
        for section, columns in view.projection.sections.items():
            missing = (columns or frozenset()) - set(TABLES[section].c.keys())
            assert missing == set(), (role, section)


def test_every_visible_record_can_be_named() -> None:
    """Its key and version are what an update must bear, and what an answer's schema demands."""
    for view in views().values():
        for section in view.projection.sections:
            assert view.projection.visible(section, ("entity_id", "version")) == ("entity_id", "version")


@pytest.mark.parametrize("section", [Section.CONTACTS, Section.ADDRESSES, Section.IDENTITY_DOCUMENTS])
def test_who_only_checks_qualifications_sees_neither_documents_nor_ways_to_reach_somebody(section: Section) -> None:
    seeing = {role for role in Role if of(role).shows(section)}
    assert seeing <= {Role.AUTHORITY, Role.PORTAL, Role.EMPLOYER}


def test_disciplinary_measures_are_a_restricted_view() -> None:
    assert {role for role in Role if of(role).shows(Section.DISCIPLINE)} == {
        Role.AUTHORITY,
        Role.PORTAL,
        Role.REGULATOR,
    }


def test_the_public_sees_neither_number_nor_birth_date() -> None:
    seen = of(Role.PUBLIC)
    for column in ("snils", "inn", "birth_date", "source", "message_id"):
        assert not seen.sees(Section.PERSON, column)
        assert not seen.sees(Section.EMPLOYMENTS, column)
    assert seen.sees(Section.PERSON, "last_name")


def test_several_roles_see_what_any_of_them_sees() -> None:
    both = of(Role.PUBLIC, Role.INSURER)
    assert both.visible(Section.PERSON, ("last_name", "inn", "snils")) == ("last_name", "snils")
    assert both.shows(Section.AWARDS)
    assert both.shows(Section.RESTRICTIONS)
    assert of(Role.PUBLIC, Role.PORTAL).sees(Section.PERSON, "disability_group")


def test_without_consent_only_those_see_who_have_their_right_by_law() -> None:
    seeing = {role for role in Role if of(role, consent=False)}
    assert seeing == {
        Role.AUTHORITY,
        Role.PORTAL,
        Role.REGULATOR,
        Role.EMPLOYER,
        Role.ACCREDITATION_BODY,
        Role.AUDITOR,
    }
    assert of(Role.PUBLIC, Role.AUDITOR, consent=False) == of(Role.AUDITOR)
    assert consent_matters(frozenset({Role.PUBLIC, Role.AUDITOR}))
    assert not consent_matters(frozenset({Role.EMPLOYER}))


def test_no_role_sees_nothing() -> None:
    assert not of()
    assert not of(Role.DICTIONARY_KEEPER)
