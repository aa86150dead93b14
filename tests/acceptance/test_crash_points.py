"""Every crash point of every step: the process is killed before each statement, and before and after each commit.

A step is carried out by a process of its own that kills itself (SIGKILL) at its first point, then at its second, and
so on until the step gets through. After each death the step is simply repeated, as a client or the next worker would,
and there must be one effect and one response.
"""

import copy
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count

import pytest
from lxml import etree
from mezhved.adapter.exchange.faults import MessageIsAlreadySent, RecipientIsNotFound, TargetMessageIsNotFound
from mezhved.adapter.exchange.lifecycle import State
from mezhved.adapter.registry.worker import Worker
from mezhved.adapter.soap.operations.ack import Ack
from mezhved.adapter.soap.operations.get_request import GetRequest
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.soap.operations.send_response import SendResponse
from mezhved.adapter.store.engine import create_engine, opened, read
from mezhved.queue.model import Channel
from mezhved.queue.store import queue_for
from mezhved.signing.keys import SigningKey
from sqlalchemy import Engine, event
from support.echo import echo_worker, effects
from support.world import NEWS, V12, ProviderOf, World

T = f"{{{V12.types}}}"
Step = Callable[[World], object]


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with opened(database_url) as engine:
        yield World(engine)


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(engine: Engine, point: int) -> None:
    """Makes the process kill itself at that point of its work with the database."""
    points = count(1)

    def pass_point(*_: object) -> None:
        if next(points) == point:
            die()

    event.listen(engine, "before_cursor_execute", pass_point)
    commit = engine.dialect.do_commit

    def committed(connection: object) -> None:
        pass_point()
        commit(connection)  # type: ignore[arg-type]
        pass_point()

    engine.dialect.do_commit = committed  # type: ignore[method-assign]


def died(world: World, point: int, step: Step) -> bool:
    """Whether the step, in a process of its own, came to the point and died of it."""
    process = os.fork()
    if process == 0:
        try:
            mine = copy.copy(world)
            mine.engine = create_engine(world.engine.url.render_as_string(hide_password=False))
            arm(mine.engine, point)
            step(mine)
            os._exit(0)
        except BaseException:  # noqa: BLE001  the child tells it, and never returns into pytest
            traceback.print_exc()
            os._exit(1)
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def waiting(world: World, channel: Channel) -> int:
    with read(world.engine) as conn:
        figures = queue_for(world.engine).figures(conn, world.clock())
    return sum(one.waiting + one.leased for one in figures if one.channel is channel)


def fetched(world: World, key: object) -> str | None:
    """MessageID of the next response, once every lease has ended."""
    world.clock.pass_by(minutes=16)
    root = etree.fromstring(GetResponse(world.context())(world.get_response(key)))  # type: ignore[arg-type]
    return root.findtext(f".//{T}SenderProvidedResponseData/{T}MessageID")


def test_send_request_dies_at_every_point(world: World) -> None:
    key = world.register("REGION")
    world.trust, world.node_key  # noqa: B018  made before the fork, so that all processes have the same
    for point in count(1):
        call, before = world.send_request(key), waiting(world, Channel.REQUEST)
        dead = died(world, point, lambda mine, call=call: SendRequest(mine.context())(call))  # type: ignore[misc]
        try:
            SendRequest(world.context())(call)
        except MessageIsAlreadySent:
            pass
        else:
            assert dead, "a message that was accepted is not known any more"
        assert waiting(world, Channel.REQUEST) == before + 1
        if not dead:
            break
    assert point > 6


def test_the_worker_dies_at_every_point(world: World) -> None:
    key = world.register("REGION")
    world.trust, world.node_key, world.authority  # noqa: B018
    working = echo_worker(world)
    for point in count(1):
        call = world.send_request(key)
        SendRequest(world.context())(call)

        def work(mine: World) -> None:
            Worker(**{**fields(working), "engine": mine.engine}).run_once()

        dead = died(world, point, work)
        world.clock.pass_by(minutes=6)
        working.run_once()
        assert effects(world).count(call.body[0].findtext(f"{T}MessageID") or "") == 1
        assert waiting(world, Channel.REQUEST) == 0
        assert waiting(world, Channel.RESPONSE) == 1
        response = fetched(world, key)
        assert response is not None
        Ack(world.context())(world.ack(key, response))
        if not dead:
            break
    assert point > 15


def fields(working: Worker) -> dict[str, object]:
    return {name: getattr(working, name) for name in Worker.__slots__}


