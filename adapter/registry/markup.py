"""Writing content elements: leaves and moments as the kinds' schemas want them."""

from datetime import datetime

from lxml import etree
from lxml.etree import SubElement
from lxml.etree import _Element as Element


def answer(namespace: str, name: str) -> Element:
    """The root of a response, with its namespace as the default one."""
    return etree.fromstring(f'<{name} xmlns="{namespace}"/>')


def leaf(parent: Element, tag: str, text: str) -> None:
    """Adds an element (Clark name) that holds only text."""
    SubElement(parent, tag).text = text


def moment(value: datetime) -> str:
    """An aware moment in UTC as DateTimeType of the kinds: with milliseconds, ending in Z."""
    return f"{value.replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"


def share(hundredths: int) -> str:
    """The share of a full post as RateType of the kinds."""
    return f"{hundredths // 100}.{hundredths % 100:02}"
