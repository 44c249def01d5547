"""The function: batches and single tasks, its settings, and the numbers of a month of attributes."""

import json
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from alert_responder.contracts.inspection import InspectionTask
from alert_responder.plugin import InvalidRequestError
from alert_responder_cli.aws.in_memory import MemoryTable
from alert_responder_plugins.athena import handler
from alert_responder_plugins.athena.client import Athena
from alert_responder_plugins.athena.settings import AthenaSettings
from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.common.settings import read_settings
from tests.unit.plugins.athena.builders import PreparedAthena, task

ENVIRONMENT = {
    "AWS_REGION": "eu-west-1",
    "NAME": "logs",
    "TABLE_NAME": "t",
    "WORKGROUP": "security",
    "MAX_GB_PER_DAY": "500",
    "HOURS_BEFORE": "24",
    "HOURS_AFTER": "1",
    "TIME_BUDGET_SECONDS": "40",
    "SOURCES": json.dumps(
        {
            "lake": {
                "database": "lake",
                "table": "amazon_security_lake_table_eu_west_1_vpc_flow_2_0",
                "dialect": "security-lake-2",
                "baseline_days": 30,
            },
            "trail": {
                "database": "security",
                "table": "cloudtrail",
                "dialect": "cloudtrail",
                "partition": {"year": "yyyy", "month": "MM", "day": "dd"},
                "fixed": {"region": ["eu-west-1", "us-east-1"]},
            },
        }
    ),
}


@pytest.fixture
def athena(monkeypatch: pytest.MonkeyPatch) -> PreparedAthena:
    client = PreparedAthena()
    settings = read_settings(AthenaSettings, ENVIRONMENT)
    made = handler.build(settings, Athena(lambda: client, settings.workgroup, None), MemoryTable())
    monkeypatch.setattr(handler, "_inspector", lambda: made)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return client


def request(asked: InspectionTask) -> dict[str, Any]:
    return {**asked.model_dump(mode="json"), "a_later_field": 1}


def test_a_batch_is_answered_by_task_id(athena: PreparedAthena) -> None:
    tasks = [request(task("username", "alice")), request(task("url", "https://x.example/", 1))]
    assert handler.handler({"tasks": tasks}) == {"answers": {"athena/0": None, "athena/1": None}}
    [sql] = athena.queries
    assert "\"region\" IN ('eu-west-1', 'us-east-1')" in sql
    assert "(\"year\" = '2026' AND \"month\" = '11' AND \"day\" = '27')" in sql


def test_a_single_task_has_a_single_answer(athena: PreparedAthena) -> None:
    assert handler.handler(request(task("username", "alice"))) is None
    assert len(athena.tokens[0]) == 64


def test_attributes_that_no_log_has_cost_nothing(athena: PreparedAthena) -> None:
    assert handler.handler(request(task("url", "https://x.example/"))) is None
    assert athena.calls == []


def test_an_event_that_is_not_a_task_is_refused(athena: PreparedAthena) -> None:
    with pytest.raises(InvalidRequestError, match="The event is not a valid task or batch of tasks"):
        handler.handler({"tasks": [{"task_id": "x"}]})
    assert athena.calls == []


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"SOURCES": '{"x": {"database": "d", "table": "t", "dialect": "syslog"}}'},
            "the dialect syslog does not exist",
        ),
        ({"SOURCES": '{"x": {"database": "d", "table": "t", "dialect": "security-lake-2"}}'}, "does not end like one"),
        ({"MAX_GB_PER_DAY": "0"}, "MAX_GB_PER_DAY"),
        ({"WORKGROUP": "a b"}, "WORKGROUP"),
    ],
)
def test_invalid_settings_are_refused(changed: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsFaultError, match=message):
        read_settings(AthenaSettings, {**ENVIRONMENT, **changed})


LOGS_ACCOUNT = "444455556666"
ELSEWHERE = {
    **ENVIRONMENT,
    "ROLE_ARN": f"arn:aws:iam::{LOGS_ACCOUNT}:role/logs",
    "EXTERNAL_ID": "secops",
    "RESULT_LOCATION": "s3://results/",
}


@mock_aws
def test_queries_run_in_the_account_of_the_role() -> None:
    """Each account has a workgroup of this name, with another limit."""
    settings = read_settings(AthenaSettings, ELSEWHERE)
    client = handler._client(settings)
    for made, limit in ((boto3.client("athena"), 20_000_000), (client(), 30_000_000)):
        made.create_work_group(Name="security", Configuration={"BytesScannedCutoffPerQuery": limit})
    assert client() is client(), "the role is assumed once"
    elsewhere = Athena(client, settings.workgroup, settings.result_location, LOGS_ACCOUNT)
    assert elsewhere.limit() == 30_000_000
    assert Athena(handler._client(read_settings(AthenaSettings, ENVIRONMENT)), "security", None).limit() == 20_000_000


def test_a_role_that_cannot_be_assumed_is_named_with_the_account() -> None:
    def refuse() -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")

    with pytest.raises(
        SettingsFaultError, match=f"sts:AssumeRole for the workgroup security of account {LOGS_ACCOUNT}"
    ):
        Athena(refuse, "security", None, LOGS_ACCOUNT).limit()


def test_an_invalid_role_is_named() -> None:
    with pytest.raises(SettingsFaultError, match="ROLE_ARN"):
        read_settings(AthenaSettings, {**ENVIRONMENT, "ROLE_ARN": "logs"})
