"""Errors of DynamoDB: conflicts are retried, failed conditions have their own error, other errors are temporary."""

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from alert_responder.adapters import dynamodb
from alert_responder.adapters.aws_errors import CONFLICT_TRIES, full_jitter
from alert_responder.adapters.dynamodb import DynamoDBTable
from alert_responder.errors import ConditionFailedError, DependencyError, UnstorableError
from alert_responder.store.table import NEW, Key, Put
from tests.unit.adapters.stubs import StubClient, cancelled, refusal

KEY = Key("p", "a")
PUT = Put(KEY, {"n": 1}, NEW)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamodb, "wait_for_conflict", lambda _: None)


def test_a_conflict_is_not_a_failed_condition() -> None:
    client = StubClient(
        cancelled("None", "TransactionConflict"), cancelled("ThrottlingError", "None"), {"ResponseMetadata": {}}
    )
    DynamoDBTable(client, "table").transact([PUT, Put(Key("p", "b"), {})])
    assert [operation for operation, _ in client.calls] == ["transact_write_items"] * 3
    assert client.calls[0] == client.calls[2], "the same request is sent again"


def test_a_failed_condition_beside_a_conflict_is_a_failed_condition() -> None:
    client = StubClient(cancelled("TransactionConflict", "None", "ConditionalCheckFailed"))
    with pytest.raises(ConditionFailedError) as caught:
        DynamoDBTable(client, "table").transact([PUT])
    assert caught.value.failed == (2,)
    assert len(client.calls) == 1


def test_a_single_write_waits_for_the_transaction_that_holds_its_item() -> None:
    conflict = refusal("TransactionConflictException")
    client = StubClient(conflict, conflict, {"ResponseMetadata": {}})
    DynamoDBTable(client, "table").write(PUT)
    assert [operation for operation, _ in client.calls] == ["put_item"] * 3
    with pytest.raises(DependencyError, match="in conflict"):
        DynamoDBTable(StubClient(conflict), "table").write(PUT)


def test_a_write_in_conflict_fails_after_at_least_eight_tries() -> None:
    client = StubClient(cancelled("TransactionConflict"))
    with pytest.raises(DependencyError, match="in conflict"):
        DynamoDBTable(client, "table").transact([PUT])
    assert len(client.calls) == CONFLICT_TRIES >= 8


def test_errors_of_the_data_differ_from_temporary_errors() -> None:
    for error in (
        cancelled("None", "ValidationError"),
        refusal("ValidationException"),
        cancelled("ItemCollectionSizeLimitExceeded"),
    ):
        with pytest.raises(UnstorableError):
            DynamoDBTable(StubClient(error), "table").transact([PUT])
    for error in (cancelled("AccessDenied"), refusal("AccessDeniedException"), refusal("InternalServerError")):
        with pytest.raises(DependencyError) as caught:
            DynamoDBTable(StubClient(error), "table").transact([PUT])
        assert not isinstance(caught.value, UnstorableError)
    with pytest.raises(UnstorableError):
        DynamoDBTable(StubClient(refusal("ValidationException")), "table").write(PUT)
    with pytest.raises(DependencyError) as read:
        DynamoDBTable(StubClient(refusal("ValidationException")), "table").get(KEY)
    assert not isinstance(read.value, UnstorableError)


@pytest.mark.parametrize("reasons", [("ValidationError",), ("ValidationError", "None"), ()])
def test_a_transaction_that_is_cancelled_for_other_reasons_is_not_retried(reasons: tuple[str, ...]) -> None:
    client = StubClient(cancelled(*reasons))
    with pytest.raises(DependencyError):
        DynamoDBTable(client, "table").transact([PUT])
    assert len(client.calls) == 1


@pytest.mark.parametrize(
    "error",
    [
        refusal("ProvisionedThroughputExceededException"),
        refusal("InternalServerError"),
        refusal("ExpiredTokenException"),
        EndpointConnectionError(endpoint_url="https://dynamodb.test"),
    ],
)
def test_other_errors_are_temporary_and_contain_no_data(error: Exception) -> None:
    table = DynamoDBTable(StubClient(error), "table")
    calls: list[Any] = [
        lambda: table.get(KEY),
        lambda: table.get_many([KEY]),
        lambda: table.query("p", "a", "b"),
        lambda: table.write(PUT),
        lambda: table.transact([PUT]),
        lambda: table.put_many([(KEY, {})]),
        lambda: table.open_reports("open/1"),
    ]
    for call in calls:
        with pytest.raises(DependencyError) as caught:
            call()
        assert "secret" not in str(caught.value)


def test_a_failed_condition_of_a_single_write() -> None:
    with pytest.raises(ConditionFailedError):
        DynamoDBTable(StubClient(refusal("ConditionalCheckFailedException")), "table").write(PUT)


def test_unprocessed_keys_of_a_batch_are_read_again() -> None:
    raw = {"pk": {"S": "p"}, "sk": {"S": "a"}}
    left = {"Responses": {"table": []}, "UnprocessedKeys": {"table": {"Keys": [raw]}}}
    client = StubClient(left, left, {"Responses": {"table": [raw]}})
    assert DynamoDBTable(client, "table").get_many([KEY]) == {KEY: {"pk": "p", "sk": "a"}}
    with pytest.raises(DependencyError, match="unprocessed"):
        DynamoDBTable(StubClient(left), "table").get_many([KEY])


def test_unprocessed_items_of_a_batch_are_written_again() -> None:
    request = {"PutRequest": {"Item": {"pk": {"S": "p"}, "sk": {"S": "a"}}}}
    left = {"UnprocessedItems": {"table": [request]}}
    client = StubClient(left, {})
    DynamoDBTable(client, "table").put_many([(KEY, {})])
    assert [call["RequestItems"] for _, call in client.calls] == [{"table": [request]}] * 2
    with pytest.raises(DependencyError, match="unprocessed"):
        DynamoDBTable(StubClient(left), "table").put_many([(KEY, {})])


def test_reads_that_lead_to_decisions_are_consistent() -> None:
    client = StubClient({"Items": [], "Responses": {}})
    table = DynamoDBTable(client, "table")
    table.get(KEY)
    table.query("p", "a", "b")
    table.get_many([KEY])
    (_, get), (_, query), (_, batch) = client.calls
    assert get["ConsistentRead"] is query["ConsistentRead"] is batch["RequestItems"]["table"]["ConsistentRead"] is True


def test_waits_grow_up_to_a_bound_with_jitter() -> None:
    waits = [[full_jitter(attempt, 0.02, 1.0) for _ in range(200)] for attempt in range(12)]
    assert all(0 <= wait <= min(1.0, 0.02 * 2**attempt) for attempt, row in enumerate(waits) for wait in row)
    assert len(set(waits[-1])) > 100
