"""Close: settle the report, or start the next round for the alerts that came meanwhile and the lookups left over."""

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
"""Lost races with the receptor after which Close fails and is retried by the state machine."""


class Closed(NamedTuple):
    """How a round was closed.

    Attributes
    ----------
    goes_on
        Whether the report's next round follows.
    given_up
        Outcomes of the deliveries that got one here, by emitter.
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
        """Close a round; called again, it changes nothing.

        Parameters
        ----------
        revision
            The one that had been planned for what was published: the report is settled only if it is still that.
        unsettled
            How many deliveries the runner could not bring to an outcome; they get one here.
        lookups_left
            Whether what was published leaves lookups to the next round: it follows then, whatever the revision.
        """
        given_up = self._settle_deliveries(report_id, round_) if unsettled else {}
        return Closed(self._close(report_id, round_, revision, lookups_left=lookups_left), given_up)

    def _close(self, report_id: str, round_: int, revision: int, *, lookups_left: bool) -> bool:
        """Settle the report or see to its next round; return whether there is one."""
        for _ in range(MAX_RACES):
            if not lookups_left and self.store.settle(report_id, round_, revision):
                return False
            head = self.store.head(report_id, self.clock())
            if head is None or (head.round == round_ and head.state != "open"):
                return False  # Expired, or settled by a call of ours whose response was lost.
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
        """Give a delivery an outcome; None if it has one, or is called again."""
        outcome = "failed" if delivery.attempts == 0 else final_outcome(delivery)
        reason = delivery.reason or "The runner stopped before the delivery had an outcome."
        return outcome if self.deliveries.settle(report_id, delivery, outcome, reason, self.clock()) else None
