"""Limits of AWS, which the in-memory stand-ins enforce.

DynamoDB: quotas and "DynamoDB item sizes and formats" of its developer guide. Step Functions and Lambda: their quotas.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from alert_responder.domain.identifiers import execution_name
from alert_responder.store.table import Action, Check, Key, Put

ITEM_BYTES = 400 * 1024
TRANSACTION_BYTES = 4 * 1024 * 1024
TRANSACTION_ACTIONS = 100
PARTITION_KEY_BYTES, SORT_KEY_BYTES = 2048, 1024
STATE_BYTES = 256 * 1024
"""Input or output of a state, in UTF-8 (262,144 bytes; not catchable)."""

PAYLOAD_BYTES = 6 * 1024 * 1024
"""Request or response of a synchronous Lambda call."""

OBJECT_KEY_BYTES = 1024
NAME_LENGTH = 80
NUMBER_DIGITS = 38


class LimitExceededError(AssertionError):
    """AWS would have rejected this call: a bug, since no alert may cause it."""


_ILLEGAL_IN_NAMES = re.compile(r"[\s\x00-\x1f\x7f-\x9f<>{}\[\]?*\"#%\\^|~`$&,;:/\ufffe\uffff\U00010000-\U0010ffff]")


def _require(kept: object, otherwise: object) -> None:
    if not kept:
        raise LimitExceededError(otherwise)


def check_item(item: Mapping[str, Any]) -> None:
    """Raise unless the size of an item is allowed."""
    size = item_size(item)
    _require(size <= ITEM_BYTES, f"an item of {size:,} bytes: {item['pk']} {item['sk']}")


def check_key(key: Key) -> None:
    """Raise unless both parts of a key are present and short enough."""
    _require(0 < len(key.pk.encode()) <= PARTITION_KEY_BYTES, key)
    _require(0 < len(key.sk.encode()) <= SORT_KEY_BYTES, key)


def check_transaction(actions: Sequence[Action]) -> None:
    """Raise unless a transaction has few and small enough actions, all on different items."""
    _require(len({action.key for action in actions}) == len(actions), "two actions on one item")
    _require(1 <= len(actions) <= TRANSACTION_ACTIONS, f"{len(actions)} actions")
    size = sum(_action_size(action) for action in actions)
    _require(size <= TRANSACTION_BYTES, f"a transaction of {size:,} bytes")


def check_execution(report_id: str, alert_id: str, round_: int, as_it_stands: bool) -> None:
    """Raise unless the name of an execution is legal and its input small enough."""
    name = execution_name(report_id, round_)
    _require(1 <= len(name) <= NAME_LENGTH, f"a name of {len(name)} characters")
    _require(not _ILLEGAL_IN_NAMES.search(name), f"an illegal name: {name!a}")
    check_state({"report_id": report_id, "alert_id": alert_id, "round": round_, "as_it_stands": as_it_stands})


def check_state(document: Any) -> Any:
    """Return the answer of a step; raise if it is too large for the state of an execution."""
    size = len(json.dumps(document, allow_nan=False).encode())
    _require(size <= STATE_BYTES, f"a state of {size:,} bytes")
    return document


def check_payload(document: bytes) -> bytes:
    """Return the request or answer of a function; raise if it is too large for a call."""
    _require(len(document) <= PAYLOAD_BYTES, f"a payload of {len(document):,} bytes")
    return document


def check_object(key: str) -> None:
    """Raise unless the key of an object is short enough and has no special characters."""
    _require(0 < len(key.encode()) <= OBJECT_KEY_BYTES, key)
    _require(re.fullmatch(r"[A-Za-z0-9!_.*'()/-]+", key), f"an object key with special characters: {key!a}")


def item_size(item: Mapping[str, Any]) -> int:
    """Return the size of an item as DynamoDB counts it; text that is not valid UTF-8 raises as in boto3."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Any) -> int:
    """Return the size of a value; lists and maps take 3 bytes and 1 for each element."""
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, int):
        digits = len(str(abs(value)).rstrip("0")) or 1
        _require(digits <= NUMBER_DIGITS, f"a number of {digits} digits")
        return (digits + 1) // 2 + 1 + (value < 0)
    if isinstance(value, list):
        return 3 + sum(1 + value_size(element) for element in value)
    if isinstance(value, dict):
        return 3 + sum(1 + len(name.encode()) + value_size(element) for name, element in value.items())
    raise LimitExceededError(f"the table cannot store a {type(value).__name__}")


def _action_size(action: Action) -> int:
    key = {"pk": action.key.pk, "sk": action.key.sk}
    if isinstance(action, Check):
        return item_size(key)
    return item_size({**key, **(action.attributes if isinstance(action, Put) else action.assign)})
