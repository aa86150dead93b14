"""Kinds that an operator declares: what is taken, what is refused before the node starts, and why."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from lxml import etree
from mezhved.adapter.catalogue.catalogue import Catalogue, load_catalogue
from mezhved.adapter.catalogue.errors import CatalogueError, KindClash, KindUnusable
from support.world import EchoKind

NAMESPACE = "urn://x-artefacts-mezhved/test/licence"
DESCRIPTION = """
title = "Сведения о лицензии"
purpose = "Tells what licences an organisation has."
request = "LicenceRequest"
response = "LicenceResponse"
"""
BROADCAST = """
title = "Оповещение"
purpose = "Tells everybody."
request = "LicenceRequest"
broadcast = true
"""


def schema(version: str, *, above: str = "", roots: Iterable[str] = ("LicenceRequest", "LicenceResponse")) -> str:
    elements = "".join(f'<xs:element name="{root}" type="xs:date"/>' for root in roots)
    return (
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="{NAMESPACE}/{version}">'
        f"{above}{elements}</xs:schema>"
    )


@pytest.fixture
def kinds(tmp_path: Path) -> Path:
    """A folder with one good kind of two versions."""
    place = tmp_path / "kinds" / "licence_card"
    place.mkdir(parents=True)
    (place / "kind.toml").write_text(DESCRIPTION, encoding="utf-8")
    for version in ("1.0.0", "1.10.0"):
        (place / f"{version}.xsd").write_text(schema(version), encoding="utf-8")
    return tmp_path / "kinds"


def load(folder: Path) -> Catalogue:
    return load_catalogue([EchoKind()], folder)


def test_every_version_is_found_by_its_own_roots_and_judges_by_its_own_schema(kinds: Path) -> None:
    catalogue = load(kinds)
    assert [(kind.name, kind.version) for kind in catalogue] == [
        ("echo", "1.0.0"),
        ("licence_card", "1.0.0"),
        ("licence_card", "1.10.0"),
    ]
    assert catalogue.versions("licence_card") == ["1.0.0", "1.10.0"]
    newer = catalogue.by_request(f"{{{NAMESPACE}/1.10.0}}LicenceRequest")
    assert newer is not None
    assert newer is catalogue.by_response(f"{{{NAMESPACE}/1.10.0}}LicenceResponse")
    assert newer.version == "1.10.0"
    assert catalogue.by_request(f"{{{NAMESPACE}/1.10.0}}LicenceResponse") is None
    content = f'<LicenceRequest xmlns="{NAMESPACE}/1.10.0">%s</LicenceRequest>'
    assert newer.validate(etree.fromstring(content % "2026-11-23")) == []
    (error,) = newer.validate(etree.fromstring(content % "вчера"))
    assert error.path == "LicenceRequest"
    assert newer.order_key(etree.fromstring(content % "2026-11-23")) is None


def test_without_a_folder_there_are_the_kinds_of_the_register() -> None:
    assert [kind.name for kind in load_catalogue([EchoKind()], None)] == ["echo"]


def test_a_broadcast_has_no_response(kinds: Path) -> None:
    (kinds / "licence_card" / "kind.toml").write_text(BROADCAST, encoding="utf-8")
    *_, kind = load(kinds)
    assert (kind.broadcast, kind.response_root) == (True, None)


def test_a_schema_may_be_in_several_files_of_its_folder(kinds: Path) -> None:
    place = kinds / "licence_card"
    (place / "roots.xsd").write_text(schema("1.0.0"), encoding="utf-8")
    (place / "1.0.0.xsd").write_text(
        schema("1.0.0", above='<xs:include schemaLocation="roots.xsd"/>', roots=()), encoding="utf-8"
    )
    assert load(kinds).by_request(f"{{{NAMESPACE}/1.0.0}}LicenceRequest") is not None


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("kind.toml", None, "kind.toml is not there"),
        ("kind.toml", "title =", "not a TOML file"),
        ("kind.toml", DESCRIPTION + "colour = 1\n", "colour"),
        ("kind.toml", BROADCAST + 'response = "LicenceResponse"\n', "nobody answers a broadcast"),
        ("kind.toml", DESCRIPTION.replace('response = "LicenceResponse"', ""), "response is missing"),
        ("kind.toml", DESCRIPTION.replace("LicenceResponse", "LicenceRequest"), "different names"),
        ("kind.toml", DESCRIPTION.replace("LicenceResponse", "Other"), "declares no element Other"),
        ("1.0.0.xsd", "<xs:schema", "not XML"),
        ("1.0.0.xsd", "<schema/>", "not xs:schema"),
        ("1.0.0.xsd", '<!DOCTYPE a [<!ENTITY b "c">]>' + schema("1.0.0"), "DTD"),
        ("1.0.0.xsd", schema("1.0.0").replace(f'targetNamespace="{NAMESPACE}/1.0.0"', ""), "targetNamespace"),
        ("1.0.0.xsd", schema("1.0.0").replace("xs:date", "xs:dat"), "1.0.0.xsd"),
        ("1.0.0.xsd", schema("1.0.0", above='<xs:include schemaLocation="../../secret.xsd"/>'), "outside of"),
        ("1.0.0.xsd", schema("1.0.0", above='<xs:include schemaLocation="/etc/passwd"/>'), "outside of"),
        ("1.0.0.xsd", schema("1.0.0", above='<xs:include schemaLocation="http://127.0.0.1/a.xsd"/>'), "not there"),
        ("1.0.0.xsd", schema("1.0.0", above='<xs:import namespace="urn:a"/>'), "schemaLocation"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_file_and_the_reason(
    kinds: Path, file: str, text: str | None, said: str
) -> None:
    path = kinds / "licence_card" / file
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    (kinds.parent / "secret.xsd").write_text(schema("1.0.0"), encoding="utf-8")
    with pytest.raises(KindUnusable, match=said) as refused:
        load(kinds)
    assert str(path.parent) in str(refused.value)


def test_a_link_out_of_the_folder_is_not_followed_even_if_it_looks_local(kinds: Path) -> None:
    (kinds.parent / "secret.xsd").write_text(schema("1.0.0"), encoding="utf-8")
    (kinds / "licence_card" / "local.xsd").symlink_to(kinds.parent / "secret.xsd")
    link = schema("1.0.0", above='<xs:include schemaLocation="local.xsd"/>')
    (kinds / "licence_card" / "1.0.0.xsd").write_text(link, encoding="utf-8")
    with pytest.raises(KindUnusable, match="outside of"):
        load(kinds)


@pytest.mark.parametrize("name", ["Licence", "licence card", "1licence"])
def test_the_name_of_a_folder_is_the_name_of_a_kind(kinds: Path, name: str) -> None:
    (kinds / "licence_card").rename(kinds / name)
    with pytest.raises(KindUnusable, match="small letters"):
        load(kinds)


def test_a_folder_without_a_schema_is_no_kind(kinds: Path) -> None:
    for path in (kinds / "licence_card").glob("*.xsd"):
        path.unlink()
    with pytest.raises(KindUnusable, match="after its version"):
        load(kinds)


def test_names_and_roots_are_for_one_kind_only(kinds: Path) -> None:
    (kinds / "licence_card").rename(kinds / "echo")
    with pytest.raises(KindClash, match="kind of the register"):
        load(kinds)
    (kinds / "echo").rename(kinds / "licence_card")
    (kinds / "licence_card" / "2.0.0.xsd").write_text(schema("1.0.0"), encoding="utf-8")
    with pytest.raises(KindClash, match="namespace of its own"):
        load(kinds)
    assert issubclass(KindClash, CatalogueError)
