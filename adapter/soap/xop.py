"""What a message holds in binary: inside the envelope in base64, or in parts beside it that it includes (XOP).

The contents of attachments are taken out of the envelope before it is parsed, and everything else that was moved into a
part is put back in base64, as a signature over it demands (protocol §2). What remains is an envelope like any other:
the same octets as were received but for these places, line for line. It is parsed, verified and kept; nothing is ever
written anew. Source: XOP (https://www.w3.org/TR/xop10/).
"""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from xml.parsers import expat

from ..exchange.contract import CONTRACTS, SOAP_ENVELOPE
from ..exchange.faults import ClientFault, InvalidContent, ValidationError, shortened
from .envelope import check_octets
from .package import Part, referred

NAMESPACE = "http://www.w3.org/2004/08/xop/include"
INCLUDE = f"{NAMESPACE} Include"
_HOLDS_CONTENTS = b"AttachmentContentList"
_WHITE_SPACE = b" \t\r\n"
_CONTENT = " Content"
_HOLDERS = (
    ("SendRequestRequest",),
    ("SendResponseRequest",),
    ("GetRequestResponse", "RequestMessage"),
    ("GetResponseResponse", "ResponseMessage"),
)
"""The elements in soap:Body that AttachmentContentList stands in."""
_WAYS = frozenset(
    (
        f"{SOAP_ENVELOPE} Envelope",
        f"{SOAP_ENVELOPE} Body",
        *(f"{contract.types} {name}" for name in holder),
        *(f"{contract.basic} {name}" for name in ("AttachmentContentList", "AttachmentContent", "Content")),
    )
    for contract in CONTRACTS.values()
    for holder in _HOLDERS
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """An envelope without the contents of its attachments, and these in the order of their AttachmentContent."""

    envelope: bytes
    contents: tuple[Part, ...] = ()


def resolve(envelope: bytes, parts: Iterable[Part] = (), *, most: int) -> Resolved:
    """Takes the contents of attachments out of an envelope, and puts into it what else stands in parts beside it.

    `most` is the longest envelope, in octets, that may come of it. An envelope that is not well-formed comes back as
    it is, for the parser to say what is wrong. Raises ClientFault, InvalidContent.
    """
    beside = {part.content_id: part for part in parts}
    if not beside and _HOLDS_CONTENTS not in envelope and NAMESPACE.encode() not in envelope:
        return Resolved(envelope)
    check_octets(envelope)
    walk = _Walk(envelope, beside)
    try:
        walk.run()
    except expat.ExpatError:
        return Resolved(envelope)
    if left := beside.keys() - walk.used:
        raise ClientFault(f"часть MIME «{shortened(min(left))}» нигде в конверте не упомянута (xop:Include)")
    return Resolved(walk.result(most), tuple(walk.contents))


class _Walk:
    """One pass over an envelope: finds what is to be cut out of it, and what to be put there instead."""

    def __init__(self, envelope: bytes, beside: dict[str, Part]) -> None:
        self._envelope = envelope
        self._beside = beside
        self._way: list[str] = []
        self._splices: list[tuple[int, int, bytes]] = []
        self._content_from: int | None = None
        self._content_begins = False
        self._depth = 0
        self._included: Part | None = None
        self._included_at = (0, 0)
        self._include_from: int | None = None
        self.used: set[str] = set()
        self.contents: list[Part] = []
        self._parser = expat.ParserCreate("UTF-8", namespace_separator=" ")

    def run(self) -> None:
        """Raises ClientFault, InvalidContent, ExpatError."""
        parser = self._parser
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartDoctypeDeclHandler = _no_document_type
        parser.Parse(self._envelope, True)

    def result(self, most: int) -> bytes:
        """The envelope with everything in its place."""
        size = len(self._envelope) + sum(len(new) - (end - begin) for begin, end, new in self._splices)
        if size > most:
            raise ClientFault(f"конверт вместе с частями, включёнными в него, длиннее допустимого ({most} байт)")
        pieces, at = [], 0
        for begin, end, new in self._splices:
            pieces += [self._envelope[at:begin], new]
            at = end
        return b"".join((*pieces, self._envelope[at:]))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._begin_content()
        if self._include_from is not None:
            raise ClientFault("элемент xop:Include должен быть пустым")
        self._way.append(name)
        if name == INCLUDE:
            self._include_from = self._parser.CurrentByteIndex
            self._take(attributes.get("href", ""))
        elif self._content_from is not None:
            raise self._not_base64()
        elif name.endswith(_CONTENT) and tuple(self._way) in _WAYS:
            self._content_begins = True
            self._depth = len(self._way)

    def _text(self, _: str) -> None:
        self._begin_content()
        if self._include_from is not None:
            raise ClientFault("элемент xop:Include должен быть пустым")

    def _end(self, name: str) -> None:
        self._begin_content()
        at = self._parser.CurrentByteIndex
        if name == INCLUDE and self._include_from is not None:
            # Of an empty-element tag expat tells the end; of an end tag the beginning.
            end = at if self._envelope[at - 2 : at] == b"/>" else self._envelope.index(b">", at) + 1
            self._include(self._include_from, end)
            self._include_from = None
        elif self._content_from is not None and len(self._way) == self._depth:
            self._end_content(self._content_from, at)
            self._content_from = None
        self._way.pop()

    def _begin_content(self) -> None:
        """The first event inside an element tells where its start tag ends."""
        if self._content_begins:
            self._content_from, self._content_begins = self._parser.CurrentByteIndex, False

    def _take(self, href: str) -> None:
        content_id = referred(href)
        part = None if content_id is None else self._beside.get(content_id)
        if part is None or content_id is None:
            raise ClientFault(
                f"строка {self._parser.CurrentLineNumber}: xop:Include ссылается на «{shortened(href)}», "
                "но такой части MIME в сообщении нет"
            )
        if self._included is not None:
            raise self._not_base64()
        if content_id in self.used:
            raise ClientFault(f"часть MIME «{shortened(content_id)}» упомянута в конверте больше одного раза")
        self.used.add(content_id)
        self._included = part

    def _include(self, begin: int, end: int) -> None:
        """Puts a part in the place of its xop:Include, unless it is the content of an attachment."""
        if self._content_from is not None:
            self._included_at = (begin, end)
        elif self._included is not None:
            self._splices.append((begin, end, base64.b64encode(self._included.octets())))
            self._included = None

    def _end_content(self, begin: int, end: int) -> None:
        inside = self._envelope[begin:end]
        if self._included is None:
            octets = self._decoded(inside)
            self.contents.append(Part("", len(octets), BytesIO(octets)))
        else:
            include_begins, include_ends = self._included_at
            if (self._envelope[begin:include_begins] + self._envelope[include_ends:end]).strip(_WHITE_SPACE):
                raise self._not_base64()
            self.contents.append(self._included)
            self._included = None
        if inside:
            # Lines that are counted further down stay where they are.
            self._splices.append((begin, end, b"\n" * inside.count(b"\n")))

    def _decoded(self, text: bytes) -> bytes:
        try:
            return base64.b64decode(text.translate(None, _WHITE_SPACE), validate=True)
        except binascii.Error as error:
            raise self._not_base64() from error

    def _not_base64(self) -> InvalidContent:
        path = "/".join(name.rpartition(" ")[2] for name in self._way[2 : self._depth])
        text = "содержимое вложения не читается как base64 (xs:base64Binary)"
        return InvalidContent((ValidationError(self._parser.CurrentLineNumber, path, text),))


def _no_document_type(*_: object) -> None:
    """Whatever `check_octets` did not recognise: no entity is ever expanded here."""
    raise ClientFault("объявление типа документа (DTD) в конверте запрещено (SOAP 1.1, раздел 3)")
