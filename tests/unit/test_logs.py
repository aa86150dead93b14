"""What processes log: lines for people or JSON for machines, and silence of chatty libraries."""

import json
import logging
from contextlib import contextmanager
from datetime import date

import pytest
from mezhved.adapter.exchange.observing import CallRecord
from mezhved.adapter.logs import set_up
from mezhved.adapter.observing.context import current
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
    assert entry["traceback"].endswith("\nValueError")


def test_what_an_exception_quotes_is_not_logged(capsys):
    set_up(LogSettings(format="json"))
    sent = "Иван" + "ов"  # the traceback shows the line
    try:
        try:
            date.fromisoformat(sent)
        except ValueError as error:
            raise OSError("disk full") from error
    except OSError:
        logging.getLogger("mezhved.x").exception("failed")
    traceback = json.loads(capsys.readouterr().err)["traceback"]
    assert "Иванов" not in traceback
    assert traceback.endswith("\nOSError: disk full")
    assert "\nValueError\nwhich led to\n" in traceback


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


HOSTILE = "id\n2026-01-01 00:00:00 ERROR mezhved: forged\r\x1b[31m\x85\u2028\u202e x=1"


@contextmanager
def working_on(record):
    token = current.set(record)
    try:
        yield
    finally:
        current.reset(token)


@pytest.mark.parametrize("style", ["text", "json"])
@pytest.mark.parametrize("place", ["message", "argument", "field of the work", "field of the line"])
def test_nobody_can_write_lines_of_their_own_into_the_log(capsys, style, place):
    set_up(LogSettings(format=style))
    log = logging.getLogger("mezhved.x")
    with working_on(CallRecord(message_id=HOSTILE if place == "field of the work" else "")):
        match place:
            case "message":
                log.info(HOSTILE)
            case "argument":
                log.info("about %s", HOSTILE)
            case "field of the line":
                log.info("about", extra={"fields": {"peer": HOSTILE}})
            case _:
                log.info("about")
    told = capsys.readouterr().err
    assert told.endswith("\n")
    assert len(told[:-1].splitlines()) == 1
    assert not {"\x1b", "\x85", "\u2028", "\u202e", "\r"} & set(told)
    assert "forged" in told


def test_a_traceback_cannot_pass_for_lines_of_the_log(capsys):
    set_up(LogSettings())
    try:
        raise OSError(HOSTILE)
    except OSError:
        logging.getLogger("mezhved.x").exception("failed")
    first, *rest = capsys.readouterr().err.splitlines()
    assert first.endswith("failed")
    assert all(line.startswith("    ") for line in rest)
    assert any("forged" in line for line in rest)


def test_every_line_bears_the_fields_of_what_is_worked_on(capsys):
    record = CallRecord("1.2", call_id="c1", operation="SendRequest", sender="REGION", message_id="m1", kind="echo")
    record.fault, record.code = "AccessDenied", "SMEV-501"
    set_up(LogSettings(format="json"))
    with working_on(record):
        logging.getLogger("library").info("from elsewhere", extra={"fields": {"ms": 1.5}})
    logging.getLogger("library").info("afterwards")
    within, afterwards = map(json.loads, capsys.readouterr().err.splitlines())
    assert {name: within[name] for name in within.keys() - {"time", "level", "logger", "message"}} == {
        "call_id": "c1",
        "operation": "SendRequest",
        "contract": "1.2",
        "sender": "REGION",
        "message_id": "m1",
        "kind": "echo",
        "fault": "AccessDenied",
        "code": "SMEV-501",
        "ms": 1.5,
    }
    assert "call_id" not in afterwards


def test_fields_of_a_line_for_people(capsys):
    set_up(LogSettings())
    with working_on(CallRecord("1.2", message_id="m1")):
        logging.getLogger("mezhved.x").info("done", extra={"fields": {"in": 3, "peer": 'a "b" c'}})
    assert 'mezhved.x: done contract=1.2 message_id=m1 in=3 peer="a \\"b\\" c"\n' in capsys.readouterr().err
