"""The transform `urn://smev-gov-ru/xmldsig/transform`, which makes a signature independent of prefixes and indentation.

Methodical recommendations 3.3, appendices 1 and 4. It works on the canonical octets, in which every tag is written in
one way only: they are cut into tags and texts, and a tag that was seen before in the same scope is looked up instead of
read. Octets are handled as a string of one character each (Latin-1), since CPython searches those faster than bytes.
docs/decisions/0002-transform-on-octets.md has the figures.
"""

import re

from .errors import TransformError

SMEV_TRANSFORM = "urn://smev-gov-ru/xmldsig/transform"

SHORT_TEXT = 12
"""Texts of fewer UTF-16 code units are escaped at once, longer ones in blocks."""

BLOCK = 512
"""UTF-16 code units. The writer beneath the recommendations' own implementation made this a part of the format."""

_HIDDEN = "\0"
_SCOPE = "end of a scope"
_NO_CONTENT = re.compile(r"<\?.*?\?>|<!--.*?-->", re.DOTALL)
_SPACE_AFTER_TAG = re.compile(">[\t\n ]")
_WHITE_SPACE = re.compile(">[\t\n ]+<")
_TAG_WITH_ATTRIBUTES = re.compile(r'<[^<>"]*(?:"[^"]*"[^<>"]*)+>')
_CONTROL = re.compile("\x7f|\xc2[\x80-\x9f]")
_SUPPLEMENTARY = re.compile("[\xf0-\xf4]")
"""First octet of a character beyond U+FFFF: names with such are ordered otherwise in UTF-16 than in UTF-8."""

_ESCAPED_IN_SHORT = re.compile(r"[<&\r\x7f-\x9f]|(?:\A|(?<=\]))>")
_ESCAPED_IN_BLOCK = re.compile(r"[<&\r\x7f-\x9f]>*|(?:\A|(?<=\]))>+")
_CANONICAL_ESCAPES = (
    ("&lt;", "<"),
    ("&gt;", ">"),
    ("&quot;", '"'),
    ("&#x9;", "\t"),
    ("&#xa;", "\n"),
    ("&#xd;", "\r"),
    ("&amp;", "&"),
)
"""As canonical octets have them once their hexadecimal digits are small; `&` last."""

_ESCAPES = {ord("<"): "&lt;", ord("&"): "&amp;", ord(">"): "&gt;", ord("\r"): "&#xd;"} | {
    code: f"&#x{code:x};" for code in range(0x7F, 0xA0)
}


def smev_transform(octets: bytes) -> bytes:
    """The octets to be hashed, made from the canonical octets of an element.

    `octets` are what exclusive c14n gives, in UTF-8. More namespace declarations than that do no harm.

    Raises:
        TransformError: an element in no namespace or an `xml:` attribute, for which the format has no rule; or the
            octets are not canonical XML.
    """
    content = _without_white_space(_without_comments(octets.decode("latin-1")))
    parts = _tags_and_texts(content)
    parts[1::2] = _Renaming().rename(parts[1::2])
    controls = "\x7f" in content or ("\xc2" in content and _CONTROL.search(content) is not None)
    if controls or "&" in content:
        parts[2::2] = [_text(text) if controls or "&" in text else text for text in parts[2::2]]
    return "".join(parts).replace(_HIDDEN, ">").encode("latin-1")


def _without_comments(content: str) -> str:
    """Comments and processing instructions become an element that is written as nothing, but still parts two texts."""
    # To look for one character costs a fiftieth of looking for two.
    if ("?" in content and "<?" in content) or ("!" in content and "<!" in content):
        content = _NO_CONTENT.sub("<?></?>", content)
        if "<!" in content:
            raise _not_canonical("a document type or a CDATA section")
    return content


def _without_white_space(content: str) -> str:
    if _SPACE_AFTER_TAG.search(content):
        content = _WHITE_SPACE.sub("><", content).rstrip("\t\n ")
    if "&" in content and "#" in content:
        content = content.replace("&#xA;", "&#xa;").replace("&#xD;", "&#xd;")
    return content


def _tags_and_texts(content: str) -> list[str]:
    """Text, tag, text, …, tag, text. Brackets stand around tags only, but for a `>` in the value of an attribute."""
    if _HIDDEN in content:
        raise _not_canonical("a zero octet")
    parts = content.replace(">", "<").split("<")
    if len(parts) != 2 * content.count("<") + 1:
        content = _TAG_WITH_ATTRIBUTES.sub(lambda tag: tag[0][:-1].replace(">", _HIDDEN) + ">", content)
        parts = content.replace(">", "<").split("<")
        if len(parts) != 2 * content.count("<") + 1:
            raise _not_canonical("brackets that do not match")
    if len(parts) < 5 or parts[0] or parts[-1]:
        raise _not_canonical("no element, or text outside it")
    return parts


