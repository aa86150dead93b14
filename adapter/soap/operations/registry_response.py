"""What a provider may answer to a registry request: an answer of the kind to each record, or why it is refused."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import cast

from lxml.etree import _Element as Element

from .... import xsd
from ....xsd.validation import Schema
from ...dispatch.record_answers import RECORD_REJECTED, REGISTRY_VERSION
from ...exchange.contract import Contract
from ...exchange.faults import InvalidContent, ValidationError
from ...exchange.ports import MessageKind
from ...exchange.registry_records import RegistryRecord, records_of


def check_registry_response(contract: Contract, kind: MessageKind, content: Element, asked: frozenset[int]) -> None:
    """Raises InvalidContent unless the Registry `content` answers records that were asked about, each once."""
    errors: list[ValidationError] = []
    answered: set[int] = set()
    for record in records_of(contract, content):
        if record.record_id in answered or record.record_id not in asked:
            text = "на эту запись уже дан ответ" if record.record_id in answered else "в запросе нет такой записи"
            errors.append(ValidationError(cast(int, record.element.sourceline), f"{record.path}/RecordId", text))
        answered.add(record.record_id)
        errors.extend(_errors(kind, record))
        if errors:
            raise InvalidContent(tuple(errors))


def _errors(kind: MessageKind, record: RegistryRecord) -> Iterator[ValidationError]:
    tag = record.content.tag
    if tag not in (RECORD_REJECTED, kind.response_root):
        text = f"ожидается {kind.response_root} или {RECORD_REJECTED}"
        yield ValidationError(cast(int, record.content.sourceline), f"{record.path}/Record/RecordContent", text)
        return
    found = _refusals().errors(record.content) if tag == RECORD_REJECTED else kind.validate(record.content)
    for error in found:
        yield ValidationError(error.line, f"{record.path}/{error.path}", error.text)


@cache
def _refusals() -> Schema:
    return Schema(Path(xsd.__path__[0], "registry", f"{REGISTRY_VERSION}.xsd"))
