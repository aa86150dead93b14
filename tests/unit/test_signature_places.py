"""The table of signatures' places against the schemas: every place exists, and no signature has none."""

from collections.abc import Iterator

import pytest
from lxml import etree
from mezhved.adapter.exchange.contract import CONTRACTS, XMLDSIG, Contract, Operation
from mezhved.adapter.exchange.signature_places import Path, find_signatures, places
from mezhved.adapter.soap.schemas import contract_schema_path
from support.schema_model import Complex, Particle, SchemaModel, Simple, particles

ANY = "*"
VERSIONS = pytest.mark.parametrize("version", CONTRACTS)


@pytest.fixture(scope="module")
def models() -> dict[str, SchemaModel]:
    return {version: SchemaModel.read(contract_schema_path(version)) for version in CONTRACTS}


def roots(contract: Contract) -> list[str]:
    both = [(contract.request_root(one), contract.response_root(one)) for one in contract.operations]
    return [root for pair in both for root in pair]


def below(model: SchemaModel, contract: Contract, kind: Simple | Complex | None) -> Iterator[tuple[Path, Particle]]:
    """Every element under a type, with the way to it; a batch of records is looked into where content may stand."""
    for child in particles(kind.content if isinstance(kind, Complex) else None):
        if child.kind == "element":
            step = f"{{{child.name[0]}}}{child.name[1]}"
            yield (step,), child
            yield from (((step, *way), found) for way, found in below(model, contract, child.type))
        else:
            yield (ANY,), child
            registry = (contract.directive, "Registry")
            if registry in model.elements and (child.name[0], child.namespace) == (contract.basic, "##other"):
                step, batch = f"{{{contract.directive}}}Registry", model.root(registry)
                yield (step,), batch
                yield from (((step, *way), found) for way, found in below(model, contract, batch.type))


def ways(model: SchemaModel, contract: Contract, root: str) -> dict[Path, Particle]:
    name = etree.QName(root)
    return dict(below(model, contract, model.root((name.namespace or "", name.localname)).type))


def signature_holders(found: dict[Path, Particle]) -> set[Path]:
    return {
        way
        for way, one in found.items()
        if isinstance(one.type, Complex) and [child.namespace for child in particles(one.type.content)] == [XMLDSIG]
    }


@VERSIONS
def test_every_signature_of_the_schemas_has_its_place_and_every_place_its_element(
    models: dict[str, SchemaModel], version: str
) -> None:
    contract = CONTRACTS[version]
    for root in roots(contract):
        found = ways(models[version], contract, root)
        table = places(contract, root)
        assert table is not None
        assert {(*place.scope, place.holder) for place in table} == signature_holders(found), root
        for place in table:
            for target in place.targets:
                assert (*place.scope, *target) in found, (root, place)
            holder = found[(*place.scope, place.holder)]
            assert holder.most == place.most, (root, place)


@VERSIONS
def test_what_is_signed_bears_an_id_or_is_the_business_s_own(models: dict[str, SchemaModel], version: str) -> None:
    contract = CONTRACTS[version]
    for root in roots(contract):
        found = ways(models[version], contract, root)
        for place in places(contract, root) or ():
            for target in place.targets:
                kind = found[(*place.scope, *target)].type
                if target[-1] != ANY:
                    assert isinstance(kind, Complex)
                    assert "Id" in [attribute.name for attribute in kind.attributes], (root, target)


def test_a_cancellation_is_of_1_1_only() -> None:
    for version, contract in CONTRACTS.items():
        root = contract.response_root(Operation.GET_REQUEST)
        scopes = [place.scope for place in places(contract, root) or ()]
        assert any("Cancel" in step for scope in scopes for step in scope) is (version == "1.1")
    contract = CONTRACTS["1.1"]
    body = etree.fromstring(
        f'<t:GetRequestResponse xmlns:t="{contract.types}" xmlns:b="{contract.basic}" xmlns:ds="{XMLDSIG}">'
        "<t:RequestMessage><t:Cancel Id='C'><b:MessageReference Id='R'/><t:SenderInformationSystemSignature>"
        "<ds:Signature/></t:SenderInformationSystemSignature></t:Cancel><t:SMEVSignature><ds:Signature/>"
        "</t:SMEVSignature></t:RequestMessage></t:GetRequestResponse>"
    )
    found = {one.role: one for one in find_signatures(contract, body) if not one.stray}
    assert {role: None if one.target is None else one.target.get("Id") for role, one in found.items()} == {
        "node": "C",
        "sender": "R",
    }


@VERSIONS
def test_an_operation_that_a_version_lacks_has_no_places(version: str) -> None:
    contract = CONTRACTS[version]
    root = contract.request_root(Operation.GET_INCOMING_QUEUE_STATISTICS)
    assert (places(contract, root) is not None) is (version == "1.1")
