"""Publish a round: archive it, and store its result and its deliveries in one transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

from alert_responder.contracts.plugin import EmitterPlugin
from alert_responder.contracts.report import Report
from alert_responder.domain.chain import Continuation, substance
from alert_responder.domain.deliveries import emitters_to_notify, final_outcome
from alert_responder.domain.delivery_history import emission, in_order
from alert_responder.domain.digest import report_digest
from alert_responder.domain.records import DeliveryRecord, Meta
from alert_responder.errors import ConditionFailedError, DependencyError, SupersededError
from alert_responder.store import keys
from alert_responder.store.archive_keys import page_key
from alert_responder.store.deliveries import Deliveries, Publication, Review, unfinished
from alert_responder.store.reports import CurrentReport, ReportStore
from alert_responder.store.table import Check, equals
from alert_responder.usecases.archive import ReportArchive
from alert_responder.usecases.ports import Clock

TRIES = 5
"""Attempts of the publishing transaction while runners of earlier rounds still finish deliveries."""


class About(NamedTuple):
    """Common fields of all alerts of a report."""

    detector: str
    rule_id: str
    alert_key: str


class Draft(NamedTuple):
    """A report to publish, and its review.

    Attributes
    ----------
    arrivals
        Arrival of each alert [ms]; empty if the alerts were not read.
    timings
        Times of the round's steps [ms].
    chain
        How the report continues the one before.
    directory_fault
        Why the directory of accounts could not be read.
    """

    report: Report
    review: Review
    about: About
    arrivals: Sequence[int]
    timings: Mapping[str, int]
    chain: Continuation = Continuation()
    directory_fault: str | None = None


class Published(NamedTuple):
    """Result of a publication.

    Attributes
    ----------
    deliveries
        Emitters to notify: those without an outcome.
    revision
        The revision that had been planned.
    lookups_left
        Whether lookups are left to the next round.
    given_up
        Outcomes that this call gave to deliveries of earlier rounds, by emitter.
    page_fault
        Why this call made no page; None if it made one.
    """

    deliveries: list[str]
    revision: int
    lookups_left: bool = False
    given_up: Mapping[str, str] = MappingProxyType({})
    page_fault: str | None = None


@dataclass(frozen=True, slots=True)
class Publisher:
    """Publishes each round once: by the first call whose transaction succeeds."""

    store: ReportStore
    deliveries: Deliveries
    archive: ReportArchive
    clock: Clock
    new_token: Callable[[], str]

    def publish(self, draft: Draft, emitters: Iterable[EmitterPlugin], current: CurrentReport) -> Published | None:
        """Publish a round; return None if another call has published it.

        Parameters
        ----------
        current
            The report as read before the reviewer was called.

        Raises
        ------
        SupersededError
            The report is in another round.
        DependencyError
            Deliveries, or other reports of the alert id, change too fast.
        """
        report, chain = draft.report, draft.chain
        expires_at = self.store.retention.expires_at(current.head.ends)
        token = self.new_token()
        snapshot = self.archive.put(report, token)
        news = report_digest(report)
        meta = _meta(draft, snapshot, news)
        overflow = current.head.overflow
        detector = None if overflow and overflow.scope == "installation" else meta.detector
        for attempt in range(TRIES):
            # Read again: runners of earlier rounds may have finished deliveries during the reviewer's call. The first
            # round has none.
            deliveries, last_delivered = (
                (current.deliveries, current.last_delivered)
                if report.round == 1 and attempt == 0
                else self.deliveries.read(report.id)
            )
            # Deliveries of this round belong to another call, which has published meanwhile.
            earlier = [delivery for delivery in deliveries if delivery.round < report.round]
            own = {name: last for name, last in last_delivered.items() if not last.inherited_from}
            own_incidents = {each.emitter for each in earlier if each.attempts and not each.updates}
            inherited = chain.inherited()
            now = self.clock()
            outcomes = {delivery: final_outcome(delivery) for delivery in unfinished(earlier)}
            given = [delivery._replace(outcome=outcome, ended=now) for delivery, outcome in outcomes.items()]
            new = [
                DeliveryRecord(
                    emitter.name,
                    report.round,
                    emitter.arn,
                    news,
                    snapshot,
                    expires_at,
                    fresh=emitter.name in last_delivered and emitter.name not in inherited | own,
                    substance=substance(meta.states),
                    lacks=chain.lacks(emitter.name),
                    updates=emitter.name in inherited and emitter.name not in own_incidents,
                )
                for emitter in emitters_to_notify(
                    [each for each in emitters if not chain.unfinished or each.name in own_incidents],
                    inherited | own,
                    earlier,
                    report.result,
                    detector,
                    news,
                    known_only=chain.known_only or chain.waits,
                )
            ]
            known = [*(delivery for delivery in earlier if delivery not in outcomes), *given, *new]
            fault = self.archive.put_page(report, draft.arrivals, [emission(each) for each in in_order(known)], token)
            page = None if fault else page_key(report.id, report.round, token)
            new = [delivery._replace(page=page) for delivery in new]
            try:
                to_inherit = [last for name, last in inherited.items() if last_delivered.get(name) != last]
                to_inherit = [last for last in to_inherit if last.emitter not in own]
                publication = Publication(meta, draft.review, outcomes, new, now, to_inherit, _unchanged(report, chain))
                if not self.deliveries.publish(publication, expires_at):
                    return None
            except ConditionFailedError:
                continue
            self._keep(report, snapshot, meta, expires_at)
            return Published(
                deliveries=sorted(delivery.emitter for delivery in new),
                revision=draft.review.revision,
                given_up={delivery.emitter: outcome for delivery, outcome in outcomes.items()},
                page_fault=fault,
                lookups_left=draft.review.lookups_left,
            )
        raise DependencyError("the report's deliveries change too fast to publish it")

    def resume_publication(self, current: CurrentReport) -> Published:
        """Repeat the steps after a publication, because the call that published may have died before them.

        Raises
        ------
        SupersededError
            The publication has expired.
        """
        meta = current.published
        if meta is None or meta.snapshot is None or meta.revision is None:
            raise SupersededError(f"the publication of {current.head.report_id} has expired")
        report = self.archive.get(meta.snapshot)
        self._keep(report, meta.snapshot, meta, self.store.retention.expires_at(current.head.ends))
        pending = [delivery for delivery in unfinished(current.deliveries) if delivery.round == meta.round]
        return Published(sorted(delivery.emitter for delivery in pending), meta.revision, meta.lookups_left)

    def _keep(self, report: Report, snapshot: str, meta: Meta, expires_at: int) -> None:
        self.archive.keep(report, snapshot)
        if not report.test:
            self.store.remember_attributes(meta, [attribute.id for attribute in report.attributes], expires_at)


def _unchanged(report: Report, chain: Continuation) -> list[Check]:
    """Require that the report before has no new alert or round, and that no later report exists for a resolved one."""
    checks = []
    if chain.inherits and chain.previous:
        before = chain.previous.head
        as_read = (equals("revision", before.revision), equals("round", before.round))
        checks.append(Check(keys.head(before.report_id), as_read))
    if report.status == "resolved":
        checks.append(Check(keys.window(report.alert_id), (equals("report_id", report.id),)))
    return checks


def _meta(draft: Draft, snapshot: str, digest: str) -> Meta:
    report = draft.report
    return Meta(
        report_id=report.id,
        alert_id=report.alert_id,
        title=report.title,
        detector=draft.about.detector,
        rule_id=draft.about.rule_id,
        alert_key=draft.about.alert_key,
        created_at=report.created_at,
        updated_at=report.updated_at,
        severity=report.result.severity,
        reason=report.result.reason,
        alert_count=report.alert_count,
        round=report.round,
        snapshot=snapshot,
        revision=draft.review.revision,
        lookups_left=draft.review.lookups_left,
        timings=draft.timings,
        test=report.test,
        status=report.status,
        digest=digest,
        states=None if report.overflow else draft.chain.states,
        labels=report.result.labels,
        suppressed=report.result.suppressed.name if report.result.suppressed else None,
        breakthrough=report.result.breakthrough,
    )
