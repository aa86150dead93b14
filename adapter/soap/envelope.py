"""From octets to the operation's element: the one parse of an envelope, and everything that ends before its content.

What arrives is hostile until proven otherwise. A document type is refused before the parser sees it, so that no entity
is ever expanded and nothing is fetched; sizes are bounded before they can hurt; and the element of the operation is
taken from its fixed place. Whatever is wrong ends in soap:Client (or VersionMismatch, MustUnderstand) with a Russian
text that says what was expected. Source: SOAP 1.1 (https://www.w3.org/TR/2000/NOTE-SOAP-20000508/) §§3, 4.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

from lxml import etree
from lxml.etree import QName
from lxml.etree import _Element as Element

from ..exchange.contract import CONTRACTS, SOAP_ENVELOPE, Contract, Operation
from ..exchange.faults import ClientFault, MustUnderstand, VersionMismatch, shortened
from .limits import DEEPEST, DEFAULT_LIMITS, Limits

_SOAP = f"{{{SOAP_ENVELOPE}}}"
_NEXT_ACTOR = "http://schemas.xmlsoap.org/soap/actor/next"
_TYPES = re.compile(r"urn://x-artefacts-smev-gov-ru/services/message-exchange/types/(.{1,20})")
_DECLARATION = re.compile(
    rb"""(?:\xef\xbb\xbf)?<\?xml\s+version\s*=\s*["']([^"'<>]*)["'](?:\s+encoding\s*=\s*["']([^"'<>]*)["'])?"""
)
_DOCUMENT_TYPE = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s++|<!--.*?-->|<\?.*?\?>)*+<!DOCTYPE", re.DOTALL)
_OTHER_ENCODINGS = (b"\xff\xfe", b"\xfe\xff", b"\x00", b"<\x00", b"\x4c\x6f\xa7\x94")
"""First octets of UTF-16 and UTF-32, with a byte order mark or without one, and of EBCDIC."""
FREE_CONTENT = frozenset({"MessagePrimaryContent", "BusinessProcessMetadata", "RecordContent"})
"""Elements below which the contract says nothing, but for a batch of records in the first of them."""
BATCHES = tuple(f"{{{contract.directive}}}Registry" for contract in CONTRACTS.values())
"""A registry request (1.3): content that is the contract's own down to each record's content."""

_reads_too_many_attributes = cache(lambda most: etree.XPath(f"boolean(//*[@*[{most + 1}]])"))
_reads_too_many_children = cache(lambda most: etree.XPath(f"boolean(//*[*[{most + 1}]])"))


@dataclass(frozen=True, slots=True)
class ParsedEnvelope:
    """An envelope that calls an operation of the contract. `body` is the operation's element, still in its document;
    the document has no comments, and no processing instructions outside business content."""

    contract: Contract
    operation: Operation
    body: Element
    octets: bytes


def parse(
    octets: bytes, contracts: Collection[Contract] = tuple(CONTRACTS.values()), limits: Limits = DEFAULT_LIMITS
) -> ParsedEnvelope:
    """Reads the envelope of a call of one of `contracts`. Raises ClientFault, VersionMismatch or MustUnderstand."""
    if len(octets) > limits.octets:
        raise ClientFault(f"конверт длиннее допустимого ({limits.octets} байт)")
    check_octets(octets, limits)
    root = _parse_xml(octets)
    _check_amounts(octets, root, limits)
    body = _operation_element(root)
    # Looking for one rare octet first is ten times faster than looking for what begins with a frequent one.
    if b"!" in octets and b"<!--" in octets:
        # The tree has none: what a signature covers does not contain them. But some reader of the kept octets may see
        # only half of a text that a comment splits, so whoever splits one means no good.
        _check_texts(_parse_xml(octets, comments=True))
    if octets.find(b"?", octets.find(b">")) >= 0:
        _check_instructions(root)
    contract, operation = _identify(body, contracts)
    return ParsedEnvelope(contract, operation, body, octets)


def read_again(parsed: ParsedEnvelope) -> Element:
    """The operation's element in a document of its own, the same in everything, lines too: a copy would lose those."""
    return _operation_element(_parse_xml(parsed.octets))


