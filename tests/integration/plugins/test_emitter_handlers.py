"""The emitters' functions as Lambda calls them: JSON in, JSON out, settings from the environment."""

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from alert_responder_plugins.common.errors import SettingsFaultError
from alert_responder_plugins.pagerduty import handler as pagerduty
from alert_responder_plugins.slack import handler as slack
from tests.fakes.reports import a_report, an_emission
from tools.receivers.pagerduty import ROUTING_KEY, PagerDuty
from tools.receivers.server import Serving
from tools.receivers.slack import CHANNEL, TOKEN, WEBHOOK, Slack


@pytest.fixture(autouse=True)
def _aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    monkeypatch.setenv("TABLE_NAME", "reports")
    slack._emitter.cache_clear()
    pagerduty._emitter.cache_clear()
    with mock_aws():
        keys = ("pk", "sk")
        boto3.client("dynamodb").create_table(
            TableName="reports",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
            BillingMode="PAY_PER_REQUEST",
        )
        yield
    slack._emitter.cache_clear()
    pagerduty._emitter.cache_clear()


def with_secret(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    arn = boto3.client("secretsmanager").create_secret(Name="secret", SecretString=text)["ARN"]
    monkeypatch.setenv("SECRET_ARN", arn)


def event(emitter: str) -> dict[str, object]:
    made: dict[str, object] = an_emission(a_report(), emitter).model_dump(mode="json")
    return made


@pytest.mark.parametrize("channel", [CHANNEL, ""])
def test_slack(monkeypatch: pytest.MonkeyPatch, channel: str) -> None:
    receiver = Slack()
    with Serving(receiver) as serving:
        with_secret(monkeypatch, TOKEN if channel else serving.url + WEBHOOK)
        monkeypatch.setenv("EMITTER", "slack")
        monkeypatch.setenv("SLACK_CHANNEL", channel)
        monkeypatch.setenv("SLACK_API_URL", f"{serving.url}/api")
        first, second = slack.handler(event("slack"), None), slack.handler(event("slack"), None)

    assert len(receiver.messages) == 1
    assert first == second
    assert bool(first and first.get("url")) == bool(channel)


def test_pagerduty(monkeypatch: pytest.MonkeyPatch) -> None:
    receiver = PagerDuty()
    with Serving(receiver) as serving:
        with_secret(monkeypatch, ROUTING_KEY)
        monkeypatch.setenv("EMITTER", "pagerduty")
        monkeypatch.setenv("PAGERDUTY_SOURCE", "secops")
        monkeypatch.setenv("PAGERDUTY_TRIGGERS", json.dumps(["urgent"]))
        monkeypatch.setenv("PAGERDUTY_SEVERITIES", json.dumps({"urgent": "critical"}))
        monkeypatch.setenv("PAGERDUTY_API_URL", serving.url)
        first, second = pagerduty.handler(event("pagerduty"), None), pagerduty.handler(event("pagerduty"), None)

    (incident,) = receiver.incidents
    assert first == second == {"state": {"version": 1, "open": True, "dedup_key": incident.dedup_key}}
    assert len(incident.events) == 1


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("SLACK_CHANNEL", "#general", "SLACK_CHANNEL"),
        ("SLACK_API_URL", "http://slack.com/api", "must begin with https://"),
        ("SLACK_API_URL", "https://user:secret@slack.com", "without credentials"),
        ("EMITTER", "", "EMITTER"),
    ],
)
def test_invalid_settings_are_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, words: str) -> None:
    with_secret(monkeypatch, TOKEN)
    monkeypatch.setenv("EMITTER", "slack")
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsFaultError, match=words) as wrong:
        slack.handler(event("slack"), None)

    assert "secret@" not in str(wrong.value)
