"""How the answers about one worker begin."""

from lxml.etree import QName
from lxml.etree import _Element as Element

from ..markup import answer, leaf, moment
from ..outcome import KindRequest
from .subjects import Subject


def begun_answer(request: KindRequest, subject: Subject) -> Element:
    """The response of the request's kind with ActualAt, WorkerOid and Date: what all lists of a worker begin with."""
    name = QName(request.content)
    root = answer(str(name.namespace), f"{name.localname.removesuffix('Request')}Response")
    q = f"{{{name.namespace}}}"
    leaf(root, f"{q}ActualAt", moment(request.now))
    leaf(root, f"{q}WorkerOid", subject.oid)
    leaf(root, f"{q}Date", subject.day.isoformat())
    return root
