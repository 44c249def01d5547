"""What must hold for the reports of one alert id, written independently of `domain.chain`."""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from alert_responder.contracts.primitives import SEVERITIES
from alert_responder.domain.records import Event, Head, Meta
from alert_responder.store import items, keys
from tests.fakes.memory import MemoryTable

if TYPE_CHECKING:
    from tests.unit.protocol.witness import Call
    from tests.unit.protocol.world import World


class Said(NamedTuple):
    """What counts of an alert when a later report is compared."""

    key: str
    finding: str
    status: str
    values: tuple[str, ...]


def said_by_event(event: Event) -> Said:
    """Return what an alert says."""
    alert = event.alert
    values = tuple(sorted(attribute.value for attribute in alert.attributes))
    return Said(alert.alert_key, alert.finding_id, alert.status, values)


def said_by_report(document: dict[str, Any]) -> frozenset[Said]:
    """Return what the alerts of a report say."""
    return frozenset(
        Said(
            one["alert_key"],
            one["finding_id"],
            one["status"],
            tuple(sorted(attribute["value"] for attribute in one["attributes"])),
        )
        for one in document["alerts"]
    )


def is_over(events: Iterable[Event]) -> bool:
    """Return whether the latest alert of each finding is resolved; of two that arrive at once the active one counts."""
    latest: dict[tuple[str, str], tuple[int, bool]] = {}
    for event in events:
        name = event.alert.alert_key, event.alert.finding_id
        latest[name] = max(latest.get(name, (0, False)), (event.arrival, event.alert.status == "active"))
    return bool(latest) and not any(active for _, active in latest.values())


def predecessors(table: MemoryTable, head: Head) -> list[Head]:
    """Read the reports before one, newest first, as far as they are left."""
    found: list[Head] = []
    while head.previous and (item := table.items.get(keys.head(head.previous))):
        head = items.read_head(item)
        found.append(head)
    return found


def was_notified_before(world: "World", head: Head, emitter: str) -> bool:
    """Return whether all alerts of a report are resolved, or such that an emitter has been notified of them before."""
    here, homes = keys.report(head.report_id), world.witness.homes
    at_home = [event for event in world.events if here in homes.get(event.event_id, set())]
    before = {keys.report(each.report_id) for each in predecessors(world.table, head)}
    elsewhere = [event for event in world.events if homes.get(event.event_id, set()) & before]
    notified = {
        said
        for call in world.witness.emitter_calls
        if call.emitter == emitter and keys.report(call.report_id) in before
        for said in call.said
    }
    return not needs_update(world, head) and all(
        event.alert.status == "resolved"
        or any(_resolves(other, event) for other in (*at_home, *elsewhere))
        or (event.alert.finding_id and said_by_event(event) in notified)
        for event in at_home
    )


def needs_update(world: "World", head: Head) -> bool:
    """Return whether a report has a worse severity than the one before, or is not suppressed any more.

    Only if the one before was at rest before the report opened.
    """
    first = next(iter(predecessors(world.table, head)), None)
    if first is None or disturbed(world, head, first):
        return False
    now, before = (items.read_meta(world.table.items[keys.meta(one.report_id)]) for one in (head, first))
    return _is_worse(before, now.severity, now.breakthrough) or (before.is_suppressed and not now.is_suppressed)


def _is_worse(before: Meta, severity: str, breakthrough: str | None) -> bool:
    order: Sequence[str] = SEVERITIES
    worse = order.index(severity) > order.index(before.severity)
    return worse or breakthrough not in {None, before.breakthrough}


def disturbed(world: "World", head: Head, before: Head) -> bool:
    """Return whether a report before was not at rest when a report opened, or has changed since."""
    pk = keys.report(before.report_id)
    opened = world.witness.opened[keys.report(head.report_id)]
    published = [at for (report_id, _), at in world.witness.published_at.items() if report_id == before.report_id]
    return bool(
        before.state != "settled"
        or world.witness.settled.get(pk, opened) >= opened
        or before.overflow
        or world.witness.last_change[pk] > opened
        or max(published, default=opened) >= opened
        or any(run.as_it_stands for run in world.runs if run.report_id == before.report_id)
        or items.read_meta(world.table.items[keys.meta(before.report_id)]).snapshot is None
    )


def _resolves(other: Event, event: Event) -> bool:
    same = (other.alert.alert_key, other.alert.finding_id) == (event.alert.alert_key, event.alert.finding_id)
    return same and other.alert.status == "resolved" and other.arrival > event.arrival


def left_open(world: "World", head: Head) -> bool:
    """Return whether nothing resolved a finding of the reports before, so that their incident stays open."""
    homes = world.witness.homes
    before = {keys.report(each.report_id) for each in predecessors(world.table, head)}
    there = [event.alert for event in world.events if homes.get(event.event_id, set()) & before]
    resolved = {(one.alert_key, one.finding_id) for one in there if one.status == "resolved"}
    return any((one.alert_key, one.finding_id) not in resolved for one in there)


def repeated(world: "World", head: Head, emitter: str) -> bool:
    """Return whether an emitter was notified of a report although it certainly knew all of it from the one before.

    Only of reports whose predecessors were at rest before they opened, and have not changed since.
    """
    calls = _of(world.witness.emitter_calls, head, emitter)
    if not calls or not calls[0].complete or not all(said.finding for said in calls[0].said):
        return False
    if len({(said.key, said.finding) for said in calls[0].said}) < len(calls[0].said):
        return False  # Alerts of one finding that differ are news.
    for before in predecessors(world.table, head):
        pk = keys.report(before.report_id)
        meta = items.read_meta(world.table.items[keys.meta(before.report_id)])
        if meta.is_suppressed or _is_worse(meta, calls[0].severity, calls[0].breakthrough):
            return False
        if disturbed(world, head, before):
            return False
        document = json.loads(world.installation.archive.objects[meta.snapshot or ""])
        if said_by_report(document) != calls[0].said or not document["complete"]:
            return False
        deliveries = [
            items.read_delivery(item)
            for item in world.table.items.between(
                pk, f"{keys.DELIVERIES}{emitter}/", f"{keys.DELIVERIES}{emitter}/" + keys.LAST
            )
        ]
        if any(one.outcome not in {"ok", "superseded"} for one in deliveries):
            return False
        if earlier := _of(world.witness.emitter_calls, before, emitter):
            return earlier[-1].said == calls[0].said
    return False


def _of(calls: Sequence["Call"], head: Head, emitter: str) -> list["Call"]:
    return [call for call in calls if call.report_id == head.report_id and call.emitter == emitter]
