"""A synchronous standby, as docs/howto/deploy.md sets it up: what was accepted outlives the machine that did it."""

import os
import re
import threading
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from mezhved.adapter.migrations import upgrade
from mezhved.adapter.store.engine import create_engine, read, write
from mezhved.queue.errors import DuplicateMessage
from mezhved.queue.model import Channel, Entry
from mezhved.queue.store import MessageQueue, queue_for
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from support.cluster import Cluster, clusters, find_programs

PAGE = Path(__file__).parents[2] / "docs" / "howto" / "deploy"
WRITERS = 4
ENOUGH = 60


def settings_of_the_page() -> dict[str, str]:
    """The synchronous part of postgresql.conf, as an operator would copy it."""
    text = (PAGE / "postgresql.conf").read_text("utf-8")
    found = dict(re.findall(r"^(synchronous\w+) = '?([^'\n]+)'?$", text, re.MULTILINE))
    assert set(found) == {"synchronous_commit", "synchronous_standby_names"}
    return found


@pytest.fixture
def pair() -> Iterator[tuple[Cluster, Cluster]]:
    programs = find_programs()
    if programs is None:
        absent = "PostgreSQL's server programs are missing: install the package postgresql (Debian, Ubuntu)"
        pytest.fail(absent) if os.environ.get("CI") else pytest.skip(absent)
    settings = settings_of_the_page()
    with clusters(programs, settings, {}) as (primary, standby):
        primary.create()
        primary.start()
        standby.follow(primary, settings["synchronous_standby_names"])
        standby.start()
        yield primary, standby


def test_what_was_accepted_outlives_the_primary(pair: tuple[Cluster, Cluster]) -> None:
    primary, standby = pair
    engine = create_engine(
        f"postgresql+psycopg://postgres@/postgres?host={primary.folder}&host={standby.folder}"
        "&target_session_attrs=read-write"
    )
    upgrade(engine)
    accepted: list[str] = []
    crash = threading.Event()
    threads = [threading.Thread(target=send, args=(engine, accepted, crash)) for _ in range(WRITERS)]
    for thread in threads:
        thread.start()
    assert crash.wait(60)
    primary.crash()
    standby.promote()
    for thread in threads:
        thread.join(60)
    with read(engine) as conn:
        queue = queue_for(engine)
        assert [one for one in accepted if not queue.was_accepted(conn, one)] == []
        (waiting,) = queue.figures(conn, datetime.now(UTC))
        assert waiting.waiting == len(accepted)
    engine.dispose()


def send(engine: Engine, accepted: list[str], crash: threading.Event) -> None:
    """Accepts messages until well after the crash; what fails is tried again, as a sender would."""
    queue = queue_for(engine)
    while len(accepted) < 2 * ENOUGH:
        message_id = str(uuid.uuid4())
        while not keep(engine, queue, message_id):
            crash.wait(0.02)
        accepted.append(message_id)
        if len(accepted) >= ENOUGH:
            crash.set()


def keep(engine: Engine, queue: MessageQueue, message_id: str) -> bool:
    now = datetime.now(UTC)
    try:
        with write(engine) as conn:
            queue.accept(conn, message_id, b"octets", now)
            queue.enqueue(conn, [Entry(message_id, "FRMR", Channel.REQUEST, "echo", None)], now)
    except DuplicateMessage:
        return True  # the answer to the first try was lost, the message was not
    except (DBAPIError, psycopg.Error):
        return False
    return True
