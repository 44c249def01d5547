"""The process ends before or after any call of the table or AWS: the work is resumed, and can be released."""

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from moto import mock_aws

from alert_responder.contracts.report import AlertOrigin, Report, ReportedAttribute
from alert_responder.domain.directory import Directory
from alert_responder.errors import DependencyError
from alert_responder_plugins.quarantine.actions import Action, Actions, PartLocation
from alert_responder_plugins.quarantine.members import Members
from alert_responder_plugins.quarantine.model import Location, Part, TargetState
from alert_responder_plugins.quarantine.wiring import Quarantine
from tests.fakes.memory import Crash, Faults, MemoryTable
from tests.fakes.quarantine import ADDRESS, OWN_ARN, Clock, World, alert, attribute, report, settings

INSTANCE, MEMBER = "i-0123456789abcdef0", "444455556666"
ISOLATED = f"{MEMBER}/us-east-1/instance/{INSTANCE}"


class Things:
    """An action on targets in memory, each with two parts."""

    def __init__(self) -> None:
        self.parts: dict[str, Any] = {"first": ["a", "b"], "second": ["b"]}
        self.secured: list[str] = []

    def resolve(self, target: str, /) -> str:
        return target

    def look(self, target: str) -> TargetState:
        parts = tuple(Part(name=name, before=value, after=["z"]) for name, value in self.parts.items())
        return TargetState(
            parts=tuple(part for part in parts if part.before != part.after), evidence={"target": target}
        )

    def secure(self, target: str, token: str, /) -> tuple[str, ...]:
        if token not in self.secured:
            self.secured.append(token)
        return (f"evidence-{token}",)

    def read(self, place: PartLocation) -> Any:
        return self.parts[place.part]

    def write(self, place: PartLocation, value: Any) -> None:
        self.parts[place.part] = value


class Striking:
    """An action whose calls are counted, and may end the process."""

    def __init__(self, action: Action, faults: Faults) -> None:
        self._action, self._faults = action, faults

    def resolve(self, target: str, /) -> str:
        return str(self._faults.call(lambda: self._action.resolve(target)))

    def look(self, target: str) -> TargetState:
        current: TargetState = self._faults.call(lambda: self._action.look(target))
        return current

    def secure(self, target: str, token: str, /) -> tuple[str, ...]:
        made: tuple[str, ...] = self._faults.call(lambda: self._action.secure(target, token))
        return made

    def read(self, place: PartLocation) -> Any:
        return self._faults.call(lambda: self._action.read(place))

    def write(self, place: PartLocation, value: Any) -> None:
        self._faults.call(lambda: self._action.write(place, value))


class Dying(Faults):
    """Ends the process before or after one call."""

    def __init__(self, number: int, *, after: bool) -> None:
        super().__init__()
        self._number, self._after = number, after
        self.struck = False

    def call(self, do: Callable[[], Any]) -> Any:
        self.calls += 1
        if self.calls == self._number and not self._after:
            self.struck = True
            raise Crash
        result = do()
        if self.calls == self._number:
            self.struck = True
            raise Crash
        return result


class InMember(Members):
    """A member account whose instances are in memory."""

    def __init__(self, action: Action, faults: Faults) -> None:
        self._in_memory, self._faults = action, faults

    def directory(self) -> Directory | None:
        return None

    def account_refusal(self, account: str) -> str | None:
        return None if account == MEMBER else "Another account."

    def role_refusal(self, location: Location) -> str | None:
        return self._faults.call(lambda: None)  # type: ignore[no-any-return]

    def action(self, location: Location) -> Action:
        return self._in_memory


class Memory:
    """A quarantine whose targets are in memory: an address, and an instance in a member account."""

    def __init__(self) -> None:
        self.table, self.clock, self.things = MemoryTable(), Clock(), {"instance": Things(), "address": Things()}
        self.report = self.reported(attribute("instance", INSTANCE, "subject"), attribute("ipaddr", ADDRESS, "remote"))

    def reported(self, *attributes: ReportedAttribute) -> Report:
        origin = AlertOrigin(account=MEMBER, region="us-east-1", verified=True)
        return report(*attributes, alerts=[alert(*attributes).model_copy(update={"origin": origin})])

    def quarantine(self, faults: Faults | None = None, **changed: str) -> Quarantine:
        actions: Actions = {"instance": self.things["instance"], "address": self.things["address"]}
        if faults:
            actions = striking(faults)(actions)
        members = InMember(actions["instance"], faults or Faults())
        read = settings(MEMBERS='{"name": "alert-responder", "external_id": "secops-1"}', **changed)
        return Quarantine(read, self.table, actions, lambda: OWN_ARN, self.clock, members=members)

    def parts(self) -> list[Any]:
        return [things.parts for things in self.things.values()]

    def states(self) -> dict[str, str]:
        return {stored.entry.id: stored.entry.state for stored in self.quarantine().journal.all()}

    def release_all(self) -> None:
        quarantine = self.quarantine()
        for stored in quarantine.journal.all():
            quarantine.releaser.release(stored, None)

    def dying(self, number: int, do: Callable[[Quarantine], object], *, after: bool) -> bool:
        """Do something that ends at a call, and advance the clock; return whether the call was reached."""
        faults = Dying(number, after=after)
        self.table.faults = faults
        with contextlib.suppress(Crash):
            do(self.quarantine(faults))
        self.table.faults = Faults()
        self.clock.hours(0.1)
        return faults.struck


