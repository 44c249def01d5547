"""Emit: notify one emitter of a report, and store the outcome. It is notified once, as far as that can be known."""

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
"""Maximum duration of an emitter's call [s]: three calls fit into the two minutes of Emit."""

LEASE_MS = (EMITTER_SECONDS + 5) * 1000
"""Duration of a lease [ms]: a call is assumed to be running until its lease ends."""


@dataclass(frozen=True, slots=True)
class Deliverer:
    """Makes one delivery.

    Attributes
    ----------
    wait
        Waits before another attempt; its argument is the attempt, from 0.
    link
        Returns the URL of a report's page.
    """

    deliveries: Deliveries
    archive: Archive
    plugins: PluginCalls
    clock: Clock
    new_token: Callable[[], str]
    wait: Callable[[int], None]
    link: Links

    def deliver(self, report_id: str, round_: int, emitter: str) -> str:
        """Make a delivery, unless it has an outcome.

        Returns
        -------
        str
            The outcome: `ok`, `failed`, `unknown`, or the outcome that was stored before.

        Raises
        ------
        SupersededError
            The report is in another round, or has expired.
        LeaseAliveError
            Another runner is making the delivery: call again when its lease has ended.
        """
        for attempt in range(MAX_ATTEMPTS + 1):
            delivery = self.deliveries.delivery(report_id, emitter, round_)
            # DynamoDB may have deleted part of an expired report, such as the emitter state.
            if delivery is None or delivery.expires_at * 1000 <= self.clock():
                raise SupersededError(f"round {round_} of {report_id} has no delivery to {emitter}")
            if delivery.outcome is not None:
                return delivery.outcome
            if delivery.attempts >= MAX_ATTEMPTS and (delivery.lease is None or delivery.lease < self.clock()):
                outcome = final_outcome(delivery)
                if self.deliveries.settle(report_id, delivery, outcome, delivery.reason, self.clock()):
                    return outcome
                continue  # It has an outcome meanwhile, or another runner has claimed it.
            outcome_now = self._try(report_id, delivery)
            if outcome_now is not None:
                return outcome_now
            if delivery.attempts + 1 < MAX_ATTEMPTS:
                self.wait(attempt)
        raise LeaseAliveError(f"delivery of {report_id} to {emitter} is contended")

    def _try(self, report_id: str, delivery: DeliveryRecord) -> str | None:
        """Call the emitter once; return the outcome, or None if the delivery must be read again."""
        owner, now = self.new_token(), self.clock()
        self._claim(report_id, delivery, owner, now)
        if self.clock() > now + LEASE_MS - EMITTER_SECONDS * 1000:
            late = "The claim took so long that its lease may end during the emitter's call."
            self.deliveries.release(report_id, delivery, owner, late)
            return None
        # Read after the claim, so that no other call can change it.
        last_state = None if delivery.fresh else self.deliveries.emitter(report_id, delivery.emitter).state
        request = {
            "emitter": delivery.emitter,
            "emission_id": emission_id(report_id, delivery.emitter, delivery.round),
            "state": last_state,
            # Created for this call and stored nowhere, because anyone can open the page with it.
            "report_url": None if delivery.page is None else self.link(delivery.page),
        }
        # The report is sent as stored: parsed, it could take 24 times as much memory.
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
            # An earlier call with an unknown end may have notified the emitter.
            ended = delivery._replace(attempts=delivery.attempts + 1, failures=failures, took=took)
            outcome = final_outcome(ended)
            settled = self.deliveries.settle(report_id, ended, outcome, error.reason, self.clock())
            return outcome if settled else None
        answer, reason = _read(body)
        state = last_state if answer.state is None else answer.state
        delivered = delivery._replace(took=self.clock() - began)
        self.deliveries.delivered(report_id, delivered, state, answer.url, reason, self.clock())
        return "ok"

    def _claim(self, report_id: str, delivery: DeliveryRecord, owner: str, now: int) -> None:
        try:
            self.deliveries.claim(report_id, delivery, owner, now, now + LEASE_MS)
        except ConditionFailedError:
            stored = self.deliveries.delivery(report_id, delivery.emitter, delivery.round)
            if stored is None or stored.owner != owner:
                raise LeaseAliveError(f"another runner delivers {report_id} to {delivery.emitter}") from None
            # This call's own claim, whose response was lost.


def _read(body: bytes) -> tuple[EmissionAnswer, str | None]:
    """Read an emitter's answer; because the emitter has acted, an invalid answer is a note, not a failure."""
    try:
        answer = read_emission(body)
    except InvalidAnswerError as error:
        return EmissionAnswer(), f"The emitter was notified, but its answer is invalid. {error.reason}"
    return answer, answer.note or None
