"""A sound installation has no findings to act on; each planted fault is found by the check it belongs to."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from alert_responder.domain.directory import Directory
from alert_responder_cli.aws.access import Access
from alert_responder_cli.aws.installation import Installation
from alert_responder_cli.doctor import account
from alert_responder_cli.doctor.checks import AFTER, BEFORE
from alert_responder_cli.doctor.examination import Finding, State, examine
from alert_responder_cli.version import version_number
from tests.fakes.aws_answers import Answer, Answers, NotFoundError, invoked, refused
from tests.fakes.directory import directory_item
from tests.unit.cli.command_runner import run
from tests.unit.powertools_layers import powertools_layers

REGION, ACCOUNT = "eu-west-1", "111122223333"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/k"
ALARM = {
    "AlarmName": "secops-iterator-age",
    "StateValue": "OK",
    "AlarmActions": ["arn:aws:sns:eu-west-1:111122223333:alarms"],
    "Namespace": "AWS/Lambda",
    "MetricName": "IteratorAge",
    "Dimensions": [{"Name": "FunctionName", "Value": "secops-receptor"}],
}
MATH = {
    "AlarmName": "secops-rejected-alerts",
    "StateValue": "OK",
    "Metrics": [
        {"Id": "largest", "Expression": "MAX([m])"},
        {
            "Id": "m",
            "MetricStat": {"Metric": {"Namespace": "AlertResponder", "MetricName": "RejectedAlerts", "Dimensions": []}},
        },
    ],
}
ITEMS = {
    "plugin/inspector": {"sk": {"S": "whois"}, "arn": {"S": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:whois"}},
    "plugin/reviewer": {"sk": {"S": "reviewer"}, "arn": {"S": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:policy"}},
    "plugin/emitter": {"sk": {"S": "pager"}, "arn": {"S": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:pager"}},
}
POLICY = {
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": service}}
        for service in (f"logs.{REGION}.amazonaws.com", "delivery.logs.amazonaws.com", "events.amazonaws.com")
    ]
}


def registry(items: dict[str, dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    def query(**arguments: Any) -> dict[str, Any]:
        partition = next(value["S"] for value in arguments["ExpressionAttributeValues"].values() if "S" in value)
        item = items.get(partition)
        common = {"pk": {"S": partition}, "enabled": {"BOOL": True}, "version": {"N": "1"}, "cache_seconds": {"N": "0"}}
        return {"Items": [{**common, **item}] if item else [], "Count": 1 if item else 0}

    return query


def functions(**changed: Any) -> Callable[..., dict[str, Any]]:
    answers: dict[str, Any] = {
        "receptor": {"batchItemFailures": []},
        "coordinator": {"status": "swept", "revived": 0, "failed": 0},
        "runner": {"status": "superseded", "found": 0},
        "whois": None,
        "policy": {"severity": "safe", "reason": "Nothing is known."},
        **changed,
    }

    def invoke(**arguments: Any) -> dict[str, Any]:
        name = arguments["FunctionName"].rpartition(":")[2].removeprefix("secops-")
        answer = answers.get(name)
        return answer if isinstance(answer, dict) and "Payload" in answer else invoked(answer)

    return invoke


SOUND: dict[tuple[str, str], Answer] = {
    ("lambda", "get_account_settings"): {
        "AccountLimit": {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 990}
    },
    ("logs", "describe_resource_policies"): {"resourcePolicies": []},
    ("service-quotas", "list_service_quotas"): {
        "Quotas": [
            {"QuotaName": "Throttle token bucket size for StateTransition", "Value": 5.0},
            {"QuotaName": "Throttle token refill rate per second for StateTransition", "Value": 800.0},
        ]
    },
    ("lambda", "get_layer_version_by_arn"): {"Version": 37},
    ("dynamodb", "describe_table"): {
        "Table": {
            "TableStatus": "ACTIVE",
            "SSEDescription": {"KMSMasterKeyArn": KEY},
            "GlobalSecondaryIndexes": [
                {"IndexName": name, "IndexStatus": "ACTIVE"} for name in ("open_reports", "reports_by_day")
            ],
        }
    },
    ("dynamodb", "describe_time_to_live"): {"TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED"}},
    ("dynamodb", "query"): registry(ITEMS),
    ("dynamodb", "get_item"): {},
    ("s3", "get_public_access_block"): {
        "PublicAccessBlockConfiguration": {"BlockPublicAcls": True, "RestrictPublicBuckets": True}
    },
    ("s3", "list_objects_v2"): {"KeyCount": 0},
    ("stepfunctions", "describe_state_machine"): {"status": "ACTIVE", "definition": "{}", "type": "STANDARD"},
    ("stepfunctions", "validate_state_machine_definition"): {"result": "OK", "diagnostics": []},
    ("kinesis", "describe_stream_summary"): {
        "StreamDescriptionSummary": {"StreamStatus": "ACTIVE", "EncryptionType": "KMS"}
    },
    ("lambda", "list_event_source_mappings"): {
        "EventSourceMappings": [{"State": "Enabled", "LastProcessingResult": "OK"}]
    },
    ("sqs", "get_queue_url"): {"QueueUrl": "https://queue"},
    ("sqs", "get_queue_attributes"): {"Attributes": {"ApproximateNumberOfMessages": "0"}},
    ("lambda", "invoke"): functions(),
    ("lambda", "get_function_configuration"): {
        "Role": f"arn:aws:iam::{ACCOUNT}:role/secops-x",
        "KMSKeyArn": KEY,
        "Environment": {"Variables": {"ALERT_RESPONDER_VERSION": version_number()}},
        "Layers": [{"Arn": f"arn:aws:lambda:{REGION}:017000801446:layer:tools:37"}],
    },
    ("iam", "simulate_principal_policy"): {"EvaluationResults": [{"EvalActionName": "a", "EvalDecision": "allowed"}]},
    ("kms", "describe_key"): {"KeyMetadata": {"KeyState": "Enabled"}},
    ("kms", "get_key_policy"): {"Policy": json.dumps(POLICY)},
    ("cloudwatch", "describe_alarms"): {"MetricAlarms": [ALARM, MATH]},
    ("cloudwatch", "list_metrics"): {"Metrics": [{}]},
    ("cloudwatch", "get_metric_statistics"): lambda **arguments: {
        "Datapoints": [{"Sum": 4.0 if arguments["MetricName"] == "Invocations" else 0.0}]
    },
    ("events", "describe_rule"): {"State": "ENABLED"},
    ("events", "list_rule_names_by_target"): {"RuleNames": ["findings"]},
}


@dataclass(frozen=True)
class FakeAccess(Access):
    answers: Answers | None = None

    def client(self, service: str, **settings: Any) -> Any:
        assert self.answers
        return self.answers.client(service, **settings)


def findings(**changed: Answer) -> list[Finding]:
    answers = {**SOUND, **{(key.partition("__")[0], key.partition("__")[2]): value for key, value in changed.items()}}
    access = FakeAccess(answers=Answers(answers, REGION))
    installation = Installation(
        access,
        "secops",
        "secops",
        "archive",
        f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:secops",
        {},
    )
    return [*examine(BEFORE, access), *examine(AFTER, installation)]


def found(state: State, found_: list[Finding]) -> dict[str, str]:
    return {finding.check: finding.sentence for finding in found_ if finding.state == state}


def test_a_sound_installation_has_nothing_to_act_on() -> None:
    assert {finding.state for finding in findings()} == {"ok"}
    assert {finding.check for finding in findings()} == {check.name for check in (*BEFORE, *AFTER)}


def limits(total: int, free: int) -> Answer:
    return {"AccountLimit": {"ConcurrentExecutions": total, "UnreservedConcurrentExecutions": free}}


def decision(**arguments: Any) -> dict[str, Any]:
    action = arguments["ActionNames"][0]
    denied = action == "states:StartExecution"
    return {"EvaluationResults": [{"EvalActionName": action, "EvalDecision": "explicitDeny" if denied else "allowed"}]}


FAULTS: dict[str, tuple[dict[str, Answer], State, str, str]] = {
    "new account": (
        {"lambda__get_account_settings": limits(10, 10)},
        "problem",
        "lambda-concurrency",
        "is 10; a storm",
    ),
    "reserved": ({"lambda__get_account_settings": limits(1000, 20)}, "warning", "lambda-concurrency", "980 of 1000"),
    "log policies": (
        {"logs__describe_resource_policies": {"resourcePolicies": [{"policyDocument": "{}"}] * 10}},
        "problem",
        "log-policies",
        "none lets Step Functions log",
    ),
    "few transitions": (
        {
            "service-quotas__list_service_quotas": {
                "Quotas": [{"QuotaName": "StateTransition: token refill rate", "Value": 25.0}]
            }
        },
        "warning",
        "state-transitions",
        "allows 25 state transitions a second; a storm needs 100",
    ),
    "other module": (
        {
            "lambda__get_function_configuration": {
                "Role": f"arn:aws:iam::{ACCOUNT}:role/secops-x",
                "Environment": {"Variables": {"ALERT_RESPONDER_VERSION": "99.1.0"}},
            }
        },
        "warning",
        "version",
        "The module has version 99.1.0, this command",
    ),
    "no layer": ({"lambda__get_layer_version_by_arn": NotFoundError()}, "problem", "layer", "does not exist"),
    "index missing": (
        {"dynamodb__describe_table": {"Table": {"TableStatus": "ACTIVE", "GlobalSecondaryIndexes": []}}},
        "problem",
        "table",
        "open_reports, reports_by_day",
    ),
    "no expiry": (
        {"dynamodb__describe_time_to_live": {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}},
        "warning",
        "table",
        "does not delete",
    ),
    "stale directory": (
        {"dynamodb__get_item": {"Item": directory_item(Directory(accounts=(), read_at=0))}},
        "warning",
        "directory",
        "directory of accounts is stale",
    ),
    "invalid directory": (
        {"dynamodb__get_item": {"Item": {"read_at": {"N": "0"}, "accounts": {"B": b""}}}},
        "warning",
        "directory",
        "directory of accounts is invalid",
    ),
    "public bucket": (
        {"s3__get_public_access_block": {"PublicAccessBlockConfiguration": {"BlockPublicAcls": False}}},
        "problem",
        "archive",
        "does not block",
    ),
    "workflow refused": (
        {
            "stepfunctions__validate_state_machine_definition": {
                "result": "FAIL",
                "diagnostics": [{"code": "SCHEMA_VALIDATION_FAILED", "message": "secret"}],
            }
        },
        "problem",
        "workflow",
        "SCHEMA_VALIDATION_FAILED",
    ),
    "stream deleted": (
        {"kinesis__describe_stream_summary": {"StreamDescriptionSummary": {"StreamStatus": "DELETING"}}},
        "problem",
        "stream",
        "DELETING",
    ),
    "no mapping": (
        {"lambda__list_event_source_mappings": {"EventSourceMappings": []}},
        "problem",
        "mapping",
        "No event source mapping",
    ),
    "mapping disabled": (
        {"lambda__list_event_source_mappings": {"EventSourceMappings": [{"State": "Disabled"}]}},
        "problem",
        "mapping",
        "is disabled",
    ),
    "mapping refused": (
        {
            "lambda__list_event_source_mappings": {
                "EventSourceMappings": [{"State": "Enabled", "LastProcessingResult": "PROBLEM: KMS access denied"}]
            }
        },
        "problem",
        "mapping",
        "KMS access denied",
    ),
    "dead letters": (
        {"sqs__get_queue_attributes": {"Attributes": {"ApproximateNumberOfMessages": "3"}}},
        "warning",
        "dead-letters",
        "3 sweeps",
    ),
    "batches given up": (
        {"s3__list_objects_v2": {"KeyCount": 1}},
        "warning",
        "given-up-batches",
        "batches that were given up",
    ),
    "receptor fails": (
        {"lambda__invoke": functions(receptor=invoked({"errorType": "Runtime.ImportModuleError"}, "Unhandled"))},
        "problem",
        "functions",
        "secops-receptor fails: Runtime.ImportModuleError",
    ),
    "runner answers otherwise": (
        {"lambda__invoke": functions(runner="?")},
        "problem",
        "functions",
        "secops-runner fails: an unexpected answer",
    ),
    "inspector breaks its contract": (
        {"lambda__invoke": functions(whois={"contents": "none"})},
        "problem",
        "plug-ins",
        "The inspector whois",
    ),
    "inspector does not know batches": (
        {
            "lambda__invoke": functions(whois={"contents": []}),
            "dynamodb__query": registry(
                {**ITEMS, "plugin/inspector": {**ITEMS["plugin/inspector"], "batch_size": {"N": "50"}}}
            ),
        },
        "problem",
        "plug-ins",
        "The answer to a batch is that to a single task",
    ),
    "reviewer breaks its contract": (
        {"lambda__invoke": functions(policy={"severity": "high"})},
        "problem",
        "plug-ins",
        "The reviewer does not",
    ),
    "no reviewer": (
        {"dynamodb__query": registry({key: ITEMS[key] for key in ("plugin/inspector", "plugin/emitter")})},
        "warning",
        "plug-ins",
        "No reviewer is attached",
    ),
    "right denied": (
        {"iam__simulate_principal_policy": decision},
        "problem",
        "roles",
        "the receptor needs: states:StartExecution",
    ),
    "key deleted": (
        {"kms__describe_key": {"KeyMetadata": {"KeyState": "PendingDeletion"}}},
        "problem",
        "kms-key",
        "PendingDeletion",
    ),
    "key policy": (
        {"kms__get_key_policy": {"Policy": json.dumps({"Statement": POLICY["Statement"][:2]})}},
        "problem",
        "kms-key",
        "does not let events.amazonaws.com",
    ),
    "key policy denies": (
        {
            "kms__get_key_policy": {
                "Policy": json.dumps({"Statement": [{**each, "Effect": "Deny"} for each in POLICY["Statement"]]})
            }
        },
        "problem",
        "kms-key",
        "delivery.logs.amazonaws.com",
    ),
    "alarm raised": (
        {"cloudwatch__describe_alarms": {"MetricAlarms": [{**ALARM, "StateValue": "ALARM"}]}},
        "problem",
        "alarms",
        "secops-iterator-age is raised",
    ),
    "alarms notify nobody": (
        {"cloudwatch__describe_alarms": {"MetricAlarms": [MATH]}},
        "warning",
        "alarms",
        "No alarm notifies",
    ),
    "no alarms": ({"cloudwatch__describe_alarms": {"MetricAlarms": []}}, "warning", "alarms", "has no alarms"),
    "no data": (
        {"cloudwatch__list_metrics": {"Metrics": []}},
        "warning",
        "metrics",
        "2 metrics of alarms have no data in their dimensions yet: IteratorAge, RejectedAlerts",
    ),
    "rule disabled": ({"events__describe_rule": {"State": "DISABLED"}}, "problem", "sweeper", "is disabled"),
    "sweeper silent": (
        {"cloudwatch__get_metric_statistics": {"Datapoints": []}},
        "warning",
        "sweeper",
        "no invocation",
    ),
    "source refused": (
        {"cloudwatch__get_metric_statistics": {"Datapoints": [{"Sum": 7.0}]}},
        "problem",
        "sources",
        "failed to deliver 7 events of the rule findings",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_by_its_check_with_advice(fault: str) -> None:
    changed, state, check, sentence = FAULTS[fault]
    every = findings(**changed)
    assert sentence in found(state, every)[check]
    assert all(finding.advice for finding in every if finding.state != "ok")
    assert "secret" not in json.dumps([finding.model_dump() for finding in every])


def test_every_check_has_a_fault() -> None:
    assert {check for _, _, check, _ in FAULTS.values()} | {"layers"} == {check.name for check in (*BEFORE, *AFTER)}


@pytest.mark.parametrize("operation", [f"{service}__{operation}" for service, operation in SOUND])
def test_a_missing_permission_is_reported_and_ends_no_other_check(operation: str) -> None:
    every = findings(**{operation: refused("AccessDenied")})
    unknown = [finding for finding in every if finding.state == "unknown"]
    assert unknown
    assert {finding.check for finding in every} == {check.name for check in (*BEFORE, *AFTER)}
    assert all("This check needs" in finding.advice for finding in unknown)


def test_the_layers_are_those_of_the_module() -> None:
    assert powertools_layers() == account.POWERTOOLS_LAYERS


def test_permissions_are_listed_without_asking_aws() -> None:
    before, after = run("doctor", "--before", "--permissions"), run("doctor", "--permissions")
    assert before.stdout.split() == sorted({action for check in BEFORE for action in check.permissions})
    assert set(before.stdout.split()) < set(after.stdout.split())


def test_a_result_with_a_count_and_an_alarm_without_a_metric_are_sound() -> None:
    """The emulator adds a count to the result, and names no metric of an alarm on several."""
    mapping = {"EventSourceMappings": [{"State": "Enabled", "LastProcessingResult": "OK - 1 records"}]}
    alarms = {"MetricAlarms": [ALARM, {**MATH, "MetricName": "", "Namespace": "", "Dimensions": []}]}
    every = findings(lambda__list_event_source_mappings=mapping, cloudwatch__describe_alarms=alarms)
    assert {finding.state for finding in every} == {"ok"}
