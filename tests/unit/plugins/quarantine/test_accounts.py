"""In which account and region a target is, and which accounts are protected."""

import json
from typing import Any, get_args

import pytest

from alert_responder.contracts.report import AlertOrigin, Origin, Report, ReportedAlert, ReportedAttribute
from alert_responder.domain.directory import STALE_AFTER_MS, AccountFacts, AccountKind, AccountStatus, Directory
from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.quarantine.accounts import HOME_PROTECTED, NO_DIRECTORY, about_account, about_role
from alert_responder_plugins.quarantine.exemptions import exempt
from alert_responder_plugins.quarantine.guards import about_target
from alert_responder_plugins.quarantine.model import Location, Part, Proposal, TargetState
from alert_responder_plugins.quarantine.proposals import plan
from tests.fakes.quarantine import ACCOUNT, ADDRESS, OWN_ARN, alert, attribute, report, settings

A, B, NOW = "444455556666", "777788889999", 1_800_000_000_000
MEMBERS = json.dumps({"name": "alert-responder", "external_id": "secops-1"})
KEY, INSTANCE = "AKIAIOSFODNN7EXAMPLE", "i-0123456789abcdef0"
REGION = "us-east-1"
THE_KEY = attribute("accesskey", KEY, "subject")
THE_INSTANCE = attribute("instance", INSTANCE, "subject")


def from_(account: str | None, *named: ReportedAttribute, verified: bool = True, **changed: Any) -> ReportedAlert:
    origin = AlertOrigin(account=account, region=changed.pop("region", REGION), verified=verified, **changed)
    return alert(*named).model_copy(update={"origin": origin})


def of(*alerts: ReportedAlert) -> Report:
    """Report what the alerts name, with the contexts of all of them."""
    named: dict[str, ReportedAttribute] = {}
    for each in alerts:
        for given in each.attributes:
            made = attribute(given.type, given.value, *given.context)
            contexts = {*made.context, *(named[made.id].context if made.id in named else ())}
            named[made.id] = made.model_copy(update={"context": tuple(sorted(contexts))})
    return report(*named.values(), alerts=alerts)


def planned(told: Report, **changed: str) -> list[Proposal]:
    return list(plan(told, settings(**{"MEMBERS": MEMBERS, "KINDS": ALL_KINDS, **changed})))


ALL_KINDS = '["access_key", "address", "bucket", "function", "instance", "principal"]'


def only(told: Report, **changed: str) -> tuple[str, str | None]:
    (proposal,) = planned(told, **changed)
    return str(proposal.location), proposal.refusal


@pytest.mark.parametrize(
    ("named", "id_"),
    [
        (THE_KEY, f"{A}/global/access_key/{KEY}"),
        (THE_INSTANCE, f"{A}/{REGION}/instance/{INSTANCE}"),
        (attribute("arn", f"arn:aws:iam::{A}:user/mallory", "subject"), f"{A}/global/principal/user/mallory"),
        (attribute("arn", f"arn:aws:sts::{A}:assumed-role/ci/x", "subject"), f"{A}/global/principal/role/ci"),
        (attribute("arn", f"arn:aws:lambda:{REGION}:{A}:function:f", "subject"), f"{A}/{REGION}/function/f"),
        (attribute("arn", "arn:aws:s3:::logs-of-a", "local", "object"), f"{A}/global/bucket/logs-of-a"),
        (attribute("ipaddr", ADDRESS, "remote"), f"address/{ADDRESS}"),
    ],
)
def test_target_is_in_the_account_of_its_verified_alert(named: ReportedAttribute, id_: str) -> None:
    assert only(of(from_(A, named))) == (id_, None)


def test_without_members_only_the_own_account_counts() -> None:
    (proposal,) = plan(of(from_(A, THE_KEY, verified=False)), settings())
    assert (str(proposal.location), proposal.refusal) == (f"access_key/{KEY}", None)
    assert plan(of(from_(A, attribute("arn", f"arn:aws:iam::{A}:user/mallory", "subject"))), settings()) == ()


ARN_OF_B = attribute("arn", f"arn:aws:iam::{B}:role/deploy", "subject")
FUNCTION_OF_B = attribute("arn", f"arn:aws:lambda:{REGION}:{B}:function:f", "subject")
ELSEWHERE = attribute("arn", f"arn:aws:lambda:eu-west-1:{A}:function:f", "subject")


