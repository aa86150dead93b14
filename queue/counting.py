"""Statements that count entries, each no further than the caller wishes: what they cost does not grow beyond that.

Which queues there are is found by leaping along the indexes from one to the next; the entries of each are counted in
the same index. Every statement says its order in the words of an index, so that no plan scans the table instead.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from sqlalchemy import Integer, Text, bindparam, column, text
from sqlalchemy.sql.expression import TextualSelect

from .columns import UtcDateTime

_PLACE = ("recipient", "channel", "node_id")
_WAITING = "leased_until IS NULL AND NOT blocked"
_BLOCKED = "leased_until IS NULL AND blocked"
_LEASED = "leased_until IS NOT NULL"

# The head of each group, one by one: that of the next group is the first entry behind the present group.
_HEADS = """
    WITH RECURSIVE heads (position) AS (
        SELECT (SELECT position FROM queue_entries {pinned} WHERE {state} {scope} ORDER BY {order} LIMIT 1)
        UNION ALL
        SELECT (
            SELECT later.position FROM queue_entries AS later {pinned}
            WHERE {state} {scope} AND ({later}) > ({this}) ORDER BY {order} LIMIT 1
        )
        FROM heads JOIN queue_entries AS this ON this.position = heads.position
    )
"""

_COUNTED = """
    {heads}
    SELECT this.recipient, this.channel, this.node_id, this.enqueued_at AS oldest, (
        SELECT count(*) FROM (
            SELECT 1 FROM queue_entries AS later {pinned}
            WHERE {state} AND ({later}) = ({this}) ORDER BY {order} LIMIT {most}
        ) AS counted
    ) AS waiting, 0 AS leased
    FROM heads JOIN queue_entries AS this ON this.position = heads.position
"""

_ON_LEASE = """
    {heads}
    SELECT this.recipient, this.channel, this.node_id, (
        SELECT min(enqueued_at) FROM (
            SELECT later.enqueued_at FROM queue_entries AS later {pinned}
            WHERE ({later}) = ({this}) AND leased_until <= :now ORDER BY {order} LIMIT {most}
        ) AS ended
    ) AS oldest, (
        SELECT count(*) FROM (
            SELECT 1 FROM queue_entries AS later {pinned}
            WHERE ({later}) = ({this}) AND leased_until <= :now ORDER BY {order} LIMIT {most}
        ) AS ended
    ) AS waiting, (
        SELECT count(*) FROM (
            SELECT 1 FROM queue_entries AS later {pinned}
            WHERE ({later}) = ({this}) AND leased_until > :now ORDER BY {order} LIMIT {most}
        ) AS current
    ) AS leased
    FROM heads JOIN queue_entries AS this ON this.position = heads.position
"""

_DEPTH = """
    SELECT 1 FROM (
        SELECT 1 FROM queue_entries {pinned}
        WHERE recipient = :recipient AND channel = :channel AND {state} ORDER BY {order} LIMIT {most}
    ) AS {name}
"""


@dataclass(frozen=True, slots=True)
class _Index:
    """A partial index of entries in one state: its name, its columns, and how many of these make a group."""

    name: str
    state: str
    columns: tuple[str, ...]
    groups: int
    counted: str

    def words(self, pin: Callable[[str], str], scope: str, most: int) -> dict[str, object]:
        """What the texts above are filled with."""
        words = {
            "pinned": pin(self.name),
            "state": self.state,
            "scope": scope,
            "order": ", ".join(self.columns),
            "later": ", ".join(f"later.{name}" for name in self.columns[: self.groups]),
            "this": ", ".join(f"this.{name}" for name in self.columns[: self.groups]),
            "most": most,
            "name": self.name.removeprefix("queue_entries_"),
        }
        return {**words, "heads": _HEADS.format(**words)}


_INDEXES = (
    # Within a turn and a rank the first position is the oldest entry.
    _Index("queue_entries_waiting", _WAITING, (*_PLACE, "turn", "rank", "position"), 5, _COUNTED),
    _Index("queue_entries_blocked", _BLOCKED, (*_PLACE, "position"), 3, _COUNTED),
    _Index("queue_entries_leased", _LEASED, (*_PLACE, "leased_until"), 3, _ON_LEASE),
)


@dataclass(frozen=True, slots=True)
class Counts:
    """The statements of one database.

    `depth` takes the most to count, and counts a recipient's channel. `figures` takes it and whether one recipient is
    meant, and gives statements whose rows together are the figures: recipient, channel, node_id, oldest, waiting,
    leased; of a sub-queue there may be several rows.
    """

    depth: Callable[[int], TextualSelect]
    figures: Callable[[int, bool], tuple[TextualSelect, ...]]


def counts_of(pin: Callable[[str], str]) -> Counts:
    """The statements; `pin` says in SQL that an index is to be used."""

    @cache
    def depth(most: int) -> TextualSelect:
        parts = " UNION ALL ".join(_DEPTH.format(**index.words(pin, "", most)) for index in _INDEXES)
        return text(f"SELECT count(*) FROM ({parts} LIMIT {most:d}) AS counted").columns(  # noqa: S608  constants
            column("count", Integer)
        )

    @cache
    def figures(most: int, of_one: bool) -> tuple[TextualSelect, ...]:
        scope = "AND recipient = :recipient" if of_one else ""
        return tuple(
            text(index.counted.format(**index.words(pin, scope, most)))
            .bindparams(*([bindparam("now", type_=UtcDateTime())] if index.counted is _ON_LEASE else []))
            .columns(
                column("recipient", Text),
                column("channel", Text),
                column("node_id", Text),
                column("oldest", UtcDateTime),
                column("waiting", Integer),
                column("leased", Integer),
            )
            for index in _INDEXES
        )

    return Counts(depth, figures)
