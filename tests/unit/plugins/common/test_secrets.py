"""A secret is read when it is needed, remembered for five minutes, and named in no error."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from alert_responder_plugins.common.errors import ReceiverFailedError, SettingsFaultError
from alert_responder_plugins.common.secrets import MAX_AGE_SECONDS, Secret

CANARY = "xoxb-canary"


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        yield boto3.client("secretsmanager")


def stored(client: Any, text: str) -> str:
    arn: str = client.create_secret(Name="token", SecretString=text)["ARN"]
    return arn


def test_value_without_the_line_end_an_editor_left(client: Any) -> None:
    assert Secret(client, stored(client, f"{CANARY}\n")).value() == CANARY


def test_field_of_an_object(client: Any) -> None:
    arn = stored(client, json.dumps({"token": CANARY, "other": 1}))

    assert Secret(client, arn, "token").value() == CANARY


def test_rotated_one_is_used_after_five_minutes_or_when_it_was_refused(client: Any) -> None:
    time = [0.0]
    secret = Secret(client, stored(client, "old"), clock=lambda: time[0])
    secret.value()
    client.put_secret_value(SecretId="token", SecretString="new")

    time[0] = MAX_AGE_SECONDS - 1
    assert secret.value() == "old"
    time[0] = MAX_AGE_SECONDS
    assert secret.value() == "new"

    client.put_secret_value(SecretId="token", SecretString="newer")
    secret.forget()
    assert secret.value() == "newer"


@pytest.mark.parametrize("text", [CANARY, json.dumps([CANARY]), json.dumps({"other": CANARY}), '{"token": ""}'])
def test_wrong_form_is_told_without_the_secret(client: Any, text: str) -> None:
    with pytest.raises(SettingsFaultError, match="a JSON object with the text token") as caught:
        Secret(client, stored(client, text), "token").value()
    assert CANARY not in str(caught.value)
    assert caught.value.__context__ is None or CANARY not in repr(caught.value.__context__)


def test_missing_secret_is_a_fault_of_the_settings(client: Any) -> None:
    with pytest.raises(SettingsFaultError, match="does not exist"):
        Secret(client, "arn:aws:secretsmanager:us-east-1:123456789012:secret:none-abcdef").value()


def test_silence_may_pass() -> None:
    class Silent:
        def get_secret_value(self, **_: str) -> None:
            raise EndpointConnectionError(endpoint_url="https://secretsmanager")

    with pytest.raises(ReceiverFailedError, match="did not answer"):
        Secret(Silent(), "arn").value()
