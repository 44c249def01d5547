"""Records lookup and seen, and cached answers; see `docs/protocol.md`."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.records import AnswerKey, Head, LookupRecord
from alert_responder.store import items, keys
from alert_responder.store.table import (
    EXISTS,
    Put,
    Table,
    Update,
    absent,
    absent_or_at_most,
    below,
    equals,
    present,
    try_write,
)

MAX_SEEN = 10_000
"""Maximum number of alerts in a seen record, so that it fits an item."""


class PackedAnswer(NamedTuple):
    """An inspector's answer in the ledger and in the cache.

    Attributes
    ----------
    packed
        The contents; see `items.pack`. None if there are none.
    """

    packed: bytes | None = None
    new_attributes: tuple[Attribute, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it has neither contents nor new attributes."""
        return self.packed is None and not self.new_attributes

    @classmethod
    def of(cls, contents: Sequence[dict[str, Any]], new_attributes: tuple[Attribute, ...] = ()) -> "PackedAnswer":
        """Pack an answer."""
        return cls(items.pack(list(contents)) if contents else None, new_attributes)


class Ledger:
    """Reads and writes the lookups of reports, and cached answers."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def lookups(self, report_id: str) -> list[LookupRecord]:
        """Read all lookups of a report."""
        pk = keys.report(report_id)
        return [items.read_lookup(item) for item in self._table.query(pk, keys.LOOKUPS, keys.LOOKUPS + keys.LAST)]

    def head_and_lookups(self, report_id: str, task_ids: Sequence[str]) -> tuple[Head | None, list[LookupRecord]]:
        """Read the head and some lookups of a report in one call; missing lookups are left out."""
        head = keys.head(report_id)
        found = self._table.get_many([head, *(keys.lookup(report_id, task_id) for task_id in task_ids)])
        lookups = [items.read_lookup(item) for key, item in found.items() if key != head]
        return (items.read_head(found[head]) if head in found else None), lookups

    def hand_out(self, report_id: str, record: LookupRecord, expires_at: int) -> bool:
        """Write a lookup with the record's sequence; return False if it has an outcome, or a later Plan owns it."""
        return try_write(
            self._table,
            Update(
                keys.lookup(report_id, record.task_id),
                assign={**items.lookup_item(record), "expires_at": expires_at},
                condition=(absent("outcome"), absent_or_at_most("sequence", record.sequence)),
            ),
        )

    def raise_sequence(self, report_id: str, task_id: str, sequence: int, task: dict[str, Any] | None = None) -> bool:
        """Take over an open lookup; return False if it has an outcome, is missing, or a later Plan owns it.

        Parameters
        ----------
        task
            New task for the inspector; None keeps the task.
        """
        changed = {} if task is None else {"task": items.pack(task)}
        return try_write(
            self._table,
            Update(
                keys.lookup(report_id, task_id),
                assign={"sequence": sequence, **changed},
                condition=(*EXISTS, absent("outcome"), absent_or_at_most("sequence", sequence)),
            ),
        )

    def remember_seen(self, report_id: str, wave: int, carriers: Iterable[str], expires_at: int) -> None:
        """Store which alerts of a wave were left without a lookup; see `domain.lookup_plan.left_empty`."""
        noted = items.seen_item(sorted(carriers)[:MAX_SEEN])
        self._table.write(Put(keys.seen(report_id, wave), {**noted, "expires_at": expires_at}))

    def claim(self, report_id: str, task_id: str, now: int) -> bool:
        """Claim a lookup for a call of its inspector; return False if it has an outcome or is missing."""
        key = keys.lookup(report_id, task_id)
        condition = (*EXISTS, absent("outcome"))
        return try_write(self._table, Update(key, assign={"claimed": now}, add={"claims": 1}, condition=condition))

    def had_no_turn(self, report_id: str, lookup: LookupRecord, reason: str, now: int, *, claims: int = 0) -> bool:
        """End a lookup whose inspector was not called; return False if it has an outcome, or may have been called.

        Parameters
        ----------
        lookup
            The lookup as it was handed out; one that a later Plan owns is left alone.
        claims
            Number of claims of the caller; if there are more, another runner may have called the inspector.
        """
        condition = (
            *EXISTS,
            absent("outcome"),
            equals("sequence", lookup.sequence),
            equals("claims", claims or None),
            *(() if claims else (absent("claimed"),)),
        )
        ended = {"outcome": "throttled", "reason": reason, "ended": now, "no_turn": True}
        return try_write(self._table, Update(keys.lookup(report_id, lookup.task_id), assign=ended, condition=condition))

    def throttled(self, report_id: str, lookup: LookupRecord, reason: str, now: int) -> bool:
        """End a lookup that another runner may have made; otherwise as `had_no_turn`."""
        condition = (*EXISTS, absent("outcome"), equals("sequence", lookup.sequence))
        ended = {"outcome": "throttled", "reason": reason, "ended": now}
        return try_write(self._table, Update(keys.lookup(report_id, lookup.task_id), assign=ended, condition=condition))

    def reopen(self, report_id: str, task_id: str, sequence: int, task: dict[str, Any] | None = None) -> bool:
        """Reopen a lookup that had no turn, once; return False if it had a turn or was reopened before.

        Parameters
        ----------
        task
            New task for the inspector; None keeps the task.
        """
        changed = {} if task is None else {"task": items.pack(task)}
        key = keys.lookup(report_id, task_id)
        opened = try_write(
            self._table,
            Update(
                key,
                assign={"sequence": sequence, "reopened": True, **changed},
                remove=("outcome", "reason", "ended", "claimed", "claims", "no_turn"),
                condition=(present("no_turn"), absent("reopened"), below("sequence", sequence)),
            ),
        )
        if opened:
            return True
        # If the response was lost, the client has sent the write again, and its condition failed.
        item = self._table.get(key)
        return item is not None and item["sequence"] == sequence and "outcome" not in item

    def record(
        self,
        report_id: str,
        task_id: str,
        outcome: str,
        reason: str | None,
        now: int,
        answer: PackedAnswer | None = None,
        *,
        incomplete: bool = False,
    ) -> bool:
        """Store an outcome; return False if the lookup has one already, or is missing."""
        stored = items.answer_fields(answer.packed, answer.new_attributes) if answer else {}
        assign = {"outcome": outcome, "reason": reason, "ended": now, "incomplete": incomplete or None, **stored}
        return try_write(
            self._table,
            Update(
                keys.lookup(report_id, task_id),
                assign={name: value for name, value in assign.items() if value is not None},
                condition=(*EXISTS, absent("outcome")),
            ),
        )

    def cached(self, wanted: Iterable[AnswerKey], now: int) -> dict[AnswerKey, PackedAnswer]:
        """Return the cached answers that have not expired."""
        by_key = {keys.cached_answer(each): each for each in wanted}
        if not by_key:
            return {}
        found = self._table.get_many(list(by_key))
        return {
            by_key[key]: PackedAnswer(*items.read_answer(item))
            for key, item in found.items()
            if item["expires_at"] * 1000 > now
        }

    def keep(self, key: AnswerKey, answer: PackedAnswer, expires_at: int) -> None:
        """Cache an answer for other reports until `expires_at` [seconds since the epoch]."""
        stored = {**items.answer_fields(answer.packed, answer.new_attributes), "expires_at": expires_at}
        self._table.write(Put(keys.cached_answer(key), stored))
