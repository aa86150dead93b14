"""A corpus of documents, made from the schemas themselves, gets the same verdict from ours and from the public ones."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from mezhved.adapter.soap.schemas import contract_schema_path
from shared_vectors import shared_dir
from support.schema_corpus import documents, mutants
from support.schema_model import SchemaModel

ENTRANCES = ("types", "faults")
"""The schemas that lead to all others."""

STRICTER: dict[str, dict[str, str]] = {"1.1": {}, "1.3": {}}
"""Documents that our schemas refuse on purpose, by version: label of the document, and why. There are none."""

NEVER_VALID = ("misspelt", "namespace urn:strange", "unknown attribute", "xsi:nil", "unknown before", "unknown after")
"""Changes that no schema of the contract may pass over, unless they fall on content that is not its own."""


def public(version: str, part: str) -> Path:
    return shared_dir() / "reference" / "smev3" / version / f"smev-message-exchange-{part}-{version}.xsd"


def ours(version: str, part: str) -> Path:
    return contract_schema_path(version, part)


@cache
def schema(path: Path) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(path))


@cache
def model(*paths: Path) -> SchemaModel:
    return SchemaModel.read(*paths)


def corpus(made_from: SchemaModel) -> Iterator[tuple[str, str, etree._Element]]:
    """Every document of a model: its label, the schema that it is for, and itself."""
    for document in documents(made_from):
        entrance = "faults" if "/faults/" in (etree.QName(document.root).namespace or "") else "types"
        yield f"valid @ {document.label}", entrance, document.root
        for label, root in mutants(document, sorted(made_from.elements)):
            yield label, entrance, root


@pytest.mark.parametrize("source", ["public", "ours"])
@pytest.mark.parametrize("version", ["1.1", "1.3"])
def test_every_document_gets_the_verdict_of_the_public_schemas(version: str, source: str) -> None:
    origin = public if source == "public" else ours
    verdicts: Counter[tuple[bool, bool]] = Counter()
    different = []
    for label, entrance, root in corpus(model(*(origin(version, part) for part in ENTRANCES))):
        theirs = schema(public(version, entrance)).validate(root)
        mine = schema(ours(version, entrance)).validate(root)
        verdicts[theirs, mine] += 1
        assert theirs or not label.startswith("valid @"), f"{label} is not valid: the generator errs"
        if theirs != mine and not (theirs and label in STRICTER[version]):
            different.append((label, theirs, mine))
    print(f"{version} from {source}: {verdicts.total()} documents, {verdicts}")
    assert different == []
    assert verdicts[True, True] > 1000
    assert verdicts[False, False] > 1000


@pytest.mark.parametrize("version", ["1.1", "1.3"])
def test_both_know_the_same_elements_and_types(version: str) -> None:
    for part in ENTRANCES:
        theirs, mine = model(public(version, part)), model(ours(version, part))
        assert theirs.elements.keys() == mine.elements.keys()
        assert theirs.types.keys() == mine.types.keys()


@pytest.mark.parametrize("version", ["1.1", "1.2", "1.3"])
def test_our_schemas_take_what_they_describe_and_nothing_else(version: str) -> None:
    found: Counter[bool] = Counter()
    for label, entrance, root in corpus(model(*(ours(version, part) for part in ENTRANCES))):
        valid = schema(ours(version, entrance)).validate(root)
        found[valid] += 1
        change = label.partition(" @ ")[0]
        assert valid or change != "valid", label
        if change in NEVER_VALID and not label.endswith(": Any"):
            assert not valid, label
    assert found[False] > found[True] > 1000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'name="NodeID" type="basic:string-50" minOccurs="0"', b'name="NodeID" type="basic:string-100" minOccurs="0"'),
        (b'<xs:element name="ReplyTo" type="basic:string-4000">', b'<xs:element name="ReplyTo" type="xs:string">'),
        (b'<xs:element ref="basic:RefAttachmentHeaderList" minOccurs="0"/>', b""),
        (b'name="RequestRejected" maxOccurs="unbounded"', b'name="RequestRejected" maxOccurs="1000"'),
        (b'name="pendingMessageNumber" type="xs:long"', b'name="pendingMessageNumber" type="xs:int"'),
        (b'<xs:enumeration value="NO_DATA">', b'<xs:enumeration value="NO_DATE">'),
        (
            b'namespace="##other" processContents="skip" minOccurs="0"',
            b'namespace="##any" processContents="skip" minOccurs="0"',
        ),
    ],
)
def test_the_corpus_notices_every_sort_of_difference(tmp_path: Path, old: bytes, new: bytes) -> None:
    """One change in a copy of our 1.1, and some document tells it from the original."""
    for part in ("types", "basic"):
        octets = ours("1.1", part).read_bytes()
        if part == "types":
            assert octets.count(old) >= 1
            octets = octets.replace(old, new)
        (tmp_path / ours("1.1", part).name).write_bytes(octets)
    changed = etree.XMLSchema(file=str(tmp_path / ours("1.1", "types").name))
    original = schema(ours("1.1", "types"))
    assert any(original.validate(root) != changed.validate(root) for _, _, root in corpus(model(ours("1.1", "types"))))
