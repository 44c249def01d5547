"""The doctor on an installation on the emulated AWS, sound and with faults."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from alert_responder_cli.aws.access import session
from alert_responder_cli.main import app
from tests.integration.pipeline import Pipeline


@pytest.fixture
def examined(pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Run the command, and return the sentences of its findings by state and check."""
    account = pipeline.installation.account
    settings = {"AWS_ENDPOINT_URL": account.endpoint, "AWS_CA_BUNDLE": account.authority, "AWS_REGION": "us-east-1"}
    for name, value in (settings | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}).items():
        monkeypatch.setenv(name, value)
    session.cache_clear()

    def run(*options: str) -> dict[str, dict[str, str]]:
        result = CliRunner().invoke(app, ["doctor", "--json", *options])
        assert result.exit_code in (0, 1), result.output
        found: dict[str, dict[str, str]] = {}
        for finding in json.loads(result.stdout):
            of_state = found.setdefault(finding["state"], {})
            of_state[finding["check"]] = f"{of_state.get(finding['check'], '')} {finding['sentence']}"
        assert result.exit_code == ("problem" in found)
        return found

    return run


@pytest.fixture
def faults(pipeline: Pipeline) -> Iterator[None]:
    """Disable the mapping and the sweeper, break the runner's role, and put a dead letter into the queue."""
    name = pipeline.installation.name
    functions, events, iam, sqs = (
        pipeline.installation.client(service) for service in ("lambda", "events", "iam", "sqs")
    )
    (mapping,) = functions.list_event_source_mappings(FunctionName=f"{name}-receptor")["EventSourceMappings"]
    role = functions.get_function_configuration(FunctionName=f"{name}-runner")["Role"].rpartition("/")[2]
    deny = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "dynamodb:*", "Resource": "*"}]}
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=False)
    events.disable_rule(Name=f"{name}-sweep")
    iam.put_role_policy(RoleName=role, PolicyName="fault", PolicyDocument=json.dumps(deny))
    queue = sqs.get_queue_url(QueueName=f"{name}-dead-letters")["QueueUrl"]
    sqs.send_message(QueueUrl=queue, MessageBody="{}")
    yield
    sqs.purge_queue(QueueUrl=queue)
    iam.delete_role_policy(RoleName=role, PolicyName="fault")
    events.enable_rule(Name=f"{name}-sweep")
    functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=True)


def test_a_sound_installation_has_no_problem_and_delivers_a_test_report(examined: Any, pipeline: Pipeline) -> None:
    found = examined("--end-to-end")
    assert "problem" not in found, found["problem"]
    # CloudWatch's metrics of other services are not emulated, and no alarm of the example notifies anybody.
    assert found["warning"].keys() <= {"alarms", "metrics", "sweeper"}
    assert {"functions", "plug-ins", "roles", "mapping", "workflow", "table", "kms-key"} <= found["ok"].keys()
    steps = found["ok"]["end-to-end"]
    assert "The delivery to inbox ended as ok." in steps
    (report_id,) = re.findall("is in the report ([0-9A-Z]{26})", steps)
    (emission,) = pipeline.emissions(report_id)
    assert emission["report"]["test"]
    marks = pipeline.installation.client("dynamodb").query(
        TableName=pipeline.installation.table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :sk)",
        ExpressionAttributeValues={":pk": {"S": "config"}, ":sk": {"S": "test/"}},
    )
    assert marks["Items"] == []


def test_planted_faults_are_found(examined: Any, faults: None) -> None:
    found = examined()
    assert {"mapping", "sweeper", "roles"} <= found["problem"].keys()
    assert "dead-letters" in found["warning"]


def test_an_account_is_examined_before_the_first_apply(examined: Any) -> None:
    found = examined("--before")
    assert found["ok"].keys() == {"lambda-concurrency", "log-policies", "layer"}
    # Service Quotas is not emulated.
    assert found.keys() == {"ok", "unknown"}
    assert found["unknown"].keys() == {"state-transitions"}
