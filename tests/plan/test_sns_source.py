"""The module that puts messages of SNS topics on the stream."""

import json
from pathlib import Path
from typing import Any

import pytest
import tftest

from tests.plan import state, tables
from tests.plan.conftest import INTERFACE, KEY_ARN
from tests.plan.harness import ACCOUNT, Case, Configuration, Planned, arn, planned, statements
from tests.plan.inputs import refusals
from tools.paths import ROOT

MODULE = "modules/sns-source"
TOPIC, OTHER = arn("sns", "security-alerts"), arn("sns", "detections.fifo", account="444455556666")
TOPICS = {"security": TOPIC, "others": OTHER}
ALARMS = arn("sns", "alarms")
QUEUES = state.queue("secops-topics", "messages"), state.queue("secops-topics-dead-letters", "dead_letters")
VARIANTS: dict[str, dict[str, Any]] = {
    "all": {"alert_responder": INTERFACE | {"kms_key_arn": KEY_ARN, "name": "a" * 36}, "name": "b" * 11}
    | {"alarm_actions": [ALARMS], "topic_arns": TOPICS},
    "known": {"alert_responder": INTERFACE | {"kms_key_arn": KEY_ARN}, "topic_arns": TOPICS},
}
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"alarm_actions": ["alarms"]}, "alarm_actions must contain at most 5 full ARNs"),
    ({"name": "b" * 12}, "name must have 1 to 11 lower-case letters, digits and single hyphens"),
    ({"topic_arns": {"No": TOPIC}}, "Names in topic_arns must have 1 to 15 lower-case letters, digits"),
    *(
        ({"topic_arns": value}, "topic_arns must contain 1 to 20 ARNs of SNS topics")
        for value in ({}, {"a": "alerts"}, {"a": arn("sqs", "alerts")}, {f"a-{n}": TOPIC for n in range(21)})
    ),
]
COMPARED = {"topic_arns": {"alarms": ALARMS}, "alarm_actions": [ALARMS]}
COMPARED_MESSAGE = "topic_arns must not contain a topic of alarm_actions: an alarm on failed"
ELSEWHERE = arn("sns", "alerts", region="us-east-1")
REQUIRED = {"alert_responder": INTERFACE, "topic_arns": {"security": TOPIC}}
CASES = {
    f"sns_{name}": Case(MODULE, {**REQUIRED, **variables}, state=QUEUES if name == "known" else ())
    for name, variables in VARIANTS.items()
}


@pytest.fixture(scope="module")
def sources(plan: tftest.TerraformPlanOutput) -> dict[str, Planned]:
    return {name: planned(plan, f"sns_{name}") for name in VARIANTS}


@pytest.fixture(scope="module")
def messages(code: Path, terraform_environment: dict[str, str]) -> dict[str, str]:
    cases = {f"case_{n}": Case(MODULE, {**REQUIRED, **variables}) for n, (variables, _) in enumerate(REFUSED)}
    # A validation that compares two inputs is evaluated after all others.
    alone = refusals(code / "sns-compared", {"compared": Case(MODULE, {**REQUIRED, **COMPARED})}, terraform_environment)
    return refusals(code / "sns-refused", cases, terraform_environment) | {"compared": "".join(alone.values())}


def test_the_queue_is_subscribed_to_each_topic_with_dead_letters(sources: dict[str, Planned]) -> None:
    found = sources["known"].of_type("aws_sns_topic_subscription")
    assert {each["topic_arn"] for each in found} == {TOPIC, OTHER}
    for each in found:
        assert (each["protocol"], each["endpoint"]) == ("sqs", arn("sqs", "secops-topics"))
        assert each["raw_message_delivery"] is False
        assert json.loads(each["redrive_policy"]) == {"deadLetterTargetArn": arn("sqs", "secops-topics-dead-letters")}


def test_the_pipe_puts_the_envelopes_on_the_stream(sources: dict[str, Planned]) -> None:
    (pipe,) = sources["known"].of_type("aws_pipes_pipe")
    assert (pipe["source"], pipe["target"]) == (arn("sqs", "secops-topics"), INTERFACE["alert_stream_arn"])
    (target,) = pipe["target_parameters"]
    assert target["input_template"] == "<$.body>"
    assert target["kinesis_stream_parameters"] == [{"partition_key": "$.messageId"}]


