"""The questions of a batch: read, and found wrong one by one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lxml.etree import _Element as Element

from ....exchange.rejection import Rejection
from ... import dictionaries as nsi
from ...check_digits import is_snils, normalised_snils
from ...common_rules import SNILS_CONTROL
from ...kind import namespace
from ...lookup.codes import Sent
from ...verdict import Question
from .rules import WORKER_OID_FORMAT

NAMESPACE = namespace("worker_batch_verify", "1.0.0")
Q = f"{{{NAMESPACE}}}"
_WORKER_OID = re.compile(r"[0-9]{4}\.[0-9]{7}")


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `snils` is its digits, `oid` the worker's number: one of the two is given."""

    name: str
    sent: str
    snils: str | None
    oid: str | None
    day: date
    post: str | None
    specialty: str | None
    organisation: str | None
    before_hire: bool

    @classmethod
    def read(cls, element: Element, day: date) -> "Item":
        """Reads an Item that is valid against the schema; `day` is that of the batch."""
        snils, oid = element.findtext(f"{Q}Snils"), element.findtext(f"{Q}WorkerOid")
        own = element.findtext(f"{Q}Date")
        return cls(
            name=element.get("id", ""),
            sent=snils or oid or "",
            snils=None if snils is None else normalised_snils(snils),
            oid=oid,
            day=day if own is None else date.fromisoformat(own),
            post=element.findtext(f"{Q}Post"),
            specialty=element.findtext(f"{Q}Specialty"),
            organisation=element.findtext(f"{Q}OrganizationOid"),
            before_hire=element.findtext(f"{Q}BeforeHire") in ("true", "1"),
        )

    @property
    def codes(self) -> Sent:
        """The codes that it sends."""
        asked = {"Post": (nsi.POSTS, self.post), "Specialty": (nsi.SPECIALTIES, self.specialty)}
        return {name: (oid, code) for name, (oid, code) in asked.items() if code is not None}

    def wrong_number(self) -> Iterator[Rejection]:
        """What is wrong with the worker's number."""
        if self.snils is not None and not is_snils(self.snils):
            yield SNILS_CONTROL.rejection("Snils", sent=self.sent)
        if self.oid is not None and not _WORKER_OID.fullmatch(self.oid):
            yield WORKER_OID_FORMAT.rejection("WorkerOid", sent=self.sent)

    def about(self, worker: str) -> Question:
        """The question about the worker who was found."""
        return Question(worker, self.day, self.post, self.specialty, self.organisation, self.before_hire)
