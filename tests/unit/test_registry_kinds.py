"""Kinds of messages: found by scanning, one name everywhere, schemas that document themselves."""

from pathlib import Path
from types import ModuleType

import pytest
from lxml import etree
from mezhved.adapter.exchange.rejection import Rejection, RejectReason
from mezhved.adapter.registry import kinds as kinds_package
from mezhved.adapter.registry.kind import Kind
from mezhved.adapter.registry.kinds import IncompleteKind, UnknownKind, load_kinds
from mezhved.adapter.registry.rule import Rule

XS = "{http://www.w3.org/2001/XMLSchema}"
KINDS = load_kinds()
SCHEMAS = sorted(KINDS.by_name("worker_card").schema_path.parents[1].glob("*/*.xsd"))


def test_kinds_are_found() -> None:
    assert {"access_log", "employment_event", "worker_card"} <= {kind.name for kind in KINDS}
    assert KINDS.by_name("employment_event").writes
    assert not KINDS.by_name("worker_card").writes


@pytest.mark.parametrize("kind", list(KINDS), ids=lambda kind: kind.name)
def test_one_name_stands_everywhere(kind: Kind) -> None:
    assert kind.namespace == f"urn://x-artefacts-mezhved/frmr/{kind.name}/{kind.version}"
    camel = kind.name.title().replace("_", "")
    assert kind.request_root == f"{{{kind.namespace}}}{camel}Request"
    assert kind.response_root == f"{{{kind.namespace}}}{camel}Response"
    assert kind.schema_path.parts[-3:] == ("frmr", kind.name, f"{kind.version}.xsd")
    schema = etree.parse(kind.schema_path).getroot()
    assert schema.get("targetNamespace") == kind.namespace
    assert [element.get("name") for element in schema.iterchildren(f"{XS}element")] == [
        f"{camel}Request",
        f"{camel}Response",
    ]


@pytest.mark.parametrize("kind", list(KINDS), ids=lambda kind: kind.name)
def test_a_kind_is_found_by_its_roots_and_its_name(kind: Kind) -> None:
    assert KINDS.by_request(kind.request_root) is kind
    assert KINDS.by_response(kind.response_root) is kind
    assert KINDS.by_name(kind.name) is kind
    assert KINDS.by_request(kind.response_root) is None
    assert KINDS.by_response(kind.request_root) is None


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(UnknownKind):
        KINDS.by_name("worker_wish")
    assert KINDS.by_request("{urn:other}WorkerCardRequest") is None


def test_a_kind_that_does_not_describe_itself_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds_package.importlib, "import_module", ModuleType)
    with pytest.raises(IncompleteKind, match="access_log declares no KIND"):
        load_kinds()


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.parent.name)
def test_everything_in_a_schema_is_documented_in_russian(path: Path) -> None:
    schema = etree.parse(path).getroot()
    assert schema.get("elementFormDefault") == "qualified"
    declared = schema.iter(*(f"{XS}{name}" for name in ("element", "attribute", "complexType", "simpleType")))
    bare = [
        element.get("name")
        for element in declared
        if not (element.findtext(f"{XS}annotation/{XS}documentation") or "").strip()
    ]
    assert bare == []


@pytest.mark.parametrize("kind", list(KINDS), ids=lambda kind: kind.name)
def test_rules_have_codes_of_their_own_and_say_what_to_do(kind: Kind) -> None:
    codes = [rule.code for rule in kind.rules]
    assert len(codes) == len(set(codes))
    for rule in kind.rules:
        assert rule.code.replace("_", "").isalnum()
        assert rule.code.isupper()
        assert rule.text
        assert rule.remedy
        assert not rule.text.endswith(".")
        assert not rule.remedy.endswith(".")


def card(body: str) -> etree._Element:
    """A request two lines down in a larger document, as it stands in an envelope."""
    namespace = KINDS.by_name("worker_card").namespace
    root = etree.fromstring(
        f'<e>\n<m>\n<WorkerCardRequest xmlns="{namespace}" Id="CONTENT"><Purpose code="1"/>{body}</WorkerCardRequest>'
        "</m></e>"
    )
    return root[0][0]


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ("", ""),
        ("<Snils>1122334459</Snils>", "/Snils"),
        ("<Snils>112-23344595</Snils>", "/Snils"),
        ("<Snils>11223344595</Snils><Sections/>", "/Sections"),
        ("<Snils>11223344595</Snils><Sections>\n<Section>ALL</Section></Sections>", "/Sections/Section"),
        (
            "<Snils>11223344595</Snils><Sections><Section>EDUCATION</Section><Section>X</Section></Sections>",
            "/Sections/Section[2]",
        ),
        ("<Snils>11223344595</Snils><Person/>", "/Person"),
        ("<Inn>500100732259</Inn>", "/Inn"),
        ('<Snils wrong="1">11223344595</Snils>', "/Snils"),
    ],
)
def test_a_schema_error_leads_to_its_place(body: str, path: str) -> None:
    [error] = KINDS.by_name("worker_card").validate(card(body))
    assert error.path == f"WorkerCardRequest{path}"
    assert error.line == (4 if "\n" in body else 3)


@pytest.mark.parametrize("born", ["1985-02-30", "1985-13-01", "12.04.1985", "1985-04-12Z", "1899-12-31", "0000-01-01"])
def test_impossible_dates_are_refused_by_the_schema(born: str) -> None:
    body = (
        f"<Person><LastName>Ясная</LastName><FirstName>Анна</FirstName><BirthDate>{born}</BirthDate>"
        "<IdentityDocument><TypeCode>1</TypeCode><Number>1</Number></IdentityDocument></Person>"
    )
    [error] = KINDS.by_name("worker_card").validate(card(body))
    assert error.path == "WorkerCardRequest/Person/BirthDate"
    assert born in error.text


def test_all_schema_errors_are_told() -> None:
    body = (
        "<Person><LastName> </LastName><FirstName>Ann</FirstName><BirthDate>1985-02-30</BirthDate>"
        "<IdentityDocument><TypeCode>№</TypeCode><Number/></IdentityDocument></Person>"
    )
    person = "WorkerCardRequest/Person"
    document = f"{person}/IdentityDocument"
    assert {error.path for error in KINDS.by_name("worker_card").validate(card(body))} == {
        f"{person}/LastName",
        f"{person}/FirstName",
        f"{person}/BirthDate",
        f"{document}/TypeCode",
        f"{document}/Number",
    }


def test_a_prefix_bound_outside_the_content_is_not_resolved() -> None:
    """Such a binding is protected by no signature (protocol §2): what depends on it is refused."""
    namespace = KINDS.by_name("worker_card").namespace
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    root = etree.fromstring(
        f'<e xmlns:c="{namespace}" xmlns:xsi="{xsi}"><WorkerCardRequest xmlns="{namespace}">'
        '<Snils xsi:type="c:PersonKeyType">11223344595</Snils></WorkerCardRequest></e>'
    )
    assert KINDS.by_name("worker_card").validate(root[0])


def test_a_rejection_is_written_with_code_path_and_text() -> None:
    rule = Rule("RULE_CODE", "вместо {sent} нужно {stored}", "Исправьте", RejectReason.NO_DATA)
    rejection = rule.rejection("A/B", sent=1, stored=2)
    assert rejection == Rejection(RejectReason.NO_DATA, "RULE_CODE", "A/B", "вместо 1 нужно 2. Исправьте")
    assert rejection.description == "RULE_CODE|A/B|вместо 1 нужно 2. Исправьте"
