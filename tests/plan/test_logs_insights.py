"""The module `logs-insights`: rights of its function, and those of the roles that it assumes."""

import ast
import json
from typing import Any

import botocore.session
import tftest
from botocore import xform_name

from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.logs_insights.settings import LogsInsightsSettings
from tests.plan import state
from tests.plan.conftest import INTERFACE
from tests.plan.evaluator import Decision, decide
from tests.plan.harness import Case, changes, output, statements
from tests.plan.ready_made.logs_insights import LOGS, MODULE, ROLE
from tools.paths import ROOT

CASES = {
    f"logs_insights_rights_{name}": Case(
        "modules/logs-insights",
        {"alert_responder": INTERFACE, **MODULE.required, **MODULE.variants.get(name, {})},
        # With an output that depends on a resource: a plan with targets leaves out the others (`harness`).
        outputs=("reader_policies_json", "role_arn"),
        state=state.function_logs(f"secops-inspector-{'logs' if name == 'options' else 'logs-insights'}"),
    )
    for name in ("default", "options", "members")
}


def allowed(plan: tftest.TerraformPlanOutput, case: str) -> dict[str, dict[str, Any]]:
    """Return the statements that allow something, by their ids."""
    [policy] = [
        change["after"]["policy"]
        for address, change in changes(plan, f"logs_insights_rights_{case}").items()
        if address.startswith("module.function.aws_iam_role_policy.")
    ]
    return {each["Sid"]: each for each in statements(policy) if each["Effect"] == "Allow"}


def test_calls_of_logs_are_granted_for_the_listed_groups_only(plan: tftest.TerraformPlanOutput) -> None:
    operations = botocore.session.Session().get_service_model("logs").operation_names
    actions = {xform_name(operation): f"logs:{operation}" for operation in operations}
    tree = ast.parse((ROOT / "lambda/alert_responder_plugins/logs_insights/client.py").read_text(encoding="utf-8"))
    called = {actions[node.attr] for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in actions}

    granted = allowed(plan, "options")
    asking = [granted[sid] for sid in ("StartQueries", "FollowQueries")]

    assert {action for statement in asking for action in statement["Action"]} == called
    assert granted["StartQueries"]["Resource"] == [f"{LOGS}/shop/*:*", f"{LOGS}trail:*", f"{LOGS}vpn:*"]
    assert granted["AssumeRoles"]["Resource"] == [ROLE]
    least = allowed(plan, "default")
    assert least["StartQueries"]["Resource"] == [f"{LOGS}trail:*"]
    assert "logs:DescribeLogGroups" not in least["FollowQueries"]["Action"], "no prefix is listed"
    assert "AssumeRoles" not in least


def test_a_role_in_another_account_needs_rights_on_its_groups_only(plan: tftest.TerraformPlanOutput) -> None:
    [(account, policy)] = output(plan, "logs_insights_rights_options", "reader_policies_json").items()
    other = LOGS.replace("111122223333", account)

    granted = {each["Sid"]: each["Resource"] for each in statements(policy)}

    assert account == "444455556666"
    assert granted == {"StartQueries": [f"{other}shop:*"], "FollowQueries": ["*"]}


def test_member_accounts_are_asked_with_their_role_and_the_home_account_without(
    plan: tftest.TerraformPlanOutput,
) -> None:
    granted = allowed(plan, "members")

    assert granted["StartQueries"]["Resource"] == [f"{LOGS}/aws/eks/*:*", f"{LOGS}trail:*", f"{LOGS}vpn:*"]
    assert granted["AssumeRolesOfMembers"]["Resource"] == ["arn:aws:iam::*:role/alert-responder-reader"]
    assert granted["ReadDirectory"]["Condition"]["ForAllValues:StringEquals"] == {
        "dynamodb:LeadingKeys": ["organization"]
    }
    assert "AssumeRoles" not in granted


def test_other_log_groups_and_partitions_are_denied(plan: tftest.TerraformPlanOutput) -> None:
    [policy] = [
        change["after"]["policy"]
        for address, change in changes(plan, "logs_insights_rights_options").items()
        if address.startswith("module.function.aws_iam_role_policy.")
    ]
    table = str(INTERFACE["table_arn"])

    def decided(action: str, resource: str, partition: str = "") -> Decision:
        return decide(statements(policy), action, resource, {"dynamodb:LeadingKeys": [partition]} if partition else {})

    for group, wanted in (
        ("trail", "allowed"),
        ("/shop/orders", "allowed"),
        ("trail-2", "not allowed"),
        ("/aws/lambda/x", "not allowed"),
    ):
        assert decided("logs:StartQuery", f"{LOGS}{group}:*") == wanted, group
    assert decided("logs:GetLogEvents", f"{LOGS}trail:*") == "not allowed"
    assert decided("dynamodb:UpdateItem", table, "report/x") != "allowed"
    assert decided("dynamodb:UpdateItem", table, "budget/athena/x") != "allowed"
    assert decided("dynamodb:UpdateItem", table, "budget/logs/x") == "allowed"


def test_the_function_writes_only_its_budget(plan: tftest.TerraformPlanOutput) -> None:
    writes = {sid: each for sid, each in allowed(plan, "default").items() if "dynamodb:UpdateItem" in each["Action"]}

    assert list(writes) == ["CountBytes"]
    assert writes["CountBytes"]["Action"] == ["dynamodb:PutItem", "dynamodb:UpdateItem"]
    assert writes["CountBytes"]["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["budget/logs-insights/*"]}
    }


def test_settings_can_be_read(plan: tftest.TerraformPlanOutput) -> None:
    for case in ("default", "options", "members"):
        for address, change in changes(plan, f"logs_insights_rights_{case}").items():
            if ".aws_lambda_function." in address:
                variables = change["after"]["environment"][0]["variables"]
                settings = read_settings(LogsInsightsSettings, {**variables, "AWS_REGION": "eu-west-1"})
                assert settings.read_sources()
                assert json.loads(variables["SOURCES"]).keys() == {source.name for source in settings.read_sources()}
                assert [query.name for query in settings.custom_queries()] == ([] if case == "default" else ["vpn"])
