"""The document that the primitives are measured on: 240 elements in 10 KB, shipped with the fixtures."""

from dataclasses import dataclass
from pathlib import Path

from lxml.etree import _Element as Element

from ..exchange import kept
from ..exchange.contract import CONTRACTS
from ..soap import envelope
from .primitives import plain_parse

_PATH = Path(__file__).parents[2] / "fixtures" / "bench" / "document.xml"
_CONTRACT = CONTRACTS["1.2"]


class DocumentMissing(Exception):  # noqa: N818 – named for what is wrong
    """The fixtures that the document belongs to were not installed."""


@dataclass(frozen=True, slots=True)
class Document:
    """An envelope with a register's response, signed by its system. `body` is the operation's element, `signed` what
    the signature is over, `content` the root of the kind's response."""

    octets: bytes
    body: Element
    signed: Element
    content: Element
    elements: int


def load_document(path: Path = _PATH) -> Document:
    """Reads the document. Raises DocumentMissing."""
    if not path.is_file():
        raise DocumentMissing(f"{path} is missing: install the package with its data, or name the file")
    octets = path.read_bytes()
    body = envelope.parse(octets).body
    (signed,) = body.iterchildren(f"{{{_CONTRACT.types}}}SenderProvidedResponseData")
    content = kept.primary_content(_CONTRACT, signed)
    return Document(octets, body, signed, content, sum(1 for _ in plain_parse(octets).iter("*")))