def _not_canonical(what: str) -> TransformError:
    return TransformError(f"the octets are not canonical XML: {what}")


_Attributes = tuple[dict[str, str], list[tuple[str, str, str]], str]
"""Namespaces declared, by prefix; attributes with a prefix: it, local name, value; the other attributes as written."""


class _Scope:
    """What holds inside an element that declares a namespace, in the input or in the output."""

    __slots__ = ("known", "leaves", "prefixes", "uris", "written")

    def __init__(self, uris: dict[str, str], written: dict[str, str]) -> None:
        self.uris = uris
        """Namespaces, by the prefixes of the input."""
        self.written = written
        """Prefixes of the output, by namespaces: those that are declared there by now."""
        self.prefixes: dict[str, str] = {}
        """Prefixes of the output by those of the input: what the two above say together, as far as it was needed."""
        self.known: dict[str, tuple[str, str]] = {"?": ("", "")}
        """Start tags that declare nothing: how they, and their end tags, are written."""
        self.leaves: dict[str, tuple[str, str]] = {}
        """What follows the name in a leaf that declares its own namespace: its prefix, what follows the new prefix."""


class _Renaming:
    """The prefixes of one document."""

    def __init__(self) -> None:
        self._count = 0
        self._scope = _Scope({}, {})
        self._around: list[_Scope] = []
        self._read: dict[str, _Attributes] = {"": ({}, [], "")}

    def rename(self, tags: list[str]) -> list[str]:
        """The tags as they are to be written, with their brackets."""
        try:
            return self._rename(tags)
        except IndexError:
            raise _not_canonical("start and end tags do not match") from None

    def _rename(self, tags: list[str]) -> list[str]:
        # The hottest loop of the whole node, so what most tags need stands here: a call costs as much as its work.
        output: list[str] = []
        write = output.append
        # End tags of the elements that are open; above one that ends a scope stands _SCOPE.
        ends: list[str] = []
        scope = self._scope
        known, leaves, prefixes = scope.known, scope.leaves, scope.prefixes
        for index, tag in enumerate(tags):
            if tag[0] == "/":
                end = ends.pop()
                if end is _SCOPE:
                    scope = self._scope = self._around.pop()
                    known, leaves, prefixes = scope.known, scope.leaves, scope.prefixes
                    end = ends.pop()
                write(end)
                continue
            if tag in known:
                start, end = known[tag]
                write(start)
                ends.append(end)
                continue
            name, space, rest = tag.partition(" ")
            prefix, _, local = name.rpartition(":")
            if not space and prefix in prefixes:
                new = prefixes[prefix]
                start, end = known[tag] = f"<{new}:{local}>", f"</{new}:{local}>"
            elif rest in leaves and leaves[rest][0] == prefix and tags[index + 1][0] == "/":
                self._count = count = self._count + 1
                start, end = f"<ns{count}:{local} xmlns:ns{count}{leaves[rest][1]}>", f"</ns{count}:{local}>"
            else:
                start, end = self._start(tag, prefix, local, rest, is_leaf=tags[index + 1][0] == "/")
            write(start)
            ends.append(end)
            if scope is not self._scope:
                ends.append(_SCOPE)
                scope = self._scope
                known, leaves, prefixes = scope.known, scope.leaves, scope.prefixes
        if ends:
            raise IndexError
        return output

    def _start(self, tag: str, prefix: str, local: str, rest: str, *, is_leaf: bool) -> tuple[str, str]:
        """How a start tag and its end tag are written; `rest` is what follows the name.

        Enters the element's scope if it has one of its own: but that of a leaf concerns nobody else.
        """
        scope = self._scope
        if prefix in scope.prefixes and _are_plain(rest):
            new_name = f"{scope.prefixes[prefix]}:{local}"
            pair = scope.known[tag] = f"<{new_name} {rest}>", f"</{new_name}>"
            return pair
        # The commonest element of real messages is a leaf of a namespace that exclusive c14n declares at each anew.
        declaration = f'xmlns:{prefix}="' if prefix else 'xmlns="'
        if is_leaf and rest.startswith(declaration):
            uri, _, others = rest[len(declaration) :].partition('"')
            if uri and uri not in scope.written and (not others or _are_plain(others)):
                after = rest[len(declaration) - 2 :]
                scope.leaves[rest] = prefix, after
                self._count = count = self._count + 1
                return f"<ns{count}:{local} xmlns:ns{count}{after}>", f"</ns{count}:{local}>"
        return self._any_start(tag, prefix, local, rest, is_leaf=is_leaf)

    def _any_start(self, tag: str, prefix: str, local: str, rest: str, *, is_leaf: bool) -> tuple[str, str]:
        scope = self._scope
        read = self._read.get(rest)
        if read is None:
            read = self._read[rest] = _read_attributes(rest)
        declared, qualified, unqualified = read
        uris = scope.uris | declared if declared else scope.uris
        written = scope.written.copy()
        uri = _namespace(uris, prefix, local)
        declarations = "" if uri in written else self._declare(uri, written)
        new_name = f"{written[uri]}:{local}"
        values = ""
        for uri, name, value in _in_order(qualified, uris) if qualified else ():
            if uri not in written:
                declarations += self._declare(uri, written)
            values += f' {written[uri]}:{name}="{value}"'
        pair = f"<{new_name}{declarations}{values}{unqualified}>", f"</{new_name}>"
        if not declarations and not declared:
            scope.prefixes[prefix] = new_name.partition(":")[0]
            scope.known[tag] = pair
        elif not is_leaf:
            self._around.append(scope)
            self._scope = _Scope(uris, written)
        return pair

    def _declare(self, uri: str, written: dict[str, str]) -> str:
        self._count = number = self._count + 1
        written[uri] = f"ns{number}"
        return f' xmlns:ns{number}="{uri}"'


