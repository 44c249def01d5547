"""Review: compile the report, call the reviewer, and publish the result."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from alert_responder.contracts.plugin import Plugins
from alert_responder.contracts.report import Report, Result
from alert_responder.domain.chain import RESOLVED, Continuation, all_resolved, continuation, states_of
from alert_responder.domain.compilation import compile_report
from alert_responder.domain.completeness import with_result
from alert_responder.domain.deadlines import RUNNER_STOPPED, TOO_LATE
from alert_responder.domain.doctor_mark import DETECTOR, RULE_ID, as_test, is_test
from alert_responder.domain.identifiers import after_plans
from alert_responder.domain.internal import internal_estate
from alert_responder.domain.last_resort import compile_last_resort
from alert_responder.domain.lookup_plan import Limits, agenda, known_attributes, reopenable
from alert_responder.domain.material import Material, arrivals, shown_alerts
from alert_responder.domain.memory_limits import fitting_answers, fitting_bodies
from alert_responder.domain.plugin_answers import LEFT_OUT, InvalidAnswerError, read_review
from alert_responder.domain.records import GroupSummary, Head, LookupRecord
from alert_responder.domain.skipped_attributes import called_local, unasked
from alert_responder.domain.truncation import truncate
from alert_responder.errors import PluginError, SupersededError
from alert_responder.store.deliveries import Review
from alert_responder.store.items import json_of
from alert_responder.store.ledger import Ledger
from alert_responder.store.registry import read_test_mark
from alert_responder.store.reports import CurrentReport, ReportStore
from alert_responder.store.windows import Windows
from alert_responder.usecases.directory import NO_DIRECTORY, DirectoryReader
from alert_responder.usecases.ports import Clock, PluginCalls, Registry
from alert_responder.usecases.publication import About, Draft, Published, Publisher

MAX_REPLANS = 2
"""How often a round is sent back to planning for late alerts; later ones are part of the next round."""

REVIEWER_SECONDS = 60
"""Maximum duration of the reviewer's call [s]."""


class Round(NamedTuple):
    """The input of Review, from the state machine.

    Attributes
    ----------
    revision
        The report's revision in the last Plan.
    replans
        How often Review has sent the round back.
    planned_at
        Time of the round's first Plan [ms]; None if there was none.
    as_it_stands
        Whether the report is published without lookups and review, because earlier rounds died.
    """

    report_id: str
    number: int
    revision: int
    replans: int
    planned_at: int | None
    as_it_stands: bool


class _Rating(NamedTuple):
    """The result of a report before the core checks it.

    Attributes
    ----------
    called
        Outcome of the reviewer's call; None if it was not called.
    notes
        The reviewer's notes for the report.
    """

    result: Result
    called: str | None = None
    notes: tuple[str, ...] = ()


class Measured(NamedTuple):
    """The numbers of a review for logs and metrics.

    Attributes
    ----------
    alerts
        Number of alerts in the report.
    unrated
        Whether the reviewer returned no usable answer.
    left_out
        Whether invalid parts of its answer were left out.
    suppressed
        Name of the suppression, if it applies.
    directory_fault
        Why the directory of accounts could not be read.
    milliseconds
        From the first alert's arrival to the publication [ms]; None in later rounds, which other alerts started.
    """

    severity: str
    alerts: int
    unrated: bool
    milliseconds: int | None
    left_out: bool = False
    suppressed: str | None = None
    directory_fault: str | None = None