@pytest.mark.parametrize(
    ("alerts", "id_", "refusal"),
    [
        ([from_(A, ARN_OF_B)], f"{B}/global/principal/role/deploy", "Its ARN is in account"),
        ([from_(A, FUNCTION_OF_B)], f"{B}/{REGION}/function/f", "Its ARN is in account"),
        ([from_(A, ELSEWHERE)], f"{A}/eu-west-1/function/f", "Its ARN is in region eu-west-1"),
        ([from_(A, THE_KEY, verified=False)], f"unknown/global/access_key/{KEY}", "only claimed"),
        ([from_(A, THE_KEY), from_(B, THE_KEY)], f"unknown/global/access_key/{KEY}", "different accounts"),
        (
            [from_(A, THE_INSTANCE), from_(B, THE_INSTANCE)],
            f"unknown/{REGION}/instance/{INSTANCE}",
            "different accounts",
        ),
        (
            [from_(A, THE_INSTANCE), from_(A, THE_INSTANCE, region="eu-west-1")],
            f"{A}/unknown/instance/{INSTANCE}",
            "different regions",
        ),
        ([from_(A, THE_INSTANCE, region=None)], f"{A}/unknown/instance/{INSTANCE}", "region is unknown"),
        ([from_(A, THE_INSTANCE, region="x.evil.com")], f"{A}/unknown/instance/{INSTANCE}", "region is unknown"),
        ([from_(None, THE_KEY)], f"unknown/global/access_key/{KEY}", "account is unknown"),
        ([from_("44445555666x", THE_KEY)], f"unknown/global/access_key/{KEY}", "account is unknown"),
        ([from_(A, THE_KEY), from_(None, THE_KEY)], f"unknown/global/access_key/{KEY}", "different accounts"),
        ([from_(A, THE_KEY, named=B)], f"{A}/global/access_key/{KEY}", "another account than the one that sent it"),
    ],
)
def test_doubtful_account_or_region_is_refused(alerts: list[ReportedAlert], id_: str, refusal: str) -> None:
    found, said = only(of(*alerts))
    assert found == id_
    assert refusal in str(said)


def test_claims_neither_move_nor_block_what_verified_alerts_name() -> None:
    claims = [from_(B, THE_KEY, verified=False), from_(None, THE_KEY, verified=False)]
    assert only(of(*claims, from_(A, THE_KEY))) == (f"{A}/global/access_key/{KEY}", None)
    allowed = only(of(*claims, from_(A, THE_KEY)), ALLOW_UNVERIFIED_ACCOUNTS="true")
    assert allowed == (f"{A}/global/access_key/{KEY}", None)


@pytest.mark.parametrize("named", [{}, {"named": B}], ids=["about itself", "about another"])
def test_an_account_does_not_prevent_containment_in_another(named: dict[str, Any]) -> None:
    mentions = [from_(A, ARN_OF_B, FUNCTION_OF_B, **named), from_(None, ARN_OF_B, FUNCTION_OF_B)]
    found = planned(of(*mentions, from_(B, ARN_OF_B, FUNCTION_OF_B)))
    assert {(str(each.location), each.refusal) for each in found} == {
        (f"{B}/global/principal/role/deploy", None),
        (f"{B}/{REGION}/function/f", None),
    }


def test_claim_gives_no_context_to_what_a_verified_alert_names() -> None:
    """A verified finding names a victim as its object; a forged alert calls it the actor."""
    victim = attribute("instance", INSTANCE, "local", "object")
    found, refusal = only(of(from_(A, victim), from_(A, THE_INSTANCE, verified=False)))
    assert found == f"{A}/{REGION}/instance/{INSTANCE}"
    assert "No verified alert names it in a context" in str(refusal)


def test_claimed_account_counts_only_if_that_is_allowed() -> None:
    claims = [from_(A, THE_KEY, verified=False)]
    assert only(of(*claims), ALLOW_UNVERIFIED_ACCOUNTS="true") == (f"{A}/global/access_key/{KEY}", None)
    contradiction = only(of(*claims, from_(B, THE_KEY, verified=False)), ALLOW_UNVERIFIED_ACCOUNTS="true")
    assert "different accounts" in str(contradiction[1])
    without = of(*claims, alert(THE_KEY))
    assert "only claimed" in str(only(without, ALLOW_UNVERIFIED_ACCOUNTS="true")[1])