def outside_content(start: Element) -> Iterator[Element]:
    """`start` and its descendants in document order, without what stands below business content and business process
    metadata."""
    waiting = [start]
    while waiting:
        element = waiting.pop()
        yield element
        free = QName(element).localname in FREE_CONTENT
        waiting.extend(element.iterchildren(*(BATCHES if free else "*"), reversed=True))


def check_octets(octets: bytes, limits: Limits = DEFAULT_LIMITS) -> None:
    """What must hold before any parser sees an envelope: its encoding, no document type, not too much markup.

    Raises ClientFault.
    """
    if not octets.strip():
        raise ClientFault("тело запроса пусто; ожидается конверт SOAP 1.1")
    if octets.startswith(_OTHER_ENCODINGS):
        raise ClientFault("кодировка конверта не поддерживается; ожидается UTF-8")
    if declaration := _DECLARATION.match(octets):
        version, encoding = (part.decode("utf-8", "replace") for part in declaration.groups(b"utf-8"))
        if version != "1.0":
            raise ClientFault(f"версия XML «{shortened(version)}» не поддерживается; ожидается 1.0")
        if encoding.lower() not in ("utf-8", "utf8"):
            raise ClientFault(f"кодировка конверта «{shortened(encoding)}» не поддерживается; ожидается UTF-8")
    if _DOCUMENT_TYPE.match(octets):
        raise ClientFault("объявление типа документа (DTD) в конверте запрещено (SOAP 1.1, раздел 3)")
    if octets.count(b"<") > limits.markup:
        raise ClientFault(f"в конверте слишком много разметки (допустимо {limits.markup} тегов)")


def _parse_xml(octets: bytes, *, comments: bool = False) -> Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=not comments,
        remove_pis=False,
    )
    try:
        root: Element = etree.fromstring(octets, parser)
    except etree.XMLSyntaxError as error:
        raise _not_xml(parser, error) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ClientFault("объявление типа документа (DTD) в конверте запрещено (SOAP 1.1, раздел 3)")
    return root


def _not_xml(parser: etree.XMLParser, error: etree.XMLSyntaxError) -> ClientFault:
    line, column = error.position
    last = parser.error_log.last_error
    reason = _SYNTAX.get(last.type_name) if last is not None else None
    if reason is None:
        reason = "разбор остановлен: " + shortened(str(error.msg), 200)
    return ClientFault(f"это не XML: строка {line}, столбец {column}: {reason}")


_SYNTAX = {
    "ERR_DOCUMENT_EMPTY": "нет корневого элемента",
    "ERR_DOCUMENT_END": "за корневым элементом следует лишнее, или документ обрывается",
    "ERR_TAG_NAME_MISMATCH": "закрывающий тег не соответствует открывающему",
    "ERR_TAG_NOT_FINISHED": "документ обрывается: элемент не закрыт",
    "ERR_GT_REQUIRED": "тег не закончен знаком «>»",
    "ERR_INVALID_CHAR": "знак, недопустимый в XML",
    "ERR_INVALID_ENCODING": "октеты не являются текстом в UTF-8",
    "ERR_UNDECLARED_ENTITY": "ссылка на необъявленную сущность",
    "ERR_ATTRIBUTE_REDEFINED": "атрибут указан дважды",
    "ERR_RESOURCE_LIMIT": f"превышен предел: вложенность элементов не больше {DEEPEST}, текст не длиннее 10 млн знаков",
    "NS_ERR_UNDEFINED_NAMESPACE": "префикс не связан с пространством имён",
}


def _check_amounts(octets: bytes, root: Element, limits: Limits) -> None:
    """The costly looks are taken only at documents that may be over a limit at all."""
    if octets.count(b"=") > limits.attributes:
        if _reads_too_many_attributes(limits.attributes)(root):
            raise ClientFault(f"у одного элемента слишком много атрибутов (допустимо {limits.attributes})")
        declarations = octets.count(b"xmlns")
        if declarations > limits.declarations:
            raise ClientFault(f"слишком много объявлений пространств имён (допустимо {limits.declarations})")
        if declarations > limits.attributes and _namespaces_in_force(root) > limits.attributes:
            raise ClientFault(
                f"одновременно действует слишком много объявлений пространств имён (допустимо {limits.attributes})"
            )
    if octets.count(b"<") > limits.children and _reads_too_many_children(limits.children)(root):
        raise ClientFault(f"у одного элемента слишком много вложенных элементов (допустимо {limits.children})")


