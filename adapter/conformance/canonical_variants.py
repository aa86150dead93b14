"""Octets that a participant's software may have hashed instead of the right ones.

Every variant is a mistake seen in the field: a transform left out, an XML writer that escapes differently, a document
reformatted after signing. `explain` hashes each of them; the one that gives the stated digest names the cause.
"""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree
from lxml.etree import _Element as Element

from ...signing.canonical import exclusive_c14n, inclusive_c14n
from ...signing.errors import TransformError

_TAG = re.compile(rb'(<(?:[^">]|"[^"]*")*>)')
_BASE64 = re.compile(rb"[A-Za-z0-9+/\s]{40,}={0,2}\s*")
_XOP_INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
_OTHER_ELEMENTS = 500
"""How many other elements are tried as the one that was really signed."""

Transform = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class Variant:
    """Octets that may have been hashed; `cause` is a stable name, `text` says what happened and what to do."""

    cause: str
    text: str
    octets: bytes


def variants(target: Element, right: bytes, second: Transform | None) -> Iterator[Variant]:
    """Variants of the octets `right` that the signature of `target` should cover.

    `second` is the transform after canonicalisation (None where the signature declares none). Variants equal to
    `right`, or to one already given, are left out.
    """
    seen = {right}
    for variant in _all(target, right, second):
        if variant.octets not in seen:
            seen.add(variant.octets)
            yield variant


def _all(target: Element, right: bytes, second: Transform | None) -> Iterator[Variant]:
    yield from _transforms(target, second)
    yield from _white_space(target, right, second)
    yield from _escapes(right)
    yield from _serialisations(target, right)
    yield from _targets(target, right, second)


def _apply(second: Transform | None, octets: bytes) -> bytes | None:
    try:
        return octets if second is None else second(octets)
    except TransformError:
        return None


def _transforms(target: Element, second: Transform | None) -> Iterator[Variant]:
    exclusive = exclusive_c14n(target)
    if second is not None:
        yield Variant(
            "NO_SECOND_TRANSFORM",
            "the signer stopped after exclusive c14n: the second transform is declared but was not applied",
            exclusive,
        )
    inclusive = inclusive_c14n(target)
    yield Variant("INCLUSIVE_C14N", "the signer used inclusive c14n although exclusive is declared", inclusive)
    alone = inclusive_c14n(deepcopy(target))
    yield Variant(
        "INCLUSIVE_C14N_DETACHED",
        "the signer used inclusive c14n on the element alone, outside its envelope",
        alone,
    )
    for cause, octets in (("INCLUSIVE_C14N", inclusive), ("INCLUSIVE_C14N_DETACHED", alone)):
        transformed = _apply(second, octets)
        if transformed is not None:
            yield Variant(cause, "the signer used inclusive c14n before the second transform", transformed)
    commented = etree.tostring(target, method="c14n", exclusive=True, with_comments=True, with_tail=False)
    yield Variant("COMMENTS_KEPT", "the signer hashed the comments too: c14n without comments is declared", commented)


def _white_space(target: Element, right: bytes, second: Transform | None) -> Iterator[Variant]:
    if second is not None:
        kept = _white_space_kept(target, second)
        if kept is not None:
            yield Variant(
                "WHITE_SPACE_KEPT",
                "the signer's transform kept texts of white space only: rule 2 of the transform drops them",
                kept,
            )
    removed = _apply(second, exclusive_c14n(_without_white_space(target)))
    if removed is not None:
        yield Variant(
            "WHITE_SPACE_ADDED",
            "white space was added between the elements after signing (pretty-printing): send what was signed",
            removed,
        )
    yield Variant(
        "TEXT_TRIMMED",
        "texts were signed without white space at their ends, and something has added it since",
        _map_text(right, bytes.strip),
    )
    yield Variant(
        "TEXT_COLLAPSED",
        "texts were signed with runs of white space collapsed to one blank",
        _map_text(right, lambda text: b" ".join(text.split())),
    )
    for name, width, line_end in (("LF", 76, b"\n"), ("CR LF", 76, b"&#xd;\n"), ("LF", 64, b"\n")):
        yield Variant(
            "BASE64_FOLDED",
            f"base64 content was signed in lines of {width} characters ({name}) and has been joined since",
            _map_text(right, _folding(width, line_end)),
        )
    yield Variant(
        "BASE64_JOINED",
        "base64 content was signed without line breaks: inline it without them, before the transform",
        _map_text(right, lambda text: b"".join(text.split()) if _BASE64.fullmatch(text) else text),
    )


