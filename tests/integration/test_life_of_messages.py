"""What becomes of messages after their acceptance: EOL, retention, set aside and put back, and the story of it all."""

import json
from datetime import timedelta

import pytest
from lxml import etree
from mezhved.adapter.dispatch.aside import TooLate, drop, put_back
from mezhved.adapter.dispatch.leaving import acknowledge
from mezhved.adapter.dispatch.posting import PostOffice
from mezhved.adapter.dispatch.refusing import NodeVoice
from mezhved.adapter.exchange.handling import Handling
from mezhved.adapter.exchange.lifecycle import Event, MessageType, State
from mezhved.adapter.store.archive import MessageArchive, octets_of
from mezhved.adapter.store.aside import AsideStore, NotAside
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.store.messages import Message, MessageLog, UnknownMessage
from mezhved.adapter.story import tell
from mezhved.adapter.timers.certificates import expiring
from mezhved.adapter.timers.end_of_life import EndOfLife
from mezhved.adapter.timers.job import Job, every
from mezhved.adapter.timers.retention import Retention
from mezhved.adapter.timers.running import Pace, Timers
from mezhved.queue.model import Channel
from mezhved.queue.store import queue_for
from sqlalchemy import Engine
from support.world import START, World

T = "{urn://x-artefacts-smev-gov-ru/services/message-exchange/types/1.2}"
LOG = MessageLog()
LEASE = timedelta(minutes=15)


@pytest.fixture
def world(engine: Engine) -> World:
    return World(engine)


def post(
    world: World, *, expires_in: timedelta | None = None, subscribers: list[str] | None = None, key: str = "REGION"
) -> str:
    """A request from REGION to AGENCY, or a broadcast, as SendRequest keeps it."""
    message_id = world.message_ids()
    call = world.send_request(world.node_key, message_id=message_id)
    message = Message(
        message_id=message_id,
        message_type=MessageType.REQUEST if subscribers is None else MessageType.BROADCAST,
        kind="echo",
        sender=key,
        recipient="AGENCY" if subscribers is None else "",
        contract="1.2",
        accepted_at=world.clock(),
        state=State.REQUEST_IS_QUEUED,
        reply_to=f"{message_id}.secret" if subscribers is None else None,
    )
    handling = Handling(expires_at=None if expires_in is None else world.clock() + expires_in)
    with write(world.engine) as conn:
        PostOffice(queue_for(world.engine), LOG).post(
            conn, message, call.octets, subscribers=subscribers, handling=handling
        )
    return message_id


def lease(world: World, recipient: str, channel: Channel = Channel.REQUEST) -> list[str]:
    with write(world.engine) as conn:
        found = queue_for(world.engine).lease(
            conn, recipient=recipient, channel=channel, now=world.clock(), lease_for=LEASE
        )
        for one in found:
            LOG.move(conn, one.entry.message_id, Event.FETCHED, at=world.clock(), actor=recipient)
        return [one.entry.message_id for one in found]


def ack(world: World, recipient: str, message_id: str) -> None:
    with write(world.engine) as conn:
        queue = queue_for(world.engine)
        acknowledge(queue, LOG, conn, recipient=recipient, message_id=message_id, clock=world.clock)


def run(world: World, job: object) -> int:
    timers = Timers(
        world.engine,
        [Job("job", "", every(timedelta(seconds=1)), job.begin)],  # type: ignore[attr-defined]
        "test",
        world.clock,
        Pace(timedelta(seconds=1), timedelta(minutes=1)),
    )
    timers.set_up()
    done = timers.run_now("job")
    assert done is not None
    return done


def end_of_life(world: World, batch: int = 10) -> EndOfLife:
    queue = queue_for(world.engine)
    voice = NodeVoice(PostOffice(queue, LOG), "MEZHVED", world.node_key, world.message_ids)
    return EndOfLife(queue, LOG, voice, batch)


def state(world: World, message_id: str) -> State:
    with read(world.engine) as conn:
        return LOG.get(conn, message_id).state


def notices(world: World, recipient: str) -> list[etree._Element]:
    found = []
    with write(world.engine) as conn:
        while notice := queue_for(world.engine).drain(
            conn, recipient=recipient, channel=Channel.STATUS, now=world.clock()
        ):
            found.append(etree.fromstring(notice.body))
    return found


