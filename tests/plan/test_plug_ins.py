"""What attaching a plug-in makes: an entry in the registry and one right."""

import json
from typing import Any

import pytest
import tftest

from tests.plan.conftest import FUNCTION_ARN, INTERFACE
from tests.plan.harness import Configuration, arn, statements

PLUG_INS = ("emitter", "inspector", "reviewer")

# An inline policy with the longest name and ARN in use, and all of a role's inline policies together.
POLICY_CHARACTERS = 260
ROLE_CHARACTERS = 10_240


def item(plan: tftest.TerraformPlanOutput) -> dict[str, Any]:
    entry = plan.resources["aws_dynamodb_table_item.this"]["values"]
    assert (entry["table_name"], entry["hash_key"], entry["range_key"]) == (INTERFACE["table_name"], "pk", "sk")
    found: dict[str, Any] = json.loads(entry["item"])
    return found


@pytest.fixture(scope="module")
def plans(plug_in_modules: dict[str, Configuration]) -> dict[str, tftest.TerraformPlanOutput]:
    return {name: module.plan() for name, module in plug_in_modules.items()}


@pytest.mark.parametrize("module", PLUG_INS)
def test_two_resources(plans: dict[str, tftest.TerraformPlanOutput], module: str) -> None:
    assert set(plans[module].resources) == {"aws_dynamodb_table_item.this", "aws_iam_role_policy.this"}


@pytest.mark.parametrize(
    ("module", "role", "policy_name"),
    [
        ("emitter", "runner_role_name", "emitter-pager"),
        ("inspector", "runner_role_name", "inspector-whois"),
        ("reviewer", "coordinator_role_name", "reviewer"),
    ],
)
def test_function_with_its_versions_may_be_called(
    plans: dict[str, tftest.TerraformPlanOutput], module: str, role: str, policy_name: str
) -> None:
    policy = plans[module].resources["aws_iam_role_policy.this"]["values"]
    (statement,) = statements(policy["policy"])

    assert (policy["role"], policy["name"]) == (INTERFACE[role], policy_name)
    assert (statement["Effect"], statement["Action"]) == ("Allow", ["lambda:InvokeFunction"])
    assert statement["Resource"] == [FUNCTION_ARN, f"{FUNCTION_ARN}:*"]


@pytest.mark.parametrize("module", PLUG_INS)
def test_of_a_named_alias_just_that_may_be_called(plug_in_modules: dict[str, Configuration], module: str) -> None:
    plan = plug_in_modules[module].plan({"function_arn": f"{FUNCTION_ARN}:live"})
    (statement,) = statements(plan.resources["aws_iam_role_policy.this"]["values"]["policy"])

    assert statement["Resource"] == [f"{FUNCTION_ARN}:live"]
    assert item(plan)["arn"] == {"S": f"{FUNCTION_ARN}:live"}


def test_entries_without_filters(plans: dict[str, tftest.TerraformPlanOutput]) -> None:
    nothing: dict[str, list[Any]] = {"L": []}
    common = {"arn": {"S": FUNCTION_ARN}, "enabled": {"BOOL": True}, "version": {"N": "1"}}

    assert item(plans["emitter"]) == common | {
        "pk": {"S": "plugin/emitter"},
        "sk": {"S": "pager"},
        "detectors": nothing,
        "severities": nothing,
    }
    assert item(plans["inspector"]) == common | {
        "pk": {"S": "plugin/inspector"},
        "sk": {"S": "whois"},
        "attribute_types": nothing,
        "cache_seconds": {"N": "0"},
        "contexts": nothing,
        "detectors": nothing,
    }
    assert item(plans["reviewer"]) == common | {"pk": {"S": "plugin/reviewer"}, "sk": {"S": "reviewer"}}


def test_filters_are_sorted_and_without_repetition(plug_in_modules: dict[str, Configuration]) -> None:
    inspector = item(
        plug_in_modules["inspector"].plan(
            {
                "attribute_types": ["ipaddr", "domain", "ipaddr"],
                "cache_seconds": 2592000,
                "contexts": ["server", "remote"],
                "detectors": ["b", "a"],
                "enabled": False,
            }
        )
    )
    emitter = item(plug_in_modules["emitter"].plan({"severities": ["urgent", "safe"], "enabled": False}))

    assert inspector["attribute_types"] == {"L": [{"S": "domain"}, {"S": "ipaddr"}]}
    assert inspector["cache_seconds"] == {"N": "2592000"}
    assert inspector["contexts"] == {"L": [{"S": "remote"}, {"S": "server"}]}
    assert inspector["detectors"] == {"L": [{"S": "a"}, {"S": "b"}]}
    assert inspector["enabled"] == emitter["enabled"] == {"BOOL": False}
    assert emitter["severities"] == {"L": [{"S": "safe"}, {"S": "urgent"}]}


def test_a_role_holds_as_many_plug_ins_as_is_documented(plug_in_modules: dict[str, Configuration]) -> None:
    plan = plug_in_modules["inspector"].plan({"function_arn": arn("lambda", "function:secops-inspector-whois")})
    length = len(plan.resources["aws_iam_role_policy.this"]["values"]["policy"])

    # The runner's own policy has less than 1,500.
    assert (ROLE_CHARACTERS - 1_500) // length >= 35
