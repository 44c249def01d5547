"""The module that keeps the directory: its rights, what it creates for which inputs, and what it refuses."""

import ast
import json
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import tftest
from botocore import xform_name

from alert_responder.store import keys
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.organization.handler import GAPS, REFRESHED
from alert_responder_plugins.organization.refresh import of_list
from alert_responder_plugins.organization.settings import OrganizationSettings
from tests.fakes.cloudwatch import READINGS, Alarm
from tests.plan import state, tables
from tests.plan.conftest import INTERFACE
from tests.plan.evaluator import decide
from tests.plan.harness import ACCOUNT, Case, arn, changes, statements
from tests.plan.inputs import refusals
from tools.paths import ROOT

MODULE = "modules/organization"
SHOP, PAYER, AUDIT = "444455556666", "777788889999", "888899990000"
VARIANTS: dict[str, dict[str, Any]] = {
    "default": {},
    "options": {
        "alarm_actions": [arn("sns", "security-alerts")],
        "organizational_units": ["r-abcd", "ou-abcd-12345678"],
        "owner_tags": ["owner"],
        "environment_tags": [],
        "refresh_minutes": 360,
    },
    "untagged": {"owner_tags": [], "environment_tags": []},
    "listed": {
        "accounts": {
            SHOP: {"name": "Shop", "unit": "Root/Prod", "environment": "production"},
            PAYER: {"name": "Payer"},
        },
        "management_account": PAYER,
        "delegated_administrator_accounts": [AUDIT],
        "refresh_minutes": 15,
    },
}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"accounts": {}}, "accounts must contain 1 to 1,000 accounts by ids of 12"),
    ({"accounts": {"shop": {}}}, "accounts must contain 1 to 1,000 accounts by ids of 12"),
    ({"accounts": {SHOP: None}}, "accounts must contain 1 to 1,000 accounts by ids of 12"),
    ({"accounts": {f"{n:012d}": {} for n in range(1001)}}, "accounts must contain 1 to 1,000 accounts by ids of 12"),
    *(
        ({"accounts": {SHOP: {field: text}}}, "Texts in accounts must have at least 1 character, and at most 100 in")
        for field, text in (
            *(("name", text) for text in ("", "x" * 101)),
            *(("unit", "x" * 774), ("owner", "x" * 257), ("environment", "x" * 257)),
        )
    ),
    (
        {"accounts": {f"{n:012d}": {"unit": "x" * 700} for n in range(1000)}},
        "accounts may have 360,000 bytes as JSON",
    ),
    ({"alarm_actions": ["alarms"]}, "alarm_actions must contain at most 5 ARNs"),
    (
        {"accounts": {SHOP: {}}, "delegated_administrator_accounts": ["audit"]},
        "delegated_administrator_accounts must contain at most 100 ids of 12 digits",
    ),
    *(
        ({"environment_tags": value}, "environment_tags must contain at most 10 keys of 1 to 128 characters")
        for value in ([""], [None], ["x"] * 11)
    ),
    ({"management_account": "payer", "accounts": {SHOP: {}}}, "management_account must be an id of 12 digits"),
    *(
        ({"organizational_units": value}, "organizational_units must contain 1 to 50 ids such as ou-abcd-12345678")
        for value in ([], ["ou-abcd"], ["Workloads"], [f"ou-abcd-{n:08d}" for n in range(51)])
    ),
    ({"owner_tags": ["x" * 129]}, "owner_tags must contain at most 10 keys of 1 to 128 characters"),
    *(
        ({"refresh_minutes": value}, "refresh_minutes must be a whole number from 15 to 360")
        for value in (14, 361, 20.5)
    ),
]
COMPARED: dict[str, tuple[dict[str, Any], str]] = {
    "administrators": (
        {"delegated_administrator_accounts": [AUDIT]},
        "delegated_administrator_accounts must be empty unless accounts is set",
    ),
    "management": ({"management_account": PAYER}, "management_account must be null unless accounts is set"),
    "units": (
        {"organizational_units": ["r-abcd"], "accounts": {SHOP: {}}},
        "organizational_units must be null if accounts is set",
    ),
}
CASES = {
    f"organization_{name}": Case(
        MODULE,
        {"alert_responder": INTERFACE, **variables},
        state=state.function_logs("secops-schedule-organization"),
    )
    for name, variables in VARIANTS.items()
}
TABLE = str(INTERFACE["table_arn"])


@pytest.fixture(scope="module")
def messages(code: Path, terraform_environment: dict[str, str]) -> dict[str, str]:
    cases = {
        f"case_{n}": Case(MODULE, {"alert_responder": INTERFACE, **variables})
        for n, (variables, _) in enumerate(REFUSED)
    }
    found = refusals(code / "organization-refused", cases, terraform_environment)
    # A validation that compares two inputs is evaluated after all others.
    compared = {
        name: Case(MODULE, {"alert_responder": INTERFACE, **variables}) for name, (variables, _) in COMPARED.items()
    }
    alone = refusals(code / "organization-compared", compared, terraform_environment)
    return found | {name: alone.get(name) or "".join(alone.values()) for name in COMPARED}


