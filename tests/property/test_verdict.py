"""Verdicts on many questions at once are those that a naive reading of each question by itself gives."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mezhved.adapter.exchange.roles import Role
from mezhved.adapter.registry.projection import projection_of
from mezhved.adapter.registry.schema import (
    accreditations,
    certificates,
    employments,
    licence_activities,
    licences,
    restrictions,
)
from mezhved.adapter.registry.verdict import Question, judge
from mezhved.adapter.store.engine import write
from sqlalchemy import Engine, delete
from support.register import ANNA, BORIS, CLINIC, HOSPITAL, Register, employment

START = date(2024, 1, 1)
DAYS = st.integers(0, 9).map(lambda number: START + timedelta(days=number))
PERIODS = st.tuples(DAYS, st.none() | st.integers(0, 5)).map(
    lambda pair: (pair[0], None if pair[1] is None else pair[0] + timedelta(days=pair[1]))
)
WORKERS, HOSTS = st.sampled_from((ANNA, BORIS)), st.sampled_from((HOSPITAL, CLINIC))
SPECIALTIES, POSTS = st.sampled_from(("37", "38", "47")), st.sampled_from(("109", "113"))
FITTING = {"109": {"37", "47"}, "113": {"38"}}
EVERYTHING = projection_of(frozenset(Role))


@dataclass(frozen=True)
class World:
    """Facts as plain tuples, the period last."""

    rights: list[tuple[str, str, str, Any]]
    jobs: list[tuple[str, str, str, Any]]
    limits: list[tuple[str, str, str | None, str | None, Any]]
    licences: list[tuple[str, str, str, Any]]


WORLDS = st.builds(
    World,
    st.lists(st.tuples(WORKERS, SPECIALTIES, st.sampled_from("AC"), PERIODS), max_size=5),
    st.lists(st.tuples(WORKERS, HOSTS, POSTS, PERIODS), max_size=4, unique_by=lambda job: (job[0], job[3][0])),
    st.lists(
        st.tuples(WORKERS, st.sampled_from("1234"), st.none() | SPECIALTIES, st.none() | POSTS, PERIODS), max_size=3
    ),
    st.lists(
        st.tuples(
            HOSTS, st.sampled_from(("VALID", "SUSPENDED")), st.sampled_from(("MEDICAL", "PHARMACEUTICAL")), PERIODS
        ),
        max_size=3,
    ),
)
QUESTIONS = st.lists(
    st.builds(
        Question,
        worker=WORKERS,
        day=DAYS,
        post=POSTS,
        specialty=st.none() | SPECIALTIES,
        organisation=st.none() | HOSTS,
        before_hire=st.booleans(),
    ),
    min_size=1,
    max_size=8,
)


def holds(period: Any, day: date) -> bool:
    return bool(period[0] <= day and (period[1] is None or day <= period[1]))


def naive(question: Question, world: World) -> str:
    """ELIGIBLE, NOT_ELIGIBLE or UNKNOWN, one question at a time."""
    day, post = question.day, question.post
    assert post is not None
    allowed = {question.specialty} if question.specialty else FITTING[post]
    bad = not allowed <= FITTING[post]
    unknown = False
    limits = [
        one for one in world.limits if one[0] == question.worker and one[3] in (None, post) and holds(one[4], day)
    ]
    left = 0
    for worker, specialty, _, period in world.rights:
        if worker == question.worker and specialty in allowed and holds(period, day):
            annulled = any(k == "4" and s in (None, specialty) and period[0] <= p[0] for _, k, s, _, p in limits)
            left += not annulled and not any(k in "12" and s == specialty for _, k, s, _, _ in limits)
    bad = bad or not left or any(kind in "12" and specialty is None for _, kind, specialty, _, _ in limits)
    unknown = any(kind == "3" for _, kind, _, _, _ in limits)
    if question.organisation is not None:
        here = [one for one in world.jobs if one[0] == question.worker and one[1] == question.organisation]
        if not question.before_hire:
            bad = bad or not any(job[2] == post and holds(job[3], day) for job in here)
        own = [one for one in world.licences if one[0] == question.organisation]
        valid = [one for one in own if one[1] == "VALID" and holds(one[3], day)]
        unknown = unknown or not own
        bad = bad or (bool(own) and not any(one[2] == "MEDICAL" for one in valid))
    return "NOT_ELIGIBLE" if bad else "UNKNOWN" if unknown else "ELIGIBLE"


def entity(kind: int, number: int) -> str:
    return f"{kind:08}-0000-4000-8000-{number:012}"


def fill(register: Register, world: World) -> None:
    """Puts the world in the place of the one before."""
    tables = (accreditations, certificates, employments, restrictions, licence_activities, licences)
    with write(register.engine) as conn:
        for table in tables:
            conn.execute(delete(table))
    for number, (worker, specialty, kind, (first, last)) in enumerate(world.rights):
        row = {"entity_id": entity(1, number), "worker_oid": worker, "specialty": specialty, "institution": "41"}
        row |= {"valid_from": first, "valid_to": last}
        if kind == "C":
            register.put(certificates, {**row, "number": str(number), "exam_date": first})
        else:
            protocol = {"registry_number": str(number), "protocol_number": "1", "protocol_date": first}
            register.put(accreditations, {**row, "accreditation_kind": "3", **protocol})
    for number, (worker, host, post, (first, last)) in enumerate(world.jobs):
        own = {"entity_id": entity(2, number), "organisation_oid": host, "post": post, "position_type": "4"}
        register.put(employments, employment(worker, **own, valid_from=first, valid_to=last))
    for number, (worker, kind, specialty, post, (first, last)) in enumerate(world.limits):
        row = {"entity_id": entity(3, number), "worker_oid": worker, "restriction_kind": kind, "specialty": specialty}
        row |= {"post": post, "basis": "Суд", "basis_number": "1", "basis_date": first}
        register.put(restrictions, {**row, "valid_from": first, "valid_to": last})
    for number, (host, status, activity, (first, last)) in enumerate(world.licences):
        row = {"entity_id": entity(4, number), "organisation_oid": host, "valid_from": first, "valid_to": last}
        own = {"number": str(number), "status": status, "issued_on": first, "licenser": "Орган"}
        register.put(licences, {**row, **own})
        permit = {"licence_id": row["entity_id"], "activity": activity}
        register.put(licence_activities, {**row, "entity_id": entity(5, number), **permit})


def test_verdicts_are_those_of_a_naive_reading(engine: Engine) -> None:
    register = Register(engine).furnish()

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(WORLDS, QUESTIONS)
    def check(world: World, questions: list[Question]) -> None:
        fill(register, world)
        with write(register.engine) as conn:
            found = judge(conn, questions, EVERYTHING)
        assert [one.outcome for one in found] == [naive(question, world) for question in questions]

    check()
