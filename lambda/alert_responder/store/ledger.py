"""The ledger of lookups: tasks, their outcomes, and answers kept for other reports (protocol: T)."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from alert_responder.contracts.alert import Attribute
from alert_responder.domain.records import Head, LookupRecord
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
"""Most alerts a Plan notes as left without a lookup: they must fit an item."""


class PackedAnswer(NamedTuple):
    """An inspector's answer as the ledger and the cache keep it.

    Attributes
    ----------
    packed
        What was found; see `items.pack`. None: nothing.
    """

    packed: bytes | None = None
    new_attributes: tuple[Attribute, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether it says that nothing is known."""
        return self.packed is None and not self.new_attributes

    @classmethod
    def of(cls, contents: Sequence[dict[str, Any]], new_attributes: tuple[Attribute, ...] = ()) -> "PackedAnswer":
        """Pack an answer."""
        return cls(items.pack(list(contents)) if contents else None, new_attributes)


class Ledger:
    """The tasks of reports.

    Parameters
    ----------
    table
        Where everything is kept.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def lookups(self, report_id: str) -> list[LookupRecord]:
        """Read every task of a report."""
        pk = keys.report(report_id)
        return [items.read_lookup(item) for item in self._table.query(pk, keys.LOOKUPS, keys.LOOKUPS + keys.LAST)]

    def head_and_lookups(self, report_id: str, task_ids: Sequence[str]) -> tuple[Head | None, list[LookupRecord]]:
        """Read some tasks of a report, and its head, in one call; what is missing is left out."""
        head = keys.head(report_id)
        found = self._table.get_many([head, *(keys.lookup(report_id, task_id) for task_id in task_ids)])
        tasks = [items.read_lookup(item) for key, item in found.items() if key != head]
        return (items.read_head(found[head]) if head in found else None), tasks

    def hand_out(self, report_id: str, record: LookupRecord, expires_at: int) -> bool:
        """Write a task at the record's sequence; False if it has an outcome or a later Plan owns it."""
        return try_write(
            self._table,
            Update(
                keys.lookup(report_id, record.task_id),
                assign={**items.lookup_item(record), "expires_at": expires_at},
                condition=(absent("outcome"), absent_or_at_most("sequence", record.sequence)),
            ),
        )

    def raise_sequence(self, report_id: str, task_id: str, sequence: int, task: dict[str, Any] | None = None) -> bool:
        """Take over an open task of an earlier Plan; False if it has an outcome, is gone, or a later Plan owns it.

        Parameters
        ----------
        task
            What the inspector is to get instead of what it was to get; None: that.
        """
        told = {} if task is None else {"task": items.pack(task)}
        return try_write(
            self._table,
            Update(
                keys.lookup(report_id, task_id),
                assign={"sequence": sequence, **told},
                condition=(*EXISTS, absent("outcome"), absent_or_at_most("sequence", sequence)),
            ),
        )

    def remember_seen(self, report_id: str, wave: int, carriers: Iterable[str], expires_at: int) -> None:
        """Note which alerts of a wave were left without any lookup; see `domain.planning.left_empty`."""
        noted = items.seen_item(sorted(carriers)[:MAX_SEEN])
        self._table.write(Put(keys.seen(report_id, wave), {**noted, "expires_at": expires_at}))

    def claim(self, report_id: str, task_id: str, now: int) -> bool:
        """Note that a runner is about to call the inspector; False if there is an outcome, or the task is gone."""
        key = keys.lookup(report_id, task_id)
        condition = (*EXISTS, absent("outcome"))
        return try_write(self._table, Update(key, assign={"claimed": now}, add={"claims": 1}, condition=condition))

    def had_no_turn(self, report_id: str, lookup: LookupRecord, reason: str, now: int, *, claims: int = 0) -> bool:
        """End a task whose inspector was not asked; False if it has an outcome, or may have been asked.

        Parameters
        ----------
        lookup
            As its owner got it: a lookup that a later Plan owns is left alone.
        claims
            How often the caller has claimed it: if others have as well, they may have asked.
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
        """End a task that its owner could not make, though another runner may have asked; see `had_no_turn`."""
        condition = (*EXISTS, absent("outcome"), equals("sequence", lookup.sequence))
        ended = {"outcome": "throttled", "reason": reason, "ended": now}
        return try_write(self._table, Update(keys.lookup(report_id, lookup.task_id), assign=ended, condition=condition))

    def reopen(self, report_id: str, task_id: str, sequence: int, task: dict[str, Any] | None = None) -> bool:
        """Open a task again that had no turn, for a later Plan; False if that was done before, or it is not so.

        Parameters
        ----------
        task
            What the inspector is to get instead of what it was to get; None: that.
        """
        told = {} if task is None else {"task": items.pack(task)}
        key = keys.lookup(report_id, task_id)
        opened = try_write(
            self._table,
            Update(
                key,
                assign={"sequence": sequence, "reopened": True, **told},
                remove=("outcome", "reason", "ended", "claimed", "claims", "no_turn"),
                condition=(present("no_turn"), absent("reopened"), below("sequence", sequence)),
            ),
        )
        if opened:
            return True
        # The response to the write may have been lost, and the write sent once more.
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
    ) -> bool:
        """Store an outcome; False if there is one, since the first wins, or the task is gone."""
        stored = items.answer_fields(answer.packed, answer.new_attributes) if answer else {}
        assign = {"outcome": outcome, "reason": reason, "ended": now, **stored}
        return try_write(
            self._table,
            Update(
                keys.lookup(report_id, task_id),
                assign={name: value for name, value in assign.items() if value is not None},
                condition=(*EXISTS, absent("outcome")),
            ),
        )

    def cached(self, wanted: Iterable[tuple[str, str]], now: int) -> dict[tuple[str, str], PackedAnswer]:
        """Find answers that are still good, for pairs of function ARN and attribute hash."""
        by_key = {keys.cached_answer(arn, attribute_id): (arn, attribute_id) for arn, attribute_id in wanted}
        if not by_key:
            return {}
        found = self._table.get_many(list(by_key))
        return {
            by_key[key]: PackedAnswer(*items.read_answer(item))
            for key, item in found.items()
            if item["expires_at"] * 1000 > now
        }

    def keep(self, arn: str, attribute_id: str, answer: PackedAnswer, expires_at: int) -> None:
        """Keep an answer for other reports until a time [seconds since the epoch]."""
        stored = {**items.answer_fields(answer.packed, answer.new_attributes), "expires_at": expires_at}
        self._table.write(Put(keys.cached_answer(arn, attribute_id), stored))
