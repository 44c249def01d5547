"""Step Functions and S3 through their adapters."""

import json

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from alert_responder.adapters.archive import S3Archive
from alert_responder.adapters.workflow import StepFunctionsWorkflow
from alert_responder.errors import DependencyError
from tests.unit.adapters.stubs import StubClient, refusal

ARN = "arn:aws:states:eu-central-1:123456789012:stateMachine:name"
BROKEN = EndpointConnectionError(endpoint_url="https://aws.test")


def test_an_execution_is_named_after_its_round() -> None:
    client = StubClient({})
    StepFunctionsWorkflow(client, ARN).start("R1", "A1", 2, as_it_stands=False)
    ((operation, request),) = client.calls
    assert (operation, request["stateMachineArn"], request["name"]) == ("start_execution", ARN, "R1-2")
    assert json.loads(request["input"]) == {"report_id": "R1", "alert_id": "A1", "round": 2, "as_it_stands": False}


def test_an_execution_that_exists_is_left_alone() -> None:
    StepFunctionsWorkflow(StubClient(refusal("ExecutionAlreadyExists")), ARN).start("R1", "A1", 2, as_it_stands=False)


@pytest.mark.parametrize("error", [refusal("ThrottlingException"), refusal("StateMachineDoesNotExist"), BROKEN])
def test_an_execution_that_may_not_have_started_is_an_error(error: Exception) -> None:
    workflow = StepFunctionsWorkflow(StubClient(error), ARN)
    with pytest.raises(DependencyError):
        workflow.start("R1", "A1", 2, as_it_stands=False)
    with pytest.raises(DependencyError):
        workflow.is_running("R1", 2)


@pytest.mark.parametrize(
    ("answer", "running"),
    [
        ({"status": "RUNNING"}, True),
        ({"status": "PENDING_REDRIVE"}, True),
        ({"status": "SUCCEEDED"}, False),
        ({"status": "FAILED"}, False),
        ({"status": "TIMED_OUT"}, False),
        ({"status": "ABORTED"}, False),
        (refusal("ExecutionDoesNotExist"), None),
    ],
)
def test_whether_an_execution_runs(answer: object, running: bool | None) -> None:
    client = StubClient(answer)
    assert StepFunctionsWorkflow(client, ARN).is_running("R1", 2) is running
    assert client.calls[0][1] == {"executionArn": "arn:aws:states:eu-central-1:123456789012:execution:name:R1-2"}


def test_objects_are_written_read_and_copied() -> None:
    with mock_aws():
        client = boto3.client("s3")
        client.create_bucket(Bucket="bucket")
        archive = S3Archive(client, "bucket")
        archive.put("a/b.json", b"{}")
        archive.put("a/b.json", b"[]")
        archive.copy("a/b.json", "c.json")
        assert archive.get("c.json") == b"[]"
        assert client.get_object(Bucket="bucket", Key="c.json")["ContentType"] == "application/json"
        with pytest.raises(DependencyError, match="NoSuchKey"):
            archive.get("missing")


@pytest.mark.parametrize("error", [refusal("SlowDown"), BROKEN])
def test_a_failure_of_s3_is_a_dependency_error(error: Exception) -> None:
    archive = S3Archive(StubClient(error), "bucket")
    for call in (lambda: archive.put("k", b""), lambda: archive.get("k"), lambda: archive.copy("k", "l")):
        with pytest.raises(DependencyError) as caught:
            call()
        assert "secret" not in str(caught.value)
