"""The module that users' own plug-ins are made and attached with."""

import re
from pathlib import Path
from typing import Any

import pytest
import tftest

from tests.plan import tables
from tests.plan.conftest import INTERFACE
from tests.plan.harness import Case, arn, changes
from tests.plan.inputs import refusals
from tools.paths import ROOT

MODULE = "modules/plugin-function"
TOPIC = arn("sns", "alarms")
REQUIRED = {
    "alert_responder": INTERFACE,
    "kind": "inspector",
    "name": "who-owns-it",
    "description": "Looks up who owns an address.",
    "handler": "who_owns_it.handler",
    "package_file": str(ROOT / "examples" / "complete" / "plugins.zip"),
}
EXTERNAL = {"allow_identities": True}
QUOTA = {"attribute_types": ["ipaddr"], "cache_seconds": 60, "external": EXTERNAL, "max_per_minute": 4}
BATCHES = {"batch_size": 50, "batch_types": ["ipaddr"], "max_per_day": 500}

CASES = {
    "custom_detached": Case(MODULE, REQUIRED),
    "custom_inspector": Case(
        MODULE, {**REQUIRED, "runtime": "nodejs22.x", "attachment": QUOTA | BATCHES, "alarm_actions": [TOPIC]}
    ),
    "custom_reviewer": Case(MODULE, {**REQUIRED, "kind": "reviewer", "attachment": {}}),
    "custom_emitter": Case(
        MODULE, {**REQUIRED, "kind": "emitter", "attachment": {"severities": ["urgent"], "labels": ["network"]}}
    ),
}

REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "kind": ({"kind": "notifier"}, "kind must be commands, emitter, inspector, reviewer, schedule or source"),
    "attachment": ({"kind": "commands", "attachment": {}}, "only inspectors, reviewers and emitters can be attached"),
    "actions": ({"alarm_actions": ["pager"]}, "alarm_actions must contain at most 5 ARNs, or be null"),
    "too_many": ({"alarm_actions": [TOPIC] * 6}, "alarm_actions must contain at most 5 ARNs, or be null"),
    "runtime": ({"runtime": "Python 3.12"}, "runtime must be the identifier of a Lambda runtime"),
    "timeout": ({"timeout_seconds": 901}, "timeout_seconds must be a whole number from 1 to 900"),
}


def resource_type(address: str) -> str:
    return re.sub(r"^(module\.[^.]+\.)*", "", address).split(".")[0]


def first(plan: tftest.TerraformPlanOutput, case: str, kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(
        change["after"] for address, change in changes(plan, case).items() if resource_type(address) == kind
    )
    return found


def kinds(plan: tftest.TerraformPlanOutput, case: str) -> set[str]:
    return {resource_type(address) for address in changes(plan, case)}


def test_a_function_is_attached_only_on_request(plan: tftest.TerraformPlanOutput) -> None:
    made = {"aws_lambda_function", "aws_cloudwatch_log_group", "aws_iam_role", "aws_iam_role_policy"}
    assert kinds(plan, "custom_detached") == made
    assert kinds(plan, "custom_inspector") == made | {"aws_dynamodb_table_item", "aws_cloudwatch_metric_alarm"}


@pytest.mark.parametrize("kind", ["inspector", "reviewer", "emitter"])
def test_each_kind_is_attached_by_its_own_module(plan: tftest.TerraformPlanOutput, kind: str) -> None:
    attached = [address for address in changes(plan, f"custom_{kind}") if "aws_dynamodb_table_item" in address]
    assert attached == [f"module.{kind}[0].aws_dynamodb_table_item.this"]


def test_only_functions_in_python_get_layers_of_python_packages(plan: tftest.TerraformPlanOutput) -> None:
    assert first(plan, "custom_detached", "aws_lambda_function")["layers"] == INTERFACE["layer_arns"]
    function = first(plan, "custom_inspector", "aws_lambda_function")
    assert (function["runtime"], function["layers"]) == ("nodejs22.x", [])


def test_the_alarm_watches_the_function(plan: tftest.TerraformPlanOutput) -> None:
    function = first(plan, "custom_inspector", "aws_lambda_function")["function_name"]
    alarm = next(
        change["after"] for address, change in changes(plan, "custom_inspector").items() if "metric_alarm" in address
    )
    assert alarm["dimensions"] == {"FunctionName": function}
    assert alarm["alarm_actions"] == [TOPIC]


@pytest.fixture(scope="module")
def messages(code: Path, terraform_environment: dict[str, str]) -> dict[str, str]:
    cases = {name: Case(MODULE, {**REQUIRED, **variables}) for name, (variables, _) in REFUSED.items()}
    # A validation that compares two inputs is evaluated after all others, and not at all if one of them fails.
    compares = {"attachment": cases.pop("attachment")}
    alone = refusals(code / "plugin-function-compares", compares, terraform_environment)
    return refusals(code / "plugin-function-refused", cases, terraform_environment) | {
        "attachment": "".join(alone.values())
    }


@pytest.mark.parametrize("name", REFUSED)
def test_an_invalid_value_is_refused_with_what_is_allowed(messages: dict[str, str], name: str) -> None:
    assert REFUSED[name][1] in (messages.get(name) or messages.get("", ""))


def test_every_validation_has_a_case() -> None:
    expected = [message for _, message in REFUSED.values()]
    for variable in tables.blocks(ROOT / MODULE, "variable").values():
        for validation in variable.get("validation", []):
            text = tables.text(validation["error_message"])
            assert any(message in text for message in expected), text
