"""Whose records a kind changes: the record is found and locked before anything is judged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from sqlalchemy import Connection

from ...exchange.roles import Role
from ..outcome import KindRequest
from ..rule import Rule
from .findings import Judged


@dataclass(frozen=True, slots=True)
class Found:
    """Whose records these are, locked: `oid` and `row` None where nobody is found.

    `column` is the column of the sections' tables that names the owner (worker_oid, organisation_oid). `about` are the
    OIDs that the audit is told. `judged` is what is wrong with the owner already. `roles` are those in which the sender
    writes.
    """

    column: str
    oid: str | None
    row: Mapping[str, Any] | None
    about: tuple[str, ...] = ()
    judged: Judged = field(default_factory=Judged)
    roles: frozenset[Role] = frozenset()


class Owner(Protocol):
    """Kinds of owners: workers (upsert.workers), organisations."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules by which an owner is judged."""

    def find(self, request: KindRequest, conn: Connection, today: date) -> Found:
        """Finds the owner that the request names, locks it until the end of the transaction, and judges it."""
