"""Contain and release, once, twice and after changes of others, on moto's EC2, IAM and WAF."""

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws

from alert_responder_plugins.quarantine.actions import Action, PartLocation
from alert_responder_plugins.quarantine.housekeeping import HousekeepingResult
from alert_responder_plugins.quarantine.model import Kind
from tests.fakes.memory import Faults
from tests.fakes.quarantine import ADDRESS, ADDRESS_V6, World, attribute, report

IDS = {f"address/{ADDRESS}", f"address/{ADDRESS_V6}", "principal/role/deploy", "principal/user/mallory"}


@pytest.fixture
def world() -> Iterator[World]:
    with mock_aws():
        yield World(MAX_ACTIONS_PER_HOUR="100")


def ids(world: World) -> set[str]:
    return IDS | {f"instance/{world.instance}", f"access_key/{world.key}"}


def test_everything_is_contained(world: World) -> None:
    entries = world.quarantine().containment.propose(world.everything()).entries

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


def test_release_restores_everything_and_can_be_repeated(world: World) -> None:
    before = world.described()
    world.quarantine().containment.propose(world.everything())
    assert world.described() != before

    assert set(world.release_all().values()) == {"released"}
    assert world.described() == before
    stored = {key: dict(item) for key, item in world.table.items.items()}
    assert set(world.release_all().values()) == {"released"}
    assert world.described() == before
    assert stored == world.table.items


def test_repeated_containment_has_no_effect(world: World) -> None:
    world.quarantine().containment.propose(world.everything())
    described, snapshots = world.described(), world.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    items = {key: dict(item) for key, item in world.table.items.items()}

    again = world.quarantine().containment.propose(world.everything()).entries

    assert {entry.state for entry in again} == {"contained"}
    assert world.described() == described
    assert world.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == snapshots
    assert items == world.table.items


def test_previous_state_is_stored_before_any_change(world: World) -> None:
    class Looking:
        def __init__(self, action: Action) -> None:
            self._action = action
            self.secure, self.resolve, self.look, self.read = (
                action.secure,
                action.resolve,
                action.look,
                action.read,
            )

        def write(self, place: PartLocation, value: Any) -> None:
            kind = next(kind for kind in ("instance",) if place.target.startswith("i-"))
            entry = world.entry(f"{kind}/{place.target}")
            assert entry.state == "acting"
            assert {part.name: part.before for part in entry.parts}[place.part] == self._action.read(place)
            assert entry.evidence
            self._action.write(place, value)

    report_ = report(attribute("instance", world.instance, "subject"))
    world.quarantine(lambda actions: {"instance": Looking(actions["instance"])}).containment.propose(report_)

    assert world.entry(f"instance/{world.instance}").state == "contained"


def test_snapshots_and_description_are_kept(world: World) -> None:
    world.quarantine().containment.propose(report(attribute("instance", world.instance, "subject")))
    entry = world.entry(f"instance/{world.instance}")

    (snapshot,) = world.ec2.describe_snapshots(SnapshotIds=list(entry.evidence))["Snapshots"]
    assert {"Key": "alert-responder:quarantine-entry", "Value": entry.token} in snapshot["Tags"]
    described = world.quarantine().journal.evidence(entry)
    assert described["InstanceId"] == world.instance
    assert described["Tags"] == [{"Key": "Name", "Value": "shop-1"}]


def test_snapshots_can_be_disabled(world: World) -> None:
    before = len(world.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"])
    world.quarantine(SNAPSHOTS="false").containment.propose(report(attribute("instance", world.instance, "subject")))

    assert world.entry(f"instance/{world.instance}").state == "contained"
    assert len(world.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]) == before


def test_changes_of_others_are_left_and_named(world: World) -> None:
    world.quarantine().containment.propose(report(attribute("instance", world.instance, "subject")))
    first, second = world.interfaces
    world.ec2.modify_network_interface_attribute(NetworkInterfaceId=first, Groups=[world.web])

    assert world.release_all() == {f"instance/{world.instance}": "conflict"}
    entry = world.entry(f"instance/{world.instance}")
    assert first in str(entry.refusal)
    assert second not in str(entry.refusal)
    assert world.groups_of(first) == [world.web]
    # The other part was unchanged.
    assert world.groups_of(second) == next(part.before for part in entry.parts if part.name == second)
    assert world.release_all() == {f"instance/{world.instance}": "conflict"}
    assert world.groups_of(first) == [world.web]