def made(plan: tftest.TerraformPlanOutput, case: str) -> dict[str, Any]:
    return {address: change["after"] for address, change in changes(plan, f"organization_{case}").items()}


def granted(plan: tftest.TerraformPlanOutput, case: str) -> list[dict[str, Any]]:
    return statements(made(plan, case)["module.function.aws_iam_role_policy.this"]["policy"])


def actions(found: list[dict[str, Any]]) -> set[str]:
    return {action for each in found if each["Effect"] == "Allow" for action in each["Action"]}


def organizations(found: list[dict[str, Any]]) -> set[str]:
    return {action for action in actions(found) if action.startswith("organizations:")}


def settings(plan: tftest.TerraformPlanOutput, case: str) -> OrganizationSettings:
    [environment] = made(plan, case)["module.function.aws_lambda_function.this"]["environment"]
    variables = environment["variables"]
    aliases = {str(field.alias) for field in OrganizationSettings.model_fields.values()}
    assert variables.keys() == aliases | {"LOG_LEVEL", "POWERTOOLS_SERVICE_NAME"}
    return read_settings(OrganizationSettings, variables)


def test_exactly_the_calls_of_the_code_are_granted(plan: tftest.TerraformPlanOutput) -> None:
    operations = botocore.session.Session().get_service_model("organizations").operation_names
    known = {xform_name(operation): f"organizations:{operation}" for operation in operations}
    tree = ast.parse((ROOT / "lambda/alert_responder_plugins/organization/client.py").read_text(encoding="utf-8"))
    called = {
        known[node.value]
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in known
    }
    assert organizations(granted(plan, "default")) == called
    assert organizations(granted(plan, "untagged")) == called - {"organizations:ListTagsForResource"}
    assert organizations(granted(plan, "listed")) == set()
    readme = (ROOT / MODULE / "README.md").read_text(encoding="utf-8")
    assert all(f'"{action}"' in readme for action in called)


def test_the_function_reads_the_organisation_and_changes_nothing(plan: tftest.TerraformPlanOutput) -> None:
    for case in VARIANTS:
        found = granted(plan, case)
        assert all(action.split(":")[1].startswith(("Describe", "List")) for action in organizations(found))
        everywhere = {action for each in found if each["Resource"] == ["*"] for action in each["Action"]}
        assert everywhere <= {
            "organizations:DescribeOrganization",
            "organizations:ListAccounts",
            "organizations:ListDelegatedAdministrators",
            "organizations:ListRoots",
        }
    default = granted(plan, "default")
    account = f"arn:aws:organizations::{PAYER}:account/o-exampleorgid/{SHOP}"
    unit = f"arn:aws:organizations::{PAYER}:ou/o-exampleorgid/ou-abcd-12345678"
    root = f"arn:aws:organizations::{PAYER}:root/o-exampleorgid/r-abcd"
    policy = f"arn:aws:organizations::{PAYER}:policy/o-exampleorgid/service_control_policy/p-12345678"
    asked = {
        "ListTagsForResource": {account: "allowed", unit: "not allowed", policy: "not allowed"},
        "ListAccountsForParent": {unit: "allowed", root: "allowed", account: "not allowed"},
        "ListOrganizationalUnitsForParent": {unit: "allowed", root: "allowed", account: "not allowed"},
        "DescribeAccount": {account: "not allowed"},
        "TagResource": {account: "not allowed"},
    }
    for action, by_resource in asked.items():
        for resource, decision in by_resource.items():
            assert decide(default, f"organizations:{action}", resource, {}) == decision, (action, resource)


@pytest.mark.parametrize("case", VARIANTS)
def test_only_its_own_partition_is_read_and_written(plan: tftest.TerraformPlanOutput, case: str) -> None:
    found = granted(plan, case)
    everything = {"Effect": "Allow", "Action": ["*"], "Resource": ["*"]}

    def ask(action: str, *partitions: str, more: bool = False) -> str:
        listed = [*found, everything] if more else found
        return decide(listed, f"dynamodb:{action}", TABLE, {"dynamodb:LeadingKeys": partitions})

    own = keys.directory().pk
    assert keys.listed_accounts().pk == own
    assert {ask("GetItem", own), ask("PutItem", own)} == {"allowed"}
    assert {ask(action, own) for action in ("DeleteItem", "Query", "Scan", "UpdateItem")} == {"not allowed"}
    for other in ("config", "plugin/emitter", "policy/policy", "quarantine/quarantine", "report/x", "organization/x"):
        assert ask("GetItem", other) == "not allowed"
        assert ask("PutItem", other, more=True) == "denied"
        assert ask("PutItem", own, other, more=True) == "denied"


