"""An emitter knows which deliveries it began and completed, whatever responses are lost."""

from typing import Any

import boto3
import pytest
from moto import mock_aws

from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.contracts.report import EmissionAnswer
from alert_responder.errors import DependencyError
from alert_responder_plugins.common.delivery_log import RETENTION_SECONDS, DeliveryLog, EarlierAttempt
from alert_responder_plugins.common.errors import (
    OutcomeUnknownError,
    PluginFaultError,
    ReceiverFailedError,
    SettingsFaultError,
)
from tests.fakes.memory import MemoryTable

NOW = 1_700_000_000


@pytest.fixture
def table() -> MemoryTable:
    return MemoryTable()


def log(table: MemoryTable, owner: str = "mine", emitter: str = "slack") -> DeliveryLog:
    return DeliveryLog(table, emitter, clock=lambda: NOW, new_token=lambda: owner)


def test_first_attempt_finds_no_record(table: MemoryTable) -> None:
    assert log(table).begin("e") is None


def test_next_attempt_finds_that_one_began(table: MemoryTable) -> None:
    log(table, "a").begin("e")

    assert log(table, "b").begin("e") == EarlierAttempt(None)


@pytest.mark.parametrize("answer", [{"state": {"ts": "1.2"}, "url": None}, [], 0])
def test_next_attempt_finds_the_answer(table: MemoryTable, answer: Any) -> None:
    first = log(table, "a")
    first.begin("e")
    first.complete("e", answer)

    assert log(table, "b").begin("e") == EarlierAttempt(answer)


def test_record_whose_response_was_lost_belongs_to_the_attempt(table: MemoryTable) -> None:
    log(table, "a").begin("e")

    assert log(table, "a").begin("e") is None


def test_forgotten_delivery_is_a_first_attempt_again(table: MemoryTable) -> None:
    first = log(table, "a")
    first.begin("e")
    first.forget("e")

    assert log(table, "b").begin("e") is None


def test_deliveries_and_emitters_are_separate(table: MemoryTable) -> None:
    log(table, "a").begin("e")

    assert log(table, "b").begin("f") is None
    assert log(table, "b", emitter="pager").begin("e") is None


def test_records_expire(table: MemoryTable) -> None:
    log(table).begin("e")

    ((key, item),) = table.items.items()
    assert key == ("emitted/slack/e", "emission")
    assert item["expires_at"] == NOW + RETENTION_SECONDS


def test_delivery_does_not_begin_without_a_record() -> None:
    with mock_aws(), pytest.raises(DependencyError):
        DeliveryLog(DynamoDBTable(boto3.client("dynamodb"), "none"), "slack").begin("e")


@pytest.mark.parametrize(
    ("error", "forget_failed", "repeated"),
    [
        (ReceiverFailedError("x"), True, False),
        (ReceiverFailedError("x"), False, True),
        (SettingsFaultError("x"), True, False),
        (OutcomeUnknownError("x"), True, True),
    ],
)
def test_failed_attempt_is_forgotten_only_if_it_had_no_effect(
    table: MemoryTable, error: PluginFaultError, forget_failed: bool, repeated: bool
) -> None:
    attempts: list[bool] = []
    forgotten: list[None] = []

    def attempt(repeated: bool) -> EmissionAnswer:
        attempts.append(repeated)
        if len(attempts) == 1:
            raise error
        return EmissionAnswer(state=len(attempts))

    def deliver(owner: str) -> EmissionAnswer:
        delivery_log = log(table, owner)
        return delivery_log.deliver_once("e", attempt, lambda: forgotten.append(None), forget_failed=forget_failed)

    with pytest.raises(type(error)):
        deliver("a")
    assert deliver("b") == deliver("c") == EmissionAnswer(state=2)
    assert attempts == [False, repeated]
    assert len(forgotten) == isinstance(error, SettingsFaultError)
