"""Emit: tell one emitter of a report, once if that can be known, and write down what became of it."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from alert_responder.contracts.report import EmissionAnswer
from alert_responder.domain.deliveries import MAX_ATTEMPTS, final_outcome
from alert_responder.domain.identifiers import emission_id
from alert_responder.domain.plugin_answers import InvalidAnswerError, read_emission
from alert_responder.domain.records import DeliveryRecord
from alert_responder.errors import ConditionFailedError, LeaseAliveError, PluginError, SupersededError
from alert_responder.store.deliveries import Deliveries
from alert_responder.usecases.ports import Archive, Clock, Links, PluginCalls

EMITTER_SECONDS = 30
"""Longest one call of an emitter may take [seconds]: three fit into the two minutes EMIT may take."""

LEASE_MS = (EMITTER_SECONDS + 5) * 1000
"""How long a call is taken for alive when its runner says nothing more [ms]."""


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Makes one delivery.

    Attributes
    ----------
    wait
        Waits before another try; its argument counts the tries, from 0.
    link
        Makes the address of a report's page.
    """

    deliveries: Deliveries
    archive: Archive
    plugins: PluginCalls
    clock: Clock
    new_token: Callable[[], str]
    wait: Callable[[int], None]
    link: Links

    def deliver(self, report_id: str, round_: int, emitter: str) -> str:
        """Bring a delivery to an outcome; one that has an outcome is left alone.

        Returns
        -------
        str
            The outcome: `ok`, `failed`, `unknown`, or what was recorded before.

        Raises
        ------
        SupersededError
            When the report is in another round, or has expired.
        LeaseAliveError
            When another runner is at it: call again when its lease is over.
        """
        for attempt in range(MAX_ATTEMPTS + 1):
            delivery = self.deliveries.delivery(report_id, emitter, round_)
            # Of what has expired DynamoDB may have deleted a part, such as the emitter's state.
            if delivery is None or delivery.expires_at * 1000 <= self.clock():
                raise SupersededError(f"no delivery of {report_id} to {emitter} in round {round_}")
            if delivery.outcome is not None:
                return delivery.outcome
            if delivery.attempts >= MAX_ATTEMPTS and (delivery.lease is None or delivery.lease < self.clock()):
                outcome = final_outcome(delivery)
                if self.deliveries.settle(report_id, delivery, outcome, delivery.reason, self.clock()):
                    return outcome
                continue  # It has an outcome by now, or another runner has just called.
            outcome_now = self._try(report_id, delivery)
            if outcome_now is not None:
                return outcome_now
            if delivery.attempts + 1 < MAX_ATTEMPTS:
                self.wait(attempt)
        raise LeaseAliveError(f"delivery of {report_id} to {emitter} is contended")

    def _try(self, report_id: str, delivery: DeliveryRecord) -> str | None:
        """Call the emitter once; None when it is to be looked at again: it failed definitely, or another call began."""
        owner, now = self.new_token(), self.clock()
        self._claim(report_id, delivery, owner, now)
        if self.clock() > now + LEASE_MS - EMITTER_SECONDS * 1000:
            late = "The delivery was claimed so slowly that its lease may end before the emitter's call."
            self.deliveries.release(report_id, delivery, owner, late)
            return None
        # Read after the claim: the state that the last finished delivery left.
        told = self.deliveries.emitter(report_id, delivery.emitter)
        request = {
            "emitter": delivery.emitter,
            "emission_id": emission_id(report_id, delivery.emitter, delivery.round),
            "state": told.state,
            # Made for this call and kept nowhere: it may open the page to whoever has it.
            "report_url": None if delivery.page is None else self.link(delivery.page),
        }
        # The report is sent as it is stored: read, it may take 24 times as much memory.
        document = b'{"report": %b, %b' % (self.archive.get(delivery.snapshot), json.dumps(request).encode()[1:])
        began = self.clock()
        try:
            body = self.plugins.call(delivery.arn, document, EMITTER_SECONDS)
        except PluginError as error:
            took = self.clock() - began
            if error.retryable:
                self.deliveries.release(report_id, delivery, owner, error.reason, took)
                return None
            failures = delivery.failures + (not error.may_have_run)
            # An earlier call whose end nobody knows may have told it.
            ended = delivery._replace(attempts=delivery.attempts + 1, failures=failures, took=took)
            outcome = final_outcome(ended)
            settled = self.deliveries.settle(report_id, ended, outcome, error.reason, self.clock())
            return outcome if settled else None
        answer, reason = _read(body)
        state = told.state if answer.state is None else answer.state
        told_now = delivery._replace(took=self.clock() - began)
        self.deliveries.delivered(report_id, told_now, state, answer.url, reason, self.clock())
        return "ok"

    def _claim(self, report_id: str, delivery: DeliveryRecord, owner: str, now: int) -> None:
        try:
            self.deliveries.claim(report_id, delivery, owner, now, now + LEASE_MS)
        except ConditionFailedError:
            stored = self.deliveries.delivery(report_id, delivery.emitter, delivery.round)
            if stored is None or stored.owner != owner:
                raise LeaseAliveError(f"another runner delivers {report_id} to {delivery.emitter}") from None
            # Our own claim, whose response was lost.


def _read(body: bytes) -> tuple[EmissionAnswer, str | None]:
    """Read an emitter's answer; it has acted, so one that cannot be used is noted and not a failure."""
    try:
        answer = read_emission(body)
    except InvalidAnswerError as error:
        return EmissionAnswer(), f"The emitter was told, but its answer could not be used. {error.reason}"
    return answer, answer.note or None