def test_target_that_no_listed_alert_names_is_refused() -> None:
    told = report(THE_KEY, alerts=[from_(A)])
    assert "No listed alert names it" in str(only(told)[1])
    assert "No listed alert names it" in str(only(told, ALLOW_UNVERIFIED_ACCOUNTS="true")[1])


def test_attribute_of_an_inspector_is_where_its_origin_is() -> None:
    source = Origin(inspector="x", attribute_type="ipaddr", attribute_value=ADDRESS)
    found = attribute("instance", INSTANCE, "subject", depth=1).model_copy(update={"origin": source})
    seen = attribute("ipaddr", ADDRESS, "local")
    for verified, refusal in ((True, None), (False, "only claimed")):
        (proposal,) = planned(report(seen, found, alerts=[from_(A, seen, verified=verified)]), MAX_DEPTH="1")
        assert (refusal or "None") in str(proposal.refusal)
    arn = attribute("arn", f"arn:aws:iam::{B}:user/eve", "subject", depth=1).model_copy(update={"origin": source})
    (proposal,) = planned(report(seen, arn, alerts=[from_(A, seen)]), MAX_DEPTH="1")
    assert "Its ARN is in account" in str(proposal.refusal)


def directory(age: int = 0, organization_id: str | None = "o-exampleorg1", **changed: Any) -> Directory:
    facts: dict[str, Any] = {"id": A, "name": "Prod", "status": "active", "kind": "member", **changed}
    return Directory(organization_id=organization_id, accounts=(AccountFacts(**facts),), read_at=NOW - age)


@pytest.mark.parametrize(
    ("account", "known", "refusal"),
    [
        (A, directory(), None),
        (A, directory(STALE_AFTER_MS), None),
        (A, directory(STALE_AFTER_MS + 1), "older than 24 hours"),
        (A, None, NO_DIRECTORY),
        (B, directory(), f"Account {B} is not in the directory."),
        ("unknown", directory(), "Its account is unknown."),
        (ACCOUNT, directory(id=ACCOUNT), HOME_PROTECTED),
        (ACCOUNT, None, HOME_PROTECTED),
        *[(A, directory(status=status), "is") for status in get_args(AccountStatus) if status != "active"],
        *[(A, directory(kind=kind), "which is protected") for kind in get_args(AccountKind) if kind != "member"],
    ],
)
def test_only_active_members_are_not_protected(account: str, known: Directory | None, refusal: str | None) -> None:
    said = about_account(account, settings(MEMBERS=MEMBERS), known, NOW)
    assert said is None if refusal is None else refusal in str(said)


@pytest.mark.parametrize(
    ("organization_id", "refused"), [("o-exampleorg1", False), (None, False), ("o-anotherorg1", True)]
)
def test_directory_of_another_organisation_is_refused(organization_id: str | None, refused: bool) -> None:
    roles = json.dumps({**json.loads(MEMBERS), "organization_id": "o-exampleorg1"})
    said = about_account(A, settings(MEMBERS=roles), directory(organization_id=organization_id), NOW)
    assert (said is not None) == refused


@pytest.mark.parametrize(
    ("tags", "allowed"),
    [
        ({"alert-responder:member": "1", "alert-responder:actions": "access_key instance"}, True),
        ({"alert-responder:member": "1", "alert-responder:actions": "instance"}, False),
        ({"alert-responder:member": "1", "alert-responder:actions": ""}, False),
        ({"alert-responder:member": "1", "alert-responder:actions": "access_keys *"}, False),
        ({"alert-responder:member": "1", "alert-responder:actions": "ACCESS_KEY"}, False),
        ({"alert-responder:member": "1", "alert-responder:actions": "access_key,instance"}, False),
        ({"alert-responder:member": "1"}, False),
        ({"alert-responder:member": "2", "alert-responder:actions": "access_key"}, False),
        ({"alert-responder:member": "", "alert-responder:actions": "access_key"}, False),
        ({"alert-responder:actions": "access_key"}, False),
        ({}, False),
    ],
)
def test_account_allows_kinds_by_the_tags_of_its_role(tags: dict[str, str], allowed: bool) -> None:
    assert (about_role(tags, "access_key") is None) == allowed


