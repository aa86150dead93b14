"""Media types of a call. SOAP 1.1 comes as text/xml, or as a package with parts (MTOM); what else may come hears what
is taken."""

from email.message import Message

from starlette.requests import Request

from ..exchange.faults import ClientFault, Fault, VersionMismatch, shortened
from .refusal import Refused

PACKAGE = "multipart/related"
_XML = frozenset({"text/xml", "application/xml"})
_PARTS_WANTED = (PACKAGE, "application/xop+xml")


def package_type(request: Request) -> str | None:
    """The Content-Type of a call that comes as a package (MTOM); None for one that does not."""
    written = request.headers.get("content-type", "")
    return written if written.partition(";")[0].strip().lower() == PACKAGE else None


def takes_parts(request: Request) -> bool:
    """Whether a caller understands an answer with parts: it says so (Accept), or its call came that way itself."""
    accepted = request.headers.get("accept", "").lower()
    return package_type(request) is not None or any(kind in accepted for kind in _PARTS_WANTED)


def check_media_type(request: Request) -> Fault | None:
    """The fault for a call whose media type is a form of SOAP that is not taken; None for text/xml in UTF-8, and for a
    package, which is judged when it is read.

    Raises Refused for anything that is no form of SOAP.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "сжатие тела (Content-Encoding) не поддерживается")
    written = request.headers.get("content-type", "")
    parsed = Message()
    parsed["content-type"] = written
    kind = parsed.get_content_type() if written else ""
    if kind == PACKAGE:
        return None
    if kind == "application/soap+xml":
        return VersionMismatch("application/soap+xml — это SOAP 1.2; ожидается SOAP 1.1, тип text/xml")
    if kind not in _XML:
        raise Refused(
            415,
            f"тип содержимого «{shortened(written)}» не поддерживается; ожидается text/xml; charset=utf-8 "
            "или multipart/related (MTOM)",
        )
    charset = parsed.get_content_charset("utf-8")
    if charset not in ("utf-8", "utf8"):
        return ClientFault(f"кодировка «{shortened(charset)}» в Content-Type не поддерживается; ожидается UTF-8")
    return None
