"""Fixtures: what to send to a node, and what must come of it.

A fixture is a TOML file `NAME.fixture.toml` beside the envelopes that it sends (docs/reference/fixtures.md describes
it for its writers). A key that is unknown is an error, so that an expectation never goes unchecked for a typing error.
"""

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..exchange.contract import CONTRACTS, Contract, SignatureRole
from .changes import Change

SUFFIX = ".fixture.toml"


class FixtureError(Exception):
    """A fixture that cannot be run as it is written; the text names the file and the place."""


@dataclass(frozen=True, slots=True)
class Signing:
    """One signature to be made: by the key of this name, at the place of this role."""

    key: str
    role: SignatureRole


@dataclass(frozen=True, slots=True)
class Http:
    """How the envelope goes over HTTP; `soap_action` None leaves the header out."""

    method: str = "POST"
    path: str | None = None
    content_type: str = "text/xml; charset=utf-8"
    soap_action: str | None = None


@dataclass(frozen=True, slots=True)
class ReplyExpectation:
    """What the answer to a call must be; None and empty mean that nothing is expected of it.

    `root` is the local name of an answer of the contract; `fault`, `faultcode`, `code` and `problem` describe a fault;
    every one of `text` must occur in the fault's words; `errors` is the least number of ValidationErrors; `holds` are
    XPath conditions on the element in soap:Body.
    """

    status: tuple[int, ...] = ()
    root: str | None = None
    fault: str | None = None
    faultcode: str | None = None
    code: str | None = None
    problem: str | None = None
    text: tuple[str, ...] = ()
    errors: int = 0
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ResponseExpectation:
    """What must be delivered: content with this root (local name), or rejections with exactly these codes.

    A rejection is named by its code (`SNILS_CHECK_DIGIT`), or by reason and code (`NO_DATA WORKER_NOT_FOUND`).
    """

    content: str | None = None
    rejected: tuple[str, ...] = ()
    holds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Send:
    """Sends an envelope: a template made live, or (`verbatim`) octets as they lie in the file."""

    envelope: Path
    verbatim: bool
    values: Mapping[str, str]
    sign: tuple[Signing, ...]
    changes: tuple[Change, ...]
    http: Http
    expect: ReplyExpectation


@dataclass(frozen=True, slots=True)
class Resend:
    """Sends the very octets of an earlier step again."""

    step: int
    expect: ReplyExpectation


@dataclass(frozen=True, slots=True)
class Await:
    """Polls until the response to an earlier step's message has arrived, and acknowledges it unless told not to.

    `keep` gives names to strings of the response (XPath), as values for the steps that follow.
    """

    step: int
    expect: ResponseExpectation
    ack: bool
    keep: Mapping[str, str]


Step = Send | Resend | Await


@dataclass(frozen=True, slots=True)
class Fixture:
    """One scenario: its steps are done in order, and it passes if every one of them goes as expected.

    `values` are filled once, when a run begins, and are the same in all steps.
    """

    path: Path
    title: str
    origin: str
    contract: Contract
    steps: tuple[Step, ...]
    values: Mapping[str, str] = field(default_factory=dict)