def _escapes(right: bytes) -> Iterator[Variant]:
    carriage_return = re.compile(rb"&#x[dD];")
    yield Variant(
        "LINE_ENDS",
        "the document was signed with LF line ends and has CR LF now",
        carriage_return.sub(b"", right),
    )
    crlf = _map_text(right, lambda text: carriage_return.sub(b"", text).replace(b"\n", b"\r\n"))
    text = "the signer hashed CR LF line ends, which XML turns into LF when it is read: normalise before signing"
    yield Variant("LINE_ENDS", text, crlf)
    for escape in (b"&#xd;", b"&#xD;"):
        yield Variant("LINE_ENDS", text, crlf.replace(b"\r", escape))
        yield Variant(
            "CR_ESCAPE",
            f"the signer writes a carriage return as {escape.decode()}",
            carriage_return.sub(escape, right),
        )
    yield Variant("CR_ESCAPE", "the signer writes a carriage return unescaped", carriage_return.sub(b"\r", right))
    bare = _map_text(right, lambda text: text.replace(b"&gt;", b">"))
    yield Variant("GT_ESCAPE", "the signer never writes > in a text as &gt; (rule 8 of the transform)", bare)
    yield Variant(
        "GT_ESCAPE",
        "the signer writes every > in a text as &gt; (rule 8 of the transform)",
        _map_text(bare, lambda text: text.replace(b">", b"&gt;")),
    )
    yield Variant(
        "EMPTY_ELEMENTS",
        "the signer writes empty elements as <a/> instead of <a></a>",
        re.sub(rb"<([^\s/>!?]+)((?:[^\">/]|\"[^\"]*\")*)></\1>", rb"<\1\2/>", right),
    )


def _serialisations(target: Element, right: bytes) -> Iterator[Variant]:
    raw = etree.tostring(target, encoding="utf-8", with_tail=False)
    text = "the signer hashed the element as its XML writer put it down, without canonicalisation"
    yield Variant("NOT_CANONICAL", text, raw)
    declaration, _, bare = raw.partition(b"?>\n")
    if declaration.startswith(b"<?xml"):
        yield Variant("NOT_CANONICAL", text, bare)
    for head in (b'<?xml version="1.0" encoding="UTF-8"?>', b'<?xml version="1.0" encoding="UTF-8"?>\n'):
        yield Variant("XML_DECLARATION", "the signer hashed an XML declaration before the element", head + right)
    for encoding in ("windows-1251", "utf-16-le", "utf-16-be", "utf-16"):
        try:
            encoded = right.decode().encode(encoding)
        except UnicodeEncodeError:
            continue
        yield Variant("ENCODING", f"the signer hashed octets in {encoding} instead of UTF-8", encoded)


def _targets(target: Element, right: bytes, second: Transform | None) -> Iterator[Variant]:
    without_id = deepcopy(target)
    if "Id" in without_id.attrib:
        del without_id.attrib["Id"]
    yield from _element("ID_ADDED", "the Id attribute was added after signing", without_id, second)
    if any(True for _ in target.iter(_XOP_INCLUDE)):
        empty = deepcopy(target)
        for include in list(empty.iter(_XOP_INCLUDE)):
            parent = include.getparent()
            if parent is not None:
                parent.remove(include)
        yield from _element(
            "NOT_INLINED",
            "an xop:Include inside the signed element must be replaced by the base64 of its part before the transform",
            empty,
            second,
        )
    first, last = right.find(b">") + 1, right.rfind(b"</")
    yield Variant(
        "CONTENT_ONLY", "the signer hashed the content of the element without its own tags", right[first:last]
    )
    others = (element for element in target.getroottree().getroot().iter("*") if element is not target)
    for _, element in zip(range(_OTHER_ELEMENTS), others, strict=False):
        path = target.getroottree().getelementpath(element)
        yield from _element(
            "OTHER_ELEMENT", f"the signer hashed another element of the envelope: {path}", element, second
        )


def _element(cause: str, text: str, element: Element, second: Transform | None) -> Iterator[Variant]:
    octets = _apply(second, exclusive_c14n(element))
    if octets is not None:
        yield Variant(cause, text, octets)


def _map_text(octets: bytes, change: Callable[[bytes], bytes]) -> bytes:
    """`octets` (canonical) with `change` applied to every run of text between two tags."""
    parts = _TAG.split(octets)
    return b"".join(part if index % 2 else change(part) for index, part in enumerate(parts))


def _folding(width: int, line_end: bytes) -> Callable[[bytes], bytes]:
    def fold(text: bytes) -> bytes:
        if len(text) <= width or not _BASE64.fullmatch(text):
            return text
        joined = b"".join(text.split())
        return line_end.join(joined[start : start + width] for start in range(0, len(joined), width))

    return fold


def _without_white_space(target: Element) -> Element:
    copy = deepcopy(target)
    for element in copy.iter():
        if element.text is not None and not element.text.strip():
            element.text = None
        if element.tail is not None and not element.tail.strip():
            element.tail = None
    return copy


_MARK, _END = "\ue000", "\ue001"
"""Private-use characters that stand for white space while the transform runs, so that it does not drop it."""


def _white_space_kept(target: Element, second: Transform) -> bytes | None:
    copy = deepcopy(target)
    copy.tail = None

    def marked(text: str | None) -> str | None:
        return f"{_MARK}{text.encode().hex()}{_END}" if text and not text.strip() else text

    for element in copy.iter("*"):
        element.text = marked(element.text)
        if element is not copy:
            element.tail = marked(element.tail)
    octets = _apply(second, exclusive_c14n(copy))
    if octets is None:
        return None
    pattern = re.compile(_MARK.encode() + rb"([0-9a-f]*)" + _END.encode())
    return pattern.sub(lambda match: bytes.fromhex(match.group(1).decode()).replace(b"\r", b"&#xd;"), octets)
