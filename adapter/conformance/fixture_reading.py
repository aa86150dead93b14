"""Reading of fixtures. A key that is unknown is an error, so that no expectation goes unchecked for a typing error."""

import itertools
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..exchange.contract import CONTRACTS, Contract, Operation, SignatureRole
from .fixture import (
    Await,
    DeliveryExpectation,
    Fetch,
    Fixture,
    FixtureError,
    Http,
    ReplyExpectation,
    Resend,
    Run,
    Send,
    Signing,
    Step,
)

CALLS = "calls.toml"
"""Calls under a name, to be used by all fixtures in the folder and below it."""
_CUSTOMARY = "1.2"
_ANY: Mapping[str, list[str]] = {"contract": list(CONTRACTS), "operation": [str(one) for one in Operation]}
"""What `*` means in `each`."""
_PARAMETER = re.compile(r"\{\{(\w+)\}\}")
_OPERATION = re.compile(rf"<(?:[\w-]+:)?({'|'.join(Operation)})Request[\s>]")
_SENDING = frozenset({"contract", "http", "repeat", "expect"})
_TEMPLATE = frozenset({"send", "content", "values", "sign", "change"})


def load_fixture(path: Path) -> Fixture:
    """The fixture in the file `path`. Raises FixtureError."""
    reader = _Reader(path)
    try:
        return reader.fixture(_toml(path))
    except (KeyError, TypeError, ValueError) as error:
        what = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise FixtureError(f"{path}: {reader.where}: {what}") from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise FixtureError(f"{path}: {error}") from error


