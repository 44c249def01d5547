"""What is on the page, as values in the order of reading."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.contracts.report import Emission, Finding, Report, ReportedAlert, ReportedAttribute
from alert_responder.domain.completeness import missing
from alert_responder.domain.overview import overview_of, worst_shown
from alert_responder.domain.sanitize import ellipsize, https_link, shorten
from alert_responder.page.bounds import Bounds
from alert_responder.page.entities import Entity, by_attribute, entities, origin_of, silent, verdict_of
from alert_responder.page.graph import Graph, graph
from alert_responder.page.headline import headline
from alert_responder.page.text import instant
from alert_responder.page.timeline import Timeline, timeline


@dataclass(frozen=True, slots=True)
class Page:
    """What a page is made of.

    Attributes
    ----------
    arrivals
        When each of the report's alerts came in [ms since the epoch].
    deliveries
        Of all rounds, as far as they are known: what is `pending` is yet to be told.
    document
        Where the report's JSON is, for people.
    """

    report: Report
    arrivals: Sequence[int]
    deliveries: Sequence[Emission]
    document: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the overview, and what it counts; `tone` is the verdict that it is the number of, if any is there."""

    value: str
    what: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who was told. `link` may be clicked; `url` is shown where it may not."""

    emitter: str
    round: int
    outcome: str
    at: str | None
    reason: str | None
    link: str | None
    url: str | None


@dataclass(frozen=True, slots=True)
class Silence:
    """A lookup that found nothing, and why."""

    inspector: str
    type: str
    value: str
    outcome: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Attribute:
    """One row of the table of all attributes."""

    type: str
    value: str
    key: str
    context: str
    at: str | None
    origin: str | None
    valid: bool


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert whole."""

    at: str
    title: str
    description: str
    facts: tuple[tuple[str, str], ...]
    body: str


@dataclass(frozen=True, slots=True)
class Left:
    """How many there are of each thing that did not fit."""

    entities: int
    silences: int
    attributes: int
    alerts: int
    deliveries: int
    notes: int


@dataclass(frozen=True, slots=True)
class View:
    """The page."""

    id: str
    severity: str
    title: str
    reason: str
    rated_by: str | None
    headline: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...]
    figures: tuple[Figure, ...]
    notes: tuple[str, ...]
    timeline: Timeline | None
    steps: tuple[tuple[str, str], ...]
    graph: Graph | None
    entities: tuple[Entity, ...]
    silences: tuple[Silence, ...]
    deliveries: tuple[Delivery, ...]
    attributes: tuple[Attribute, ...]
    alerts: tuple[Alert, ...]
    left: Left
    document: str
    command: str


def view_of(page: Page, bounds: Bounds) -> View:
    """Say what is on the page of a report, with no more of each thing than the bounds allow."""
    report = page.report
    found, more_entities = entities(report, bounds)
    silences = silent(report)
    alerts = _picked(report.alerts, bounds.alerts)
    deliveries, entries = page.deliveries[-bounds.rows :], report.timeline[: bounds.rows]
    return View(
        id=report.id,
        severity=report.result.severity,
        # Whatever the detector calls it, what stands below is on the first screen.
        title=shorten(report.title, min(bounds.value, 200)),
        reason=shorten(report.result.reason, bounds.reason) or "No reason was given.",
        rated_by=ellipsize(report.result.reviewer, 200) if report.result.reviewer else None,
        headline=_headline(page),
        facts=_facts(report, bounds),
        figures=_figures(report),
        notes=tuple(shorten(note, bounds.value) for note in report.notes[: bounds.rows]),
        timeline=timeline(page.arrivals, entries),
        steps=tuple((_instant(entry.at, bounds) or "", shorten(entry.what, bounds.value)) for entry in entries),
        graph=graph(report, {entity.id: entity.anchor for entity in found}, bounds),
        entities=found,
        silences=tuple(_silence(finding, bounds) for finding in silences[: bounds.silences]),
        deliveries=tuple(_delivery(emission, bounds) for emission in deliveries),
        attributes=tuple(_attribute(attribute, bounds) for attribute in report.attributes[: bounds.attributes]),
        alerts=tuple(_alert(alert, bounds) for alert in alerts),
        left=Left(
            entities=more_entities,
            silences=max(len(silences) - bounds.silences, 0),
            attributes=max(len(report.attributes) - bounds.attributes, 0),
            alerts=report.alert_count - len(alerts),
            deliveries=len(page.deliveries) - len(deliveries),
            notes=max(len(report.notes) - bounds.rows, 0),
        ),
        document=page.document,
        command=f"alert-responder open {report.id}",
    )


def _headline(page: Page) -> tuple[tuple[str, str], ...]:
    ends = (min(page.arrivals), max(page.arrivals)) if page.arrivals else ()
    return headline(overview_of(page.report), page.report.alert_count, [format_rfc3339(at) for at in ends])


