"""What `mezhved demo` plays on a stand: exchanges between its systems, each step told as it is taken.

Everything goes over HTTP between real processes, just as it would between agencies. A step that does not end as it
should raises StoryFailed.
"""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from lxml import etree

from ...signing.keys import SigningKey
from ..client.answers import Response
from ..client.building import read_content
from ..client.smev import Selector, SmevClient
from ..exchange.contract import Operation
from ..exchange.faults import MessageIsAlreadySent, SignatureVerificationFault
from .contents import EMPLOYMENT_EVENT, WORKER_CARD, Person, Post, hire, worker_card
from .licences import LICENCE_CARD, LICENCE_NOTICE, licence_card, licence_suspended

_PATIENCE = timedelta(seconds=30)

Tell = Callable[[str, str, str], None]
"""Tells a step: how it ended (`sent`, `done`, `refused`, `note`), its name, and what is to be said of it."""


class StoryFailed(Exception):  # noqa: N818 – named for what happened
    """A step of the demonstration did not end as it should."""


@dataclass(frozen=True, slots=True)
class Cast:
    """Who plays: the agency that asks, the region that reports and its official, the other agency that provides
    licences, and whom and what it is about.
    """

    agency: SmevClient
    region: SmevClient
    licences: SmevClient
    known: Person
    newcomer: Person
    post: Post
    today: date
    official: SigningKey


