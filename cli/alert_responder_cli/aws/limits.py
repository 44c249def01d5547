"""AWS's limits, which neither memory nor an emulator has: whoever passes one is stopped.

DynamoDB: Quotas and "DynamoDB item sizes and formats" of its developer guide. Step Functions and Lambda: their quotas.
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
    """AWS would have refused this: a mistake of ours, whatever was in an alert."""


_ILLEGAL_IN_NAMES = re.compile(r"[\s\x00-\x1f\x7f-\x9f<>{}\[\]?*\"#%\\^|~`$&,;:/\ufffe\uffff\U00010000-\U0010ffff]")


def _demand(kept: object, otherwise: object) -> None:
    if not kept:
        raise LimitExceededError(otherwise)


def check_item(item: Mapping[str, Any]) -> None:
    """Demand that an item with its key fits."""
    size = item_size(item)
    _demand(size <= ITEM_BYTES, f"an item of {size:,} bytes: {item['pk']} {item['sk']}")


def check_key(key: Key) -> None:
    """Demand that both parts of a key are there and fit."""
    _demand(0 < len(key.pk.encode()) <= PARTITION_KEY_BYTES, key)
    _demand(0 < len(key.sk.encode()) <= SORT_KEY_BYTES, key)


def check_transaction(actions: Sequence[Action]) -> None:
    """Demand that a transaction fits: its actions are on different items, and few and small enough."""
    _demand(len({action.key for action in actions}) == len(actions), "two actions on one item")
    _demand(1 <= len(actions) <= TRANSACTION_ACTIONS, f"{len(actions)} actions")
    size = sum(_action_size(action) for action in actions)
    _demand(size <= TRANSACTION_BYTES, f"a transaction of {size:,} bytes")


def check_execution(report_id: str, alert_id: str, round_: int, as_it_stands: bool) -> None:
    """Demand that an execution's name is legal and its input small enough."""
    name = execution_name(report_id, round_)
    _demand(1 <= len(name) <= NAME_LENGTH, f"a name of {len(name)} characters")
    _demand(not _ILLEGAL_IN_NAMES.search(name), f"an illegal name: {name!a}")
    check_state({"report_id": report_id, "alert_id": alert_id, "round": round_, "as_it_stands": as_it_stands})


def check_state(document: Any) -> Any:
    """Demand that what a step answers may be the state of an execution; return it."""
    size = len(json.dumps(document, allow_nan=False).encode())
    _demand(size <= STATE_BYTES, f"a state of {size:,} bytes")
    return document


def check_payload(document: bytes) -> bytes:
    """Demand that what is sent to or answered by a function fits a call; return it."""
    _demand(len(document) <= PAYLOAD_BYTES, f"a payload of {len(document):,} bytes")
    return document


def check_object(key: str) -> None:
    """Demand that an object's key is one that S3 and those who list it can do with."""
    _demand(0 < len(key.encode()) <= OBJECT_KEY_BYTES, key)
    _demand(re.fullmatch(r"[A-Za-z0-9!_.*'()/-]+", key), f"an object key with special characters: {key!a}")


def item_size(item: Mapping[str, Any]) -> int:
    """Count an item as DynamoDB does: names and values; a text or name that is no UTF-8 raises as boto3 does."""
    return sum(len(name.encode()) + value_size(value) for name, value in item.items())


def value_size(value: Any) -> int:
    """Count a value; lists and maps take 3 bytes and 1 for each of their elements."""
    if value is None or isinstance(value, bool):
        return 1
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, int):
        digits = len(str(abs(value)).rstrip("0")) or 1
        _demand(digits <= NUMBER_DIGITS, f"a number of {digits} digits")
        return (digits + 1) // 2 + 1 + (value < 0)
    if isinstance(value, list):
        return 3 + sum(1 + value_size(element) for element in value)
    if isinstance(value, dict):
        return 3 + sum(1 + len(name.encode()) + value_size(element) for name, element in value.items())
    raise LimitExceededError(f"the table takes no {type(value).__name__}")


def _action_size(action: Action) -> int:
    key = {"pk": action.key.pk, "sk": action.key.sk}
    if isinstance(action, Check):
        return item_size(key)
    return item_size({**key, **(action.attributes if isinstance(action, Put) else action.assign)})
