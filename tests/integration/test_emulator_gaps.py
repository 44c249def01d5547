"""Differences between the emulator and AWS: these tests fail when a new version changes one of them.

Nothing in this project relies on them. A comment or the name of each test describes AWS's behaviour, which is tested
elsewhere: with `tests.fakes.event_source_mapping`, with injected faults, from the plan, or in memory.
"""

import io
import json
import ssl
import time
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session

from tools.account import ACCESS_KEY, REGION, SECRET_KEY
from tools.emulator import ACCOUNT_ID, Emulator

ROLE = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "lambda.amazonaws.com"}}],
}
FORM = "application/x-www-form-urlencoded; charset=utf-8"
SECONDS = 30


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator() as started:
        yield started


@pytest.fixture(scope="module")
def role(emulator: Emulator) -> str:
    """A role without any right."""
    created = emulator.client("iam").create_role(RoleName="no-rights", AssumeRolePolicyDocument=json.dumps(ROLE))
    return str(created["Role"]["Arn"])


def function(emulator: Emulator, role: str, name: str, code: str, runtime: str = "python3.12") -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("plugin.py", code)
    created = emulator.client("lambda").create_function(
        FunctionName=name,
        Runtime=runtime,
        Handler="plugin.handler",
        Role=role,
        Timeout=10,
        Code={"ZipFile": archive.getvalue()},
    )
    return str(created["FunctionArn"])


def machine(emulator: Emulator, role: str, name: str, **state: Any) -> str:
    definition = {"QueryLanguage": "JSONata", "StartAt": "Only", "States": {"Only": {**state, "End": True}}}
    created = emulator.client("stepfunctions").create_state_machine(
        name=name, definition=json.dumps(definition), roleArn=role
    )
    return str(created["stateMachineArn"])


def ended(emulator: Emulator, arn: str, **start: Any) -> dict[str, Any]:
    """Run an execution to its end."""
    client = emulator.client("stepfunctions")
    execution = client.start_execution(stateMachineArn=arn, **start)["executionArn"]
    found: dict[str, Any] = wait(
        lambda: (e := client.describe_execution(executionArn=execution))["status"] != "RUNNING" and e
    )
    return found


def wait(condition: Callable[[], Any]) -> Any:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        if found := condition():
            return found
        time.sleep(0.2)
    raise AssertionError(f"not within {SECONDS} s")


def test_a_partial_failure_of_a_kinesis_batch_counts_as_success(emulator: Emulator, role: str) -> None:
    kinesis, functions = emulator.client("kinesis"), emulator.client("lambda")
    kinesis.create_stream(StreamName="gaps", ShardCount=1)
    wait(
        lambda: (
            kinesis.describe_stream_summary(StreamName="gaps")["StreamDescriptionSummary"]["StreamStatus"] == "ACTIVE"
        )
    )
    code = (
        "def handler(event, context):\n"
        "    print('delivered')\n"
        "    number = event['Records'][0]['kinesis']['sequenceNumber']\n"
        "    return {'batchItemFailures': [{'itemIdentifier': number}]}"
    )
    name = "fails-partly"
    function(emulator, role, name, code)
    functions.create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=kinesis.describe_stream_summary(StreamName="gaps")["StreamDescriptionSummary"]["StreamARN"],
        StartingPosition="TRIM_HORIZON",
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    kinesis.put_record(StreamName="gaps", Data=b"{}", PartitionKey="key")

    def deliveries() -> int:
        return emulator.account.function_logs(name).count("delivered")

    wait(deliveries)
    time.sleep(5)
    assert deliveries() == 1, "AWS would deliver it again"


