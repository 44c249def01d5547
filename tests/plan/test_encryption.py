"""Adding, changing and removing `kms_key` on an existing installation."""

import json
from typing import Any

import pytest
import tftest

from tests.plan import state, tables
from tests.plan.conftest import INTERFACE, KEY_ARN, existing
from tests.plan.harness import Case, arn, changes, planned, statements
from tests.plan.test_permissions import KEY_ACTIONS

OLD_KEY = arn("kms", "key/00000000-0000-0000-0000-00000000000a")
TABLE, MACHINE = "aws_dynamodb_table.reports", "aws_sfn_state_machine.rounds"
KEYS = {"kms_key": {"arn": KEY_ARN}, "previous_kms_key_arns": [OLD_KEY]}
ACCOUNTS = ["444455556666", "777788889999"]
STORES: dict[str, tuple[str | None, dict[str, Any]]] = {
    "removed": (OLD_KEY, {"previous_kms_key_arns": [OLD_KEY]}),
    "changed": (OLD_KEY, KEYS),
    "added": (None, {"kms_key": {"arn": KEY_ARN}}),
    "never": (None, {}),
}
LOGS = state.function_logs("secops-inspector-aws-context")

CASES = {
    **{
        f"key_{name}": Case(variables=variables, state=state.encrypted(before), targets=(TABLE, MACHINE))
        for name, (before, variables) in STORES.items()
    },
    "key_previous": existing(("kms_key_policy_json",), **KEYS, producer_account_ids=ACCOUNTS),
    "key_without": existing(previous_kms_key_arns=[OLD_KEY]),
    "key_of_plug_in": Case(
        "modules/aws-context",
        {"alert_responder": INTERFACE | {"kms_key_arn": KEY_ARN, "previous_kms_key_arns": [OLD_KEY]}},
        state=LOGS,
        targets=("module.function",),
    ),
    # Terraform requires both addresses of a moved resource as targets.
    "single_stream": Case(
        variables={"verified_stream": True},
        state=state.single_stream(),
        targets=("aws_kinesis_stream.alerts", "aws_kinesis_stream.streams"),
    ),
    "key_of_producers": Case(
        variables=KEYS | {"producer_account_ids": ACCOUNTS}, targets=("aws_kinesis_resource_policy.producers",)
    ),
}


