"""Watches the actors: notices what a step must not do, and records what plug-ins really received."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from alert_responder.domain.chain import MAX_WAITS
from alert_responder.domain.records import Event
from alert_responder.store import items, keys
from alert_responder.store.table import Action, Key, Put, Update
from alert_responder.usecases.emit import EMITTER_SECONDS
from tests.fakes.memory import MemoryTable
from tests.unit.protocol.chain import Said, is_over, said_by_event, said_by_report
from tests.unit.protocol.runs import Invocation

STEADY, LATE = "steady", "late"
INBOX, PAGER = "inbox", "pager"
SUPPRESSION = {"name": "known", "owner": "team", "reason": "as set", "expires": "2027-03-01"}


class ViolationError(AssertionError):
    """A promise or a rule of the protocol is violated."""


def demand(holds: object, what: str) -> None:
    """Raise `ViolationError` unless the condition holds."""
    if not holds:
        raise ViolationError(what)


class Scene(Protocol):
    """The world as the witness sees it."""

    now: int
    severity: str
    suppressed: bool
    acting: Invocation | None

    events: list[Event]

    @property
    def table(self) -> MemoryTable: ...


@dataclass(frozen=True)
class Call:
    """A call that an emitter has carried out."""

    emission_id: str
    claimed_at: int
    report_id: str
    emitter: str
    said: frozenset[Said]
    complete: bool
    severity: str
    breakthrough: str | None


@dataclass(frozen=True)
class Lookup:
    """A call of an inspector."""

    task: tuple[str, str]
    handed_out: int
    tick: int


class Witness:
    """Sees every write and every call of a plug-in, and answers as the plug-ins."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.tick = 0
        self.homes: dict[str, set[str]] = {}
        self.emitter_calls: list[Call] = []
        self.lookups: list[Lookup] = []
        self.struck: set[tuple[str, str]] = set()
        self.delivered: set[Key] = set()
        self.published: dict[tuple[str, int], Invocation] = {}
        self.abandoned: set[Key] = set()
        self.ever_over: set[str] = set()
        self.opened: dict[str, int] = {}
        self.last_change: dict[str, int] = {}
        self.settled: dict[str, int] = {}
        self.published_at: dict[tuple[str, int], int] = {}
        self.claims: set[tuple[Invocation, Key]] = set()

    def begins(self, actor: Invocation) -> None:
        """Note the state of the report when an actor begins."""
        self.tick += 1
        actor.began = self.tick
        if actor.run:
            actor.began_over = self._round(actor.run.report_id) != actor.run.round
        if actor.is_step("plan", "review"):
            assert actor.run
            actor.known_when_it_began = values_of(self._scene.table, actor.run.report_id)

    def strikes(self, actor: Invocation) -> None:
        """Note that an actor's lookups may fail."""
        if actor.run and actor.is_step("inspect"):
            assert actor.step
            self.struck |= {(actor.run.report_id, task_id) for task_id in actor.step.about}

    def wrote(self, actions: Sequence[Action]) -> None:
        """Check a write that was just done."""
        actor = self._scene.acting
        for action in actions:
            if isinstance(action, Put) and action.key.sk.startswith(keys.GROUPS):
                group = items.read_group({**action.attributes, "sk": action.key.sk})
                for event_id, _ in group.events:
                    self.homes.setdefault(event_id, set()).add(action.key.pk)
                self._alerts_stored(action.key.pk)
            if isinstance(action, Put) and "inherited_from" in action.attributes:
                self._inherited(action)
            if action.key.sk.startswith(keys.DELIVERIES):
                self._delivery_written(action, actor)
            if isinstance(action, Update) and action.assign.get("state") == "settled":
                self.tick += 1
                self.settled[action.key.pk] = self.tick
        if actor is None:
            return
        self.tick += 1
        actor.wrote_at = self._scene.now
        if actor.is_step("plan") and actor.presumed_dead:
            self.abandoned |= {action.key for action in actions if action.key.sk.startswith(keys.LOOKUPS)}
        if actor.run:
            self._without_turn(actor, actions)
            if actor.is_step("inspect"):
                self.claims |= {(actor, one.key) for one in actions if isinstance(one, Update) and "claims" in one.add}
            if actor.is_step("review") and any(isinstance(one, Put) and one.key.sk == "meta" for one in actions):
                round_ = (actor.run.report_id, actor.run.round)
                demand(round_ not in self.published, "a round is published twice")
                self.published[round_] = actor
                self.published_at[round_] = self.tick
                self._resolved_published(actor, actions)
            over = actor.began_over and actor.is_step("plan", "inspect", "review")
            demand(not over, f"a {actor.step and actor.step.name} that began when its round was over writes")
            actor.round_when_it_wrote = self._round(actor.run.report_id)
            if actor.is_step("emit"):
                assert actor.step
                state = self._scene.table.items.get(keys.emitter_state(actor.run.report_id, actor.step.about[0]), {})
                claimed = keys.delivery(actor.run.report_id, actor.step.about[0], actor.run.round)
                actor.over_when_it_wrote = "outcome" in self._scene.table.items.get(claimed, {})
                actor.state_when_it_wrote = (
                    items.unpack(state["state"])
                    if "state" in state and "fresh" not in self._scene.table.items.get(claimed, {})
                    else None
                )

    def _without_turn(self, actor: Invocation, actions: Sequence[Action]) -> None:
        """Check which step ends a lookup whose inspector was not called."""
        assert actor.run
        for action in actions:
            if not isinstance(action, Update) or not action.assign.get("no_turn"):
                continue
            last_chance = actor.run.replans == 2 or actor.run.as_it_stands
            demand(last_chance or not actor.is_step("review"), "Review ends a lookup that Plan may still hand out")
            owner = self._scene.table.items[action.key]["sequence"]
            owned = not actor.is_step("inspect") or owner == actor.owns
            demand(owned, "a runner ends a lookup that a later Plan has handed out")

    def inspect(self, request: dict[str, Any]) -> dict[str, Any]:
        """Answer as an inspector, with or without batches."""
        if "tasks" in request:
            return {"answers": {task["task_id"]: self._look_up(task) for task in request["tasks"]}}
        return self._look_up(request)

    def _look_up(self, task: dict[str, Any]) -> dict[str, Any]:
        actor = self._current()
        claimed = (actor, keys.lookup(task["report_id"], task["task_id"])) in self.claims
        demand(claimed, "an inspector is asked about a lookup that its runner has not claimed")
        demand(not actor.began_over, "an inspector is called for a round that was over")
        self.tick += 1
        lookup = Lookup((task["report_id"], task["task_id"]), actor.handed_out, self.tick)
        again = any(
            one.task == lookup.task and one.handed_out != lookup.handed_out and one.tick < lookup.handed_out
            for one in self.lookups
        )
        demand(not again, "a lookup is handed out again although its inspector has been called")
        self.lookups.append(lookup)
        value = task["attribute"]["value"]
        deep = value.startswith("deep.") and task["inspector"] == STEADY
        found = [{"type": "domain", "value": f"found.{value}", "key": "name"}] if deep else []
        return {"contents": [{"type": "note", "title": value}], "new_attributes": found}

    def review(self, _: dict[str, Any]) -> dict[str, Any]:
        """Answer as the reviewer."""
        actor = self._current()
        assert actor.run
        demand(not actor.began_over, "the reviewer is called for a round that was over")
        actor.known_when_reviewed = self._delivered_for_certain(actor.run.report_id)
        answer = {"severity": self._scene.severity, "reason": "as set"}
        return answer | ({"suppressed": SUPPRESSION} if self._scene.suppressed else {})

    def emit(self, emission: dict[str, Any]) -> dict[str, Any]:
        """Answer as an emitter: each call makes or updates a message."""
        actor, emission_id = self._current(), emission["emission_id"]
        assert actor.run
        demand(
            actor.round_when_it_wrote == actor.run.round, "an emitter is notified in a round that was over when claimed"
        )
        demand(not actor.over_when_it_wrote, "an emitter is notified although the delivery had an outcome")
        for earlier in self.emitter_calls:
            apart = abs(actor.wrote_at - earlier.claimed_at)
            overlaps = earlier.emission_id == emission_id and apart < EMITTER_SECONDS * 1000
            demand(not overlaps, "an emitter is notified while an earlier call of the delivery may still run")
        kept = actor.state_when_it_wrote is None or emission["state"] is not None
        demand(kept, "an emitter does not get the state that it returned")
        self._of_the_chain(actor, emission)
        document = emission["report"]
        self.emitter_calls.append(
            Call(
                emission_id,
                actor.wrote_at,
                document["id"],
                emission["emitter"],
                said_by_report(document),
                document["complete"],
                document["result"]["severity"],
                document["result"]["breakthrough"],
            )
        )
        return {"state": {"calls": len(self.emitter_calls)}}

    def _alerts_stored(self, pk: str) -> None:
        """Note when a report opened and last changed, and whether all its alerts were ever resolved."""
        self.tick += 1
        self.opened.setdefault(pk, self.tick)
        self.last_change[pk] = self.tick
        if is_over(event for event in self._scene.events if pk in self.homes.get(event.event_id, ())):
            self.ever_over.add(pk)

    def _inherited(self, action: Put) -> None:
        """Check that nothing is inherited from a report that is still open, except after three rounds."""
        head = items.read_head({**self._scene.table.items[keys.head(keys.report_id_of(action.key.pk))], "pk": ""})
        before = self._scene.table.items[keys.head(action.attributes["inherited_from"])]
        demand(before["state"] != "open" or head.round > MAX_WAITS, "a report inherits from one that is open")

    def _resolved_published(self, actor: Invocation, actions: Sequence[Action]) -> None:
        """Check that a report with a successor is not published as resolved."""
        assert actor.run
        for action in actions:
            if isinstance(action, Put) and action.key.sk == "meta" and action.attributes.get("status") == "resolved":
                window = self._scene.table.items[keys.window(action.attributes["alert_id"])]
                newest = window["report_id"] == actor.run.report_id
                demand(newest, "a report is resolved although a later one exists")

    def _of_the_chain(self, actor: Invocation, emission: dict[str, Any]) -> None:
        """Check whom a resolved report notifies, and which reports update the incident of the one before."""
        assert actor.run
        document, emitter = emission["report"], emission["emitter"]
        result = document["result"]
        heard = not result["suppressed"] or result["breakthrough"]
        demand(heard, "an emitter is notified of a suppressed report")
        earlier = [call for call in self.emitter_calls if call.emitter == emitter]
        if any(call.report_id == document["id"] for call in earlier):
            return
        began = keys.delivery(document["id"], emitter, actor.run.round)
        begun = [
            item
            for item in self._scene.table.items.between(
                began.pk, f"{keys.DELIVERIES}{emitter}/", f"{keys.DELIVERIES}{emitter}/" + keys.LAST
            )
            if item.get("attempts") and item["sk"] != began.sk
        ]
        known = emission["state"] is not None or begun
        demand(document["status"] == "active" or known, "an emitter is notified of a new incident that is resolved")
        if emission["state"] is not None and document["status"] == "resolved":
            self._whole_incident_is_over(document)
        if emission["state"] is not None and document["status"] == "active":
            here = keys.report(document["id"])
            told = {said_by_event(each) for each in self._scene.events if self.homes.get(each.event_id, set()) - {here}}
            news = [one for one in said_by_report(document) - told if one.status == "active"]
            over = keys.report(document["id"]) in self.ever_over
            demand(over or not news, "news is delivered as an update of an earlier incident")

    def _whole_incident_is_over(self, document: dict[str, Any]) -> None:
        """Check that nothing is left unresolved of the report before, unless it is still open after three rounds."""
        before = keys.report(document["previous_report_id"])
        published = self.published_at[document["id"], document["round"]]
        if document["round"] > MAX_WAITS or self.last_change.get(before, self.tick) > published:
            return
        there = [said_by_event(each) for each in self._scene.events if before in self.homes.get(each.event_id, ())]
        resolved = {(each.alert.alert_key, each.alert.finding_id) for each in self._scene.events if _is_resolved(each)}
        left = {(said.key, said.finding) for said in there} - resolved
        demand(not left, "an incident is resolved of which a finding is not")

    def _delivery_written(self, action: Action, actor: Invocation | None) -> None:
        outcome = self._scene.table.items[action.key].get("outcome")
        made = outcome in {"ok", "late"}
        demand(made or action.key not in self.delivered, "a successful delivery loses its outcome")
        if made:
            self.delivered.add(action.key)
        if actor and isinstance(action, Put):
            emitter = action.key.sk.removeprefix(keys.DELIVERIES).rpartition("/")[0]
            news = actor.known_when_reviewed.get(emitter) != action.attributes["digest"]
            demand(news, "a delivery repeats what the emitter knew when the reviewer answered")

    def _delivered_for_certain(self, report_id: str) -> dict[str, str]:
        """Return the digest of each emitter's last delivery, unless a later call may have delivered another one."""
        stored, pk = self._scene.table.items, keys.report(report_id)
        last = [
            items.read_emitter(item)
            for item in stored.between(pk, keys.EMITTER_STATES, keys.EMITTER_STATES + keys.LAST)
        ]
        begun = [
            (one.emitter, one.round)
            for one in map(items.read_delivery, stored.between(pk, keys.DELIVERIES, keys.DELIVERIES + keys.LAST))
            if one.attempts > one.failures
        ]
        return {
            one.emitter: one.digest or ""
            for one in last
            if not one.inherited_from
            and not any(emitter == one.emitter and round_ > one.round for emitter, round_ in begun)
        }

    def _current(self) -> Invocation:
        assert self._scene.acting is not None
        return self._scene.acting

    def _round(self, report_id: str) -> int | None:
        head = self._scene.table.items.get(keys.head(report_id))
        return head["round"] if head else None


def values_of(table: MemoryTable, report_id: str) -> set[str]:
    """Return the values of all attributes that are stored in a report."""
    groups = [item for key, item in table.items.items() if _is_group(key, report_id)]
    return {attribute.value for item in groups for attribute, _ in items.read_group(item).attributes}


def _is_resolved(event: Event) -> bool:
    return event.alert.status == "resolved"


def _is_group(key: Key, report_id: str) -> bool:
    return key.pk == keys.report(report_id) and key.sk.startswith(keys.GROUPS)
