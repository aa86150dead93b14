"""An observer that keeps what it has seen."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from mezhved.adapter.exchange.observing import CallRecord, Step, StepRecord, Work


@dataclass
class Watcher:
    """Keeps the records of all work, in the order in which it began; `errors` are those that passed through."""

    works: list[Work] = field(default_factory=list)
    errors: list[BaseException] = field(default_factory=list)

    @contextmanager
    def watch(self, work: Work) -> Iterator[None]:
        self.works.append(work)
        try:
            yield
        except BaseException as error:
            self.errors.append(error)
            raise

    @property
    def calls(self) -> list[CallRecord]:
        return [work for work in self.works if isinstance(work, CallRecord)]

    @property
    def steps(self) -> list[Step]:
        return [work.step for work in self.works if isinstance(work, StepRecord)]