class _Reader:
    """Turns the tables of one file into a fixture; `where` is the place that is being read, for messages."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._calls: dict[str, Any] | None = None
        self.where = "top"

    def fixture(self, table: dict[str, Any]) -> Fixture:
        _only(table, {"title", "origin", "each", "values", "step"})
        return Fixture(
            path=self._path,
            title=table["title"],
            origin=table["origin"],
            runs=tuple(self._run(table["step"], parameters) for parameters in _combinations(table.get("each", {}))),
            values=_texts(table.get("values", {})),
        )

    def _run(self, tables: list[dict[str, Any]], parameters: Mapping[str, str]) -> Run:
        steps: list[Step] = []
        for number, table in enumerate(tables, 1):
            self.where = f"step {number}"
            step = self._step(table, parameters)
            if not isinstance(step, Send) and not 1 <= step.step < number:
                raise ValueError(f"it names step {step.step}, which is not an earlier one")
            steps.append(step)
        self.where = "top"
        return Run(parameters, tuple(steps))

    def _step(self, table: dict[str, Any], parameters: Mapping[str, str]) -> Step:
        verbs: dict[str, Callable[[dict[str, Any], Contract], Step]] = {
            "send": self._send,
            "verbatim": self._send,
            "resend": self._resend,
            "await": self._await,
            "fetch": self._fetch,
        }
        if "call" in table:
            table = self._called(table, parameters)
        found = [verb for verb in verbs if verb in table]
        if len(found) != 1:
            raise ValueError(f"a step has exactly one of call, {', '.join(verbs)}")
        version = _fill(table.get("contract", "{{contract}}"), parameters)
        if version not in CONTRACTS:
            raise ValueError(f"{version} is no version of the contract; known: {', '.join(CONTRACTS)}")
        return verbs[found[0]](table, CONTRACTS[version])

    def _called(self, table: dict[str, Any], parameters: Mapping[str, str]) -> dict[str, Any]:
        """The call of this name, with what the step says in place of what it says; values one by one."""
        name = _fill(table["call"], parameters)
        _only(table, {"call"} | _SENDING | (_TEMPLATE - {"send"}))
        call = self._known_calls().get(name)
        if call is None:
            raise ValueError(f"there is no call {name}; known: {', '.join(self._known_calls())}")
        own = {key: value for key, value in table.items() if key != "call"}
        merged = {**call, **own, "values": {**call.get("values", {}), **own.get("values", {})}}
        if "content" in own.get("values", {}):
            merged.pop("content", None)
        return merged

    def _known_calls(self) -> dict[str, Any]:
        if self._calls is None:
            places = (folder / CALLS for folder in self._path.resolve().parents)
            path = next((one for one in places if one.is_file()), None)
            if path is None:
                raise ValueError(f"there is no {CALLS} in a folder above")
            self._calls = _toml(path)
            for call in self._calls.values():
                _only(call, {"contract", "http"} | _TEMPLATE)
                for key in {"send", "content"} & set(call):
                    call[key] = str(path.parent / call[key])
        return self._calls

    def _send(self, table: dict[str, Any], contract: Contract) -> Send:
        verbatim = "verbatim" in table
        _only(table, _SENDING | ({"verbatim"} if verbatim else _TEMPLATE))
        values = _texts(table.get("values", {}))
        if "content" in table:
            values["content"] = self._file(table["content"]).read_text("utf-8").strip()
        signings = table.get("sign", [])
        envelope = self._file(table["verbatim" if verbatim else "send"])
        called = _OPERATION.search(envelope.read_text("utf-8", "replace"))
        return Send(
            contract=contract,
            envelope=envelope,
            operation=None if called is None else Operation(called[1]),
            verbatim=verbatim,
            values=values,
            sign=tuple(_signing(one) for one in (signings if isinstance(signings, list) else [signings])),
            changes=tuple(table.get("change", ())),
            http=Http(**table.get("http", {})),
            repeat=bool(table.get("repeat", False)),
            expect=_reply(table["expect"]),
        )

    def _resend(self, table: dict[str, Any], contract: Contract) -> Resend:
        _only(table, {"resend", "contract", "expect"})
        return Resend(contract, int(table["resend"]), _reply(table["expect"]))

    def _await(self, table: dict[str, Any], contract: Contract) -> Await:
        _only(table, {"await", "contract", "ack", "keep", "expect"})
        keep, ack = _texts(table.get("keep", {})), bool(table.get("ack", True))
        return Await(contract, int(table["await"]), _delivery(table["expect"]), ack, keep)

    def _fetch(self, table: dict[str, Any], contract: Contract) -> Fetch:
        _only(table, {"fetch", "sign", "contract", "ack", "keep", "expect"})
        keep, ack = _texts(table.get("keep", {})), bool(table.get("ack", True))
        return Fetch(contract, int(table["fetch"]), table["sign"], _delivery(table["expect"]), ack, keep)

    def _file(self, name: str) -> Path:
        path = (self._path.parent / name).resolve()
        if not path.is_file():
            raise ValueError(f"there is no file {name}")
        return path


def _combinations(each: dict[str, Any]) -> Iterator[Mapping[str, str]]:
    """Every combination of the values; without those of an operation that the version of the contract lacks."""
    lists = {"contract": [_CUSTOMARY]} | {name: _several(name, values) for name, values in each.items()}
    for values in itertools.product(*lists.values()):
        parameters = dict(zip(lists, values, strict=True))
        contract = CONTRACTS.get(parameters["contract"])
        if contract is None:
            raise ValueError(f"{parameters['contract']} is no version of the contract; known: {', '.join(CONTRACTS)}")
        operation = parameters.get("operation")
        if operation is None or Operation(operation) in contract.operations:
            yield parameters


def _several(name: str, values: Any) -> list[str]:
    if values == "*" and name in _ANY:
        return _ANY[name]
    if not isinstance(values, list) or not values:
        raise ValueError(f"each.{name} is a list of values, or * for every contract or operation")
    return [str(value) for value in values]


def _fill(template: str, parameters: Mapping[str, str]) -> str:
    """What names a contract or a call: only the values that the run is for are known before it begins."""
    return _PARAMETER.sub(lambda match: parameters[match[1]], template)


def _texts(table: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in table.items()}


def _only(table: Mapping[str, Any], allowed: frozenset[str] | set[str]) -> None:
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


def _delivery(table: dict[str, Any]) -> DeliveryExpectation:
    _only(table, {"content", "rejected", "interim", "notice", "holds"})
    if len({"content", "rejected", "interim", "notice"} & set(table)) != 1:
        raise ValueError("expect of what is delivered has exactly one of content, rejected, interim and notice")
    values: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    return DeliveryExpectation(**values)