@dataclass(frozen=True, slots=True)
class Story:
    """The exchanges, told one after another."""

    cast: Cast
    tell: Tell
    headline: Callable[[str], None]

    def play(self) -> None:
        """All of it. Raises StoryFailed, or what the client raises."""
        self._look_up()
        self._ask_another()
        self._broadcast()
        self._hire()
        self._hire_again()
        self._forge()

    def _look_up(self) -> None:
        self.headline("A federal agency asks the register for a worker's card (WorkerCard)")
        person = self.cast.known
        response = self._exchange(self.cast.agency, worker_card(person.snils), f"a worker by СНИЛС {person.snils}")
        content = self._content(response, f"{{{WORKER_CARD}}}WorkerCardResponse")
        worker = content.find(f"{{{WORKER_CARD}}}Worker")
        names = [] if worker is None else [worker.findtext(f"{{{WORKER_CARD}}}{part}") for part in _NAMES]
        posts = len(content.findall(f"{{{WORKER_CARD}}}Employments/*"))
        self.tell("note", "", f"{' '.join(filter(None, names))}, employments on record: {posts}")
        self._acknowledge(self.cast.agency, response)

    def _ask_another(self) -> None:
        own, other = self.cast.agency.contract.version, self.cast.licences.contract.version
        self.headline(f"The agency, by contract {own}, asks another provider, which speaks {other} (LicenceCard)")
        oid = self.cast.post.organisation_oid
        response = self._exchange(self.cast.agency, licence_card(oid), f"the licences of {oid}")
        content = self._content(response, f"{{{LICENCE_CARD}}}LicenceCardResponse")
        number = content.findtext(f"{{{LICENCE_CARD}}}Licence/{{{LICENCE_CARD}}}Number")
        self.tell("note", "", f"licence {number}; the register has had no part in it")
        self._acknowledge(self.cast.agency, response)

    def _broadcast(self) -> None:
        self.headline("That provider tells all who have subscribed to it that a licence is suspended (a broadcast)")
        content = licence_suspended(self.cast.post.organisation_oid, self.cast.today)
        sent = self.cast.licences.send(read_content(content))
        self.tell("sent", "SendRequest", f"{sent.message_id}: one message for all subscribers; nobody answers")
        for client in (self.cast.region, self.cast.agency):
            copy = client.wait_for_request(_PATIENCE, Selector(f"{{{LICENCE_NOTICE}}}LicenceSuspended"))
            if copy is None or copy.message_id != sent.message_id:
                raise StoryFailed("a subscriber has not received the broadcast")
            self.tell("done", "GetRequest", f"«{_name(client.key)}» has its copy, by {client.contract.version}")
            client.ack(copy.message_id)
            self.tell("done", "Ack", f"its copy of {copy.message_id} has left the queue")

    def _hire(self) -> None:
        self.headline("A regional health system reports that somebody was hired (EmploymentEvent)")
        person, post = self.cast.newcomer, self.cast.post
        subject = f"{person.last_name} {person.first_name} for a main post at {post.organisation_oid}"
        response = self._exchange(self.cast.region, self._hiring(), subject, self.cast.official)
        content = self._content(response, f"{{{EMPLOYMENT_EVENT}}}EmploymentEventResponse")
        oid = content.findtext(f"{{{EMPLOYMENT_EVENT}}}WorkerOid")
        version = content.findtext(f"{{{EMPLOYMENT_EVENT}}}Employment/{{{EMPLOYMENT_EVENT}}}Version")
        self.tell("note", "", f"recorded for worker {oid}, version {version} of the employment")
        self._acknowledge(self.cast.region, response)

    def _hire_again(self) -> None:
        self.headline("The same person is hired for a second main post: refused, with every reason at once")
        again = "the same person again, under another contract"
        response = self._exchange(self.cast.region, self._hiring(), again, self.cast.official)
        if not response.rejections:
            raise StoryFailed("the register accepted a second main post")
        for rejected in response.rejections:
            self.tell("refused", rejected.code or rejected.reason, rejected.text)
        self._acknowledge(self.cast.region, response)

    def _forge(self) -> None:
        self.headline("Two mishaps on the way: a changed message, and a lost answer")
        agency = self.cast.agency
        queue = f"demo-{secrets.token_hex(4)}"
        prepared = agency.prepare(read_content(worker_card(self.cast.known.snils)), node_id=queue, test=True)
        changed = type(prepared)(
            Operation.SEND_REQUEST, prepared.octets.replace(b"EMPLOYMENTS", b"EDUCATION"), prepared.message_id
        )
        try:
            agency.send(changed)
        except SignatureVerificationFault as fault:
            self.tell("refused", fault.code, fault.description)
        else:
            raise StoryFailed("the node accepted a message that was changed after it was signed")
        agency.send(prepared)
        self.tell(
            "sent", "SendRequest", f"{prepared.message_id}: suppose that the answer was lost, and it goes out again"
        )
        try:
            agency.send(prepared)
        except MessageIsAlreadySent as fault:
            self.tell("done", fault.code, fault.description)
        else:
            raise StoryFailed("the node accepted one message twice")
        response = agency.wait_for_response(_PATIENCE, Selector(node_id=queue))
        if response is None or response.original_message_id != prepared.message_id:
            raise StoryFailed("there is no single response to the message that was sent twice")
        agency.ack(response.message_id)
        if agency.get_response(Selector(node_id=queue)) is not None:
            raise StoryFailed("a message that was sent twice was answered twice")
        self.tell("done", "GetResponse", "one response to it, and no second one")

    def _hiring(self) -> bytes:
        return hire(self.cast.newcomer, self.cast.post, self.cast.today, f"Д-{secrets.token_hex(3)}")

    def _exchange(
        self, client: SmevClient, content: bytes, subject: str, official: SigningKey | None = None
    ) -> Response:
        """One request and its response, not acknowledged yet."""
        queue = f"demo-{secrets.token_hex(4)}"
        prepared = client.prepare(read_content(content), node_id=queue, personal=official)
        signers = " and ".join(f"«{_name(key)}»" for key in (official, client.key) if key is not None)
        self.tell("sent", "SendRequest", f"{subject}; {len(prepared.octets)} octets signed by {signers}")
        started = time.monotonic()
        accepted = client.send(prepared)
        if accepted.metadata is None:
            raise StoryFailed("the node had seen a fresh message before")
        self.tell(
            "done",
            "accepted",
            f"{accepted.message_id}: schema and signature checked, queued for {accepted.metadata.recipient}; "
            "the node's own signature holds",
        )
        response = client.wait_for_response(_PATIENCE, Selector(node_id=queue))
        if response is None:
            raise StoryFailed(f"no response within {_PATIENCE.total_seconds():g} s")
        took = time.monotonic() - started
        by = response.metadata.sender
        held = f"signatures of the node and of {by} hold"
        if response.sender is None:
            held = f"translated from {by}'s version of the contract: the node's signature holds for it"
        self.tell("done", "GetResponse", f"{by} answered within {took:.2f} s; {held}")
        return response

    def _acknowledge(self, client: SmevClient, response: Response) -> None:
        client.ack(response.message_id)
        self.tell("done", "Ack", f"{response.message_id} has left the queue")

    @staticmethod
    def _content(response: Response, root: str) -> etree._Element:
        if response.content is None or response.content.tag != root:
            told = "; ".join(f"{one.code} {one.text}" for one in response.rejections)
            raise StoryFailed(f"{response.metadata.sender} did not answer with {root}: {told or 'something else'}")
        return response.content


def _name(key: SigningKey) -> str:
    return key.certificate.subject.partition(",")[0].removeprefix("CN=")


_NAMES = ("LastName", "FirstName", "Patronymic", "BirthDate")
