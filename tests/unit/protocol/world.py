"""One installation and everything that acts on it: actors, stream and time."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

from alert_responder.contracts.alert import Alert
from alert_responder.domain import report_caps
from alert_responder.domain.admission import NO_LIMITS, AdmissionLimits
from alert_responder.domain.records import Event
from alert_responder.errors import DependencyError
from alert_responder.usecases.emit import LEASE_MS
from alert_responder_cli.simulation.execution import execute
from tests.fakes.memory import Crash, MemoryTable
from tests.unit.protocol import invariants
from tests.unit.protocol.actors import TO_THE_END, Strike
from tests.unit.protocol.ports import Door, PluginDoor, WatchedTable
from tests.unit.protocol.runs import Invocation, Run
from tests.unit.protocol.stage import FLOOD, FLOOD_SIZE, StagedInstallation
from tests.unit.protocol.witness import ViolationError, Witness, demand

CAPS = report_caps.MAX_ATTRIBUTES, report_caps.MAX_COUNTED
VALUES = ("a.test", "b.test", "deep.test", FLOOD)
FAR_MS = 3 * 86_400_000
"""Past the retention of every report (1 day after its window), and of the stream."""

MANY = 1_000
"""More invocations than a few alerts can cause."""

MOST_ALERTS = 8

RETRY_MS = {"emit": 12_000}
OTHER_RETRY_MS = 2_000
CALL_MS = 60_000
"""The inspection timeout of the installation [ms]."""


How = int | str
"""How far an actor continues: so many calls; `nowhere`, so that it does not even begin; or to just before a `write`,
the second one (`write 2`), or a `plug-in` call (a write, if it makes none)."""

Fate = Strike | Literal["presumed dead", "exhausted", "killed", "redriven", "buried"]
"""A fault at a call; abandoned by the caller; dead at its last try; or the execution aborted, and then left, redriven,
or followed by the next round after a sweep."""


class World:
    """Does what the rules of the machine choose, by number: the same numbers have the same effect."""

    def __init__(self) -> None:
        self.now, self.severity, self.suppressed = 1_000_000, "urgent", False
        self.acting: Invocation | None = None
        self.suspended: Invocation | None = None
        self.witness = Witness(self)
        door = Door(self, "read")
        self.table: MemoryTable = WatchedTable(door, self.witness.wrote)
        self.installation = StagedInstallation(self.table, self._time, self.witness)
        self.installation.strike(door)
        self.installation.plugins.faults = PluginDoor(self, "plug-in")
        self.live: list[Invocation] = []
        self.runs: list[Run] = []
        self.events: list[Event] = []
        self.undelivered: list[Event] = []
        self.returned: list[tuple[Event, ...]] = []
        self.oldest_on_stream = 0
        self.late_attached = False
        self.waited = 0
        self.limits = [NO_LIMITS]
        self._count = 0
        self.plug_in(late=False, severity=self.severity)

    # The stream

    @property
    def has_room(self) -> bool:
        """Return whether the stream holds fewer alerts than a report shows whole."""
        return len(self.events) - self.oldest_on_stream < MOST_ALERTS

    def arrive(self, value: int, key: str = "k", finding: str = "", status: str = "active") -> None:
        """Have an alert arrive on the stream; it is delivered later."""
        number = len(self.events)
        name = VALUES[value % len(VALUES)]
        names = [f"{name}{number}.test" for number in range(FLOOD_SIZE)] if name == FLOOD else [name]
        attributes = [{"type": "domain", "value": each, "key": "name"} for each in names]
        alert = Alert.model_validate(
            {
                "detector": "d",
                "rule_id": "r",
                "alert_key": key,
                "finding_id": finding,
                "status": status,
                "attributes": attributes,
            }
        )
        self.events.append(Event(f"e{number}", self.now, str(number), alert))
        self.undelivered.append(self.events[-1])

    def deliver(self, which: Sequence[int]) -> None:
        """Deliver some alerts that are on the stream, again or for the first time, to a new receptor."""
        on_stream = self.events[self.oldest_on_stream :]
        if on_stream:
            self._receive(
                tuple({number % len(on_stream): on_stream[number % len(on_stream)] for number in which}.values())
            )

    def _receive(self, batch: tuple[Event, ...]) -> None:
        self.undelivered = [event for event in self.undelivered if event not in batch]
        self._start("receptor", partial(self.installation.receive, *batch), partial(self._received, batch))

    def _received(self, batch: tuple[Event, ...], receptor: Invocation) -> None:
        if receptor.error or receptor.presumed_dead:
            self.returned.append(batch)

    def overtake(self) -> None:
        """Have another alert arrive and store it at once."""
        if self.has_room:
            self.arrive(len(self.events) % (len(VALUES) - 1))
            self.deliver([-1])
            self._resume(self.live[-1], TO_THE_END)

    # Who acts

    def go(self, which: int, how: How, fate: Fate | None) -> None:
        """Let a running actor continue, and then apply its fate."""
        if not self.live:
            return
        self._befall(self.live[which % len(self.live)], how, fate)

    def go_back(self, how: How) -> None:
        """Let the actor that was suspended last continue."""
        if self.suspended and not self.suspended.done:
            self._go_on(self.suspended, how)

    def _befall(self, actor: Invocation, how: How, fate: Fate | None) -> None:
        self._go_on(actor, how)
        self.suspended = actor
        if actor.done or fate is None:
            return
        self.witness.strikes(actor)
        match fate:
            case "killed" | "redriven" | "buried":
                self._abort(actor, fate)
            case "exhausted":
                self._exhaust(actor)
            case "presumed dead":
                self._presume_dead(actor)
            case _:
                self._resume(actor, 1, fate)

    def _presume_dead(self, actor: Invocation) -> None:
        if not actor.presumed_dead:
            actor.presumed_dead = True
            actor.ended(actor)
            self._look_for_executions()

    def rush(self, until: str | None, hold: bool) -> None:
        """Let all actors but those presumed dead end undisturbed, until one is about to begin such a step.

        Parameters
        ----------
        hold
            Whether actors that have begun stay suspended where they are.
        """
        held = {actor for actor in self.live if actor.presumed_dead or (hold and actor.begun)}
        for _ in range(MANY):
            going = [actor for actor in self.live if actor not in held]
            if not going or any(not actor.begun and actor.is_step(until) for actor in going):
                return
            self._resume(going[0], TO_THE_END)
        raise ViolationError("it never ends")

    def exhaust(self, which: int) -> None:
        """Have a Task's process die at its last try."""
        tasks = [actor for actor in self.live if actor.run and not actor.presumed_dead]
        if tasks:
            self._exhaust(tasks[which % len(tasks)])

    def kill(self, which: int) -> None:
        """Abort an execution; the calls of its Tasks continue."""
        running = [run for run in self.runs if run.status == "RUNNING" and not run.as_it_stands]
        if running:
            self._kill(running[which % len(running)])

    def bury(self, which: int) -> None:
        """Abort an execution, and begin the next round by a sweep."""
        self.kill(which)
        self._sweep_at_once()

    def redrive(self, which: int) -> None:
        """Redrive an execution that failed, however long ago."""
        failed = [run for run in self.runs if run.status == "FAILED"]
        if failed:
            self._redrive(failed[which % len(failed)])

    def redrive_long_after(self) -> None:
        """Redrive all running and failed executions after their reports have expired; no actor is left."""
        if self.undelivered or self.returned or any(actor.run is None for actor in self.live):
            return
        for run in self.runs:
            if run.status == "RUNNING":
                self._kill(run)
        while self.live:
            self._resume(self.live[0], 1, "crash")
        self.wait(FAR_MS)
        self.oldest_on_stream = len(self.events)
        for _ in [run for run in self.runs if run.status == "FAILED"]:
            self.redrive(0)

    def sweep(self) -> None:
        """Start a sweep."""
        self._start("sweep", self.installation.sweep, lambda _: None)

    def _kill(self, run: Run) -> None:
        run.fail()
        for actor in self.live:
            if actor.run is run:
                actor.presumed_dead = True
                self.witness.strikes(actor)
        self._look_for_executions()

    def _abort(self, actor: Invocation, then: Literal["killed", "redriven", "buried"]) -> None:
        if actor.run and actor.run.status == "RUNNING" and not actor.run.as_it_stands:
            self._kill(actor.run)
            if then == "redriven":
                self._redrive(actor.run)
            elif then == "buried":
                self._sweep_at_once()

    def _redrive(self, run: Run) -> None:
        run.redrive()
        self.installation.workflow.running.add((run.report_id, run.round))

    def _exhaust(self, actor: Invocation) -> None:
        if actor.run and not actor.presumed_dead:
            actor.run.use_up_tries(actor.position)
            self.witness.strikes(actor)
            self._resume(actor, 1, "crash")

    def _sweep_at_once(self) -> None:
        self.sweep()
        self._resume(self.live[-1], TO_THE_END)

    def _start(
        self,
        name: str,
        work: Callable[[], Any],
        ended: Callable[[Invocation], None],
        run: Run | None = None,
        position: int = 0,
    ) -> None:
        self._count += 1
        skew = (self._count * 7 % 5 - 2) * 400
        self.live.append(Invocation(f"{name} {self._count}", work, ended, skew, run, position))

    def _try(self, run: Run, position: int) -> None:
        step = run.steps[position]
        name = f"{run.report_id[-4:]}-{run.round} {step.name}"
        self._start(name, step.do, self._step_ended, run, position)

    def _go_on(self, actor: Invocation, how: How) -> None:
        if isinstance(how, int):
            self._resume(actor, how)
            return
        if how == "nowhere":
            return
        kind, _, times = how.partition(" ")
        if kind == "plug-in" and not actor.is_step("inspect", "review", "emit"):
            kind = "write"
        for time in range(int(times or 1)):
            self._resume(actor, min(time, 1))
            while not actor.done and actor.next_call != kind:
                self._resume(actor, 1)
            if actor.done:
                return

    def _resume(self, actor: Invocation, calls: int, strike: Strike | None = None) -> None:
        if not actor.begun:
            self.witness.begins(actor)
        self.acting = actor
        actor.advance(calls, strike)
        self.acting = None
        if actor.done:
            self.live.remove(actor)
            if actor.error is not None and not isinstance(actor.error, Crash | DependencyError):
                raise actor.error
            if not actor.presumed_dead:
                actor.ended(actor)
        self._look_for_executions()

    def _step_ended(self, actor: Invocation) -> None:
        assert actor.run
        assert actor.step
        if actor.error or actor.presumed_dead:
            self.now += RETRY_MS.get(actor.step.name, OTHER_RETRY_MS)
            actor.run.failed(actor.position)
            return
        if actor.step.name == "plan":
            actor.run.plan_began = actor.began
            invariants.check_plan(self, actor)
        if actor.step.name == "review":
            invariants.check_review(self, actor)
        actor.run.succeeded(actor.position, actor.result)

    def _look_for_executions(self) -> None:
        """Begin executions that were started, and note those that have ended."""
        workflow = self.installation.workflow
        for report_id, round_, as_it_stands in workflow.started[len(self.runs) :]:
            generator = execute(self.installation.steps, report_id, round_, as_it_stands=as_it_stands)
            self.runs.append(Run(report_id, round_, as_it_stands, generator, self._try))
        for run in self.runs:
            if run.status != "RUNNING":
                workflow.running.discard((run.report_id, run.round))

    # Time, and what changes with it

    def _time(self) -> int:
        """Return the time on the acting actor's clock."""
        self.now += 1
        return self.now + (self.acting.skew if self.acting else 0)

    def wait(self, milliseconds: int) -> None:
        """Let time pass; a runner that is suspended as long as a call may take has no time for its other lookups."""
        self.now += milliseconds
        self.waited += milliseconds
        if milliseconds >= CALL_MS:
            for actor in self.live:
                if actor.begun:
                    self.witness.strikes(actor)

    def much_later(self) -> None:
        """Let all actors end, check the result, and wait until every report has expired but is not yet deleted."""
        self.come_to_rest()
        self.now += FAR_MS
        self.oldest_on_stream = len(self.events)

    def delete_expired(self, which: int) -> None:
        """Have DynamoDB delete a third of the expired items, whichever report they belong to."""
        expired = [key for key, item in sorted(self.table.items.items()) if item["expires_at"] * 1000 <= self.now]
        for key in expired[which % 3 :: 3]:
            del self.table.items[key]

    def limit(self, per_detector: int | None, per_installation: int | None) -> None:
        """Change the limits of new reports from now on."""
        limits = AdmissionLimits(per_detector, per_installation)
        self.limits = [*self.limits, limits] if self.events else [limits]
        self.installation.limit(limits)

    def cap(self, attributes: int, alerts: int) -> None:
        """Have reports hold no more than this from now on."""
        report_caps.MAX_ATTRIBUTES, report_caps.MAX_COUNTED = attributes, alerts

    def plug_in(self, late: bool, severity: str) -> None:
        """Attach or detach the late inspector, and change the reviewer's answer."""
        self.severity = severity
        self.late_attached |= late
        self.installation.attach(late=late)

    def suppress(self, suppressed: bool) -> None:
        """Begin or end a suppression of all reports by the reviewer."""
        self.suppressed = suppressed

    # The end

    def calm(self, late: bool = True) -> None:
        """Let all actors end undisturbed; deliver failed batches until they succeed.

        Parameters
        ----------
        late
            Whether suspended actors continue after those that have not begun, and actors presumed dead come last.
            Otherwise the order is reversed.
        """

        def turn(actor: Invocation) -> tuple[bool, bool]:
            return actor.presumed_dead is late, actor.begun is late

        for _ in range(MANY):
            if self.live:
                self._resume(min(self.live, key=turn), TO_THE_END)
            elif self.returned:
                self._receive(self.returned.pop(0))
            else:
                return
        raise ViolationError("it never ends")

    def come_to_rest(self, late: bool = True) -> None:
        """Deliver everything, let all actors end, sweep until no report is open, and check the result; see `calm`."""
        if self.undelivered:
            self._receive(tuple(self.undelivered))
        self.calm(late)
        invariants.check_nothing_is_left_to_the_sweeper(self)
        for _ in range(10):
            if not invariants.unattended(self):
                break
            self.now += LEASE_MS + 1
            self.sweep()
            self.calm()
        demand(not invariants.unattended(self), "a report is never closed")
        invariants.check_rest(self)

    def end(self) -> None:
        """End all threads, and let reports hold what they usually may."""
        self.cap(*CAPS)
        for actor in self.live:
            self.acting = actor
            actor.end()
        self.live.clear()
