"""Media types of a call. SOAP 1.1 comes as text/xml; what else may come hears what is taken."""

from email.message import Message

from starlette.requests import Request

from ..exchange.faults import ClientFault, Fault, VersionMismatch, shortened
from .refusal import Refused

_XML = frozenset({"text/xml", "application/xml"})


def check_media_type(request: Request) -> Fault | None:
    """The fault for a call whose media type is a form of SOAP that is not taken; None for text/xml in UTF-8.

    Raises Refused for anything that is no form of SOAP.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise Refused(415, "сжатие тела (Content-Encoding) не поддерживается")
    written = request.headers.get("content-type", "")
    parsed = Message()
    parsed["content-type"] = written
    kind = parsed.get_content_type() if written else ""
    if kind == "multipart/related":
        return ClientFault(
            "части MIME (multipart/related, MTOM) узел не принимает; отправьте конверт как text/xml, без вложений"
        )
    if kind == "application/soap+xml":
        return VersionMismatch("application/soap+xml — это SOAP 1.2; ожидается SOAP 1.1, тип text/xml")
    if kind not in _XML:
        raise Refused(
            415, f"тип содержимого «{shortened(written)}» не поддерживается; ожидается text/xml; charset=utf-8"
        )
    charset = parsed.get_content_charset("utf-8")
    if charset not in ("utf-8", "utf8"):
        return ClientFault(f"кодировка «{shortened(charset)}» в Content-Type не поддерживается; ожидается UTF-8")
    return None
