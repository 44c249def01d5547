"""Actions that our functions' roles must not allow, tried from inside a function with the role and IAM enforced."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.integration.pipeline import Pipeline

Call = tuple[str, str, dict[str, Any]]
"""A boto3 client's service, its method, and the arguments."""

PROBE = """
import boto3
from botocore.exceptions import ClientError

def handler(calls, context):
    return [attempt(*call) for call in calls]

def attempt(service, method, arguments):
    try:
        getattr(boto3.client(service), method)(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "done"
"""

DENIED = {"AccessDenied", "AccessDeniedException"}
OTHERS = "somebody-elses"
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


@pytest.fixture(scope="module")
def others(pipeline: Pipeline) -> Iterator[None]:
    """Resources of another team in the same account: calls for missing resources would fail anyway."""
    dynamodb, s3 = pipeline.installation.client("dynamodb"), pipeline.installation.client("s3")
    dynamodb.create_table(
        TableName=OTHERS,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    s3.create_bucket(Bucket=OTHERS)
    s3.put_object(Bucket=OTHERS, Key="reports/secret", Body=b"secret")
    sqs = pipeline.installation.client("sqs")
    queue = sqs.create_queue(QueueName=OTHERS)["QueueUrl"]
    kms = pipeline.installation.client("kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{OTHERS}", TargetKeyId=key)
    yield
    kms.delete_alias(AliasName=f"alias/{OTHERS}")
    sqs.delete_queue(QueueUrl=queue)
    s3.delete_object(Bucket=OTHERS, Key="reports/secret")
    s3.delete_bucket(Bucket=OTHERS)
    dynamodb.delete_table(TableName=OTHERS)


def forbidden(pipeline: Pipeline) -> dict[str, Call]:
    """List calls that none of our functions may make."""
    ours, item = pipeline.installation, {"pk": {"S": "p"}, "sk": {"S": "s"}}
    machine, executions = ours.workflow_arn, ours.workflow_arn.replace(":stateMachine:", ":execution:")
    queue = ours.client("sqs").get_queue_url(QueueName=f"{ours.name}-dead-letters")["QueueUrl"]
    role_arn = ours.client("iam").get_role(RoleName=f"{ours.name}-plugin-reputation")["Role"]["Arn"]
    return {
        "read another table": ("dynamodb", "get_item", {"TableName": OTHERS, "Key": item}),
        "write another table": ("dynamodb", "put_item", {"TableName": OTHERS, "Item": item}),
        "delete from our table": ("dynamodb", "delete_item", {"TableName": ours.table, "Key": item}),
        "scan our table": ("dynamodb", "scan", {"TableName": ours.table}),
        "delete our table": ("dynamodb", "delete_table", {"TableName": ours.table}),
        "read another bucket": ("s3", "get_object", {"Bucket": OTHERS, "Key": "reports/secret"}),
        "write below another prefix": ("s3", "put_object", {"Bucket": ours.archive_bucket, "Key": "x/y", "Body": ""}),
        "delete what is archived": ("s3", "delete_object", {"Bucket": ours.archive_bucket, "Key": "reports/x"}),
        "open the archive": ("s3", "delete_public_access_block", {"Bucket": ours.archive_bucket}),
        "write to our queue": ("sqs", "send_message", {"QueueUrl": queue, "MessageBody": "x"}),
        "read our queue": ("sqs", "receive_message", {"QueueUrl": queue}),
        "put an alert": ("kinesis", "put_record", {"StreamName": ours.stream, "Data": "x", "PartitionKey": "x"}),
        "call the receptor": ("lambda", "invoke", {"FunctionName": f"{ours.name}-receptor", "Payload": "{}"}),
        "call the coordinator": ("lambda", "invoke", {"FunctionName": f"{ours.name}-coordinator", "Payload": "{}"}),
        "replace a function": (
            "lambda",
            "update_function_configuration",
            {"FunctionName": f"{ours.name}-runner", "Timeout": 3},
        ),
        "stop rounds": (
            "stepfunctions",
            "stop_execution",
            {"executionArn": f"{executions}:x"},
        ),
        "change the workflow": (
            "stepfunctions",
            "update_state_machine",
            {"stateMachineArn": machine, "definition": "{}"},
        ),
        "widen its own role": (
            "iam",
            "put_role_policy",
            {"RoleName": pipeline.role("runner"), "PolicyName": "more", "PolicyDocument": POLICY},
        ),
        "make a user": ("iam", "create_user", {"UserName": "intruder"}),
        "list users": ("iam", "list_users", {}),
        "become another role": ("sts", "assume_role", {"RoleArn": role_arn, "RoleSessionName": "probe"}),
        "decrypt": ("kms", "generate_data_key", {"KeyId": f"alias/{OTHERS}", "KeySpec": "AES_256"}),
        "read secrets": ("secretsmanager", "list_secrets", {}),
        "make log groups": ("logs", "create_log_group", {"logGroupName": OTHERS}),
        "silence an alarm": ("cloudwatch", "delete_alarms", {"AlarmNames": ["x"]}),
        "change the sweeper": ("events", "disable_rule", {"Name": f"{ours.name}-sweep"}),
    }


ALSO_FORBIDDEN: dict[str, dict[str, Call]] = {
    "receptor": {
        "publish a report": ("s3", "put_object", {"Key": "reports/x", "Body": ""}),
        "read the archive": ("s3", "get_object", {"Key": "rejected/x"}),
    },
    "coordinator": {
        "hide a rejected record": ("s3", "put_object", {"Key": "rejected/x", "Body": ""}),
        "read rejected records": ("s3", "get_object", {"Key": "rejected/x"}),
    },
    "runner": {
        "publish a report": ("s3", "put_object", {"Key": "reports/x", "Body": ""}),
        "read rejected records": ("s3", "get_object", {"Key": "rejected/x"}),
    },
}
"""Calls in the archive, of whose prefixes each function may use some; the bucket is added in the test."""


@pytest.mark.usefixtures("others")
@pytest.mark.parametrize("function", ALSO_FORBIDDEN)
def test_a_role_denies_calls_that_its_function_does_not_need(
    pipeline: Pipeline, function: str, record_property: Callable[[str, object], None]
) -> None:
    bucket = pipeline.installation.archive_bucket
    calls = forbidden(pipeline) | {
        what: (service, method, {"Bucket": bucket, **arguments})
        for what, (service, method, arguments) in ALSO_FORBIDDEN[function].items()
    }
    key = {"pk": {"S": "p"}, "sk": {"S": "s"}}
    allowed: Call = ("dynamodb", "get_item", {"TableName": pipeline.installation.table, "Key": key})
    with ExitStack() as stack:
        name, _ = stack.enter_context(pipeline.function(PROBE, pipeline.role(function), timeout=120))
        answers = pipeline.invoke(name, [allowed, *calls.values()])
    record_property(f"calls tried as the {function}", len(calls))
    # The probe works: an allowed call succeeds.
    assert answers[0] == "done"
    assert {what: code for what, code in zip(calls, answers[1:], strict=True) if code not in DENIED} == {}