def test_the_sender_of_a_request_that_nobody_took_in_time_is_told_once(world: World) -> None:
    request = post(world, expires_in=timedelta(hours=1))
    lasting = post(world)
    assert run(world, end_of_life(world)) == 0
    world.clock.pass_by(hours=1)
    assert run(world, end_of_life(world)) == 1
    assert run(world, end_of_life(world)) == 0
    assert state(world, request) is State.REQUEST_IS_REJECTED_BY_SMEV
    (answer,) = lease(world, "REGION", Channel.RESPONSE)
    with read(world.engine) as conn:
        response = LOG.get(conn, answer)
        body = etree.fromstring(queue_for(world.engine).body(conn, answer))
    assert (response.sender, response.original_message_id) == ("MEZHVED", request)
    status = body.find(f".//{T}AsyncProcessingStatus")
    assert status is not None
    (notice,) = notices(world, "REGION")
    for told in (status, notice):
        assert told.findtext(f"{T}OriginalMessageId") == request
        assert told.findtext(f"{T}StatusCategory") == "requestIsRejectedBySmev"
        assert "SMEV-914" in "".join(told.find(f"{T}SmevFault").itertext())  # type: ignore[union-attr]
    assert lease(world, "AGENCY") == [lasting]


def test_what_a_reader_has_is_not_taken_from_it(world: World) -> None:
    request = post(world, expires_in=timedelta(minutes=10))
    assert lease(world, "AGENCY") == [request]
    world.clock.pass_by(minutes=11)
    assert run(world, end_of_life(world)) == 0
    ack(world, "AGENCY", request)
    assert state(world, request) is State.UNDER_PROCESSING
    world.clock.pass_by(hours=1)
    assert run(world, end_of_life(world)) == 0


def test_a_request_answered_but_never_acknowledged_is_not_refused(world: World) -> None:
    request = post(world, expires_in=timedelta(minutes=10))
    lease(world, "AGENCY")
    with write(world.engine) as conn:
        LOG.move(conn, request, Event.ANSWERED, at=world.clock(), actor="AGENCY")
    world.clock.pass_by(hours=1)
    assert run(world, end_of_life(world)) == 1
    assert state(world, request) is State.REQUEST_IS_PROCESSED
    assert notices(world, "REGION") == []
    assert lease(world, "REGION", Channel.RESPONSE) == []


def test_a_broadcast_ends_with_its_last_copy(world: World) -> None:
    both, one, nobody = (post(world, subscribers=["A", "B"], expires_in=timedelta(hours=1)) for _ in range(3))
    alone = post(world, subscribers=[])
    assert state(world, alone) is State.MESSAGE_IS_DELIVERED
    for recipient in ("A", "B"):
        assert lease(world, recipient) == [both]
        assert state(world, both) is not State.MESSAGE_IS_DELIVERED
        ack(world, recipient, both)
    assert state(world, both) is State.MESSAGE_IS_DELIVERED
    assert lease(world, "A") == [one]
    ack(world, "A", one)
    assert state(world, one) is State.UNDER_PROCESSING
    world.clock.pass_by(hours=1)
    assert run(world, end_of_life(world, batch=1)) == 3
    assert state(world, one) is State.MESSAGE_IS_DELIVERED
    assert state(world, nobody) is State.REQUEST_IS_REJECTED_BY_SMEV
    assert lease(world, "REGION", Channel.RESPONSE) == []
    told = notices(world, "REGION")
    assert sorted(str(notice.findtext(f"{T}OriginalMessageId")) for notice in told) == sorted([one, nobody, nobody])


def test_what_is_finished_is_archived_after_its_time_and_still_tells_its_story(world: World) -> None:
    answered, waiting = post(world), post(world)
    with write(world.engine) as conn:
        before = octets_of(conn, answered)
        LOG.move(conn, answered, Event.PROCESSED, at=world.clock(), actor="AGENCY")
    retention = Retention(LOG, MessageArchive(), "MEZHVED", timedelta(days=30), batch=1)
    world.clock.pass_by(days=29)
    assert run(world, retention) == 0
    world.clock.pass_by(days=2)
    assert run(world, retention) == 1
    assert run(world, retention) == 0
    assert (state(world, answered), state(world, waiting)) == (State.MESSAGE_IS_ARCHIVED, State.REQUEST_IS_QUEUED)
    with read(world.engine) as conn:
        assert octets_of(conn, answered) == before
        (signature,) = tell(conn, answered, world.trust, world.clock()).signatures
        assert (signature.then, signature.now) == (None, None)
        (signature,) = tell(conn, answered, world.trust, START + timedelta(days=500)).signatures
        assert (signature.then, signature.now) == (None, "CERTIFICATE_EXPIRED")