class Reviewed(NamedTuple):
    """Result of a review.

    Attributes
    ----------
    published
        None: the round is sent back to planning.
    measured
        Set only by the call that published the round.
    """

    published: Published | None
    measured: Measured | None = None

    def payload(self) -> dict[str, Any]:
        """Return the payload for the state machine."""
        if self.published is None:
            return {"status": "replan"}
        passed_on = ("deliveries", "revision", "lookups_left")
        return {"status": "published", **{name: getattr(self.published, name) for name in passed_on}}


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Reviews one round."""

    store: ReportStore
    ledger: Ledger
    publisher: Publisher
    registry: Registry
    plugins: PluginCalls
    clock: Clock
    limits: Limits
    directory: DirectoryReader = NO_DIRECTORY

    def review(self, round_: Round) -> Reviewed:
        """Review a round, or send it back to planning.

        A round is published once: a repeated call completes the publication and returns the open deliveries.

        Raises
        ------
        SupersededError
            The report is in another round.
        """
        current = self._current(round_)
        if not _is_published(current):
            if round_.replans < MAX_REPLANS and _needs_planning(current, round_):
                return Reviewed(None)
            plugins = self.registry.plugins()
            draft = self._draft(round_, current, plugins)
            published = self.publisher.publish(draft, plugins.emitters, current)
            if published is not None:
                return Reviewed(
                    published,
                    Measured(
                        severity=draft.report.result.severity,
                        alerts=draft.report.alert_count,
                        unrated=draft.review.called not in (None, "ok"),
                        milliseconds=self.clock() - current.head.opened if _is_first(current.head) else None,
                        left_out=any(note.startswith(LEFT_OUT) for note in draft.report.notes),
                        suppressed=_suppression(draft.report.result),
                        directory_fault=draft.directory_fault,
                    ),
                )
            current = self._current(round_)
        return Reviewed(self.publisher.resume_publication(current))

    def _current(self, round_: Round) -> CurrentReport:
        lookups = not round_.as_it_stands
        return self.store.current(round_.report_id, round_.number, self.clock(), lookups=lookups)

    def _close_lookups(self, report_id: str, lookups: list[LookupRecord]) -> list[LookupRecord]:
        still_open = [lookup for lookup in lookups if lookup.outcome is None]
        for lookup in still_open:
            now = self.clock()
            if lookup.claimed is not None or not self.ledger.had_no_turn(report_id, lookup, TOO_LATE, now):
                self.ledger.record(
                    report_id,
                    lookup.task_id,
                    "error",
                    RUNNER_STOPPED,
                    now,
                )
        return self.ledger.lookups(report_id) if still_open else lookups

    def _material(self, current: CurrentReport, plugins: Plugins, planned_at: int | None) -> Material:
        head = current.head
        groups, bodies = self._alerts(head)
        states = states_of(groups, head)
        # As in Plan, a resolved report needs no lookups.
        inspectors = [] if all_resolved(states) else plugins.inspectors
        lookups = self._close_lookups(head.report_id, current.lookups)
        internal = internal_estate(plugins.settings)
        known = known_attributes(groups, lookups, internal)
        whole = [group for group in groups if group.is_whole]
        directory, directory_fault = self.directory.read()
        return Material(
            head=head,
            groups=whole,
            counted=[group for group in groups if not group.is_whole],
            lookups=lookups,
            known=known,
            agenda=agenda(
                known,
                inspectors,
                lookups,
                self.limits,
                internal,
                after_plans(head.round),
                current.seen,
            ),
            limits=self.limits,
            bodies=fitting_bodies(bodies),
            answers=fitting_answers((lookup.task_id, json_of(lookup.answer)) for lookup in lookups if lookup.answer),
            deliveries=current.deliveries,
            first_planned=planned_at,
            now=self.clock(),
            unasked=unasked(known, whole, inspectors),
            called_local=called_local(known, lookups, inspectors, internal),
            states=states,
            directory=directory,
            directory_fault=directory_fault,
        )

    def _alerts(self, head: Head) -> tuple[list[GroupSummary], Iterator[dict[str, Any]]]:
        """Read the groups, and lazily, group by group, the alerts that the report contains whole."""
        if head.revision == 1:
            # A single group: most of its alerts are in the report, so that one query reads both.
            groups, read = self.store.groups_and_bodies(head.report_id)
        else:
            groups, read = self.store.groups(head.report_id), {}
        whole = [group for group in groups if group.is_whole]
        wanted = shown_alerts(arrivals(whole), whole)
        event_ids = {event_id for _, event_id, _ in wanted}
        bodies = (
            body
            for group_id in dict.fromkeys(group_id for _, _, group_id in wanted)
            for body in read.get(group_id) or self.store.bodies(head.report_id, group_id)
            if body["event_id"] in event_ids
        )
        return groups, bodies

    def _draft(self, round_: Round, current: CurrentReport, plugins: Plugins) -> Draft:
        if round_.as_it_stands:
            return self._last_resort(round_, current)
        material = self._material(current, plugins, round_.planned_at)
        compiled = compile_report(material, _unclassified("Not reviewed yet."))
        unrated = truncate(as_test(compiled) if self._is_test(material) else compiled)
        chain = self._chain(material, unrated)
        unrated = unrated.model_copy(update={"status": chain.status})
        began = self.clock()
        rating = _as_before(current, chain) if chain.known_only else self._ask(unrated, plugins)
        called = rating.called
        took = self.clock() - began if called else None
        report = with_result(unrated, rating.result)
        report = report.model_copy(update={"notes": (*report.notes, *rating.notes)})
        chain = chain.rated(report.result)
        report = chain.noted(report)
        first = material.groups[0].heads[0]
        again = reopenable(material.lookups, plugins.inspectors, internal_estate(plugins.settings))
        lookups_left = bool(material.agenda.deferred or again or chain.waits)
        return Draft(
            report=report,
            review=Review(round_.revision, report.result.model_dump(mode="json"), called, took, lookups_left),
            about=About(first.detector, first.rule_id, first.alert_key),
            arrivals=[at for at, _, _ in arrivals([*material.groups, *material.counted])],
            timings=_timings(material),
            chain=chain,
            directory_fault=material.directory_fault,
        )

    def _chain(self, material: Material, report: Report) -> Continuation:
        """Decide how the report continues the one before, which is read only if there is one."""
        head, now = material.head, self.clock()

        def is_newest() -> bool:
            window, _ = Windows(self.store).newest(head.alert_id, now)
            return window is not None and window.report_id == head.report_id

        return continuation(
            material.states,
            self.store.previous(head.previous, now) if head.previous else None,
            round_=head.round,
            whole=not report.truncated and all(each.what != "attributes" for each in report.omissions),
            is_newest=is_newest,
        )

    def _is_test(self, material: Material) -> bool:
        first = material.groups[0].heads[0]
        if (first.detector, first.rule_id) != (DETECTOR, RULE_ID):
            return False
        head, alerts = material.head, arrivals([*material.groups, *material.counted])
        return is_test(read_test_mark(self.store.table, head.alert_id), head, len(alerts), material.now)

    def _last_resort(self, round_: Round, current: CurrentReport) -> Draft:
        """Draft a report without its alerts and findings, so that nothing in them can end this round too."""
        meta = current.meta
        if meta is None:
            raise SupersededError(f"a part of {round_.report_id} has expired")
        report = compile_last_resort(current.head, meta, current.deliveries, self.clock())
        return Draft(
            report=report,
            review=Review(round_.revision, report.result.model_dump(mode="json"), None, None),
            about=About(meta.detector, meta.rule_id, meta.alert_key),
            arrivals=(),
            timings={"opened": current.head.opened},
        )

    def _ask(self, report: Report, plugins: Plugins) -> _Rating:
        reviewer = plugins.reviewer
        if reviewer is None or not reviewer.enabled:
            return _Rating(_unclassified("No reviewer is attached."))
        try:
            document = json.dumps(report.model_dump(mode="json")).encode()
            answer = read_review(self.plugins.call(reviewer.arn, document, REVIEWER_SECONDS))
        except PluginError as error:
            reason = f"The reviewer returned no answer ({error.outcome}). {error.reason}"
            return _Rating(_unclassified(reason), error.outcome)
        except InvalidAnswerError as error:
            return _Rating(_unclassified(f"The reviewer's answer is invalid. {error.reason}"), "invalid")
        result = Result(
            severity=answer.severity,
            reason=answer.reason,
            reviewer=reviewer.arn,
            rule=answer.rule,
            labels=tuple(dict.fromkeys(answer.labels)),
            suppressed=answer.suppressed,
        )
        return _Rating(result, "ok", answer.notes)


def _as_before(current: CurrentReport, chain: Continuation) -> _Rating:
    """Keep the severity and the labels of a report whose alerts are resolved: the reviewer is not asked again."""
    before = current.published or (chain.previous.meta if chain.previous else None)
    severity = before.severity if before else "unclassified"
    reason = before.reason if before and chain.status != "resolved" else RESOLVED
    labels = before.labels if before else ()
    return _Rating(Result.model_validate({"severity": severity, "reason": reason, "reviewer": None, "labels": labels}))


def _suppression(result: Result) -> str | None:
    return result.suppressed.name if result.suppressed and result.is_suppressed else None


def _is_published(current: CurrentReport) -> bool:
    return current.published is not None and current.published.round == current.head.round


def _needs_planning(current: CurrentReport, round_: Round) -> bool:
    """Whether alerts arrived after the last Plan, or no runner claimed a lookup."""
    return not round_.as_it_stands and (
        current.head.revision != round_.revision
        or any(lookup.outcome is None and lookup.claimed is None for lookup in current.lookups)
    )


def _is_first(head: Head) -> bool:
    """Whether all earlier rounds of the report died."""
    return head.round == head.dead_rounds + 1


def _timings(material: Material) -> dict[str, int]:
    ended = [lookup.ended for lookup in material.lookups if lookup.ended]
    timings = {
        "opened": material.head.opened,
        "planned": material.first_planned,
        "inspected": max(ended, default=None),
        "compiled": material.now,
    }
    return {step: at for step, at in timings.items() if at is not None}


def _unclassified(reason: str) -> Result:
    return Result(severity="unclassified", reason=reason, reviewer=None)
