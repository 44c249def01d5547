"""The state of reports: each method is one call of the protocol. Conditions live here, decisions in `domain/`."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from alert_responder.domain.aggregation import alert_bodies, shortened, summarise, summary_length
from alert_responder.domain.chain import Previous
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
"""Maximum size of a group's compressed alerts [bytes]; DynamoDB allows 400 KB in an item and 4 MB in a transaction."""

BODY_PART_BYTES = 350 * 1024
"""Size of the parts of a single alert that exceeds the size of a group [bytes]; below 400 KB."""

MAX_ALERT_BYTES = 3_950_000
"""Maximum size of a single alert and its summary, compressed [bytes]: with head and window they fit a transaction."""

_SURELY_FITS = 3_000_000
"""Size of an alert that fits with any summary [bytes], because a summary fits an item of 400 KB."""


class Retention(NamedTuple):
    """How long the records of a report are kept.

    Attributes
    ----------
    days
        Days after the end of the report's window [> 0].
    """

    days: int

    def expires_at(self, ends: int) -> int:
        """Return when a report expires whose window ends at `ends` [ms], in seconds since the epoch."""
        return ends // 1000 + self.days * 86_400


class StoredGroup(NamedTuple):
    """A group of alerts, ready to be written in one transaction.

    Attributes
    ----------
    shortened
        What was left out of an alert that is too large; None if nothing was.
    """

    summary: GroupSummary
    bodies: tuple[bytes, ...]
    shortened: str | None = None

    @property
    def event_ids(self) -> set[str]:
        """Ids of its events."""
        return {event_id for event_id, _ in self.summary.events}

    @property
    def held(self) -> Held:
        """The amounts that it adds to the report's `Held`."""
        summary = self.summary
        stored = summary_length(summary) + sum(map(len, self.bodies))
        return Held(len(summary.attributes), stored, len(summary.events))

    def counted(self) -> "StoredGroup":
        """Return the group with only its event ids."""
        return StoredGroup(self.summary.counted(), ())

    def document(self) -> bytes:
        """Return its alerts as JSON; see `domain.aggregation.alert_bodies`."""
        return items.json_of(b"".join(self.bodies))


class CurrentReport(NamedTuple):
    """A report without its alerts.

    Attributes
    ----------
    meta
        None if part of the report has expired.
    last_delivered
        Emitter states by emitter.
    seen
        Alerts that Plans left without a lookup, each with the first wave.
    """

    head: Head
    meta: Meta | None
    lookups: list[LookupRecord]
    deliveries: list[DeliveryRecord]
    last_delivered: dict[str, EmitterRecord]
    seen: dict[str, int]

    @property
    def published(self) -> Meta | None:
        """Meta of the last publication; None if there is none."""
        return self.meta if self.meta and self.meta.snapshot else None


