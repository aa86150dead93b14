"""The transform `urn://smev-gov-ru/xmldsig/transform`, which makes a signature independent of prefixes and indentation.

Methodical recommendations 3.3, appendices 1 and 4. It works on the canonical octets, in which every tag is written in
one way only: they are cut into tags and texts, and a tag that was seen before in the same scope is looked up instead of
read (docs/decisions/0002-transform-on-octets.md). The rules for text count UTF-16 code units and blocks of them: they
are those of the XML writer beneath the recommendations' own implementation, and so became part of the format.
"""

import html
import re
from dataclasses import dataclass

from .errors import TransformError

SMEV_TRANSFORM = "urn://smev-gov-ru/xmldsig/transform"

XML_PREFIX = b"xml"
SHORT_TEXT = 12
"""Texts of fewer units are written at once, longer ones in blocks."""
BLOCK = 512

_SLASH = ord("/")
_HIDDEN = b"\0"
_NOT_CONTENT = re.compile(rb"<\?.*?\?>|<!--.*?-->", re.DOTALL)
_NOTHING = (b"?", (b"", b""))
_BRACKET = re.compile(rb'<[^<>"]*(?:"[^"]*"[^<>"]*)+>')
_SPACE_AFTER_TAG = re.compile(rb">[\t\n ]")
_WHITE_SPACE = re.compile(rb">[\t\n ]+<")
_ATTRIBUTE = re.compile(rb' ([^ ="]+)="([^"]*)"')
_CONTROL = re.compile(rb"\x7f|\xc2[\x80-\x9f]")
_TO_ESCAPE_IN_SHORT = re.compile("[<&\r\x7f-\x9f]|(?:\\A|(?<=\\]))>")
_TO_ESCAPE_IN_BLOCK = re.compile("[<&\r\x7f-\x9f]>*|(?:\\A|(?<=\\]))>+")
_ESCAPES = {ord("<"): "&lt;", ord("&"): "&amp;", ord(">"): "&gt;", ord("\r"): "&#xd;"} | {
    code: f"&#x{code:x};" for code in range(0x7F, 0xA0)
}


class _BracketInAttribute(Exception):  # noqa: N818 – not an error: the octets need one step more
    pass


def smev_transform(octets: bytes) -> bytes:
    """The octets to be hashed, made from the canonical octets of an element.

    `octets` are what exclusive c14n gives, in UTF-8; further namespace declarations, as inclusive c14n leaves them, do
    no harm.

    Raises:
        TransformError: an element in no namespace or an `xml:` attribute, for which the format has no rule; or the
            octets are not canonical XML.
    """
    octets = _without_white_space(_without_comments(octets))
    try:
        return _rewritten(octets)
    except _BracketInAttribute:
        return _rewritten(_brackets_hidden(octets)).replace(_HIDDEN, b">")


def _without_comments(octets: bytes) -> bytes:
    """Processing instructions and comments become an element that is written as nothing: it still parts two texts."""
    # To look for one octet costs a fiftieth of looking for two.
    if (b"?" in octets and b"<?" in octets) or (b"!" in octets and b"<!" in octets):
        octets = _NOT_CONTENT.sub(b"<?></?>", octets)
        if b"<!" in octets:
            raise TransformError("the octets are not canonical XML: a document type or a CDATA section")
    return octets


def _without_white_space(octets: bytes) -> bytes:
    if _SPACE_AFTER_TAG.search(octets):
        octets = _WHITE_SPACE.sub(b"><", octets).strip(b"\t\n ")
    if b"#" in octets:
        octets = octets.replace(b"&#xA;", b"&#xa;").replace(b"&#xD;", b"&#xd;")
    return octets


def _brackets_hidden(octets: bytes) -> bytes:
    if _HIDDEN in octets:
        raise TransformError("the octets are not canonical XML: an octet 0")
    return _BRACKET.sub(lambda tag: tag[0][:-1].replace(b">", _HIDDEN) + b">", octets)


def _rewritten(octets: bytes) -> bytes:
    # Text, tag, text, …, tag, text: in canonical octets brackets stand around tags only, but for `>` in attributes.
    parts = octets.replace(b">", b"<").split(b"<")
    if len(parts) < 3 or parts[0] or parts[-1]:
        raise TransformError("the octets are not canonical XML: text outside the element")
    parts[1::2] = _Renaming().rename(parts[1::2])
    if b"&" in octets or b"\x7f" in octets or (b"\xc2" in octets and _CONTROL.search(octets)):
        parts[2::2] = [_text(text) if text else text for text in parts[2::2]]
    return b"".join(parts)


Known = dict[bytes, tuple[bytes, bytes]]


@dataclass(slots=True)
class _Scope:
    """What holds inside an element that declares namespaces, or needs ones that the output did not declare before."""

    uris: dict[bytes, bytes]
    """Namespaces by the prefixes of the input."""
    prefixes: dict[bytes, bytes]
    """Prefixes of the output by their namespaces."""
    known: Known
    """Tags seen in this scope: how they, and their end tags, are written."""


