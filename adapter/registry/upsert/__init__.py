"""Updates of records: what is alike in all kinds that enter, change or withdraw one record of a section.

A kind declares its sections (Section: a table, and which element of the request becomes which column) and the rules
that are its own. The rest is here: reading the request, finding and locking whose record it is, dictionaries, dates,
duplicates, versions, writing the fact and the answer. The grammar of the requests is the same everywhere:

    <CertificateUpsertRequest>
      <Worker>…</Worker> <Organization>…</Organization>
      <Certificate>                                        the section
        <Create>…</Create>                                 a new record
        <Change entityId="…" version="1">…</Change>        the whole record, in the place of version 1
        <Withdraw entityId="…" version="1">…</Withdraw>    it was wrong: it has no current version any more
      </Certificate>
    </CertificateUpsertRequest>
"""

from .answer import Recorded
from .change import Change, Check, Section
from .fields import Coded, Control, Day, Field, Hundredths, Instant, Number, Present, Text, YesNo
from .findings import Finding, Findings, Judged, found
from .handler import Upsert
from .identity import identifier
from .organisations import ORGANISATIONS
from .owner import Found, Owner
from .sent import Action
from .workers import WORKERS, WorkerKey, Workers, locked

__all__ = [
    "ORGANISATIONS",
    "WORKERS",
    "Action",
    "Change",
    "Check",
    "Coded",
    "Control",
    "Day",
    "Field",
    "Finding",
    "Findings",
    "Found",
    "Hundredths",
    "Instant",
    "Judged",
    "Number",
    "Owner",
    "Present",
    "Recorded",
    "Section",
    "Text",
    "Upsert",
    "WorkerKey",
    "Workers",
    "YesNo",
    "found",
    "identifier",
    "locked",
]
