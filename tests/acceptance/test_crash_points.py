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
from itertools import count

import pytest
from lxml import etree
from mezhved.adapter.exchange.faults import MessageIsAlreadySent, TargetMessageIsNotFound
from mezhved.adapter.registry.worker import Worker
from mezhved.adapter.soap.operations.ack import Ack
from mezhved.adapter.soap.operations.get_response import GetResponse
from mezhved.adapter.soap.operations.send_request import SendRequest
from mezhved.adapter.store.engine import create_engine, opened, read
from mezhved.queue.model import Channel
from mezhved.queue.store import queue_for
from sqlalchemy import Engine, event
from support.echo import echo_worker, effects
from support.world import V12, World

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
