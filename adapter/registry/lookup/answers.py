"""How the answers about one worker or one organisation begin."""

from lxml.etree import QName
from lxml.etree import _Element as Element

from ..markup import answer, leaf, moment
from ..outcome import KindRequest
from .organisations import AskedOrganisation
from .subjects import Subject


def begun_answer(request: KindRequest, about: Subject | AskedOrganisation) -> Element:
    """The response of the request's kind with ActualAt, WorkerOid or OrganizationOid, and Date."""
    name = QName(request.content)
    root = answer(str(name.namespace), f"{name.localname.removesuffix('Request')}Response")
    q = f"{{{name.namespace}}}"
    leaf(root, f"{q}ActualAt", moment(request.now))
    leaf(root, f"{q}{'WorkerOid' if isinstance(about, Subject) else 'OrganizationOid'}", about.oid)
    leaf(root, f"{q}Date", about.day.isoformat())
    return root
