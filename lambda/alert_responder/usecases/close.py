"""Close: settle the report, or start the next round for alerts that arrived meanwhile and lookups that are left."""

from dataclasses import dataclass
from typing import NamedTuple

from alert_responder.domain.deliveries import final_outcome
from alert_responder.domain.records import DeliveryRecord
from alert_responder.errors import DependencyError
from alert_responder.store.deliveries import Deliveries, unfinished
from alert_responder.store.reports import ReportStore
from alert_responder.usecases.ports import Clock, Workflow
from alert_responder.usecases.start_round import start_current_round

MAX_RACES = 20
"""Lost races with the receptor after which Close fails; the state machine retries it."""


class Closed(NamedTuple):
    """Result of Close.

    Attributes
    ----------
    goes_on
        Whether another round follows.
    given_up
        Outcomes that Close gave to deliveries, by emitter.
    """

    goes_on: bool
    given_up: dict[str, str]


@dataclass(frozen=True, slots=True)
class Closer:
    """Closes one round."""

    store: ReportStore
    deliveries: Deliveries
    workflow: Workflow
    clock: Clock

    def close(
        self, report_id: str, round_: int, revision: int, unsettled: int, *, lookups_left: bool = False
    ) -> Closed:
        """Close a round; repeated, it changes nothing.

        Parameters
        ----------
        revision
            The revision that had been planned for the publication: the report is settled only if it is unchanged.
        unsettled
            Number of deliveries that the runner could not finish; they get an outcome here.
        lookups_left
            Whether the publication left lookups to the next round, which then follows in any case.
        """
        given_up = self._settle_deliveries(report_id, round_) if unsettled else {}
        return Closed(self._close(report_id, round_, revision, lookups_left=lookups_left), given_up)

    def _close(self, report_id: str, round_: int, revision: int, *, lookups_left: bool) -> bool:
        """Settle the report or start its next round; return whether there is one."""
        for _ in range(MAX_RACES):
            if not lookups_left and self.store.settle(report_id, round_, revision):
                return False
            head = self.store.head(report_id, self.clock())
            if head is None or (head.round == round_ and head.state != "open"):
                return False  # Expired, or settled by an earlier write of this call whose response was lost.
            if head.round != round_ or self.store.next_round(head, dead=False):
                start_current_round(report_id, self.clock(), self.store, self.workflow)
                return True
        raise DependencyError("the report changes too fast to be closed")

    def _settle_deliveries(self, report_id: str, round_: int) -> dict[str, str]:
        settled: dict[str, str] = {}
        for _ in range(MAX_RACES):
            deliveries, _emitters = self.deliveries.read(report_id)
            left = [delivery for delivery in unfinished(deliveries) if delivery.round == round_]
            done = {delivery.emitter: self._settle_delivery(report_id, delivery) for delivery in left}
            settled |= {emitter: outcome for emitter, outcome in done.items() if outcome}
            if all(done.values()):
                return settled
        raise DependencyError("the report's deliveries change too fast to be settled")

    def _settle_delivery(self, report_id: str, delivery: DeliveryRecord) -> str | None:
        """Store and return the outcome of a delivery; None if it has changed since it was read."""
        outcome = "failed" if delivery.attempts == 0 else final_outcome(delivery)
        reason = delivery.reason or "The runner stopped before the delivery was finished."
        return outcome if self.deliveries.settle(report_id, delivery, outcome, reason, self.clock()) else None
