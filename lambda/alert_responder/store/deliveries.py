"""Records review, meta, delivery and emitter state; see `docs/protocol.md`."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from alert_responder.domain.records import DeliveryRecord, EmitterRecord, Meta
from alert_responder.errors import ConditionFailedError, DependencyError, SupersededError
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
    """The review of a round.

    Attributes
    ----------
    revision
        The revision that had been planned.
    result
        The reviewer's result, or its replacement.
    called, took
        Outcome and duration of the reviewer's call [ms]; None if it was not called.
    lookups_left
        Whether lookups are left to the next round.
    """

    revision: int
    result: Mapping[str, Any]
    called: str | None
    took: int | None
    lookups_left: bool = False


class Publication(NamedTuple):
    """The records of a publication, which Review writes in one transaction.

    Attributes
    ----------
    outcomes
        Outcomes of unfinished deliveries of earlier rounds.
    deliveries
        New deliveries of this round.
    at
        Time of the publication [ms].
    inherited
        Emitter states inherited from the report before.
    unchanged
        What must be as it was when the report's place in the chain was decided.
    """

    meta: Meta
    review: Review
    outcomes: Mapping[DeliveryRecord, str]
    deliveries: Sequence[DeliveryRecord]
    at: int
    inherited: Sequence[EmitterRecord] = ()
    unchanged: Sequence[Check] = ()


class Deliveries:
    """Reads and writes reviews and deliveries of reports."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def read(self, report_id: str) -> tuple[list[DeliveryRecord], dict[str, EmitterRecord]]:
        """Read all deliveries of a report, and its emitter states by emitter."""
        pk = keys.report(report_id)
        # The sort keys "emission/..." and "emitter/..." are adjacent: one query reads both.
        found = self._table.query(pk, keys.DELIVERIES, keys.EMITTER_STATES + keys.LAST)
        deliveries = [items.read_delivery(item) for item in found if item["sk"].startswith(keys.DELIVERIES)]
        emitters = [items.read_emitter(item) for item in found if item["sk"].startswith(keys.EMITTER_STATES)]
        return deliveries, {emitter.emitter: emitter for emitter in emitters}

    def publish(self, publication: Publication, expires_at: int) -> bool:
        """Write the publication of a round in one transaction; return False if the round is already published.

        Raises
        ------
        SupersededError
            The report is in another round.
        ConditionFailedError
            A delivery has changed since it was read.
        DependencyError
            The chain of reports has changed: the round must be reviewed again.
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
                    keys.delivery(report_id, delivery.emitter, delivery.round),
                    assign={"outcome": outcome, "ended": publication.at},
                    condition=(absent("outcome"), equals("attempts", delivery.attempts)),
                )
                for delivery, outcome in publication.outcomes.items()
            ),
            *(
                Put(keys.delivery(report_id, delivery.emitter, delivery.round), items.delivery_item(delivery), NEW)
                for delivery in publication.deliveries
            ),
            *(
                Put(
                    keys.emitter_state(report_id, emitter.emitter),
                    {**items.emitter_item(emitter), "expires_at": expires_at},
                    (absent_or_at_most("round", 0),),
                )
                for emitter in publication.inherited
            ),
            *publication.unchanged,
        ]
        try:
            self._fenced(actions)
        except ConditionFailedError as error:
            if _META in error.failed:
                return False
            if max(error.failed) >= len(actions) - len(publication.unchanged):
                raise DependencyError("another report of the alert id has changed meanwhile") from error
            raise
        return True

    def delivery(self, report_id: str, emitter: str, round_: int) -> DeliveryRecord | None:
        """Read a delivery."""
        item = self._table.get(keys.delivery(report_id, emitter, round_))
        return None if item is None else items.read_delivery(item)

    def emitter(self, report_id: str, emitter: str) -> EmitterRecord:
        """Read the state of an emitter."""
        item = self._table.get(keys.emitter_state(report_id, emitter))
        return EmitterRecord(emitter) if item is None else items.read_emitter(item)

    def claim(self, report_id: str, delivery: DeliveryRecord, owner: str, now: int, lease: int) -> None:
        """Claim a delivery for one call of its emitter.

        Parameters
        ----------
        owner
            Token of this call, by which a caller whose response was lost recognises its claim.
        lease
            Time at which the lease ends [ms].

        Raises
        ------
        SupersededError
            The report is in another round.
        ConditionFailedError
            The delivery has an outcome or is missing, or the lease of another call is alive.
        """
        self._fenced(
            [
                fence(report_id, delivery.round),
                Update(
                    keys.delivery(report_id, delivery.emitter, delivery.round),
                    assign={"lease": lease, "owner": owner},
                    add={"attempts": 1},
                    condition=(*EXISTS, absent("outcome"), absent_or_below("lease", now)),
                ),
            ]
        )

    def release(
        self, report_id: str, delivery: DeliveryRecord, owner: str, reason: str, took: int | None = None
    ) -> None:
        """Count a call that failed for certain, and end its lease, unless another call owns the delivery.

        Parameters
        ----------
        took
            Duration of the call [ms]; None if there was none.
        """
        try_write(
            self._table,
            Update(
                keys.delivery(report_id, delivery.emitter, delivery.round),
                assign={"reason": items.plain_text(reason, 1_000), **_took(took)},
                add={"failures": 1},
                remove=("lease", "owner"),
                condition=(absent("outcome"), equals("owner", owner)),
            ),
        )

    def delivered(
        self, report_id: str, delivery: DeliveryRecord, state: Any, url: str | None, reason: str | None, at: int
    ) -> None:
        """Record a successful delivery and the emitter state; a delivery that has an outcome becomes `late`."""
        last_delivered = {
            "round": delivery.round,
            "digest": delivery.digest,
            "substance": delivery.substance or "",
            "lacks": list(delivery.lacks),
            "state": items.pack(state),
            "expires_at": delivery.expires_at,
        }
        remember = Update(
            keys.emitter_state(report_id, delivery.emitter),
            assign=last_delivered,
            remove=("inherited_from", "knows"),
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
        """Record the outcome of a delivery; return False if it has one, or another call has started since.

        Parameters
        ----------
        delivery
            The delivery as read, with the caller's own attempt and failure, from which the outcome was concluded.
        at
            Time of the outcome [ms].
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
            keys.delivery(report_id, delivery.emitter, delivery.round),
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
"""Position of meta among the actions of a publication."""


def _unpublished(round_: int) -> Condition:
    """Require that the round is unpublished; a report is opened with a meta of round 1."""
    return (absent("snapshot") if round_ == 1 else absent_or_below("round", round_),)


def _took(milliseconds: int | None) -> dict[str, Any]:
    return {} if milliseconds is None else {"took": milliseconds}


def fence(report_id: str, round_: int) -> Check:
    """Require, in a transaction, that the report is in this round."""
    return Check(keys.head(report_id), (equals("round", round_),))


def unfinished(deliveries: Iterable[DeliveryRecord]) -> list[DeliveryRecord]:
    """Select the deliveries without an outcome."""
    return [delivery for delivery in deliveries if delivery.outcome is None]
