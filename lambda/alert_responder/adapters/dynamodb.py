"""The table port on DynamoDB."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from alert_responder.adapters.aws_errors import (
    CONFLICT_TRIES,
    as_dependency_error,
    dependency_errors,
    error_code,
    wait_for_conflict,
)
from alert_responder.adapters.expressions import Expressions
from alert_responder.errors import ConditionFailedError, DependencyError, UnstorableError
from alert_responder.store.table import Action, Check, Item, Key, Put, Update

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

OPEN_INDEX = "open_reports"
_GET_LIMIT, _WRITE_LIMIT = 100, 25
"""Maximum number of items of a BatchGetItem and of a BatchWriteItem (Amazon DynamoDB quotas)."""

_RETRIED = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "None"}
"""Cancellation reasons that are independent of the conditions (API reference, TransactWriteItems)."""

_UNSTORABLE = frozenset({"ItemCollectionSizeLimitExceeded", "ValidationError"})
"""Cancellation reasons of items that cannot be stored, because they are too large, for example."""

_OF_ITEM = {"ConditionalCheckFailedException", "TransactionCanceledException", "TransactionConflictException"}
"""Error codes that concern the item, not the service."""


class DynamoDBTable:
    """See `store.table.Table`."""

    def __init__(self, client: "DynamoDBClient", name: str) -> None:
        self._client = client
        self._name = name
        self._serializer = TypeSerializer()
        self._deserializer = TypeDeserializer()

    def get(self, key: Key) -> Item | None:
        """Return an item, or None."""
        with dependency_errors("get_item"):
            answer = self._client.get_item(TableName=self._name, Key=_key(key), ConsistentRead=True)
        return self._read(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Return the items that exist."""
        found: dict[Key, Item] = {}
        wanted: list[Any] = [_key(key) for key in dict.fromkeys(keys)]
        tries = 0
        while wanted:
            with dependency_errors("batch_get_item"):
                answer = self._client.batch_get_item(
                    RequestItems={self._name: {"Keys": wanted[:_GET_LIMIT], "ConsistentRead": True}}
                )
            for item in map(self._read, answer["Responses"].get(self._name, [])):
                found[Key(item["pk"], item["sk"])] = item
            unprocessed = answer.get("UnprocessedKeys", {})
            left = unprocessed[self._name]["Keys"] if self._name in unprocessed else []
            wanted = [*left, *wanted[_GET_LIMIT:]]
            tries = _backoff("batch_get_item", tries) if left else 0
        return found

    def query(self, pk: str, first: str, last: str) -> list[Item]:
        """Return all items of a partition between two sort keys, by sort key."""
        return self._pages(**_between(pk, first, last))

    def page(self, pk: str, first: str, last: str, limit: int) -> list[Item]:
        """Return the first items of a partition between two sort keys, by sort key."""
        with dependency_errors("query"):
            answer = self._client.query(TableName=self._name, Limit=limit, **_between(pk, first, last))
        return list(map(self._read, answer["Items"]))

    def write(self, action: Put | Update) -> None:
        """Write one item, or raise `ConditionFailedError`."""
        request = self._request(action)
        call = "put_item" if isinstance(action, Put) else "update_item"
        for attempt in range(CONFLICT_TRIES):
            try:
                with dependency_errors(call, _OF_ITEM):
                    if isinstance(action, Put):
                        self._client.put_item(**request)
                    else:
                        self._client.update_item(**request)
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    raise ConditionFailedError from error
                # A transaction holds the item for a moment.
                wait_for_conflict(attempt)
            else:
                return
        raise DependencyError(f"{call}: in conflict {CONFLICT_TRIES} times")

    def transact(self, actions: Sequence[Action]) -> None:
        """Write all or nothing; wait while other writers hold an item."""
        kinds = {Put: "Put", Update: "Update", Check: "ConditionCheck"}
        requests: list[Any] = [{kinds[type(action)]: self._request(action)} for action in actions]
        for attempt in range(CONFLICT_TRIES):
            try:
                with dependency_errors("transact_write_items", _OF_ITEM):
                    self._client.transact_write_items(TransactItems=requests)
            except ClientError as error:
                cancelled: list[Any] = error.response.get("CancellationReasons", [])
                reasons = [str(reason.get("Code", "None")) for reason in cancelled]
                failed = [position for position, reason in enumerate(reasons) if reason == "ConditionalCheckFailed"]
                if failed:
                    raise ConditionFailedError(failed) from error
                if not reasons or not _RETRIED.issuperset(reasons):
                    if _UNSTORABLE.intersection(reasons):
                        raise UnstorableError(f"transact_write_items: {', '.join(sorted(set(reasons)))}") from error
                    raise as_dependency_error("transact_write_items", error) from error
                wait_for_conflict(attempt)
            else:
                return
        raise DependencyError(f"transact_write_items: in conflict {CONFLICT_TRIES} times")

    def put_many(self, items: Iterable[tuple[Key, Item]]) -> None:
        """Write items without conditions."""
        waiting: list[Any] = [{"PutRequest": {"Item": self._item(key, item)}} for key, item in items]
        tries = 0
        while waiting:
            with dependency_errors("batch_write_item"):
                answer = self._client.batch_write_item(RequestItems={self._name: waiting[:_WRITE_LIMIT]})
            left = answer.get("UnprocessedItems", {}).get(self._name, [])
            waiting = [*left, *waiting[_WRITE_LIMIT:]]
            tries = _backoff("batch_write_item", tries) if left else 0

    def open_reports(self, shard: str) -> list[str]:
        """Return the partition keys of one partition of the index of open reports."""
        items = self._pages(
            IndexName=OPEN_INDEX,
            KeyConditionExpression="open_shard = :shard",
            ExpressionAttributeValues={":shard": {"S": shard}},
        )
        return [item["pk"] for item in items]

    def _pages(self, **request: Any) -> list[Item]:
        items: list[Item] = []
        while True:
            with dependency_errors("query"):
                answer = self._client.query(TableName=self._name, **request)
            items.extend(map(self._read, answer["Items"]))
            if "LastEvaluatedKey" not in answer:
                return items
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _request(self, action: Action) -> dict[str, Any]:
        expressions = Expressions(self._serializer.serialize)
        request: dict[str, Any] = {"TableName": self._name}
        if isinstance(action, Put):
            request["Item"] = self._item(action.key, action.attributes)
        else:
            request["Key"] = _key(action.key)
        if isinstance(action, Update):
            request["UpdateExpression"] = expressions.update(action)
        if action.condition:
            request["ConditionExpression"] = expressions.condition(action.condition)
        return request | expressions.placeholders()

    def _item(self, key: Key, attributes: Item) -> dict[str, Any]:
        return _key(key) | {name: self._serializer.serialize(value) for name, value in attributes.items()}

    def _read(self, item: dict[str, Any]) -> dict[str, Any]:
        return {name: _plain(self._deserializer.deserialize(value)) for name, value in item.items()}


def _key(key: Key) -> dict[str, Any]:
    return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}


def _between(pk: str, first: str, last: str) -> dict[str, Any]:
    return {
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": {":pk": {"S": pk}, ":first": {"S": first}, ":last": {"S": last}},
        "ConsistentRead": True,
    }


def _backoff(operation: str, tries: int) -> int:
    if tries >= CONFLICT_TRIES:
        raise DependencyError(f"{operation}: items were left unprocessed {tries} times")
    wait_for_conflict(tries)
    return tries + 1


def _plain(value: Any) -> Any:
    """Convert boto3's types to Python's; all stored numbers are integers."""
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, Binary):
        return bytes(value)  # type: ignore[call-overload]  # the stubs lack its __bytes__
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value