def test_the_settings_are_those_that_the_code_reads(plan: tftest.TerraformPlanOutput) -> None:
    default, options, listed = (settings(plan, case) for case in ("default", "options", "listed"))
    assert (default.home, default.installation, default.listed) == (ACCOUNT, "secops", False)
    assert (default.organizational_units, default.time_budget_seconds) == (None, 700)
    assert options.organizational_units == frozenset({"r-abcd", "ou-abcd-12345678"})
    assert (options.owner_tags, options.environment_tags) == (("owner",), ())
    assert listed.listed


def test_listed_accounts_are_an_item_that_the_code_reads(plan: tftest.TerraformPlanOutput) -> None:
    item = json.loads(made(plan, "listed")["aws_dynamodb_table_item.accounts[0]"]["item"])
    assert (item["pk"]["S"], item["sk"]["S"]) == keys.listed_accounts()
    found = of_list(json.loads(item["accounts"]["S"]), settings(plan, "listed"), 1).directory
    assert [(each.id, each.kind, each.name, each.unit, each.environment) for each in found.accounts] == [
        (SHOP, "member", "Shop", "Root/Prod", "production"),
        (PAYER, "management", "Payer", "", None),
        (AUDIT, "delegated_administrator", "", "", None),
    ]
    assert not any("table_item" in address for address in made(plan, "default"))


@pytest.mark.parametrize("case", VARIANTS)
def test_the_schedule_calls_the_function(plan: tftest.TerraformPlanOutput, case: str) -> None:
    found = made(plan, case)
    minutes = VARIANTS[case].get("refresh_minutes", 60)
    assert found["aws_cloudwatch_event_rule.refresh"]["schedule_expression"] == f"rate({minutes} minutes)"
    permission = found["aws_lambda_permission.refresh"]
    assert (permission["principal"], permission["action"]) == ("events.amazonaws.com", "lambda:InvokeFunction")
    function = found["module.function.aws_lambda_function.this"]
    assert function["handler"] == "alert_responder_plugins.organization.handler.handler"
    # The last call of AWS Organizations and the write may begin just before the budget is used up.
    assert function["timeout"] >= settings(plan, case).time_budget_seconds + 170


@pytest.mark.parametrize("case", VARIANTS)
def test_alarms_notice_missing_and_incomplete_refreshes(plan: tftest.TerraformPlanOutput, case: str) -> None:
    found = made(plan, case)
    planned = [found[f"aws_cloudwatch_metric_alarm.{name}"] for name in ("stale", "incomplete")]
    assert all(set(each["alarm_actions"] or ()) == set(VARIANTS[case].get("alarm_actions", ())) for each in planned)
    stale, incomplete = (Alarm.planned(each, lambda dimensions: dimensions["installation"]) for each in planned)
    every = VARIANTS[case].get("refresh_minutes", 60)
    start, day = -20 * every, 24 * 60

    def raised(alarm: Alarm, gaps: dict[int, float], refreshed: list[int]) -> list[tuple[int, ...]]:
        """List the minutes before and after which the alarm is raised, in each reading of the documentation."""
        recording = {
            f"secops/{REFRESHED}": dict.fromkeys(refreshed, 1.0),
            f"secops/{GAPS}": dict.fromkeys(refreshed, 0.0) | gaps,
        }
        minutes = [alarm.raised(recording, range(day), reading) for reading in READINGS]
        return [(each[0], each[-1]) if each else () for each in minutes]

    # A refresh takes different times.
    usual = [minute + minute % 13 for minute in range(start, day, every)]
    assert not any(raised(stale, {}, usual))
    # One refresh fails.
    assert not any(raised(stale, {}, [each for each in usual if not 0 <= each < every]))
    # None succeeds any more: the alarm comes well before the directory is stale, and stays.
    last = max(each for each in usual if each < 0)
    for first, until in raised(stale, {}, [each for each in usual if each <= last]):
        assert 3 * every <= first - last <= 3 * every + 1
        assert until == day - 1
    # None ever succeeded.
    assert raised(stale, {}, []) == [(0, day - 1)] * len(READINGS)

    after = [each for each in usual if each >= 0]
    assert not any(raised(incomplete, {}, usual))
    assert not any(raised(incomplete, {after[0]: 2.0}, usual))
    for first, *_ in raised(incomplete, dict.fromkeys(after, 1.0), usual):
        assert first <= after[0] + 3 * every


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_invalid_inputs_are_refused_with_what_is_allowed(messages: dict[str, str], number: int) -> None:
    assert REFUSED[number][1] in messages.get(f"case_{number}", "")


@pytest.mark.parametrize("name", COMPARED)
def test_inputs_that_do_not_go_together_are_refused(messages: dict[str, str], name: str) -> None:
    assert COMPARED[name][1] in messages[name]


def test_every_validation_has_a_case() -> None:
    expected = [message for _, message in (*REFUSED, *COMPARED.values())]
    for variable in tables.blocks(ROOT / MODULE, "variable").values():
        for validation in variable.get("validation", []):
            text = tables.text(validation["error_message"])
            assert any(message in text for message in expected), text
