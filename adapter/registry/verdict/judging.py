"""Deciding from facts: each check yields what it finds against a question, and the facts that speak for it."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row

from ..lookup.staff import StaffCategory
from . import reasons
from .known import Known, begun, closest, fact, holds, value
from .question import Fact, Finding, Question, Verdict

_SUSPENSION, _BAN, _ANNULMENT = "1", "2", "4"
"""Codes of restrictions that decide by themselves: dictionary 2.999.643.5."""
_STATUSES = {
    "MERGED": reasons.WORKER_MERGED,
    "REVOKED": reasons.WORKER_REVOKED,
    "SUSPENDED": reasons.WORKER_SUSPENDED,
}
_Credential = tuple[str, Row[Any]]
Found = Iterator[Finding | Fact]
"""What speaks against the right to work, and the facts that speak for it."""


def decide(question: Question, known: Known) -> Verdict:
    """The verdict on one question; `known` holds at least what it needs."""
    category = None if question.post is None else known.categories.get(question.post)
    if question.worker not in known.persons:
        return Verdict((Finding(reasons.WORKER_NOT_KNOWN),), (), category)
    found = [
        *_person(question, known),
        *_entitled(question, known),
        *_employed(question, known),
        *_organisation(question, known),
    ]
    findings = [one for one in found if isinstance(one, Finding)]
    findings += [Finding(reasons.SECTION_WITHHELD) for _ in known.withheld[:1]]
    grounds = tuple(one for one in found if isinstance(one, Fact))
    return Verdict(tuple(findings), grounds, category)


def _person(question: Question, known: Known) -> Found:
    for row in known.persons.get(question.worker, ()):
        died, status = value(row, "death_date"), value(row, "status")
        if (died is not None and died <= question.day) or (died is None and status == "DECEASED"):
            yield Finding(reasons.WORKER_DECEASED, Fact("PERSON", row.entity_id, died, None))
        elif status in _STATUSES:
            yield Finding(_STATUSES[status], Fact("PERSON", row.entity_id, None, None))


def _entitled(question: Question, known: Known) -> Found:
    """Accreditations, certificates and resolutions, less what restrictions take away."""
    allowed, findings = _allowed(question, known)
    yield from findings
    day = question.day
    own = [(section, row) for section, rows in known.credentials.items() for row in rows.get(question.worker, ())]
    fitting = [one for one in own if _fits(one[1], allowed, question.post)]
    holding = [one for one in fitting if holds(one[1], day)]
    limits = [row for row in known.restrictions.get(question.worker, ()) if _in_force(row, day)]
    yield from _restricted(question, limits)
    left, taken = _less_restricted(holding, limits, question.post)
    if left:
        section, best = max(left, key=lambda one: (value(one[1], "patients") is None, one[1].valid_to or date.max))
        if value(best, "patients") is not None:
            yield Finding(reasons.PATIENTS_LIMITED, fact(section, best))
        yield fact(section, best)
    elif holding:
        yield from taken
    elif not known.withheld:
        yield _lacking(own, fitting, day)


def _allowed(question: Question, known: Known) -> tuple[frozenset[str] | None, tuple[Finding, ...]]:
    """The specialties that entitle to the work; None: any, since the register does not know better."""
    if question.post is None:
        return frozenset((question.specialty,)) if question.specialty else None, ()
    items = known.specialties.get(question.post, ())
    fitting = frozenset(
        code
        for code, first, last in items
        if (first is None or first <= question.day) and (last is None or question.day <= last)
    )
    own = frozenset((question.specialty,)) if question.specialty else None
    if not fitting:
        return own, (Finding(reasons.REQUIREMENTS_UNKNOWN),)
    if own is None:
        return fitting, ()
    return own, () if own <= fitting else (Finding(reasons.SPECIALTY_NOT_FOR_POST),)


def _fits(row: Row[Any], allowed: frozenset[str] | None, post: str | None) -> bool:
    narrower = value(row, "post")
    return (allowed is None or row.specialty in allowed) and (narrower is None or post is None or narrower == post)


def _in_force(row: Row[Any], day: date) -> bool:
    lifted = value(row, "lifted_on")
    return holds(row, day) and (lifted is None or day < lifted)


def _restricted(question: Question, limits: Sequence[Row[Any]]) -> Found:
    """Restrictions that bar the work whatever the specialty, and those of which it cannot be told."""
    for row in limits:
        kind, post = row.restriction_kind, value(row, "post")
        if kind == _ANNULMENT or (post is not None and question.post is not None and post != question.post):
            continue
        if kind not in (_SUSPENSION, _BAN) or (post is not None and question.post is None):
            yield Finding(reasons.CARE_LIMITED, fact("RESTRICTIONS", row))
        elif value(row, "specialty") is None:
            yield Finding(_barring(kind), fact("RESTRICTIONS", row))


def _barring(kind: str) -> reasons.Reason:
    return reasons.PRACTICE_SUSPENDED if kind == _SUSPENSION else reasons.POST_FORBIDDEN


def _less_restricted(
    holding: Sequence[_Credential], limits: Sequence[Row[Any]], post: str | None
) -> tuple[list[_Credential], list[Finding]]:
    """The credentials that restrictions leave, and the restrictions that took the others away."""
    left, taken = [], []
    for credential in holding:
        against = next((row for row in limits if _takes_away(row, credential[1], post)), None)
        if against is None:
            left.append(credential)
            continue
        kind = against.restriction_kind
        reason = reasons.CREDENTIAL_ANNULLED if kind == _ANNULMENT else _barring(kind)
        finding = Finding(reason, fact("RESTRICTIONS", against))
        if finding not in taken:
            taken.append(finding)
    return left, taken


def _takes_away(limit: Row[Any], credential: Row[Any], post: str | None) -> bool:
    """An annulment takes what was there before it; a suspension or a ban takes the specialty that it names."""
    specialty, only = value(limit, "specialty"), value(limit, "post")
    if limit.restriction_kind not in (_SUSPENSION, _BAN, _ANNULMENT) or (only is not None and only != post):
        return False
    if limit.restriction_kind == _ANNULMENT:
        before = limit.valid_from is None or begun(credential, limit.valid_from)
        return before and specialty in (None, credential.specialty)
    return bool(specialty == credential.specialty)


def _lacking(own: Sequence[_Credential], fitting: Sequence[_Credential], day: date) -> Finding:
    """Why there is no right on the day, told by the fact that comes nearest to it."""
    if fitting:
        nearest = min((closest(section, [row], day) for section, row in fitting), key=lambda one: _distance(one, day))
        past = nearest.valid_to is not None and nearest.valid_to < day
        return Finding(reasons.CREDENTIAL_EXPIRED if past else reasons.CREDENTIAL_NOT_YET, nearest)
    other = [(section, row) for section, row in own if holds(row, day)]
    if other:
        section, row = max(other, key=lambda one: (one[1].valid_to or date.max, one[1].entity_id))
        return Finding(reasons.CREDENTIAL_OF_OTHER_SPECIALTY, fact(section, row))
    return Finding(reasons.CREDENTIAL_ABSENT)


def _distance(one: Fact, day: date) -> tuple[bool, int, str]:
    """Those that ended come before those that have not begun; of each the nearest first."""
    if one.valid_to is not None and one.valid_to < day:
        return False, (day - one.valid_to).days, one.entity_id
    return True, ((one.valid_from or day) - day).days, one.entity_id


def _employed(question: Question, known: Known) -> Found:
    if question.organisation is None or question.before_hire or "EMPLOYMENTS" in known.withheld:
        return
    section, day = "EMPLOYMENTS", question.day
    cards = [row for row in known.employments.get(question.worker, ()) if row.organisation_oid == question.organisation]
    held = [row for row in cards if holds(row, day)]
    fitting = [row for row in held if question.post in (None, row.post)]
    if fitting:
        yield fact(section, fitting[0])
    elif held:
        yield Finding(reasons.POST_MISMATCH, fact(section, held[0]))
    elif cards:
        nearest = closest(section, cards, day)
        past = nearest.valid_to is not None and nearest.valid_to < day
        yield Finding(reasons.PERSON_CARD_ENDED if past else reasons.PERSON_CARD_NOT_YET, nearest)
    else:
        yield Finding(reasons.PERSON_CARD_NOT_FOUND)


def _organisation(question: Question, known: Known) -> Found:
    if question.organisation is None:
        return
    rows = known.organisations.get(question.organisation, ())
    if not rows:
        yield Finding(reasons.ORG_NOT_FOUND)
        return
    if not any(holds(row, question.day) for row in rows):
        yield Finding(reasons.NO_ORG_ON_DATE, closest("ORGANISATIONS", rows, question.day))
    yield from _licensed(question, known, question.organisation)


def _licensed(question: Question, known: Known, organisation: str) -> Found:
    section, day = "LICENCES", question.day
    rows = known.licences.get(organisation, ())
    held = [row for row in rows if holds(row, day)]
    valid = [row for row in held if row.status == "VALID"]
    if not rows:
        yield Finding(reasons.LICENCE_UNKNOWN)
    elif not held:
        yield Finding(reasons.LICENCE_NOT_ON_DATE, closest(section, rows, day))
    elif not valid:
        yield Finding(reasons.LICENCE_NOT_VALID, fact(section, held[0]))
    else:
        yield _permitted(question, known, organisation, valid)


def _permitted(question: Question, known: Known, organisation: str, valid: Sequence[Row[Any]]) -> Finding | Fact:
    """Whether one of the valid licences permits the activity to which the post belongs; any, if that is not known."""
    category = None if question.post is None else known.categories.get(question.post)
    wanted = None if category is None else ("PHARMACEUTICAL" if category is StaffCategory.PHARMACISTS else "MEDICAL")
    activities = known.activities.get(organisation, ())
    recorded = None
    for licence in valid:
        own = [row for row in activities if row.licence_id == licence.entity_id and holds(row, question.day)]
        if any(wanted in (None, row.activity) for row in own):
            return fact("LICENCES", licence)
        recorded = licence if own else recorded
    if recorded is None:
        return Finding(reasons.LICENCE_ACTIVITY_UNKNOWN, fact("LICENCES", valid[0]))
    return Finding(reasons.LICENCE_ACTIVITY_ABSENT, fact("LICENCES", recorded))
