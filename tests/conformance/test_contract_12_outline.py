"""Our contract 1.2 beside an outline of classes that somebody generated from the genuine one."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from lxml import etree
from mezhved import wsdl
from mezhved.adapter.exchange.contract import CONTRACTS
from mezhved.adapter.soap.schemas import contract_schema_path
from shared_vectors import shared_dir
from support.schema_model import Complex, Particle, SchemaModel, Simple, particles

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
MEMBER = re.compile(r"\s+public (\S+) (\w+)\s*(?:;|\{ get; set; \})")
ORDER = re.compile(r"Order = (\d+)")
NAMED = re.compile(r'\[(?:XmlElement|MessageBodyMember)\("(\w+)"(?:, typeof\(([\w.]+)\))?')
BUILT_IN = {"string": "string", "anyURI": "string", "NCName": "string", "ID": "string", "base64Binary": "byte[]"} | {
    "int": "int",
    "long": "long",
    "boolean": "bool",
    "dateTime": "DateTime",
}
# Lists are flattened there: the outline names what a list is made of, and sometimes calls the element by that.
LISTS = {f"{name}Type": f"{name}List" for name in ("AttachmentHeader", "RefAttachmentHeader", "AttachmentContent")}
ANONYMOUS = {
    "GetRequestResponseRequestMessage": "RequestMessage",
    "GetResponseResponseResponseMessage": "ResponseMessage",
    "SignatureVerificationFaultType": "string",
}
"""Classes for types that have no name in the contract, with what they are here."""


@dataclass
class Outline:
    """What the outline says: members of classes in their order, members of enumerations, faults of operations."""

    classes: dict[str, list[set[tuple[str, str]]]] = field(default_factory=dict)
    attributes: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)
    faults: dict[str, set[tuple[str, str]]] = field(default_factory=dict)


def read_outline() -> Outline:
    path = shared_dir() / "reference" / "smev3" / "1.2" / "contract-1.2-outline-from-csharp.txt"
    outline = Outline()
    for section in re.split(r"^=== ", path.read_text("utf-8"), flags=re.MULTILINE)[1:]:
        head, _, text = section.partition("\n")
        name = head.rpartition("/")[2].removesuffix(".cs")
        if head.startswith("enum members"):
            outline.values[name] = re.findall(r"^\s+(\w+),", text, re.MULTILINE)
        elif "/Types/" in head or "/MessageContract/" in head:
            wrapper = re.search(r'WrapperName = "(\w+)"', text)
            name = ANONYMOUS.get(name, wrapper[1] if wrapper else name)
            outline.classes[name], outline.attributes[name] = _members(text)
        elif name == "ISMEVMessageExchangePortType":
            for kind, operation, fault in re.findall(
                r'FaultContract\(typeof\((\w+)\), Action = "urn:(\w+)", Name = "(\w+)"', text
            ):
                outline.faults.setdefault(operation, set()).add((fault, kind))
    return outline


def _members(text: str) -> tuple[list[set[tuple[str, str]]], set[tuple[str, str]]]:
    ordered: dict[int, set[tuple[str, str]]] = {}
    attributes: set[tuple[str, str]] = set()
    pending: list[str] = []
    for line in text.splitlines():
        member = MEMBER.match(line)
        if line.strip().startswith("["):
            pending.append(line)
        elif member and pending:
            marks, pending = pending, []
            if "[XmlIgnore]" in "".join(marks):
                continue
            order = [int(found) for mark in marks for found in ORDER.findall(mark)]
            if any("XmlAttribute" in mark for mark in marks):
                attributes.add((member[2], member[1]))
            elif order and not any("XmlAnyElement" in mark for mark in marks):
                ordered[order[0]] = set(_alternatives(marks, member[1], member[2]))
    return [ordered[number] for number in sorted(ordered)], attributes


def _alternatives(marks: list[str], kind: str, name: str) -> list[tuple[str, str]]:
    named = [(found[1], found[2]) for mark in marks for found in NAMED.finditer(mark)]
    if len(named) > 1:
        return [_simplified(one, other or kind) for one, other in named]
    return [_simplified(named[0][0] if named else name, kind)]


def _simplified(name: str, kind: str) -> tuple[str, str]:
    name = LISTS.get(name, name)
    kind = kind.removesuffix("[]") if kind != "byte[]" else kind
    return name, "list" if name.endswith("List") else kind.rpartition(".")[2]


@pytest.fixture(scope="module")
def outline() -> Outline:
    return read_outline()


@pytest.fixture(scope="module")
def model() -> SchemaModel:
    return SchemaModel.read(contract_schema_path("1.2", "types"), contract_schema_path("1.2", "faults"))


def complex_types(model: SchemaModel) -> dict[str, Complex]:
    """Every complex type of ours by the name of its class: that of a global type, or else of its element."""
    found: dict[str, Complex] = {}

    def collect(name: str, kind: Simple | Complex | None) -> None:
        if isinstance(kind, Complex) and name not in found:
            found[name] = kind
            for child in particles(kind.content):
                collect(child.name[1], child.type)

    for (_, name), declared in sorted(model.types.items()):
        collect(name, model.described(declared))
    for name in sorted(model.elements):
        collect(name[1], model.root(name).type)
    return found


def kind_of(particle: Particle, model: SchemaModel) -> str:
    """The type of an element as the outline would call it."""
    name, kind = particle.name[1], particle.type
    if name.endswith("List"):
        return "list"
    if isinstance(kind, Simple):
        named = [one for (_, one), declared in model.types.items() if model.described(declared) == kind]
        return next((one for one in named if kind.values), BUILT_IN[kind.base])
    assert kind is not None
    (first, *_) = [*particles(kind.content), None]
    if first is not None and first.kind == "any" and name != "BusinessProcessMetadata":
        return "XmlElement"
    names = [one for (_, one), declared in model.types.items() if model.described(declared) == kind]
    return names[0] if names else name


def test_every_class_has_our_elements_in_our_order(outline: Outline, model: SchemaModel) -> None:
    ours = complex_types(model)
    compared = 0
    for name, members in outline.classes.items():
        if not members:
            continue
        found = [(one.name[1], kind_of(one, model)) for one in particles(ours[name].content) if one.kind == "element"]
        # A fault has Code and Description from the class that it is derived from.
        if name != "SmevFault" and found[:2] == [("Code", "string"), ("Description", "string")]:
            found = found[2:]
        for alternatives in members:
            mine, found = set(found[: len(alternatives)]), found[len(alternatives) :]
            assert mine == {(one, ANONYMOUS.get(kind, kind)) for one, kind in alternatives}, name
        assert found == [], name
        compared += 1
    assert compared > 35


def test_attributes_are_the_same(outline: Outline, model: SchemaModel) -> None:
    ours = complex_types(model)
    for name, attributes in outline.attributes.items():
        if name in ours and attributes:
            assert {(one.name, BUILT_IN[one.type.base]) for one in ours[name].attributes} == attributes, name


def test_enumerations_are_the_same(outline: Outline, model: SchemaModel) -> None:
    fault = complex_types(model)["SignatureVerificationFault"]
    values = {name: model.described(declared) for (_, name), declared in model.types.items()}
    values["SignatureVerificationFaultType"] = list(particles(fault.content))[-1].type
    for name in ("InteractionStatusType", "MessageTypeType", "RejectCode", "SignatureVerificationFaultType"):
        mine = values[name]
        assert isinstance(mine, Simple)
        assert list(mine.values) == outline.values[name]


def test_operations_have_the_same_faults_of_the_same_types(outline: Outline, model: SchemaModel) -> None:
    described = etree.parse(Path(wsdl.__path__[0], "1.2", "smev-message-exchange-service-1.2.wsdl")).getroot()
    messages = {
        message.get("name"): message[0].get("element").partition(":")[2] for message in described.iter(f"{WSDL}message")
    }
    faults = CONTRACTS["1.2"].faults
    for operation in described.iterfind(f"{WSDL}portType/{WSDL}operation"):
        names = [messages[one.get("message").partition(":")[2]] for one in operation.iterchildren(f"{WSDL}fault")]
        mine = {(name, model.elements[faults, name].get("type", "").partition(":")[2]) for name in names}
        assert mine == outline.faults[operation.get("name")], operation.get("name")