def test_transactions_never_conflict(emulator: Emulator) -> None:
    dynamodb = emulator.client("dynamodb", max_pool_connections=16)
    dynamodb.create_table(
        TableName="gaps",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    add = {
        "Update": {
            "TableName": "gaps",
            "Key": {"pk": {"S": "one"}},
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
    }
    with ThreadPoolExecutor(16) as executor:
        list(executor.map(lambda _: dynamodb.transact_write_items(TransactItems=[add]), range(64)))
    item = dynamodb.get_item(TableName="gaps", Key={"pk": {"S": "one"}}, ConsistentRead=True)["Item"]
    assert item["n"]["N"] == "64"


def test_conditions_on_partition_keys_are_ignored(emulator: Emulator) -> None:
    """AWS would refuse the first item; `tests/plan/test_table_writes.py` evaluates the condition with the key."""
    emulator.client("dynamodb").create_table(
        TableName="partitions",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    iam, user = emulator.client("iam"), "writes-partitions"
    iam.create_user(UserName=user)
    put = {"Action": "dynamodb:PutItem", "Resource": "*"}

    def allow(*more: dict[str, Any]) -> None:
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **put}, *more]}
        iam.put_user_policy(UserName=user, PolicyName="only", PolicyDocument=json.dumps(policy))

    created = iam.create_access_key(UserName=user)["AccessKey"]
    dynamodb = boto3.client(
        "dynamodb",
        region_name=REGION,
        endpoint_url=emulator.endpoint,
        verify=emulator.account.authority,
        aws_access_key_id=created["AccessKeyId"],
        aws_secret_access_key=created["SecretAccessKey"],
    )

    def write() -> None:
        dynamodb.put_item(TableName="partitions", Item={"pk": {"S": "plugin/emitter"}})

    keys = {"dynamodb:LeadingKeys": ["plugin/*"]}
    allow({"Effect": "Deny", **put, "Condition": {"ForAnyValue:StringLike": keys}})
    write()
    # Policies are enforced: the same one without a condition, and the case that needs no key.
    for deny in ({}, {"Condition": {"ForAllValues:StringLike": keys}}):
        allow({"Effect": "Deny", **put, **deny})
        with pytest.raises(ClientError, match="AccessDenied"):
            write()


def test_all_errors_of_python_functions_have_the_same_name(emulator: Emulator, role: str) -> None:
    arn = function(emulator, role, "raises", "def handler(event, context):\n    raise KeyError('x')")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": arn, "Payload": {}},
    }
    # On AWS, the name is KeyError.
    assert ended(emulator, machine(emulator, role, "raising", **task))["error"] == "Runtime.HandlerError"


def test_throttling_has_the_patched_name_and_a_state_machine_needs_no_right_to_invoke(
    emulator: Emulator, role: str
) -> None:
    arn = function(emulator, role, "throttled", "def handler(event, context):\n    return 1")
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": arn, "Payload": {}},
    }
    calling = machine(emulator, role, "calling", **task)
    # AWS would refuse: the role may do nothing.
    assert ended(emulator, calling)["status"] == "SUCCEEDED"
    emulator.client("lambda").put_function_concurrency(FunctionName="throttled", ReservedConcurrentExecutions=0)
    # Without `tools/emulated`, the name is Lambda.Unknown.
    assert ended(emulator, calling)["error"] == "Lambda.TooManyRequestsException"


def test_a_connection_stays_open_for_more_than_a_thousand_requests(emulator: Emulator) -> None:
    """As configured; the server would close it with the requests that are open, and Terraform would repeat these."""
    address = urlsplit(emulator.endpoint)
    trusted = ssl.create_default_context(cafile=emulator.account.authority)
    connection = HTTPSConnection(str(address.hostname), address.port, context=trusted, timeout=SECONDS)
    closed = set()
    for _ in range(1_001):
        connection.request("GET", "/_ministack/health")
        response = connection.getresponse()
        response.read()
        closed.add(response.will_close)
    connection.close()
    assert closed == {False}


def test_the_maximum_delay_of_retries_is_ignored(emulator: Emulator, role: str) -> None:
    arn = function(emulator, role, "refused", "def handler(event, context):\n    return 1")
    emulator.client("lambda").put_function_concurrency(FunctionName="refused", ReservedConcurrentExecutions=0)
    retry = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxDelaySeconds": 1, "MaxAttempts": 3}
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": arn, "Payload": {}},
        "Retry": [{**retry, "BackoffRate": 2, "JitterStrategy": "FULL"}],
    }
    execution = ended(emulator, machine(emulator, role, "retrying", **task))
    # AWS would wait up to a second three times; the emulator waits 1, 2 and 4 s, at most 60, without jitter.
    assert (execution["stopDate"] - execution["startDate"]).total_seconds() >= 7


def test_the_input_of_a_state_may_exceed_256_kib(emulator: Emulator, role: str) -> None:
    passing = machine(emulator, role, "passing", Type="Pass")
    assert ended(emulator, passing, input=json.dumps("x" * 300_000))["status"] == "SUCCEEDED"


def test_an_invalid_definition_is_accepted(emulator: Emulator, role: str) -> None:
    assert machine(emulator, role, "nonsense", Type="Pass", Next="Nowhere")


