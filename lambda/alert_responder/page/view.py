"""The contents of a report page, as values."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.contracts.report import Emission, Finding, Report, ReportedAlert, ReportedAttribute
from alert_responder.domain.activities import Sighting, sightings
from alert_responder.domain.activity_text import how_often, new_or_usual, what
from alert_responder.domain.completeness import missing
from alert_responder.domain.glance import Glance, glance_of, titled
from alert_responder.domain.overview import overview_of, worst_shown
from alert_responder.domain.review_facts import review_facts
from alert_responder.domain.sanitize import ellipsize, https_link, shorten
from alert_responder.page.bounds import Bounds
from alert_responder.page.findings import (
    AttributeFindings,
    by_attribute,
    origin_of,
    verdict_of,
    with_contents,
    without_contents,
)
from alert_responder.page.graph import Graph, graph
from alert_responder.page.headline import headline
from alert_responder.page.timeline import Timeline, timeline
from alert_responder.page.times import display_time


@dataclass(frozen=True, slots=True)
class Page:
    """The input of a page.

    Attributes
    ----------
    arrivals
        Arrival of each alert [ms since the epoch].
    deliveries
        Known deliveries of all rounds.
    document
        Where people find the report's JSON.
    """

    report: Report
    arrivals: Sequence[int]
    deliveries: Sequence[Emission]
    document: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number and what it counts; `tone` is the verdict that it counts, if the number is not 0."""

    value: str
    what: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A delivery; `link` may be clicked, `url` is shown as text."""

    emitter: str
    round: int
    outcome: str
    at: str | None
    reason: str | None
    link: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class LookupRow:
    """A lookup without findings."""

    inspector: str
    type: str
    value: str
    outcome: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class ActivityRow:
    """A row of the table of activities; `anchor` is that of its attribute, if the page has its findings."""

    at: str
    who: str
    what: str
    source: str
    how_often: str
    usual: bool | None
    new_or_usual: str
    inspector: str
    type: str
    value: str
    anchor: str | None


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """A row of the table of all attributes."""

    type: str
    value: str
    key: str
    context: str
    at: str | None
    origin: str | None
    valid: bool


@dataclass(frozen=True, slots=True)
class AlertDetails:
    """A complete alert."""

    at: str
    title: str
    description: str
    facts: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Numbers of elements that are left out."""

    activities: int
    findings: int
    lookups: int
    attributes: int
    alerts: int
    deliveries: int
    notes: int


@dataclass(frozen=True, slots=True)
class View:
    """The contents of a page, in reading order."""

    id: str
    test: bool
    is_resolved: bool
    severity: str
    title: str
    description: str
    reason: str
    rated_by: str | None
    is_suppressed: bool
    review: tuple[tuple[str, str], ...]
    headline: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]
    notes: tuple[str, ...]
    timeline: Timeline | None
    steps: tuple[tuple[str, str], ...]
    graph: Graph | None
    activities: tuple[ActivityRow, ...]
    findings: tuple[AttributeFindings, ...]
    lookups: tuple[LookupRow, ...]
    deliveries: tuple[DeliveryRow, ...]
    attributes: tuple[AttributeRow, ...]
    alerts: tuple[AlertDetails, ...]
    left_out: LeftOut
    document: str
    command: str


