"""From a report to entries: dry run, refusals, rate, switch, later rounds, and release by time."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from alert_responder_plugins.quarantine.actions import ActionFailedError
from tests.fakes.quarantine import ACCOUNT, ADDRESS, OWN_ARN, World, attribute, report


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """A world that the tests leave as it was."""
    with mock_aws():
        yield World()


@pytest.fixture
def world(shared: World) -> Iterator[World]:
    before = shared.described()
    shared.table.items.clear()
    yield shared
    shared.release_all()
    assert shared.described() == before


def instance(world: World, **options: Any) -> Any:
    return report(attribute("instance", world.instance, "subject"), **options)


def test_a_dry_run_says_what_it_would_do_and_does_nothing(world: World) -> None:
    before, snapshots = world.described(), world.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]
    world.quarantine(DRY_RUN="true").containment.propose(world.everything())
    world.quarantine(DRY_RUN="true").housekeeping.run()

    assert set(world.states().values()) == {"planned"}
    assert len(world.states()) == 6
    parts = world.entry(f"instance/{world.instance}").parts
    assert sorted(part.name for part in parts) == world.interfaces
    assert {tuple(part.after) for part in parts} == {(world.isolation,)}
    assert world.described() == before
    assert world.ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"] == snapshots
    # Armed later on, the next round does it.
    world.quarantine().containment.propose(instance(world))
    assert world.entry(f"instance/{world.instance}").state == "contained"


def test_above_the_rate_nothing_begins(world: World) -> None:
    before = world.described()
    entries = world.quarantine(MAX_ACTIONS_PER_HOUR="2").containment.propose(world.everything()).entries
    assert [entry.state for entry in entries].count("contained") == 2
    assert {entry.refusal for entry in entries if entry.state == "refused"} == {
        "2 actions have begun within an hour, and no more may."
    }

    world.clock.hours(1.1)
    entries = world.quarantine(MAX_ACTIONS_PER_HOUR="2").containment.propose(world.everything()).entries
    assert [entry.state for entry in entries].count("contained") == 4
    world.release_all()
    assert world.described() == before


def test_while_it_is_stopped_nothing_begins_and_releasing_goes_on(world: World) -> None:
    before = world.described()
    world.quarantine().containment.propose(report(attribute("ipaddr", ADDRESS, "remote")))
    world.quarantine().journal.switch(stopped=True)

    (entry,) = world.quarantine().containment.propose(instance(world)).entries
    assert (entry.state, entry.refusal) == ("refused", "It was stopped by hand.")
    world.release_all()
    assert world.described() == before

    world.quarantine().journal.switch(stopped=False)
    (entry,) = world.quarantine().containment.propose(instance(world)).entries
    assert entry.state == "contained"


def test_our_own_doings_are_never_acted_on(world: World) -> None:
    told = report(
        attribute("instance", world.instance, "subject"),
        attribute("arn", OWN_ARN, "subject"),
        attribute("accesskey", "ASIAIOSFODNN7EXAMPLE", "subject"),
    )
    entries = world.quarantine().containment.propose(told).entries

    assert {entry.state for entry in entries} == {"refused"}
    assert {entry.refusal for entry in entries} == {"It is about an action of this quarantine."}


def test_without_knowing_our_own_role_nothing_is_done(world: World) -> None:
    def unknown() -> str:
        raise ActionFailedError("get_caller_identity: EndpointConnectionError")

    entries = world.quarantine(own_arn=unknown).containment.propose(world.everything()).entries
    assert {entry.refusal for entry in entries} == {"The role this runs with is not known."}


def test_what_cannot_be_looked_at_is_refused(world: World) -> None:
    sets = world.environment["IP_SETS"].replace(world.ip_sets[0].rpartition("/")[2], "0")
    entries = world.quarantine(IP_SETS=sets).containment.propose(report(attribute("ipaddr", ADDRESS, "remote"))).entries
    assert [entry.refusal for entry in entries] == [
        "It could not be looked at. get_ip_set: WAFNonexistentItemException"
    ]


def test_what_was_released_is_not_contained_again_for_the_same_report(world: World) -> None:
    world.quarantine().containment.propose(instance(world))
    world.release_all()

    (entry,) = world.quarantine().containment.propose(instance(world)).entries
    assert entry.state == "released"
    (entry,) = world.quarantine().containment.propose(instance(world, id_="01KG9Z9Q7R2D4B6C8E0FGHJKMP")).entries
    assert entry.state == "contained"
    # The earlier one is kept.
    assert sum(key.sk.startswith(f"past/instance/{world.instance}/") for key in world.table.items) == 1


def test_it_is_released_when_its_time_is_over(world: World) -> None:
    before = world.described()
    world.quarantine(RELEASE_AFTER_HOURS="24").containment.propose(instance(world))
    world.clock.hours(23.9)
    world.quarantine().housekeeping.run()
    assert world.states() == {f"instance/{world.instance}": "contained"}

    world.clock.hours(0.2)
    world.quarantine().housekeeping.run()
    entry = world.entry(f"instance/{world.instance}")
    assert (entry.state, entry.released_by) == ("released", "schedule")
    assert world.described() == before


def test_without_a_time_it_is_never_released_by_itself(world: World) -> None:
    world.quarantine().containment.propose(instance(world))
    world.clock.hours(24 * 365)
    world.quarantine().housekeeping.run()
    assert world.states() == {f"instance/{world.instance}": "contained"}


def test_what_there_was_no_time_for_is_done_by_the_schedule(world: World) -> None:
    proposed = world.quarantine(time_left=lambda: False).containment.propose(instance(world))
    assert (proposed.later, world.states()) == (1, {})

    world.quarantine().housekeeping.run()
    assert world.states() == {f"instance/{world.instance}": "contained"}


def test_a_report_that_is_no_longer_so_bad_takes_back_what_waits_and_nothing_else(world: World) -> None:
    world.quarantine().containment.propose(report(attribute("ipaddr", ADDRESS, "remote")))
    world.quarantine(APPROVAL="true", APPROVERS='["*"]').containment.propose(instance(world))
    world.quarantine().containment.propose(report(severity="safe"))

    assert world.states() == {f"address/{ADDRESS}": "contained", f"instance/{world.instance}": "refused"}


@pytest.mark.parametrize(
    ("kind", "value", "refusal"),
    [
        ("instance", "i-00000000", "no such instance"),
        ("accesskey", "AKIAIOSFODNN7EXAMPLE", "no such key"),
        ("accesskey", "ASIAIOSFODNN7EXAMPLE", "temporary key"),
        ("arn", f"arn:aws:iam::{ACCOUNT}:role/other/deploy", "no such user or role"),
        ("arn", f"arn:aws:iam::{ACCOUNT}:user/nobody", "no such user or role"),
        ("ipaddr", "52.0.0.7", "nothing to change"),
        ("ipaddr", "10.0.0.1", "public internet"),
    ],
)
def test_what_is_not_there_or_not_to_be_done_is_refused(world: World, kind: str, value: str, refusal: str) -> None:
    (entry,) = world.quarantine().containment.propose(report(attribute(kind, value, "subject", "remote"))).entries
    assert entry.state == "refused"
    assert refusal in str(entry.refusal)


def test_an_isolation_group_that_is_open_or_of_another_vpc_isolates_nothing(world: World) -> None:
    for group, refusal in ((world.web, "everywhere"), (world.foreign, "not one of its VPC")):
        groups = f'{{"{world.vpc}": "{group}"}}'
        (entry,) = world.quarantine(ISOLATION_GROUPS=groups).containment.propose(instance(world)).entries
        assert refusal in str(entry.refusal)
    (entry,) = world.quarantine(ISOLATION_GROUPS='{"vpc-0": "sg-0"}').containment.propose(instance(world)).entries
    assert "No isolation group" in str(entry.refusal)


def test_exact_arns_protect_and_are_read_from_aws(world: World) -> None:
    arns = [
        f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{world.instance}",
        f"arn:aws:iam::{ACCOUNT}:user/mallory",
        f"arn:aws:iam::{ACCOUNT}:role/deploy",
    ]
    entries = world.quarantine(PROTECTED_ARNS=json.dumps(arns)).containment.propose(world.everything()).entries

    # The user's key is protected with the user; addresses have no ARN.
    assert {entry.kind for entry in entries if entry.refusal == "Its ARN is protected."} == {
        "access_key",
        "instance",
        "principal",
    }
    assert {entry.kind for entry in entries if entry.state == "contained"} == {"address"}


def test_names_and_tags_protect_nobody(world: World) -> None:
    tags = [{"Key": key, "Value": "*"} for key in ("alert-responder:protected", "protected")]
    world.ec2.create_tags(Resources=[world.instance], Tags=tags)
    world.iam.create_role(RoleName="secops-break-glass", AssumeRolePolicyDocument="{}", Tags=tags)
    named = f"arn:aws:sts::{ACCOUNT}:assumed-role/secops-break-glass/x"
    try:
        entries = world.quarantine().containment.propose(
            report(attribute("instance", world.instance, "subject"), attribute("arn", named, "subject"))
        )
        assert {entry.state for entry in entries.entries} == {"contained"}
        world.release_all()
    finally:
        world.ec2.delete_tags(Resources=[world.instance], Tags=tags)
        world.iam.delete_role(RoleName="secops-break-glass")


def test_an_arn_with_a_path_is_that_of_the_principal_with_this_path(world: World) -> None:
    world.iam.create_role(RoleName="builder", Path="/ci/eu/", AssumeRolePolicyDocument="{}")
    quarantine = world.quarantine()

    def states(*paths: str) -> list[tuple[str, str]]:
        arns = [attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/{path}builder", "subject") for path in paths]
        return [(entry.target, entry.state) for entry in quarantine.containment.propose(report(*arns)).entries]

    try:
        assert states("ci/") == [("role/ci/builder", "refused")]
        assert states("ci/eu/") == [("role/builder", "contained")]
        # ARNs of sessions, and those that formats make of a name, have no path.
        assert states("") == [("role/builder", "contained")]
        world.release_all()
    finally:
        world.iam.delete_role(RoleName="builder")


def test_a_quota_that_is_used_up_is_not_tried_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def attach_role_policy(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "LimitExceeded", "Message": "secret"}}, "AttachRolePolicy")

    monkeypatch.setattr(world.iam, "attach_role_policy", attach_role_policy)
    told = report(attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/deploy", "subject"))
    (entry,) = world.quarantine().containment.propose(told).entries

    assert (entry.state, entry.attempts) == ("failed", 1)
    assert entry.refusal == "AWS does not do it. attach_role_policy: LimitExceeded (a quota of AWS is used up)"
    assert world.quarantine().housekeeping.run().failed == 1


def test_roles_that_only_aws_may_change_are_left_alone(world: World) -> None:
    world.iam.create_role(RoleName="service", Path="/aws-service-role/x/", AssumeRolePolicyDocument="{}")
    try:
        arn = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x/service"
        (entry,) = world.quarantine().containment.propose(report(attribute("arn", arn, "subject"))).entries
    finally:
        world.iam.delete_role(RoleName="service")
    assert entry.refusal == "It is a role that AWS alone may change."


def test_a_lock_of_waf_that_somebody_else_took_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    update, strikes = world.waf.update_ip_set, iter([True, True])

    def contended(**request: Any) -> Any:
        if next(strikes, False):
            request["LockToken"] = "somebody-else-was-quicker"
        return update(**request)

    monkeypatch.setattr(world.waf, "update_ip_set", contended)
    (entry,) = world.quarantine().containment.propose(report(attribute("ipaddr", ADDRESS, "remote"))).entries
    assert entry.state == "contained"
    assert next(strikes, None) is None


def test_what_aws_refuses_is_tried_three_times_and_said(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "secret"}}, "CreateSnapshots")

    monkeypatch.setattr(world.ec2, "create_snapshots", refused)
    before = world.described()
    world.quarantine().containment.propose(instance(world))
    states = [world.states()[f"instance/{world.instance}"]]
    for _ in range(3):
        world.quarantine().housekeeping.run()
        states.append(world.states()[f"instance/{world.instance}"])

    assert states == ["acting", "acting", "failed", "failed"]
    # Evidence comes first: without it nothing was changed.
    assert world.described() == before
    assert "UnauthorizedOperation" in str(world.entry(f"instance/{world.instance}").refusal)
    assert "secret" not in str(world.entry(f"instance/{world.instance}").refusal)
