"""Ready-made plug-ins that call AWS have exactly the rights that their code uses and the settings that it reads."""

import ast
from typing import Any

import botocore.session
import pytest
import tftest
from botocore import xform_name

from alert_responder_plugins.aws_context.settings import AwsContextSettings
from alert_responder_plugins.common.settings import PluginSettings, read_settings
from alert_responder_plugins.history.settings import HistorySettings
from alert_responder_plugins.policy.settings import PolicySettings
from tests.plan import state
from tests.plan.conftest import INTERFACE
from tests.plan.evaluator import Decision, decide
from tests.plan.harness import Case, changes, statements
from tests.plan.ready_made import all_modules
from tests.plan.ready_made.aws_context import MEMBERS
from tools.paths import ROOT

# The services that each plug-in calls, and the prefixes of their actions.
SERVICES = {
    "aws-context": {
        "cloudtrail": "cloudtrail",
        "ec2": "ec2",
        "elbv2": "elasticloadbalancing",
        "iam": "iam",
        "sts": "sts",
    },
    "history": {"dynamodb": "dynamodb"},
}
NAMES = (*SERVICES, "policy")
# Inputs with which all calls are granted and all settings are set.
SET = {"aws-context": MEMBERS}
SETTINGS: dict[str, type[PluginSettings]] = {
    "aws-context": AwsContextSettings,
    "history": HistorySettings,
    "policy": PolicySettings,
}
# Variables that the logger reads.
POWERTOOLS = {"LOG_LEVEL", "POWERTOOLS_SERVICE_NAME"}
LOGS = {"logs:CreateLogStream", "logs:PutLogEvents"}
MODULES = all_modules()
FUNCTION = "module.function.aws_lambda_function.this"
POLICY = "module.function.aws_iam_role_policy.this"


def case_of(plug_in: str) -> str:
    return f"{plug_in.replace('-', '_')}_function"


CASES = {
    case_of(name): Case(
        f"modules/{name}",
        {"alert_responder": INTERFACE, **MODULES[name].required, **SET.get(name, {})},
        state=state.function_logs(f"secops-{MODULES[name].kind}-{name}"),
        targets=(FUNCTION,),
    )
    for name in NAMES
}


def called(plug_in: str) -> set[str]:
    """Find the operations that the plug-in's code names, as IAM actions."""
    session = botocore.session.Session()
    actions = {
        xform_name(operation): f"{prefix}:{operation}"
        for service, prefix in SERVICES[plug_in].items()
        for operation in session.get_service_model(service).operation_names
    }
    plug_ins = ROOT / "lambda" / "alert_responder_plugins"
    texts = [path.read_text(encoding="utf-8") for path in (plug_ins / plug_in.replace("-", "_")).rglob("*.py")]
    if any("common.accounts import" in text for text in texts):
        texts.append((plug_ins / "common" / "accounts.py").read_text(encoding="utf-8"))
    words: set[str] = set()
    for text in texts:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Attribute):
                words.add(node.attr)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                words.add(node.value)
    return {actions[word] for word in words if word in actions}


@pytest.fixture(scope="module")
def policies(plan: tftest.TerraformPlanOutput) -> dict[str, list[dict[str, Any]]]:
    """The statements of each function's role."""
    return {name: statements(changes(plan, case_of(name))[POLICY]["after"]["policy"]) for name in NAMES}


@pytest.mark.parametrize("plug_in", SERVICES)
def test_grants_are_the_calls_in_the_code(policies: dict[str, list[dict[str, Any]]], plug_in: str) -> None:
    allowed = (statement for statement in policies[plug_in] if statement["Effect"] == "Allow")
    granted = {action for statement in allowed for action in statement["Action"]}

    # `store/directory.py` reads the directory.
    directory = {"dynamodb:GetItem"} if plug_in in SET else set()
    assert granted == called(plug_in) | LOGS | directory


def test_inspectors_read_the_directory_and_nothing_else_of_the_table(policies: dict[str, list[dict[str, Any]]]) -> None:
    def read(*partitions: str) -> Decision:
        context = {"dynamodb:LeadingKeys": partitions}
        return decide(policies["aws-context"], "dynamodb:GetItem", str(INTERFACE["table_arn"]), context)

    assert read("organization") == "allowed"
    assert {read(other) for other in ("organization2", "config", "report/x", "plugin/inspector")} == {"not allowed"}
    assert read("organization", "report/x") == "not allowed"


@pytest.mark.parametrize("plug_in", NAMES)
def test_only_actions_without_resources_are_allowed_on_all(
    policies: dict[str, list[dict[str, Any]]], plug_in: str
) -> None:
    everywhere = {
        action for statement in policies[plug_in] if statement["Resource"] == ["*"] for action in statement["Action"]
    }

    assert everywhere == MODULES[plug_in].everywhere


def test_history_reads_only_the_partitions_of_attributes(policies: dict[str, list[dict[str, Any]]]) -> None:
    [reading] = [statement for statement in policies["history"] if "dynamodb:Query" in statement["Action"]]

    assert reading["Resource"] == [INTERFACE["table_arn"]]
    assert reading["Condition"] == {"ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["attribute/*"]}}


def test_the_policy_reads_only_its_own_partition(policies: dict[str, list[dict[str, Any]]]) -> None:
    def read(*partitions: str) -> Decision:
        context = {"dynamodb:LeadingKeys": partitions}
        return decide(policies["policy"], "dynamodb:GetItem", str(INTERFACE["table_arn"]), context)

    allowed = (statement for statement in policies["policy"] if statement["Effect"] == "Allow")
    assert {action for statement in allowed for action in statement["Action"]} == {"dynamodb:GetItem"} | LOGS
    assert read("policy/policy") == "allowed"
    others = ("policy/other", "policy/policy2", "policy", "config", "plugin/reviewer", "report/x", "attribute/x")
    assert {read(other) for other in others} == {"not allowed"}
    assert read("policy/policy", "policy/other") == "not allowed"


@pytest.mark.parametrize("plug_in", NAMES)
def test_settings_are_those_that_the_code_reads(plan: tftest.TerraformPlanOutput, plug_in: str) -> None:
    [environment] = changes(plan, case_of(plug_in))[FUNCTION]["after"]["environment"]
    variables = environment["variables"]
    model = SETTINGS[plug_in]

    assert variables.keys() == {str(field.alias) for field in model.model_fields.values()} | POWERTOOLS
    assert read_settings(model, variables).model_dump(by_alias=True).keys() == variables.keys() - POWERTOOLS
