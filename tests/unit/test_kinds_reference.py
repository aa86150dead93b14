"""The pages of docs/reference/kinds say what a kind's schema and declaration say."""

import re
from pathlib import Path

import pytest
from mezhved.adapter.client.building import read_content
from mezhved.adapter.registry.kind import Kind
from mezhved.adapter.registry.kinds import load_kinds
from mezhved.xsd.validation import Schema

PAGES = Path(__file__).parents[2] / "docs" / "reference" / "kinds"


@pytest.mark.parametrize("kind", list(load_kinds()), ids=lambda kind: kind.name)
def test_a_page_names_every_rule_and_role(kind: Kind) -> None:
    page = (PAGES / f"{kind.name}.md").read_text("utf-8")
    for rule in kind.rules:
        assert f"| `{rule.code}` |" in page
    for role in kind.access.roles:
        assert f"- `{role}`" in page


def test_elements_stand_within_each_other_with_type_occurrence_and_meaning() -> None:
    page = (PAGES / "certificate_upsert.md").read_text("utf-8")
    for line in (
        "- `Certificate` `CertificateActionType` 1 Сертификат.\n  - one of these, 1\n    - `Create` `CertificateType`",
        "      - `Series` `DocumentSeriesType` 0…1 Серия, если есть.\n",
        "      - `@version` `VersionType` 1 Версия записи, которую видел отправитель.",
        "- `Worker` `WorkerKeyType` 1 Работник, о котором сведения.\n  - `t:Snils` `SnilsType` 1",
        "`t:` is `urn://x-artefacts-mezhved/frmr/types/1.0.0`.",
        "| `VersionType` | Версия записи регистра: 1, 2, 3… | 1 to 2147483647 |",
    ):
        assert line in page
    feed = (PAGES / "changes_since.md").read_text("utf-8")
    assert "- one of these, 0…1 С какого места; если не указано, с самого начала.\n  - `Cursor`" in feed
    batch = (PAGES / "worker_batch_verify.md").read_text("utf-8")
    assert "`Item` `ItemType` 1…1000" in batch


def test_a_type_within_itself_is_named_and_not_unfolded_for_ever() -> None:
    page = (PAGES / "organization_card.md").read_text("utf-8")
    assert page.count("`Subdivision` `SubdivisionRecordType` 0…∞") == 2


@pytest.mark.parametrize("kind", list(load_kinds()), ids=lambda kind: kind.name)
def test_a_page_has_whole_requests_that_the_schema_accepts(kind: Kind) -> None:
    page = (PAGES / f"{kind.name}.md").read_text("utf-8")
    examples = re.findall(r"^```xml\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    assert examples
    schema = Schema(kind.schema_path)
    for example in examples:
        assert schema.errors(read_content(example.encode())) == []


def test_an_event_of_each_form_is_shown() -> None:
    page = (PAGES / "employment_event.md").read_text("utf-8")
    for form in ("Hire", "Transfer", "RateChange", "Absence", "AbsenceEnd", "Dismissal"):
        assert f"\n  <{form}>\n" in page
