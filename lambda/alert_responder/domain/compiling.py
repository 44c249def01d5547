"""Compile what is stored of a report into the report that people and plug-ins read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from alert_responder.contracts.alert import Attribute
from alert_responder.contracts.report import (
    Emission,
    Finding,
    Omission,
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
from alert_responder.domain.egress import reason
from alert_responder.domain.fitting import Answers, Bodies
from alert_responder.domain.gravity import SHOWN_WORST, Said, gravest
from alert_responder.domain.judging import UNANSWERED
from alert_responder.domain.overflow import overflow_of
from alert_responder.domain.overview import overview
from alert_responder.domain.planning import Agenda, KnownAttribute, Limits, Lookup
from alert_responder.domain.records import DeliveryRecord, GroupSummary, Head, Meta, TaskRecord
from alert_responder.domain.sources import united
from alert_responder.domain.stream import shared_ids
from alert_responder.domain.times import rfc3339
from alert_responder.domain.unasked import Unasked

SHOWN_ALERTS = 10
"""Alerts shown whole from each end of a report's life, beside the worst; all of them when there are no more."""

SHOWN_SKIPPED = 100
"""Lookups cut off by a limit that are listed one by one; the notes give their number."""

_LAST_RESORT = "Three rounds in a row ended before the report was reviewed; it goes out as it stands."

Arrival = tuple[int, str, str]
"""Arrival [ms], event id and group id of an alert."""


class Material(NamedTuple):
    """Everything a report is made of, as read from the table.

    Attributes
    ----------
    groups, counted
        Those whose alerts are there, at least one, and those whose alerts are only counted.
    bodies
        The shown alerts whole.
    answers
        What the inspectors of `tasks` answered.
    unasked
        Attributes that inspectors would have taken and never get.
    first_planned, now
        When the round was first planned and when the report is compiled [ms].
    """

    head: Head
    groups: Sequence[GroupSummary]
    counted: Sequence[GroupSummary]
    tasks: Sequence[TaskRecord]
    known: Sequence[KnownAttribute]
    agenda: Agenda
    limits: Limits
    bodies: Bodies
    answers: Answers
    deliveries: Sequence[DeliveryRecord]
    first_planned: int | None
    now: int
    unasked: Sequence[Unasked] = ()


def arrivals(groups: Iterable[GroupSummary]) -> list[Arrival]:
    """List every alert once, oldest first, whatever groups it was stored in; as one that is whole, if it is in any."""
    first: dict[str, tuple[bool, Arrival]] = {}
    for group in groups:
        for event_id, arrival in group.events:
            entry = (not group.is_whole, (arrival, event_id, group.group_id))
            first[event_id] = min(first.get(event_id, entry), entry)
    return sorted(arrival for _, arrival in first.values())


def shown(ordered: Sequence[Arrival], groups: Iterable[GroupSummary]) -> list[Arrival]:
    """Pick the alerts that a report shows whole: the oldest, the newest, and of the others the worst."""
    if len(ordered) <= 2 * SHOWN_ALERTS + SHOWN_WORST:
        return list(ordered)
    ends = [*ordered[:SHOWN_ALERTS], *ordered[-SHOWN_ALERTS:]]
    place_of = {event_id: place for place, (_, event_id, _) in enumerate(ordered)}
    said: dict[int, Said] = {
        place_of[group.events[head.event][0]]: (head.detector, head.severity, head.outcome)
        for group in groups
        for head in group.heads
        if head.event is not None
    }
    places = sorted(said)
    worst = [ordered[places[index]] for index in gravest((said[place] for place in places), len(places))]
    between = [each for each in worst if each not in ends]
    return sorted([*ends, *between[:SHOWN_WORST]])


def compile_last_resort(head: Head, meta: Meta, deliveries: Iterable[DeliveryRecord], now: int) -> Report:
    """Put together what can be said of a report without reading what is in it, which is what its rounds died of.

    Parameters
    ----------
    meta
        As it was last written; of a report that was published before, it is of then.
    now
        When the report is compiled [ms].
    """
    report = Report(
        id=head.report_id,
        alert_id=head.alert_id,
        previous_report_id=head.previous,
        round=head.round,
        title=meta.title,
        alerts=(),
        alert_count=meta.alert_count,
        overflow=overflow_of(head, ()),
        attributes=(),
        findings=(),
        result=Result(severity="unclassified", reason=_LAST_RESORT, reviewer=None),
        emissions=tuple(emission(delivery) for delivery in in_order(deliveries)),
        timeline=(
            TimelineEntry(at=rfc3339(head.opened), what="The first alert came in; the report was opened."),
            TimelineEntry(at=rfc3339(now), what=f"Round {head.round} was compiled without what is in the report."),
        ),
        notes=(
            f"Detector: {meta.detector}. Rule: {meta.rule_id}. Key: {meta.alert_key}.",
            "Its alerts, attributes and findings are in the table, but not in this report.",
        ),
        created_at=rfc3339(head.opened),
        updated_at=rfc3339(now),
        truncated=True,
    )
    nothing = "Three rounds in a row ended before the report was reviewed."
    omissions = (Omission(what=what, count=1, reason=nothing) for what in ("attributes", "lookups", "findings"))
    return with_omissions(report, *omissions)


