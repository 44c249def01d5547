"""No policy of the modules is wider than listed here, and a linter finds no fault in any."""

import json
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import tftest

from tests.plan import state
from tests.plan.conftest import CASES, FUNCTION_ARN, REQUIRED
from tests.plan.harness import ACCOUNT, Planned, arn, planned, statements
from tests.plan.test_permissions import EXECUTIONS, LOG_DELIVERY

# In a key policy, "*" is this key, and the account's root means that IAM policies decide.
KEY_POLICY = "output kms_key_policy_json"
ALL_OF_THE_KEY = {
    (KEY_POLICY, action)
    for action in ("kms:*", "kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*")
}
# A denial may apply to everything.
REFUSED = "Deny"

# Resources of one kind below a name of the installation; "*" alone is for actions without resources.
BELOW_A_NAME = {
    EXECUTIONS,
    f"{FUNCTION_ARN}:*",
    *(f"{state.BUCKET_ARN}/{prefix}/*" for prefix in ("aws/lambda", "counted", "rejected", "reports", "snapshots")),
    *(arn("logs", f"log-group:/aws/lambda/{state.NAME}-{key}:*") for key in state.FUNCTIONS),
}

# Intended findings of the linter: the policy, the fault, its location, and the reason.
INTENDED = {
    (KEY_POLICY, "MISMATCHED_TYPE", "ArnLike"): "AWS documents the ARN as a string there",
    (
        KEY_POLICY,
        "UNKNOWN_CONDITION_FOR_ACTION",
        "kms:Describe",
    ): "AWS's example for log groups has this pattern with this condition",
    (
        KEY_POLICY,
        "PERMISSIONS_MANAGEMENT_ACTIONS",
        "kms:putkeypolicy",
    ): "the account's root means that IAM policies decide",
    (KEY_POLICY, "RESOURCE_STAR", "kms:"): "in a key policy it means this key",
    (
        'aws_iam_role_policy.functions["coordinator"] policy',
        "RESOURCE_MISMATCH",
        "states:DescribeExecution",
    ): "this is a standard state machine, without express executions",
    (
        "aws_iam_role_policy.workflow_logs_and_key policy",
        "PERMISSIONS_MANAGEMENT_ACTIONS",
        "'logs:putresourcepolicy'",
    ): "Step Functions requires it to deliver logs",
}


def policies(made: Planned) -> Iterator[tuple[str, str]]:
    """List every policy of a case with the name of its resource or output."""
    for address, values in made.resources.items():
        for name in ("policy", "assume_role_policy"):
            if values.get(name):
                yield f"{address} {name}", values[name]
    for name, value in made.outputs.items():
        if name.endswith("_policy_json"):
            yield f"output {name}", value


@pytest.fixture(scope="module")
def everything(known: Planned, known_encrypted: Planned, plan: tftest.TerraformPlanOutput) -> list[tuple[str, str]]:
    attached = [planned(plan, case) for case in CASES if case.split("_")[0] in REQUIRED]
    return [found for made in (known, known_encrypted, *attached) for found in policies(made)]


def test_all_kinds_of_policies_are_checked(everything: list[tuple[str, str]]) -> None:
    assert {name.split(" ")[0].split("[")[0] for name, _ in everything} == {
        "aws_iam_role.functions",
        "aws_iam_role.workflow",
        "aws_iam_role_policy.functions",
        "aws_iam_role_policy.this",
        "aws_iam_role_policy.workflow",
        "aws_iam_role_policy.workflow_logs_and_key",
        "aws_s3_bucket_policy.archive",
        "aws_sqs_queue_policy.dead_letters",
        "output",
    }


def test_no_action_is_a_pattern(everything: list[tuple[str, str]]) -> None:
    for name, policy in everything:
        for statement in statements(policy):
            for action in statement["Action"]:
                excused = statement["Effect"] == REFUSED or (name, action) in ALL_OF_THE_KEY
                assert excused or "*" not in action, f"{name}: {action}"


def test_only_log_delivery_is_for_all_resources(everything: list[tuple[str, str]]) -> None:
    for name, policy in everything:
        for statement in statements(policy):
            if statement["Effect"] == REFUSED or name == KEY_POLICY:
                continue
            for resource in statement["Resource"]:
                if resource == "*":
                    assert set(statement["Action"]) == LOG_DELIVERY, name
                elif "*" in resource:
                    assert resource in BELOW_A_NAME, f"{name}: {resource}"


def test_only_services_for_this_account_are_trusted(everything: list[tuple[str, str]]) -> None:
    for name, policy in everything:
        for statement in statements(policy):
            principal = statement.get("Principal")
            if principal is None or statement["Effect"] == REFUSED:
                continue
            if name == KEY_POLICY and statement["Sid"] == "LetIamDecide":
                assert principal == {"AWS": arn("iam", "root", region="")}
                continue
            assert set(principal) == {"Service"}, name
            if principal["Service"] != "lambda.amazonaws.com" and statement.get("Sid") != "DeadLetters":
                # Lambda requires iam:PassRole in the role's account; others need a guard against a confused deputy.
                assert ACCOUNT in json.dumps(statement["Condition"]), name


def test_linter_finds_nothing(everything: list[tuple[str, str]]) -> None:
    # Trust policies have no resources, which the linter reports; the previous test checks them.
    linted = [(name, policy) for name, policy in everything if not name.endswith("assume_role_policy")]
    found = [(name, finding.issue, str(finding)) for name, policy in linted for finding in findings(policy)]
    intended = {each: [key for key in INTENDED if key[:2] == each[:2] and key[2] in each[2]] for each in found}

    assert [each for each, excuses in intended.items() if not excuses] == []
    assert {key for excuses in intended.values() for key in excuses} == INTENDED.keys(), (
        "the linter no longer reports these"
    )


def test_linter_finds_what_is_wrong() -> None:
    wrong: dict[str, Any] = {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "A", "Effect": "Allow", "Action": "dynamodb:GetItems", "Resource": "*"},
            {"Sid": "B", "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::bucket"},
            {"Sid": "C", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"},
        ],
    }

    assert {finding.issue for finding in findings(json.dumps(wrong))} == {
        "UNKNOWN_ACTION",
        "RESOURCE_MISMATCH",
        "RESOURCE_STAR",
    }


def findings(policy: str) -> list[Any]:
    with warnings.catch_warnings():
        # It uses pkg_resources, which prints a deprecation warning, and loads long tables when it is imported.
        warnings.simplefilter("ignore")
        import parliament
    found: list[Any] = parliament.analyze_policy_string(policy, include_community_auditors=True).findings
    return found
