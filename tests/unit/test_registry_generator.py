"""The synthetic register: the same for the same seed, sound in itself, and nobody's."""

import itertools
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mezhved.adapter.registry.check_digits import is_inn, is_ogrn, is_snils
from mezhved.adapter.registry.dictionaries import (
    ABSENCE_REASONS,
    ACCREDITATION_KINDS,
    ADDRESS_TYPES,
    AWARDS,
    CATEGORIES,
    CITIZENSHIPS,
    CME_ACTIVITIES,
    DISCIPLINARY_MEASURES,
    DISMISSAL_REASONS,
    EDUCATION_TYPES,
    END_TYPES,
    GENDERS,
    IDENTITY_DOCUMENT_TYPES,
    INSTITUTIONS,
    POSITION_TYPES,
    POSTS,
    REGIONS,
    RESTRICTION_KINDS,
    SOCIETIES,
    SPECIALTIES,
    look_up,
    samples,
)
from mezhved.adapter.registry.generator import RegisterNotEmpty, SyntheticRegister, Worker, generate
from mezhved.adapter.registry.schema import (
    WORKER_FACTS,
    absences,
    accreditation_procedures,
    accreditations,
    addresses,
    awards,
    certificates,
    cme_points,
    disciplinary_measures,
    education,
    employments,
    identity_documents,
    memberships,
    metadata,
    persons,
    qualifications,
    restrictions,
    workers,
)
from mezhved.adapter.registry.synthetic_organisations import organisation_count
from mezhved.adapter.registry.synthetic_people import AS_OF, feminine, name_lists, shuffled
from mezhved.adapter.store.engine import opened, read, write
from sqlalchemy import Engine, Table, func, select

CODED = {
    persons: {"gender": GENDERS, "citizenship": CITIZENSHIPS},
    identity_documents: {"type_code": IDENTITY_DOCUMENT_TYPES},
    education: {"education_type": EDUCATION_TYPES, "institution": INSTITUTIONS, "specialty": SPECIALTIES},
    certificates: {"specialty": SPECIALTIES, "institution": INSTITUTIONS},
    accreditations: {"accreditation_kind": ACCREDITATION_KINDS, "specialty": SPECIALTIES, "institution": INSTITUTIONS},
    qualifications: {"category": CATEGORIES, "specialty": SPECIALTIES},
    employments: {
        "post": POSTS,
        "position_type": POSITION_TYPES,
        "end_type": END_TYPES,
        "dismissal_reason": DISMISSAL_REASONS,
    },
    absences: {"reason": ABSENCE_REASONS},
    addresses: {"address_type": ADDRESS_TYPES, "region": REGIONS},
    awards: {"award": AWARDS},
    cme_points: {"activity_kind": CME_ACTIVITIES, "specialty": SPECIALTIES},
    disciplinary_measures: {"measure": DISCIPLINARY_MEASURES},
    memberships: {"society": SOCIETIES},
    restrictions: {"restriction_kind": RESTRICTION_KINDS},
}
PEOPLE = [SyntheticRegister().worker(index) for index in range(400)]


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    with opened(f"sqlite:///{tmp_path}/register.sqlite3") as engine:
        metadata.create_all(engine)
        yield engine


def rows(worker: Worker, table: Table) -> list[dict[str, object]]:
    return [worker.person] if table is persons else worker.rows(table)


def test_a_larger_register_begins_with_the_workers_of_a_smaller_one(engine: Engine) -> None:
    done: list[int] = []
    with write(engine) as conn:
        register = generate(conn, 1_100, seed=7, progress=done.append)
    assert done == [1_000, 1_100]
    with read(engine) as conn:
        assert conn.scalar(select(func.count()).select_from(workers)) == 1_100
        for index in (0, 17, 1_099):
            expected = SyntheticRegister(7).worker(index)
            assert expected.person == register.worker(index).person
            found = conn.execute(select(persons).where(persons.c.entity_id == expected.oid)).mappings().one()
            assert {name: found[name] for name in expected.person} == expected.person


def test_another_seed_makes_other_people() -> None:
    one, other = (SyntheticRegister(seed).worker(3).person for seed in (1, 2))
    assert one["snils"] != other["snils"]
    assert one["birth_date"] != other["birth_date"]


def test_a_register_with_people_in_it_is_left_alone(engine: Engine) -> None:
    with write(engine) as conn:
        generate(conn, 5)
    with write(engine) as conn, pytest.raises(RegisterNotEmpty, match="already holds workers"):
        generate(conn, 5)


def test_numbers_have_right_check_digits_and_are_all_different() -> None:
    people = [worker.person for worker in PEOPLE]
    assert all(is_snils(person["snils"]) and person["snils"][0] == "9" for person in people)
    assert all(is_inn(person["inn"]) and person["inn"][:2] == "00" for person in people)
    for number in ("snils", "inn", "entity_id"):
        assert len({person[number] for person in people}) == len(people)
    register = SyntheticRegister()
    organisations = [register.organisation(index).row for index in range(100)]
    assert all(is_inn(row["inn"]) and is_ogrn(row["ogrn"]) for row in organisations)
    for number in ("inn", "ogrn", "entity_id"):
        assert len({row[number] for row in organisations}) == len(organisations)


@given(st.integers(0, 10**6), st.sets(st.integers(0, 10**6 - 1), min_size=2, max_size=50))
def test_shuffled_numbers_never_meet(seed: int, indexes: set[int]) -> None:
    assert len({shuffled(index, seed, 10**6) for index in indexes}) == len(indexes)


