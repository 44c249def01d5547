"""Targets in member accounts on moto, which keeps accounts apart by the credentials of assumed roles."""

import contextlib
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import UTC, datetime
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from alert_responder.contracts.report import AlertOrigin, Report, ReportedAttribute
from alert_responder.domain.directory import AccountFacts, Directory
from alert_responder.errors import DependencyError
from alert_responder_plugins.common.accounts import Account, Accounts
from alert_responder_plugins.quarantine.actions import Action, ActionFailedError, Actions, PartLocation, SimpleAction
from alert_responder_plugins.quarantine.actions.access_key import AccessKey
from alert_responder_plugins.quarantine.executor import MAX_ATTEMPTS
from alert_responder_plugins.quarantine.journal import MAX_NEW, MAX_NEW_IN_ACCOUNT, Journal
from alert_responder_plugins.quarantine.members import Members
from alert_responder_plugins.quarantine.model import Location
from alert_responder_plugins.quarantine.settings import QuarantineSettings
from alert_responder_plugins.quarantine.sites import actions_of
from alert_responder_plugins.quarantine.wiring import Quarantine
from tests.fakes.memory import Crash, MemoryTable
from tests.fakes.quarantine import ACCOUNT, OWN_ARN, REGION, Clock, alert, attribute, report, settings
from tests.unit.plugins.quarantine.test_crashes import Dying, Striking
from tests.unit.plugins.quarantine.test_limits import Keys, real, report_id

A, B, THERE = "444455556666", "777788889999", "us-east-1"
ROLES = json.dumps({"name": "alert-responder", "external_id": "secops-1"})
KINDS = '["access_key", "bucket", "function", "instance", "principal"]'
TAGS = {"alert-responder:member": "1", "alert-responder:actions": "access_key bucket function instance principal"}
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})


class Member:
    """A member account with a target of each kind.

    moto gives the credentials of a role the role's account.
    """

    def __init__(self, account: str, tags: dict[str, str]) -> None:
        self.account = account
        sts = boto3.client("sts", region_name=REGION)
        arn = f"arn:aws:iam::{account}:role/setup"
        given = sts.assume_role(RoleArn=arn, RoleSessionName="setup")["Credentials"]
        self.session = boto3.Session(given["AccessKeyId"], given["SecretAccessKey"], given["SessionToken"])
        client: Any = self.session.client
        self.iam, self.ec2, self.s3, self.functions = (
            client(name, region_name=THERE) for name in ("iam", "ec2", "s3", "lambda")
        )
        for role in ("reader", "responder"):
            marks = [{"Key": key, "Value": value} for key, value in tags.items()]
            self.iam.create_role(RoleName=f"alert-responder-{role}", AssumeRolePolicyDocument=TRUST, Tags=marks)
        self.iam.create_policy(
            PolicyName="alert-responder-quarantined",
            PolicyDocument=json.dumps(
                {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
            ),
        )
        self.iam.create_user(UserName="mallory")
        self.key: str = self.iam.create_access_key(UserName="mallory")["AccessKey"]["AccessKeyId"]
        role = self.iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        self.function: str = self.functions.create_function(
            FunctionName="batch", Runtime="python3.12", Handler="x.y", Role=role, Code={"ZipFile": b"x"}
        )["FunctionArn"]
        self.bucket = f"data-{account}"
        self.s3.create_bucket(Bucket=self.bucket)
        self._make_instance()

    def _make_instance(self) -> None:
        self.vpc: str = self.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        subnet = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
        self.web, self.isolation = (
            self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)["GroupId"]
            for name in ("web", "quarantine")
        )
        self.everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
        self.ec2.revoke_security_group_egress(GroupId=self.isolation, IpPermissions=self.everything)
        interface = self.ec2.create_network_interface(SubnetId=subnet, Groups=[self.web])["NetworkInterface"]
        self.interface: str = interface["NetworkInterfaceId"]
        self.instance: str = self.ec2.run_instances(
            ImageId=self.ec2.register_image(Name="image")["ImageId"],
            MinCount=1,
            MaxCount=1,
            NetworkInterfaces=[{"DeviceIndex": 0, "NetworkInterfaceId": self.interface}],
        )["Instances"][0]["InstanceId"]

    def named(self) -> list[ReportedAttribute]:
        return [
            attribute("accesskey", self.key, "subject"),
            attribute("arn", f"arn:aws:iam::{self.account}:user/mallory", "subject"),
            attribute("arn", f"arn:aws:sts::{self.account}:assumed-role/deploy/x", "subject"),
            attribute("arn", f"arn:aws:s3:::{self.bucket}", "local", "object"),
            attribute("arn", f"{self.function}:7", "subject"),
            attribute("instance", self.instance, "subject"),
        ]

    def ids(self) -> set[str]:
        return {
            f"{self.account}/global/access_key/{self.key}",
            f"{self.account}/global/principal/user/mallory",
            f"{self.account}/global/principal/role/deploy",
            f"{self.account}/global/bucket/{self.bucket}",
            f"{self.account}/{THERE}/function/batch",
            f"{self.account}/{THERE}/instance/{self.instance}",
        }

    def keys(self) -> list[dict[str, Any]]:
        keys: list[dict[str, Any]] = self.iam.list_access_keys(UserName="mallory")["AccessKeyMetadata"]
        return keys

    def described(self) -> str:
        try:
            block: Any = self.s3.get_public_access_block(Bucket=self.bucket)["PublicAccessBlockConfiguration"]
        except self.s3.exceptions.ClientError as error:
            block = error.response["Error"]["Code"]
        return json.dumps(
            [
                self.ec2.describe_instances(InstanceIds=[self.instance])["Reservations"],
                self.ec2.describe_network_interfaces()["NetworkInterfaces"],
                self.ec2.describe_security_groups()["SecurityGroups"],
                self.keys(),
                self.iam.list_attached_user_policies(UserName="mallory")["AttachedPolicies"],
                self.iam.list_attached_role_policies(RoleName="deploy")["AttachedPolicies"],
                self.functions.get_function_concurrency(FunctionName=self.function).get("ReservedConcurrentExecutions"),
                block,
            ],
            default=str,
            sort_keys=True,
        )