def _facts(report: Report, bounds: Bounds) -> tuple[tuple[str, str], ...]:
    first = report.alerts[0] if report.alerts else None
    detectors = list(dict.fromkeys(alert.detector for alert in report.alerts))
    facts = (
        *_overflow(report, bounds),
        ("Detector", ", ".join(ellipsize(detector, bounds.name) for detector in detectors[:5])),
        ("Rule", ellipsize(first.rule_id, bounds.value) if first and not report.overflow else ""),
        ("Key", ellipsize(first.alert_key, bounds.value) if first and not report.overflow else ""),
        ("Opened", f"{_instant(report.created_at, bounds)} UTC"),
        ("As of", f"{_instant(report.updated_at, bounds)} UTC"),
        ("Round", f"{report.round:,}"),
        ("Report", report.id),
        ("Before it", report.previous_report_id or ""),
        ("Not complete", "" if report.complete else f"{missing(report.omissions)} missing"),
    )
    return tuple((name, value) for name, value in facts if value)


def _overflow(report: Report, bounds: Bounds) -> tuple[tuple[str, str], ...]:
    """Say what an overflow report is, in place of the rule and key that other reports have."""
    if report.overflow is None:
        return ()
    whose = "the detector" if report.overflow.scope == "detector" else "all detectors"
    keys = report.overflow.first_keys[: bounds.rows]
    return (
        ("Overflow of", f"{report.overflow.limit:,} new reports in an hour of {whose}"),
        (
            "First incidents",
            "; ".join(ellipsize(" / ".join(filter(None, (key.rule_id, key.alert_key))), bounds.name) for key in keys),
        ),
    )


def _instant(text: str | None, bounds: Bounds) -> str | None:
    said = instant(text)
    return said and ellipsize(said, bounds.name)


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
        Figure(f"{attributes:,}", f"{what}, {found:,} of them found" if found else what),
        Figure(f"{answered:,} of {len(report.findings):,}", "lookups answered"),
    )


def _picked(alerts: Sequence[ReportedAlert], most: int) -> Sequence[ReportedAlert]:
    """Keep the oldest, the newest, and of the others the worst."""
    if len(alerts) <= most:
        return alerts
    old = most // 2
    ends = [*range(old), *range(len(alerts) - (most - old), len(alerts))]
    worst = [place for place in worst_shown(alerts, most // 4) if place not in ends]
    # The worst take the places of those next to the middle.
    kept = sorted(ends, key=lambda place: min(place, len(alerts) - 1 - place))[: most - len(worst)]
    return [alerts[place] for place in sorted([*kept, *worst])]


def _silence(finding: Finding, bounds: Bounds) -> Silence:
    return Silence(
        inspector=ellipsize(finding.inspector, bounds.name),
        type=ellipsize(finding.attribute_type, bounds.name),
        value=ellipsize(finding.attribute_value, min(bounds.value, 200)),
        outcome=finding.outcome,
        reason=shorten(finding.reason, bounds.value) if finding.reason else None,
    )


def _delivery(emission: Emission, bounds: Bounds) -> Delivery:
    link = https_link(emission.url)
    return Delivery(
        emitter=ellipsize(emission.emitter, bounds.name),
        round=emission.round,
        outcome=emission.outcome,
        at=_instant(emission.at, bounds),
        reason=shorten(emission.reason, bounds.value) if emission.reason else None,
        link=link,
        url=shorten(emission.url, bounds.value) if emission.url and not link else None,
    )


def _attribute(attribute: ReportedAttribute, bounds: Bounds) -> Attribute:
    origin = attribute.origin
    return Attribute(
        type=ellipsize(attribute.type, bounds.name),
        value=shorten(attribute.value, min(bounds.value, 300)),
        key=ellipsize(attribute.key, bounds.name),
        context=", ".join(ellipsize(word, 40) for word in attribute.context[: bounds.listed]),
        at=_instant(attribute.timestamp, bounds),
        origin=origin_of(origin, bounds),
        valid=attribute.valid,
    )


def _alert(alert: ReportedAlert, bounds: Bounds) -> Alert:
    facts = (
        ("event", alert.event_id),
        ("happened", _instant(alert.timestamp, bounds) or ""),
        ("severity of the detector", alert.severity or ""),
        ("detector", alert.detector),
        ("rule", alert.rule_id),
        ("key", alert.alert_key),
    )
    body = "" if alert.body is None else json.dumps(alert.body, indent=1, ensure_ascii=False)
    return Alert(
        at=_instant(alert.arrived_at, bounds) or "",
        title=shorten(alert.rule_name, bounds.value),
        description=shorten(alert.description, bounds.value),
        facts=tuple((name, shorten(value, bounds.value)) for name, value in facts if value),
        body=shorten(body, bounds.body) if bounds.body else "",
    )
