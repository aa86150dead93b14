"""What a run of the benchmark has found, and the two ratios that are aimed at."""

from dataclasses import asdict, dataclass
from typing import Any

from .measuring import Figure
from .primitives import C14N, TRANSFORM

MOST_WHOLE = 2.0
"""Aim: node and worker, without HTTP and spyne, cost at most so many times their primitives."""
MOST_TRANSFORM = 4.0
"""Aim: the SMEV transform costs at most so many times the exclusive c14n of the same document."""


@dataclass(frozen=True, slots=True)
class Row:
    """A named piece of work, how often it was done, and the CPU of all of that together."""

    name: str
    count: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class DocumentFigures:
    """Each primitive on the one document."""

    octets: int
    elements: int
    rows: list[Row]

    @property
    def transform_ratio(self) -> float:
        """The SMEV transform against exclusive c14n."""
        medians = {row.name: row.figure.median for row in self.rows}
        return medians[TRANSFORM] / medians[C14N]


@dataclass(frozen=True, slots=True)
class ExchangeFigures:
    """A whole exchange with one kind of key on one database. CPU in microseconds; `elapsed` is time passed.

    `steps` hold spyne, which is also given apart; the primitives are those of these very steps.
    """

    key: str
    database: str
    request_octets: int
    response_octets: int
    steps: list[Row]
    elapsed: float
    primitives: list[Row]
    spyne: Figure

    @property
    def whole(self) -> float:
        """Node and worker without spyne."""
        return sum(row.figure.median for row in self.steps) - self.spyne.median

    @property
    def sum_of_primitives(self) -> float:
        """All primitives of an exchange together."""
        return sum(row.figure.median for row in self.primitives)

    @property
    def ratio(self) -> float:
        """The whole against its primitives."""
        return self.whole / self.sum_of_primitives


@dataclass(frozen=True, slots=True)
class HttpFigures:
    """CPU of the server's process for one call, HTTP alone."""

    request_octets: int
    response_octets: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a run has found."""

    rounds: int
    document: DocumentFigures
    exchanges: list[ExchangeFigures]
    http: HttpFigures

    def as_json(self) -> dict[str, Any]:
        """All figures, and what follows from them, for programs."""
        tree = asdict(self)
        tree["document"]["transform_ratio"] = self.document.transform_ratio
        for exchange, found in zip(tree["exchanges"], self.exchanges, strict=True):
            exchange |= {"whole": found.whole, "sum_of_primitives": found.sum_of_primitives, "ratio": found.ratio}
        return tree
