"""Review: compile the report, have it rated, archive it, and write down who is to be told."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from alert_responder.contracts.plugin import Plugins
from alert_responder.contracts.report import Report, Result
from alert_responder.domain.compiling import Material, arrivals, compile_report, emission, in_order, shown
from alert_responder.domain.delivering import due, given_up
from alert_responder.domain.digest import digest
from alert_responder.domain.egress import own
from alert_responder.domain.identifiers import sending_back
from alert_responder.domain.judging import InvalidAnswerError, read_review
from alert_responder.domain.planning import Limits, agenda, known_attributes
from alert_responder.domain.records import DeliveryRecord, GroupSummary, Head, Meta, TaskRecord
from alert_responder.domain.truncating import truncate
from alert_responder.errors import ConditionFailedError, DependencyError, PluginError
from alert_responder.store.deliveries import Deliveries, Publication, Published, unfinished
from alert_responder.store.ledger import Ledger
from alert_responder.store.reports import Current, ReportStore
from alert_responder.usecases.archiving import Archiving, lasting, page_of
from alert_responder.usecases.ports import Clock, PluginCalls, Registry

MAX_REPLANS = 2
"""Times a round goes back to planning for late alerts (design, workflow); what comes later gets the next round."""

REVIEWER_SECONDS = 60
"""Longest a reviewer may take [seconds]."""

PUBLISH_TRIES = 5
"""Tries of the publishing transaction while runners of an earlier round still finish deliveries."""


class Round(NamedTuple):
    """What the state machine knows of the round being reviewed.

    Attributes
    ----------
    revision
        The report's revision as it was last planned.
    replans
        How often Review has already sent the round back.
    planned_at
        When the round was first planned [ms]; None if it was not.
    as_it_stands
        True: neither inspected nor reviewed, since earlier rounds died.
    """

    report_id: str
    number: int
    revision: int
    replans: int
    planned_at: int | None
    as_it_stands: bool


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Reviews one round."""

    store: ReportStore
    ledger: Ledger
    deliveries: Deliveries
    archiving: Archiving
    registry: Registry
    plugins: PluginCalls
    clock: Clock
    limits: Limits
    new_token: Callable[[], str]

    def review(self, round_: Round) -> dict[str, Any]:
        """Review a round, or send it back to planning.

        Returns
        -------
        dict
            `status` `replan`; or `published` with `deliveries`, the emitters still to be told, and `revision`, the one
            planned. Called again, it publishes under another snapshot and hands out only what has no outcome. Beside
            them what is measured: `severity`, `alerts`, how many the report has; `unrated`, whether the reviewer gave
            no usable answer; `milliseconds` from the first alert's arrival to now, None in later rounds, which other
            alerts began; `given_up`, the outcomes that earlier deliveries got here, by emitter. With `page_fault`,
            why the report has no page, where it has none.

        Raises
        ------
        SupersededError
            When the report is in another round, or the round was sent back to planning meanwhile.
        """
        current = self.store.current(round_.report_id, round_.number, self.clock())
        if not round_.as_it_stands and self._sends_back(round_, current):
            return {"status": "replan"}
        plugins = self.registry.plugins()
        material = self._material(current, plugins, round_.planned_at)
        report = self._rated(material, round_, plugins)
        published = self._publish(report, material, plugins, current, round_.replans)
        asked = plugins.reviewer is not None and plugins.reviewer.enabled and not round_.as_it_stands
        return {
            "status": "published",
            **published,
            "revision": round_.revision,
            "severity": report.result.severity,
            "alerts": report.alert_count,
            "unrated": asked and report.result.reviewer is None,
            "milliseconds": self.clock() - current.head.opened if _is_first(current.head) else None,
        }

    def _sends_back(self, round_: Round, current: Current) -> bool:
        """Send the round back to planning if it has to be, unless it is published or was sent back often enough."""
        times = round_.replans + 1
        if current.head.sent_back >= sending_back(round_.number, times):
            return True  # By a call of ours whose response was lost.
        return (
            times <= MAX_REPLANS
            and _needs_planning(current, round_.revision)
            and self.deliveries.send_back(round_.report_id, round_.number, times)
        )

    def _close_tasks(self, report_id: str, tasks: list[TaskRecord]) -> list[TaskRecord]:
        still_open = [task for task in tasks if task.outcome is None]
        for task in still_open:
            reason = (
                "The inspector was never called." if task.claimed is None else "The runner stopped before an answer."
            )
            self.ledger.record(report_id, task.task_id, "error", reason, self.clock())
        return self.ledger.tasks(report_id) if still_open else tasks

    def _material(self, current: Current, plugins: Plugins, planned_at: int | None) -> Material:
        head = current.head
        groups, bodies = self._alerts(head)
        tasks = self._close_tasks(head.report_id, current.tasks)
        known = known_attributes(groups, tasks)
        return Material(
            head=head,
            groups=groups,
            tasks=tasks,
            known=known,
            agenda=agenda(known, plugins.inspectors, tasks, self.limits, own(plugins.settings)),
            limits=self.limits,
            bodies=bodies,
            deliveries=[delivery for delivery in current.deliveries if delivery.round < head.round],
            first_planned=planned_at,
            now=self.clock(),
        )

    def _alerts(self, head: Head) -> tuple[list[GroupSummary], dict[str, Any]]:
        """Read the groups, and of the alerts that the report shows whole the bodies, by event id."""
        if head.revision == 1:
            # One group is shown whole or nearly so: it is read with its alerts.
            groups, read = self.store.groups_and_bodies(head.report_id)
        else:
            groups, read = self.store.groups(head.report_id), {}
        wanted = shown(arrivals(groups))
        event_ids = {event_id for _, event_id, _ in wanted}
        bodies = {
            str(body["event_id"]): body["alert"]
            for group_id in dict.fromkeys(group_id for _, _, group_id in wanted)
            for body in read.get(group_id) or self.store.bodies(head.report_id, group_id)
            if body["event_id"] in event_ids
        }
        return groups, bodies

    def _rated(self, material: Material, round_: Round, plugins: Plugins) -> Report:
        if round_.as_it_stands:
            reason = "Three rounds in a row ended before the report was reviewed; it goes out as it stands."
            return truncate(compile_report(material, _unclassified(reason)))
        draft = truncate(compile_report(material, _unclassified("Not reviewed yet.")))
        began = self.clock()
        result, outcome = self._ask(draft, plugins)
        call = (outcome, self.clock() - began) if outcome else None
        expires_at = self.store.retention.expires_at(material.head.ends)
        stored = self.deliveries.review(
            round_.report_id, round_.number, round_.revision, result.model_dump(mode="json"), expires_at, call
        )
        return draft.model_copy(update={"result": Result.model_validate(stored)})

    def _ask(self, report: Report, plugins: Plugins) -> tuple[Result, str | None]:
        """Return the result, and how the reviewer's call ended; None: it was not called."""
        reviewer = plugins.reviewer
        if reviewer is None or not reviewer.enabled:
            return _unclassified("No reviewer is attached."), None
        try:
            answer = read_review(self.plugins.call(reviewer.arn, report.model_dump(mode="json"), REVIEWER_SECONDS))
        except PluginError as error:
            return _unclassified(f"The reviewer gave no answer ({error.outcome}). {error.reason}"), error.outcome
        except InvalidAnswerError as error:
            return _unclassified(f"The reviewer's answer could not be used (invalid). {error.reason}"), "invalid"
        return Result(severity=answer.severity, reason=answer.reason, reviewer=reviewer.arn), "ok"

    def _publish(
        self, report: Report, material: Material, plugins: Plugins, current: Current, replans: int
    ) -> dict[str, Any]:
        """Publish; return `deliveries`, `given_up` and `page_fault` of `review`."""
        expires_at = self.store.retention.expires_at(material.head.ends)
        snapshot = self.archiving.put(report, self.new_token())
        arrived = [at for at, _, _ in arrivals(material.groups)]
        detector, news = material.groups[0].heads[0].detector, digest(report)
        for attempt in range(PUBLISH_TRIES):
            # Read again, since runners of earlier rounds may have told emitters while the reviewer was asked. In the
            # first round there are none, and a delivery that another call of Review has written is met as a conflict.
            deliveries, told = (
                (current.deliveries, current.told)
                if report.round == 1 and attempt == 0
                else self.deliveries.read(report.id)
            )
            now = self.clock()
            earlier = [delivery for delivery in deliveries if delivery.round < report.round]
            written = {delivery.emitter for delivery in deliveries if delivery.round == report.round}
            new = [
                DeliveryRecord(emitter.name, report.round, emitter.arn, news, snapshot, expires_at)
                for emitter in due(plugins.emitters, told, earlier, report.result.severity, detector, news)
                if emitter.name not in written
            ]
            outcomes = {delivery: given_up(delivery) for delivery in unfinished(earlier)}
            given = [delivery._replace(outcome=outcome, ended=now) for delivery, outcome in outcomes.items()]
            known = [*(delivery for delivery in deliveries if delivery not in outcomes), *given, *new]
            fault = self.archiving.put_page(report, arrived, [emission(each) for each in in_order(known)], snapshot)
            page = None if fault else page_of(lasting(report.id, report.round))
            new = [delivery._replace(page=page) for delivery in new]
            published = Published(report.round, snapshot, has_page=page is not None)
            meta = _meta(report, material, published)
            try:
                self.deliveries.publish(report.round, Publication(meta, replans, outcomes, new, now), expires_at)
            except ConditionFailedError:
                continue
            fault = self.archiving.keep(report.id, published) or fault
            self.store.remember_attributes(meta, [attribute.id for attribute in report.attributes], expires_at)
            pending = [delivery for delivery in unfinished(deliveries) if delivery.round == report.round]
            answer: dict[str, Any] = {
                "deliveries": sorted({delivery.emitter for delivery in [*pending, *new]}),
                "given_up": {delivery.emitter: outcome for delivery, outcome in outcomes.items()},
            }
            return {**answer, "page_fault": fault} if fault else answer
        raise DependencyError("the report's deliveries change too fast to publish it")


