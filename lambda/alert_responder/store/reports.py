"""Reads and writes of a report's state, each one call of the protocol: no rule is here, but every condition is."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from alert_responder.domain.aggregation import alert_bodies, shortened, summarise, summary_length
from alert_responder.domain.records import (
    DeliveryRecord,
    EmitterRecord,
    Event,
    GroupSummary,
    Head,
    LookupRecord,
    Meta,
    Window,
)
from alert_responder.domain.report_caps import MAX_GROUP_ATTRIBUTES, Held
from alert_responder.errors import ConditionFailedError, SupersededError
from alert_responder.store import items, keys
from alert_responder.store.table import (
    NEW,
    Action,
    Condition,
    Item,
    Put,
    Table,
    Update,
    absent,
    below,
    equals,
    try_write,
)

MAX_GROUP_BYTES = 200 * 1024
"""Largest compressed alerts in one transaction [bytes]; DynamoDB allows 400 KB an item and 4 MB a transaction."""

BODY_PART_BYTES = 350 * 1024
"""Largest part of a single alert that is larger than a group may be [bytes]; below DynamoDB's 400 KB an item."""


MAX_ALERT_BYTES = 3_950_000
"""Largest single alert and its summary, compressed [bytes]: with head and window they fit a transaction of 4 MB."""

_SURELY_FITS = 3_000_000
"""Largest alert whose summary need not be looked at [bytes]: one is an item, of 400 KB at most."""


class Retention(NamedTuple):
    """How long everything of a report is kept.

    Attributes
    ----------
    days
        Counted from the end of the report's window [days, > 0].
    """

    days: int

    def expires_at(self, ends: int) -> int:
        """Return the expiry of a report whose window ends then [ms], in seconds since the epoch."""
        return ends // 1000 + self.days * 86_400


class StoredGroup(NamedTuple):
    """A group of alerts, ready to be written in one transaction.

    Attributes
    ----------
    shortened
        What was left out of an alert that is too large to be stored whole, in words; None: nothing.
    """

    summary: GroupSummary
    bodies: tuple[bytes, ...]
    shortened: str | None = None

    @property
    def event_ids(self) -> set[str]:
        """The ids of the events in it."""
        return {event_id for event_id, _ in self.summary.events}

    @property
    def held(self) -> Held:
        """How much a report holds by this group."""
        summary = self.summary
        stored = summary_length(summary) + sum(map(len, self.bodies))
        return Held(len(summary.attributes), stored, len(summary.events))

    def counted(self) -> "StoredGroup":
        """Return the group with no more than its event ids."""
        return StoredGroup(self.summary.counted(), ())

    def document(self) -> bytes:
        """Return its alerts as JSON; see `domain.aggregation.alert_bodies`."""
        return items.json_of(b"".join(self.bodies))


class CurrentReport(NamedTuple):
    """A report but for its alerts.

    Attributes
    ----------
    meta
        What lists show of it; None: a part of it has expired.
    last_delivered
        What each emitter was last told, by name.
    seen
        Alerts that Plans left without any lookup, each with the first wave in which one did.
    """

    head: Head
    meta: Meta | None
    lookups: list[LookupRecord]
    deliveries: list[DeliveryRecord]
    last_delivered: dict[str, EmitterRecord]
    seen: dict[str, int]

    @property
    def published(self) -> Meta | None:
        """What was last published; None: nothing was."""
        return self.meta if self.meta and self.meta.snapshot else None


def pack_groups(events: Sequence[Event]) -> list[StoredGroup]:
    """Split events of one alert id into groups that fit a transaction each.

    An alert that does not fit alone, since its body and its attributes say the same twice, is stored without its body
    and the attributes that are too large to be inspected.

    Returns
    -------
    list
        At least one group, in order; the split depends on the events alone.
    """
    summary, packed = summarise(events), items.pack(alert_bodies(events))
    largest = max(len(packed), len(items.group_item(summary)["summary"]))
    if len(events) > 1 and (largest > MAX_GROUP_BYTES or len(summary.attributes) > MAX_GROUP_ATTRIBUTES):
        middle = len(events) // 2
        return pack_groups(events[:middle]) + pack_groups(events[middle:])
    if len(packed) > _SURELY_FITS and len(packed) + len(items.group_item(summary)["summary"]) > MAX_ALERT_BYTES:
        short, left_out = shortened(events[0])
        packed = items.pack(alert_bodies([short]))
        return [StoredGroup(summary._replace(unfit=summary.unfit + 1), _parts(packed), left_out)]
    return [StoredGroup(summary, _parts(packed))]


def _parts(packed: bytes) -> tuple[bytes, ...]:
    return tuple(packed[start : start + BODY_PART_BYTES] for start in range(0, len(packed), BODY_PART_BYTES))