def test_a_repeated_start_of_a_running_execution_is_refused(emulator: Emulator, role: str) -> None:
    waiting = machine(emulator, role, "waiting", Type="Wait", Seconds=600)
    client = emulator.client("stepfunctions")
    client.start_execution(stateMachineArn=waiting, name="one", input="{}")
    # AWS returns the running execution.
    with pytest.raises(ClientError, match="ExecutionAlreadyExists"):
        client.start_execution(stateMachineArn=waiting, name="one", input="{}")


def test_a_function_runs_on_the_interpreter_of_the_emulator(emulator: Emulator, role: str) -> None:
    code = "import sys\ndef handler(event, context):\n    return sys.prefix"
    function(emulator, role, "which", code, runtime="python3.9")
    answer = emulator.client("lambda").invoke(FunctionName="which")
    assert ".venv-emulator" in json.loads(answer["Payload"].read())


def test_describe_alarms_omits_fields(emulator: Emulator) -> None:
    emulator.client("cloudwatch").put_metric_alarm(
        AlarmName="gaps",
        MetricName="Errors",
        Namespace="AWS/Lambda",
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=0,
        ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching",
    )
    # In the protocol of Terraform's provider: because of this, a second plan always shows the alarms.
    request = AWSRequest(
        "POST", emulator.endpoint, data="Action=DescribeAlarms&Version=2010-08-01", headers={"Content-Type": FORM}
    )
    SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "monitoring", REGION).add_auth(request)
    session: Any = URLLib3Session
    answer = session(verify=emulator.account.authority, proxies={}).send(request.prepare())
    assert answer.status_code == 200
    assert "<AlarmName>gaps</AlarmName>" in answer.text
    assert "TreatMissingData" not in answer.text


def test_a_pipe_from_a_queue_to_a_stream_is_not_run(emulator: Emulator, role: str) -> None:
    """AWS would put the message on the stream within a second; the plan of `modules/sns-source` is tested instead."""
    kinesis, sqs, pipes = (emulator.client(service) for service in ("kinesis", "sqs", "pipes"))
    kinesis.create_stream(StreamName="piped", ShardCount=1)
    queue = sqs.create_queue(QueueName="piped")["QueueUrl"]
    account = role.split(":")[4]
    pipes.create_pipe(
        Name="piped",
        RoleArn=role,
        Source=sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"],
        Target=f"arn:aws:kinesis:{REGION}:{account}:stream/piped",
        TargetParameters={"KinesisStreamParameters": {"PartitionKey": "$.messageId"}, "InputTemplate": "<$.body>"},
    )
    sqs.send_message(QueueUrl=queue, MessageBody="{}")
    time.sleep(3)

    assert pipes.describe_pipe(Name="piped")["CurrentState"] == "RUNNING"
    assert sqs.receive_message(QueueUrl=queue)["Messages"][0]["Body"] == "{}"


def test_queries_of_athena_are_not_run_without_duckdb(emulator: Emulator) -> None:
    """AWS would refuse both: the table does not exist, and a token starts a query once.

    The SQL is run on DuckDB in memory instead (`tests.fakes.athena`), without partitions and scanned bytes.
    """
    athena = emulator.client("athena")
    emulator.client("s3").create_bucket(Bucket="results-of-queries")
    athena.create_work_group(
        Name="gaps", Configuration={"ResultConfiguration": {"OutputLocation": "s3://results-of-queries/results/"}}
    )
    query = {"QueryString": "WITH a AS (SELECT * FROM nowhere.t) SELECT * FROM a", "WorkGroup": "gaps"}
    started = [athena.start_query_execution(**query, ClientRequestToken="t" * 32) for _ in range(2)]
    first, second = (each["QueryExecutionId"] for each in started)
    assert first != second

    def states() -> list[Any] | None:
        found = athena.batch_get_query_execution(QueryExecutionIds=[first])["QueryExecutions"]
        return found if found[0]["Status"]["State"] not in ("QUEUED", "RUNNING") else None

    [execution] = wait(states)
    assert execution["Status"]["State"] == "SUCCEEDED"
    assert execution["Statistics"]["DataScannedInBytes"] == 0
    assert athena.get_query_results(QueryExecutionId=first)["ResultSet"]["Rows"] == [{"Data": []}]