def view_of(page: Page, bounds: Bounds) -> View:
    """Build the contents of a page within the bounds."""
    report = page.report
    findings, more_findings = with_contents(report, bounds)
    lookups, seen = without_contents(report), sightings(report.findings)
    anchors = {each.id: each.anchor for each in findings}
    alerts, glance = _picked(report.alerts, bounds.alerts), glance_of(report)
    deliveries, entries = page.deliveries[-bounds.rows :], report.timeline[: bounds.rows]
    return View(
        id=report.id,
        test=report.test,
        is_resolved=report.status == "resolved",
        severity=report.result.severity,
        # Limited, so that the headline below it is on the first screen.
        title=titled(shorten(report.title, min(bounds.value, 200)), report.status),
        description=shorten(glance.description, min(bounds.value, 500)),
        reason=shorten(report.result.reason, bounds.reason) or "The reviewer gave no reason.",
        rated_by=ellipsize(report.result.reviewer, 200) if report.result.reviewer else None,
        is_suppressed=report.result.is_suppressed,
        review=tuple((name, shorten(value, bounds.value)) for name, value in review_facts(report.result)),
        headline=_headline(page, glance),
        facts=_facts(report, bounds),
        figures=_figures(report),
        notes=tuple(shorten(note, bounds.value) for note in report.notes[: bounds.rows]),
        timeline=timeline(page.arrivals, entries),
        steps=tuple((_time(entry.at, bounds) or "", shorten(entry.what, bounds.value)) for entry in entries),
        graph=graph(report, anchors, bounds),
        activities=tuple(_activity(each, anchors, bounds) for each in seen[: bounds.activities]),
        findings=findings,
        lookups=tuple(_lookup(finding, bounds) for finding in lookups[: bounds.lookups]),
        deliveries=tuple(_delivery(emission, bounds) for emission in deliveries),
        attributes=tuple(_attribute(attribute, bounds) for attribute in report.attributes[: bounds.attributes]),
        alerts=tuple(_alert(alert, bounds) for alert in alerts),
        left_out=LeftOut(
            activities=max(len(seen) - bounds.activities, 0),
            findings=more_findings,
            lookups=max(len(lookups) - bounds.lookups, 0),
            attributes=max(len(report.attributes) - bounds.attributes, 0),
            alerts=report.alert_count - len(alerts),
            deliveries=len(page.deliveries) - len(deliveries),
            notes=max(len(report.notes) - bounds.rows, 0),
        ),
        document=page.document,
        command=f"alert-responder open {report.id}",
    )


def _headline(page: Page, glance: Glance) -> tuple[tuple[str, str], ...]:
    ends = (min(page.arrivals), max(page.arrivals)) if page.arrivals else ()
    report, arrived = page.report, [format_rfc3339(at) for at in ends]
    return headline(glance, overview_of(report), report.alert_count, arrived)


def _facts(report: Report, bounds: Bounds) -> tuple[tuple[str, str], ...]:
    first = report.alerts[0] if report.alerts else None
    detectors = list(dict.fromkeys(alert.detector for alert in report.alerts))
    facts = (
        *_overflow(report, bounds),
        ("Detector", ", ".join(ellipsize(detector, bounds.name) for detector in detectors[:5])),
        ("Key", ellipsize(first.alert_key, bounds.value) if first and not report.overflow else ""),
        ("Opened", f"{_time(report.created_at, bounds)} UTC"),
        ("Updated", f"{_time(report.updated_at, bounds)} UTC"),
        ("Round", f"{report.round:,}"),
        ("Report", report.id),
        ("Previous report", report.previous_report_id or ""),
        ("Incomplete", "" if report.complete else f"{missing(report.omissions)} missing"),
    )
    return tuple((name, value) for name, value in facts if value)


def _overflow(report: Report, bounds: Bounds) -> tuple[tuple[str, str], ...]:
    """Describe an overflow report, which has no single rule and key."""
    if report.overflow is None:
        return ()
    whose = "the detector" if report.overflow.scope == "detector" else "all detectors"
    keys = report.overflow.first_keys[: bounds.rows]
    return (
        ("Overflow of", f"{report.overflow.limit:,} new reports in an hour for {whose}"),
        (
            "First incidents",
            "; ".join(ellipsize(" / ".join(filter(None, (key.rule_id, key.alert_key))), bounds.name) for key in keys),
        ),
    )


def _time(text: str | None, bounds: Bounds) -> str | None:
    time = display_time(text)
    return time and ellipsize(time, bounds.name)


def _figures(report: Report) -> tuple[Figure, ...]:
    outcomes = Counter(finding.outcome for finding in report.findings)
    answered = outcomes["ok"] + outcomes["empty"] + outcomes["cached"]
    verdicts = Counter(verdict_of(findings) for findings in by_attribute(report).values())
    found, attributes = sum(attribute.depth > 0 for attribute in report.attributes), len(report.attributes)
    what = "attribute" if attributes == 1 else "attributes"
    return (
        Figure(f"{report.alert_count:,}", "alert" if report.alert_count == 1 else "alerts"),
        *(
            Figure(f"{verdicts[verdict]:,}", verdict, verdict if verdicts[verdict] else "")
            for verdict in ("malicious", "suspicious")
        ),
        Figure(f"{attributes:,}", f"{what}, {found:,} from lookups" if found else what),
        Figure(f"{answered:,} of {len(report.findings):,}", "lookups answered"),
    )