class Counting(Members):
    """Member accounts whose actions can be replaced."""

    wrap: Callable[[Action], Action] = staticmethod(lambda action: action)

    def action(self, location: Location) -> Action:
        return self.wrap(super().action(location))


class Organisation:
    """A home account and two members."""

    def __init__(self) -> None:
        self.table, self.clock = MemoryTable(), Clock()
        # A client takes longer to make than a call.
        self.client = cache(lambda service, region=None: boto3.client(service, region_name=region or REGION))
        self.a, self.b = Member(A, TAGS), Member(B, {**TAGS, "alert-responder:actions": "instance"})
        self.before = [member.described() for member in (self.a, self.b)]
        self.asked: list[str] = []
        self.sessions = self.new_sessions()
        facts = [AccountFacts(id=id_, name=id_, status="active", kind="member") for id_ in (A, B, "999999999999")]
        self.directory: Directory | None = Directory(
            organization_id="o-exampleorg1", accounts=tuple(facts), read_at=self.clock()
        )

    def new_sessions(self) -> Accounts:
        def counted(**given: Any) -> boto3.Session:
            def note(params: Any, **_: Any) -> None:
                self.asked.append(params["body"]["RoleArn"])

            session = boto3.Session(**given)
            session.events.register("before-call.sts.AssumeRole", note)
            return session

        return Accounts(
            ACCOUNT,
            (),
            home=REGION,
            session_name="secops-quarantine",
            external_id="secops-1",
            clock=lambda: datetime.now(UTC),
            new_session=counted,
        )

    def read_directory(self) -> Directory | None:
        return self.directory

    def quarantine(self, wrap: Any = None, **changed: Any) -> Quarantine:
        read = settings(
            **{
                "MEMBERS": ROLES,
                "KINDS": KINDS,
                "ISOLATION_GROUP_NAME": "quarantine",
                "ISOLATION_GROUPS": "{}",
                "MAX_ACTIONS_PER_HOUR": "100",
                **changed,
            }
        )
        assert read.members
        members = Counting(
            read,
            read.members,
            read.members.responder,
            self.sessions,
            lambda: self.read_directory(),
            self.clock,
            Config(read_timeout=40),
        )
        if wrap:
            members.wrap = wrap
        return Quarantine(read, self.table, self.home(read), lambda: OWN_ARN, self.clock, members=members)

    def home(self, read: QuarantineSettings) -> Actions:
        return actions_of(read, lambda service, region=None, **_: self.client(service, region))

    def states(self) -> dict[str, str]:
        return {stored.entry.id: stored.entry.state for stored in self.journal().all()}

    def refusals(self) -> set[str]:
        return {str(stored.entry.refusal) for stored in self.journal().all()}

    def journal(self) -> Journal:
        return Journal(self.table, settings().name, self.clock)

    def release_all(self, wrap: Any = None) -> None:
        quarantine = self.quarantine(wrap)
        for stored in quarantine.journal.all():
            quarantine.releaser.release(stored, None)


