"""Reading of the audit: who asked for or changed a record, page by page, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from .schema import audit_entries


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What is wanted: of one record (`about`, an OID), of one message, from `since` to before `until`; None: any.

    `before` is the number of the last entry of the page before.
    """

    about: str | None = None
    message_id: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


def entries(conn: Connection, query: AuditQuery, most: int) -> Sequence[Row[Any]]:
    """Up to `most` entries, newest first. Only with `about` or `message_id` the cost does not grow with the log."""
    return conn.execute(_statement(query).limit(most)).all()


def _statement(query: AuditQuery) -> Select[Any]:
    columns = audit_entries.c
    statement = select(audit_entries).order_by(columns.number.desc())
    for condition in (
        None if query.about is None else columns.object == query.about,
        None if query.message_id is None else columns.message_id == query.message_id,
        None if query.since is None else columns.at >= query.since,
        None if query.until is None else columns.at < query.until,
        None if query.before is None else columns.number < query.before,
    ):
        if condition is not None:
            statement = statement.where(condition)
    return statement
