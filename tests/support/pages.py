"""The commands that a page of the documentation tells its reader to type, and a reader who types them.

Fenced blocks of `sh` and `console` are commands, in the page's order. In a `console` block they stand after `$ `; what
follows is what the reader is told to see, where `…` is anything. A block marked `fails` shows commands that end with an
exit status other than 0. One marked `service` is typed into a terminal of its own and left running. One marked
`not-run` is not typed; the line before it says why, in a comment.
"""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Self

_FENCE = re.compile(
    r"^(?P<before>[^\n]*)\n```(?P<info>(?:sh|console)\b[^\n]*)\n(?P<text>.*?)^```", re.MULTILINE | re.DOTALL
)
_HERE_DOCUMENT = re.compile(r"<<'(\w+)'")
_REASON = re.compile(r"<!-- not run by the tests: .+ -->")
_READY = re.compile(r"^ready\b|The stand is running", re.MULTILINE)
_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Typed:
    """One command of a page. `expected` is None where the page shows no output."""

    command: str
    expected: str | None = None
    service: bool = False
    fails: bool = False


class PageError(Exception):
    """The page itself is not as this module wants it."""


def commands_of(page: str) -> Iterator[Typed]:
    """The commands of a page that are to be typed; PageError for a block that is not run and does not say why."""
    for block in _FENCE.finditer("\n" + page):
        language, *marks = block["info"].split()
        if "not-run" in marks:
            if not _REASON.fullmatch(block["before"].strip()):
                raise PageError(f"no reason why this is not run:\n{block['text']}")
        elif language == "sh":
            yield Typed(block["text"])
        else:
            for typed in _dialogue(block["text"]):
                yield replace(typed, service="service" in marks, fails="fails" in marks)


def _dialogue(text: str) -> Iterator[Typed]:
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = part.splitlines(keepends=True)
        count = 1
        while lines[count - 1].endswith("\\\n") and count < len(lines):
            count += 1
        if here := _HERE_DOCUMENT.search(lines[count - 1]):
            count = lines.index(f"{here[1]}\n") + 1
        yield Typed("".join(lines[:count]), "".join(lines[count:]) or None)


def shown(expected: str, output: str) -> bool:
    """Whether the output holds what the page shows, in that order; `…` stands for anything, also for whole lines."""
    pattern = ".*?".join(re.escape(" ".join(part.split())) for part in expected.split("…"))
    return re.search(pattern.replace(r"\ ", r"\s+"), " ".join(output.split()), re.DOTALL) is not None


@dataclass
class Reader:
    """Somebody who types a page's commands, in a folder of their own. Leaving the `with` block ends all that runs."""

    folder: Path
    environment: Mapping[str, str]
    _services: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for service in reversed(self._services):
            if service.poll() is None:
                os.killpg(service.pid, signal.SIGTERM)
        for service in self._services:
            try:
                service.wait(30)
            except subprocess.TimeoutExpired:
                os.killpg(service.pid, signal.SIGKILL)
                service.wait()

    def type(self, typed: Typed) -> None:
        """Types one command; fails unless it ends well and shows what the page says."""
        if typed.service:
            self._leave_running(typed)
            return
        where = self.folder / ".where"
        script = f"set -o pipefail\n{typed.command}\nstatus=$?\npwd >{where}\nexit $status\n"
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=self._cwd(where),
            env=self._variables(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
        output = done.stdout.decode("utf-8")
        assert bool(done.returncode) is typed.fails, f"$ {typed.command}\nended with {done.returncode}:\n{output}"
        if typed.expected is not None:
            assert shown(typed.expected, output), (
                f"$ {typed.command}\nshould show\n{typed.expected}\nbut shows\n{output}"
            )

    def _leave_running(self, typed: Typed) -> None:
        log = self.folder / f".service-{len(self._services)}.log"
        with log.open("wb") as output:
            service = subprocess.Popen(
                ["bash", "-c", f"exec {typed.command}"],
                cwd=self._cwd(self.folder / ".where"),
                env=self._variables(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._services.append(service)
        deadline = time.monotonic() + _SECONDS
        while not _READY.search(log.read_text("utf-8")):
            assert service.poll() is None, f"$ {typed.command}\nended:\n{log.read_text('utf-8')}"
            assert time.monotonic() < deadline, f"$ {typed.command}\nis not ready:\n{log.read_text('utf-8')}"
            time.sleep(0.05)  # another process's file: there is nothing else to wait for

    def _cwd(self, where: Path) -> Path:
        return Path(where.read_text("utf-8").strip()) if where.exists() else self.folder

    def _variables(self) -> dict[str, str]:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return {"PATH": path, "HOME": str(self.folder), "LC_ALL": "C.UTF-8", "COLUMNS": "200", **self.environment}
