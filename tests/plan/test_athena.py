"""The module `athena`: rights of both functions, and what it creates for which inputs."""

import ast
import json
from typing import Any

import botocore.session
import tftest
from botocore import xform_name

from alert_responder_plugins.athena.settings import AthenaSettings
from alert_responder_plugins.common.settings import read_settings
from alert_responder_plugins.logs.questions import ATTRIBUTE_TYPES
from tests.plan import state
from tests.plan.conftest import INTERFACE
from tests.plan.harness import Case, changes, output, statements
from tests.plan.ready_made.athena import MODULE, ROLE
from tools.paths import ROOT

CASES = {
    f"athena_rights_{name}": Case(
        "modules/athena",
        {"alert_responder": INTERFACE, **MODULE.required, **MODULE.variants.get(name, {})},
        # With an output that depends on a resource: a plan with targets leaves out the others (`harness`).
        outputs=("reader_policy_json", "role_arns") if name == "other_account" else (),
        state=(
            *state.function_logs(f"secops-inspector-{'logs' if name == 'options' else 'athena'}"),
            *(
                ()
                if name in ("least", "other_account")
                else state.function_logs("secops-inspector-athena-rollup", "rollup[0]")
            ),
        ),
    )
    for name in ("default", "options", "least", "other_account")
}
BUCKET = f"secops-athena-{INTERFACE['account_id']}-{INTERFACE['region']}"


def allowed(plan: tftest.TerraformPlanOutput, case: str, module: str) -> dict[str, dict[str, Any]]:
    """Return the statements that allow something, by their ids."""
    made = changes(plan, f"athena_rights_{case}")
    [policy] = [
        change["after"]["policy"]
        for address, change in made.items()
        if address.startswith(module) and ".aws_iam_role_policy." in address
    ]
    return {each["Sid"]: each for each in statements(policy) if each["Effect"] == "Allow"}


def types(plan: tftest.TerraformPlanOutput, case: str) -> set[str]:
    return {address.split(".")[0] for address in changes(plan, f"athena_rights_{case}") if address.startswith("aws_")}


def test_calls_of_athena_are_granted_in_the_workgroup_only(plan: tftest.TerraformPlanOutput) -> None:
    operations = botocore.session.Session().get_service_model("athena").operation_names
    actions = {xform_name(operation): f"athena:{operation}" for operation in operations}
    tree = ast.parse((ROOT / "lambda/alert_responder_plugins/athena/client.py").read_text(encoding="utf-8"))
    called = {actions[node.attr] for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in actions}

    running = allowed(plan, "options", "module.function")["RunQueries"]

    assert set(running["Action"]) == called
    assert running["Resource"] == ["arn:aws:athena:eu-west-1:111122223333:workgroup/security"]


def test_in_another_account_its_role_reads_and_the_function_only_assumes_it(plan: tftest.TerraformPlanOutput) -> None:
    granted = allowed(plan, "other_account", "module.function")
    reader = statements(output(plan, "athena_rights_other_account", "reader_policy_json"))
    by_id = {each["Sid"]: each for each in reader}

    assert granted.keys() == {"AssumeRole", "CountBytes", "WriteLogs"}
    assert granted["AssumeRole"]["Resource"] == [ROLE]
    assert by_id["RunQueries"]["Resource"] == ["arn:aws:athena:eu-west-1:444455556666:workgroup/security"]
    assert by_id["ReadTables"]["Resource"][0] == "arn:aws:glue:eu-west-1:444455556666:catalog"
    assert by_id.keys() == {
        "RunQueries",
        "ReadTables",
        "ReadLogs",
        "ListLogs",
        "ReadLake",
        "StoreResults",
        "ListResults",
    }
    assert not types(plan, "other_account"), "nothing is stored here"


def test_only_listed_tables_and_places_are_read(plan: tftest.TerraformPlanOutput) -> None:
    reading = allowed(plan, "options", "module.function")
    glue = "arn:aws:glue:eu-west-1:111122223333"

    assert reading["ReadTables"]["Resource"] == [
        f"{glue}:catalog",
        f"{glue}:database/security",
        f"{glue}:table/security/cloudtrail",
        f"{glue}:table/security/vpn",
        f"{glue}:database/secops_logs_eu_west_1",
        f"{glue}:table/secops_logs_eu_west_1/counts",
    ]
    assert reading["ReadLogs"]["Resource"] == [
        "arn:aws:s3:::invented-trail/AWSLogs/111122223333/CloudTrail/*",
        "arn:aws:s3:::invented-vpn/logs/*",
    ]
    assert reading["StoreResults"]["Resource"] == ["arn:aws:s3:::invented-results/athena/*"]
    assert "ReadLake" not in reading
    for case in ("default", "least"):
        assert allowed(plan, case, "module.function")["ReadLake"]["Action"] == ["lakeformation:GetDataAccess"]


def test_the_function_writes_only_results_and_its_budget(plan: tftest.TerraformPlanOutput) -> None:
    reading = allowed(plan, "default", "module.function")
    writes = {sid for sid, each in reading.items() if {"s3:PutObject", "dynamodb:UpdateItem"} & set(each["Action"])}

    assert writes == {"CountBytes", "StoreResults"}
    assert reading["StoreResults"]["Resource"] == [f"arn:aws:s3:::{BUCKET}/results/*"]
    assert reading["CountBytes"]["Condition"] == {
        "ForAllValues:StringLike": {"dynamodb:LeadingKeys": ["budget/athena/*"]}
    }
    counting = allowed(plan, "default", "module.rollup")
    assert counting["WriteCounts"]["Resource"] == [f"arn:aws:s3:::{BUCKET}/counts/*"]


def test_only_the_rollup_lists_counted_days_and_nothing_reads_the_bytes(plan: tftest.TerraformPlanOutput) -> None:
    table = {
        module: {
            action: each["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
            for each in allowed(plan, "default", module).values()
            for action in each["Action"]
            if action.startswith("dynamodb:")
        }
        for module in ("module.function", "module.rollup")
    }

    writes = {action: ["budget/athena/*"] for action in ("dynamodb:PutItem", "dynamodb:UpdateItem")}
    assert table["module.function"] == writes
    assert table["module.rollup"] == {**writes, "dynamodb:Query": ["budget/athena/counted/*"]}


def test_without_a_baseline_and_with_a_workgroup_nothing_is_stored(plan: tftest.TerraformPlanOutput) -> None:
    stored = {"aws_athena_workgroup", "aws_glue_catalog_table", "aws_s3_bucket"}

    assert not stored & types(plan, "least")
    assert stored <= types(plan, "default")
    assert "StoreResults" not in allowed(plan, "least", "module.function")


def test_sources_are_asked_about_the_types_that_the_code_knows() -> None:
    wanted = json.dumps(sorted(ATTRIBUTE_TYPES))
    for name in ("main.tf", "variables.tf"):
        assert wanted in (ROOT / "modules" / "athena" / name).read_text(encoding="utf-8")


def test_settings_can_be_read(plan: tftest.TerraformPlanOutput) -> None:
    for case in ("default", "options", "least"):
        made = changes(plan, f"athena_rights_{case}")
        for address, change in made.items():
            if ".aws_lambda_function." in address:
                variables = change["after"]["environment"][0]["variables"]
                settings = read_settings(AthenaSettings, {**variables, "AWS_REGION": "eu-west-1"})
                assert settings.read_sources()
                assert settings.max_gb_per_day in (1, 500)
