"""Who may do what: every policy as AWS will get it, read from a plan in which all ARNs are known."""

import json
from typing import Any

import pytest
import tftest

from alert_responder.settings import (
    CommonSettings,
    CoordinatorSettings,
    ReceptorSettings,
    RunnerSettings,
    read_settings,
)
from alert_responder_cli.version import version_number
from tests.plan import state
from tests.plan.conftest import KEY_ARN, KNOWN
from tests.plan.harness import ACCOUNT, REGION, Planned, arn, changes, statements

NAME = state.NAME
TABLE = arn("dynamodb", f"table/{NAME}")
STREAM = arn("kinesis", f"stream/{NAME}")
MACHINE = arn("states", f"stateMachine:{NAME}")
EXECUTIONS = arn("states", f"execution:{NAME}:*")

# The rights of every function: resources by action.
ALLOWED: dict[str, dict[str, set[str]]] = {
    "coordinator": {
        "dynamodb:BatchGetItem": {TABLE},
        "dynamodb:BatchWriteItem": {TABLE},
        "dynamodb:ConditionCheckItem": {TABLE},
        "dynamodb:GetItem": {TABLE},
        "dynamodb:PutItem": {TABLE},
        "dynamodb:Query": {TABLE, f"{TABLE}/index/open_reports"},
        "dynamodb:UpdateItem": {TABLE},
        "s3:GetObject": {f"{state.BUCKET_ARN}/snapshots/*"},
        "s3:PutObject": {f"{state.BUCKET_ARN}/reports/*", f"{state.BUCKET_ARN}/snapshots/*"},
        "states:DescribeExecution": {EXECUTIONS},
        "states:StartExecution": {MACHINE},
    },
    "receptor": {
        "dynamodb:GetItem": {TABLE},
        "dynamodb:PutItem": {TABLE},
        "dynamodb:UpdateItem": {TABLE},
        "kinesis:DescribeStream": {STREAM},
        "kinesis:DescribeStreamSummary": {STREAM},
        "kinesis:GetRecords": {STREAM},
        "kinesis:GetShardIterator": {STREAM},
        "kinesis:ListShards": {STREAM},
        "s3:ListBucket": {state.BUCKET_ARN},
        "s3:PutObject": {f"{state.BUCKET_ARN}/{folder}/*" for folder in ("aws/lambda", "counted", "rejected")},
        "states:StartExecution": {MACHINE},
    },
    "runner": {
        "dynamodb:BatchGetItem": {TABLE},
        "dynamodb:ConditionCheckItem": {TABLE},
        "dynamodb:GetItem": {TABLE},
        "dynamodb:PutItem": {TABLE},
        "dynamodb:UpdateItem": {TABLE},
        "s3:GetObject": {f"{state.BUCKET_ARN}/snapshots/*"},
    },
}

# Step Functions delivers logs with these actions, which support no resources.
LOG_DELIVERY = {
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
}
KEY_ACTIONS = {"kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"}

# Step Functions assumes the role before the state machine has its ARN.
WORKFLOW_TRUST = {
    "ArnLike": {"aws:SourceArn": f"{MACHINE}*"},
    "StringEquals": {"aws:SourceAccount": ACCOUNT},
}

# Settings that Powertools and pydantic read.
LIBRARIES = {"POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_SERVICE_NAME", "PYDANTIC_DISABLE_PLUGINS"}
SETTINGS: dict[str, type[CommonSettings]] = {
    "coordinator": CoordinatorSettings,
    "receptor": ReceptorSettings,
    "runner": RunnerSettings,
}


def rights(policy: str) -> dict[str, set[str]]:
    """List the allowed resources by action; `test_table_writes` checks denials."""
    found: dict[str, set[str]] = {}
    for statement in statements(policy):
        if statement["Effect"] == "Deny":
            assert statement["Sid"] in {"ProtectPartitions", "WriteNothingElse"}
            continue
        for action in statement["Action"]:
            found.setdefault(action, set()).update(statement["Resource"])
    return found