def test_messages_are_retried_as_long_as_records_of_the_stream(sources: dict[str, Planned]) -> None:
    queue = sources["known"].resources["aws_sqs_queue.messages"]
    redrive = json.loads(queue["redrive_policy"])
    assert redrive["maxReceiveCount"] * queue["visibility_timeout_seconds"] == 6 * 60 * 60
    for queue in sources["all"].of_type("aws_sqs_queue"):
        assert queue["message_retention_seconds"] == 14 * 86_400
        assert queue["sqs_managed_sse_enabled"] is True


def test_only_this_pipe_may_use_the_role(sources: dict[str, Planned]) -> None:
    (role,) = sources["known"].of_type("aws_iam_role")
    (trust,) = json.loads(role["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"Service": "pipes.amazonaws.com"}
    assert trust["Condition"]["StringEquals"] == {
        "aws:SourceAccount": ACCOUNT,
        "aws:SourceArn": arn("pipes", "pipe/secops-topics"),
    }
    (long,) = sources["all"].of_type("aws_iam_role")
    (pipe,) = sources["all"].of_type("aws_pipes_pipe")
    assert len(long["name"]) <= 64 >= len(pipe["name"])


def test_role_may_read_the_queue_and_put_records_on_this_stream(sources: dict[str, Planned]) -> None:
    (policy,) = sources["known"].of_type("aws_iam_role_policy")
    assert {tuple(each["Action"]): each["Resource"] for each in statements(policy["policy"])} == {
        ("sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"): [arn("sqs", "secops-topics")],
        ("kinesis:PutRecord", "kinesis:PutRecords"): [INTERFACE["alert_stream_arn"]],
        ("kms:GenerateDataKey",): [KEY_ARN],
    }


def test_only_the_topics_may_send_to_the_queues(sources: dict[str, Planned]) -> None:
    policies = sources["known"].of_type("aws_sqs_queue_policy")
    assert len(policies) == 2
    for policy in policies:
        allow, deny = statements(policy["policy"])
        assert allow["Principal"] == {"Service": "sns.amazonaws.com"}
        assert allow["Condition"] == {"ArnEquals": {"aws:SourceArn": sorted([TOPIC, OTHER])}}
        assert deny["Effect"] == "Deny"


def test_alarms_watch_both_queues_and_the_topics(sources: dict[str, Planned]) -> None:
    alarms = sources["known"].of_type("aws_cloudwatch_metric_alarm")
    assert {(each["metric_name"], *each["dimensions"].values()) for each in alarms} == {
        ("ApproximateNumberOfMessagesVisible", "secops-topics-dead-letters"),
        ("ApproximateAgeOfOldestMessage", "secops-topics"),
        ("NumberOfNotificationsFailedToRedriveToDlq", "security-alerts"),
        ("NumberOfNotificationsFailedToRedriveToDlq", "detections.fifo"),
    }
    assert all(each["alarm_actions"] == [ALARMS] for each in sources["all"].of_type("aws_cloudwatch_metric_alarm"))


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_invalid_value_is_rejected_with_the_allowed_values(messages: dict[str, str], number: int) -> None:
    assert REFUSED[number][1] in messages[f"case_{number}"]


def test_alarms_must_not_become_alerts(messages: dict[str, str]) -> None:
    assert COMPARED_MESSAGE in messages["compared"]


def test_topics_must_be_in_the_region(code: Path, terraform_environment: dict[str, str]) -> None:
    case = Case(MODULE, {**REQUIRED, "topic_arns": {"elsewhere": ELSEWHERE}})
    (text,) = Configuration(code / "sns-region", {"elsewhere": case}, terraform_environment).refusals().values()
    assert "topic_arns must contain topics in the region of the installation" in text


def test_every_validation_has_a_case() -> None:
    expected = [*(message for _, message in REFUSED), COMPARED_MESSAGE]
    for name, variable in tables.blocks(ROOT / MODULE, "variable").items():
        for validation in variable.get("validation", []):
            text = tables.text(validation["error_message"])
            assert any(message in text for message in expected), f"no case of {name} has the message: {text}"