def told(account: str, *named: ReportedAttribute, region: str = THERE, **changed: Any) -> Report:
    origin = AlertOrigin(account=account, region=region, sender=account, verified=True)
    return report(*named, alerts=[alert(*named).model_copy(update={"origin": origin})], **changed)


@pytest.fixture(scope="module")
def shared() -> Iterator[Organisation]:
    with mock_aws():
        yield Organisation()


@pytest.fixture
def organisation(shared: Organisation) -> Iterator[Organisation]:
    shared.table.items.clear()
    directory = shared.directory
    yield shared
    shared.directory = directory
    shared.release_all()
    assert [member.described() for member in (shared.a, shared.b)] == shared.before


def test_targets_are_contained_and_released_in_their_account(organisation: Organisation) -> None:
    a = organisation.a
    before, other = organisation.before
    organisation.quarantine().containment.propose(told(A, *a.named()))

    assert organisation.states() == dict.fromkeys(a.ids(), "contained")
    contained = a.described()
    assert contained.count(f"arn:aws:iam::{A}:policy/alert-responder-quarantined") == 2
    assert '"Inactive"' in contained
    assert contained.count(a.isolation) > before.count(a.isolation)
    assert organisation.b.described() == other
    assert organisation.quarantine().housekeeping.run().unseen == 0

    organisation.release_all()
    assert set(organisation.states().values()) == {"released"}
    assert a.described() == before


def test_role_is_assumed_once_for_all_targets_of_an_account(organisation: Organisation) -> None:
    organisation.sessions, organisation.asked = organisation.new_sessions(), []
    organisation.quarantine().containment.propose(told(A, *organisation.a.named()))
    organisation.release_all()
    assert organisation.asked == [f"arn:aws:iam::{A}:role/alert-responder-responder"]


def test_account_that_does_not_allow_a_kind_is_refused(organisation: Organisation) -> None:
    b = organisation.b
    organisation.quarantine().containment.propose(told(B, *b.named()))
    states = organisation.states()
    assert {id_ for id_, state in states.items() if state == "contained"} == {f"{B}/{THERE}/instance/{b.instance}"}
    assert {text for text in organisation.refusals() if text != "None"} == {
        f"The account does not allow the kind {kind}." for kind in ("access_key", "bucket", "function", "principal")
    }


def test_target_of_one_account_is_not_looked_for_in_another(organisation: Organisation) -> None:
    """The ids of an instance and a key of A in alerts about B: they do not exist there."""
    a = organisation.a
    instance = attribute("instance", a.instance, "subject")
    organisation.quarantine().containment.propose(told(B, instance))
    assert organisation.states() == {f"{B}/{THERE}/instance/{a.instance}": "refused"}
    organisation.quarantine().containment.propose(told(A, instance, region=REGION))
    assert organisation.refusals() == {"The instance does not exist in this account and region."}


def test_account_without_roles_is_refused_before_anything_is_changed(organisation: Organisation) -> None:
    named = [attribute("accesskey", organisation.a.key, "subject")]
    organisation.quarantine().containment.propose(told("999999999999", *named))
    (refusal,) = organisation.refusals()
    assert "NoSuchEntity" in refusal


