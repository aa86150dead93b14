"""The SMEV transform written as plainly as possible, over parsed elements: what the fast one must equal.

It follows the rules of the methodical recommendations one by one and takes no care of speed. The package does not use
it.
"""

from collections.abc import Iterator

from lxml import etree
from lxml.etree import _Element as Element

XML = "http://www.w3.org/XML/1998/namespace"
WHITE_SPACE = "".join(map(chr, range(0x21)))
SHORT_TEXT = 12
BLOCK = 512


class NotTransformable(Exception):  # noqa: N818  named for what is wrong
    pass


def plain_transform(octets: bytes) -> bytes:
    parser = etree.XMLParser(resolve_entities=False, strip_cdata=False, huge_tree=True)
    root = etree.fromstring(octets, parser)
    prefixes = (f"ns{number}" for number in range(1, 1_000_000))
    return "".join(_element(root, {}, prefixes)).encode()


def _element(element: Element, declared: dict[str, str], prefixes: Iterator[str]) -> Iterator[str]:
    """`declared` maps the namespaces that are declared so far, around this element, to their new prefixes."""
    declared = dict(declared)
    declarations = []

    def prefix_of(namespace: str) -> str:
        if namespace not in declared:
            declared[namespace] = next(prefixes)
            declarations.append(f' xmlns:{declared[namespace]}="{_attribute_value(namespace)}"')
        return declared[namespace]

    name = etree.QName(element)
    if not name.namespace or name.namespace == XML:
        raise NotTransformable(element.tag)
    written_name = f"{prefix_of(name.namespace)}:{name.localname}"
    attributes = []
    for key, value in sorted(element.items(), key=lambda item: _attribute_order(etree.QName(item[0]))):
        attribute = etree.QName(key)
        if attribute.namespace == XML:
            raise NotTransformable(key)
        prefix = f"{prefix_of(attribute.namespace)}:" if attribute.namespace else ""
        attributes.append(f' {prefix}{attribute.localname}="{_attribute_value(value)}"')

    yield f"<{written_name}{''.join(declarations)}{''.join(attributes)}>"
    yield _text(element.text)
    for child in element:
        if isinstance(child.tag, str):
            yield from _element(child, declared, prefixes)
        yield _text(child.tail)
    yield f"</{written_name}>"


def _attribute_order(name: etree.QName) -> tuple[bool, bytes, bytes]:
    return not name.namespace, _utf16(name.namespace or ""), _utf16(name.localname)


def _utf16(text: str) -> bytes:
    """Octets that compare as the text's UTF-16 code units do."""
    return text.encode("utf-16-be")


def _text(text: str | None) -> str:
    if not text or not text.strip(WHITE_SPACE):
        return ""
    units = len(_utf16(text)) // 2
    escaped_before: bool | None = None
    before = ""
    position = 0
    written = []
    for character in text:
        if position % BLOCK == 0:
            escaped_before, before = None, ""
        opens_block = escaped_before is None
        escape = (
            character in "<&\r"
            or "\x7f" <= character <= "\x9f"
            or (character == ">" and (opens_block or before == "]" or (units >= SHORT_TEXT and bool(escaped_before))))
        )
        written.append(_escaped(character) if escape else character)
        escaped_before, before = escape, character
        position += len(_utf16(character)) // 2
        # A pair of units may straddle two blocks: what follows is then the second unit's neighbour, not the first.
        if len(_utf16(character)) == 4 and position % BLOCK == 1:
            escaped_before, before = False, character
    return "".join(written)


def _escaped(character: str) -> str:
    return {"<": "&lt;", "&": "&amp;", ">": "&gt;"}.get(character) or f"&#x{ord(character):x};"


def _attribute_value(value: str) -> str:
    escapes = {"<": "&lt;", "&": "&amp;", '"': "&quot;", "\t": "&#x9;", "\n": "&#xa;", "\r": "&#xd;"}
    return "".join(escapes.get(character, character) for character in value)
