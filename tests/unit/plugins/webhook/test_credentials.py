"""The versions of the secret, from a simulated Secrets Manager."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError
from moto import mock_aws

from alert_responder_plugins.common.errors import ReceiverFailedError, SettingsFaultError
from alert_responder_plugins.webhook.credentials import MAX_AGE_SECONDS, MIN_AGE_SECONDS, Credentials

FIRST, SECOND, THIRD = "the first version", "the second version", "the third version"


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Counted:
    """The client, with the number of its calls."""

    def __init__(self, client: Any) -> None:
        self.client, self.calls = client, 0

    def get_secret_value(self, **given: str) -> Any:
        self.calls += 1
        return self.client.get_secret_value(**given)


@pytest.fixture
def client() -> Iterator[Counted]:
    with mock_aws():
        yield Counted(boto3.client("secretsmanager"))


def stored(client: Counted, *versions: str) -> str:
    arn: str = client.client.create_secret(Name="webhook", SecretString=versions[0])["ARN"]
    for version in versions[1:]:
        rotate(client, version)
    return arn


def rotate(client: Counted, version: str) -> None:
    client.client.put_secret_value(SecretId="webhook", SecretString=version)


def test_a_new_secret_has_one_version(client: Counted) -> None:
    assert Credentials(client, stored(client, f"{FIRST}\n")).versions() == (FIRST.encode(),)  # type: ignore[arg-type]


def test_the_current_and_the_previous_version_are_accepted_and_no_older_one(client: Counted) -> None:
    secret = Credentials(client, stored(client, FIRST, SECOND, THIRD))  # type: ignore[arg-type]
    assert secret.versions() == (THIRD.encode(), SECOND.encode())


def test_versions_are_cached_and_read_again_for_wrong_requests(client: Counted) -> None:
    clock = Clock()
    secret = Credentials(client, stored(client, FIRST), clock)  # type: ignore[arg-type]
    secret.versions()
    rotate(client, SECOND)
    clock.now += MIN_AGE_SECONDS
    for _ in range(9):
        assert secret.versions(MIN_AGE_SECONDS) == secret.versions() == (FIRST.encode(),)
    assert client.calls == 2
    clock.now += 1
    assert secret.versions() == (FIRST.encode(),)
    assert secret.versions(MIN_AGE_SECONDS) == secret.versions() == (SECOND.encode(), FIRST.encode())
    assert client.calls == 4
    rotate(client, THIRD)
    clock.now += MAX_AGE_SECONDS + 1
    assert secret.versions()[0] == THIRD.encode()


@pytest.mark.parametrize("value", ["short", " " * 20])
def test_a_short_secret_is_an_error_without_its_value(client: Counted, value: str) -> None:
    arn = stored(client, value)
    with pytest.raises(SettingsFaultError, match=r"must be a text of at least 16 characters\.$") as caught:
        Credentials(client, arn).versions()  # type: ignore[arg-type]
    assert value not in str(caught.value)


def test_a_short_previous_version_is_not_accepted(client: Counted) -> None:
    assert Credentials(client, stored(client, "short", FIRST)).versions() == (FIRST.encode(),)  # type: ignore[arg-type]


def test_a_secret_that_cannot_be_read_is_named(client: Counted) -> None:
    with pytest.raises(SettingsFaultError, match="The secret nowhere cannot be read: ResourceNotFoundException"):
        Credentials(client, "nowhere").versions()  # type: ignore[arg-type]


def test_an_outage_of_secrets_manager_is_not_a_fault_of_the_settings() -> None:
    class Unreachable:
        def get_secret_value(self, **_: str) -> Any:
            raise EndpointConnectionError(endpoint_url="https://secretsmanager")

    with pytest.raises(ReceiverFailedError):
        Credentials(Unreachable(), "webhook").versions()  # type: ignore[arg-type]
