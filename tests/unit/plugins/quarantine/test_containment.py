"""From a report to entries: dry run, refusals, rate, stop, later rounds, and release after a time."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from alert_responder_plugins.quarantine.actions import ActionFailedError
from tests.fakes.quarantine import ACCOUNT, ADDRESS, OWN_ARN, REPORT_ID, World, attribute, report


@pytest.fixture(scope="module")
def shared() -> Iterator[World]:
    """A shared world that tests restore."""
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


def test_dry_run_records_plans_and_changes_nothing(world: World) -> None:
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
    # Without dry_run, the next round contains the target.
    world.quarantine().containment.propose(instance(world))
    assert world.entry(f"instance/{world.instance}").state == "contained"


def test_no_action_begins_above_the_rate(world: World) -> None:
    before = world.described()
    entries = world.quarantine(MAX_ACTIONS_PER_HOUR="2").containment.propose(world.everything()).entries
    assert [entry.state for entry in entries].count("contained") == 2
    assert {entry.refusal for entry in entries if entry.state == "refused"} == {
        "2 actions began within the last hour, which is the maximum."
    }

    world.clock.hours(1.1)
    entries = world.quarantine(MAX_ACTIONS_PER_HOUR="2").containment.propose(world.everything()).entries
    assert [entry.state for entry in entries].count("contained") == 4
    world.release_all()
    assert world.described() == before


def test_stopped_quarantine_only_releases(world: World) -> None:
    before = world.described()
    world.quarantine().containment.propose(report(attribute("ipaddr", ADDRESS, "remote")))
    world.quarantine().journal.switch(stopped=True)

    (entry,) = world.quarantine().containment.propose(instance(world)).entries
    assert (entry.state, entry.refusal) == ("refused", "The quarantine is stopped.")
    world.release_all()
    assert world.described() == before

    world.quarantine().journal.switch(stopped=False)
    (entry,) = world.quarantine().containment.propose(instance(world)).entries
    assert entry.state == "contained"


def test_quarantines_own_actions_are_exempt(world: World) -> None:
    told = report(
        attribute("instance", world.instance, "subject"),
        attribute("arn", OWN_ARN, "subject"),
        attribute("accesskey", "ASIAIOSFODNN7EXAMPLE", "subject"),
    )
    entries = world.quarantine().containment.propose(told).entries

    assert {entry.state for entry in entries} == {"refused"}
    assert {entry.refusal for entry in entries} == {"The alert describes an action of this quarantine."}


def test_nothing_is_contained_while_the_own_role_is_unknown(world: World) -> None:
    def unknown() -> str:
        raise ActionFailedError("get_caller_identity: EndpointConnectionError")

    entries = world.quarantine(own_arn=unknown).containment.propose(world.everything()).entries
    assert {entry.refusal for entry in entries} == {"The quarantine's own role is unknown."}


def test_target_that_cannot_be_read_is_refused(world: World) -> None:
    sets = world.environment["IP_SETS"].replace(world.ip_sets[0].rpartition("/")[2], "0")
    entries = world.quarantine(IP_SETS=sets).containment.propose(report(attribute("ipaddr", ADDRESS, "remote"))).entries
    assert [entry.refusal for entry in entries] == [
        "The target could not be read. get_ip_set: WAFNonexistentItemException"
    ]


def test_released_target_is_not_contained_again_for_the_same_report(world: World) -> None:
    world.quarantine().containment.propose(instance(world))
    world.release_all()

    (entry,) = world.quarantine().containment.propose(instance(world)).entries
    assert entry.state == "released"
    (entry,) = world.quarantine().containment.propose(instance(world, id_="01KG9Z9Q7R2D4B6C8E0FGHJKMP")).entries
    assert entry.state == "contained"
    # The earlier entry is kept.
    assert sum(key.sk.startswith(f"past/instance/{world.instance}/") for key in world.table.items) == 1


def forget_released_reports(world: World) -> None:
    """Make the only entry one of an earlier version, without a list."""
    ((key, item),) = ((key, item) for key, item in world.table.items.items() if key.sk.startswith("entry/"))
    entry = json.loads(item["entry"])
    assert entry.pop("released_reports") == []
    world.table.items[key] = {**item, "entry": json.dumps(entry)}


def test_target_released_for_two_reports_is_not_contained_again_for_either(world: World) -> None:
    reports = [instance(world, id_=f"01KG9Z9Q7R2D4B6C8E0FGHJK{number:02d}") for number in range(4)]
    for told in reports[:2]:
        world.quarantine().containment.propose(told)
        world.release_all()
        if told == reports[0]:
            forget_released_reports(world)
    # The third report is above the rate.
    (entry,) = world.quarantine(MAX_ACTIONS_PER_HOUR="2").containment.propose(reports[2]).entries
    assert (entry.state, entry.limited) == ("refused", True)

    world.clock.hours(24 * 300)
    for told in reports[:2]:
        proposed = world.quarantine().containment.propose(told)
        assert (world.states(), proposed.cut_off) == ({f"instance/{world.instance}": "refused"}, 0)
    (item,) = (item for key, item in world.table.items.items() if key.sk.startswith("entry/"))
    assert item["expires_at"] > world.clock() // 1000
    for told in reports[2:]:
        (entry,) = world.quarantine().containment.propose(told).entries
        assert entry.state == "contained"
        world.release_all()


def test_exempt_target_leaves_what_was_released_or_planned_for_another_report(world: World) -> None:
    target, other = "principal/role/deploy", "01KG9Z9Q7R2D4B6C8E0FGHJKMP"
    named = attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/deploy", "subject")
    for dry_run, state in (("true", "planned"), ("false", "released")):
        world.quarantine(DRY_RUN=dry_run).containment.propose(report(named))
        world.release_all()
        sample = report(named, rule="Recon:IAMUser/Test [SAMPLE]", id_=other)
        proposed = world.quarantine(DRY_RUN=dry_run).containment.propose(sample)
        assert (world.entry(target).state, world.entry(target).report_id) == (state, REPORT_ID)
        assert proposed.note() == "Of the report's targets, 1 cannot be contained and are not listed."


def test_refusal_replaces_the_plan_of_the_same_report(world: World) -> None:
    protected = json.dumps([f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{world.instance}"])
    world.quarantine(DRY_RUN="true").containment.propose(instance(world))
    (entry,) = world.quarantine(DRY_RUN="true", PROTECTED_ARNS=protected).containment.propose(instance(world)).entries
    assert (entry.state, world.states()) == ("refused", {f"instance/{world.instance}": "refused"})


def test_target_is_released_after_its_time(world: World) -> None:
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


def test_target_without_a_time_is_never_released_automatically(world: World) -> None:
    world.quarantine().containment.propose(instance(world))
    world.clock.hours(24 * 365)
    world.quarantine().housekeeping.run()
    assert world.states() == {f"instance/{world.instance}": "contained"}


def test_schedule_processes_the_backlog(world: World) -> None:
    proposed = world.quarantine(time_left=lambda: False).containment.propose(instance(world))
    assert (proposed.later, world.states()) == (1, {})

    world.quarantine().housekeeping.run()
    assert world.states() == {f"instance/{world.instance}": "contained"}


def test_less_severe_report_withdraws_only_waiting_entries(world: World) -> None:
    world.quarantine().containment.propose(report(attribute("ipaddr", ADDRESS, "remote")))
    world.quarantine(APPROVAL="true", APPROVERS='["*"]').containment.propose(instance(world))
    world.quarantine().containment.propose(report(severity="safe"))

    assert world.states() == {f"address/{ADDRESS}": "contained", f"instance/{world.instance}": "refused"}


@pytest.mark.parametrize(
    ("kind", "value", "refusal"),
    [
        ("instance", "i-00000000", "instance does not exist"),
        ("accesskey", "AKIAIOSFODNN7EXAMPLE", "key does not exist"),
        ("accesskey", "ASIAIOSFODNN7EXAMPLE", "temporary key"),
        ("arn", f"arn:aws:iam::{ACCOUNT}:role/other/deploy", "user or role does not exist"),
        ("arn", f"arn:aws:iam::{ACCOUNT}:user/nobody", "user or role does not exist"),
        ("ipaddr", "52.0.0.7", "nothing to change"),
        ("ipaddr", "10.0.0.1", "not public"),
    ],
)
def test_missing_or_invalid_target_is_refused(world: World, kind: str, value: str, refusal: str) -> None:
    (entry,) = world.quarantine().containment.propose(report(attribute(kind, value, "subject", "remote"))).entries
    assert entry.state == "refused"
    assert refusal in str(entry.refusal)


def test_open_or_foreign_isolation_group_is_refused(world: World) -> None:
    for group, refusal in ((world.web, "any address"), (world.foreign, "does not belong to the instance's VPC")):
        groups = f'{{"{world.vpc}": "{group}"}}'
        (entry,) = world.quarantine(ISOLATION_GROUPS=groups).containment.propose(instance(world)).entries
        assert refusal in str(entry.refusal)
    (entry,) = world.quarantine(ISOLATION_GROUPS='{"vpc-0": "sg-0"}').containment.propose(instance(world)).entries
    assert "No isolation group" in str(entry.refusal)


def test_exact_arns_from_aws_are_protected(world: World) -> None:
    arns = [
        f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{world.instance}",
        f"arn:aws:iam::{ACCOUNT}:user/mallory",
        f"arn:aws:iam::{ACCOUNT}:role/deploy",
    ]
    entries = world.quarantine(PROTECTED_ARNS=json.dumps(arns)).containment.propose(world.everything()).entries

    # The user's key is protected with the user; addresses have no ARN.
    assert {entry.kind for entry in entries if entry.refusal == "Its ARN is in protected_arns."} == {
        "access_key",
        "instance",
        "principal",
    }
    assert {entry.kind for entry in entries if entry.state == "contained"} == {"address"}


def test_names_and_tags_do_not_protect(world: World) -> None:
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


def test_arn_with_a_path_names_the_principal_with_this_path(world: World) -> None:
    world.iam.create_role(RoleName="builder", Path="/ci/eu/", AssumeRolePolicyDocument="{}")
    quarantine = world.quarantine()

    def states(*paths: str) -> list[tuple[str, str]]:
        arns = [attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/{path}builder", "subject") for path in paths]
        return [(entry.target, entry.state) for entry in quarantine.containment.propose(report(*arns)).entries]

    try:
        assert states("ci/") == [("role/ci/builder", "refused")]
        assert states("ci/eu/") == [("role/builder", "contained")]
        # ARNs of sessions, and ARNs that formats construct from a name, have no path.
        assert states("") == [("role/builder", "contained")]
        world.release_all()
    finally:
        world.iam.delete_role(RoleName="builder")


def test_exceeded_quota_is_not_retried(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def attach_role_policy(**_: Any) -> Any:
        raise ClientError({"Error": {"Code": "LimitExceeded", "Message": "secret"}}, "AttachRolePolicy")

    monkeypatch.setattr(world.iam, "attach_role_policy", attach_role_policy)
    told = report(attribute("arn", f"arn:aws:iam::{ACCOUNT}:role/deploy", "subject"))
    (entry,) = world.quarantine().containment.propose(told).entries

    assert (entry.state, entry.attempts) == ("failed", 1)
    meaning = "an AWS quota is exceeded: detach a policy or raise the quota"
    assert entry.refusal == f"The change failed. attach_role_policy: LimitExceeded ({meaning})"
    assert world.quarantine().housekeeping.run().failed == 1


def test_service_roles_are_refused(world: World) -> None:
    world.iam.create_role(RoleName="service", Path="/aws-service-role/x/", AssumeRolePolicyDocument="{}")
    try:
        arn = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x/service"
        (entry,) = world.quarantine().containment.propose(report(attribute("arn", arn, "subject"))).entries
    finally:
        world.iam.delete_role(RoleName="service")
    assert entry.refusal == "Only AWS can change this role."


def test_concurrent_update_of_an_ip_set_is_retried(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    update, strikes = world.waf.update_ip_set, iter([True, True])

    def contended(**request: Any) -> Any:
        if next(strikes, False):
            request["LockToken"] = "somebody-else-was-quicker"
        return update(**request)

    monkeypatch.setattr(world.waf, "update_ip_set", contended)
    (entry,) = world.quarantine().containment.propose(report(attribute("ipaddr", ADDRESS, "remote"))).entries
    assert entry.state == "contained"
    assert next(strikes, None) is None


def test_rejected_change_is_attempted_three_times(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
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
    # Evidence is created first: without it nothing is changed.
    assert world.described() == before
    assert "UnauthorizedOperation" in str(world.entry(f"instance/{world.instance}").refusal)
    assert "secret" not in str(world.entry(f"instance/{world.instance}").refusal)
