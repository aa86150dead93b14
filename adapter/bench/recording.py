"""Which primitives a piece of work makes, how often and on what: so that their sum is of the very same calls.

Counting alone would not do: a digest of a signature's SignedInfo costs a tenth of one of a whole document. So every
call of a primitive is kept with its arguments, and can be made again by itself.
"""

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import CodeType, FrameType, FunctionType
from typing import Any

from sqlalchemy import Connection, Engine, event

Function = Callable[..., object]

_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
_VARIABLE_ARGUMENTS = 0x04 | 0x08
"""Flags of a code object that takes *args or **kwargs (inspect.CO_VARARGS, CO_VARKEYWORDS)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a primitive, to be made again."""

    primitive: str
    function: Function = field(repr=False)
    positional: tuple[Any, ...] = field(repr=False)
    named: Mapping[str, Any] = field(repr=False)

    def again(self) -> object:
        """Makes the call once more, with the same arguments."""
        return self.function(*self.positional, **self.named)


@dataclass(frozen=True, slots=True)
class Watch:
    """A function, or method as its class has it, that makes a primitive.

    `bare` does only the primitive, on the same arguments, where the function itself does more. Raises TypeError for a
    function that cannot be watched: not written in Python, or with variable arguments.
    """

    primitive: str
    function: Function
    bare: Function | None = None

    def __post_init__(self) -> None:
        """Refuses what cannot be watched."""
        if not isinstance(self.function, FunctionType) or self.function.__code__.co_flags & _VARIABLE_ARGUMENTS:
            raise TypeError(f"{self.primitive}: {self.function!r} cannot be watched")


class Recorder:
    """Keeps every call of the watched functions in this thread while it records; not those made inside one another."""

    def __init__(self, watches: Iterable[Watch]) -> None:
        self.calls: list[Call] = []
        self._watched: dict[CodeType, Watch] = {watch.function.__code__: watch for watch in watches}
        self._inside: FrameType | None = None

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Records what this thread does inside the `with` block."""
        before = sys.getprofile()
        sys.setprofile(self._see)
        try:
            yield
        finally:
            sys.setprofile(before)
            self._inside = None

    def _see(self, frame: FrameType, happened: str, _argument: object) -> None:
        if happened == "return" and frame is self._inside:
            self._inside = None
        elif happened == "call" and self._inside is None and (found := self._watched.get(frame.f_code)):
            self._inside = frame
            self.calls.append(_call(found, frame))


def _call(watch: Watch, frame: FrameType) -> Call:
    code = frame.f_code
    values = frame.f_locals
    named_from = code.co_argcount
    positional = tuple(values[name] for name in code.co_varnames[:named_from])
    named = {name: values[name] for name in code.co_varnames[named_from : named_from + code.co_kwonlyargcount]}
    return Call(watch.primitive, watch.bare or watch.function, positional, named)


@dataclass(slots=True)
class Commits:
    """How many transactions of an engine wrote something and were committed."""

    durable: int = 0
    _writing: set[int] = field(default_factory=set)

    @contextmanager
    def counting(self, engine: Engine) -> Iterator[None]:
        """Counts inside the `with` block."""
        listeners = (("before_cursor_execute", self._execute), ("commit", self._commit), ("rollback", self._rollback))
        for name, listener in listeners:
            event.listen(engine, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners:
                event.remove(engine, name, listener)

    def _execute(self, conn: Connection, _cursor: object, statement: str, *_rest: object) -> None:
        if _WRITES.search(statement):
            self._writing.add(id(conn))

    def _commit(self, conn: Connection) -> None:
        self.durable += id(conn) in self._writing
        self._writing.discard(id(conn))

    def _rollback(self, conn: Connection) -> None:
        self._writing.discard(id(conn))