def planned_keys(plan: tftest.TerraformPlanOutput, case: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the encryption of table and state machine, as it will be sent to AWS."""
    made = changes(plan, case)
    ((table,), (machine,)) = (
        made[TABLE]["after"]["server_side_encryption"] or [{"enabled": False}],
        made[MACHINE]["after"]["encryption_configuration"],
    )
    return table, machine


def test_a_removed_key_is_removed_from_table_and_state_machine(plan: tftest.TerraformPlanOutput) -> None:
    """Without a block, or without a key in it, the provider would plan no change."""
    table, machine = planned_keys(plan, "key_removed")

    # The provider sends the key of an enabled block only.
    assert table["enabled"] is False
    assert changes(plan, "key_removed")[TABLE]["before"]["server_side_encryption"][0]["enabled"] is True
    assert (machine["type"], machine["kms_key_id"] or "") == ("AWS_OWNED_KEY", "")


@pytest.mark.parametrize("name", ["changed", "added"])
def test_a_new_key_reaches_table_and_state_machine(plan: tftest.TerraformPlanOutput, name: str) -> None:
    table, machine = planned_keys(plan, f"key_{name}")

    assert table == {"enabled": True, "kms_key_arn": KEY_ARN}
    assert (machine["type"], machine["kms_key_id"]) == ("CUSTOMER_MANAGED_KMS_KEY", KEY_ARN)


def test_without_a_key_nothing_changes(plan: tftest.TerraformPlanOutput) -> None:
    for address, attribute in ((TABLE, "server_side_encryption"), (MACHINE, "encryption_configuration")):
        change = changes(plan, "key_never")[address]
        before, after = ([{**each, "enabled": each.get("enabled", False)} for each in change[key][attribute]]
                         for key in ("before", "after"))  # fmt: skip
        assert [{k: v for k, v in each.items() if v} for each in after] == [
            {k: v for k, v in each.items() if v} for each in before
        ]


def test_the_stream_of_an_earlier_version_stays(plan: tftest.TerraformPlanOutput) -> None:
    made = changes(plan, "single_stream")
    assert {address: change["actions"] for address, change in made.items()} == {
        'aws_kinesis_stream.streams["alerts"]': ["update"],
        'aws_kinesis_stream.streams["verified"]': ["create"],
    }


def test_roles_decrypt_with_previous_keys_and_do_nothing_else(plan: tftest.TerraformPlanOutput) -> None:
    for case in ("key_previous", "key_without"):
        policies = {
            policy["name"]: statements(policy["policy"])
            for policy in planned(plan, case).of_type("aws_iam_role_policy")
        }
        assert set(policies) == {*state.FUNCTIONS, "workflow", "workflow-logs-and-key"}
        for name, found in policies.items():
            old = {action for each in found if OLD_KEY in each["Resource"] for action in each["Action"]}
            new = {action for each in found if KEY_ARN in each["Resource"] for action in each["Action"]}
            if name == "workflow":
                assert not old | new
            else:
                # A running execution may continue with the key that it began with.
                assert old == {"kms:Decrypt"} | ({"kms:GenerateDataKey"} if name.startswith("workflow") else set())
                assert new == (KEY_ACTIONS if case == "key_previous" else set())


def test_plug_ins_decrypt_with_previous_keys(plan: tftest.TerraformPlanOutput) -> None:
    policy = changes(plan, "key_of_plug_in")["module.function.aws_iam_role_policy.this"]["after"]["policy"]
    old = [each for each in statements(policy) if OLD_KEY in each["Resource"]]

    assert [each["Action"] for each in old] == [["kms:Decrypt"]]


def test_every_plug_in_module_hands_over_previous_keys() -> None:
    """An object type drops the attributes that it does not name."""
    for folder in sorted((tables.ROOT / "modules").iterdir()):
        type_ = str(tables.blocks(folder, "variable").get("alert_responder", {}).get("type", ""))
        if "kms_key_arn" in type_ and "lambda_architecture" in type_:
            assert "previous_kms_key_arns" in type_, folder.name


def test_rights_on_a_new_key_do_not_wait_for_what_uses_it(known_written: dict[str, Any]) -> None:
    """Step Functions checks the role when the state machine changes; the table is encrypted again in place."""
    references = json.dumps(known_written["aws_iam_role_policy.workflow_logs_and_key"])
    assert "aws_lambda_function" not in references
    assert "depends_on" not in known_written["aws_iam_role_policy.workflow_logs_and_key"]


@pytest.fixture(name="known_written", scope="module")
def _known_written(plan: tftest.TerraformPlanOutput) -> dict[str, Any]:
    return planned(plan, "key_previous").written


def test_other_accounts_may_put_alerts_and_use_the_key_for_them(plan: tftest.TerraformPlanOutput) -> None:
    roots = [arn("iam", "root", region="", account=account) for account in ACCOUNTS]
    key = json.loads(planned(plan, "key_previous").outputs["kms_key_policy_json"])["Statement"]
    (statement,) = [each for each in key if each["Sid"] == "ProducersInOtherAccounts"]

    assert statement["Principal"] == {"AWS": roots}
    assert statement["Action"] == "kms:GenerateDataKey"
    assert statement["Condition"] == {"StringEquals": {"kms:ViaService": "kinesis.eu-west-1.amazonaws.com"}}
    assert "aws_kinesis_resource_policy.producers[0]" in planned(plan, "key_of_producers").resources
    assert not planned(plan, "key_without").of_type("aws_kinesis_resource_policy")