def _read_attributes(written: str) -> _Attributes:
    declared = {}
    qualified = []
    unqualified = []
    pieces = written.split('"')
    if pieces.pop():
        raise _not_canonical(f"the attributes {written}")
    values = iter(pieces)
    for key, value in zip(values, values, strict=True):
        prefix, _, name = key.strip(" =").rpartition(":")
        if prefix == "xmlns":
            declared[name] = value
        elif prefix:
            qualified.append((prefix, name, value))
        elif name == "xmlns":
            declared[""] = value
        else:
            unqualified.append((name, value))
    if not written.isascii() and _SUPPLEMENTARY.search(written):
        unqualified.sort(key=lambda attribute: _order(attribute[0]))
    return declared, qualified, "".join([f' {name}="{value}"' for name, value in unqualified])


def _in_order(qualified: list[tuple[str, str, str]], uris: dict[str, str]) -> list[tuple[str, str, str]]:
    """Namespace, local name and value of the attributes with a prefix, as the transform orders them."""
    found = [(_namespace(uris, prefix, name), name, value) for prefix, name, value in qualified]
    if len(found) > 1:
        found.sort(key=lambda attribute: (_order(attribute[0]), _order(attribute[1])))
    return found


def _are_plain(attributes: str) -> bool:
    """Whether they have neither declarations nor prefixes, and stand in the right order as they are."""
    return (
        not attributes.startswith("xmlns")
        and (":" not in attributes or ":" not in "".join(attributes.split('"')[::2]))
        and (attributes.isascii() or not _SUPPLEMENTARY.search(attributes))
    )


def _namespace(uris: dict[str, str], prefix: str, local: str) -> str:
    if prefix == "xml":
        raise TransformError(f"xml:{local}: the transform has no rule for the namespace of the prefix xml")
    uri = uris.get(prefix)
    if uri:
        return uri
    if prefix:
        raise _not_canonical(f"the prefix {prefix} is not declared")
    raise TransformError(f"the element {local} is in no namespace: the transform has no rule for such")


def _order(name: str) -> bytes:
    """What a URI or a local name is sorted by: its UTF-16 code units."""
    return (name if name.isascii() and "&" not in name else _unescaped(name)).encode("utf-16-be")


def _unescaped(octets: str) -> str:
    try:
        text = octets.encode("latin-1").decode()
    except UnicodeDecodeError:
        raise _not_canonical("not UTF-8") from None
    for escaped, character in _CANONICAL_ESCAPES:
        text = text.replace(escaped, character)
    return text


def _text(octets: str) -> str:
    """A text, written as the recommendations' implementation writes it."""
    if "&gt;" not in octets and "&#xd;" not in octets and not _CONTROL.search(octets):
        return octets
    text = _unescaped(octets)
    if not text.strip("\t\n\r "):
        return ""
    units = text.encode("utf-16-le")
    if len(units) < 2 * SHORT_TEXT:
        written = _ESCAPED_IN_SHORT.sub(_escaped, text)
    else:
        # A character beyond U+FFFF may straddle two blocks: its halves are put together again below.
        blocks = (units[start : start + 2 * BLOCK] for start in range(0, len(units), 2 * BLOCK))
        escaped = [_ESCAPED_IN_BLOCK.sub(_escaped, block.decode("utf-16-le", "surrogatepass")) for block in blocks]
        written = "".join(escaped).encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    return written.encode().decode("latin-1")


def _escaped(match: re.Match[str]) -> str:
    return match[0].translate(_ESCAPES)
