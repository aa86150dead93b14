"""What the processes write to standard error: lines for people, or one JSON object a line for machines.

A line about a call or a message bears its fields: `call_id`, `operation`, `contract`, `sender`, `message_id`, `kind`,
`fault`, `code`, whoever wrote the line. Whatever stands in a text or a field, a line stays one line: characters that
could end it, or that a terminal obeys, are escaped, so that nobody can write lines of their own into the log.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import TracebackType

from sqlalchemy.exc import SQLAlchemyError

from .observing.context import current
from .settings import LogSettings

_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Control characters, ends of lines in the sense of Unicode, and marks that turn the direction of writing."""
_PLAIN = re.compile(r"[^\s\"=\\]+")
_BEFORE_TRACEBACK = "    "
_OUTSPOKEN = (OSError, SQLAlchemyError)
_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class JsonLines(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, fields, and the traceback where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line."""
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **fields_of(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            entry["traceback"] = "\n".join(_told(record.exc_info[1]))
        return escaped(json.dumps(entry, ensure_ascii=False))


class TextLines(logging.Formatter):
    """A line for people: time, level, logger, message, then the fields as key=value.

    A traceback follows on lines of its own, all of them indented: no line that begins with a time is part of it.
    """

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        """The record as a line, or as several where there is a traceback."""
        record.exc_text = None  # another handler may have left its own form of it here
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  logging's name
        """The line without the traceback."""
        fields = [f"{name}={_value(value)}" for name, value in fields_of(record).items()]
        return " ".join([escaped(super().formatMessage(record)), *fields])

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802  logging's name
        """The traceback, indented."""
        lines = [] if ei[1] is None else _told(ei[1])
        return "\n".join(_BEFORE_TRACEBACK + escaped(line) for line in lines)


def _told(error: BaseException) -> Iterator[str]:
    """The lines of a traceback. What an exception says stands there only if it cannot repeat personal data.

    A value that cannot be read (`int`, `date.fromisoformat`) is quoted by Python's own errors: of these there is the
    type alone. Those of the system and of the database, whose values are left out, say what has happened.
    """
    earlier = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if earlier is not None:
        yield from _told(earlier)
        yield "which led to"
    yield "Traceback (most recent call last):"
    for frame in traceback.format_tb(error.__traceback__):
        yield from frame.rstrip("\n").split("\n")
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    yield f"{name}: {error}" if isinstance(error, _OUTSPOKEN) else name


def fields_of(record: logging.LogRecord) -> dict[str, str | float]:
    """The fields of a line: of the call or request that is worked on, and its own (`extra={"fields": …}`)."""
    work = current.get()
    found: dict[str, str | float] = {} if work is None else {name: text for name, text in work.fields().items() if text}
    own: Mapping[str, str | float] = getattr(record, "fields", {})
    found.update(own)
    return found


def escaped(text: str) -> str:
    """The text without any character that ends a line or that a terminal obeys: as `\\uNNNN`."""
    return _OBEYED.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _value(value: str | float) -> str:
    text = str(value)
    plain = _PLAIN.fullmatch(text) and not _OBEYED.search(text)
    return text if plain else escaped(json.dumps(text, ensure_ascii=False))


_TALKATIVE = ("alembic", "spyne", "zeep", "urllib3")
"""Libraries whose notices mean nothing to an operator."""


def set_up(settings: LogSettings) -> None:
    """Sends everything that is logged in this process to standard error, as the settings say."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.format == "json" else TextLines())
    logging.basicConfig(level=settings.level.upper(), handlers=[handler], force=True)
    if settings.level != "debug":
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.WARNING)
