"""The table port on DynamoDB."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import BotoCoreError, ClientError

from alert_responder.adapters.aws_errors import CONFLICT_TRIES, as_dependency_error, error_code, wait_for_conflict
from alert_responder.adapters.expressions import Expressions
from alert_responder.errors import ConditionFailedError, DependencyError, UnstorableError
from alert_responder.store.table import Action, Check, Item, Key, Put, Update

OPEN_INDEX = "open_reports"
_GET_LIMIT, _WRITE_LIMIT = 100, 25
"""Items a BatchGetItem and a BatchWriteItem take (Amazon DynamoDB quotas)."""

_PASSING = {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "None"}
"""Cancellation reasons that say nothing of a condition (API reference, TransactWriteItems)."""

_UNSTORABLE = frozenset({"ItemCollectionSizeLimitExceeded", "ValidationError"})
"""Cancellation reasons that say that an item itself cannot be stored: it is too large, for one."""

_ANSWERS = {"ConditionalCheckFailedException", "TransactionCanceledException", "TransactionConflictException"}
"""Errors that say something of the item rather than of DynamoDB."""


class DynamoDBTable:
    """See `store.table.Table`.

    Parameters
    ----------
    client
        A boto3 DynamoDB client.
    name
        The table's name.
    """

    def __init__(self, client: Any, name: str) -> None:
        self._client = client
        self._name = name
        self._serializer = TypeSerializer()
        self._deserializer = TypeDeserializer()

    def get(self, key: Key) -> Item | None:
        """Return an item, or None."""
        answer = self._call("get_item", TableName=self._name, Key=self._key(key), ConsistentRead=True)
        return self._read(answer["Item"]) if "Item" in answer else None

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Return the items that exist."""
        found: dict[Key, Item] = {}
        wanted = [self._key(key) for key in dict.fromkeys(keys)]
        tries = 0
        while wanted:
            request = {self._name: {"Keys": wanted[:_GET_LIMIT], "ConsistentRead": True}}
            answer = self._call("batch_get_item", RequestItems=request)
            for item in map(self._read, answer["Responses"].get(self._name, [])):
                found[Key(item["pk"], item["sk"])] = item
            left = answer.get("UnprocessedKeys", {}).get(self._name, {}).get("Keys", [])
            wanted = left + wanted[_GET_LIMIT:]
            tries = self._backoff("batch_get_item", tries) if left else 0
        return found

    def query(self, pk: str, first: str, last: str) -> list[Item]:
        """Return all items of a partition between two sort keys, by sort key."""
        return self._pages(**_between(pk, first, last))

    def page(self, pk: str, first: str, last: str, limit: int) -> list[Item]:
        """Return the first items of a partition between two sort keys, by sort key."""
        answer = self._call("query", TableName=self._name, Limit=limit, **_between(pk, first, last))
        return list(map(self._read, answer["Items"]))

    def write(self, action: Put | Update) -> None:
        """Write one item, or raise `ConditionFailedError`."""
        request = self._request(action)
        call = "put_item" if isinstance(action, Put) else "update_item"
        for attempt in range(CONFLICT_TRIES):
            try:
                self._call(call, **request)
            except ClientError as error:
                if error_code(error) == "ConditionalCheckFailedException":
                    raise ConditionFailedError from error
                # A transaction holds the item for a moment.
                wait_for_conflict(attempt)
            else:
                return
        raise DependencyError(f"{call}: in conflict {CONFLICT_TRIES} times")

    def transact(self, actions: Sequence[Action]) -> None:
        """Do all or nothing; conflicts with other writers are waited out."""
        kinds = {Put: "Put", Update: "Update", Check: "ConditionCheck"}
        requests = [{kinds[type(action)]: self._request(action)} for action in actions]
        for attempt in range(CONFLICT_TRIES):
            try:
                self._call("transact_write_items", TransactItems=requests)
            except ClientError as error:
                reasons = [reason.get("Code", "None") for reason in error.response.get("CancellationReasons", [])]
                failed = [position for position, reason in enumerate(reasons) if reason == "ConditionalCheckFailed"]
                if failed:
                    raise ConditionFailedError(failed) from error
                if not reasons or not _PASSING.issuperset(reasons):
                    if _UNSTORABLE.intersection(reasons):
                        raise UnstorableError(f"transact_write_items: {', '.join(sorted(set(reasons)))}") from error
                    raise as_dependency_error("transact_write_items", error) from error
                wait_for_conflict(attempt)
            else:
                return
        raise DependencyError(f"transact_write_items: in conflict {CONFLICT_TRIES} times")

    def put_many(self, items: Iterable[tuple[Key, Item]]) -> None:
        """Write items without condition."""
        waiting = [{"PutRequest": {"Item": self._item(key, item)}} for key, item in items]
        tries = 0
        while waiting:
            answer = self._call("batch_write_item", RequestItems={self._name: waiting[:_WRITE_LIMIT]})
            left = answer.get("UnprocessedItems", {}).get(self._name, [])
            waiting = left + waiting[_WRITE_LIMIT:]
            tries = self._backoff("batch_write_item", tries) if left else 0

    def open_reports(self, shard: str) -> list[str]:
        """Return partition keys from the index of open reports."""
        items = self._pages(
            IndexName=OPEN_INDEX,
            KeyConditionExpression="open_shard = :shard",
            ExpressionAttributeValues={":shard": {"S": shard}},
        )
        return [item["pk"] for item in items]

    def _pages(self, **request: Any) -> list[Item]:
        items: list[Item] = []
        while True:
            answer = self._call("query", TableName=self._name, **request)
            items.extend(map(self._read, answer["Items"]))
            if "LastEvaluatedKey" not in answer:
                return items
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def _call(self, operation: str, **request: Any) -> Any:
        """Call the client; failed conditions and conflicts pass through, other errors become a `DependencyError`."""
        try:
            return getattr(self._client, operation)(**request)
        except ClientError as error:
            if error_code(error) in _ANSWERS:
                raise
            raise as_dependency_error(operation, error) from error
        except BotoCoreError as error:
            raise as_dependency_error(operation, error) from error

    def _backoff(self, operation: str, tries: int) -> int:
        if tries >= CONFLICT_TRIES:
            raise DependencyError(f"{operation}: items were left unprocessed {tries} times")
        wait_for_conflict(tries)
        return tries + 1

    def _request(self, action: Action) -> dict[str, Any]:
        expressions = Expressions(self._serializer.serialize)
        request: dict[str, Any] = {"TableName": self._name}
        if isinstance(action, Put):
            request["Item"] = self._item(action.key, action.attributes)
        else:
            request["Key"] = self._key(action.key)
        if isinstance(action, Update):
            request["UpdateExpression"] = expressions.update(action)
        if action.condition:
            request["ConditionExpression"] = expressions.condition(action.condition)
        return request | expressions.placeholders()

    def _key(self, key: Key) -> dict[str, Any]:
        return {"pk": {"S": key.pk}, "sk": {"S": key.sk}}

    def _item(self, key: Key, attributes: Item) -> dict[str, Any]:
        return self._key(key) | {name: self._serializer.serialize(value) for name, value in attributes.items()}

    def _read(self, item: dict[str, Any]) -> dict[str, Any]:
        return {name: _plain(self._deserializer.deserialize(value)) for name, value in item.items()}


def _between(pk: str, first: str, last: str) -> dict[str, Any]:
    return {
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :first AND :last",
        "ExpressionAttributeValues": {":pk": {"S": pk}, ":first": {"S": first}, ":last": {"S": last}},
        "ConsistentRead": True,
    }


def _plain(value: Any) -> Any:
    """Turn boto3's own types into Python's; every number this package stores is an integer."""
    if isinstance(value, Decimal):
        return int(value)
    if isinstance(value, Binary):
        return bytes(value)  # type: ignore[call-overload]  # the stubs lack its __bytes__
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value
