"""`mezhved trace`, `queue` and `timers`: what an operator sees of messages, and may decide."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mezhved.adapter.cli import build_app
from mezhved.adapter.exchange.lifecycle import Event, MessageType, State
from mezhved.adapter.store.aside import AsideStore
from mezhved.adapter.store.engine import read, write
from mezhved.adapter.store.messages import Message, MessageLog
from mezhved.queue.model import Channel, Entry
from mezhved.queue.store import queue_for
from sqlalchemy import Engine
from support.world import World
from typer.testing import CliRunner, Result

NOW = datetime.now(UTC)
ID = "11111111-1111-11f0-8000-000000000001"
LOG = MessageLog()


class Node:
    def __init__(self, folder: Path, url: str, engine: Engine) -> None:
        self.file, self.engine = folder / "node.toml", engine
        world = World(engine)
        self.octets = world.send_request(world.node_key, message_id=ID).octets
        self.file.write_text(f"[database]\nurl = '{url}'\n")

    def run(self, *arguments: str, columns: int = 200) -> Result:
        return CliRunner().invoke(build_app(), [*arguments, "--config", str(self.file)], env={"COLUMNS": str(columns)})

    def ok(self, *arguments: str) -> str:
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result.output


@pytest.fixture
def node(tmp_path: Path, database_url: str, engine: Engine) -> Node:
    return Node(tmp_path, database_url, engine)


def accept(node: Node, message_id: str = ID) -> str:
    with write(node.engine) as conn:
        queue = queue_for(node.engine)
        queue.accept(conn, message_id, node.octets, NOW)
        queue.enqueue(conn, [Entry(message_id, "FRMR", Channel.REQUEST, "worker_card", None)], NOW)
        LOG.record(
            conn,
            Message(
                message_id=message_id,
                message_type=MessageType.REQUEST,
                kind="worker_card",
                sender="REGION",
                recipient="FRMR",
                contract="1.2",
                accepted_at=NOW,
                state=State.REQUEST_IS_QUEUED,
                reply_to="secret",
            ),
        )
    return message_id


def set_aside(node: Node) -> str:
    message_id = accept(node)
    with write(node.engine) as conn:
        queue = queue_for(node.engine)
        queue.lease(conn, recipient="FRMR", channel=Channel.REQUEST, now=NOW, lease_for=timedelta(minutes=1))
        queue.ack(conn, recipient="FRMR", message_id=message_id)
        LOG.move(conn, message_id, Event.GIVEN_UP, at=NOW, actor="FRMR")
        AsideStore().put(conn, message_id, "ZeroDivisionError", 5, NOW)
    return message_id


def test_a_trace_tells_the_story_without_content_and_without_the_return_address(node: Node) -> None:
    message_id = accept(node)
    told = node.ok("trace", message_id)
    for expected in ("REQUEST", "worker_card", "REGION", "FRMR", "requestIsQueued", "ACCEPTED", "waits", "caller"):
        assert expected in told
    assert "secret" not in told
    assert "MessagePrimaryContent" not in told
    as_json = json.loads(node.ok("trace", message_id, "--json"))
    assert as_json["message"]["state"] == "requestIsQueued"
    assert [one["event"] for one in as_json["events"]] == ["ACCEPTED"]
    assert "reply_to" not in as_json["message"]


def test_the_octets_come_out_as_they_were_received(node: Node, tmp_path: Path) -> None:
    message_id = accept(node)
    result = node.run("trace", message_id, "--octets")
    assert result.stdout_bytes == node.octets
    node.ok("trace", message_id, "--out", str(tmp_path / "message.xml"))
    assert (tmp_path / "message.xml").read_bytes() == node.octets


def test_an_unknown_message_is_named(node: Node) -> None:
    result = node.run("trace", "other")
    assert result.exit_code == 1
    assert "UNKNOWN_MESSAGE" in result.output
    assert "other" in result.output


def test_queues_are_listed_and_looked_into(node: Node) -> None:
    assert "all queues are empty" in node.ok("queue", "list")
    message_id = accept(node)
    assert "FRMR" in node.ok("queue", "list")
    assert "all queues are empty" in node.ok("queue", "list", "--recipient", "REGION")
    assert message_id in node.ok("queue", "peek", "FRMR")
    assert "the RESPONSE queue of FRMR is empty" in node.ok("queue", "peek", "FRMR", "--channel", "response")
    with read(node.engine) as conn:
        assert LOG.get(conn, message_id).state is State.REQUEST_IS_QUEUED


def test_a_message_id_is_shown_in_full_on_a_narrow_terminal(node: Node) -> None:
    message_id = accept(node)
    assert message_id in node.run("queue", "peek", "FRMR", columns=80).output


def test_what_is_aside_can_be_read_on_a_narrow_terminal(node: Node) -> None:
    message_id = set_aside(node)
    told = node.run("queue", "aside", "list", columns=80).output
    for expected in (message_id, "worker_card from REGION", "2026-", "after 5 tries: ZeroDivisionError"):
        assert expected in told
    assert max(map(len, told.splitlines())) <= 80


def test_what_is_aside_is_shown_and_dropped_by_name(node: Node) -> None:
    message_id = set_aside(node)
    assert "ZeroDivisionError" in node.ok("queue", "aside", "list")
    assert "5 tries" in node.ok("queue", "aside", "show", message_id)
    assert "set aside" in node.ok("trace", message_id)
    node.ok("queue", "aside", "drop", message_id, "--by", "ivanova")
    assert "operator ivanova" in node.ok("trace", message_id)
    result = node.run("queue", "aside", "drop", message_id)
    assert (result.exit_code, "NOT_ASIDE" in result.output) == (1, True)


def test_what_is_aside_is_put_back_and_worked_on_again(node: Node) -> None:
    message_id = set_aside(node)
    node.ok("queue", "aside", "put-back", message_id)
    assert message_id in node.ok("queue", "peek", "FRMR")
    assert "nothing is set aside" in node.ok("queue", "aside", "list")
    with read(node.engine) as conn:
        assert LOG.get(conn, message_id).state is State.REQUEST_IS_QUEUED
    assert node.run("queue", "aside", "put-back", message_id).exit_code == 1


def test_timers_are_shown_and_run(node: Node) -> None:
    assert "never" in node.ok("timers")
    assert "archive: 0 done" in node.ok("timers", "--run", "archive")
    (archive,) = [one for one in map(json.loads, node.ok("timers", "--json").splitlines()) if one["name"] == "archive"]
    assert archive["ended_at"] is not None
    result = node.run("timers", "--run", "tea")
    assert (result.exit_code, "UNKNOWN_TIMER" in result.output) == (2, True)
