"""Counts the AWS requests of an in-memory installation by name, including pages, and DynamoDB's units."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil
from typing import Any

from alert_responder.store.table import Action, Item, Key, Put, Table, Update

PAGE_BYTES = 1024 * 1024
"""Largest page of a Query."""

GET_KEYS, WRITE_ITEMS = 100, 25
"""Largest numbers of items in a BatchGetItem and a BatchWriteItem."""

WORKFLOW = {"start": "StartExecution", "is_running": "DescribeExecution"}
ARCHIVE = {"put": "PutObject", "get": "GetObject", "copy": "CopyObject"}
PLUGINS = {"call": "Invoke"}


class Meter:
    """The requests to AWS so far.

    Attributes
    ----------
    requests
        Number of requests by operation; a Query counts once for each page.
    read_bytes
        Total size of read items.
    read_units, write_units
        Units that DynamoDB charges: for 4 KB read consistently and 1 KB written; transactions count twice, and indexes
        are included.
    """

    def __init__(self) -> None:
        self.requests: Counter[str] = Counter()
        self.read_bytes = 0
        self.read_units = 0
        self.write_units = 0

    def reset(self) -> None:
        """Set all counts to zero."""
        self.requests.clear()
        self.read_bytes = self.read_units = self.write_units = 0

    def counted(self, port: Any, names: Mapping[str, str]) -> Any:
        """Wrap a port so that its calls are counted under the names of AWS operations."""
        return Counted(port, names, self.requests)


class MeteredTable:
    """A table whose calls are counted; see `store.table.Table`."""

    def __init__(self, table: Any, meter: Meter) -> None:
        self._table: Table = table
        self._stored: Mapping[Key, Item] = table.items
        self._meter = meter

    def __getattr__(self, name: str) -> Any:
        return getattr(self._table, name)

    def get(self, key: Key) -> Item | None:
        """Return an item, or None."""
        found = self._table.get(key)
        self._read("GetItem", 1, [found] if found else [])
        return found

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        """Return the items that exist."""
        found = self._table.get_many(keys)
        self._read("BatchGetItem", ceil(len(keys) / GET_KEYS), found.values())
        return found

    def query(self, pk: str, first: str, last: str) -> list[Item]:
        """Return all items of a partition between two sort keys."""
        found = self._table.query(pk, first, last)
        size = sum(map(size_of, found))
        self._meter.requests["Query"] += max(1, ceil(size / PAGE_BYTES))
        self._meter.read_bytes += size
        self._meter.read_units += max(1, ceil(size / 4096))
        return found

    def page(self, pk: str, first: str, last: str, limit: int) -> list[Item]:
        """Return the first items of a partition between two sort keys."""
        found = self._table.page(pk, first, last, limit)
        self._read("Query", 1, found)
        return found

    def write(self, action: Put | Update) -> None:
        """Write one item."""
        with self._writing("PutItem" if isinstance(action, Put) else "UpdateItem", [action.key]):
            self._table.write(action)

    def transact(self, actions: Sequence[Action]) -> None:
        """Do all or nothing."""
        with self._writing("TransactWriteItems", [action.key for action in actions], factor=2):
            self._table.transact(actions)

    def put_many(self, items: Iterable[tuple[Key, Item]]) -> None:
        """Write items without condition."""
        items = list(items)
        if items:
            with self._writing("BatchWriteItem", [key for key, _ in items], ceil(len(items) / WRITE_ITEMS)):
                self._table.put_many(items)

    def _read(self, operation: str, requests: int, found: Iterable[Item]) -> None:
        sizes = list(map(size_of, found))
        self._meter.requests[operation] += requests
        self._meter.read_bytes += sum(sizes)
        self._meter.read_units += sum(max(1, ceil(size / 4096)) for size in sizes) or 1

    @contextmanager
    def _writing(self, operation: str, keys: Sequence[Key], requests: int = 1, factor: int = 1) -> Iterator[None]:
        """Count a write: a failed one by the existing item, a successful one by the larger of old and new item."""
        before = {key: _units(self._stored.get(key)) for key in keys}
        self._meter.requests[operation] += requests
        self._meter.write_units += factor * sum(before.values())
        yield
        for key in keys:
            item = self._stored.get(key)
            self._meter.write_units += factor * max(0, _units(item) - before[key])
            self._meter.write_units += sum(
                _units(item) for name in ("open_shard", "day_shard") if item and name in item
            )


def size_of(value: Any) -> int:
    """Estimate an item's size as DynamoDB counts it: names and values, a number by its digits."""
    if isinstance(value, Mapping):
        return sum(len(str(name).encode()) + size_of(item) for name, item in value.items()) + 3
    if isinstance(value, str):
        return len(value.encode("utf-8", "surrogatepass"))
    if isinstance(value, bytes):
        return len(value)
    if isinstance(value, list | tuple):
        return sum(map(size_of, value)) + 3 + len(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return ceil(len(str(abs(value))) / 2) + 1
    return 1


def _units(item: Item | None) -> int:
    return max(1, ceil(size_of(item) / 1024)) if item else 1


class Counted:
    """A port that counts its calls under given names."""

    def __init__(self, port: Any, names: Mapping[str, str], requests: Counter[str]) -> None:
        self._port = port
        self._names = names
        self._requests = requests

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._counting(self._names[name], found) if name in self._names else found

    def _counting(self, operation: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*args: Any, **kwargs: Any) -> Any:
            self._requests[operation] += 1
            return call(*args, **kwargs)

        return counting