def test_calls_about_a_query_need_rights_on_all_workgroups(emulator: Emulator) -> None:
    """On AWS, the query's workgroup is the resource; `tests/plan/test_athena.py` checks the rights."""
    workgroup = f"arn:aws:athena:{REGION}:{ACCOUNT_ID}:workgroup/primary"
    athena = client_of_user(emulator, "athena", {"Action": "athena:*", "Resource": workgroup})
    assert athena.get_work_group(WorkGroup="primary")["WorkGroup"]["Name"] == "primary"
    with pytest.raises(ClientError, match="AccessDenied"):
        athena.batch_get_query_execution(QueryExecutionIds=["00000000-0000-4000-8000-000000000000"])


def client_of_user(emulator: Emulator, service: str, allowed: dict[str, Any], user: str | None = None) -> Any:
    """Return a client of a user who may do one thing."""
    iam, user = emulator.client("iam"), user or f"asks-{service}"
    iam.create_user(UserName=user)
    created = iam.create_access_key(UserName=user)["AccessKey"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **allowed}]})
    iam.put_user_policy(UserName=user, PolicyName="only", PolicyDocument=policy)
    client: Any = boto3.client
    return client(
        service,
        region_name=REGION,
        endpoint_url=emulator.endpoint,
        verify=emulator.account.authority,
        aws_access_key_id=created["AccessKeyId"],
        aws_secret_access_key=created["SecretAccessKey"],
    )


def test_requests_name_neither_an_attached_policy_nor_the_organisation_of_a_role(emulator: Emulator) -> None:
    """On AWS they do; `tests/plan/test_member.py` evaluates the conditions with them."""
    iam = emulator.client("iam")
    quarantined = f"arn:aws:iam::{ACCOUNT_ID}:policy/quarantined"
    one = {"ArnEquals": {"iam:PolicyARN": quarantined}}
    limited = client_of_user(emulator, "iam", {"Action": "iam:AttachUserPolicy", "Resource": "*", "Condition": one})
    with pytest.raises(ClientError, match="AccessDenied"):
        limited.attach_user_policy(UserName="asks-iam", PolicyArn=quarantined)

    organization = emulator.client("organizations").describe_organization()["Organization"]["Id"]
    ours = {"StringEquals": {"aws:PrincipalOrgID": organization}}
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "*"}, "Condition": ours}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    arn = iam.create_role(RoleName="member", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    theirs = {"StringEquals": {"aws:ResourceOrgID": organization}}
    asking = client_of_user(emulator, "sts", {"Action": "sts:AssumeRole", "Resource": "*", "Condition": theirs})
    with pytest.raises(ClientError, match="AccessDenied"):
        asking.assume_role(RoleArn=arn, RoleSessionName="test")
    asking = client_of_user(emulator, "sts", {"Action": "sts:AssumeRole", "Resource": "*"}, user="asks-any")
    assert asking.assume_role(RoleArn=arn, RoleSessionName="test")["Credentials"]


def test_logs_insights_counts_and_parses_nothing(emulator: Emulator) -> None:
    """On AWS, the result has one row, with the fields that `parse` and `stats` define.

    Both are tested on recorded answers instead (`tests.fakes.logs_insights`).
    """
    logs, now = emulator.client("logs"), int(time.time())
    logs.create_log_group(logGroupName="/gaps/shop")
    logs.create_log_stream(logGroupName="/gaps/shop", logStreamName="s")
    events = [{"timestamp": now * 1000, "message": f"alice bought {number}"} for number in range(2)]
    logs.put_log_events(logGroupName="/gaps/shop", logStreamName="s", logEvents=events)
    text = 'parse @message "* bought *" as who, what | filter who in ["bob"] | stats count(*) as times by who'
    group = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:/gaps/shop"
    query = {"startTime": now - 60, "endTime": now + 60, "queryString": text}

    started = logs.start_query(logGroupIdentifiers=[group], **query)
    answer = logs.get_query_results(queryId=started["queryId"])

    assert answer["status"] == "Complete"
    assert [{cell["field"] for cell in row} for row in answer["results"]] == [
        {"@timestamp", "@message", "@logStream", "@log", "@ptr"}
    ] * 2
    assert answer["statistics"]["bytesScanned"] > 0
    # On AWS, the log groups of the request are the resources; `tests/plan/test_logs_insights.py` checks the rights.
    limited = client_of_user(emulator, "logs", {"Action": "logs:StartQuery", "Resource": f"{group}:*"})
    with pytest.raises(ClientError, match="AccessDenied"):
        limited.start_query(logGroupIdentifiers=[group], **query)
