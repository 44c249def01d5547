"""A secret is read when needed, cached for five minutes, and left out of all errors."""

import json
from collections.abc import Iterator
from typing import Any, cast

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from alert_responder_plugins.common import secrets
from alert_responder_plugins.common.errors import ReceiverFailedError, SettingsFaultError
from alert_responder_plugins.common.secrets import Secret

CANARY = "xoxb-canary"


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("secretsmanager")


def stored(client: Any, text: str) -> str:
    arn: str = client.create_secret(Name="token", SecretString=text)["ARN"]
    return arn


def test_trailing_line_feed_is_removed(client: Any) -> None:
    assert Secret(client, stored(client, f"{CANARY}\n")).value() == CANARY


def test_field_of_a_json_object(client: Any) -> None:
    arn = stored(client, json.dumps({"token": CANARY, "other": 1}))

    assert Secret(client, arn, "token").value() == CANARY


@pytest.mark.parametrize(("max_age", "value"), [(300, "old"), (0, "new")])
def test_rotated_secret_is_read_after_its_maximum_age(
    client: Any, monkeypatch: pytest.MonkeyPatch, max_age: int, value: str
) -> None:
    monkeypatch.setattr(secrets, "MAX_AGE_SECONDS", max_age)
    secret = Secret(client, stored(client, "old"))
    secret.value()
    client.put_secret_value(SecretId="token", SecretString="new")

    assert secret.value() == value


def test_forgotten_or_invalid_secret_is_read_again(client: Any) -> None:
    secret = Secret(client, stored(client, " "))
    with pytest.raises(SettingsFaultError):
        secret.value()
    client.put_secret_value(SecretId="token", SecretString="old")
    assert secret.value() == "old"

    client.put_secret_value(SecretId="token", SecretString="new")
    secret.forget()
    assert secret.value() == "new"


@pytest.mark.parametrize("text", [CANARY, json.dumps([CANARY]), json.dumps({"other": CANARY}), '{"token": ""}'])
def test_error_about_the_form_does_not_contain_the_secret(client: Any, text: str) -> None:
    with pytest.raises(SettingsFaultError, match="a JSON object with the string token") as caught:
        Secret(client, stored(client, text), "token").value()
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None or CANARY not in repr(caught.value.__context__)


def test_missing_secret_is_a_settings_error(client: Any) -> None:
    with pytest.raises(SettingsFaultError, match="does not exist"):
        Secret(client, "arn:aws:secretsmanager:us-east-1:123456789012:secret:none-abcdef").value()


def test_connection_error_is_a_failure_of_the_receiver() -> None:
    class Silent:
        def get_secret_value(self, **_: str) -> None:
            raise EndpointConnectionError(endpoint_url="https://secretsmanager")

    with pytest.raises(ReceiverFailedError, match="did not answer"):
        Secret(cast(Any, Silent()), "arn").value()