def compile_report(material: Material, result: Result) -> Report:
    """Put a report together.

    Returns
    -------
    Report
        Everything in a fixed order, so that equal material gives an equal report.
    """
    head, whole = material.head, arrivals(material.groups)
    ordered = arrivals([*material.groups, *material.counted])
    alerts = tuple(_alert(entry, material.bodies.alerts[entry[1]]) for entry in shown(whole, material.groups))
    sources = united(source for group in material.groups for source in group.sources)
    findings = (*_findings(material), *_unasked(material), *_skipped(material))
    first = min(material.groups, key=lambda group: (group.events[0][1], group.group_id)).heads[0]
    report = Report(
        id=head.report_id,
        alert_id=head.alert_id,
        previous_report_id=head.previous,
        round=head.round,
        title=title(head.overflow, first.detector, head.ends) if head.overflow else first.rule_name,
        alerts=alerts,
        alert_count=len(ordered),
        sources=sources,
        overview=overview(
            alerts,
            (each for group in material.groups for each in group.heads),
            (known.attribute for known in material.known if known.origin is None),
            sources,
            findings,
        ),
        overflow=overflow_of(head, material.groups),
        attributes=_attributes(material.known),
        findings=findings,
        result=result,
        emissions=tuple(emission(delivery) for delivery in in_order(material.deliveries)),
        timeline=_timeline(material, ordered),
        notes=_notes(material, len(whole), len(ordered)),
        created_at=rfc3339(head.opened),
        updated_at=rfc3339(material.now),
        truncated=bool(material.bodies.left_out or material.answers.shortened),
    )
    return with_omissions(report, *_omissions(material, len(ordered) - len(whole)))


def _alert(entry: Arrival, alert: Mapping[str, Any]) -> ReportedAlert:
    arrival, event_id, _ = entry
    fields = {name: alert.get(name) for name in ReportedAlert.model_fields if name not in {"event_id", "arrived_at"}}
    return ReportedAlert.model_validate({**fields, "event_id": event_id, "arrived_at": rfc3339(arrival)})


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
        for task in sorted(material.tasks, key=lambda task: (task.depth, task.task_id))
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
        *((look, f"Beyond max_inspections_per_report ({limits.max_tasks}).") for look in material.agenda.over_budget),
        *((look, reason(rule)) for look, rule in material.agenda.unlisted),
    ]
    why = "Deferred: other alerts have their share of this round; the next round asks."
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


def emission(delivery: DeliveryRecord) -> Emission:
    """Tell of a delivery as a report does; one without an outcome is pending."""
    return Emission.model_validate(
        {
            "emitter": delivery.emitter,
            "round": delivery.round,
            "outcome": delivery.outcome or "pending",
            "reason": delivery.reason,
            "url": delivery.url,
            "at": None if delivery.ended is None else rfc3339(delivery.ended),
        }
    )


def in_order(deliveries: Iterable[DeliveryRecord]) -> list[DeliveryRecord]:
    """Sort deliveries by round and emitter."""
    return sorted(deliveries, key=lambda delivery: (delivery.round, delivery.emitter))


def _timeline(material: Material, ordered: Sequence[Arrival]) -> tuple[TimelineEntry, ...]:
    claimed = [task.claimed for task in material.tasks if task.claimed]
    ended = [task.ended for task in material.tasks if task.ended]
    entries: list[tuple[int | None, str]] = [
        (material.head.opened, "The first alert came in; the report was opened."),
        (ordered[-1][0] if len(ordered) > 1 else None, f"The newest of {len(ordered):,} alerts came in."),
        (material.first_planned, f"Round {material.head.round} was planned."),
        (min(claimed, default=None), "The first inspector was called."),
        (max(ended, default=None), "The last inspection ended."),
        (material.now, f"Round {material.head.round} was compiled for review."),
    ]
    return tuple(
        TimelineEntry(at=rfc3339(at), what=what) for at, what in sorted((at, what) for at, what in entries if at)
    )


