"""The rights of AWS services that act for the module, which only a plan can show.

The emulator checks a function's calls against its role. It does not check the workflow's role, the rights of an event
source mapping, or the policies of functions, queues and buckets.
"""

from collections.abc import Iterator
from typing import Any

from tests.plan import state
from tests.plan.harness import ACCOUNT, REGION, Planned, arn, statements
from tests.plan.test_permissions import MACHINE, STREAM, WORKFLOW_TRUST, rights, role_policies

# Actions of an event source mapping that reads a stream, by the AWS documentation:
# https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
MAPPING_READS = {
    "kinesis:DescribeStream",
    "kinesis:DescribeStreamSummary",
    "kinesis:GetRecords",
    "kinesis:GetShardIterator",
    "kinesis:ListShards",
}


def tasks(document: Any) -> Iterator[dict[str, Any]]:
    """List all Task states of a definition, also those in Maps."""
    if isinstance(document, dict):
        if document.get("Type") == "Task":
            yield document
        for value in document.values():
            yield from tasks(value)


def test_workflow_may_call_the_functions_of_its_definition(known: Planned, definition: dict[str, Any]) -> None:
    found = list(tasks(definition))
    called = {task["Arguments"]["FunctionName"] for task in found}

    # Only Lambda, and no Map that would start its own executions.
    assert {task["Resource"] for task in found} == {"arn:aws:states:::lambda:invoke"}
    assert "DISTRIBUTED" not in str(definition)
    assert called == rights(role_policies(known)["workflow"])["lambda:InvokeFunction"]
    assert called == {arn("lambda", f"function:{state.NAME}-{key}") for key in ("coordinator", "runner")}


def test_workflow_logs_where_its_role_may(defaults: Planned) -> None:
    logging = defaults.written["aws_sfn_state_machine.rounds"]["expressions"]["logging_configuration"][0]
    role = defaults.written["aws_sfn_state_machine.rounds"]["expressions"]["role_arn"]

    assert "aws_cloudwatch_log_group.workflow.arn" in logging["log_destination"]["references"]
    assert "aws_iam_role.workflow.arn" in role["references"]


def test_mapping_uses_only_rights_of_the_receptors_role(known: Planned) -> None:
    mapping = known.resources['aws_lambda_event_source_mapping.receptor["alerts"]']
    allowed = rights(role_policies(known)["receptor"])

    assert mapping["event_source_arn"] == STREAM
    assert mapping["function_name"] == arn("lambda", f"function:{state.NAME}-receptor")
    assert mapping["destination_config"] == [{"on_failure": [{"destination_arn": state.BUCKET_ARN}]}]
    assert mapping["function_response_types"] == ["ReportBatchItemFailures"]
    assert {action for action, resources in allowed.items() if resources == {STREAM}} == MAPPING_READS
    assert allowed["s3:ListBucket"] == {state.BUCKET_ARN}
    assert f"{state.BUCKET_ARN}/aws/lambda/*" in allowed["s3:PutObject"]


def test_mapping_may_use_the_key_of_stream_and_bucket(known_encrypted: Planned) -> None:
    allowed = rights(role_policies(known_encrypted)["receptor"])

    assert {"kms:Decrypt", "kms:GenerateDataKey"} <= allowed.keys()


def test_every_lambda_permission_is_for_one_source_of_this_account(known: Planned) -> None:
    permissions = known.of_type("aws_lambda_permission")

    assert permissions
    for permission in permissions:
        # A rule's ARN contains the account, so that source_account would be redundant.
        _, partition, service, region, account, resource = permission["source_arn"].split(":")
        assert (partition, service, region, account) == ("aws", "events", REGION, ACCOUNT)
        assert "*" not in resource
        assert permission["principal"].endswith(".amazonaws.com")
        assert permission["action"] == "lambda:InvokeFunction"


def test_every_rule_may_call_its_function(defaults: Planned) -> None:
    targets = [each for each in defaults.written.values() if each["type"] == "aws_cloudwatch_event_target"]

    assert len(targets) == len(defaults.of_type("aws_lambda_permission")) == 2
    for target in targets:
        (function, *_) = target["expressions"]["arn"]["references"]
        assert function == 'aws_lambda_function.functions["coordinator"].arn'


def test_every_bucket_requires_tls_and_blocks_public_access(defaults: Planned, known: Planned) -> None:
    buckets = [address for address in defaults.resources if address.startswith("aws_s3_bucket.")]

    assert buckets
    for address in buckets:
        name = address.split(".")[1]
        (statement,) = statements(known.resources[f"aws_s3_bucket_policy.{name}"]["policy"])
        assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        assert f"aws_s3_bucket_public_access_block.{name}" in defaults.resources


def test_every_queue_accepts_messages_only_from_its_sources(defaults: Planned, known: Planned) -> None:
    queues = [address for address in defaults.resources if address.startswith("aws_sqs_queue.")]

    assert queues
    for address in queues:
        policy = known.resources[address.replace("aws_sqs_queue.", "aws_sqs_queue_policy.")]["policy"]
        for statement in statements(policy):
            sources = statement["Condition"]["ArnEquals"]["aws:SourceArn"]
            assert all(source.split(":")[4] == ACCOUNT and "*" not in source for source in sources)


def test_only_this_state_machine_may_assume_the_workflows_role(known: Planned) -> None:
    (statement,) = statements(known.resources["aws_iam_role.workflow"]["assume_role_policy"])

    assert statement["Condition"] == WORKFLOW_TRUST
    assert MACHINE.split(":")[4] == ACCOUNT
