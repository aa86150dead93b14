"""What a kind's handler receives and what it may answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ..exchange.participants import Participant
from ..exchange.rejection import Rejection
from .access import Granted


@dataclass(frozen=True, slots=True)
class Answer:
    """The request was carried out; `content` is the response element of the kind.

    `about` names whose records were read or changed, for the audit: OIDs of workers and organisations, never a name or
    a СНИЛС.
    """

    content: Element
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Refusal:
    """The request was not carried out. The caller rolls back whatever the handler may have begun.

    `about` as in Answer: whose records had been read before it was refused.
    """

    rejections: tuple[Rejection, ...]
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KindRequest:
    """A request as a handler sees it: valid against the kind's schema, its sender known, its rights judged.

    `access` says what the handler may read, what for, and who has signed (registry.access). `received_at` is when the
    node accepted the request, `now` when it is being processed; both aware, in UTC.
    """

    content: Element
    message_id: str
    sender: Participant
    access: Granted
    received_at: datetime
    now: datetime


Handler = Callable[[KindRequest, Connection], Answer | Refusal]
