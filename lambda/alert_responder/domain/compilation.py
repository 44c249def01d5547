"""Compiles a report from its stored parts."""

from collections.abc import Mapping, Sequence
from typing import Any

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.primitives import format_rfc3339
from alert_responder.contracts.report import (
    Finding,
    Origin,
    Report,
    ReportedAlert,
    ReportedAttribute,
    Result,
    TimelineEntry,
)
from alert_responder.domain.admission import title
from alert_responder.domain.attributes import canonical
from alert_responder.domain.completeness import with_omissions
from alert_responder.domain.delivery_history import emission, in_order
from alert_responder.domain.egress import reason
from alert_responder.domain.lookup_plan import KnownAttribute, Lookup, beyond
from alert_responder.domain.material import SHOWN_SKIPPED, Arrival, Material, arrivals, shown_alerts
from alert_responder.domain.overflow import overflow_of
from alert_responder.domain.overview import overview
from alert_responder.domain.remarks import notes, omissions
from alert_responder.domain.sources import united


def compile_report(material: Material, result: Result) -> Report:
    """Compile a report.

    Returns
    -------
    Report
        With everything in a fixed order, so that equal material gives an equal report.
    """
    head, whole = material.head, arrivals(material.groups)
    ordered = arrivals([*material.groups, *material.counted])
    native = {group.events[place][0] for group in (*material.groups, *material.counted) for place in group.native}
    shown = shown_alerts(whole, material.groups)
    alerts = tuple(_alert(entry, material.bodies.alerts[entry[1]], native=entry[1] in native) for entry in shown)
    sources = united(source for group in material.groups for source in group.sources)
    findings = (*_findings(material), *_unasked(material), *_skipped(material))
    first = min(material.groups, key=lambda group: (group.events[0][1], group.group_id)).heads[0]
    summary = overview(
        alerts,
        (each for group in material.groups for each in group.heads),
        (known.attribute for known in material.known if known.origin is None),
        sources,
        findings,
        material.directory,
    )
    report = Report(
        id=head.report_id,
        alert_id=head.alert_id,
        previous_report_id=head.previous,
        round=head.round,
        title=title(head.overflow, first.detector, head.ends) if head.overflow else first.rule_name,
        alerts=alerts,
        alert_count=len(ordered),
        native_alerts=len(native),
        sources=sources,
        overview=summary,
        overflow=overflow_of(head, material.groups),
        attributes=_attributes(material.known),
        findings=findings,
        result=result,
        emissions=tuple(emission(delivery) for delivery in in_order(material.deliveries)),
        timeline=_timeline(material, ordered),
        notes=notes(material, len(whole), len(ordered), names_accounts=summary.directory_read_at is not None),
        created_at=format_rfc3339(head.opened),
        updated_at=format_rfc3339(material.now),
        truncated=bool(material.bodies.left_out or material.answers.shortened),
    )
    return with_omissions(report, *omissions(material, len(ordered) - len(whole)))


def _alert(entry: Arrival, alert: Mapping[str, Any], *, native: bool) -> ReportedAlert:
    arrival, event_id, _ = entry
    # An alert that an earlier version stored lacks later fields.
    fields = {name: alert[name] for name in ReportedAlert.model_fields if name in alert}
    derived = {"event_id": event_id, "arrived_at": format_rfc3339(arrival), "native": native}
    return ReportedAlert.model_validate({**fields, **derived})


def _attributes(all_known: Sequence[KnownAttribute]) -> tuple[ReportedAttribute, ...]:
    by_id = {known.id: known.attribute for known in all_known}
    return tuple(_attribute(known, by_id) for known in all_known)


def _attribute(known: KnownAttribute, by_id: Mapping[str, Attribute]) -> ReportedAttribute:
    attribute = known.attribute.model_dump(mode="json")
    return ReportedAttribute.model_validate(
        {**attribute, "id": known.id, "valid": known.valid, "depth": known.depth, "origin": _origin(known, by_id)}
    )


def _origin(known: KnownAttribute, by_id: Mapping[str, Attribute]) -> Origin:
    if known.origin is None:
        return Origin()
    source = by_id.get(known.origin.attribute_id)
    return Origin(
        inspector=known.origin.inspector,
        attribute_type=source.type if source else None,
        attribute_value=source.value if source else None,
    )


def _findings(material: Material) -> list[Finding]:
    return [
        Finding.model_validate(
            {
                "inspector": task.inspector,
                "attribute_id": task.attribute_id,
                "attribute_type": task.task["attribute"]["type"],
                "attribute_value": task.task["attribute"]["value"],
                "depth": task.depth,
                "outcome": task.outcome,
                "reason": task.reason,
                "seconds": (task.ended - task.claimed) / 1000 if task.ended and task.claimed else None,
                "contents": material.answers.contents.get(task.task_id, ()),
                "no_turn": task.no_turn,
            }
        )
        for task in sorted(material.lookups, key=lambda task: (task.depth, task.task_id))
        if task.outcome is not None
    ]


def _unasked(material: Material) -> list[Finding]:
    return [
        _not_asked(one.inspector, one.attribute_id, one.attribute, one.depth, one.reason)
        for one in material.unasked[:SHOWN_SKIPPED]
    ]


def _not_looked_up(look: Lookup, reason: str) -> Finding:
    return _not_asked(look.inspector.name, look.known.id, look.known.attribute, look.known.depth, reason)


def _skipped(material: Material) -> list[Finding]:
    limits, deferred = material.limits, material.agenda.deferred
    cut_off = [
        *((look, f"Deeper than max_inspection_depth ({limits.max_depth}).") for look in material.agenda.too_deep),
        *((look, beyond(limits, material.lookups)) for look in material.agenda.over_budget),
        *((look, reason(rule)) for look, rule in material.agenda.unlisted),
    ]
    why = "Deferred to the next round: the lookups of this round are shared with other alerts."
    later = [(look, why) for look in deferred[:SHOWN_SKIPPED]]
    return [
        *(_not_looked_up(look, why).model_copy(update={"no_turn": True}) for look, why in later),
        *(_not_looked_up(look, why) for look, why in cut_off[:SHOWN_SKIPPED]),
    ]


def _not_asked(inspector: str, attribute_id: str, attribute: Attribute, depth: int, reason: str) -> Finding:
    return Finding(
        inspector=inspector,
        attribute_id=attribute_id,
        attribute_type=attribute.type,
        attribute_value=canonical(attribute) or attribute.value,
        depth=depth,
        outcome="skipped",
        reason=reason,
        seconds=None,
        contents=(),
    )


def _timeline(material: Material, ordered: Sequence[Arrival]) -> tuple[TimelineEntry, ...]:
    claimed = [task.claimed for task in material.lookups if task.claimed]
    ended = [task.ended for task in material.lookups if task.ended]
    entries: list[tuple[int | None, str]] = [
        (material.head.opened, "The first alert came in; the report was opened."),
        (ordered[-1][0] if len(ordered) > 1 else None, f"The newest of {len(ordered):,} alerts came in."),
        (material.first_planned, f"Round {material.head.round} was planned."),
        (min(claimed, default=None), "The first inspector was called."),
        (max(ended, default=None), "The last lookup ended."),
        (material.now, f"Round {material.head.round} was compiled for review."),
    ]
    return tuple(
        TimelineEntry(at=format_rfc3339(at), what=what) for at, what in sorted((at, what) for at, what in entries if at)
    )