class _Renaming:
    """Gives the prefixes of one document their new names."""

    def __init__(self) -> None:
        self._count = 0
        self._scope = _Scope({}, {}, dict((_NOTHING,)))
        self._around: list[_Scope] = []
        self._read: 'dict[bytes, _Tag]' = {}

    def rename(self, tags: list[bytes]) -> list[bytes]:
        """The tags as they are to be written, brackets included."""
        written: list[bytes] = []
        # The end tags of the elements that are open; above one whose scope ends with it stands None.
        ends: list[bytes | None] = []
        known = self._scope.known
        try:
            for index, tag in enumerate(tags):
                if tag[0] == _SLASH:
                    end = ends.pop()
                    if end is None:
                        self._scope = self._around.pop()
                        known = self._scope.known
                        end = ends.pop()
                    written.append(end)
                elif tag in known:
                    start, end = known[tag]
                    written.append(start)
                    ends.append(end)
                else:
                    start, end, inside = self._start(tag)
                    written.append(start)
                    ends.append(end)
                    # A leaf's scope concerns nobody else.
                    if inside is not self._scope and tags[index + 1][0] != _SLASH:
                        ends.append(None)
                        self._around.append(self._scope)
                        self._scope = inside
                        known = inside.known
        except IndexError:
            raise TransformError("the octets are not canonical XML: start and end tags do not match") from None
        if ends:
            raise TransformError("the octets are not canonical XML: start and end tags do not match")
        return written

    def _start(self, raw: bytes) -> tuple[bytes, bytes, _Scope]:
        """How a start tag and its end tag are written, and the scope inside the element."""
        scope = self._scope
        tag = self._read.get(raw)
        if tag is None:
            tag = self._read[raw] = _read(raw)
        uris = {**scope.uris, **tag.declared} if tag.declared else scope.uris
        prefixes = scope.prefixes
        uri = _namespace(uris, tag.prefix, tag.local)
        declarations = b""
        prefix = prefixes.get(uri)
        if prefix is None:
            self._count += 1
            prefix = b"ns%d" % self._count
            prefixes = {**prefixes, uri: prefix}
            declarations = b' xmlns:%b="%b"' % (prefix, uri)
        attributes = tag.unqualified
        if tag.qualified:
            ordered = sorted((_sort_key(uri := _namespace(uris, p, name)), _sort_key(name), uri, name, value) for p, name, value in tag.qualified)
            written = b""
            for _, _, uri, name, value in ordered:
                ap = prefixes.get(uri)
                if ap is None:
                    self._count += 1
                    ap = b"ns%d" % self._count
                    prefixes = {**prefixes, uri: ap}
                    declarations += b' xmlns:%b="%b"' % (ap, uri)
                written += b' %b:%b="%b"' % (ap, name, value)
            attributes = written + attributes
        start = b"<%b:%b%b%b>" % (prefix, tag.local, declarations, attributes)
        end = b"</%b:%b>" % (prefix, tag.local)
        if prefixes is scope.prefixes and uris is scope.uris:
            scope.known[raw] = start, end
            return start, end, scope
        return start, end, _Scope(uris, prefixes, dict((_NOTHING,)))


def _namespace(uris: dict[bytes, bytes], prefix: bytes, local: bytes) -> bytes:
    uri = uris.get(prefix)
    if uri:
        return uri
    raise TransformError(f"{prefix} {local}")


@dataclass(slots=True)
class _Tag:
    prefix: bytes
    local: bytes
    declared: dict[bytes, bytes]
    qualified: list[tuple[bytes, bytes, bytes]]
    unqualified: bytes


def _read(raw: bytes) -> _Tag:
    name, _, rest = raw.partition(b" ")
    prefix, _, local = name.rpartition(b":")
    if not rest:
        return _Tag(prefix, local, {}, [], b"")
    rest = raw[len(name):]
    if rest.count(b'"') & 1:
        raise _BracketInAttribute
    declared = {}; qualified = []
    if b"xmlns" not in rest and b":" not in rest and not _SUPPLEMENTARY.search(rest):
        return _Tag(prefix, local, declared, qualified, rest)
    unq = []
    for key, value in _ATTRIBUTE.findall(rest):
        p, _, n = key.rpartition(b":")
        if p == b"xmlns": declared[n] = value
        elif key == b"xmlns": declared[b""] = value
        elif p: qualified.append((p, n, value))
        else: unq.append((key, value))
    return _Tag(prefix, local, declared, qualified, b"".join(b' %b="%b"' % a for a in unq))

def _sort_key(name: bytes) -> bytes:
    return name if name.isascii() and b"&" not in name else html.unescape(name.decode()).encode("utf-16-be")

_SUPPLEMENTARY = re.compile(rb"[\xf0-\xf4]")

def _text(text: bytes) -> bytes:
    return text
