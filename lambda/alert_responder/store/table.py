"""The port to the table: keys, conditions and writes as values.

A condition is a conjunction of clauses, and a clause a disjunction of tests on the attributes of one item. DynamoDB
evaluates it atomically with the write. Because conditions are values, the same rules run on DynamoDB and on a table in
memory.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, Protocol

from alert_responder.errors import ConditionFailedError

Value = str | int | bool | bytes | None | list[Any] | dict[str, Any]
Item = Mapping[str, Any]

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Key(NamedTuple):
    """An item's primary key."""

    pk: str
    sk: str


class Test(NamedTuple):
    """One test of an attribute; `absent` and `present` ignore `value`."""

    name: str
    comparison: Literal["absent", "present", "=", "<", "<="]
    value: Value = None


Clause = tuple[Test, ...]
Condition = tuple[Clause, ...]


def absent(name: str) -> Clause:
    """The attribute or the item does not exist."""
    return (Test(name, "absent"),)


def present(name: str) -> Clause:
    """The attribute exists."""
    return (Test(name, "present"),)


def equals(name: str, value: Value) -> Clause:
    """The attribute has this value; None: it does not exist."""
    return (Test(name, "absent"),) if value is None else (Test(name, "=", value),)


def below(name: str, value: int) -> Clause:
    """The attribute exists and is smaller."""
    return (Test(name, "<", value),)


def absent_or_below(name: str, value: int) -> Clause:
    """The attribute does not exist, or is smaller."""
    return (Test(name, "absent"), Test(name, "<", value))


def absent_or_at_most(name: str, value: int) -> Clause:
    """The attribute does not exist, or is not larger."""
    return (Test(name, "absent"), Test(name, "<=", value))


NEW: Condition = (absent("pk"),)
"""The item does not exist."""

EXISTS: Condition = (present("pk"),)
"""The item exists."""


class Put(NamedTuple):
    """Write a whole item, or replace it."""

    key: Key
    attributes: Item
    condition: Condition = ()


class Update(NamedTuple):
    """Change attributes of an item; without a condition it creates a missing item."""

    key: Key
    assign: Item = _NOTHING
    add: Mapping[str, int] = _NOTHING
    remove: Sequence[str] = ()
    condition: Condition = ()


class Check(NamedTuple):
    """Require a condition in a transaction, without a write."""

    key: Key
    condition: Condition


Action = Put | Update | Check


class Table(Protocol):
    """The operations of DynamoDB that this package uses. Reads are strongly consistent, except `open_reports`.

    Every method raises `DependencyError` if the call fails after the client's retries. A write whose response was lost
    may have happened.
    """

    def get(self, key: Key) -> Item | None:
        """Return an item, or None."""

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Return the items that exist."""
        ...

    def query(self, pk: str, first: str, last: str) -> list[Item]:
        """Return all items of `pk` with `first <= sk <= last`, by sort key."""
        ...

    def page(self, pk: str, first: str, last: str, limit: int) -> list[Item]:
        """Return the first `limit` of the items that `query` returns."""
        ...

    def write(self, action: Put | Update) -> None:
        """Write one item; raise `ConditionFailedError` if its condition does not hold."""

    def transact(self, actions: Sequence[Action]) -> None:
        """Write all or nothing: at most 100 actions on different items; `ConditionFailedError` has the failed ones."""

    def put_many(self, items: Iterable[tuple[Key, Item]]) -> None:
        """Write items without conditions, in any order."""

    def open_reports(self, shard: str) -> list[str]:
        """Return partition keys of open heads, from an index that is eventually consistent: a hint, not a decision."""
        ...


def try_write(table: Table, action: Put | Update) -> bool:
    """Write one item; return False if its condition does not hold."""
    try:
        table.write(action)
    except ConditionFailedError:
        return False
    return True