def test_fetching_and_acknowledging_die_at_every_point(world: World) -> None:
    key = world.register("REGION")
    world.trust, world.node_key, world.authority  # noqa: B018
    working = echo_worker(world)
    for step in ("fetch", "ack"):
        for point in count(1):
            SendRequest(world.context())(world.send_request(key))
            working.run_once()
            response = fetched(world, key)
            assert response is not None
            if step == "fetch":
                world.clock.pass_by(minutes=16)
                poll = world.get_response(key)
                dead = died(world, point, lambda mine, poll=poll: GetResponse(mine.context())(poll))  # type: ignore[misc]
                assert fetched(world, key) == response
                Ack(world.context())(world.ack(key, response))
            else:
                ack = world.ack(key, response)
                dead = died(world, point, lambda mine, ack=ack: Ack(mine.context())(ack))  # type: ignore[misc]
                try:
                    Ack(world.context())(ack)
                except TargetMessageIsNotFound:
                    pass
                else:
                    assert dead
            assert fetched(world, key) is None
            if not dead:
                break
        assert point > 4


def asked(world: World, key: SigningKey, provider: SigningKey) -> tuple[str, str]:
    """MessageID and ReplyTo of a request that its provider has fetched."""
    SendRequest(world.context())(world.send_request(key))
    request = polled(world, provider)
    assert request is not None
    return request


def polled(world: World, provider: SigningKey) -> tuple[str, str] | None:
    """MessageID and ReplyTo of the provider's next request, once every lease has ended."""
    world.clock.pass_by(minutes=16)
    root = etree.fromstring(GetRequest(world.context())(world.get_request(provider)))
    request = root.find(f"{T}RequestMessage/{T}Request")
    if request is None:
        return None
    return request.findtext(f"{T}SenderProvidedRequestData/{T}MessageID") or "", request.findtext(f"{T}ReplyTo") or ""


def test_send_response_dies_at_every_point(world: World) -> None:
    key, provider = world.register("REGION"), world.register("FRMR")
    world.trust, world.node_key  # noqa: B018
    for point in count(1):
        request_id, to = asked(world, key, provider)
        Ack(world.context())(world.ack(provider, request_id))
        call = world.send_response(provider, to)
        dead = died(world, point, lambda mine, call=call: SendResponse(mine.context())(call))  # type: ignore[misc]
        try:
            SendResponse(world.context())(call)
        except MessageIsAlreadySent:
            pass
        else:
            assert dead, "a response that was accepted is not known any more"
        with pytest.raises(RecipientIsNotFound):
            SendResponse(world.context())(world.send_response(provider, to))
        assert waiting(world, Channel.RESPONSE) == 1
        response = fetched(world, key)
        assert response is not None
        Ack(world.context())(world.ack(key, response))
        if not dead:
            break
    assert point > 8


@pytest.mark.parametrize("step", ["fetch", "ack"])
def test_a_provider_fetches_and_acknowledges_while_its_node_dies_at_every_point(world: World, step: str) -> None:
    key, provider = world.register("REGION"), world.register("FRMR")
    world.trust, world.node_key  # noqa: B018
    for point in count(1):
        request = asked(world, key, provider)
        if step == "fetch":
            world.clock.pass_by(minutes=16)
            poll = world.get_request(provider)
            dead = died(world, point, lambda mine, poll=poll: GetRequest(mine.context())(poll))  # type: ignore[misc]
            assert polled(world, provider) == request
            Ack(world.context())(world.ack(provider, request[0]))
        else:
            ack = world.ack(provider, request[0])
            dead = died(world, point, lambda mine, ack=ack: Ack(mine.context())(ack))  # type: ignore[misc]
            try:
                Ack(world.context())(ack)
            except TargetMessageIsNotFound:
                pass
            else:
                assert dead
        assert polled(world, provider) is None
        with read(world.engine) as conn:
            assert world.context().messages.get(conn, request[0]).state is State.UNDER_PROCESSING
        if not dead:
            break
    assert point > 4


def test_a_broadcast_is_done_once_whenever_the_node_dies(world: World) -> None:
    news, subscribers = world.register("NEWS"), [world.register(one) for one in ("AGENCY", "REGION")]
    world.trust, world.node_key  # noqa: B018
    routes = ProviderOf(None, ("AGENCY", "REGION"))
    for point in count(1):
        call = world.send_request(news, content=f'<n:News xmlns:n="{NEWS}"/>')
        SendRequest(world.context(routes=routes))(call)
        message_id = call.body[0].findtext(f"{T}MessageID") or ""
        acks = [world.ack(key, message_id) for key in subscribers]
        for key in subscribers:
            GetRequest(world.context())(world.get_request(key))
        Ack(world.context())(acks[0])
        dead = died(world, point, lambda mine, ack=acks[1]: Ack(mine.context())(ack))  # type: ignore[misc]
        with suppress(TargetMessageIsNotFound):
            Ack(world.context())(acks[1])
        with read(world.engine) as conn:
            assert world.context().messages.get(conn, message_id).state is State.MESSAGE_IS_DELIVERED
        assert waiting(world, Channel.REQUEST) == 0
        if not dead:
            break
    assert point > 4