def role_policies(made: Planned) -> dict[str, str]:
    return {change["name"]: change["policy"] for change in made.of_type("aws_iam_role_policy")}


@pytest.mark.parametrize("key", ALLOWED)
def test_functions_have_exactly_these_rights(known: Planned, key: str) -> None:
    group = arn("logs", f"log-group:/aws/lambda/{NAME}-{key}:*")

    assert rights(role_policies(known)[key]) == ALLOWED[key] | {
        "logs:CreateLogStream": {group},
        "logs:PutLogEvents": {group},
    }


@pytest.mark.parametrize("key", ALLOWED)
def test_functions_may_use_the_key(known: Planned, known_encrypted: Planned, key: str) -> None:
    expected = rights(role_policies(known)[key]) | {action: {KEY_ARN} for action in KEY_ACTIONS}

    assert rights(role_policies(known_encrypted)[key]) == expected


def test_the_function_that_signs_links_may_read_pages(known: Planned, known_presigned: Planned) -> None:
    """A presigned link has the rights of the role that signed it."""
    pages = {"s3:GetObject": {f"{state.BUCKET_ARN}/snapshots/*", f"{state.BUCKET_ARN}/reports/*.html"}}

    expected = role_policies(known)
    for key, policy in role_policies(known_presigned).items():
        assert rights(policy) == rights(expected[key]) | (pages if key == "runner" else {})


def test_workflow_may_call_its_two_functions(known: Planned) -> None:
    assert rights(role_policies(known)["workflow"]) == {
        "lambda:InvokeFunction": {
            arn("lambda", f"function:{NAME}-coordinator"),
            arn("lambda", f"function:{NAME}-runner"),
        },
    }
    assert rights(role_policies(known)["workflow-logs-and-key"]) == {action: {"*"} for action in LOG_DELIVERY}


def test_no_role_has_a_wildcard_for_actions_or_resources(known_encrypted: Planned) -> None:
    for name, policy in role_policies(known_encrypted).items():
        for action, resources in rights(policy).items():
            assert "*" not in action, name
            assert action in LOG_DELIVERY or "*" not in resources, f"{name}: {action}"


def test_only_the_service_of_a_role_may_assume_it(known: Planned) -> None:
    roles = known.resources

    for key in ALLOWED:
        (statement,) = statements(roles[f'aws_iam_role.functions["{key}"]']["assume_role_policy"])
        assert statement["Principal"] == {"Service": "lambda.amazonaws.com"}
    (statement,) = statements(roles["aws_iam_role.workflow"]["assume_role_policy"])
    assert statement["Principal"] == {"Service": "states.amazonaws.com"}
    assert statement["Condition"] == WORKFLOW_TRUST


def test_archive_refuses_connections_without_tls(known: Planned) -> None:
    (statement,) = statements(known.resources["aws_s3_bucket_policy.archive"]["policy"])

    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", ["s3:*"])
    assert set(statement["Resource"]) == {state.BUCKET_ARN, f"{state.BUCKET_ARN}/*"}
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_only_the_two_rules_may_call_the_sweeper(known: Planned) -> None:
    permissions = known.of_type("aws_lambda_permission")

    assert {permission["source_arn"] for permission in permissions} == {
        arn("events", f"rule/{NAME}-sweep"),
        arn("events", f"rule/{NAME}-dead-round"),
    }
    for permission in permissions:
        assert permission["function_name"] == f"{NAME}-coordinator"
        assert permission["principal"] == "events.amazonaws.com"
        assert permission["action"] == "lambda:InvokeFunction"