def striking(faults: Faults) -> Callable[[Actions], Actions]:
    return lambda actions: {kind: Striking(action, faults) for kind, action in actions.items()}


def propose(proposed: Report) -> Callable[[Quarantine], object]:
    return lambda quarantine: quarantine.containment.propose(proposed)


def undo(quarantine: Quarantine) -> None:
    for stored in quarantine.journal.all():
        quarantine.releaser.release(stored, None)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("notified_again", [False, True], ids=["schedule alone", "notified again"])
def test_containment_is_resumed_after_every_crash(after: bool, notified_again: bool) -> None:
    number, struck = 0, True
    while struck:
        number += 1
        memory = Memory()
        before = repr(memory.parts())
        struck = memory.dying(number, propose(memory.report), after=after)
        if notified_again:
            memory.quarantine().containment.propose(memory.report)
        memory.quarantine().housekeeping.run()

        states = memory.states()
        assert set(states.values()) <= {"contained"}, number
        if notified_again:
            assert len(states) == 2
        # Evidence was created once for each target, and each action was counted once.
        assert len(memory.things["instance"].secured) == (ISOLATED in states)
        counted: list[int] = next((item["times"] for key, item in memory.table.items.items() if key.sk == "rate"), [])
        assert len(counted) == len(states)
        memory.release_all()
        assert set(memory.states().values()) <= {"released"}
        assert repr(memory.parts()) == before
    assert number > 25


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_release_is_resumed_after_every_crash(after: bool) -> None:
    number, struck = 0, True
    while struck:
        number += 1
        memory = Memory()
        before = repr(memory.parts())
        memory.quarantine().containment.propose(memory.report)
        struck = memory.dying(number, undo, after=after)
        memory.quarantine().housekeeping.run()
        memory.release_all()
        assert set(memory.states().values()) == {"released"}
        assert repr(memory.parts()) == before
    assert number > 12


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_interrupted_containment_can_be_released(after: bool) -> None:
    number, struck = 0, True
    while struck:
        number += 1
        memory = Memory()
        before = repr(memory.parts())
        struck = memory.dying(number, propose(memory.report), after=after)
        memory.release_all()
        assert set(memory.states().values()) <= {"released", "refused"}
        assert repr(memory.parts()) == before


@pytest.mark.parametrize("number", range(1, 30))
def test_lost_response_has_no_effect(number: int) -> None:
    memory = Memory()
    memory.table.faults = Faults(lose_after=number)
    try:
        memory.quarantine().containment.propose(memory.report)
    except DependencyError:
        memory.clock.hours(0.1)
    memory.table.faults = Faults()
    memory.quarantine().containment.propose(memory.report)
    memory.quarantine().housekeeping.run()

    assert set(memory.states().values()) == {"contained"}
    assert len(memory.things["instance"].secured) == 1


def test_containment_fails_after_three_attempts_and_can_be_released() -> None:
    class Broken(Things):
        def write(self, place: PartLocation, value: Any) -> None:
            if place.part == "second" and value == ["z"]:
                raise Crash
            super().write(place, value)

    memory = Memory()
    memory.things["instance"] = Broken()
    one = memory.reported(attribute("instance", INSTANCE, "subject"))
    with pytest.raises(Crash):
        memory.quarantine().containment.propose(one)
    for _ in range(2):
        memory.clock.hours(0.1)
        with pytest.raises(Crash):
            memory.quarantine().housekeeping.run()
    memory.clock.hours(0.1)
    memory.quarantine().housekeeping.run()

    assert memory.states() == {ISOLATED: "failed"}
    assert memory.things["instance"].parts["first"] == ["z"]
    memory.release_all()
    assert memory.things["instance"].parts == {"first": ["a", "b"], "second": ["b"]}


def test_entry_is_not_processed_while_another_call_owns_it() -> None:
    memory = Memory()
    faults = Dying(9, after=True)
    memory.table.faults = faults
    with pytest.raises(Crash):
        memory.quarantine(faults).containment.propose(memory.report)
    memory.table.faults = Faults()
    states = memory.states()
    assert "acting" in states.values()

    memory.clock.hours(0.02)
    memory.quarantine().housekeeping.run()
    assert memory.states() == states
    memory.clock.hours(0.02)
    memory.quarantine().housekeeping.run()
    assert set(memory.states().values()) == {"contained"}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_instance_is_isolated_after_every_failed_call_of_aws(after: bool) -> None:
    with mock_aws():
        world = World(MAX_ACTIONS_PER_HOUR="100")
        before = world.described()
        one = report(attribute("instance", world.instance, "subject"))
        number, struck = 0, True
        while struck:
            number += 1
            world.table = MemoryTable()
            faults = Dying(number, after=after)
            quarantine = world.quarantine(striking(faults))
            try:
                quarantine.containment.propose(one)
            except Crash:
                world.clock.hours(0.1)
            struck = faults.struck
            world.quarantine().containment.propose(one)
            world.quarantine().housekeeping.run()
            entry = world.entry(f"instance/{world.instance}")
            assert entry.state == "contained"
            made = {"Name": "tag:alert-responder:quarantine-entry", "Values": [entry.token]}
            assert len(world.ec2.describe_snapshots(Filters=[made])["Snapshots"]) == 1
            assert world.release_all() == {entry.id: "released"}
        assert world.described() == before
        assert number > 7
