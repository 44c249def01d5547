"""The project's promises, checked against the table, the archive and the requests that plug-ins received.

`check_rest` applies when all actors have ended undisturbed and the sweeper finds nothing to do; `check_review` whenever
Review has published. The witness checks single calls as they happen.
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from alert_responder.domain.admission import hour_of
from alert_responder.domain.attributes import attribute_hash
from alert_responder.domain.deadlines import LONGEST_MS
from alert_responder.domain.identifiers import emission_id, sequence
from alert_responder.domain.records import DeliveryRecord, GroupSummary, Head
from alert_responder.store import items, keys
from tests.unit.protocol.chain import left_open, repeated, was_notified_before
from tests.unit.protocol.runs import Invocation
from tests.unit.protocol.stage import BATCH, BUDGET, FLOOD
from tests.unit.protocol.witness import INBOX, PAGER, STEADY, demand, values_of

if TYPE_CHECKING:
    from tests.unit.protocol.world import World


def heads(world: "World") -> list[Head]:
    """Read the heads of all reports that have not expired."""
    return [
        items.read_head(item)
        for key, item in sorted(world.table.items.items())
        if key.sk == "head" and item["expires_at"] * 1000 > world.now
    ]


def unattended(world: "World") -> list[Head]:
    """Pick the reports that are not at rest although no actor is left."""
    return [
        head for head in heads(world) if head.state == "open" or (head.state == "failed" and head.started < head.round)
    ]


def check_nothing_is_left_to_the_sweeper(world: "World") -> None:
    """Demand that only reports of executions that died are left to the sweeper."""
    died = {run.report_id for run in world.runs if run.failed_once}
    left = [head.report_id for head in unattended(world) if head.report_id not in died]
    demand(not left, f"left to the sweeper although no execution died: {left}")


def check_plan(world: "World", plan: Invocation) -> None:
    """Demand that Plan hands out every lookup that was known when it began, unless it was begun by others."""
    assert plan.run
    assert plan.step
    if plan.result["status"] != "planned":
        return
    handed_out = {task_id for chunk in plan.result["chunks"] for task_id in chunk}
    mine = sequence(plan.run.round, int(plan.step.about[0]))
    for value in _needed(world, plan.run.report_id, plan.known_when_it_began):
        task_id = f"{STEADY}/{attribute_hash('domain', value)}"
        task = world.table.items.get(keys.lookup(plan.run.report_id, task_id))
        begun = task and (task.get("outcome") or task.get("claimed") or task["sequence"] > mine)
        demand(begun or task_id in handed_out, f"a lookup that was never begun is not handed out: {value}")


def _needed(world: "World", report_id: str, values: set[str]) -> set[str]:
    """Pick the values that are always looked up; for a second inspector the budget may be too small."""
    if keys.report(report_id) in world.witness.ever_over:
        return set()  # A report whose alerts are all resolved needs no lookups.
    flooded = any(value.startswith(FLOOD) for value in values_of(world.table, report_id))
    return set() if flooded and world.late_attached else {value for value in values if not value.startswith(FLOOD)}


def check_review(world: "World", review: Invocation) -> None:
    """Demand that Review has published all alerts stored before it began, unless it could not send the round back.

    It cannot after two replans, or if an abandoned call has published the round: the next round follows.
    """
    assert review.run
    if review.result["status"] != "published" or review.run.replans == 2 or review.run.as_it_stands:
        return
    if world.witness.published[review.run.report_id, review.run.round] is not review:
        return
    if keys.report(review.run.report_id) in world.witness.ever_over:
        return
    meta = world.table.items.get(keys.meta(review.run.report_id))
    if meta and meta["round"] == review.run.round:
        report = _document(world, meta["snapshot"])
        missing = review.known_when_it_began - _inspected(report)
        demand(not missing, f"published without inspecting alerts stored before: {sorted(missing)}")


def check_rest(world: "World") -> None:
    """Check all promises about reports at rest."""
    _check_alerts(world)
    for key, item in world.table.items.items():
        demand("expires_at" in item, f"{key} never expires")
    _check_admission(world)
    for head in heads(world):
        _check_last_round(world, head)
        _check_lookups(world, head)
        _check_budget(world, head)
        deliveries = _deliveries(world, head.report_id)
        for delivery in deliveries:
            _check_delivery(world, head.report_id, delivery)
        _check_notifications(world, head, deliveries)


def _check_alerts(world: "World") -> None:
    """Each alert is in one report; beyond what a report holds it may be in the archive alone, or there as well."""
    archived = _archived_alerts(world)
    for event in world.events:
        homes = world.witness.homes.get(event.event_id, set())
        kept = event.event_id in archived
        demand(len(homes) == 1 or (kept and not homes), f"alert {event.event_id} is not in exactly one report")
    for head in heads(world):
        groups = _groups(world, head.report_id)
        only_counted = _event_ids([group for group in groups if not group.is_whole])
        demand(only_counted <= archived, f"counted and not archived: {sorted(only_counted - archived)}")


def _archived_alerts(world: "World") -> set[str]:
    return {
        alert["event_id"]
        for key, document in world.installation.archive.objects.items()
        if key.startswith("counted/")
        for alert in json.loads(document)
    }


def _groups(world: "World", report_id: str) -> list[GroupSummary]:
    return [
        items.read_group({**item, "sk": key.sk})
        for key, item in world.table.items.items()
        if key.pk == keys.report(report_id) and key.sk.startswith(keys.GROUPS)
    ]


def _event_ids(groups: Iterable[GroupSummary]) -> set[str]:
    return {event_id for group in groups for event_id, _ in group.events}


def _check_admission(world: "World") -> None:
    """Check that the largest limit in force holds in each hour, and that alerts join reports within their windows."""
    opened = [head for head in heads(world) if head.overflow is None]
    limits = [_largest(each) for each in zip(*world.limits, strict=True)]
    most = min((limit for limit in limits if limit is not None), default=None)
    for hour, count in Counter(hour_of(head.opened) for head in opened).items():
        demand(most is None or count <= most, f"more reports than the limit in hour {hour}: {count}")
    for head in heads(world):
        in_its_hour = head.overflow is None or hour_of(head.opened) == hour_of(head.ends - 1)
        demand(in_its_hour, f"an overflow report spans two hours: {head}")
        late = [
            event.event_id
            for event in world.events
            if keys.report(head.report_id) in world.witness.homes.get(event.event_id, ()) and event.arrival >= head.ends
        ]
        demand(not late, f"alerts joined a report after its window: {late}")
    shared = [head.alert_id for head in heads(world) if head.overflow]
    demand(len(shared) == len(set(shared)), "two overflow reports for one detector and hour")


def _largest(limits: Sequence[int | None]) -> int | None:
    """Return the largest limit that was in force; None if reports were unlimited, and uncounted, for a while."""
    in_force = [limit for limit in limits if limit is not None]
    return max(in_force) if len(in_force) == len(limits) else None


def _check_last_round(world: "World", head: Head) -> None:
    """Check that the last round was published last and holds all alerts."""
    report = _document(world, f"reports/{head.report_id}/{head.round:06d}.json")
    meta = world.table.items[keys.meta(head.report_id)]
    alerts = {name for name, homes in world.witness.homes.items() if keys.report(head.report_id) in homes}
    groups = _groups(world, head.report_id)
    whole_alerts = _event_ids(group for group in groups if group.is_whole)
    demand(meta["round"] == head.round, f"the list shows round {meta['round']} of {head}")
    for document in (report, _document(world, meta["snapshot"])):
        # The last resort does not read the report's alerts: its count is that of the last publication.
        whole = {alert["event_id"] for alert in document["alerts"]} == whole_alerts
        demand(whole or head.state == "failed", f"the last round lacks alerts: {head}")
        most, counted = len(alerts), document["alert_count"]
        right = counted <= most if head.state == "failed" else counted == most
        demand(right, f"the last round counts wrong: {head}")
        beyond = head.held.more or whole_alerts != alerts
        demand(not (beyond and document["complete"]), f"beyond its caps, but marked complete: {head}")
        if head.state == "settled" and keys.report(head.report_id) not in world.witness.ever_over:
            missing = values_of(world.table, head.report_id) - _inspected(document)
            demand(not missing, f"the last round lacks outcomes of {sorted(missing)}")
            deepest = world.installation.limits.max_depth
            in_reach = {one["value"] for one in document["attributes"] if one["depth"] <= deepest}
            missing = in_reach - _inspected(document)
            demand(not missing or _gave_up_planning(world, head), f"found and not looked up: {sorted(missing)}")
        if head.state == "settled":
            left = [one for one in document["findings"] if "next round" in (one["reason"] or "")]
            demand(not left, f"lookups are left although the report is settled: {left}")
    revision = len(groups) + head.held.more
    demand(head.revision == revision, f"the revision is not the number of groups stored: {head}, {len(groups)}")
    stored = sum(len(group.events) for group in groups)
    demand(head.held.alerts == stored, f"it holds {stored} alerts, but its head counts {head.held}")


def _gave_up_planning(world: "World", head: Head) -> bool:
    """Return whether a round has used up its Plans; attributes found after that are not looked up."""
    most = world.installation.limits.max_depth + 2
    return any(run.plans >= most + run.replans for run in world.runs if run.report_id == head.report_id)


def _check_budget(world: "World", head: Head) -> None:
    """Check that lookups stay within the budget, and that a flood of attributes leaves other alerts their share."""
    made = [
        item
        for key, item in world.table.items.items()
        if key.pk == keys.report(head.report_id) and key.sk.startswith(keys.LOOKUPS)
    ]
    charged = sum(not item.get("shares_call") for item in made)
    demand(charged <= BUDGET, f"{charged} calls for a report")
    batched = sum("batch_size" in item for item in made)
    demand(batched <= BATCH * BUDGET, "more lookups share calls than have a place")
    if head.state == "settled":
        document = _document(world, world.table.items[keys.meta(head.report_id)]["snapshot"])
        skipped = {
            one["attribute_value"]
            for one in document["findings"]
            if one["inspector"] == STEADY and one["outcome"] == "skipped"
        }
        starved = _needed(world, head.report_id, skipped)
        demand(not starved, f"a flood used up the budget of {sorted(starved)}")


def _check_lookups(world: "World", head: Head) -> None:
    """Check that every lookup has the right outcome: `error` only after a fault."""
    runs = [run for run in world.runs if run.report_id == head.report_id]
    may_be_given_up = any(run.as_it_stands or run.replans == 2 for run in runs)
    report = _document(world, world.table.items[keys.meta(head.report_id)]["snapshot"])
    shown = {f"{one['inspector']}/{one['attribute_id']}": one["outcome"] for one in report["findings"]}
    for key, item in world.table.items.items():
        if key.pk != keys.report(head.report_id) or not key.sk.startswith(keys.LOOKUPS):
            continue
        task = items.read_lookup({**item, "pk": key.pk, "sk": key.sk})
        if task.inspector != STEADY and task.outcome is None:
            continue  # Its inspector was detached: the next round closes it.
        if task.outcome is None and key in world.witness.abandoned and shown.get(task.task_id) == "skipped":
            continue  # Written after the report, by a Plan that its caller had given up: the next round makes it.
        if task.task_id in shown:
            demand(shown[task.task_id] == task.outcome, f"the ledger has changed since the report: {task.task_id}")
        answered = [one["title"] for one in items.unpack(task.answer)] if task.answer else []
        own = answered in ([], [task.task["attribute"]["value"]])
        demand(own, f"a lookup has the answer of another one: {task.task_id}")
        struck = (head.report_id, task.task_id) in world.witness.struck
        demand(task.outcome is not None or head.state == "failed", f"a lookup has no outcome: {task.task_id}")
        asked = task.outcome != "throttled" or not task.no_turn
        given_up = head.state == "failed" or task.inspector != STEADY
        demand(asked or task.reopened or given_up, f"a lookup without a turn was not reopened: {task.task_id}")
        had_none = task.reopened and task.inspector == STEADY and world.waited < LONGEST_MS // 2
        demand(
            not had_none or struck or may_be_given_up,
            f"a lookup had no turn although capacity was free: {task.task_id}",
        )
        if task.outcome == "error" and task.claimed is None and "detached" not in (task.reason or ""):
            demand(may_be_given_up, f"a lookup was closed although it was never begun: {task.task_id}")
        elif task.outcome == "error" and task.inspector == STEADY:
            demand(struck or may_be_given_up, f"a lookup failed without a fault: {task.task_id}")


def _check_delivery(world: "World", report_id: str, delivery: DeliveryRecord) -> None:
    """Check that a delivery is made once, or is recorded as uncertain."""
    name = emission_id(report_id, delivery.emitter, delivery.round)
    made = sum(call.emission_id == name for call in world.witness.emitter_calls)
    demand(delivery.outcome is not None, f"{name} has no outcome")
    demand(made <= delivery.attempts, f"{name} was made {made} times in {delivery.attempts} recorded attempts")
    if delivery.outcome in {"failed", "superseded"}:
        demand(made == 0, f"{name} was made, but is recorded as {delivery.outcome}")
    if delivery.outcome in {"ok", "late"}:
        demand(made > 0, f"{name} was not made, but is recorded as {delivery.outcome}")


def _check_notifications(world: "World", head: Head, deliveries: list[DeliveryRecord]) -> None:
    """Check that each emitter has the last state, or a recorded failure, and that no delivery repeats another."""
    meta = world.table.items[keys.meta(head.report_id)]
    last = _substance(_document(world, meta["snapshot"]))
    if "suppressed" in meta and "breakthrough" not in meta:
        demand(all(one.round < meta["round"] for one in deliveries), f"a suppressed report is delivered: {meta}")
        return
    concerned = {INBOX, PAGER} if meta["severity"] == "urgent" else {INBOX}
    called = {call.emission_id for call in world.witness.emitter_calls}
    for emitter in {delivery.emitter for delivery in deliveries} | concerned:
        mine = sorted((one for one in deliveries if one.emitter == emitter), key=lambda one: one.round)
        made = [one for one in mine if emission_id(head.report_id, emitter, one.round) in called]
        if made or emitter in concerned:
            knows = made and _content(world, made[-1]) == last
            tried = any(one.round == head.round and _content(world, one) == last for one in mine)
            before = not made and was_notified_before(world, head, emitter)
            before = before or (meta.get("status") == "resolved" and left_open(world, head))
            demand(knows or tried or before, f"{emitter} does not have the last state of {head.report_id}")
        demand(not repeated(world, head, emitter), f"{emitter} got an unchanged finding again: {head.report_id}")
        for first, second in pairwise(mine):
            if first.outcome == second.outcome == "ok":
                demand(_content(world, first) != _content(world, second), f"{emitter} got the same twice: {second}")


def _content(world: "World", delivery: DeliveryRecord) -> str:
    return _substance(_document(world, delivery.snapshot))


def _substance(report: dict[str, Any]) -> str:
    """Return what counts as news, written independently of `domain.digest`."""
    attributes = sorted((one["type"], one["value"]) for one in report["attributes"])
    findings = sorted(
        (one["inspector"], one["attribute_id"], one["outcome"], json.dumps(one["contents"]))
        for one in report["findings"]
    )
    result = report["result"]
    review = [result[name] for name in ("severity", "reason", "breakthrough")]
    return json.dumps([review, report["status"], attributes, findings])


def _inspected(report: dict[str, Any]) -> set[str]:
    return {finding["attribute_value"] for finding in report["findings"] if finding["inspector"] == STEADY}


def _deliveries(world: "World", report_id: str) -> list[DeliveryRecord]:
    return [
        items.read_delivery(item)
        for key, item in world.table.items.items()
        if key.pk == keys.report(report_id) and key.sk.startswith(keys.DELIVERIES)
    ]


def _document(world: "World", name: str) -> dict[str, Any]:
    demand(name in world.installation.archive.objects, f"{name} is not in the archive")
    document: dict[str, Any] = json.loads(world.installation.archive.objects[name])
    return document