@pytest.mark.parametrize("directory", ["missing", "unreadable", "stale", "without the account", "suspended"])
def test_nothing_is_called_in_an_account_that_is_not_an_active_member(
    organisation: Organisation, directory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = organisation.directory
    assert known

    def read() -> Directory | None:
        if directory == "unreadable":
            raise DependencyError("organization/directory: item is invalid")
        changed: dict[str, dict[str, Any]] = {
            "stale": {"read_at": 0},
            "without the account": {"accounts": ()},
            "suspended": {"accounts": (AccountFacts(id=A, name="a", status="suspended", kind="member"),)},
        }
        return None if directory == "missing" else Directory(**{**known.model_dump(), **changed.get(directory, {})})

    monkeypatch.setattr(organisation, "read_directory", read)
    organisation.sessions, organisation.asked = organisation.new_sessions(), []
    organisation.quarantine().containment.propose(told(A, *organisation.a.named()))
    organisation.quarantine().housekeeping.run()

    assert set(organisation.states().values()) == {"refused"}
    assert organisation.asked == []


def test_what_is_contained_is_released_from_an_account_that_left(organisation: Organisation) -> None:
    organisation.quarantine().containment.propose(told(A, attribute("accesskey", organisation.a.key, "subject")))
    organisation.directory = None
    organisation.release_all()
    assert set(organisation.states().values()) == {"released"}


def test_home_account_is_protected_and_releases_what_was_contained_before(organisation: Organisation) -> None:
    iam = organisation.client("iam")
    iam.create_user(UserName="home")
    key = iam.create_access_key(UserName="home")["AccessKey"]["AccessKeyId"]
    named = attribute("accesskey", key, "subject")
    read = settings(KINDS=KINDS, ISOLATION_GROUPS='{"vpc-1": "sg-1"}')
    before = Quarantine(read, organisation.table, organisation.home(read), lambda: OWN_ARN, organisation.clock)
    before.containment.propose(report(named))
    assert organisation.states() == {f"access_key/{key}": "contained"}

    organisation.quarantine().containment.propose(told(ACCOUNT, named, id_="01KG9Z9Q7R2D4B6C8E0FGHJKMP"))
    assert organisation.states()[f"{ACCOUNT}/global/access_key/{key}"] == "refused"
    # It is still checked and released.
    iam.update_access_key(UserName="home", AccessKeyId=key, Status="Active")
    assert organisation.quarantine(REAPPLY="true").housekeeping.run().undone == 1
    assert organisation.states()[f"access_key/{key}"] == "undone"
    organisation.release_all()
    assert organisation.states()[f"access_key/{key}"] == "released"


def test_isolation_group_with_any_rule_is_refused_and_detected(organisation: Organisation) -> None:
    a = organisation.a
    rule = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.1.1.1/32"}]}]
    wanted = told(A, attribute("instance", a.instance, "subject"))
    id_ = f"{A}/{THERE}/instance/{a.instance}"
    a.ec2.authorize_security_group_ingress(GroupId=a.isolation, IpPermissions=rule)
    organisation.quarantine().containment.propose(wanted)
    assert organisation.refusals() == {"The isolation group has rules."}
    # The group's id from Terraform may have rules, but must not be open to everywhere.
    groups = {"ISOLATION_GROUPS": json.dumps({a.vpc: a.isolation})}
    organisation.quarantine(**groups).containment.propose(wanted)
    assert organisation.states() == {id_: "contained"}
    assert organisation.quarantine().housekeeping.run().undone == 1
    a.ec2.revoke_security_group_ingress(GroupId=a.isolation, IpPermissions=rule)
    assert organisation.quarantine().housekeeping.run().undone == 0


@pytest.mark.parametrize("name", ["other", "quarantin*", "?uarantine", ""])
def test_only_the_exact_name_of_an_isolation_group_counts(organisation: Organisation, name: str) -> None:
    groups = {"ISOLATION_GROUP_NAME": name, "ISOLATION_GROUPS": '{"vpc-1": "sg-1"}'}
    instance = attribute("instance", organisation.a.instance, "subject")
    organisation.quarantine(**groups).containment.propose(told(A, instance))
    assert organisation.refusals() == {"No isolation group is configured for the instance's VPC."}


def test_role_that_is_renamed_before_the_action_is_refused(organisation: Organisation) -> None:
    """The member's administrator deletes the role between proposal and approval."""
    iam = organisation.a.iam
    iam.create_role(RoleName="brief", AssumeRolePolicyDocument=TRUST)
    approval = {"APPROVAL": "true", "APPROVERS": '["*"]'}
    arn = attribute("arn", f"arn:aws:iam::{A}:role/brief", "subject")
    organisation.quarantine(**approval).containment.propose(told(A, arn))
    id_ = f"{A}/global/principal/role/brief"
    assert organisation.states() == {id_: "waiting"}
    iam.delete_role(RoleName="brief")
    quarantine = organisation.quarantine()
    stored = quarantine.journal.get(id_)
    assert stored
    entry = quarantine.executor.resume(quarantine.executor.put(stored, "queued"))
    assert (entry.state, entry.refusal) == ("refused", "The user or role does not exist in this account.")


def changed_facts(organisation: Organisation, **facts: Any) -> None:
    """Replace what the directory knows of the first account."""
    known = organisation.directory
    assert known
    changed = AccountFacts.model_validate({"id": A, "name": A, "status": "active", "kind": "member", **facts})
    organisation.directory = known.model_copy(update={"accounts": (changed,)})


@pytest.mark.parametrize("facts", [{"status": "suspended"}, {"kind": "delegated_administrator"}, {"id": B}])
def test_account_that_changes_between_proposal_and_action_is_refused(
    organisation: Organisation, facts: dict[str, str]
) -> None:
    approval = {"APPROVAL": "true", "APPROVERS": '["*"]'}
    organisation.quarantine(**approval).containment.propose(
        told(A, attribute("accesskey", organisation.a.key, "subject"))
    )
    ((id_, state),) = organisation.states().items()
    assert state == "waiting"
    organisation.sessions, organisation.asked = organisation.new_sessions(), []
    changed_facts(organisation, **facts)

    quarantine = organisation.quarantine()
    stored = quarantine.journal.get(id_)
    assert stored
    assert quarantine.executor.resume(quarantine.executor.put(stored, "queued")).state == "refused"
    assert organisation.asked == []


def test_account_that_no_longer_allows_the_kind_is_refused(organisation: Organisation) -> None:
    """The tag counts when the action begins; without it the target is still released."""
    a, role = organisation.a, "alert-responder-responder"
    id_ = f"{A}/global/access_key/{a.key}"
    wanted = told(A, attribute("accesskey", a.key, "subject"))
    organisation.quarantine().containment.propose(wanted)
    a.iam.tag_role(RoleName=role, Tags=[{"Key": "alert-responder:actions", "Value": "access_keys access_key2"}])
    try:
        organisation.release_all()
        assert organisation.states() == {id_: "released"}
        organisation.quarantine().containment.propose(wanted.model_copy(update={"id": "01KG9Z9Q7R2D4B6C8E0FGHJKMP"}))
    finally:
        tags = [{"Key": key, "Value": value} for key, value in TAGS.items()]
        a.iam.tag_role(RoleName=role, Tags=tags)
    assert organisation.refusals() == {"The account does not allow the kind access_key."}


def test_interrupted_action_is_not_continued_in_an_account_that_left(organisation: Organisation) -> None:
    faults = Dying(4, after=False)
    quarantine = organisation.quarantine(lambda action: Striking(action, faults))
    with contextlib.suppress(Crash):
        quarantine.containment.propose(told(A, attribute("accesskey", organisation.a.key, "subject")))
    assert set(organisation.states().values()) == {"acting"}
    changed_facts(organisation, id=B)
    for _ in range(MAX_ATTEMPTS):
        organisation.clock.hours(0.1)
        organisation.quarantine().housekeeping.run()
    assert set(organisation.states().values()) == {"failed"}
    assert organisation.refusals() == {f"Account {A} is not in the directory."}


class Unusable(Accounts):
    """Sessions of roles that do not exist any more."""

    asked = 0

    def client(self, account: Account, service: str, region: str, config: Config | None = None) -> Any:
        self.asked += 1
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "AssumeRole")


