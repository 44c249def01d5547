"""Act, act twice, undo, undo twice, undo after somebody else changed it; and a crash anywhere on the way."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from alert_responder_plugins.quarantine.actions import Action, Actions, Place
from alert_responder_plugins.quarantine.model import Sight
from tests.fakes.memory import Crash, Faults, MemoryTable
from tests.fakes.quarantine import ADDRESS, ADDRESS_V6, World, attribute, report

IDS = {f"address/{ADDRESS}", f"address/{ADDRESS_V6}", "principal/role/deploy", "principal/user/mallory"}


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        yield World(MAX_ACTIONS_PER_HOUR="100")


def ids(world: World) -> set[str]:
    return IDS | {f"instance/{world.instance}", f"access_key/{world.key}"}


def test_everything_is_contained(world: World) -> None:
    entries = world.building().containing.propose(world.everything())

    assert {entry.id for entry in entries} == ids(world)
    assert {entry.state for entry in entries} == {"contained"}
    assert [world.groups_of(interface) for interface in world.interfaces] == [[world.isolation]] * 2
    assert world.iam.list_access_keys(UserName="mallory")["AccessKeyMetadata"][0]["Status"] == "Inactive"
    for attached in (
        world.iam.list_attached_user_policies(UserName="mallory"),
        world.iam.list_attached_role_policies(RoleName="deploy"),
    ):
        assert [policy["PolicyArn"] for policy in attached["AttachedPolicies"]] == [world.policy]
    assert f'"{ADDRESS}/32"' in world.described()
    assert f'"{ADDRESS_V6}/128"' in world.described()


def test_undone_to_the_byte_and_undoing_twice_does_nothing(world: World) -> None:
    before = world.described()
    world.building().containing.propose(world.everything())
    assert world.described() != before

    assert set(world.release_all().values()) == {"released"}
    assert world.described() == before
    stored = {key: dict(item) for key, item in world.table.items.items()}
    assert set(world.release_all().values()) == {"released"}
    assert world.described() == before
    assert stored == world.table.items


def test_acting_twice_does_nothing(world: World) -> None:
    world.building().containing.propose(world.everything())
    described, snapshots = world.described(), world.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    items = {key: dict(item) for key, item in world.table.items.items()}

    again = world.building().containing.propose(world.everything())

    assert {entry.state for entry in again} == {"contained"}
    assert world.described() == described
    assert world.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == snapshots
    assert items == world.table.items


def test_what_was_before_is_written_before_anything_is_changed(world: World) -> None:
    class Looking:
        def __init__(self, action: Action) -> None:
            self._action = action
            self.secure, self.resolve, self.look, self.read = (
                action.secure,
                action.resolve,
                action.look,
                action.read,
            )

        def write(self, place: Place, value: Any) -> None:
            kind = next(kind for kind in ("instance",) if place.target.startswith("i-"))
            entry = world.entry(f"{kind}/{place.target}")
            assert entry.state == "acting"
            assert {part.name: part.before for part in entry.parts}[place.part] == self._action.read(place)
            assert entry.evidence
            self._action.write(place, value)

    report_ = report(attribute("instance", world.instance, "subject"))
    world.building(lambda actions: {"instance": Looking(actions["instance"])}).containing.propose(report_)

    assert world.entry(f"instance/{world.instance}").state == "contained"


def test_snapshots_and_description_are_kept(world: World) -> None:
    world.building().containing.propose(report(attribute("instance", world.instance, "subject")))
    entry = world.entry(f"instance/{world.instance}")

    (snapshot,) = world.ec2.describe_snapshots(SnapshotIds=list(entry.evidence))["Snapshots"]
    assert {"Key": "alert-responder:quarantine-entry", "Value": entry.token} in snapshot["Tags"]
    described = world.building().journal.evidence(entry)
    assert described["InstanceId"] == world.instance
    assert described["Tags"] == [{"Key": "Name", "Value": "shop-1"}]


def test_without_snapshots_none_are_made(world: World) -> None:
    before = len(world.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"])
    world.building(SNAPSHOTS="false").containing.propose(report(attribute("instance", world.instance, "subject")))

    assert world.entry(f"instance/{world.instance}").state == "contained"
    assert len(world.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]) == before


def test_what_somebody_else_changed_is_left_and_said(world: World) -> None:
    world.building().containing.propose(report(attribute("instance", world.instance, "subject")))
    first, second = world.interfaces
    world.ec2.modify_network_interface_attribute(NetworkInterfaceId=first, Groups=[world.web])

    assert world.release_all() == {f"instance/{world.instance}": "conflict"}
    entry = world.entry(f"instance/{world.instance}")
    assert first in str(entry.refusal)
    assert second not in str(entry.refusal)
    assert world.groups_of(first) == [world.web]
    # The other was as we left it.
    assert world.groups_of(second) == next(part.before for part in entry.parts if part.name == second)
    assert world.release_all() == {f"instance/{world.instance}": "conflict"}
    assert world.groups_of(first) == [world.web]


def test_by_force_it_becomes_what_it_was(world: World) -> None:
    before = world.described()
    world.building().containing.propose(report(attribute("instance", world.instance, "subject")))
    world.ec2.modify_network_interface_attribute(NetworkInterfaceId=world.interfaces[0], Groups=[world.web])
    world.release_all()

    assert world.release_all(force=True) == {f"instance/{world.instance}": "released"}
    assert world.described() == before


def test_what_somebody_else_has_undone_needs_nothing(world: World) -> None:
    before = world.described()
    world.building().containing.propose(world.everything())
    world.iam.detach_user_policy(UserName="mallory", PolicyArn=world.policy)
    world.iam.update_access_key(UserName="mallory", AccessKeyId=world.key, Status="Active")
    ip_set = world.waf.get_ip_set(Name="blocked-IPV4", Scope="REGIONAL", Id=world.ip_sets[0].rpartition("/")[2])
    world.waf.update_ip_set(
        Name="blocked-IPV4",
        Scope="REGIONAL",
        Id=ip_set["IPSet"]["Id"],
        Description="Ours",
        Addresses=["52.0.0.0/24"],
        LockToken=ip_set["LockToken"],
    )

    assert set(world.release_all().values()) == {"released"}
    assert world.described() == before


def test_what_others_put_into_an_ip_set_stays(world: World) -> None:
    world.building().containing.propose(report(attribute("ipaddr", ADDRESS, "remote")))
    request = {"Name": "blocked-IPV4", "Scope": "REGIONAL", "Id": world.ip_sets[0].rpartition("/")[2]}
    found = world.waf.get_ip_set(**request)
    addresses = [*found["IPSet"]["Addresses"], "46.0.0.1/32"]
    world.waf.update_ip_set(**request, Addresses=addresses, LockToken=found["LockToken"])

    assert world.release_all() == {f"address/{ADDRESS}": "released"}
    assert sorted(world.waf.get_ip_set(**request)["IPSet"]["Addresses"]) == ["46.0.0.1/32", "52.0.0.0/24"]


def test_what_is_gone_needs_nothing(world: World) -> None:
    world.building().containing.propose(world.everything())
    world.iam.delete_access_key(UserName="mallory", AccessKeyId=world.key)
    world.iam.detach_user_policy(UserName="mallory", PolicyArn=world.policy)
    world.iam.delete_user(UserName="mallory")
    world.ec2.terminate_instances(InstanceIds=[world.instance])

    assert set(world.release_all().values()) == {"released"}


class Striking:
    """An action of which every call counts, and may be the process's last: before it, or after it was done."""

    def __init__(self, action: Action, faults: Faults) -> None:
        self._action, self._faults = action, faults

    def resolve(self, target: str, /) -> str:
        return str(self._faults.call(lambda: self._action.resolve(target)))

    def look(self, target: str) -> Sight:
        sight: Sight = self._faults.call(lambda: self._action.look(target))
        return sight

    def secure(self, target: str, token: str, /) -> tuple[str, ...]:
        made: tuple[str, ...] = self._faults.call(lambda: self._action.secure(target, token))
        return made

    def read(self, place: Place) -> Any:
        return self._faults.call(lambda: self._action.read(place))

    def write(self, place: Place, value: Any) -> None:
        self._faults.call(lambda: self._action.write(place, value))