def find_fixtures(paths: list[Path]) -> list[Path]:
    """The fixtures named by `paths`: files as they are, folders with all that lies below. Raises FixtureError."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(path.rglob(f"*{SUFFIX}"))
            if not inside:
                raise FixtureError(f"{path}: no file named *{SUFFIX} in this folder or below it")
            found.extend(inside)
        elif path.is_file():
            found.append(path)
        else:
            raise FixtureError(f"{path}: there is no such file or folder")
    return found


def load_fixture(path: Path) -> Fixture:
    """The fixture in the file `path`. Raises FixtureError."""
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FixtureError(f"{path}: {error}") from error
    reader = _Reader(path)
    try:
        return reader.fixture(table)
    except (KeyError, TypeError, ValueError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise FixtureError(f"{path}: {reader.where}: {what}") from error


class _Reader:
    """Turns the tables of one file into a fixture; `where` is the place that is being read, for messages."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.where = "top"

    def fixture(self, table: dict[str, Any]) -> Fixture:
        _only(table, {"title", "origin", "contract", "values", "step"})
        steps: list[Step] = []
        for number, step in enumerate(table["step"], 1):
            self.where = f"step {number}"
            steps.append(self._step(step, number))
        return Fixture(
            path=self._path,
            title=table["title"],
            origin=table["origin"],
            contract=CONTRACTS[table.get("contract", "1.2")],
            steps=tuple(steps),
            values={name: str(value) for name, value in table.get("values", {}).items()},
        )

    def _step(self, table: dict[str, Any], number: int) -> Step:
        verbs: dict[str, Callable[[dict[str, Any]], Step]] = {
            "send": self._send,
            "verbatim": self._send,
            "resend": self._resend,
            "await": self._await,
        }
        found = [verb for verb in verbs if verb in table]
        if len(found) != 1:
            raise ValueError(f"a step has exactly one of {', '.join(verbs)}")
        step = verbs[found[0]](table)
        if not isinstance(step, Send) and not 1 <= step.step < number:
            raise ValueError(f"{found[0]} names step {step.step}, which is not an earlier one")
        return step

    def _send(self, table: dict[str, Any]) -> Send:
        verbatim = "verbatim" in table
        allowed = {"verbatim"} if verbatim else {"send", "content", "values", "sign", "change"}
        _only(table, allowed | {"http", "expect"})
        values = {name: str(value) for name, value in table.get("values", {}).items()}
        if "content" in table:
            values["content"] = self._file(table["content"]).read_text("utf-8").strip()
        signings = table.get("sign", [])
        return Send(
            envelope=self._file(table["verbatim" if verbatim else "send"]),
            verbatim=verbatim,
            values=values,
            sign=tuple(_signing(one) for one in (signings if isinstance(signings, list) else [signings])),
            changes=tuple(table.get("change", ())),
            http=Http(**table.get("http", {})),
            expect=_reply(table["expect"]),
        )

    def _resend(self, table: dict[str, Any]) -> Resend:
        _only(table, {"resend", "expect"})
        return Resend(int(table["resend"]), _reply(table["expect"]))

    def _await(self, table: dict[str, Any]) -> Await:
        _only(table, {"await", "ack", "keep", "expect"})
        expect = dict(table["expect"])
        _only(expect, {"content", "rejected", "holds"})
        if ("content" in expect) == ("rejected" in expect):
            raise ValueError("expect of a response has either content or rejected")
        expect = {name: tuple(value) if isinstance(value, list) else value for name, value in expect.items()}
        keep = {name: str(path) for name, path in table.get("keep", {}).items()}
        return Await(int(table["await"]), ResponseExpectation(**expect), bool(table.get("ack", True)), keep)

    def _file(self, name: str) -> Path:
        path = (self._path.parent / name).resolve()
        if not path.is_file():
            raise ValueError(f"there is no file {name}")
        return path


def _only(table: Mapping[str, Any], allowed: set[str]) -> None:
    if unknown := sorted(set(table) - allowed):
        raise ValueError(f"unknown key {', '.join(unknown)}; known: {', '.join(sorted(allowed))}")


def _signing(one: str | dict[str, str]) -> Signing:
    if isinstance(one, str):
        return Signing(one, SignatureRole.CALLER)
    _only(one, {"key", "role"})
    return Signing(one["key"], SignatureRole(one.get("role", "caller")))


def _reply(table: dict[str, Any]) -> ReplyExpectation:
    if not table:
        raise ValueError("expect is empty: it would be met by anything")
    values: dict[str, Any] = {}
    for name, value in table.items():
        several = value if isinstance(value, list) or name not in ("text", "status") else [value]
        values[name] = tuple(several) if isinstance(several, list) else several
    return ReplyExpectation(**values)
