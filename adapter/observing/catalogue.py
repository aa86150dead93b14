"""Every metric that a process exposes: its name, its type, what it means, its labels.

Values of labels are few and known beforehand: names of operations, faults, kinds, steps, algorithms, and mnemonics of
registered systems. Nothing that a caller makes up (MessageID, address, text) becomes one.
"""

from dataclasses import dataclass
from enum import StrEnum


class Type(StrEnum):
    """Types of metrics, in Prometheus' words."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


class Where(StrEnum):
    """Which processes expose a metric."""

    NODE = "node"
    WORKER = "worker"
    BOTH = "node, worker"


@dataclass(frozen=True, slots=True)
class Family:
    """A metric with all its labels. Counters are scraped under their name with `_total` behind it."""

    type: Type
    name: str
    meaning: str
    labels: tuple[str, ...] = ()
    where: Where = Where.BOTH
    buckets: tuple[float, ...] = ()

    @property
    def scraped(self) -> str:
        """The name as it stands in what is scraped."""
        return f"{self.name}_total" if self.type is Type.COUNTER else self.name


_WORK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_SHORT = (0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5)
_OCTETS = (1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0)

CALLS = Family(
    Type.COUNTER,
    "mezhved_calls",
    "Calls answered; outcome is `ok` or the fault (`ClientFault` is soap:Client); operation is `unknown` where "
    "the call could not be read so far.",
    ("operation", "contract", "outcome"),
    Where.NODE,
)
CALL_SECONDS = Family(
    Type.HISTOGRAM,
    "mezhved_call_seconds",
    "Work on a call, from its last octet to the answer, without the wait for a thread.",
    ("operation",),
    Where.NODE,
    _WORK,
)
OCTETS_IN = Family(
    Type.HISTOGRAM, "mezhved_call_octets_in", "Length of the envelope received.", ("operation",), Where.NODE, _OCTETS
)
OCTETS_OUT = Family(
    Type.HISTOGRAM, "mezhved_call_octets_out", "Length of the envelope sent.", ("operation",), Where.NODE, _OCTETS
)
MESSAGES = Family(
    Type.COUNTER,
    "mezhved_messages",
    "Messages accepted (SendRequest, SendResponse), delivered (GetRequest, GetResponse) or confirmed (Ack); type is "
    "REQUEST, RESPONSE or BROADCAST; for Ack, that of the queue.",
    ("operation", "type", "kind"),
    Where.NODE,
)
CALLS_IN_WORK = Family(Type.GAUGE, "mezhved_calls_in_work", "Calls that have a thread.", (), Where.NODE)
CALLS_WAITING = Family(
    Type.GAUGE, "mezhved_calls_waiting", "Calls that are read and wait for a thread.", (), Where.NODE
)
OVERLOADED = Family(
    Type.COUNTER,
    "mezhved_calls_overloaded",
    "Calls refused with HTTP 503 and SMEVFailure, since too many wait or their bodies need too much memory.",
    (),
    Where.NODE,
)
HTTP_REFUSED = Family(
    Type.COUNTER,
    "mezhved_http_refused",
    "Requests refused with plain HTTP before there was a call: too long (413), too slow (408), no SOAP (415).",
    ("status",),
    Where.NODE,
)
SIGNATURE_SECONDS = Family(
    Type.HISTOGRAM,
    "mezhved_signature_seconds",
    "Signatures: `verify` is all of it (canonical form, digest, signature, certificate), `sign` is making the value "
    "of the signature alone; algorithm is `unknown` where a signature was refused.",
    ("action", "algorithm"),
    Where.BOTH,
    _SHORT,
)
STEP_SECONDS = Family(
    Type.HISTOGRAM,
    "mezhved_step_seconds",
    "Parts of the work: `parse`, `validate`, `handle` (rules of the register), `read` and `store` (a transaction, "
    "with the wait for a connection and the commit).",
    ("step",),
    Where.BOTH,
    _SHORT,
)
REQUESTS = Family(
    Type.COUNTER,
    "mezhved_requests",
    "Attempts of the register's worker at requests; outcome is `answered`, `refused` (RequestRejected), `given_up` "
    "(tried too often, the sender was told), `gone` (somebody else has it, or has answered it), `failed` or `undone` "
    "(the database failed); the last two are tried again.",
    ("kind", "outcome"),
    Where.WORKER,
)
REQUESTS_REPEATED = Family(
    Type.COUNTER,
    "mezhved_requests_repeated",
    "Those of the attempts that were not the first one at their request.",
    ("kind",),
    Where.WORKER,
)
REQUEST_SECONDS = Family(
    Type.HISTOGRAM, "mezhved_request_seconds", "One attempt at a request.", ("kind",), Where.WORKER, _WORK
)
BATCH_SECONDS = Family(
    Type.HISTOGRAM,
    "mezhved_batch_seconds",
    "Requests answered in one transaction, with its commit. Must stay far below worker.lease_seconds.",
    (),
    Where.WORKER,
    (*_WORK, 30, 60, 300),
)
BATCH_REQUESTS = Family(
    Type.HISTOGRAM,
    "mezhved_batch_requests",
    "How many requests a batch held.",
    (),
    Where.WORKER,
    (1, 2, 5, 10, 20, 50, 100),
)
QUEUE_WAITING = Family(
    Type.GAUGE, "mezhved_queue_waiting", "Messages that can be fetched now.", ("recipient", "channel")
)
QUEUE_LEASED = Family(
    Type.GAUGE, "mezhved_queue_leased", "Messages that were fetched and not confirmed yet.", ("recipient", "channel")
)
QUEUE_OLDEST = Family(
    Type.GAUGE,
    "mezhved_queue_oldest_seconds",
    "Age of the oldest message that waits, since it was put in.",
    ("recipient", "channel"),
)
QUEUE_COUNTING = Family(
    Type.GAUGE,
    "mezhved_queue_counting_seconds",
    "How long the last counting of the queues took; they are counted anew at most every metrics.queue_seconds, and "
    "not before twenty times this has passed.",
)
DATABASE_UP = Family(Type.GAUGE, "mezhved_database_up", "1 if the last counting of the queues succeeded, else 0.")
POOL_SIZE = Family(Type.GAUGE, "mezhved_database_pool_size", "Most connections to the database that are kept open.")
POOL_USED = Family(Type.GAUGE, "mezhved_database_pool_used", "Connections to the database in use.")
KEY_EXPIRES = Family(
    Type.GAUGE,
    "mezhved_key_not_after_timestamp_seconds",
    "When the certificate of this process's own key ends (Unix time).",
)
PARTICIPANT_EXPIRES = Family(
    Type.GAUGE,
    "mezhved_participant_not_after_timestamp_seconds",
    "When the first active system will have no valid certificate any more (Unix time): of each system the certificate "
    "that ends last, of all systems the one whose turn comes first.",
    ("participant",),
)
CRL_DUE = Family(
    Type.GAUGE,
    "mezhved_crl_next_update_timestamp_seconds",
    "When the first of the revocation lists in use becomes stale (Unix time): of each authority the newest list.",
)
BUILD = Family(Type.GAUGE, "mezhved_build_info", "Always 1; labels say what runs.", ("version", "python"))

CATALOGUE = tuple(value for value in list(globals().values()) if isinstance(value, Family))
"""All of them, in the order in which they stand here."""
