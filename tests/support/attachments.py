"""Attachments for messages of the tests: headers with signatures, and contents."""

import base64
from collections.abc import Mapping
from datetime import datetime

from mezhved.signing.detached import sign_file
from mezhved.signing.keys import SigningKey


def header(content_id: str, octets: bytes, key: SigningKey | None, at: datetime, mime_type: str = "text/plain") -> str:
    """An AttachmentHeader (prefix b); its signature is made by `key` if there is one."""
    signature = ""
    if key is not None:
        written = base64.b64encode(sign_file([octets], key, at=at)).decode()
        signature = f"<b:SignaturePKCS7>{written}</b:SignaturePKCS7>"
    return (
        f"<b:AttachmentHeader><b:contentId>{content_id}</b:contentId><b:MimeType>{mime_type}</b:MimeType>{signature}"
        "</b:AttachmentHeader>"
    )


def headers(files: Mapping[str, bytes], key: SigningKey | None, at: datetime) -> str:
    """AttachmentHeaderList with a header for each file."""
    listed = "".join(header(content_id, octets, key, at) for content_id, octets in files.items())
    return f"<b:AttachmentHeaderList>{listed}</b:AttachmentHeaderList>"


def content(content_id: str, written: str) -> str:
    """An AttachmentContent; `written` stands in its Content."""
    return f"<b:AttachmentContent><b:Id>{content_id}</b:Id><b:Content>{written}</b:Content></b:AttachmentContent>"


def contents(files: Mapping[str, bytes]) -> str:
    """AttachmentContentList with every file in base64."""
    listed = "".join(content(content_id, base64.b64encode(octets).decode()) for content_id, octets in files.items())
    return f"<b:AttachmentContentList>{listed}</b:AttachmentContentList>"


def included(content_ids: Mapping[str, str]) -> str:
    """AttachmentContentList whose contents stand in parts: the Content-ID of each id."""
    include = '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:%s"/>'
    listed = "".join(content(one, include % part) for one, part in content_ids.items())
    return f"<b:AttachmentContentList>{listed}</b:AttachmentContentList>"