def _omissions(material: Material, counted_only: int) -> Iterator[Omission]:
    yield Omission(
        what="attributes",
        count=counted_only + material.head.held.more,
        reason="Those of alerts beyond what one report holds.",
    )
    yield Omission(
        what="attributes",
        count=sum(group.unfit for group in material.groups),
        reason="Fields of alerts did not fit and were left out or changed.",
    )
    yield Omission(
        what="attributes",
        count=sum(group.left_out for group in material.groups),
        reason="They are too large to be inspected.",
    )
    yield Omission(
        what="attributes",
        count=sum(group.cut_off for group in material.groups),
        reason="Their alert has too many attributes.",
    )
    yield Omission(
        what="lookups",
        count=len(material.agenda.over_budget),
        reason=f"max_inspections_per_report is {material.limits.max_tasks}.",
    )
    yield Omission(
        what="lookups",
        count=len(material.agenda.deferred),
        reason="They are made in the next round: alerts share what a round may look up.",
    )
    yield Omission(
        what="lookups",
        count=sum(task.no_turn for task in material.tasks),
        reason="They had no turn: no runner, inspector or quota was free in time.",
    )
    yield Omission(
        what="findings",
        count=len(material.answers.shortened),
        reason="All answers with their details take too much memory.",
    )


def _notes(material: Material, whole: int, alert_count: int) -> tuple[str, ...]:
    limits, planned = material.limits, material.agenda
    invalid = sum(not attribute.valid for attribute in material.known)
    left_out = any(group.left_out for group in material.groups)
    cut_off = sum(group.cut_off for group in material.groups)
    unfit = sum(group.unfit for group in material.groups)
    shared = shared_ids({event_id for group in material.groups for event_id, _ in group.events})
    withheld = sum(task.outcome == "skipped" for task in material.tasks) + len(planned.unlisted)
    unanswered = sorted({f"{task.inspector}: {task.outcome}" for task in material.tasks if task.outcome in UNANSWERED})
    notes = [
        (
            material.head.overflow,
            f"These {alert_count:,} alerts have no reports of their own: max_new_reports_per_hour was reached.",
        ),
        (
            whole > 2 * SHOWN_ALERTS + SHOWN_WORST,
            f"Of {whole:,} alerts the {SHOWN_ALERTS} oldest, the {SHOWN_ALERTS} newest, and up to {SHOWN_WORST}"
            " of the others that the detector calls worst are shown.",
        ),
        (
            alert_count > whole,
            f"{alert_count - whole:,} alerts are beyond what one report holds and are counted only; the archive keeps"
            " them under counted/.",
        ),
        (
            material.head.held.more,
            f"There are at least {alert_count:,} alerts: further ones are not counted; the archive keeps them under"
            " counted/.",
        ),
        (left_out, "Attributes too large to be inspected were left out; they stand in the alerts alone."),
        (
            cut_off,
            f"{cut_off:,} attributes were too many for one alert and left out; the archive keeps them under rejected/.",
        ),
        (
            unfit,
            f"{unfit:,} fields of alerts did not fit and were left out or changed; "
            "the archive keeps them under rejected/.",
        ),
        (
            shared,
            f"{shared:,} alerts came with an event id that other content came with as well; each is counted.",
        ),
        (invalid, f"{invalid} attributes do not fit their type and were not inspected."),
        (
            len(material.unasked) > SHOWN_SKIPPED,
            f"Of {len(material.unasked):,} lookups that no inspector could be asked, {SHOWN_SKIPPED} are listed.",
        ),
        (
            planned.too_deep,
            f"{len(planned.too_deep)} inspections were skipped: max_inspection_depth is {limits.max_depth}.",
        ),
        (
            planned.over_budget,
            f"{len(planned.over_budget)} inspections were skipped: max_inspections_per_report is {limits.max_tasks}.",
        ),
        (
            planned.deferred,
            f"{len(planned.deferred)} inspections are deferred to the next round: alerts share what a round may use.",
        ),
        (
            withheld,
            f"{withheld} inspections were skipped: egress rules keep what they are about from external inspectors.",
        ),
        (
            material.bodies.left_out,
            f"Left out because they take too much memory: the bodies of {material.bodies.left_out} alerts.",
        ),
        (
            material.answers.shortened,
            f"Left out because they take too much memory: the details of {len(material.answers.shortened)} answers.",
        ),
        (unanswered, f"Without an answer: {', '.join(unanswered)}."),
    ]
    return tuple(note for applies, note in notes if applies)
