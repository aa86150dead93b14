"""A verdict as elements of a kind's answer (xsd/frmr/verdict)."""

from lxml.etree import SubElement
from lxml.etree import _Element as Element

from ..markup import leaf
from .question import Fact, Verdict


def write_verdict(parent: Element, q: str, verdict: Verdict) -> None:
    """Adds the parts of VerdictType to `parent`; `q` is the kind's namespace in braces."""
    leaf(parent, f"{q}Outcome", verdict.outcome)
    if verdict.category is not None:
        leaf(parent, f"{q}StaffCategory", verdict.category.name)
    for finding in verdict.findings:
        reason = SubElement(parent, f"{q}Reason")
        leaf(reason, f"{q}Code", finding.reason.code)
        leaf(reason, f"{q}LeadsTo", finding.reason.outcome)
        leaf(reason, f"{q}Text", f"{finding.reason.text}. {finding.reason.remedy}")
        if finding.fact is not None:
            _fact(SubElement(reason, f"{q}Fact"), q, finding.fact)
    for ground in verdict.grounds:
        _fact(SubElement(parent, f"{q}Ground"), q, ground)


def _fact(element: Element, q: str, fact: Fact) -> None:
    leaf(element, f"{q}Section", fact.section)
    leaf(element, f"{q}EntityId", fact.entity_id)
    for name, day in (("BeginDate", fact.valid_from), ("EndDate", fact.valid_to)):
        if day is not None:
            leaf(element, f"{q}{name}", day.isoformat())
