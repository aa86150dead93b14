"""What processes log: lines for people or JSON for machines, and silence of chatty libraries."""

import json
import logging

import pytest
from mezhved.adapter.logs import set_up
from mezhved.adapter.settings import LogSettings


@pytest.fixture(autouse=True)
def _restored():
    root = logging.getLogger()
    level, handlers = root.level, root.handlers[:]
    yield
    root.setLevel(level)
    root.handlers[:] = handlers


def test_json_lines_hold_time_level_text_and_traceback(capsys):
    set_up(LogSettings(format="json"))
    try:
        raise ValueError("причина")
    except ValueError:
        logging.getLogger("mezhved.x").exception("failed %d", 1)
    [line] = capsys.readouterr().err.splitlines()
    entry = json.loads(line)
    assert (entry["level"], entry["logger"], entry["message"]) == ("error", "mezhved.x", "failed 1")
    assert entry["time"].endswith("+00:00")
    assert "ValueError: причина" in entry["traceback"]


def test_the_level_decides_what_is_written(capsys):
    set_up(LogSettings(level="warning"))
    logging.getLogger("mezhved.x").info("quiet")
    logging.getLogger("mezhved.x").warning("loud")
    assert "loud" in (told := capsys.readouterr().err)
    assert "quiet" not in told


def test_notices_of_libraries_are_not_ours(capsys):
    set_up(LogSettings(level="info"))
    logging.getLogger("alembic.runtime.migration").info("Context impl")
    assert capsys.readouterr().err == ""