def test_what_cannot_be_restored_in_an_account_that_left_can_be_given_up(organisation: Organisation) -> None:
    a = organisation.a
    organisation.quarantine().containment.propose(told(A, *a.named()))
    usable, directory, journal = organisation.sessions, organisation.directory, deepcopy(organisation.table.items)
    organisation.sessions = gone = Unusable(
        ACCOUNT, (), home=REGION, session_name="secops", external_id="", clock=lambda: datetime.now(UTC)
    )
    assert organisation.quarantine().housekeeping.run().unseen == len(a.ids())
    assert gone.asked == 1, "one call of STS for the account"

    def released(*, force: bool) -> set[tuple[str, str | None]]:
        organisation.clock.hours(0.1)
        quarantine = organisation.quarantine()
        entries = [quarantine.releaser.release(stored, None, force=force) for stored in quarantine.journal.all()]
        return {(entry.state, entry.refusal) for entry in entries}

    why = f"The role alert-responder-responder in account {A} cannot be used: AccessDenied."
    failed = f"The release failed. {why}"
    for state in ("releasing", "releasing", "conflict"):
        assert released(force=False) == {(state, failed)}
    # The account may be an active member, as far as the directory tells.
    for known in (directory, None):
        organisation.directory = known
        assert {state for state, _ in released(force=True)} <= {"releasing", "conflict"}
    organisation.directory = directory
    changed_facts(organisation, status="suspended")
    expected = f"Not everything could be restored. Account {A} is suspended."
    assert released(force=True) == {("released", expected)}
    assert organisation.quarantine().housekeeping.run().failed == 0

    # As the fixture expects it.
    organisation.sessions, organisation.directory = usable, directory
    organisation.table.items.update(journal)