class Dying(Faults):
    """The process dies before or right after one call, of whatever kind."""

    def __init__(self, number: int, *, after: bool) -> None:
        super().__init__()
        self._number, self._after = number, after
        self.struck = False

    def call(self, do: Any) -> Any:
        self.calls += 1
        if self.calls == self._number and not self._after:
            self.struck = True
            raise Crash
        result = do()
        if self.calls == self._number:
            self.struck = True
            raise Crash
        return result


def striking(faults: Faults) -> Any:
    def wrap(actions: Actions) -> Actions:
        return {kind: Striking(action, faults) for kind, action in actions.items()}

    return wrap


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_anywhere_is_resumed_and_undone_to_the_byte(world: World, after: bool) -> None:
    before = world.described()
    wanted = report(attribute("instance", world.instance, "subject"), attribute("ipaddr", ADDRESS, "remote"))
    number, struck = 0, True
    while struck:
        number += 1
        faults = Dying(number, after=after)
        world.table = MemoryTable(faults)
        try:
            world.building(striking(faults)).containing.propose(wanted)
        except Crash:
            world.clock.hours(0.1)
        world.table.faults = Faults()
        struck = faults.struck
        # Either the delivery is tried again, or the schedule alone goes on.
        if number % 2:
            world.building().containing.propose(wanted)
        world.building().tending.tend()
        states = world.states()
        assert set(states.values()) <= {"contained"}, number
        assert number % 2 == 0 or len(states) == 2
        for id_ in states:
            made = {"Name": "tag:alert-responder:quarantine-entry", "Values": [world.entry(id_).token]}
            assert len(world.ec2.describe_snapshots(Filters=[made])["Snapshots"]) == id_.startswith("instance")
        assert set(world.release_all().values()) <= {"released"}
        assert world.described() == before, number
    assert number > 20


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_while_undoing_is_resumed(world: World, after: bool) -> None:
    before = world.described()
    number, struck = 0, True
    while struck:
        number += 1
        world.table = MemoryTable()
        world.building().containing.propose(report(attribute("instance", world.instance, "subject")))
        faults = Dying(number, after=after)
        world.table.faults = faults
        building = world.building(striking(faults))
        try:
            held = building.journal.get(f"instance/{world.instance}")
            assert held
            building.releasing.release(held, None)
        except Crash:
            pass
        world.table.faults = Faults()
        struck = faults.struck
        if world.states() == {f"instance/{world.instance}": "contained"}:
            world.release_all()
        world.clock.hours(0.1)
        world.building().tending.tend()
        assert world.states() == {f"instance/{world.instance}": "released"}
        assert world.described() == before
    assert number > 6


def test_two_at_once_act_once(world: World) -> None:
    """Somebody else proposes the same between any two calls of ours: one goes on, and nothing is done twice."""
    wanted = report(attribute("ipaddr", ADDRESS, "remote"))
    before = world.described()

    class Between(Faults):
        busy = False

        def call(self, do: Any) -> Any:
            if not self.busy:
                self.busy = True
                world.building().containing.propose(wanted)
                self.busy = False
            return do()

    world.table.faults = Between()
    world.building().containing.propose(wanted)
    world.table.faults = Faults()

    assert world.states() == {f"address/{ADDRESS}": "contained"}
    times = next(item["times"] for key, item in world.table.items.items() if key.sk == "rate")
    assert len(times) == 1
    world.release_all()
    assert world.described() == before