def _namespaces_in_force(root: Element) -> int:
    most = now = 0
    for event, _ in etree.iterwalk(root, events=("start-ns", "end-ns")):
        now += 1 if event == "start-ns" else -1
        most = max(most, now)
    return most


def _operation_element(root: Element) -> Element:
    name = QName(root)
    if name.localname != "Envelope":
        raise ClientFault(f"корневой элемент — «{_shown(root)}»; ожидается Envelope из {SOAP_ENVELOPE}")
    if name.namespace != SOAP_ENVELOPE:
        raise VersionMismatch(
            f"конверт другой версии SOAP (пространство имён «{shortened(name.namespace or '')}»); "
            f"ожидается SOAP 1.1: {SOAP_ENVELOPE}"
        )
    parts = list(root.iterchildren("*"))
    if parts and parts[0].tag == f"{_SOAP}Header":
        _check_header(parts.pop(0))
    if not parts or parts[0].tag != f"{_SOAP}Body":
        found = f"«{_shown(parts[0])}»" if parts else "ничего нет"
        raise ClientFault(f"в конверте на месте soap:Body — {found}; ожидается soap:Body из {SOAP_ENVELOPE}")
    if len(parts) > 1:
        raise ClientFault(f"за soap:Body следует «{_shown(parts[1])}»; ожидается ровно один soap:Body и ничего за ним")
    children = list(parts[0].iterchildren("*"))
    if len(children) != 1:
        raise ClientFault(f"элементов в soap:Body: {len(children)}; ожидается ровно один — элемент операции")
    return children[0]


def _check_header(header: Element) -> None:
    """SOAP 1.1 §4.2.3: what must be understood and is not ends the processing. The node understands no header."""
    for block in header.iterchildren("*"):
        demanded = (block.get(f"{_SOAP}mustUnderstand") or "").strip() in ("1", "true")
        if demanded and block.get(f"{_SOAP}actor", _NEXT_ACTOR) in ("", _NEXT_ACTOR):
            raise MustUnderstand(f"узел не обрабатывает заголовок «{_shown(block)}», помеченный mustUnderstand")


def _identify(body: Element, contracts: Collection[Contract]) -> tuple[Contract, Operation]:
    for contract in contracts:
        operation = _operations(contract).get(str(body.tag))
        if operation is not None:
            return contract, operation
    served = ", ".join(contract.version for contract in contracts)
    name = QName(body)
    version = _TYPES.fullmatch(name.namespace or "")
    if version is None:
        raise ClientFault(
            f"в soap:Body — элемент «{_shown(body)}» из «{shortened(name.namespace or '')}»; "
            f"ожидается вызов операции контракта обмена, версии: {served}"
        )
    if version[1] not in {contract.version for contract in contracts}:
        raise ClientFault(f"версия контракта «{version[1]}» по этому адресу не обслуживается; обслуживаются: {served}")
    expected = ", ".join(QName(root).localname for root in _operations(CONTRACTS[version[1]]))
    raise ClientFault(f"в soap:Body — элемент «{_shown(body)}»; ожидается один из: {expected}")


@cache
def _operations(contract: Contract) -> dict[str, Operation]:
    return {contract.request_root(operation): operation for operation in contract.operations}


def _check_texts(root: Element) -> None:
    """Refuses a text that a comment or a processing instruction splits."""
    for parent in {node.getparent() for node in root.iter(etree.Comment, etree.PI)}:
        if parent is not None and "".join([parent.text or "", *(child.tail or "" for child in parent)]).strip():
            raise ClientFault(
                f"строка {parent.sourceline}: текст элемента «{_shown(parent)}» разорван комментарием "
                "или инструкцией обработки"
            )


def _check_instructions(root: Element) -> None:
    """SOAP 1.1 §3 forbids processing instructions. In business content they are a matter of the signature's
    transform, which drops them; there only what they could be used for is refused."""
    _check_texts(root)
    for element in outside_content(root):
        for instruction in element.iterchildren(etree.PI):
            raise ClientFault(
                f"строка {instruction.sourceline}: инструкция обработки в конверте запрещена (SOAP 1.1, раздел 3)"
            )


def _shown(element: Element) -> str:
    return shortened(QName(element).localname)