def test_tag_that_promises_more_than_the_role_may_changes_nothing(organisation: Organisation) -> None:
    class Denied(SimpleAction):
        def __init__(self, inner: Action) -> None:
            self.look, self.read = inner.look, inner.read

        def write(self, _location: PartLocation, _value: Any) -> None:
            raise ActionFailedError("update_access_key: AccessDenied")

    organisation.quarantine(Denied).containment.propose(told(A, attribute("accesskey", organisation.a.key, "subject")))
    for _ in range(MAX_ATTEMPTS):
        organisation.clock.hours(0.1)
        organisation.quarantine(Denied).housekeeping.run()
    assert set(organisation.states().values()) == {"failed"}
    assert organisation.refusals() == {"The change failed. update_access_key: AccessDenied"}
    organisation.release_all()
    assert set(organisation.states().values()) == {"released"}


def test_session_that_ends_during_a_release_is_replaced(organisation: Organisation) -> None:
    organisation.quarantine().containment.propose(told(A, attribute("accesskey", organisation.a.key, "subject")))
    organisation.sessions, organisation.asked = organisation.new_sessions(), []
    ending = [ActionFailedError("update_access_key: ExpiredToken", session_ended=True)]

    class Ending(SimpleAction):
        def __init__(self, inner: Action) -> None:
            self.look, self.read, self._inner = inner.look, inner.read, inner

        def write(self, location: PartLocation, value: Any) -> None:
            if ending:
                raise ending.pop()
            self._inner.write(location, value)

    quarantine = organisation.quarantine(Ending)
    (stored,) = quarantine.journal.all()
    assert quarantine.releaser.release(stored, None).state == "releasing"
    organisation.quarantine(Ending).housekeeping.run()
    assert set(organisation.states().values()) == {"released"}
    assert len(organisation.asked) == 2


