"""The schedule detects containments that others undid, and repeats them only with `reapply`."""

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from alert_responder_plugins.quarantine.housekeeping import HousekeepingResult
from tests.fakes.quarantine import ACCOUNT, ADDRESS, World, attribute, report

REAPPLY: dict[str, Any] = {"REAPPLY": "true"}


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    with mock_aws():
        yield World(MAX_ACTIONS_PER_HOUR="20")


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    """A world with a contained target of each kind, restored at the end."""
    before = shared.described()
    shared.table.items.clear()
    shared.quarantine().containment.propose(shared.everything())
    assert set(shared.states().values()) == {"contained"}
    yield shared
    shared.release_all(force=True)
    assert shared.described() == before


def run(world: World, **changed: Any) -> HousekeepingResult:
    world.clock.hours(1 / 12)
    return world.quarantine(**changed).housekeeping.run()


def undo(world: World) -> set[str]:
    """Undo a containment of each kind, as an administrator could; return the entries' ids."""
    world.iam.detach_role_policy(RoleName="deploy", PolicyArn=world.policy)
    world.iam.update_access_key(UserName="mallory", AccessKeyId=world.key, Status="Active")
    world.ec2.modify_network_interface_attribute(NetworkInterfaceId=world.interfaces[1], Groups=[world.web])
    request = {"Name": "blocked-IPV4", "Scope": "REGIONAL", "Id": world.ip_sets[0].rpartition("/")[2]}
    found = world.waf.get_ip_set(**request)
    kept = [each for each in found["IPSet"]["Addresses"] if each != f"{ADDRESS}/32"]
    world.waf.update_ip_set(**request, Description="Ours", Addresses=kept, LockToken=found["LockToken"])
    return {"principal/role/deploy", f"access_key/{world.key}", f"instance/{world.instance}", f"address/{ADDRESS}"}


def in_state(world: World, state: str) -> set[str]:
    return {id_ for id_, each in world.states().items() if each == state}


def test_containments_in_force_are_unchanged(world: World) -> None:
    items = {key: dict(item) for key, item in world.table.items.items()}
    assert run(world) == HousekeepingResult()
    assert items == world.table.items


def test_undone_containment_is_recorded_once_and_counted_until_it_is_resolved(world: World) -> None:
    ids = undo(world)
    described = world.described()

    result = run(world)
    assert result.undone == 4
    assert in_state(world, "undone") == {entry.id for entry in result.entries} == ids
    assert world.interfaces[1] in str(world.entry(f"instance/{world.instance}").refusal)
    # The change is left in place.
    assert world.described() == described
    items = {key: dict(item) for key, item in world.table.items.items()}
    assert run(world).undone == 4
    assert items == world.table.items

    world.release_all(force=True)
    assert run(world).undone == 0


def test_later_report_does_not_repeat_an_undone_containment(world: World) -> None:
    ids = undo(world)
    run(world)
    described = world.described()
    world.quarantine().containment.propose(world.everything())
    assert in_state(world, "undone") == ids
    assert world.described() == described


def test_undone_containment_is_repeated_with_reapply(world: World) -> None:
    contained = world.described()
    ids = undo(world)

    assert run(world, **REAPPLY).undone == 4
    assert world.described() == contained
    assert set(world.states().values()) == {"contained"}
    assert {id_ for id_ in world.states() if world.entry(id_).reapplied} == ids
    assert run(world, **REAPPLY).undone == 0


def test_repeated_containment_counts_toward_the_rate_and_obeys_stop(world: World) -> None:
    undo(world)
    result = run(world, **REAPPLY, MAX_ACTIONS_PER_HOUR="7")
    assert result.undone == 4
    # Six actions began before.
    assert len(in_state(world, "undone")) == 3
    assert "which is the maximum" in "".join(str(entry.refusal) for entry in result.entries)

    world.quarantine().journal.switch(stopped=True)
    assert run(world, **REAPPLY).undone == 3
    assert len(in_state(world, "undone")) == 3
    world.quarantine().journal.switch(stopped=False)
    assert run(world, **REAPPLY).undone == 3
    assert in_state(world, "undone") == set()