def test_forced_release_overwrites_changes_of_others(world: World) -> None:
    before = world.described()
    world.quarantine().containment.propose(report(attribute("instance", world.instance, "subject")))
    world.ec2.modify_network_interface_attribute(NetworkInterfaceId=world.interfaces[0], Groups=[world.web])
    world.release_all()

    assert world.release_all(force=True) == {f"instance/{world.instance}": "released"}
    assert world.described() == before


def test_release_accepts_parts_that_others_restored(world: World) -> None:
    before = world.described()
    world.quarantine().containment.propose(world.everything())
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


@pytest.mark.parametrize("kind", ["access_key", "principal"])
def test_release_does_not_trust_a_read_that_is_older_than_the_containment(world: World, kind: Kind) -> None:
    """Reads of IAM are eventually consistent: right after the containment they may return the state before it."""
    before = world.described()
    world.quarantine().containment.propose(world.everything())

    class Stale:
        def __init__(self, action: Action) -> None:
            self.secure, self.resolve, self.look, self.write = action.secure, action.resolve, action.look, action.write

        def read(self, location: PartLocation) -> Any:
            entries = world.quarantine().journal.all()
            entry = next(stored.entry for stored in entries if stored.entry.target == location.target)
            return next(part.before for part in entry.parts if part.name == location.part)

    quarantine = world.quarantine(lambda actions: {**actions, kind: Stale(actions[kind])})
    for stored in quarantine.journal.all():
        assert quarantine.releaser.release(stored, None).state == "released"
    assert world.described() == before


def test_other_addresses_in_an_ip_set_stay(world: World) -> None:
    world.quarantine().containment.propose(report(attribute("ipaddr", ADDRESS, "remote")))
    request = {"Name": "blocked-IPV4", "Scope": "REGIONAL", "Id": world.ip_sets[0].rpartition("/")[2]}
    found = world.waf.get_ip_set(**request)
    addresses = [*found["IPSet"]["Addresses"], "46.0.0.1/32"]
    world.waf.update_ip_set(**request, Addresses=addresses, LockToken=found["LockToken"])

    assert world.release_all() == {f"address/{ADDRESS}": "released"}
    assert sorted(world.waf.get_ip_set(**request)["IPSet"]["Addresses"]) == ["46.0.0.1/32", "52.0.0.0/24"]


def test_release_ignores_deleted_resources(world: World) -> None:
    world.quarantine().containment.propose(world.everything())
    world.iam.delete_access_key(UserName="mallory", AccessKeyId=world.key)
    world.iam.detach_user_policy(UserName="mallory", PolicyArn=world.policy)
    world.iam.delete_user(UserName="mallory")
    world.ec2.terminate_instances(InstanceIds=[world.instance])

    # Deleted resources do not count as undone.
    assert world.quarantine().housekeeping.run() == HousekeepingResult()
    assert set(world.release_all().values()) == {"released"}


def test_recreated_role_is_reported_as_undone(world: World) -> None:
    world.quarantine().containment.propose(world.everything())
    world.iam.detach_role_policy(RoleName="deploy", PolicyArn=world.policy)
    world.iam.delete_role(RoleName="deploy")
    assert world.quarantine().housekeeping.run() == HousekeepingResult()

    world.iam.create_role(RoleName="deploy", AssumeRolePolicyDocument="{}")
    assert world.quarantine().housekeeping.run().undone == 1


def test_concurrent_calls_act_once(world: World) -> None:
    """Another call proposes the same between any two requests: one continues, and nothing is done twice."""
    wanted = report(attribute("ipaddr", ADDRESS, "remote"))
    before = world.described()

    class Between(Faults):
        busy = False

        def call(self, do: Any) -> Any:
            if not self.busy:
                self.busy = True
                world.quarantine().containment.propose(wanted)
                self.busy = False
            return do()

    world.table.faults = Between()
    world.quarantine().containment.propose(wanted)
    world.table.faults = Faults()

    assert world.states() == {f"address/{ADDRESS}": "contained"}
    times = next(item["times"] for key, item in world.table.items.items() if key.sk == "rate")
    assert len(times) == 1
    world.release_all()
    assert world.described() == before