def test_only_the_two_rules_may_send_dead_letters(known: Planned) -> None:
    (policy,) = known.of_type("aws_sqs_queue_policy")
    (statement,) = statements(policy["policy"])

    assert statement["Action"] == ["sqs:SendMessage"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Resource"] == [arn("sqs", f"{NAME}-dead-letters")]
    assert set(statement["Condition"]["ArnEquals"]["aws:SourceArn"]) == {
        arn("events", f"rule/{NAME}-sweep"),
        arn("events", f"rule/{NAME}-dead-round"),
    }


def test_failed_rounds_are_those_of_this_state_machine(known: Planned) -> None:
    rule = known.resources['aws_cloudwatch_event_rule.sweeps["dead-round"]']

    assert json.loads(rule["event_pattern"]) == {
        "source": ["aws.states"],
        "detail-type": ["Step Functions Execution Status Change"],
        "detail": {"stateMachineArn": [MACHINE], "status": ["FAILED", "TIMED_OUT", "ABORTED"]},
    }


def test_producers_may_put_alerts_and_use_the_key(known: Planned, known_encrypted: Planned) -> None:
    put = {"kinesis:PutRecord": {STREAM}, "kinesis:PutRecords": {STREAM}}

    assert rights(known.outputs["producer_policy_json"]) == put
    assert rights(known_encrypted.outputs["producer_policy_json"]) == put | {"kms:GenerateDataKey": {KEY_ARN}}


def test_key_policy_limits_each_service_to_this_account(known: Planned) -> None:
    by_sid: dict[str, Any] = {
        statement["Sid"]: statement for statement in statements(known.outputs["kms_key_policy_json"])
    }

    assert by_sid.pop("LetIamDecide")["Principal"] == {"AWS": arn("iam", "root", region="")}
    assert {sid: statement["Principal"]["Service"] for sid, statement in by_sid.items()} == {
        "CloudWatchLogs": f"logs.{REGION}.amazonaws.com",
        "DeadLetters": "events.amazonaws.com",
        "WorkflowLogs": "delivery.logs.amazonaws.com",
    }
    # AWS documents no condition for EventBridge; the queue's policy accepts messages of two rules only.
    assert "Condition" not in by_sid.pop("DeadLetters")
    for statement in by_sid.values():
        assert ACCOUNT in json.dumps(statement["Condition"])
    patterns = {"kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"}
    assert set(by_sid["CloudWatchLogs"]["Action"]) == patterns


@pytest.mark.parametrize("key", ALLOWED)
def test_environment_has_exactly_the_settings(known: Planned, key: str) -> None:
    function = known.resources[f'aws_lambda_function.functions["{key}"]']
    variables = function["environment"][0]["variables"]

    names = {field.alias for field in SETTINGS[key].model_fields.values()}
    assert set(variables) == LIBRARIES | names | {"ALERT_RESPONDER_VERSION"}
    assert variables["ALERT_RESPONDER_VERSION"] == version_number()
    read_settings(SETTINGS[key], variables)
    assert variables["POWERTOOLS_SERVICE_NAME"] == key
    assert variables["POWERTOOLS_METRICS_NAMESPACE"] == "AlertResponder"
    assert variables["TABLE_NAME"] == NAME
    assert variables.get("WORKFLOW_ARN", MACHINE) == MACHINE
    # Lambda allows 4 KB; half of it is reserved for later versions.
    assert sum(len(name) + len(value) for name, value in variables.items()) < 2048


def test_new_code_replaces_nothing(plan: tftest.TerraformPlanOutput) -> None:
    for case in KNOWN:
        actions = {address: change["actions"] for address, change in changes(plan, case).items()}
        assert [address for address, done in actions.items() if "delete" in done] == []
        for key in ALLOWED:
            assert actions[f'aws_lambda_function.functions["{key}"]'] == ["update"]


@pytest.mark.parametrize("case", KNOWN)
def test_no_policy_is_hidden_from_a_plan(plan: tftest.TerraformPlanOutput, case: str) -> None:
    for address, change in changes(plan, case).items():
        hidden = change["after_unknown"]
        assert not hidden.get("policy"), address
        assert not hidden.get("assume_role_policy"), address
