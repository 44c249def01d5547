"""Reviews, deliveries and what each emitter was last told (protocol: S, M, D, E)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from alert_responder.domain.records import DeliveryRecord, EmitterRecord, Meta
from alert_responder.errors import ConditionFailedError, SupersededError
from alert_responder.store import items, keys
from alert_responder.store.table import (
    EXISTS,
    NEW,
    Action,
    Check,
    Condition,
    Put,
    Table,
    Update,
    absent,
    absent_or_at_most,
    absent_or_below,
    equals,
    try_write,
)


class Review(NamedTuple):
    """How a round was reviewed.

    Attributes
    ----------
    revision
        The one that had been planned.
    result
        What the reviewer said, or what stands for it.
    called, took
        How the call of the reviewer ended, and how long it took [ms]; None: it was not called.
    lookups_left
        Whether lookups are left to the next round.
    """

    revision: int
    result: Mapping[str, Any]
    called: str | None
    took: int | None
    lookups_left: bool = False


class Publication(NamedTuple):
    """What Review writes in one transaction.

    Attributes
    ----------
    outcomes
        Outcomes for unfinished deliveries of earlier rounds.
    deliveries
        New ones of this round.
    at
        When this is [ms].
    """

    meta: Meta
    review: Review
    outcomes: Mapping[DeliveryRecord, str]
    deliveries: Sequence[DeliveryRecord]
    at: int


class Deliveries:
    """Reviews and deliveries of reports.

    Parameters
    ----------
    table
        Where everything is kept.
    """

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, report_id: str) -> tuple[list[DeliveryRecord], dict[str, EmitterRecord]]:
        """Read every delivery of a report, and what each emitter was last told."""
        pk = keys.report(report_id)
        # "emission/..." and "emitter/..." are neighbours: one query reads both.
        found = self._table.query(pk, keys.EMISSIONS, keys.EMITTER_STATES + keys.LAST)
        deliveries = [items.read_delivery(item) for item in found if item["sk"].startswith(keys.EMISSIONS)]
        emitters = [items.read_emitter(item) for item in found if item["sk"].startswith(keys.EMITTER_STATES)]
        return deliveries, {emitter.emitter: emitter for emitter in emitters}

    def publish(self, publication: Publication, expires_at: int) -> bool:
        """Write a round's publication, all or nothing; False when the round has been published: the first wins.

        Raises
        ------
        SupersededError
            When the report is in another round.
        ConditionFailedError
            When a delivery is no longer as it was read.
        """
        meta, review = publication.meta, publication.review
        report_id, round_ = meta.report_id, meta.round
        called = {
            name: value for name, value in (("outcome", review.called), ("took", review.took)) if value is not None
        }
        actions: list[Action] = [
            fence(report_id, round_),
            Put(keys.meta(report_id), {**items.meta_item(meta), "expires_at": expires_at}, _unpublished(round_)),
            Put(
                keys.review(report_id, round_, review.revision),
                {"result": items.pack(review.result), "expires_at": expires_at, **called},
            ),
            *(
                Update(
                    keys.emission(report_id, delivery.emitter, delivery.round),
                    assign={"outcome": outcome, "ended": publication.at},
                    condition=(absent("outcome"), equals("attempts", delivery.attempts)),
                )
                for delivery, outcome in publication.outcomes.items()
            ),
            *(
                Put(keys.emission(report_id, delivery.emitter, delivery.round), items.delivery_item(delivery), NEW)
                for delivery in publication.deliveries
            ),
        ]
        try:
            self._fenced(actions)
        except ConditionFailedError as error:
            if _META in error.failed:
                return False
            raise
        return True

    def delivery(self, report_id: str, emitter: str, round_: int) -> DeliveryRecord | None:
        """Read a delivery."""
        item = self._table.get(keys.emission(report_id, emitter, round_))
        return None if item is None else items.read_delivery(item)

    def emitter(self, report_id: str, emitter: str) -> EmitterRecord:
        """Read what an emitter was last told of a report."""
        item = self._table.get(keys.emitter_state(report_id, emitter))
        return EmitterRecord(emitter) if item is None else items.read_emitter(item)

    def claim(self, report_id: str, delivery: DeliveryRecord, owner: str, now: int, lease: int) -> None:
        """Take a delivery for one call of its emitter.

        Parameters
        ----------
        owner
            A token of this call: who finds it on the delivery knows that the claim was its own.
        lease
            Until when the call is alive [ms].

        Raises
        ------
        SupersededError
            When the report is in another round.
        ConditionFailedError
            When the delivery has an outcome or is gone, or another call is alive.
        """
        self._fenced(
            [
                fence(report_id, delivery.round),
                Update(
                    keys.emission(report_id, delivery.emitter, delivery.round),
                    assign={"lease": lease, "owner": owner},
                    add={"attempts": 1},
                    condition=(*EXISTS, absent("outcome"), absent_or_below("lease", now)),
                ),
            ]
        )

    def release(
        self, report_id: str, delivery: DeliveryRecord, owner: str, reason: str, took: int | None = None
    ) -> None:
        """Note a definite failure of a call and let the next one begin; someone else's delivery is left alone.

        Parameters
        ----------
        took
            How long the call took [ms]; None: there was none.
        """
        try_write(
            self._table,
            Update(
                keys.emission(report_id, delivery.emitter, delivery.round),
                assign={"reason": items.plain_text(reason, 1_000), **_took(took)},
                add={"failures": 1},
                remove=("lease", "owner"),
                condition=(absent("outcome"), equals("owner", owner)),
            ),
        )

    def delivered(
        self, report_id: str, delivery: DeliveryRecord, state: Any, url: str | None, reason: str | None, at: int
    ) -> None:
        """Record that an emitter was told `at` a time [ms], and how long it took; `late` if it has an outcome."""
        told = {
            "round": delivery.round,
            "digest": delivery.digest,
            "state": items.pack(state),
            "expires_at": delivery.expires_at,
        }
        remember = Update(
            keys.emitter_state(report_id, delivery.emitter),
            assign=told,
            condition=(absent_or_at_most("round", delivery.round),),
        )

        def outcome(outcome: str, condition: Condition) -> Update:
            return self._outcome(report_id, delivery, outcome, reason, url, at, condition)

        try:
            self._table.transact([outcome("ok", (*EXISTS, absent("outcome"))), remember])
        except ConditionFailedError as error:
            stored = self.delivery(report_id, delivery.emitter, delivery.round)
            if stored is not None and stored.outcome == "ok" and 1 not in error.failed:
                return
            if stored is not None and stored.outcome is not None and stored.outcome != "ok":
                try_write(self._table, outcome("late", (equals("outcome", stored.outcome),)))
            elif stored is not None and stored.outcome is None:
                try_write(self._table, outcome("ok", (*EXISTS, absent("outcome"))))
            try_write(self._table, remember)

    def settle(self, report_id: str, delivery: DeliveryRecord, outcome: str, reason: str | None, at: int) -> bool:
        """Record how a delivery ended; False when that is known, or another call of the emitter has begun since.

        Parameters
        ----------
        delivery
            As it was read, with the caller's own attempt and failure: the outcome was concluded from those.
        at
            When this is [ms].
        """
        condition = (absent("outcome"), equals("attempts", delivery.attempts))
        update = self._outcome(report_id, delivery, outcome, reason, None, at, condition)
        return try_write(self._table, update._replace(assign={**update.assign, "failures": delivery.failures}))

    def _outcome(
        self,
        report_id: str,
        delivery: DeliveryRecord,
        outcome: str,
        reason: str | None,
        url: str | None,
        at: int,
        condition: Condition,
    ) -> Update:
        texts = {"reason": reason and items.plain_text(reason, 1_000), "url": url and items.plain_text(url, 2_000)}
        return Update(
            keys.emission(report_id, delivery.emitter, delivery.round),
            assign={
                "outcome": outcome,
                "ended": at,
                **{name: text for name, text in texts.items() if text},
                **_took(delivery.took),
            },
            remove=("lease", "owner"),
            condition=condition,
        )

    def _fenced(self, actions: Sequence[Action]) -> None:
        try:
            self._table.transact(actions)
        except ConditionFailedError as error:
            if 0 in error.failed:
                raise SupersededError("the report is in another round") from error
            raise


_META = 1
"""Place of M among the actions of a publication."""


def _unpublished(round_: int) -> Condition:
    """Demand of M that no Review of the round has published; a report is opened in its first round."""
    return (absent("snapshot") if round_ == 1 else absent_or_below("round", round_),)


def _took(milliseconds: int | None) -> dict[str, Any]:
    return {} if milliseconds is None else {"took": milliseconds}


def fence(report_id: str, round_: int) -> Check:
    """Demand, inside a transaction, that the report's round is still this one."""
    return Check(keys.head(report_id), (equals("round", round_),))


def unfinished(deliveries: Iterable[DeliveryRecord]) -> list[DeliveryRecord]:
    """Pick the deliveries without an outcome."""
    return [delivery for delivery in deliveries if delivery.outcome is None]