class ReportStore:
    """The table as receptor, coordinator and runner see it.

    Parameters
    ----------
    table
        Where everything is kept.
    retention
        What becomes `expires_at` on every item of a report.
    """

    def __init__(self, table: Table, retention: Retention) -> None:
        self.table = table
        self.retention = retention

    def head(self, report_id: str, now: int) -> Head | None:
        """Read H; None if it is missing or expired."""
        item = self.table.get(keys.head(report_id))
        return None if item is None or expired(item, now) else items.read_head(item)

    def current(self, report_id: str, round_: int, now: int, *, lookups: bool = True) -> CurrentReport:
        """Read H, M, D, E and, if wanted, T and what Plans left, in one query.

        Without T it takes little memory, however much the report holds.

        Raises
        ------
        SupersededError
            When the report's round is another.
        """
        # Alerts and their bodies sort before these, and the tasks behind.
        last = keys.LOOKUPS + keys.LAST if lookups else keys.META
        found = self.table.query(keys.report(report_id), keys.EMISSIONS, last)
        head = next(
            (items.read_head(item) for item in found if item["sk"] == keys.HEAD and not expired(item, now)), None
        )
        if head is None or head.round != round_:
            raise SupersededError(f"round {round_} of {report_id} is over")
        emitters = [items.read_emitter(item) for item in found if item["sk"].startswith(keys.EMITTER_STATES)]
        metas = [items.read_meta(item) for item in found if item["sk"] == keys.META]
        return CurrentReport(
            head=head,
            meta=next(iter(metas), None),
            lookups=[items.read_lookup(item) for item in found if item["sk"].startswith(keys.LOOKUPS)],
            deliveries=[items.read_delivery(item) for item in found if item["sk"].startswith(keys.EMISSIONS)],
            last_delivered={emitter.emitter: emitter for emitter in emitters},
            seen=items.read_seen(item for item in found if item["sk"].startswith(keys.SEEN)),
        )

    def open(
        self,
        window: Window,
        unchanged: Condition,
        head: Head,
        group: StoredGroup,
        meta: Meta,
        first: Sequence[Action] = (),
    ) -> None:
        """Open a report with its first group, all or nothing; raise `ConditionFailedError` if P has changed.

        Parameters
        ----------
        first
            What else is done in the transaction: its actions come first, so that the error names them by position.
        """
        expires_at = self.retention.expires_at(window.ends)
        self.table.transact(
            [
                *first,
                Put(keys.window(head.alert_id), {**items.window_item(window), "expires_at": expires_at}, unchanged),
                Put(
                    keys.head(head.report_id),
                    {**items.head_item(head._replace(held=group.held)), "expires_at": expires_at},
                    NEW,
                ),
                Put(keys.meta(head.report_id), {**items.meta_item(meta), "expires_at": expires_at}),
                *self._group_puts(head, group),
            ]
        )

    def join(self, head: Head, group: StoredGroup, first: Sequence[Action] = ()) -> bool:
        """Store a group in a report and bump its revision, all or nothing; a report that is not open is opened again.

        Parameters
        ----------
        first
            What else is done in the transaction, see `open`.

        Returns
        -------
        bool
            False when the group is there already.

        Raises
        ------
        ConditionFailedError
            When the head is no longer as it was read, or a condition of `first` does not hold.
        """
        held = group.held
        added = {"revision": 1, "attributes": held.attributes, "stored": held.stored, "alerts": held.alerts}
        bump = _bumped(head)._replace(add=added)
        try:
            self.table.transact([*first, *self._group_puts(head, group), bump])
        except ConditionFailedError as error:
            if len(first) in error.failed:
                return False
            raise
        return True

    def note_more(self, head: Head) -> bool:
        """Note that a report has more alerts than it counts, and have a round publish that; False if it has moved on.

        Further alerts change nothing and begin no round.
        """
        if head.held.more:
            return True
        bump = _bumped(head)
        return try_write(
            self.table,
            bump._replace(
                assign={**bump.assign, "more": True}, add={"revision": 1}, condition=(*bump.condition, absent("more"))
            ),
        )

    def reopen(self, head: Head) -> bool:
        """Begin another round of a report that is not open, though no alert came; False if it has moved on.

        Emitters are notified in it only of what they may not know yet, see `domain.deliveries.emitters_to_notify`. The
        caller starts the round, as for every open report.
        """
        return head.state != "open" and try_write(self.table, _opened_again(head))

    def confirm_started(self, head: Head) -> None:
        """Note that the execution of the head's round exists; a head that has moved on is left alone."""
        # A failed report's last execution is its last word: from here on nothing is left for the sweeper to start.
        remove = ("open_shard",) if head.state == "failed" else ()
        try_write(
            self.table,
            Update(
                keys.head(head.report_id),
                assign={"started": head.round},
                remove=remove,
                condition=(equals("round", head.round), below("started", head.round)),
            ),
        )

    def settle(self, report_id: str, round_: int, revision: int) -> bool:
        """Settle a report whose revision is the one that was planned; False if it is not."""
        return try_write(
            self.table,
            Update(
                keys.head(report_id),
                assign={"state": "settled", "dead_rounds": 0},
                remove=("open_shard",),
                condition=(equals("round", round_), equals("state", "open"), equals("revision", revision)),
            ),
        )

    def next_round(self, head: Head, *, dead: bool) -> bool:
        """Begin the round after the head's; False if the head has moved on.

        Parameters
        ----------
        dead
            Whether the head's round ended without closing: it is counted then, else the count begins anew.
        """
        return try_write(
            self.table,
            Update(
                keys.head(head.report_id),
                assign={"round": head.round + 1, "dead_rounds": head.dead_rounds + 1 if dead else 0},
                condition=(equals("round", head.round), equals("state", "open")),
            ),
        )

    def give_up(self, head: Head) -> bool:
        """Mark a report failed and begin the round in which it goes out as it stands; False if it has moved on."""
        return try_write(
            self.table,
            Update(
                keys.head(head.report_id),
                assign={"state": "failed", "round": head.round + 1, "dead_rounds": head.dead_rounds + 1},
                condition=(equals("round", head.round), equals("state", "open")),
            ),
        )

    def groups(self, report_id: str) -> list[GroupSummary]:
        """Read every G of a report."""
        found = self.table.query(keys.report(report_id), keys.GROUPS, keys.GROUPS + keys.LAST)
        return [items.read_group(item) for item in found]

    def groups_and_bodies(self, report_id: str) -> tuple[list[GroupSummary], dict[str, list[dict[str, Any]]]]:
        """Read every G of a report with all its alerts, by group id, in one query: for a report of few groups."""
        found = self.table.query(keys.report(report_id), keys.GROUPS, keys.BODIES + keys.LAST)
        groups = [items.read_group(item) for item in found if item["sk"].startswith(keys.GROUPS)]
        parts: dict[str, list[bytes]] = {}
        for item in found:
            if item["sk"].startswith(keys.BODIES):
                parts.setdefault(keys.group_id_of(item["sk"]), []).append(item["data"])
        return groups, {group_id: items.unpack(b"".join(data)) for group_id, data in parts.items()}

    def bodies(self, report_id: str, group_id: str) -> list[dict[str, Any]]:
        """Read the alerts of a group whole; see `domain.aggregation.alert_bodies`."""
        first = keys.body(report_id, group_id, 0)
        prefix = first.sk.removesuffix("000")
        parts = self.table.query(first.pk, prefix, prefix + keys.LAST)
        bodies: list[dict[str, Any]] = items.unpack(b"".join(part["data"] for part in parts))
        return bodies

    def remember_attributes(self, meta: Meta, attribute_ids: Iterable[str], expires_at: int) -> None:
        """Note under each attribute that this report has it, for those who ask what was seen before.

        The note says all that lists and `modules/history` show, so that the latter needs no right to read reports.
        """
        note = {
            "severity": meta.severity,
            "title": items.plain_text(meta.title, 500),
            "detector": items.plain_text(meta.detector, 200),
            "rule_id": items.plain_text(meta.rule_id, 500),
            "alert_key": items.plain_text(meta.alert_key, 500),
            "created_at": meta.created_at,
            "updated_at": meta.updated_at,
            "alert_count": meta.alert_count,
            "expires_at": expires_at,
        }
        self.table.put_many((keys.attribute_history(attribute, meta.report_id), note) for attribute in attribute_ids)

    def _group_puts(self, head: Head, group: StoredGroup) -> list[Action]:
        expires_at = self.retention.expires_at(head.ends)
        group_id = group.summary.group_id
        summary: Item = {**items.group_item(group.summary), "expires_at": expires_at}
        return [
            Put(keys.group(head.report_id, group_id), summary, NEW),
            *(
                Put(keys.body(head.report_id, group_id, number), {"data": part, "expires_at": expires_at})
                for number, part in enumerate(group.bodies)
            ),
        ]


def _bumped(head: Head) -> Update:
    if head.state == "open":
        return Update(keys.head(head.report_id), condition=(equals("state", "open"),))
    return _opened_again(head)


def _opened_again(head: Head) -> Update:
    return Update(
        keys.head(head.report_id),
        assign={
            "state": "open",
            "round": head.round + 1,
            "dead_rounds": 0,
            "open_shard": keys.open_shard(head.report_id),
        },
        condition=(equals("state", head.state), equals("round", head.round)),
    )


def expired(item: Item, now: int) -> bool:
    """Whether DynamoDB may delete an item, which it does late."""
    return "expires_at" in item and item["expires_at"] * 1000 <= now
