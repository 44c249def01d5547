"""The function with simulated AWS: records, dead letters, and logs without secrets."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from alert_responder_plugins.webhook import handler as module
from tests.unit.plugins.webhook.builders import BODY, SECRET, bearer, event


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    with mock_aws():
        kinesis, sqs = boto3.client("kinesis"), boto3.client("sqs")
        kinesis.create_stream(StreamName="secops", ShardCount=1)
        stream = kinesis.describe_stream_summary(StreamName="secops")["StreamDescriptionSummary"]["StreamARN"]
        secret = boto3.client("secretsmanager").create_secret(Name="webhook", SecretString=SECRET.decode())["ARN"]
        monkeypatch.setenv("SECRET_ARN", secret)
        monkeypatch.setenv("SECRET_HEADER", "")
        monkeypatch.setenv("STREAM_ARN", stream)
        monkeypatch.setenv("DEAD_LETTER_QUEUE_URL", sqs.create_queue(QueueName="dead-letters")["QueueUrl"])
        module._receiver.cache_clear()
        module._logger.cache_clear()
        yield kinesis
        module._receiver.cache_clear()
        module._logger.cache_clear()


def records(kinesis: Any) -> list[dict[str, Any]]:
    (shard,) = kinesis.list_shards(StreamName="secops")["Shards"]
    start = kinesis.get_shard_iterator(StreamName="secops", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")[
        "ShardIterator"
    ]
    found: list[dict[str, Any]] = kinesis.get_records(ShardIterator=start)["Records"]
    return found


def test_the_document_is_one_record(aws: Any) -> None:
    assert module.handler(event())["statusCode"] == 200
    (record,) = records(aws)
    assert record["Data"] == BODY
    assert len(record["PartitionKey"]) == 32


def test_a_document_that_the_stream_refuses_is_a_dead_letter(aws: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STREAM_ARN", "arn:aws:kinesis:eu-west-1:123456789012:stream/another")
    answer = module.handler(event())
    assert answer["statusCode"] == 503
    sqs = boto3.client("sqs")
    (message,) = sqs.receive_message(QueueUrl=sqs.get_queue_url(QueueName="dead-letters")["QueueUrl"])["Messages"]
    assert message["Body"] == BODY.decode()


def test_the_log_has_neither_secrets_nor_bodies(aws: Any, caplog: pytest.LogCaptureFixture) -> None:
    module.handler(event())
    module.handler(event(headers=bearer(b"a wrong secret of 22 b")))
    logged = [vars(record) for record in caplog.records if record.message == "webhook answered"]
    assert [(line["status"], line["bytes"], line["source_ip"]) for line in logged] == [
        (200, len(BODY), "198.51.100.7"),
        (401, len(BODY), "198.51.100.7"),
    ]
    assert not any(text in str(logged) for text in (SECRET.decode(), "wrong secret", "firing"))