def _needs_planning(current: Current, planned_revision: int) -> bool:
    """Whether alerts came after the last Plan, or a task was not handed to a runner."""
    return current.head.revision != planned_revision or any(
        task.outcome is None and task.claimed is None for task in current.tasks
    )


def _is_first(head: Head) -> bool:
    """Whether no round of the report has ended well before this one."""
    return head.round == head.dead_rounds + 1


def _unclassified(reason: str) -> Result:
    return Result(severity="unclassified", reason=reason, reviewer=None)


def _meta(report: Report, material: Material, published: Published) -> Meta:
    first = material.groups[0].heads[0]
    ended = [task.ended for task in material.tasks if task.ended]
    timings = {
        "opened": material.head.opened,
        "planned": material.first_planned,
        "inspected": max(ended, default=None),
        "compiled": material.now,
    }
    return Meta(
        report_id=report.id,
        alert_id=report.alert_id,
        title=report.title,
        detector=first.detector,
        rule_id=first.rule_id,
        created_at=report.created_at,
        updated_at=report.updated_at,
        severity=report.result.severity,
        reason=report.result.reason,
        alert_count=report.alert_count,
        round=published.round,
        snapshot=published.snapshot,
        has_page=published.has_page,
        timings={step: at for step, at in timings.items() if at is not None},
    )
