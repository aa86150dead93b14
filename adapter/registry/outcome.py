"""What a kind's handler receives and what it may answer."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ..exchange.participants import Participant
from ..exchange.rejection import Rejection


@dataclass(frozen=True, slots=True)
class Answer:
    """The request was carried out; `content` is the response element of the kind."""

    content: Element


@dataclass(frozen=True, slots=True)
class Refusal:
    """The request was not carried out. The caller rolls back whatever the handler may have begun."""

    rejections: tuple[Rejection, ...]


@dataclass(frozen=True, slots=True)
class KindRequest:
    """A request as a handler sees it: `content` is valid against the kind's schema, its sender is known.

    `received_at` is when the node accepted it, `now` when it is being processed; both aware, in UTC.
    """

    content: Element
    message_id: str
    sender: Participant
    received_at: datetime
    now: datetime


Handler = Callable[[KindRequest, Connection], Answer | Refusal]