def pack_groups(events: Sequence[Event]) -> list[StoredGroup]:
    """Split events of one alert id into groups that each fit a transaction.

    An alert that does not fit alone, because its body repeats its attributes, is stored without its body and the
    attributes that are too large to be looked up.

    Returns
    -------
    list
        At least one group, in order; the split depends only on the events.
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
    """Reads and writes heads, groups, bodies and metas; every item of a report gets the retention's `expires_at`."""

    def __init__(self, table: Table, retention: Retention) -> None:
        self.table = table
        self.retention = retention

    def head(self, report_id: str, now: int) -> Head | None:
        """Read the head; return None if it is missing or expired."""
        item = self.table.get(keys.head(report_id))
        return None if item is None or expired(item, now) else items.read_head(item)

    def current(self, report_id: str, round_: int, now: int, *, lookups: bool = True) -> CurrentReport:
        """Read head, meta, deliveries, emitter states and, if requested, lookups and seen records, in one query.

        Without lookups, the result is small for every report.

        Raises
        ------
        SupersededError
            The report is in another round.
        """
        # Groups and bodies sort before these records, lookups after them.
        last = keys.LOOKUPS + keys.LAST if lookups else keys.META
        found = self.table.query(keys.report(report_id), keys.DELIVERIES, last)
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
            deliveries=[items.read_delivery(item) for item in found if item["sk"].startswith(keys.DELIVERIES)],
            last_delivered={emitter.emitter: emitter for emitter in emitters},
            seen=items.read_seen(item for item in found if item["sk"].startswith(keys.SEEN)),
        )

    def previous(self, report_id: str, now: int) -> Previous | None:
        """Read what the next report of the alert id needs of a report, in one query; None if it has expired."""
        found = self.table.query(keys.report(report_id), keys.DELIVERIES, keys.META)
        by_key = {item["sk"]: item for item in found}
        head, meta = by_key.get(keys.HEAD), by_key.get(keys.META)
        if head is None or meta is None or expired(head, now):
            return None
        emitters = [items.read_emitter(item) for item in found if item["sk"].startswith(keys.EMITTER_STATES)]
        return Previous(
            head=items.read_head(head),
            meta=items.read_meta(meta),
            deliveries=[items.read_delivery(item) for item in found if item["sk"].startswith(keys.DELIVERIES)],
            emitters={emitter.emitter: emitter for emitter in emitters},
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
        """Open a report with its first group, in one transaction.

        Parameters
        ----------
        first
            Further actions of the transaction; they come first, so that their positions in the error are known.

        Raises
        ------
        ConditionFailedError
            The window has changed since it was read, or a condition of `first` is false.
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
        """Store a group in a report and raise its revision, in one transaction; a report that is not open is reopened.

        Parameters
        ----------
        first
            Further actions of the transaction; see `open`.

        Returns
        -------
        bool
            False if the group was already stored.

        Raises
        ------
        ConditionFailedError
            The head has changed since it was read, or a condition of `first` is false.
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
        """Store that a report has more alerts than it counts; return False if the head has changed.

        The first such alert starts a round that publishes this; further ones change nothing.
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
        """Reopen a report without a new alert; return False if it is open or the head has changed.

        In the next round, emitters are notified only of what they may not know; see
        `domain.deliveries.emitters_to_notify`. The caller starts the round.
        """
        return head.state != "open" and try_write(self.table, _opened_again(head))

    def confirm_started(self, head: Head) -> None:
        """Store that the execution of the head's round exists, unless the head has changed."""
        # The execution that publishes a failed report is its last one: the sweeper need not look at the report again.
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
        """Settle a report; return False if its round or revision is another, or it is not open."""
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
        """Advance the head to the next round; return False if the head has changed.

        Parameters
        ----------
        dead
            Whether the current round ended without Close. Dead rounds in a row are counted.
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
        """Mark a report as failed, and advance it to its last round; return False if the head has changed."""
        return try_write(
            self.table,
            Update(
                keys.head(head.report_id),
                assign={"state": "failed", "round": head.round + 1, "dead_rounds": head.dead_rounds + 1},
                condition=(equals("round", head.round), equals("state", "open")),
            ),
        )

    def groups(self, report_id: str) -> list[GroupSummary]:
        """Read all groups of a report."""
        found = self.table.query(keys.report(report_id), keys.GROUPS, keys.GROUPS + keys.LAST)
        return [items.read_group(item) for item in found]

    def groups_and_bodies(self, report_id: str) -> tuple[list[GroupSummary], dict[str, list[dict[str, Any]]]]:
        """Read all groups of a report, and their alerts by group id, in one query; for reports of few groups."""
        found = self.table.query(keys.report(report_id), keys.GROUPS, keys.BODIES + keys.LAST)
        groups = [items.read_group(item) for item in found if item["sk"].startswith(keys.GROUPS)]
        parts: dict[str, list[bytes]] = {}
        for item in found:
            if item["sk"].startswith(keys.BODIES):
                parts.setdefault(keys.group_id_of(item["sk"]), []).append(item["data"])
        return groups, {group_id: items.unpack(b"".join(data)) for group_id, data in parts.items()}

    def bodies(self, report_id: str, group_id: str) -> list[dict[str, Any]]:
        """Read the alerts of a group; see `domain.aggregation.alert_bodies`."""
        first = keys.body(report_id, group_id, 0)
        prefix = first.sk.removesuffix("000")
        parts = self.table.query(first.pk, prefix, prefix + keys.LAST)
        bodies: list[dict[str, Any]] = items.unpack(b"".join(part["data"] for part in parts))
        return bodies

    def remember_attributes(self, meta: Meta, attribute_ids: Iterable[str], expires_at: int) -> None:
        """Add the report to the history of each attribute.

        The item has everything that `modules/history` shows, so that it needs no permission to read reports, and what
        lists of the command line are filtered by.
        """
        item = {
            "severity": meta.severity,
            "title": items.plain_text(meta.title, 500),
            "detector": items.plain_text(meta.detector, 200),
            "rule_id": items.plain_text(meta.rule_id, 500),
            "alert_key": items.plain_text(meta.alert_key, 500),
            "created_at": meta.created_at,
            "updated_at": meta.updated_at,
            "alert_count": meta.alert_count,
            "expires_at": expires_at,
            **items.review_fields(meta),
        }
        self.table.put_many((keys.attribute_history(attribute, meta.report_id), item) for attribute in attribute_ids)

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
    """Whether an item has expired; DynamoDB deletes expired items late."""
    return "expires_at" in item and item["expires_at"] * 1000 <= now