def given_up(world: World) -> str:
    request = post(world)
    with write(world.engine) as conn:
        queue = queue_for(world.engine)
        queue.lease(conn, recipient="AGENCY", channel=Channel.REQUEST, now=world.clock(), lease_for=LEASE)
        queue.ack(conn, recipient="AGENCY", message_id=request)
        LOG.move(conn, request, Event.GIVEN_UP, at=world.clock(), actor="AGENCY")
        AsideStore().put(conn, request, "ZeroDivisionError", 5, world.clock())
    return request


def test_a_request_set_aside_is_put_back_once_and_the_log_says_by_whom(world: World) -> None:
    request = given_up(world)
    queue = queue_for(world.engine)
    with write(world.engine) as conn:
        assert [one.message_id for one in AsideStore().list(conn)] == [request]
        put_back(queue, LOG, conn, request, Handling(order_key="k"), who="operator me", now=world.clock())
        with pytest.raises(NotAside):
            put_back(queue, LOG, conn, request, Handling(), who="operator me", now=world.clock())
        with pytest.raises(NotAside):
            drop(LOG, conn, request, who="operator me", now=world.clock())
    assert lease(world, "AGENCY") == [request]
    with read(world.engine) as conn:
        assert AsideStore().list(conn) == []
        back = LOG.events(conn, request)[-2]
        assert (back.event, back.state, back.actor) == (Event.PUT_BACK, State.REQUEST_IS_QUEUED, "operator me")


def test_what_its_sender_no_longer_wants_stays_aside(world: World) -> None:
    request = given_up(world)
    late = Handling(expires_at=world.clock() - timedelta(seconds=1))
    with pytest.raises(TooLate, match=request), write(world.engine) as conn:
        put_back(queue_for(world.engine), LOG, conn, request, late, who="operator me", now=world.clock())
    with write(world.engine) as conn:
        assert AsideStore().find(conn, request) is not None
        drop(LOG, conn, request, who="operator me", now=world.clock())
    assert state(world, request) is State.REQUEST_IS_REJECTED_BY_SMEV
    assert lease(world, "AGENCY") == []


def test_a_renewed_certificate_is_not_told_of(world: World) -> None:
    soon = world.issue("CN=OLD", valid_to=START + timedelta(days=5))
    renewed = world.issue("CN=NEW", valid_to=START + timedelta(days=300))
    world.register("RENEWED", soon, renewed)
    world.register("ENDS", world.issue("CN=ENDS", valid_to=START + timedelta(days=5)))
    world.register("OFF", world.issue("CN=OFF", valid_to=START + timedelta(days=5)), active=False)
    own = {"MEZHVED": world.issue("CN=N", valid_to=START + timedelta(days=3)).certificate}
    with read(world.engine) as conn:
        assert [one.owner for one in expiring(conn, own, START + timedelta(days=30))] == ["MEZHVED", "ENDS"]
        assert expiring(conn, own, START) == []


def test_a_story_names_everybody_and_holds_no_content(world: World) -> None:
    request = post(world)
    lease(world, "AGENCY")
    with read(world.engine) as conn:
        story = tell(conn, request, world.trust, world.clock())
        assert [(one.event, one.actor) for one in story.events] == [
            (Event.ACCEPTED, "REGION"),
            (Event.FETCHED, "AGENCY"),
        ]
        (place,) = story.places
        assert (place.recipient, place.attempts, place.leased_until) == ("AGENCY", 1, world.clock() + LEASE)
        assert story.signatures[0].certificate is not None
        assert story.octets > 1000
        with pytest.raises(UnknownMessage):
            tell(conn, "other", world.trust, world.clock())
    from mezhved.adapter.commands.trace import _as_json

    written = json.dumps(_as_json(story))
    assert "EchoRequest" not in written
    assert "secret" not in written
