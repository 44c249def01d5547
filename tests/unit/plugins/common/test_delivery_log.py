"""An emitter remembers what it has done, whatever was lost."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto import mock_aws

from alert_responder_plugins.common.delivery_log import KEPT_SECONDS, Before, Once

NOW = 1_700_000_000


@pytest.fixture
def client() -> Iterator[Any]:
    with mock_aws():
        made = boto3.client("dynamodb")
        made.create_table(
            TableName="table",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
            BillingMode="PAY_PER_REQUEST",
        )
        yield made


def once(client: Any, owner: str = "mine", emitter: str = "slack") -> Once:
    return Once(client, "table", emitter, clock=lambda: NOW, new_token=lambda: owner)


def test_first_try_finds_nothing(client: Any) -> None:
    assert once(client).begin("e") is None


def test_next_try_knows_that_one_began(client: Any) -> None:
    once(client, "a").begin("e")

    assert once(client, "b").begin("e") == Before(None)


@pytest.mark.parametrize("answer", [{"state": {"ts": "1.2"}, "url": None}, [], 0])
def test_next_try_gets_the_answer(client: Any, answer: Any) -> None:
    first = once(client, "a")
    first.begin("e")
    first.done("e", answer)

    assert once(client, "b").begin("e") == Before(answer)


def test_note_whose_response_was_lost_is_ones_own(client: Any) -> None:
    once(client, "a").begin("e")

    assert once(client, "a").begin("e") is None


def test_what_was_taken_back_never_began(client: Any) -> None:
    first = once(client, "a")
    first.begin("e")
    first.forget("e")

    assert once(client, "b").begin("e") is None


def test_deliveries_and_emitters_are_apart(client: Any) -> None:
    once(client, "a").begin("e")

    assert once(client, "b").begin("f") is None
    assert once(client, "b", emitter="pager").begin("e") is None


def test_items_expire(client: Any) -> None:
    once(client).begin("e")

    (item,) = client.scan(TableName="table")["Items"]
    assert item["pk"] == {"S": "emitted/slack/e"}
    assert item["expires_at"] == {"N": str(NOW + KEPT_SECONDS)}


def test_without_the_note_nothing_begins(client: Any) -> None:
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        Once(client, "none", "slack").begin("e")