def test_claim_does_not_lead_to_another_containment_of_what_was_released(organisation: Organisation) -> None:
    named = attribute("arn", f"arn:aws:iam::{A}:role/deploy", "subject")
    id_ = f"{A}/global/principal/role/deploy"
    first, claim = told(A, named), report(named, id_="01KG9Z9Q7R2D4B6C8E0FGHJKMP")
    organisation.quarantine().containment.propose(first)
    organisation.release_all()

    proposed = organisation.quarantine().containment.propose(claim)
    assert (proposed.entries, proposed.unlisted) == ((), 1)
    organisation.quarantine().containment.propose(first)
    assert organisation.states() == {id_: "released"}
    # A genuine report of its own contains it.
    organisation.quarantine().containment.propose(told(A, named, id_="01KG9Z9Q7R2D4B6C8E0FGHJKMQ"))
    assert organisation.states() == {id_: "contained"}


def test_claims_assume_no_role(organisation: Organisation) -> None:
    organisation.sessions, organisation.asked = organisation.new_sessions(), []
    claimed = [attribute("arn", f"arn:aws:iam::{account}:user/eve", "subject") for account in (A, B, "999999999999")]
    organisation.quarantine().containment.propose(report(*claimed))
    assert set(organisation.states().values()) == {"refused"}
    assert organisation.asked == []


def test_rate_of_one_account_leaves_others_free(organisation: Organisation) -> None:
    quarantine = organisation.quarantine(MAX_ACTIONS_PER_HOUR_IN_ACCOUNT="2")
    quarantine.containment.propose(told(A, *organisation.a.named()))
    instance = attribute("instance", organisation.b.instance, "subject")
    quarantine.containment.propose(told(B, instance, id_="01KG9Z9Q7R2D4B6C8E0FGHJKMP"))

    states = organisation.states()
    assert sum(state == "contained" for id_, state in states.items() if id_.startswith(A)) == 2
    assert states[f"{B}/{THERE}/instance/{organisation.b.instance}"] == "contained"
    assert "2 actions began in the account within the last hour, which is the maximum." in organisation.refusals()


@pytest.mark.parametrize(
    ("changed", "most"), [({}, MAX_NEW_IN_ACCOUNT), ({"MAX_ACTIONS_PER_HOUR_IN_ACCOUNT": "37"}, 37)]
)
def test_new_entries_of_one_account_leave_others_free(
    organisation: Organisation, changed: dict[str, str], most: int
) -> None:
    """Targets of A by verified alerts, and targets of B that alerts only claim."""
    keys, instance = Keys(), attribute("instance", organisation.b.instance, "subject")

    def propose(told: Report) -> int:
        return organisation.quarantine(wrap, **changed).containment.propose(told).cut_off

    def wrap(action: Action) -> Any:
        return keys if isinstance(action, AccessKey) else action

    for number in range(0, MAX_NEW, 20):
        ids, id_ = range(number, number + 20), report_id(number)
        propose(report(*(attribute("arn", f"arn:aws:iam::{B}:user/u{each}", "subject") for each in ids), id_=id_))
        propose(told(A, *map(real, ids), id_=id_))
    cut_off = propose(told(B, instance, id_=report_id(MAX_NEW)))
    states = organisation.states()
    organisation.release_all(wrap)

    assert sum(state == "contained" for id_, state in states.items() if id_.startswith(A)) == most
    assert (cut_off, states[f"{B}/{THERE}/instance/{organisation.b.instance}"]) == (0, "contained")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_containment_and_release_survive_every_failed_call_of_aws(organisation: Organisation, after: bool) -> None:
    a = organisation.a
    before = a.keys()
    wanted = told(A, attribute("accesskey", a.key, "subject"))
    number, struck = 0, True
    while struck:
        number += 1
        organisation.table.items.clear()
        faults = Dying(number, after=after)
        quarantine = organisation.quarantine(lambda action, faults=faults: Striking(action, faults))
        with contextlib.suppress(Crash):
            quarantine.containment.propose(wanted)
            (stored,) = quarantine.journal.all()
            quarantine.releaser.release(stored, None)
        organisation.clock.hours(0.1)
        struck = faults.struck
        organisation.quarantine().housekeeping.run()
        organisation.release_all()
        assert set(organisation.states().values()) <= {"released"}, number
        assert a.keys() == before, number
    assert number > 7
