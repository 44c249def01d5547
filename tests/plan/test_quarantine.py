"""What the quarantine's function may do, for a function whose log group is there, so that its policy is known."""

from typing import Any

import pytest
import tftest

from tests.plan import state
from tests.plan.conftest import INTERFACE
from tests.plan.harness import ACCOUNT, REGION, Case, arn, changes, statements
from tests.plan.ready_made.quarantine import GROUPS, MODULE

VARIANTS = {"dry": {}, **MODULE.variants}
POLICY = "module.function.aws_iam_role_policy.this"
CASES = {
    f"quarantine_function_{name}": Case(
        "modules/quarantine",
        {"alert_responder": INTERFACE, **variables},
        state=state.function_logs("secops-emitter-quarantine"),
        targets=(POLICY,),
    )
    for name, variables in VARIANTS.items()
}

OWN = {"logs:CreateLogStream", "logs:PutLogEvents"}
JOURNAL = {"dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"}
LOOKS_AT_IAM = {
    "iam:GetAccessKeyLastUsed",
    "iam:GetRole",
    "iam:GetUser",
    "iam:ListAccessKeys",
    "iam:ListAttachedRolePolicies",
    "iam:ListAttachedUserPolicies",
}
USERS, ROLES = f"arn:aws:iam::{ACCOUNT}:user/*", f"arn:aws:iam::{ACCOUNT}:role/*"


@pytest.fixture(scope="module")
def policies(plan: tftest.TerraformPlanOutput) -> dict[str, list[dict[str, Any]]]:
    """The statements of each variant's role."""
    return {
        name: statements(changes(plan, f"quarantine_function_{name}")[POLICY]["after"]["policy"]) for name in VARIANTS
    }


def allowed(found: list[dict[str, Any]]) -> set[str]:
    return {action for each in found if each["Effect"] == "Allow" for action in each["Action"]}


def by_id(found: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(each for each in found if each["Sid"] == name)


def test_a_dry_run_may_look_and_nothing_else(policies: dict[str, list[dict[str, Any]]]) -> None:
    assert allowed(policies["dry"]) == OWN | JOURNAL | LOOKS_AT_IAM


def test_kinds_that_are_off_are_not_granted(policies: dict[str, list[dict[str, Any]]]) -> None:
    assert allowed(policies["without_snapshots"]) == OWN | JOURNAL | MODULE.everywhere | {
        "ec2:ModifyNetworkInterfaceAttribute"
    }


def test_all_resources_stand_only_where_aws_knows_no_others(policies: dict[str, list[dict[str, Any]]]) -> None:
    for found in policies.values():
        for each in found:
            assert "*" not in "".join(each["Action"])
            if each["Resource"] == ["*"]:
                assert set(each["Action"]) == MODULE.everywhere


def test_the_journal_is_in_its_own_partition(policies: dict[str, list[dict[str, Any]]]) -> None:
    journal = by_id(policies["armed"], "KeepJournal")
    assert journal["Resource"] == [INTERFACE["table_arn"]]
    assert journal["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["quarantine/quarantine"]}}
    settings = by_id(policies["armed"], "ReadSettings")
    assert (settings["Action"], settings["Resource"]) == (["dynamodb:GetItem"], [INTERFACE["table_arn"]])
    assert settings["Condition"] == {"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["config"]}}


def test_what_is_changed_is_as_narrow_as_aws_lets_it(policies: dict[str, list[dict[str, Any]]]) -> None:
    found = policies["armed"]
    interfaces = by_id(found, "ChangeInterfaces")
    assert interfaces["Condition"] == {"ArnEquals": {"ec2:Vpc": [arn("ec2", f"vpc/{next(iter(GROUPS))}")]}}
    principals = by_id(found, "DenyPrincipals")
    deny = f"arn:aws:iam::{ACCOUNT}:policy/secops-quarantine-deny-{REGION}"
    assert principals["Condition"] == {"ArnEquals": {"iam:PolicyARN": deny}}
    assert principals["Resource"] == [ROLES, USERS]
    assert by_id(found, "ChangeAccessKeys")["Resource"] == [USERS]
    assert len(by_id(found, "ChangeIpSets")["Resource"]) == 2
    assert by_id(found, "TagSnapshotsAsTheyAreMade")["Condition"] == {
        "StringEquals": {"ec2:CreateAction": "CreateSnapshots"}
    }


def test_protected_tags_and_our_own_roles_are_denied_by_iam_as_well(policies: dict[str, list[dict[str, Any]]]) -> None:
    denied = [each for each in policies["armed"] if each["Effect"] == "Deny"]
    assert by_id(denied, "NeverAlertResponder")["Resource"] == [f"arn:aws:iam::{ACCOUNT}:role/secops-*"]
    assert [each["Condition"] for each in denied if "Condition" in each] == [
        {"StringLike": {"aws:ResourceTag/protected": "*"}},
        {"StringLike": {"aws:ResourceTag/team": "payments"}},
    ]
    # Undoing is never denied.
    assert {action for each in denied for action in each["Action"]} == {"iam:AttachRolePolicy", "iam:AttachUserPolicy"}
