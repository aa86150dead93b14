"""What a request says of a record, read from content that is valid against the kind's schema."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from lxml.etree import QName
from lxml.etree import _Element as Element

from .fields import Coded, Field


class Action(StrEnum):
    """What is to be done with the record; the value is the element's name."""

    CREATE = "Create"
    CHANGE = "Change"
    WITHDRAW = "Withdraw"


@dataclass(frozen=True, slots=True)
class Sent:
    """The action with what it carries. `path` leads to the action's element.

    `entity_id` and `version` name what is replaced or withdrawn, None for a new record. `values` are columns, none of a
    withdrawal; `names` those that were sent with codes, by column; `present` the columns whose elements are there.
    """

    action: Action
    path: str
    entity_id: str | None
    version: int | None
    values: Mapping[str, Any]
    names: Mapping[str, str]
    present: frozenset[str]

    @classmethod
    def read(cls, path: str, element: Element, fields: tuple[Field, ...]) -> "Sent":
        """Reads an action's element; `path` leads to the section's."""
        action = Action(QName(element).localname)
        return cls.of(action, f"{path}/{action}", element, fields)

    @classmethod
    def of(cls, action: Action, path: str, element: Element, fields: tuple[Field, ...]) -> "Sent":
        """Reads an element that stands at `path` and holds the fields of a record."""
        elements = {} if action is Action.WITHDRAW else {field: _at(element, field.path) for field in fields}
        version = element.get("version")
        return cls(
            action=action,
            path=path,
            entity_id=element.get("entityId"),
            version=None if version is None else int(version),
            values={field.column: field.absent if at is None else field.value(at) for field, at in elements.items()},
            names=_names(elements),
            present=frozenset(field.column for field, at in elements.items() if at is not None),
        )


def _at(element: Element, path: str) -> Element | None:
    return element.find("/".join(step if step == ".." else f"{{*}}{step}" for step in path.split("/")))


def _names(elements: Mapping[Field, Element | None]) -> dict[str, str]:
    names = {
        field.column: field.name(at) for field, at in elements.items() if isinstance(field, Coded) and at is not None
    }
    return {column: name for column, name in names.items() if name is not None}
