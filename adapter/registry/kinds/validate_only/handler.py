"""ValidateOnly: carries the update out within a savepoint and rolls it back."""

from dataclasses import replace
from functools import cache

from lxml.etree import SubElement
from lxml.etree import _Element as Element
from sqlalchemy import Connection

from ....exchange.rejection import Rejection, RejectReason
from ...access import Denied, Granted, admit, read_purpose
from ...kind import Kind, namespace
from ...markup import answer, leaf
from ...outcome import Answer, KindRequest, Refusal
from .. import Kinds, load_kinds
from . import rules

NAMESPACE = namespace("validate_only", "1.0.0")
Q = f"{{{NAMESPACE}}}"
PATH = "ValidateOnlyRequest/Content"
INVALID = "SCHEMA"
"""Code of an error of the schema, in place of a rule's."""


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Tells what would become of the update; refuses when there is no such kind, or when it is no update.

    What is judged is all that would be: schema, rights of role and organisation, rules. Only the official's signature
    is not demanded: nobody should have to sign what is merely tried.
    """
    [content] = request.content.iterfind(f"{Q}Content/*")
    kind = _kinds().by_request(content.tag)
    if kind is None:
        return Refusal((rules.KIND_UNKNOWN.rejection(PATH, sent=content.tag),))
    if not kind.writes:
        return Refusal((rules.KIND_CHANGES_NOTHING.rejection(PATH, sent=kind.name),))
    outcome = _tried(kind, replace(request, content=content), conn)
    return Answer(_answer(kind, outcome), outcome.about)


@cache
def _kinds() -> Kinds:
    """All kinds, this one among them: which is why they are loaded at the first request and not with the package."""
    return load_kinds()


def _tried(kind: Kind, request: KindRequest, conn: Connection) -> Answer | Refusal:
    errors = kind.validate(request.content)
    if errors:
        reason = RejectReason.UNKNOWN_REQUEST_DESCRIPTION
        return Refusal(tuple(Rejection(reason, INVALID, error.path, error.text) for error in errors))
    admitted = admit(kind.access, request.content, request.sender)
    if isinstance(admitted, Denied):
        return Refusal(admitted.rejections)
    granted = Granted(admitted.roles, read_purpose(request.content), request.access.signer)
    with conn.begin_nested() as changes:
        outcome = kind.handler(replace(request, access=granted), conn)
        changes.rollback()
    return outcome


def _answer(kind: Kind, outcome: Answer | Refusal) -> Element:
    root = answer(NAMESPACE, "ValidateOnlyResponse")
    leaf(root, f"{Q}Kind", kind.name)
    match outcome:
        case Answer(content):
            leaf(root, f"{Q}Accepted", "true")
            SubElement(root, f"{Q}Answer").append(content)
        case Refusal(rejections):
            leaf(root, f"{Q}Accepted", "false")
            errors = SubElement(root, f"{Q}Errors")
            for rejection in rejections:
                _error(errors, rejection)
    return root


def _error(errors: Element, rejection: Rejection) -> None:
    element = SubElement(errors, f"{Q}Error")
    leaf(element, f"{Q}Reason", rejection.reason)
    leaf(element, f"{Q}Code", rejection.code)
    if rejection.path:
        leaf(element, f"{Q}Path", rejection.path)
    leaf(element, f"{Q}Text", rejection.text)
