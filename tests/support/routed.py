"""Routed and registry requests of contract 1.3 for tests: their parts, and their signatures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from lxml import etree
from lxml.etree import _Element as Element
from mezhved.adapter.exchange.contract import CONTRACTS
from mezhved.adapter.exchange.signature_places import SIGNATURE
from mezhved.adapter.soap.call import Call
from mezhved.signing.keys import SigningKey
from mezhved.signing.xmldsig import ids_of, sign

from .world import ECHO, World

V13 = CONTRACTS["1.3"]
R = f"{{{V13.routing}}}"
D = f"{{{V13.directive}}}"
T = f"{{{V13.types}}}"


def values(dynamic: Sequence[str] = (), identifiers: Sequence[str] = ()) -> str:
    """A DynamicRouting and an IdentifierRouting, each if there is something in it."""
    found = ""
    for name, given in (("Dynamic", dynamic), ("Identifier", identifiers)):
        inner = "".join(f"<r:{name}Value>{value}</r:{name}Value>" for value in given)
        found += f"<r:{name}Routing>{inner}</r:{name}Routing>" if inner else ""
    return found


def of_record(number: int, inner: str = "", *, general: bool = False) -> str:
    """A RegistryRecordRouting."""
    use = f"<r:UseGeneralRouting>{str(general).lower()}</r:UseGeneralRouting>"
    return f"<r:RegistryRecordRouting><r:RecordId>{number}</r:RecordId>{use}{inner}</r:RegistryRecordRouting>"


def routed(call: Call, key: SigningKey, inner: str, message_id: str | None = None, records: Iterable[str] = ()) -> Call:
    """The call with a Routing that `key` has signed, about its own message unless `message_id` names another."""
    about = message_id or call.body[0].findtext(f"{T}MessageID")
    found = "".join(records)
    registry = f"<r:RegistryRouting>{found}</r:RegistryRouting>" if found else ""
    block = etree.fromstring(
        f'<r:Routing xmlns:r="{V13.routing}"><r:RoutingInformation Id="ROUTING"><r:MessageID>{about}</r:MessageID>'
        f"{inner}{registry}</r:RoutingInformation><r:RoutingSignature/></r:Routing>"
    )
    call.body.append(block)
    block[1].append(sign(block[0], key))
    return again(call)


def again(call: Call) -> Call:
    """The call as it is read from its octets, after its tree was changed."""
    octets = etree.tostring(call.body.getroottree(), encoding="UTF-8", xml_declaration=True)
    return replace(call, octets=octets, body=etree.fromstring(octets)[-1][0])


def echo(text: str = "text", about: str = "") -> str:
    """The content of an echo."""
    order = f' about="{about}"' if about else ""
    return f'<e:EchoRequest xmlns:e="{ECHO}"{order}>{text}</e:EchoRequest>'


def registry(
    contents: Sequence[tuple[int, str]],
    key: SigningKey | None,
    personal: Mapping[int, SigningKey] | None = None,
    keys: Mapping[int, SigningKey | None] | None = None,
) -> str:
    """A Registry of these records, by number and content; each is signed by `key`, or by its own of `keys`.

    `personal` are the keys of officials, by the number of the record.
    """
    document = etree.fromstring(
        f'<d:Registry xmlns:d="{V13.directive}">'
        + "".join(
            f'<d:RegistryRecord><d:RecordId>{number}</d:RecordId><d:Record Id="RECORD_{place}">'
            f'<d:RecordContent Id="CONTENT_{place}">{content}</d:RecordContent></d:Record></d:RegistryRecord>'
            for place, (number, content) in enumerate(contents)
        )
        + "</d:Registry>"
    )
    ids = ids_of(document)
    for element in document:
        number, record = int(element[0].text or ""), element[1]
        if number in (personal or {}):
            assert personal is not None
            etree.SubElement(record, f"{D}PersonalSignature").append(sign(record[0], personal[number], ids=ids))
        own = (keys or {}).get(number, key)
        if own is not None:
            etree.SubElement(element, f"{D}RecordSignature").append(sign(record, own, ids=ids))
    return etree.tostring(document, encoding="unicode")


def send(world: World, key: SigningKey, content: str | None = None, **parts: str) -> Call:
    """SendRequest by contract 1.3."""
    return world.send_request(key, contract=V13, content=content or echo(), **parts)


def signature_of(holder: Element | None) -> Element | None:
    """The signature in its holder."""
    return None if holder is None else holder.find(SIGNATURE)