def _picked(alerts: Sequence[ReportedAlert], most: int) -> Sequence[ReportedAlert]:
    """Select the oldest and the newest alerts, and the worst of the others."""
    if len(alerts) <= most:
        return alerts
    old = most // 2
    ends = [*range(old), *range(len(alerts) - (most - old), len(alerts))]
    worst = [place for place in worst_shown(alerts, most // 4) if place not in ends]
    # The worst replace those next to the middle.
    kept = sorted(ends, key=lambda place: min(place, len(alerts) - 1 - place))[: most - len(worst)]
    return [alerts[place] for place in sorted([*kept, *worst])]


def _lookup(finding: Finding, bounds: Bounds) -> LookupRow:
    return LookupRow(
        inspector=ellipsize(finding.inspector, bounds.name),
        type=ellipsize(finding.attribute_type, bounds.name),
        value=ellipsize(finding.attribute_value, min(bounds.value, 200)),
        outcome=finding.outcome,
        reason=shorten(finding.reason, bounds.value) if finding.reason else None,
    )


def _activity(sighting: Sighting, anchors: Mapping[str, str], bounds: Bounds) -> ActivityRow:
    finding, activity, most = sighting.finding, sighting.activity, min(bounds.value, 300)
    return ActivityRow(
        at=_period(activity.first_seen, activity.last_seen, bounds),
        who=shorten(activity.principal, most),
        what=shorten(what(activity), most),
        source=shorten(activity.remote_addr, most),
        how_often=how_often(activity),
        usual=activity.usual,
        new_or_usual=shorten(new_or_usual(activity), most),
        inspector=ellipsize(finding.inspector, bounds.name),
        type=ellipsize(finding.attribute_type, bounds.name),
        value=ellipsize(finding.attribute_value, min(bounds.value, 100)),
        anchor=anchors.get(finding.attribute_id),
    )


def _period(first: str | None, last: str | None, bounds: Bounds) -> str:
    ends = dict.fromkeys(filter(None, (_time(first, bounds), _time(last, bounds))))
    return " to ".join(ends)


def _delivery(emission: Emission, bounds: Bounds) -> DeliveryRow:
    link = https_link(emission.url)
    return DeliveryRow(
        emitter=ellipsize(emission.emitter, bounds.name),
        round=emission.round,
        outcome=emission.outcome,
        at=_time(emission.at, bounds),
        reason=shorten(emission.reason, bounds.value) if emission.reason else None,
        link=link,
        url=shorten(emission.url, bounds.value) if emission.url and not link else None,
    )


def _attribute(attribute: ReportedAttribute, bounds: Bounds) -> AttributeRow:
    origin = attribute.origin
    return AttributeRow(
        type=ellipsize(attribute.type, bounds.name),
        value=shorten(attribute.value, min(bounds.value, 300)),
        key=ellipsize(attribute.key, bounds.name),
        context=", ".join(ellipsize(word, 40) for word in attribute.context[: bounds.listed]),
        at=_time(attribute.timestamp, bounds),
        origin=origin_of(origin, bounds),
        valid=attribute.valid,
    )


def _alert(alert: ReportedAlert, bounds: Bounds) -> AlertDetails:
    facts = (
        ("event", alert.event_id),
        ("time", _time(alert.timestamp, bounds) or ""),
        ("detector's severity", alert.severity or ""),
        ("detector", alert.detector),
        ("rule", alert.rule_id),
        ("key", alert.alert_key),
    )
    body = "" if alert.body is None else json.dumps(alert.body, indent=1, ensure_ascii=False)
    return AlertDetails(
        at=_time(alert.arrived_at, bounds) or "",
        title=titled(shorten(alert.rule_name, bounds.value), alert.status),
        description=shorten(alert.description, bounds.value),
        facts=tuple((name, shorten(value, bounds.value)) for name, value in facts if value),
        body=shorten(body, bounds.body) if bounds.body else "",
    )