def test_protected_target_is_not_contained_again(world: World) -> None:
    world.iam.detach_role_policy(RoleName="deploy", PolicyArn=world.policy)
    run(world, **REAPPLY, PROTECTED_ARNS=f'["arn:aws:iam::{ACCOUNT}:role/deploy"]')
    entry = world.entry("principal/role/deploy")
    assert (entry.state, str(entry.refusal).endswith("Its ARN is in protected_arns.")) == ("undone", True)


def test_interface_attached_later_is_detected_and_restored_by_a_release(world: World) -> None:
    subnet = world.ec2.describe_instances(InstanceIds=[world.instance])["Reservations"][0]["Instances"][0]["SubnetId"]
    made = world.ec2.create_network_interface(SubnetId=subnet, Groups=[world.web])["NetworkInterface"]
    name = made["NetworkInterfaceId"]
    attached = world.ec2.attach_network_interface(NetworkInterfaceId=name, InstanceId=world.instance, DeviceIndex=2)
    try:
        assert run(world).undone == 1
        assert name in str(world.entry(f"instance/{world.instance}").refusal)
        assert run(world, **REAPPLY).undone == 1
        assert world.groups_of(name) == [world.isolation]
        assert world.release_all()[f"instance/{world.instance}"] == "released"
        assert world.groups_of(name) == [world.web]
    finally:
        world.ec2.detach_network_interface(AttachmentId=attached["AttachmentId"], Force=True)
        world.ec2.delete_network_interface(NetworkInterfaceId=name)


def test_opened_isolation_group_is_detected(world: World) -> None:
    everywhere = [{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    world.ec2.authorize_security_group_egress(GroupId=world.isolation, IpPermissions=everywhere)
    try:
        assert run(world, **REAPPLY).undone == 1
        assert "allows traffic" in str(world.entry(f"instance/{world.instance}").refusal)
    finally:
        world.ec2.revoke_security_group_egress(GroupId=world.isolation, IpPermissions=everywhere)
    # The containment is in force again.
    assert run(world).undone == 0
    assert set(world.states().values()) == {"contained"}


def test_targets_that_cannot_be_read_are_counted(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: object) -> None:
        raise ClientError({"Error": {"Code": "Throttling"}}, "DescribeInstances")

    with monkeypatch.context() as patch:
        patch.setattr(world.ec2, "describe_instances", refused)
        result = run(world)
    assert (result.unseen, result.undone) == (1, 0)


def test_calls_with_too_little_time_check_all_targets_together(world: World) -> None:
    undo(world)
    noticed: set[str] = set()
    for _ in range(12):
        # Six entries are read, then two are checked.
        left = iter([True] * 8)
        world.clock.hours(1 / 12)
        quarantine = world.quarantine(time_left=lambda left=left: next(left, False))  # type: ignore[misc]
        result = quarantine.housekeeping.run()
        assert result.unseen == 4
        noticed |= {entry.id for entry in result.entries}
    assert len(noticed) == 4


def test_undone_containment_is_released_after_its_time(world: World) -> None:
    world.release_all()
    hours: dict[str, Any] = {"RELEASE_AFTER_HOURS": "1"}
    told = report(attribute("accesskey", world.key, "subject"), id_="01KG9Z9Q7R2D4B6C8E0FGHJKMP")
    world.quarantine(**hours).containment.propose(told)
    world.iam.update_access_key(UserName="mallory", AccessKeyId=world.key, Status="Active")
    run(world, **hours)
    assert in_state(world, "undone") == {f"access_key/{world.key}"}
    world.clock.hours(1)
    run(world, **hours)
    assert in_state(world, "undone") == set()
