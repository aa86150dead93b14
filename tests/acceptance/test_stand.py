"""The stand as real processes: what they say when they cannot start, and what a crash leaves behind."""

from datetime import UTC, datetime, timedelta

import pytest
from mezhved import testing
from mezhved.adapter.client.building import read_content
from mezhved.adapter.client_console import connect
from mezhved.adapter.opening import DatabaseUnavailable
from mezhved.adapter.settings_sources import load
from mezhved.adapter.stand.making import Plan, StandExists, make
from mezhved.adapter.stand.processes import ProcessFailed, Service

_NOW = datetime(2026, 6, 1, tzinfo=UTC)
_PATIENCE = timedelta(seconds=30)


def test_a_process_that_cannot_start_is_told_with_its_own_words(tmp_path):
    (tmp_path / "node.toml").write_text("[node]\nprot = 1\n")
    service = Service(("serve", "--config", str(tmp_path / "node.toml")), tmp_path / "node.log")
    with pytest.raises(ProcessFailed, match=r"(?s)mezhved serve ended with status 2 .*node\.prot .* no such setting"):
        service.start()
    assert service.pid is None


def test_a_process_that_ends_without_having_worked_is_a_failure(tmp_path):
    with pytest.raises(ProcessFailed, match="mezhved settings ended with status 0 before it was ready"):
        Service(("settings",), tmp_path / "log").start()


def test_a_node_that_was_killed_goes_on_with_what_it_had(tmp_path):
    with testing.stand(tmp_path / "stand", ecdsa=True) as stand:
        content = read_content((stand.layout.requests / "worker_card.xml").read_bytes())
        with connect(load(stand.layout.client(testing.REGION))) as client:
            stand.worker.kill()
            sent = client.send(content)
        stand.node.kill()
        with pytest.raises(ProcessFailed, match="not running"):
            stand.node.wait()
        stand.start()
        with connect(load(stand.layout.client(testing.REGION))) as client:
            response = client.wait_for_response(_PATIENCE)
            assert response is not None
            assert response.original_message_id == sent.message_id
            client.ack(response.message_id)
            assert client.get_response() is None


def test_a_stand_is_not_made_over_another(tmp_path):
    (tmp_path / "something").touch()
    with pytest.raises(StandExists, match="not empty"):
        make(Plan(tmp_path), now=_NOW, random_bits=lambda _: 1)


def test_a_stand_that_cannot_be_made_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "stand"
    plan = Plan(folder, ecdsa=True, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(DatabaseUnavailable, match="Connection refused"):
        make(plan, now=_NOW, random_bits=lambda _: 1)
    assert list(folder.iterdir()) == []
