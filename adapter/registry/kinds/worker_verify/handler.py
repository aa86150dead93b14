"""WorkerVerify: one question, one verdict."""

from lxml.etree import SubElement
from sqlalchemy import Connection

from ... import dictionaries as nsi
from ...kind import namespace
from ...lookup.codes import read_codes, wrong_codes
from ...lookup.subjects import asked_moment, subject, today_of
from ...markup import answer, leaf, moment
from ...outcome import Answer, KindRequest, Refusal
from ...verdict import Question, judge
from ...verdict.writing import write_verdict

NAMESPACE = namespace("worker_verify", "1.0.0")
Q = f"{{{NAMESPACE}}}"
_ROOT = "WorkerVerifyRequest"


_CODES = {"Post": nsi.POSTS, "Specialty": nsi.SPECIALTIES}


def handle(request: KindRequest, conn: Connection) -> Answer | Refusal:
    """Answers with the verdict; refuses when the question makes no sense, with all that is wrong with it."""
    content = request.content
    asked = {name: text for name in _CODES if (text := content.findtext(f"{Q}{name}")) is not None}
    sent = {f"{_ROOT}/{name}": (_CODES[name], code) for name, code in asked.items()}
    at, _ = asked_moment(content, today_of(request))
    day = at.as_of or today_of(request)
    found = subject(request, conn, also=wrong_codes(read_codes(conn, sent), sent, day))
    if isinstance(found, Refusal):
        return found
    question = Question(
        worker=found.oid,
        day=day,
        post=asked.get("Post"),
        specialty=asked.get("Specialty"),
        organisation=content.findtext(f"{Q}Organization/{{*}}Oid"),
        before_hire=content.findtext(f"{Q}BeforeHire") in ("true", "1"),
    )
    [verdict] = judge(conn, [question], found.projection, found.at)
    root = answer(NAMESPACE, "WorkerVerifyResponse")
    leaf(root, f"{Q}ActualAt", moment(request.now))
    leaf(root, f"{Q}WorkerOid", found.oid)
    leaf(root, f"{Q}Date", question.day.isoformat())
    write_verdict(SubElement(root, f"{Q}Verdict"), Q, verdict)
    return Answer(root, (found.oid,))