def test_names_agree_with_gender() -> None:
    lists = name_lists()
    sons, daughters = ({pair[form] for pair in lists.male} for form in (1, 2))
    for worker in PEOPLE:
        person = worker.person
        if person["gender"] == "2":
            assert person["first_name"] in lists.female
            assert person["patronymic"] is None or person["patronymic"] in daughters
            surnames = {feminine(surname) for surname in lists.surnames}
        else:
            assert person["first_name"] in {name for name, *_ in lists.male}
            assert person["patronymic"] is None or person["patronymic"] in sons
            surnames = set(lists.surnames)
        assert set(person["last_name"].split("-")) <= surnames


@pytest.mark.parametrize(
    ("masculine", "form"),
    [
        ("Семёнов", "Семёнова"),
        ("Королёв", "Королёва"),
        ("Ильин", "Ильина"),
        ("Синицын", "Синицына"),
        ("Горский", "Горская"),
        ("Луговой", "Луговая"),
        ("Бойко", "Бойко"),
        ("Ткачук", "Ткачук"),
        ("Черных", "Черных"),
    ],
)
def test_feminine_surnames(masculine: str, form: str) -> None:
    assert feminine(masculine) == form


def test_every_code_stands_in_its_dictionary(engine: Engine) -> None:
    known = {(dictionary.oid, item.code) for dictionary in samples() for item in dictionary.items}
    used = {
        (oid, row[column])
        for worker in PEOPLE
        for table, columns in CODED.items()
        for row in rows(worker, table)
        for column, oid in columns.items()
        if row[column] is not None
    }
    assert used - known == set()
    register = SyntheticRegister()
    assert {(REGIONS, register.organisation(index).row["region"]) for index in range(100)} <= known
    with write(engine) as conn:
        generate(conn, 10)
        posts = look_up(conn, {pair for pair in used if pair[0] == POSTS})
    for worker in PEOPLE:
        for row in worker.rows(employments):
            assert posts.on(POSTS, row["post"], row["valid_from"])


def test_lives_are_in_order() -> None:
    for worker in PEOPLE:
        born = worker.person["birth_date"]
        diploma = worker.rows(education)[0]["document_date"]
        assert diploma.year - born.year >= 20
        for table in (education, certificates, accreditations, qualifications, employments):
            for row in worker.rows(table):
                assert row["valid_to"] is None or row["valid_from"] <= row["valid_to"]
        for row in worker.rows(employments):
            assert diploma < row["contract_date"] <= row["valid_from"] <= AS_OF
            assert (row["valid_to"] is None) == (row["end_type"] is None) == (row["dismissal_reason"] is None)
        for row in worker.rows(education):
            assert row["document_date"] <= AS_OF


def test_main_posts_follow_one_another() -> None:
    for worker in PEOPLE:
        main = sorted(
            (row["valid_from"], row["valid_to"] or date.max)
            for row in worker.rows(employments)
            if row["position_type"] == "1"
        )
        assert all(before[1] < after[0] for before, after in itertools.pairwise(main))


def test_people_work_in_organisations_that_exist_and_in_their_subdivisions() -> None:
    register = SyntheticRegister()
    known = {
        subdivision["entity_id"]: organisation.oid
        for organisation in map(register.organisation, range(organisation_count(400)))
        for subdivision in organisation.subdivisions
    }
    for worker in PEOPLE:
        for row in worker.rows(employments):
            assert known[row["subdivision_oid"]] == row["organisation_oid"]


def test_the_register_is_worth_asking() -> None:
    """Most people work and may work, but not all: otherwise there would be nothing to find out."""
    at_work = Counter(any(row["valid_to"] is None for row in worker.rows(employments)) for worker in PEOPLE)
    entitled = Counter(
        any(row["valid_to"] >= AS_OF for table in (accreditations, certificates) for row in worker.rows(table))
        for worker in PEOPLE
    )
    for found in (at_work, entitled):
        assert found[True] > 0.8 * len(PEOPLE)
        assert found[False] > 5
    assert {worker.person["gender"] for worker in PEOPLE} == {"1", "2"}
    assert any(worker.rows(qualifications) for worker in PEOPLE)


def test_every_section_of_a_record_is_met_with() -> None:
    """So that whatever the kinds ask for has an answer; verdicts need people who may not work as well."""
    people = [SyntheticRegister().worker(index) for index in range(1_000, 4_000)]
    met = {table.name for worker in people for table, found in worker.facts if found}
    assert met == {table.name for table in WORKER_FACTS} - {"resolutions", "attestations"}
    statuses = Counter(worker.person["status"] for worker in people)
    assert set(statuses) == {"ACTIVE", "SUSPENDED", "REVOKED", "DECEASED"}
    assert statuses["ACTIVE"] > 0.95 * len(people)
    for worker in people:
        died = worker.person.get("death_date")
        assert (died is not None) == (worker.person["status"] == "DECEASED")
        assert died is None or all(row["valid_to"] is not None for row in worker.rows(employments))


def test_facts_refer_to_facts_of_the_same_worker() -> None:
    for worker in PEOPLE:
        accredited = {row["entity_id"]: row for row in worker.rows(accreditations)}
        for row in worker.rows(accreditation_procedures):
            assert (row["outcome"] == "PASSED") == (row["accreditation_id"] in accredited)
        jobs = {row["entity_id"]: row for row in worker.rows(employments)}
        for row in worker.rows(absences):
            job = jobs[row["employment_id"]]
            assert job["valid_from"] <= row["valid_from"] <= row["valid_to"] <= (job["valid_to"] or date.max)


def test_a_worker_is_the_same_every_time() -> None:
    one, two = (SyntheticRegister().worker(5) for _ in range(2))
    assert (one.person, one.facts) == (two.person, two.facts)