@pytest.mark.parametrize(
    ("account", "arn", "changed", "refusal"),
    [
        (A, f"arn:aws:iam::{A}:role/deploy", {}, None),
        (A, f"arn:aws:iam::{A}:role/alert-responder-responder", {}, "role of AlertResponder"),
        (A, f"arn:aws:iam::{A}:role/alert-responder-reader", {}, "role of AlertResponder"),
        # Names protect nothing: only the exact ARNs of the roles that Terraform creates.
        (A, f"arn:aws:iam::{A}:role/x/alert-responder-reader", {}, None),
        (A, f"arn:aws:iam::{A}:role/secops-emitter-quarantine-eu-west-1", {}, None),
        (A, f"arn:aws:iam::{B}:role/deploy", {}, "another account"),
        (A, f"arn:aws:iam::{ACCOUNT}:role/deploy", {}, "another account"),
        ("", f"arn:aws:iam::{A}:role/deploy", {}, "another account"),
        (A, f"arn:aws:iam::{A}:role/deploy", {"PROTECTED_ARNS": f'["arn:aws:iam::{A}:role/deploy"]'}, "protected_arns"),
        (A, f"arn:aws:iam::{A}:role/deploy", {"PROTECTED_ARNS": f'["arn:aws:iam::{B}:role/deploy"]'}, None),
    ],
)
def test_guards_of_targets_in_members(account: str, arn: str, changed: dict[str, str], refusal: str | None) -> None:
    location = Location("principal", f"role/{arn.rpartition('/')[2]}", account, "global" if account else "")
    current = TargetState(parts=(Part(name="p", before=False, after=True),), arns=(arn,))
    said = about_target(location, current, settings(MEMBERS=MEMBERS, **changed), OWN_ARN)
    assert said is None if refusal is None else refusal in str(said)


@pytest.mark.parametrize(
    ("account", "role", "known", "exempts"),
    [
        (A, "alert-responder-responder", directory(), True),
        (A, "alert-responder-reader", directory(), True),
        (A, "alert-responder-other", directory(), False),
        (B, "alert-responder-responder", directory(), False),
        (A, "alert-responder-responder", directory(status="suspended"), False),
        (A, "alert-responder-responder", directory(kind="management"), False),
        # Nothing is contained in a member without a directory, and no address either if the alert may be our own.
        (B, "alert-responder-responder", None, True),
        (ACCOUNT, "alert-responder-responder", directory(id=ACCOUNT), False),
    ],
)
def test_own_sessions_in_members_are_exempt(account: str, role: str, known: Directory | None, exempts: bool) -> None:
    subject = attribute("arn", f"arn:aws:sts::{account}:assumed-role/{role}/secops-quarantine", "subject")
    read = settings(MEMBERS=MEMBERS)
    own = read.own_roles(OWN_ARN)
    assert own
    told = of(from_(account, subject, THE_KEY))
    assert (THE_KEY.id in exempt(told, read, own, known)) == exempts
    assert THE_KEY.id not in exempt(told, settings(), own, known)


@pytest.mark.parametrize("known", [directory(), None], ids=["directory", "no directory"])
@pytest.mark.parametrize("about", [B, None, ACCOUNT])
def test_session_of_a_member_role_exempts_nothing_in_alerts_about_other_accounts(
    about: str | None, known: Directory | None
) -> None:
    """The administrator of an account can give any role there this name, and use it against other accounts."""
    bucket = attribute("arn", "arn:aws:s3:::logs-of-another", "local", "object")
    caller = attribute("arn", f"arn:aws:sts::{A}:assumed-role/alert-responder-reader/eve", "subject")
    read = settings(MEMBERS=MEMBERS)
    own = read.own_roles(OWN_ARN)
    assert own
    assert exempt(of(from_(about, caller, bucket)), read, own, known) == {}
    assert exempt(of(alert(caller, bucket)), read, own, known) == {}


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "*", "external_id": "secops-1"},
        {"name": "alert-responder"},
        {"name": "alert-responder", "external_id": "x"},
        {"name": "alert-responder", "external_id": "secops-1", "organization_id": "*"},
        {"name": "alert-responder", "external_id": "secops-1", "role": "admin"},
    ],
)
def test_invalid_members_are_rejected(wrong: dict[str, str]) -> None:
    with pytest.raises(SettingsFaultError):
        settings(MEMBERS=json.dumps(wrong))
