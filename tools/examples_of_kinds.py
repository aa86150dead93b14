"""Whole requests for the pages of kinds: what the fixtures send and are answered, made as if on a fixed day."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from lxml import etree
from mezhved.adapter.client.building import read_content
from mezhved.adapter.conformance.fixture import Await, Fixture, Run, Send, find_fixtures
from mezhved.adapter.conformance.fixture_reading import load_fixture
from mezhved.adapter.conformance.placeholders import Values
from mezhved.adapter.registry.kinds import Kind

DAY = datetime(2026, 11, 2, 9, tzinfo=UTC)
KEPT = "7d3f0c1a-5b2e-4c8d-9a61-0f4e2b8c3d57"
"""Stands for an identifier that an earlier answer would have given."""


def examples(folder: Path, kind: Kind) -> list[str]:
    """One request for each of the forms that the kind has (by the names of the root's children).

    What carries more of an earlier answer than an identifier cannot be shown without the node: it is left out.
    """
    found: dict[tuple[str, ...], str] = {}
    for _, _, fixture, run, step in sorted(_answered(folder, kind), key=lambda one: one[:2]):
        text = _content(fixture, run, step)
        content = read_content(text.encode())
        if not kind.schema.errors(content):
            found.setdefault(tuple(str(child.tag) for child in content), text)
    return list(found.values())


def _answered(folder: Path, kind: Kind) -> Iterator[tuple[int, str, Fixture, Run, Send]]:
    """What is sent and answered with content: number of the step, name of the fixture, fixture, run, step."""
    response = etree.QName(kind.response_root).localname
    for path in find_fixtures([folder]):
        fixture = load_fixture(path)
        run = fixture.runs[0]
        for step in run.steps:
            if isinstance(step, Await) and step.expect.content == response:
                sent = run.steps[step.step - 1]
                assert isinstance(sent, Send)
                yield step.step, path.name, fixture, run, sent


def _content(fixture: Fixture, run: Run, step: Send) -> str:
    random = Random(1)  # noqa: S311  the same examples every time
    kept = {name: KEPT for one in run.steps if isinstance(one, Await) for name in one.keep}
    known = {**run.parameters, **kept, "contract": step.contract.version, "run": "run", "node_id": "node"}
    for name, value in fixture.values.items():
        known[name] = Values(DAY, random.getrandbits, {}, known).fill(value)
    return Values(DAY, random.getrandbits, step.values, known).fill(step.values["content"]).strip()
