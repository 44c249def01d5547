"""The clients of AWS that emitters use give up before the runner does."""

from types import ModuleType
from typing import Any

import boto3
import pytest

from alert_responder_plugins.github import handler as github
from alert_responder_plugins.pagerduty import handler as pagerduty
from alert_responder_plugins.slack import handler as slack

ENVIRONMENT = {
    "EMITTER": "emitter",
    "PAGERDUTY_SEVERITIES": "{}",
    "PAGERDUTY_SOURCE": "source",
    "PAGERDUTY_TRIGGERS": "[]",
    "REPOSITORY": "owner/name",
    "SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:name",
    "TABLE_NAME": "table",
}
RUNNER_SECONDS = 30


@pytest.mark.parametrize("module", [github, pagerduty, slack], ids=lambda module: module.__name__.split(".")[1])
def test_an_emitter_does_not_wait_for_aws_longer_than_the_runner(
    module: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    configs: list[Any] = []
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(boto3, "client", lambda _service, config=None: configs.append(config))
    module._emitter.__wrapped__()
    assert len(configs) == 2
    assert None not in configs, "the default timeouts are 60 s"
    seconds = [
        (config.connect_timeout + config.read_timeout) * config.retries["total_max_attempts"] for config in configs
    ]
    assert sum(seconds) < RUNNER_SECONDS
